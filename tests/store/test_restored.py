"""A dump of one PostgreSQL server, restored into another."""

import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url

import postgres
from feeds.world import AT, fill, lines, opened, to_file
from reinforce import Reinforcer
from reinforce.cli.examination import Finding, examine_database
from reinforce.store.database import Database

HOUR = timedelta(hours=1)
BURN = "DO $$ BEGIN FOR n IN 1..3000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"
"""The server then has begun more transactions than a fresh one."""


@pytest.fixture
def fresh_server(postgres_server: URL) -> Iterator[URL]:
    """Another server, which has begun hardly any transactions."""
    programs = postgres.server_programs()
    if programs is None:
        pytest.skip("a second PostgreSQL server cannot be started here")
    with postgres.OwnServer(programs) as server:
        assert server.url != postgres_server
        yield server.url


def restored(old: str, new: URL, folder: Path) -> str:
    """The URL of the database to which pg_restore has brought what pg_dump took from another."""
    programs = postgres.server_programs()
    assert programs is not None
    dump = folder / "dump"
    plain = [one.set(drivername="postgresql").render_as_string(hide_password=False) for one in (make_url(old), new)]
    subprocess.run([programs / "pg_dump", "--format=custom", f"--file={dump}", plain[0]], check=True)
    subprocess.run([programs / "pg_restore", "--exit-on-error", "--no-owner", f"--dbname={plain[1]}", dump], check=True)
    return new.render_as_string(hide_password=False)


def found(url: str) -> list[Finding]:
    """What the doctor says of the statement log."""
    database = Database(url)
    says = [one for one in examine_database(database, AT) if one.check == "statement log"]
    database.close()
    return says


def delivered(reinforcer: Reinforcer) -> int:
    """How many statements leave with a delivery."""
    return sum(run.delivered for run in reinforcer.feeds.deliver(at=AT))


def test_feeds_go_on_after_a_restore(postgres_url: str, fresh_server: URL, tmp_path: Path) -> None:
    """From a restored database, once it is upgraded, leaves what had not left and what is new, in order and once."""
    path = tmp_path / "out.jsonl"
    with postgres.connect(make_url(postgres_url)) as connection:
        connection.execute(BURN)
    with opened(postgres_url) as reinforcer:
        to_file(reinforcer, "file", path)
        told = fill(reinforcer, 0, 5)
        assert delivered(reinforcer) == 5
        told += fill(reinforcer, 5, 8)
    assert found(postgres_url) == []
    url = restored(postgres_url, fresh_server, tmp_path)
    with Reinforcer(url) as reinforcer:
        told += fill(reinforcer, 8, 10, at=AT + HOUR)
        assert delivered(reinforcer) == 0
        (finding,) = found(url)
        assert not finding.is_ok
        assert "reinforce db upgrade" in finding.says

        reinforcer.upgrade()
        assert found(url) == []
        assert delivered(reinforcer) == 5
        told += fill(reinforcer, 10, 12, at=AT + HOUR)
        assert delivered(reinforcer) == 2
        assert lines(path) == [one.body for one in told]
        assert found(url) == []
