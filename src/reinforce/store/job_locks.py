"""The lock that keeps a second process away from a job that one may do at a time."""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import blake2b
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from reinforce.errors import RunInProgress, StoreError
from reinforce.store.database import Database
from reinforce.store.pooler import is_pooled


@contextlib.contextmanager
def job_lock(database: Database, number: int, job: str) -> Iterator[None]:
    """Keep other processes and threads from this job. It goes with a process that is killed.

    On PostgreSQL it is an advisory lock of a connection that does nothing else; of the host's own connection, it
    lasts until the host's transaction ends. Behind a pooler, which may give the connection to somebody else after each
    transaction, one stays open meanwhile. It has read nothing that VACUUM would have to keep; but a server may end it
    for being idle, so elsewhere the lock is the session's. SQLite has no such locks, but it locks files in a way that
    every system undoes when a process ends: an empty database beside the real one is locked in its stead.

    Args:
        database: in which the job works.
        number: of what it works on, such as a tenant.
        job: its name.

    Raises:
        RunInProgress: somebody else holds it.
    """
    if database.dialect == "postgresql":
        lock = _advisory_lock(database, number, job)
    else:
        lock = _file_lock(_file_of(database), number, job)
    with lock:
        yield


@contextlib.contextmanager
def _advisory_lock(database: Database, number: int, job: str) -> Iterator[None]:
    lock = _lock_number(database.schema, number, job)
    if database.is_hosted:
        with database.read() as connection:
            _take(connection, _OF_TRANSACTION, lock, job)
            yield
    elif _is_pooled(database):
        with database.write() as connection, _until_let_go(connection, Connection.rollback):
            _take(connection, _OF_TRANSACTION, lock, job)
            yield
    else:
        with database.read() as connection:
            _take(connection, _OF_SESSION, lock, job)
            connection.commit()  # the lock stays; an idle transaction might be ended
            with _until_let_go(connection, partial(_unlock, lock=lock)):
                yield


_OF_TRANSACTION = "pg_try_advisory_xact_lock"
_OF_SESSION = "pg_try_advisory_lock"


def _take(connection: Connection, function: str, lock: int, job: str) -> None:
    # As a text without parameters: a query with some is left open, and its snapshot would keep VACUUM from its work.
    _require(connection.exec_driver_sql(f"SELECT {function}({lock})").scalar_one(), job)


def _is_pooled(database: Database) -> bool:
    with database.read() as connection:
        return is_pooled(connection.connection.driver_connection)


@contextlib.contextmanager
def _until_let_go(connection: Connection, let_go: Callable[[Connection], object]) -> Iterator[None]:
    """A block at whose end a lock is given back; if that fails, the connection ends, which does it too."""
    with _not_inherited(connection.connection.driver_connection.fileno()):  # type: ignore[union-attr]
        try:
            yield
        finally:
            try:
                let_go(connection)
            except SQLAlchemyError:
                connection.invalidate()


def _unlock(connection: Connection, lock: int) -> None:
    connection.exec_driver_sql(f"SELECT pg_advisory_unlock({lock})")
    connection.commit()


def _lock_number(schema: str | None, number: int, job: str) -> int:
    digest = blake2b(f"{schema or ''}\0{number}\0{job}".encode(), digest_size=8, person=b"reinforce-run").digest()
    return int.from_bytes(digest, "big", signed=True)


_sockets: set[int] = set()


@contextlib.contextmanager
def _not_inherited(socket: int) -> Iterator[None]:
    """Have processes that are forked meanwhile close a socket.

    Workers of a process pool outlive a parent that is killed; with the parent's socket they would keep its lock.
    """
    _sockets.add(socket)
    try:
        yield
    finally:
        _sockets.discard(socket)


def _close_sockets() -> None:
    for socket in _sockets:
        with contextlib.suppress(OSError):
            os.close(socket)
    _sockets.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_sockets)


def _file_of(database: Database) -> str:
    """The path of a SQLite database; empty if it lives in memory."""
    with database.read() as connection:
        files = connection.exec_driver_sql("PRAGMA database_list").all()
    return next((path or "" for _, name, path in files if name == "main"), "")


def is_in_memory(database: Database) -> bool:
    """Whether nobody else can reach the database."""
    return database.dialect == "sqlite" and not _file_of(database)


@contextlib.contextmanager
def _file_lock(path: str, number: int, job: str) -> Iterator[None]:
    if not path:
        yield
        return
    with contextlib.closing(_open_lock_file(Path(f"{path}-{job}-{number}"))) as connection:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as problem:
            _require("locked" not in str(problem), job)
            raise StoreError(f"{path}-{job}-{number} cannot be locked: {problem}") from problem
        yield


def _open_lock_file(path: Path) -> sqlite3.Connection:
    try:
        return sqlite3.connect(path, timeout=0, isolation_level=None)
    except sqlite3.OperationalError as problem:
        raise StoreError(f"{path} cannot be made: may its folder be written?") from problem


def _require(is_ours: bool, job: str) -> None:
    if not is_ours:
        raise RunInProgress(f"another {job} run is at work on this tenant; it was left to that run")
