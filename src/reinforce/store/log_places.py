"""Places in the statement log, from which it is read on."""

from typing import NamedTuple

from reinforce.store.driver import Driver


class Cursor(NamedTuple):
    """A place in the log behind which nothing is added any more."""

    xact: int = 0
    seq: int = 0


class Position(NamedTuple):
    """A place among the statements by when they were stored."""

    stored_at: int
    seq: int


def and_settled(driver: Driver) -> str:
    """The condition that a statement is settled: that nothing is added before it any more.

    On PostgreSQL a transaction may commit after a later one has. So it is settled once every transaction that began
    before the one that wrote it has ended.
    """
    return "" if driver.dialect == "sqlite" else " AND xact < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


def end_of_log(driver: Driver, tenant_id: int) -> Cursor:
    """The place behind everything that a cursor shows today."""
    sql = (
        f"SELECT xact, seq FROM {{statement}} WHERE tenant_id = ?{and_settled(driver)}"
        " ORDER BY xact DESC, seq DESC LIMIT 1"
    )
    rows = driver.rows(sql, tenant_id)
    return Cursor(*rows[0]) if rows else Cursor()


def read_in_order(driver: Driver) -> None:
    """Have the rest of this transaction, which must be ours, read the log along its index.

    A PostgreSQL that has not analysed the table yet takes the log for short: it would read and sort all that is left
    for each batch.
    """
    if driver.dialect == "postgresql":
        driver.run("SET LOCAL enable_sort = off")


def place_before(driver: Driver, tenant_id: int, moment: int) -> Cursor:
    """A place that all statements that were stored at a moment or later lie behind."""
    sql = "SELECT xact, seq FROM {statement} WHERE tenant_id = ? AND stored_at >= ? ORDER BY xact, seq LIMIT 1"
    rows = driver.rows(sql, tenant_id, moment)
    return Cursor(rows[0][0], rows[0][1] - 1) if rows else end_of_log(driver, tenant_id)
