"""A transaction, on the driver's own connection and on SQLAlchemy's.

Recording and most questions need the driver alone. Where the engine is ours, SQLAlchemy gives a connection of its
pool and no more: its `Connection` and its transaction, which take it a seventh of the time of a record on SQLite,
are made only for those who ask for them.
"""

from threading import Lock
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.pool import PoolProxiedConnection, QueuePool


class Transaction:
    """A transaction that somebody else begins and ends.

    Attributes:
        dialect: of the database.
        connection: the driver's.
    """

    dialect: Dialect
    connection: PoolProxiedConnection

    def __init__(self, connection: Connection) -> None:
        self._sqlalchemy: Connection | None = connection
        self.dialect = connection.dialect
        self.connection = connection.connection

    @property
    def sqlalchemy(self) -> Connection:
        """SQLAlchemy's connection, in this transaction."""
        if self._sqlalchemy is None:
            self._sqlalchemy = self._begun()
        return self._sqlalchemy

    def _begun(self) -> Connection:
        raise NotImplementedError


class OwnConnections:
    """The connections of an engine of ours: those of its pool, and one that stays out of it from use to use.

    To take a connection out of SQLAlchemy's pool and to put it back takes a tenth of the time of a record on SQLite.
    Whoever finds the one in use goes to the pool, and so does everybody where each thread has a connection to itself.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._may_keep = isinstance(engine.pool, QueuePool)
        self._in_use = Lock()
        self._kept: PoolProxiedConnection | None = None

    def take(self) -> tuple[PoolProxiedConnection, bool]:
        """A connection, and whether it is the one to be kept."""
        if not self._may_keep or not self._in_use.acquire(blocking=False):
            return self.engine.raw_connection(), False
        try:
            return self._kept or self.engine.raw_connection(), True
        except BaseException:
            self._in_use.release()
            raise

    def keep(self, connection: PoolProxiedConnection | None) -> None:
        """The end of a use of the one to be kept; None: it went back to the pool."""
        self._kept = connection
        self._in_use.release()

    def close(self) -> None:
        """Close those that nobody uses."""
        if self._in_use.acquire(blocking=False):
            if self._kept is not None:
                self._kept.close()
            self.keep(None)
        self.engine.dispose()


class OwnTransaction(Transaction):
    """A transaction on a connection of an engine of ours; what its block has written is kept if the block ends well.

    Args:
        connections: of the engine, which begin nothing by themselves.
        begin: how to begin; None: not at all, each statement is a transaction of its own.
    """

    def __init__(self, connections: OwnConnections, begin: str | None) -> None:
        self._sqlalchemy = None
        self._connections = connections
        self._begin = begin
        self._raw: Any = None
        self.dialect = connections.engine.dialect

    def _begun(self) -> Connection:
        connection = Connection(self._connections.engine, self.connection)
        connection.begin()
        return connection

    def __enter__(self) -> Self:
        self.connection, self._is_to_keep = self._connections.take()
        self._raw = self.connection.dbapi_connection
        if self._begin is not None:
            try:
                self._raw.execute(self._begin)
            except BaseException as problem:
                self._let_go(problem)
                raise
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, problem: BaseException | None, _trace: TracebackType | None
    ) -> None:
        try:
            if problem is None and self._begin is not None:
                (self._sqlalchemy or self._raw).commit()
        except BaseException as refused:
            self._let_go(refused)
            raise
        self._let_go(problem)

    def _let_go(self, problem: BaseException | None) -> None:
        """Keep the connection, or give it back to its pool, which rolls back what is not committed."""
        if self._is_to_keep and problem is None and self._sqlalchemy is None:
            self._connections.keep(self.connection)
            return
        try:
            self._give_back(problem)
        finally:
            if self._is_to_keep:
                self._connections.keep(None)

    def _give_back(self, problem: BaseException | None) -> None:
        if self._sqlalchemy is not None:
            self._sqlalchemy.close()
        elif isinstance(problem, self.dialect.loaded_dbapi.Error) and self.dialect.is_disconnect(
            problem, self._raw, None
        ):
            # Those that lie in the pool are cut off, too.
            self.connection.invalidate(problem)
            self._connections.engine.dispose()
        else:
            self.connection.close()
