"""The host's database: its transaction stays its own, and its errors are told in our terms."""

import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, func, insert, make_url, select, text
from sqlalchemy.exc import ResourceClosedError
from sqlalchemy.orm import Session

from reinforce.errors import (
    DatabaseLocked,
    DatabaseReadOnly,
    InvalidSettings,
    MissingExtra,
    ReinforceError,
    SchemaMissing,
    StoreError,
)
from reinforce.store.database import Database, Target
from reinforce.store.driver import Driver
from reinforce.store.schema import Tables, tables
from reinforce.store.upgrade import upgrade
from reinforce.store.version import require_current

TENANT = tables().tenant


class Mishap(Exception):
    """Something that goes wrong in the middle of a write."""


Opener = Callable[[Target], Database]


@pytest.fixture
def opened() -> Iterator[Opener]:
    """Opens databases, and closes them after the test."""
    databases: list[Database] = []

    def open_one(target: Target) -> Database:
        databases.append(Database(target))
        return databases[-1]

    yield open_one
    for database in databases:
        database.close()


@pytest.fixture
def url(database_url: str, opened: Opener) -> str:
    """A database that has our tables, and one of the host's."""
    database = opened(database_url)
    upgrade(database)
    with database.write() as connection:
        connection.execute(text("CREATE TABLE invoice (number TEXT)"))
    return database_url


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """The host's engine."""
    made = create_engine(url)
    yield made
    made.dispose()


