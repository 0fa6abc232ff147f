"""Transactions of our own, on the driver's connection and on SQLAlchemy's at once."""

import contextlib
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, func, select, text

from reinforce.errors import StoreError
from reinforce.store.database import Database
from reinforce.store.driver import Driver
from reinforce.store.schema import tables
from reinforce.store.upgrade import upgrade

TENANT = tables().tenant
INSERT = "INSERT INTO {tenant} (key, created_at) VALUES (?, 1)"


class Mishap(Exception):
    """Something that goes wrong in the middle of a write."""


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database of our own, with its tables."""
    opened = Database(database_url)
    upgrade(opened)
    yield opened
    opened.close()


def count(database: Database) -> int:
    """How many tenants somebody else sees."""
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(TENANT)).scalar_one()


def test_both_ways_of_writing_are_one_transaction(database: Database) -> None:
    """What the driver wrote and what SQLAlchemy wrote is seen by each other, and kept or dropped together."""
    with pytest.raises(Mishap), database.writing() as transaction:  # noqa: PT012 -- a write is a block
        Driver(transaction, None).run(INSERT, "a")
        transaction.sqlalchemy.execute(TENANT.insert().values(key="b", created_at=1))
        assert Driver(transaction, None).rows("SELECT key FROM {tenant} ORDER BY key") == [("a",), ("b",)]
        raise Mishap
    assert count(database) == 0
    with database.writing() as transaction:
        Driver(transaction, None).run(INSERT, "a")
        transaction.sqlalchemy.execute(TENANT.insert().values(key="b", created_at=1))
    assert count(database) == 2


def test_the_driver_alone_keeps_or_drops(database: Database) -> None:
    """A transaction in which nobody asked for SQLAlchemy's connection is kept if it ends well, and else dropped."""
    with pytest.raises(Mishap), database.writing() as transaction:  # noqa: PT012 -- a write is a block
        Driver(transaction, None).run(INSERT, "a")
        raise Mishap
    assert count(database) == 0
    with database.writing() as transaction:
        Driver(transaction, None).run(INSERT, "a")
    assert count(database) == 1


@pytest.mark.filterwarnings("error")
def test_a_server_that_ends_connections(postgres_url: str, caplog: pytest.LogCaptureFixture) -> None:
    """A transaction whose connection was cut off fails in our terms; the next one has a new connection."""
    database = Database(postgres_url)
    upgrade(database)
    other = create_engine(postgres_url)
    with pytest.raises(StoreError), database.writing() as transaction:  # noqa: PT012 -- a write is a block
        pid = transaction.connection.cursor().execute("SELECT pg_backend_pid()").fetchone()
        with other.begin() as connection:
            connection.execute(text(f"SELECT pg_terminate_backend({pid[0]})"))
        Driver(transaction, None).run(INSERT, "a")
    other.dispose()
    with database.writing() as transaction:
        Driver(transaction, None).run(INSERT, "a")
    assert count(database) == 1
    assert caplog.records == []
    database.close()


def test_the_connection_that_is_kept(database: Database) -> None:
    """Transactions that follow each other share a connection, also after one that failed; closing lets go of it."""
    used = []
    for fails in (False, False, True, False):
        with contextlib.suppress(Mishap), database.writing() as transaction:
            used.append(transaction.connection.dbapi_connection)
            Driver(transaction, None).run(INSERT, f"{len(used)}")
            if fails:
                raise Mishap
    assert used[0] is used[1] is used[2]
    assert count(database) == 3
    database.close()
    assert count(database) == 3
    with database.writing() as transaction:
        assert transaction.connection.dbapi_connection is not used[0]


def test_transactions_at_the_same_time(postgres_url: str) -> None:
    """Whoever begins while the kept connection is in use has another, and neither sees the other's half."""
    database = Database(postgres_url)
    upgrade(database)
    with database.writing() as one, database.writing() as other:
        Driver(one, None).run(INSERT, "a")
        assert one.connection.dbapi_connection is not other.connection.dbapi_connection
        assert Driver(other, None).rows("SELECT key FROM {tenant}") == []
    assert count(database) == 1
    database.close()
