"""Up to when the statement log is complete: nothing that was stored until then is still to appear."""

from collections.abc import Callable

from reinforce.store.database import Database
from reinforce.store.driver import Driver

Clock = Callable[[], int]
"""What time it is, in epoch microseconds."""

_LOCK_CLASS = 0x72656966
"""Of the advisory locks by which writers on PostgreSQL say since when they write."""

_SECOND = 1_000_000
_FIRST_SECOND = 1_577_836_800  # 2020-01-01
_MOST = (1 << 31) - 1


def announcement(clock: Clock) -> tuple[str, tuple[int, int]]:
    """An expression that lets readers know that what is stored from now on may not be seen yet, and its parameters.

    This is for PostgreSQL, where an advisory lock that ends with the transaction says the second in which it was taken.
    On SQLite the lock of the only writer says it.
    """
    second = min(max(clock() // _SECOND - _FIRST_SECOND, 0), _MOST)
    return "pg_advisory_xact_lock_shared(?::int, ?::int)", (_LOCK_CLASS, second)


def announce_writer(driver: Driver, clock: Clock) -> int:
    """Do so by itself, where nothing else is asked; the number of the transaction, 0 on SQLite."""
    if driver.dialect != "postgresql":
        return 0
    announced, parameters = announcement(clock)
    return int(driver.rows(f"SELECT {announced}, pg_current_xact_id()::text::bigint", *parameters)[0][1])


def consistent_through(database: Database, clock: Clock) -> int:
    """The moment, in epoch microseconds, up to which every stored statement can be read."""
    with database.read() as connection:
        driver = Driver(connection, database.schema)
        if driver.dialect == "postgresql":
            return watermark(driver, clock)
        if database.is_hosted:
            return _last_stored(driver)
        return _now_if_nobody_writes(driver, clock)


def watermark(driver: Driver, clock: Clock, also: str = "1") -> int:
    """The same, asked within a transaction: what the transaction reads afterwards is complete up to then.

    What the transaction itself stores counts as there: whoever tells of this moment does so after the commit. On SQLite
    the transaction must be one that writes, and so the only one.

    Args:
        driver: of the transaction.
        clock: asked before the others' locks are looked at.
        also: expressions that PostgreSQL evaluates along, for what they do.
    """
    now = clock()
    if driver.dialect == "sqlite":
        return now
    oldest = driver.rows(f"SELECT ({_OLDEST_WRITER}), {also}", _LOCK_CLASS)[0][0]
    return now if oldest is None else min(now, (oldest + _FIRST_SECOND) * _SECOND)


_OLDEST_WRITER = (
    "SELECT min(objid::bigint) FROM pg_locks WHERE locktype = 'advisory' AND classid = ?::oid AND objsubid = 2"
    " AND pid <> pg_backend_pid() AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def _now_if_nobody_writes(driver: Driver, clock: Clock) -> int:
    """Now, if the writer's lock can be had for an instant; else when the last statement was stored."""
    waits = driver.rows("PRAGMA busy_timeout")[0][0]
    driver.rows("PRAGMA busy_timeout = 0")
    try:
        driver.run("DELETE FROM {statement} WHERE 0")
        return clock()
    except Exception as problem:
        if "locked" not in str(problem) and "readonly" not in str(problem):
            raise
        return _last_stored(driver)
    finally:
        driver.rows(f"PRAGMA busy_timeout = {waits}")


def _last_stored(driver: Driver) -> int:
    found = driver.rows("SELECT stored_at FROM {statement} ORDER BY seq DESC LIMIT 1")
    return int(found[0][0]) if found else 0