def begins_for_real(engine: Engine) -> Engine:
    """SQLAlchemy's recipe for hosts that want savepoints and reads of one state on SQLite."""

    @event.listens_for(engine, "connect")
    def leave_it_to_us(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def keep(database: Database, key: str) -> None:
    """Write a row of ours."""
    with database.write() as connection:
        connection.execute(insert(TENANT).values(key=key, created_at=1))


def bill(host: Connection, number: str) -> None:
    """Write a row of the host's."""
    host.execute(text("INSERT INTO invoice VALUES (:number)"), {"number": number})


def found(engine: Engine) -> tuple[list[str], list[str]]:
    """Our rows and the host's, as anybody else sees them."""
    with engine.connect() as connection:
        ours = connection.execute(select(TENANT.c.key).order_by(TENANT.c.id)).scalars().all()
        theirs = connection.execute(text("SELECT number FROM invoice")).scalars().all()
    return list(ours), list(theirs)


def test_a_host_keeps_our_rows_with_its_own(engine: Engine) -> None:
    """What we write into a host's connection is kept when the host commits, and not before."""
    with engine.connect() as host:
        bill(host, "1")
        keep(Database(host), "a")
        assert found(engine) == ([], [])
        bill(host, "2")
        host.commit()

    assert found(engine) == (["a"], ["1", "2"])


def test_a_host_takes_our_rows_back_with_its_own(engine: Engine) -> None:
    """What we write into a host's connection goes when the host rolls back."""
    with engine.connect() as host:
        bill(host, "1")
        keep(Database(host), "a")
        host.rollback()
        keep(Database(host), "b")
        host.rollback()

    assert found(engine) == ([], [])


def test_a_host_that_only_reads_before(engine: Engine) -> None:
    """Our first write within a host's connection is the host's to roll back, even if nothing was written before."""
    with engine.connect() as host:
        host.execute(text("SELECT * FROM invoice")).all()
        keep(Database(host), "a")
        host.rollback()

    assert found(engine) == ([], [])


def test_a_host_with_an_orm_session(engine: Engine) -> None:
    """A host that works with a session gives us the session's connection."""
    with Session(engine) as session:
        session.execute(text("INSERT INTO invoice VALUES ('1')"))
        keep(Database(session.connection()), "a")
        session.rollback()
        assert found(engine) == ([], [])
        session.execute(text("INSERT INTO invoice VALUES ('1')"))
        keep(Database(session.connection()), "a")
        session.commit()

    assert found(engine) == (["a"], ["1"])


def test_a_host_that_begins_for_real_on_sqlite(sqlite_url: str) -> None:
    """A host that begins its SQLite transactions itself keeps its savepoints, with our rows in them."""
    engine = begins_for_real(create_engine(sqlite_url))
    database = Database(engine)
    upgrade(database)
    with engine.begin() as host:
        host.execute(text("CREATE TABLE invoice (number TEXT)"))
        keep(Database(host), "a")
        savepoint = host.begin_nested()
        keep(Database(host), "b")
        savepoint.rollback()

    assert found(engine) == (["a"], [])
    engine.dispose()


@pytest.mark.parametrize("mishap", [Mishap, InvalidSettings, KeyboardInterrupt])
def test_a_mishap_takes_back_our_half_only(engine: Engine, mishap: type[BaseException]) -> None:
    """After an error inside of our write, the host's transaction works and holds what the host wrote."""
    with engine.connect() as host:
        bill(host, "1")
        keep(Database(host), "a")
        with pytest.raises(mishap), Database(host).write() as connection:  # noqa: PT012 -- a write is a block
            connection.execute(insert(TENANT).values(key="b", created_at=1))
            raise mishap
        bill(host, "2")
        host.commit()

    assert found(engine) == (["a"], ["1", "2"])


def test_a_refused_statement_takes_back_our_half_only(engine: Engine) -> None:
    """After the database has refused a statement of ours, the host's transaction works."""
    with engine.connect() as host:
        bill(host, "1")
        keep(Database(host), "a")
        with pytest.raises(StoreError, match=r"(?i)null"), Database(host).write() as connection:
            connection.execute(text("INSERT INTO reinforce_tenant (key, created_at) VALUES (NULL, 1)"))
        bill(host, "2")
        host.commit()

    assert found(engine) == (["a"], ["1", "2"])


@pytest.mark.parametrize("open_with", [str, make_url, create_engine])
def test_our_own_transaction_is_all_or_nothing(url: str, open_with: Callable[[str], Target]) -> None:
    """With a URL or an engine each write is a transaction of its own, kept whole or not at all."""
    target = open_with(url)
    database = Database(target)
    keep(database, "a")
    with pytest.raises(Mishap), database.write() as connection:  # noqa: PT012 -- a write is a block
        connection.execute(insert(TENANT).values(key="b", created_at=1))
        raise Mishap

    assert not database.is_hosted
    with database.read() as connection:
        assert connection.execute(select(TENANT.c.key)).scalars().all() == ["a"]
    database.close()
    if isinstance(target, Engine):
        target.dispose()


def test_an_engine_that_commits_by_itself(url: str) -> None:
    """An engine in AUTOCOMMIT mode is used with transactions nevertheless, and left as it was."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    database = Database(engine)
    with pytest.raises(Mishap), database.write() as connection:  # noqa: PT012 -- a write is a block
        connection.execute(insert(TENANT).values(key="a", created_at=1))
        raise Mishap
    keep(database, "b")

    assert found(engine) == (["b"], [])
    with engine.connect() as host:
        bill(host, "1")
    assert found(engine) == (["b"], ["1"])
    engine.dispose()


@pytest.mark.parametrize("where", ["engine", "connection"])
def test_a_connection_that_commits_by_itself(url: str, where: str) -> None:
    """A host's connection in AUTOCOMMIT mode is refused: we could promise the host nothing."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT") if where == "engine" else create_engine(url)
    with engine.connect() as host:
        if where == "connection":
            host.execution_options(isolation_level="AUTOCOMMIT")
        with pytest.raises(InvalidSettings, match="AUTOCOMMIT"):
            keep(Database(host), "a")

    assert found(engine) == ([], [])
    engine.dispose()


def test_closing_closes_only_what_we_opened(engine: Engine, url: str) -> None:
    """A host's engine and connection stay open when we are done with them."""
    with engine.connect() as host:
        Database(host).close()
        Database(engine).close()
        assert host.execute(text("SELECT 1")).scalar_one() == 1
        assert engine.pool.checkedout() == 1  # type: ignore[attr-defined]


def test_a_closed_connection(engine: Engine) -> None:
    """A host's connection that is closed already is told in SQLAlchemy's own words: it is the host's mistake."""
    with engine.connect() as host:
        database = Database(host)
    with pytest.raises(ResourceClosedError):
        keep(database, "a")


def test_a_database_in_memory(opened: Opener) -> None:
    """A database in memory works as long as its thread."""
    database = opened("sqlite://")
    upgrade(database)
    keep(database, "a")
    require_current(database)
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(TENANT)).scalar_one() == 1


