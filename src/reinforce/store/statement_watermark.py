"""Up to when the statement log is complete: nothing that was stored until then is still to appear."""

from collections.abc import Callable

from reinforce.store.database import Database
from reinforce.store.driver import Driver

_LOCK_CLASS = 0x72656966
"""Of the advisory locks by which writers on PostgreSQL say since when they write."""

_SECOND = 1_000_000
_FIRST_SECOND = 1_577_836_800  # 2020-01-01
_MOST = (1 << 31) - 1


def announce_writer(driver: Driver, clock: Callable[[], int]) -> int:
    """Let readers know that statements stored from now on may not be seen yet; the number of the transaction.

    On PostgreSQL an advisory lock, which ends with the transaction, says the second in which it was taken. On SQLite
    the lock of the only writer does.
    """
    if driver.dialect != "postgresql":
        return 0
    second = min(max(clock() // _SECOND - _FIRST_SECOND, 0), _MOST)
    sql = "SELECT pg_advisory_xact_lock_shared(?::int, ?::int), pg_current_xact_id()::text::bigint"
    return int(driver.rows(sql, _LOCK_CLASS, second)[0][1])


def consistent_through(database: Database, clock: Callable[[], int]) -> int:
    """The moment, in epoch microseconds, up to which every stored statement can be read."""
    with database.read() as connection:
        driver = Driver(connection, database.schema)
        if driver.dialect == "postgresql":
            return _before_open_writers(driver, clock())
        if database.is_hosted:
            return _last_stored(driver)
        return _now_if_nobody_writes(driver, clock)


def _before_open_writers(driver: Driver, now: int) -> int:
    """`now`, which was asked before the locks are looked at, or the beginning of the oldest writer's second."""
    sql = (
        "SELECT min(objid::bigint) FROM pg_locks WHERE locktype = 'advisory' AND classid = ?::oid AND objsubid = 2"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    oldest = driver.rows(sql, _LOCK_CLASS)[0][0]
    return now if oldest is None else min(now, (oldest + _FIRST_SECOND) * _SECOND)


def _now_if_nobody_writes(driver: Driver, clock: Callable[[], int]) -> int:
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
