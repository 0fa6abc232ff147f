"""The databases that the other tests stand on."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, inspect, text

import postgres

TESTS = Path(__file__).parent


@pytest.mark.parametrize("attempt", [1, 2])
def test_a_database_is_fresh(database_url: str, attempt: int) -> None:
    """Each test gets a database in which no other test has left anything."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        before = inspect(connection).get_table_names()
        connection.execute(text("CREATE TABLE left_behind (number INTEGER)"))
    engine.dispose()

    assert before == []


def test_a_database_is_dropped_under_open_connections(postgres_server: URL) -> None:
    """A test that forgets a connection does not keep its database, nor the server, from going away."""
    with postgres.fresh_database(postgres_server) as url:
        engine = create_engine(url)
        forgotten = engine.connect()
        name = engine.url.database
    with postgres.connect(postgres_server) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchall()
    forgotten.invalidate()
    forgotten.close()
    engine.dispose()

    assert found == []


def test_a_killed_run_leaves_no_server_behind() -> None:
    """When the tests are killed, their server ends and its directory goes, without anybody's help."""
    programs = postgres.server_programs()
    if programs is None:
        pytest.skip(f"{postgres.MISSING}: {postgres.HOW_TO_INSTALL}")
    script = (
        "import postgres, pathlib, sys, time\n"
        "server = postgres.OwnServer(pathlib.Path(sys.argv[1]))\n"
        "print(server.pid, server.folder, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(programs)], cwd=TESTS, stdout=subprocess.PIPE) as victim:
        assert victim.stdout is not None
        pid, folder = victim.stdout.readline().decode().split()
        was_there = Path(folder).exists()
        victim.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 30
    while (Path(folder).exists() or _exists(int(pid))) and time.monotonic() < deadline:
        time.sleep(0.02)

    assert was_there
    assert not _exists(int(pid))
    assert not Path(folder).exists()


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(
    ("variables", "code", "said"), [({}, 0, "2 TESTS DID NOT RUN"), ({"CI": "true"}, 1, "2 errors")]
)
def test_missing_postgres_is_said_loudly(tmp_path: Path, variables: dict[str, str], code: int, said: str) -> None:
    """Without PostgreSQL the summary counts what did not run and how to mend it; in CI that is an error."""
    (tmp_path / "conftest.py").write_text(
        "import postgres\nfrom databases_conftest import *\npostgres.server_programs = lambda: None\n"
    )
    (tmp_path / "databases_conftest.py").write_text((TESTS / "conftest.py").read_text())
    (tmp_path / "test_it.py").write_text(
        "def test_either(database_url): pass\ndef test_one(postgres_url): pass\ndef test_neither(): pass\n"
    )
    environment = {k: v for k, v in os.environ.items() if k not in ("CI", postgres.EXISTING_SERVER)} | variables
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-ra", str(tmp_path)],
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": os.pathsep.join([str(TESTS), str(tmp_path)])},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, said in done.stdout) == (code, True), done.stdout
    assert "apt-get install postgresql" in done.stdout
    assert "2 passed" in done.stdout
    if code == 0:
        assert "To run them, install a server" in done.stdout.splitlines()[-2]
