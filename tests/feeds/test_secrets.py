"""Secrets of destinations are never in a database, in what a command says, or in a log."""

import base64
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from adapters.faulty_lrs import Fault, FaultyLrs, Request, running
from cli.conftest import invoke
from feeds.world import AT, fill, opened
from reinforce import InvalidSettings
from reinforce.delivery.secrets import masked, require_references, variables
from reinforce.store.schema import tables

SECRET = "k3inGeheimnis"  # noqa: S105 -- of a test
CODED = base64.b64encode(f"reinforce:{SECRET}".encode()).decode()


@contextmanager
def telling(status: int) -> Iterator[FaultyLrs]:
    """An LRS that repeats what it was sent, headers and all."""

    def plan(request: Request) -> Fault:
        said = " ".join(map(str, request.headers.values()))
        return Fault(status=status, body=f"you said {said} and {SECRET}".encode())

    with running(FaultyLrs(plan=plan)) as lrs:
        yield lrs


@pytest.mark.parametrize("status", [400, 401, 403, 410, 500, 503])
def test_nothing_shows_a_secret(
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    status: int,
) -> None:
    """Whatever the LRS answers, no command, no log line and no row of any table holds the password in any form."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setenv("LRS_PASSWORD", SECRET)
    monkeypatch.setenv("REINFORCE_DATABASE", database_url)
    caplog.set_level(logging.DEBUG)
    said = []
    with telling(status) as lrs, opened(database_url) as reinforcer:
        fill(reinforcer, 0, 3)
        settings = ("--set", f"endpoint={lrs.endpoint}", "--set", "auth=basic", "--set", "username=reinforce")
        secret = ("--secret", "password=LRS_PASSWORD")
        for command in (
            ("add", "lms", "lrs", *settings, *secret, "--from-beginning"),
            ("test", "lms"),
            ("deliver",),
            ("retry", "lms", "--debug"),
            ("list",),
            ("show", "lms"),
            ("show", "lms", "--json"),
        ):
            answer = invoke("feed", *command)
            assert answer.exit_code in (0, 1), answer.stderr
            said += [answer.stdout, answer.stderr]
        said += [invoke("doctor").stdout]
        assert lrs.faults > 0
    told = "".join(said) + caplog.text + rows(database_url)

    assert "LRS_PASSWORD" in told
    assert SECRET not in told
    assert CODED not in told


def rows(url: str) -> str:
    """All rows of all tables."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [repr(row) for table in tables().metadata.sorted_tables for row in connection.execute(table.select())]
    engine.dispose()
    return "".join(found)


@pytest.mark.parametrize(
    "name",
    ["password", "token", "client_secret", "secret", "api_key", "apikey", "ACCESS-KEY", "smtp_password", "credentials"],
)
def test_secrets_are_refused_as_plain_text(sqlite_url: str, name: str) -> None:
    """A setting that is a secret by its name is refused without being shown, and taken as a reference."""
    with pytest.raises(InvalidSettings, match=f"{name} holds a secret") as refused:
        require_references({name: SECRET})
    assert SECRET not in str(refused.value)
    require_references({name: {"env": "NAME"}})


@pytest.mark.parametrize("name", ["token_url", "path", "username", "keyboard", "passwordless"])
def test_other_settings_are_not_secrets(name: str) -> None:
    """Names that only resemble those of secrets are settings like others."""
    require_references({name: "https://id.example/token"})


def test_a_password_within_a_url_is_a_secret() -> None:
    """An address that carries a password is refused."""
    with pytest.raises(InvalidSettings, match="endpoint holds a secret"):
        require_references({"endpoint": f"https://me:{SECRET}@lrs.example/xapi"})


def test_what_is_too_short_is_not_masked() -> None:
    """Secrets are masked where they stand in a text; short ones would take words apart."""
    settings = {"password": {"env": "LONG"}, "token": {"env": "SHORT"}, "path": "x"}

    assert variables(settings) == {"password": "LONG", "token": "SHORT"}
    assert masked(f"no {SECRET}, no", settings, {"LONG": SECRET, "SHORT": "no"}) == "no ***, no"


def test_what_is_not_set_is_told(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A feed may be set up where its secret is not set; it says so, stalls there, and goes on once it is set."""
    monkeypatch.delenv("LRS_PASSWORD", raising=False)
    lrs = FaultyLrs()
    with opened(database_url) as reinforcer, running(lrs):
        settings = {"endpoint": lrs.endpoint, "auth": "basic", "username": "x", "password": {"env": "LRS_PASSWORD"}}
        reinforcer.feeds.add("lms", "lrs", settings, from_beginning=True, at=AT)
        fill(reinforcer, 0, 3)
        (run,) = reinforcer.feeds.deliver(at=AT)

        assert reinforcer.feeds.missing_variables("lms") == ["LRS_PASSWORD"]
        assert "'LRS_PASSWORD', which is not set" in (run.reason or "")
        assert not reinforcer.feeds.test("lms", at=AT).is_ok
        monkeypatch.setenv("LRS_PASSWORD", SECRET)
        (run,) = reinforcer.feeds.deliver(at=AT)
        assert run.delivered == 3
