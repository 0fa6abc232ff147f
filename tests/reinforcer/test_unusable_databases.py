"""Databases that cannot be used: locked, not to be written, without our tables, or with those of another version."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

from reinforce import (
    DatabaseLocked,
    DatabaseReadOnly,
    ReinforceError,
    Reinforcer,
    SchemaMissing,
    SchemaOutdated,
    SchemaTooNew,
    Skill,
)
from reinforcer.world import NOW, opened, practice, rows, settle

Call = Callable[[Reinforcer], object]


def test_a_locked_file(sqlite_url: str, tmp_path: Path) -> None:
    """While somebody else holds the write lock, a write gives up in time and says so; reading goes on."""
    with opened(f"{sqlite_url}?timeout=0.2") as door:
        settle(door)
        before = rows(door)
        other = sqlite3.connect(tmp_path / "reinforce.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        for call in (
            lambda: door.record(practice(id="1")),
            lambda: door.record_many([practice(id="1")], skip_faulty=True),
            lambda: door.define(Skill("new")),
            lambda: door.erase("ann"),
        ):
            with pytest.raises(DatabaseLocked, match=r"reinforce\.db.*writing for too long; nothing was changed, try"):
                call()
        assert rows(door) == before
        assert door.due("ann", at=NOW) == []
        other.execute("ROLLBACK")
        other.close()
        assert door.record(practice(id="1")).is_new


def test_a_locked_server(postgres_url: str) -> None:
    """On PostgreSQL a host's lock timeout ends the wait for somebody who holds the learner."""
    with opened(postgres_url) as door:
        settle(door)
    engine = create_engine(postgres_url, connect_args={"options": "-c lock_timeout=200"})
    holder = create_engine(postgres_url)
    with holder.connect() as host:
        Reinforcer(host).record(practice(id="1"))
        waiting = Reinforcer(engine)
        with pytest.raises(DatabaseLocked, match="nothing was changed, try again"):
            waiting.record(practice(id="2"))
        assert waiting.record(practice("bo", id="3")).is_new
        host.commit()
    assert waiting.record(practice(id="2")).is_new
    engine.dispose()
    holder.dispose()


def test_a_file_that_may_only_be_read(sqlite_url: str, tmp_path: Path) -> None:
    """A file that may be read but not written answers questions, and refuses a record with a hint at its rights."""
    with opened(sqlite_url) as door:
        settle(door)
        door.record(practice(id="1"))
    (tmp_path / "reinforce.db").chmod(0o444)
    read_only = f"sqlite:///file:{tmp_path / 'reinforce.db'}?mode=ro&uri=true"
    with Reinforcer(read_only) as door:
        assert len(door.due("ann", at=NOW)) == 1
        with pytest.raises(DatabaseReadOnly, match=r"may not be written .*; check the rights of the file or role"):
            door.record(practice(id="2"))
        assert len(door.why("ann", "price", at=NOW).events) == 1


def test_a_role_that_may_only_read(postgres_url: str) -> None:
    """A role without the right to write answers questions, and refuses a record with a hint at its rights."""
    with opened(postgres_url) as door:
        settle(door)
        door.record(practice(id="1"))
    role = f"reader_{os.getpid()}"
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN")
        connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
    with Reinforcer(postgres_url.replace("postgres@", f"{role}@", 1)) as door:
        assert len(door.due("ann", at=NOW)) == 1
        with pytest.raises(DatabaseReadOnly, match=r"permission denied .*check the rights of the file or role"):
            door.record(practice(id="2"))
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"DROP OWNED BY {role}")
        connection.execute(f"DROP ROLE {role}")


@pytest.mark.parametrize(
    "call", [lambda r: r.record(practice()), lambda r: r.due("ann"), lambda r: r.define(Skill("a"))]
)
def test_missing_tables(database_url: str, call: Call) -> None:
    """Without our tables each call says that there are none, and how to make them."""
    with Reinforcer(database_url) as door:
        with pytest.raises(
            SchemaMissing, match=r"no tables of reinforce yet: run `reinforce db upgrade` or Reinforcer"
        ):
            call(door)
        door.upgrade()
        settle(door)
        call(door)


@pytest.mark.parametrize(
    ("revision", "kind", "message"),
    [("9999", SchemaTooNew, "a newer version has upgraded them, so install that one here too"),
     (None, SchemaMissing, "run `reinforce db upgrade`")],
)  # fmt: skip
def test_tables_of_another_version(
    database_url: str, revision: str | None, kind: type[ReinforceError], message: str
) -> None:
    """Tables of another version are neither read nor written, and the error says which way to go."""
    with opened(database_url) as door:
        settle(door)
        before = rows(door)
        with door._store.database.write() as connection:
            if revision is None:
                connection.execute(text("DELETE FROM reinforce_version"))
            else:
                connection.execute(text("UPDATE reinforce_version SET version_num = :new"), {"new": revision})
        with Reinforcer(database_url) as stale:
            for call in (lambda: stale.record(practice()), lambda: stale.due("ann"), lambda: stale.define(Skill("x"))):
                with pytest.raises(kind, match=message):
                    call()
        assert rows(door) == before
    assert issubclass(SchemaOutdated, ReinforceError)
