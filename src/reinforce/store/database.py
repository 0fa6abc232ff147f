"""The host's database, however it is handed to us.

Given a URL we make an engine of our own; given an engine we take connections from it; given an open
connection we work inside of its transaction, which is then neither committed nor rolled back.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property, partial
from types import TracebackType
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from reinforce.errors import (
    DatabaseLocked,
    DatabaseReadOnly,
    EventConflict,
    InvalidSettings,
    InvalidValue,
    MissingExtra,
    ReinforceError,
    SchemaMissing,
    StoreError,
)
from reinforce.store.pooler import POOLED, is_pooled, keeps_prepared
from reinforce.store.schema import Tables, tables
from reinforce.store.table_parts import PREFIX
from reinforce.store.transaction import OwnConnections, OwnTransaction, Transaction

Target = str | URL | Engine | Connection

BUSY_TIMEOUT_SECONDS = 30


class Database:
    """Where the tables are, and how to reach them.

    Attributes:
        schema: the schema that holds them; None is the database's default.
        dialect: "sqlite" or "postgresql".
        in_our_terms: a block in which what the driver says is said in our own terms.
        owns_engine: whether the database was given as a URL.
    """

    def __init__(self, target: Target, schema: str | None = None) -> None:
        self.schema = schema
        self._connection = target if isinstance(target, Connection) else None
        self._engine = None if isinstance(target, Connection) else _engine_of(target)
        self.owns_engine = not isinstance(target, Connection | Engine)
        self._own = OwnConnections(self._engine) if self._engine is not None and self.owns_engine else None
        dialect = (self._connection or self._engine).dialect  # type: ignore[union-attr]
        _require_support(dialect.name, dialect.driver)
        if dialect.is_async:
            raise InvalidSettings("reinforce cannot work with an asynchronous engine: give it one of its own, or a URL")
        self.dialect: str = dialect.name
        self.in_our_terms = _InOurTerms(self)
        if self.dialect == "sqlite" and schema is not None:
            raise InvalidSettings(f"SQLite has no schemas: leave schema={schema!r} out")

    @cached_property
    def tables(self) -> Tables:
        """The tables of that schema; made when they are first asked for, which loads the PostgreSQL dialect, too."""
        return tables(self.schema)

    @property
    def is_hosted(self) -> bool:
        """Whether we work inside of the host's own transaction."""
        return self._connection is not None

    @property
    def url(self) -> str:
        """The address without its password, for messages."""
        engine = self._connection.engine if self._connection is not None else self._engine
        assert engine is not None  # noqa: S101 -- one of the two was given
        return _without_passwords(engine.url)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that writes: all of it, or nothing.

        SQLite takes its write lock at once, because a transaction that reads first and writes later
        fails when somebody else has written in between.
        """
        with self.in_our_terms:
            if self._connection is not None:
                _require_transactions(self._connection)
                self._begin(self._connection, self._to_write)
                with self._connection.begin_nested():
                    yield self._connection
            else:
                assert self._engine is not None  # noqa: S101 -- see __init__
                with self._engine.connect() as opened:
                    connection = opened if self.owns_engine else _in_transactions_of_ours(opened)
                    with connection.begin():
                        self._begin(connection, self._to_write)
                        yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to read with; several queries see one state of a SQLite file."""
        with self.in_our_terms:
            if self._connection is not None:
                yield self._connection
            else:
                assert self._engine is not None  # noqa: S101 -- see __init__
                with self._engine.connect() as opened:
                    connection = opened if self.owns_engine else _read_committed(opened)
                    _begin(connection)
                    self._begin(connection, "BEGIN" if self.dialect == "sqlite" else _BEGIN)
                    yield connection
                    connection.commit()  # because at a rollback psycopg forgets what it has prepared

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """As `read`, for those who mostly need the driver.

        On PostgreSQL a question of ours is a statement by itself: with a transaction around it, it would be three.
        """
        if self._own is not None:
            begin = "BEGIN" if self.dialect == "sqlite" else None
            with self.in_our_terms, OwnTransaction(self._own, begin) as transaction:
                yield transaction
        else:
            with self.read() as connection:
                yield Transaction(connection)

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """As `write`, for those who mostly need the driver."""
        if self._own is not None:
            with self.in_our_terms, OwnTransaction(self._own, self._to_write) as transaction:
                yield transaction
        else:
            with self.write() as connection:
                yield Transaction(connection)

    def alone(self) -> OwnTransaction | None:
        """As `writing`, for what a single statement writes on PostgreSQL, where it begins nothing; None: not ours."""
        if self._own is None:
            return None
        if self.dialect == "sqlite":
            return OwnTransaction(self._own, self._to_write)
        is_usual = _is_read_committed(self._own.engine.dialect.default_isolation_level)
        return OwnTransaction(self._own, None) if is_usual else None

    @property
    def _to_write(self) -> str:
        return "BEGIN IMMEDIATE" if self.dialect == "sqlite" else _BEGIN

    def _begin(self, connection: Connection, how: str) -> None:
        """Begin for real where the driver does not: on SQLite, and on connections of our own to PostgreSQL.

        Python's driver of SQLite otherwise waits for the first write, and a savepoint that comes before it would be a
        transaction of its own, committed when it is released.
        """
        if self.dialect != "sqlite" and not self.owns_engine:
            return
        _begin(connection)
        raw: Any = connection.connection.dbapi_connection
        if self.dialect != "sqlite" or not getattr(raw, "in_transaction", True):
            raw.execute(how)  # by the driver itself, which takes 3 µs where SQLAlchemy takes 30

    def close(self) -> None:
        """Let go of connections that we opened ourselves; a host's engine or connection stays as it is."""
        if self._own is not None:
            self._own.close()