def test_several_questions_see_one_state(sqlite_url: str, opened: Opener) -> None:
    """Questions asked in one reading of a SQLite file agree with each other, whatever is written meanwhile."""
    database = opened(sqlite_url)
    upgrade(database)
    with database.read() as connection:
        before = connection.execute(select(func.count()).select_from(TENANT)).scalar_one()
        keep(database, "a")
        after = connection.execute(select(func.count()).select_from(TENANT)).scalar_one()
    with database.reading() as transaction:
        driver = Driver(transaction, None)
        before_b = driver.rows("SELECT count(*) FROM {tenant}")
        keep(database, "b")
        after_b = driver.rows("SELECT count(*) FROM {tenant}")

    assert (before, after) == (0, 0)
    assert before_b == after_b == [(1,)]


@pytest.mark.parametrize("open_with", [str, create_engine])
def test_what_is_asked_again_and_again_is_planned_once(
    postgres_url: str, opened: Opener, open_with: Callable[[str], Target]
) -> None:
    """A reading does not end as one that failed, after which psycopg would prepare everything anew."""
    target = open_with(postgres_url)
    database = opened(target)
    upgrade(database)
    for _ in range(10):
        with database.reading() as transaction:
            Driver(transaction, None).rows("SELECT id FROM {tenant} WHERE key = ?", "a")
    with database.reading() as transaction:
        prepared = Driver(transaction, None).rows("SELECT statement FROM pg_prepared_statements")
    if isinstance(target, Engine):
        target.dispose()
    assert "SELECT id FROM reinforce_tenant WHERE key = $1" in [statement for (statement,) in prepared]


def test_a_question_of_ours_is_no_transaction(postgres_url: str, opened: Opener) -> None:
    """On a connection of ours to PostgreSQL nothing is sent for a question but the question."""
    with opened(postgres_url).reading() as transaction:
        driver = Driver(transaction, None)
        driver.rows("SELECT 1")
        status = driver.connection.dbapi_connection.info.transaction_status
    assert status.name == "IDLE"


def test_writers_wait_for_each_other(url: str, opened: Opener) -> None:
    """Threads that read and then write at the same time all get their turn, and lose nothing."""
    database = opened(url)
    problems: list[BaseException] = []

    def write(name: str) -> None:
        try:
            for number in range(10):
                with database.write() as connection:
                    connection.execute(select(func.count()).select_from(TENANT)).scalar_one()
                    connection.execute(insert(TENANT).values(key=f"{name}{number}", created_at=1))
        except BaseException as problem:
            problems.append(problem)
            raise

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert problems == []
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(TENANT)).scalar_one() == 40


