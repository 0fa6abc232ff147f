"""Databases for tests, and how Hypothesis looks for counterexamples."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import URL

import clients
import postgres

hypothesis.settings.register_profile("dev", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=2000)
hypothesis.settings.load_profile("ci" if postgres.is_ci() else "dev")


MOST_PROCESSES = 8
"""Each process starts a PostgreSQL of its own."""


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One process for each core, but none beside this one when certain files or tests are asked for."""
    asked = [argument for argument in config.args if "::" in argument or argument.endswith((".py", ".md"))]
    if asked and config.args_source is pytest.Config.ArgsSource.ARGS:
        return 0
    return min(os.cpu_count() or 1, MOST_PROCESSES)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """A running PostgreSQL server; skips what asks for it where there is none, but never in CI."""
    existing = postgres.existing_server()
    if existing is not None:
        yield existing
        return
    programs = postgres.server_programs()
    if programs is None:
        message = f"{postgres.MISSING}: {postgres.HOW_TO_INSTALL}"
        if postgres.is_ci():
            pytest.fail(f"{message}; CI is set, so nothing may be skipped", pytrace=False)
        pytest.skip(message)
    with postgres.OwnServer(programs) as server:
        yield server.url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The SQLAlchemy URL of an SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'reinforce.db'}"


@pytest.fixture
def postgres_url(postgres_server: URL) -> Iterator[str]:
    """The SQLAlchemy URL of a fresh, empty PostgreSQL database."""
    with postgres.fresh_database(postgres_server) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The SQLAlchemy URL of a fresh, empty database, once of each kind."""
    url = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    assert isinstance(url, str)
    return url


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Generator[None, None, None]:
    """Say loudly, below everything else, what did not run for want of a program."""
    yield
    for missing, short, how in (
        (postgres.MISSING, "no PostgreSQL", postgres.HOW_TO_INSTALL),
        (clients.MISSING, "no JavaScript clients", clients.HOW_TO_INSTALL),
    ):
        unseen = [
            report
            for report in terminalreporter.stats.get("skipped", [])
            if isinstance(report.longrepr, tuple) and missing in report.longrepr[2]
        ]
        if unseen:
            _tell_unseen(terminalreporter, unseen, short, how)


def _tell_unseen(
    terminalreporter: pytest.TerminalReporter, unseen: list[pytest.TestReport], short: str, how: str
) -> None:
    terminalreporter.section(f"{len(unseen)} TESTS DID NOT RUN: {short}", sep="!", red=True, bold=True)
    for file in sorted({report.nodeid.partition("::")[0] for report in unseen}):
        count = sum(report.nodeid.startswith(f"{file}::") for report in unseen)
        terminalreporter.write_line(f"{file}: {count} not run", red=True)
    terminalreporter.write_line(f"To run them, {how}.", red=True)