class _InOurTerms:
    """Says in our own terms what the driver said in its."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, _kind: type[BaseException] | None, problem: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if isinstance(problem, UnicodeEncodeError) and problem.reason == "surrogates not allowed":
            raise InvalidValue(
                f"no database can hold the text {problem.object!r}: it has a lone surrogate"
            ) from problem
        if isinstance(problem, DBAPIError):
            raise _translated(problem.orig or problem, self._database.url) from problem
        if isinstance(problem, Exception) and type(problem).__module__.split(".")[0] in ("sqlite3", "psycopg"):
            raise _translated(problem, self._database.url) from problem


def _require_transactions(host: Connection) -> None:
    """Refuse a host's connection that would keep what we write whatever becomes of it, or lose it unnoticed."""
    _begin(host)
    if _commits_by_itself(host):
        raise InvalidSettings(
            "the connection is in AUTOCOMMIT mode, where nothing can be rolled back: "
            "give one that has transactions, or the engine"
        )


def _commits_by_itself(connection: Connection) -> bool:
    raw: Any = connection.connection.dbapi_connection
    if connection.dialect.name == "postgresql":
        return bool(raw.autocommit) and not raw.info.transaction_status
    return getattr(raw, "autocommit", False) is True or (raw.isolation_level is None and not raw.in_transaction)


_BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED"
"""On PostgreSQL, whatever the role's default is: see `_read_committed`."""


def _in_transactions_of_ours(connection: Connection) -> Connection:
    """The connection, if need be taken out of AUTOCOMMIT until it goes back to its pool; see `_read_committed`.

    SQLite needs nothing: there we begin ourselves.
    """
    if connection.dialect.name == "postgresql" and _commits_by_itself(connection):
        return connection.execution_options(isolation_level="READ COMMITTED")
    return _read_committed(connection)


def _read_committed(connection: Connection) -> Connection:
    """The connection, if need be taken out of REPEATABLE READ or SERIALIZABLE until it goes back to its pool.

    Our locks are what keeps writers apart. Whoever has waited for one must see what was written meanwhile, which a
    transaction in those modes does not: it would fail in the end, as often as two write.
    """
    if connection.dialect.name != "postgresql":
        return connection
    raw: Any = connection.connection.dbapi_connection
    level = raw.isolation_level.name if raw.isolation_level else connection.dialect.default_isolation_level
    if raw.autocommit or _is_read_committed(level):
        return connection
    return connection.execution_options(isolation_level="READ COMMITTED")


def _is_read_committed(level: str | None) -> bool:
    return level is None or level.replace("_", " ") not in ("REPEATABLE READ", "SERIALIZABLE")


def _require_support(dialect: str, driver: str) -> None:
    if dialect not in ("sqlite", "postgresql"):
        raise InvalidSettings(f"reinforce keeps its tables in SQLite or PostgreSQL, not in {dialect}")
    if (dialect == "postgresql" and driver != "psycopg") or driver == "aiosqlite":
        wanted = "postgresql+psycopg://" if dialect == "postgresql" else "sqlite:///"
        raise InvalidSettings(f"reinforce cannot work with the driver {driver}: open the database as {wanted}…")


def _begin(connection: Connection) -> None:
    """Let SQLAlchemy begin, in which event a host may have its own way of beginning for real."""
    if not connection.in_transaction():
        connection.begin()


def _engine_of(target: str | URL | Engine) -> Engine:
    if isinstance(target, Engine):
        return target
    url = _url_of(target)
    try:
        # hide_parameters: an error must not print what learners did.
        engine = create_engine(url, hide_parameters=True, **_engine_options(url))
    except ImportError as problem:
        raise MissingExtra.named("postgres", "PostgreSQL") from problem
    event.listen(engine, "connect", _set_up_sqlite if engine.dialect.name == "sqlite" else _set_up_postgresql)
    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", partial(_look_for_a_pooler, is_set=_PREPARE_THRESHOLD in url.query))
    return engine


def _url_of(target: str | URL) -> URL:
    try:
        url = make_url(target)
    except ArgumentError as problem:
        shown = re.sub(r":[^:@/]*@", ":***@", str(target))
        raise InvalidSettings(
            f"{shown!r} is no database URL: write sqlite:///practice.db or postgresql://user@host/name"
        ) from problem
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    backend, _, driver = url.drivername.partition("+")
    _require_support(backend, driver)
    if backend == "sqlite" and url.host:
        raise InvalidSettings(f"{str(target)!r} names a host: write sqlite:///{url.host}, with three slashes")
    return url