def test_a_file_that_somebody_else_writes(sqlite_url: str, tmp_path: Path, opened: Opener) -> None:
    """Who waits in vain for another writer of a SQLite file is told so after the time that the URL names."""
    upgrade(opened(sqlite_url))
    other = sqlite3.connect(tmp_path / "reinforce.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    database = opened(f"{sqlite_url}?timeout=0.05")
    since = time.monotonic()
    with pytest.raises(DatabaseLocked, match=r"somebody else .* nothing was changed, try again"), database.write():
        pytest.fail("a write begins with its turn, or what it reads may be out of date when it writes")
    assert time.monotonic() - since < 5
    require_current(database)
    other.execute("COMMIT")
    other.close()

    keep(database, "a")


def test_a_row_that_somebody_else_holds(postgres_url: str, opened: Opener) -> None:
    """Who waits in vain for a lock on PostgreSQL is told so after the time that the role's settings name."""
    upgrade(opened(postgres_url))
    other = create_engine(postgres_url)
    database = opened(make_url(postgres_url).update_query_dict({"options": "-c lock_timeout=50"}))
    with other.begin() as connection:
        connection.execute(text("LOCK TABLE reinforce_tenant"))
        with pytest.raises(DatabaseLocked, match=r"somebody else .* nothing was changed, try again"):
            keep(database, "a")

    keep(database, "a")
    other.dispose()


def test_a_file_that_may_only_be_read(sqlite_url: str, opened: Opener) -> None:
    """Writing to a read-only file is refused as such, reading it is not."""
    upgrade(opened(sqlite_url))
    database = opened(f"{sqlite_url.replace('sqlite:///', 'sqlite:///file:')}?mode=ro&uri=true")
    require_current(database)

    with pytest.raises(DatabaseReadOnly, match="may not be written"):
        keep(database, "a")


def test_a_folder_that_does_not_exist(tmp_path: Path, opened: Opener) -> None:
    """A file in a folder that does not exist is refused with the question that mends it."""
    with pytest.raises(StoreError, match=r"nowhere/practice\.db cannot be opened: does its folder exist"):
        keep(opened(f"sqlite:///{tmp_path}/nowhere/practice.db"), "a")


def test_a_file_of_another_kind(tmp_path: Path, opened: Opener) -> None:
    """A file that is no database is refused by its name."""
    (tmp_path / "notes.txt").write_text("not a database " * 100)

    with pytest.raises(StoreError, match=r"notes\.txt: file is not a database"):
        keep(opened(f"sqlite:///{tmp_path}/notes.txt"), "a")


def test_a_server_that_is_not_there(opened: Opener) -> None:
    """A server that does not answer is named, without the password."""
    with pytest.raises(StoreError, match=r"somebody:\*\*\*@localhost:1/practice") as refused:
        keep(opened("postgresql://somebody:s3cret@localhost:1/practice"), "a")

    assert "s3cret" not in str(refused.value)


def test_tables_that_are_not_there(database_url: str, opened: Opener) -> None:
    """Working without the tables is refused with the line that makes them."""
    with pytest.raises(SchemaMissing, match="run `reinforce db upgrade`"):
        keep(opened(database_url), "a")


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("practice.db", r"'practice\.db' is no database URL: write sqlite:///practice\.db or postgresql://"),
        ("", "'' is no database URL"),
        ("postgres//me:s3cret@host/name", r"'postgres//me:\*\*\*@host/name' is no database URL"),
        ("sqlite://practice.db", r"write sqlite:///practice\.db, with three slashes"),
        ("mysql://host/name", "in SQLite or PostgreSQL, not in mysql"),
        ("nosuch://host/name", "in SQLite or PostgreSQL, not in nosuch"),
        ("postgresql+psycopg2://host/name", r"driver psycopg2: open the database as postgresql\+psycopg://"),
        ("postgresql+asyncpg://host/name", r"driver asyncpg: open the database as postgresql\+psycopg://"),
        ("sqlite+aiosqlite:///practice.db", "driver aiosqlite: open the database as sqlite:///"),
    ],
)
def test_an_address_that_makes_no_sense(target: str, told: str) -> None:
    """An address that we cannot use is refused at once, saying what would be right and no password."""
    with pytest.raises(InvalidSettings, match=told) as refused:
        Database(target)

    assert "s3cret" not in str(refused.value)


def test_an_asynchronous_engine() -> None:
    """What an asynchronous engine gives would fail at the first record, so it is refused at once."""
    engine = create_engine("postgresql+psycopg_async://host/name")

    with pytest.raises(InvalidSettings, match="asynchronous engine"):
        Database(engine)


def test_a_schema_on_sqlite() -> None:
    """SQLite has no schemas, so asking for one is a mistake and not ignored."""
    with pytest.raises(InvalidSettings, match="SQLite has no schemas: leave schema='practice' out"):
        Database("sqlite://", schema="practice")


@pytest.mark.parametrize("url", ["postgresql://host/name", "postgres://host/name", "postgresql+psycopg://host/name"])
def test_a_missing_driver(monkeypatch: pytest.MonkeyPatch, url: str, opened: Opener) -> None:
    """Without PostgreSQL's driver its databases are refused with the line that installs it."""
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(MissingExtra, match=r"pip install 'reinforce-engine\[postgres\]'"):
        opened(url)


def test_passwords_stay_out_of_messages(opened: Opener) -> None:
    """The address in messages shows no password, wherever the host has put it."""
    url = opened("postgresql://me:s3cret@host/name?password=s3cret&sslpassword=s3cret&connect_timeout=5").url

    assert "s3cret" not in url
    assert url == "postgresql+psycopg://me:***@host/name?connect_timeout=5&password=hidden&sslpassword=hidden"


def test_messages_show_no_practice(url: str, opened: Opener) -> None:
    """An error of the database tells nothing of the values that were written."""
    database = opened(url)
    keep(database, "very private")
    with pytest.raises(ReinforceError) as refused:
        keep(database, "very private")

    assert "very private" not in str(refused.value)


def test_threads_get_the_same_tables() -> None:
    """Threads that ask for a schema's tables at the same moment get the same ones, so that no query mixes two."""
    together = threading.Barrier(4)

    def ask(_number: int) -> Tables:
        together.wait()
        return tables("asked_for_at_once")

    with ThreadPoolExecutor(4) as threads:
        first, *others = threads.map(ask, range(4))

    assert all(one is first for one in others)
