"""A transaction, on the driver's own connection and on SQLAlchemy's.

Recording and most questions need the driver alone. Where the engine is ours, SQLAlchemy gives a connection of its
pool and no more: its `Connection` and its transaction, which take it a seventh of the time of a record on SQLite,
are made only for those who ask for them.
"""

from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.pool import PoolProxiedConnection


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


class OwnTransaction(Transaction):
    """A transaction on a connection of an engine of ours; what its block has written is kept if the block ends well.

    Args:
        engine: ours, whose connections to SQLite begin nothing by themselves.
        begin: how to begin on SQLite; psycopg begins by itself.
    """

    def __init__(self, engine: Engine, begin: str) -> None:
        self._sqlalchemy = None
        self._engine = engine
        self._begin = begin
        self._raw: Any = None
        self.dialect = engine.dialect

    def _begun(self) -> Connection:
        connection = Connection(self._engine, self.connection)
        connection.begin()
        return connection

    def __enter__(self) -> Self:
        self.connection = self._engine.raw_connection()
        self._raw = self.connection.dbapi_connection
        if self.dialect.name == "sqlite":
            try:
                self._raw.execute(self._begin)
            except BaseException:
                self.connection.close()
                raise
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, problem: BaseException | None, _trace: TracebackType | None
    ) -> None:
        try:
            if problem is None:
                (self._sqlalchemy or self._raw).commit()
        except BaseException as refused:
            self._let_go(refused)
            raise
        self._let_go(problem)

    def _let_go(self, problem: BaseException | None) -> None:
        """Give the connection back to its pool, which rolls back what is not committed."""
        if self._sqlalchemy is not None:
            self._sqlalchemy.close()
        elif isinstance(problem, self._engine.dialect.loaded_dbapi.Error) and self.dialect.is_disconnect(
            problem, self._raw, None
        ):
            # Those that lie in the pool are cut off, too.
            self.connection.invalidate(problem)
            self._engine.dispose()
        else:
            self.connection.close()