def _without_passwords(url: URL) -> str:
    hidden = {name: "hidden" for name in url.query if "password" in name}
    return url.update_query_dict(hidden).render_as_string(hide_password=True)


def _engine_options(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {} if "timeout" in url.query else {"connect_args": {"timeout": BUSY_TIMEOUT_SECONDS}}
    given = url.query.get(_PREPARE_THRESHOLD)
    # SQLAlchemy would look for hstore, which we do not use, in a transaction.
    options: dict[str, Any] = {"pool_pre_ping": False, "use_native_hstore": False}
    return options if given is None else options | {"connect_args": {_PREPARE_THRESHOLD: _threshold(given)}}


_PREPARE_THRESHOLD = "prepare_threshold"


def _threshold(given: str | tuple[str, ...]) -> int | None:
    """A setting of psycopg's, which SQLAlchemy would pass on as text."""
    if given == "none":
        return None
    if isinstance(given, str) and given.isdecimal():
        return int(given)
    raise InvalidSettings(
        f"the database URL says {_PREPARE_THRESHOLD}={given}: write how often PostgreSQL is asked the same before it is"
        " prepared, such as 5, or none"
    )


def _set_up_postgresql(connection: Any, _record: object) -> None:
    connection.autocommit = True  # we begin ourselves, and a single statement needs no beginning


def _look_for_a_pooler(connection: Any, record: Any, is_set: bool) -> None:
    """Behind a pooler that does not keep what is prepared apart, prepare nothing, unless it is set when to prepare."""
    if is_pooled(connection):
        record.info[POOLED] = True
        if not is_set and not keeps_prepared(connection):
            connection.prepare_threshold = None


def _set_up_sqlite(connection: Any, _record: object) -> None:
    """WAL lets readers go on while one writes; NORMAL survives a killed process, and of a power cut the
    log's last commits at most.
    """
    connection.isolation_level = None  # we begin ourselves
    cursor = connection.cursor()
    try:
        cursor.execute("PRAGMA journal_mode = WAL")
    except Exception as problem:
        # A file that may only be read stays as it is. So does one that somebody is writing just now, because
        # changing its mode does not wait for them as a statement does; the next connection tries again.
        if "readonly" not in str(problem) and "locked" not in str(problem):
            raise
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA temp_store = MEMORY")
    cursor.execute("PRAGMA secure_delete = ON")  # who is erased shall not stay in free pages
    cursor.close()


_IN_THE_WAY = ("55P03", "40P01")  # waited for a lock too long, deadlock
_WRITTEN_SINCE = "40001"  # serialization failure
_ONE_BY_ONE = ("reinforce_memory", "reinforce_practice_void", "reinforce_tenant")
"""Tables into which nobody inserts the same who sees what is there; a REPEATABLE READ does not."""
_NOT_ALLOWED = ("25006", "42501")  # read-only transaction, insufficient privilege
_MIXED_UP = ("26000", "42P05")  # a prepared statement is missing, or there already


def _translated(problem: BaseException, url: str) -> ReinforceError:
    # PostgreSQL's primary message alone: its details quote the values of rows.
    said = str(getattr(getattr(problem, "diag", None), "message_primary", None) or problem).strip()
    state = getattr(problem, "sqlstate", None)
    if "cannot contain NUL" in said:
        return InvalidValue("no text in a database may hold the character NUL")
    if state == "23505" and "reinforce_practice_event" in said:
        return EventConflict(
            "somebody else has recorded an event of the same source and external id at this moment; "
            "nothing was changed, try again"
        )
    if state == _WRITTEN_SINCE or (state == "23505" and problem.diag.table_name in _ONE_BY_ONE):  # type: ignore[attr-defined]
        return DatabaseLocked(
            f"{url}: somebody else has written the same since this transaction began; "
            "nothing was changed, try again in a new one"
        )
    if state in _MIXED_UP or (state == "08P01" and "prepared statement" in said):
        return StoreError(
            f"{url}: {said}; nothing was changed. Behind a pooler of transactions prepared statements get mixed up: add"
            ' ?prepare_threshold=none to the URL, or connect_args={"prepare_threshold": None} to your engine'
        )
    if "database is locked" in said or state in _IN_THE_WAY:
        return DatabaseLocked(f"{url}: somebody else has been writing for too long; nothing was changed, try again")
    if "readonly database" in said or state in _NOT_ALLOWED:
        return DatabaseReadOnly(f"{url} may not be written ({said}); check the rights of the file or role")
    if (f"no such table: {PREFIX}" in said) or (state in ("42P01", "3F000") and PREFIX in said):
        return SchemaMissing(
            f"{url} has no tables of reinforce yet: run `reinforce db upgrade` or Reinforcer.upgrade()"
        )
    if "unable to open database file" in said:
        return StoreError(f"{url} cannot be opened: does its folder exist, and may it be written?")
    return StoreError(f"{url}: {said}")
