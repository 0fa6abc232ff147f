"""Who may write a learner's memory: one at a time.

SQLite has one writer anyway. On PostgreSQL the locks are advisory and end with the transaction. They are
taken before the state is read: a row lock would not do, because a pair's first review has no row to lock.
"""

from collections.abc import Collection, Sequence
from functools import lru_cache
from hashlib import blake2b

from reinforce.store.driver import Driver

MOST_LEARNER_LOCKS = 200
"""A batch over more learners locks the whole tenant: PostgreSQL's lock table is small."""


_TENANT_SHIFT = 32


def with_lock(driver: Driver, learner: str | None) -> tuple[str, Sequence[int]]:
    """What a query of the row `t` of a tenant selects last in order to do what `lock_learners` does for one learner.

    For one event, a statement less is an eighth of the time on PostgreSQL. What the query itself reads it may have
    read before it had to wait.

    Returns:
        The columns and their parameters; nothing on SQLite, or if there is no learner.
    """
    if learner is None or driver.dialect != "postgresql":
        return "", ()
    number = f"((t.id::bigint << {_TENANT_SHIFT}) # ?::bigint)"
    columns = f", pg_advisory_xact_lock_shared({number}), pg_advisory_xact_lock({number})"
    return columns, (_digest(""), _digest(learner))


def lock_learners(driver: Driver, tenant_id: int, learners: Collection[str]) -> None:
    """Keep others from writing these learners' memories until the transaction ends."""
    if driver.dialect != "postgresql":
        return
    if len(learners) > MOST_LEARNER_LOCKS:
        lock_tenant(driver, tenant_id)
        return
    if len(learners) == 1:
        # Without arrays, which take psycopg longer than the rest of the statement.
        (learner,) = learners
        sql = "SELECT pg_advisory_xact_lock_shared(?::bigint), pg_advisory_xact_lock(?::bigint)"
        driver.rows(sql, _number(tenant_id, ""), _number(tenant_id, learner))
        return
    # Sorted, so that two batches never wait for each other.
    numbers = sorted(_number(tenant_id, learner) for learner in learners)
    driver.rows(
        "SELECT pg_advisory_xact_lock_shared(?::bigint), (SELECT count(pg_advisory_xact_lock(n)::text)"
        " FROM unnest(?::bigint[]) AS n)",
        _number(tenant_id, ""),
        numbers,
    )


def lock_tenant(driver: Driver, tenant_id: int) -> None:
    """Keep others from writing any memory of the tenant until the transaction ends.

    It begins another edition of the tenant, because only who has this lock may change definitions, parameters and
    calibration, which others have read and kept.
    """
    if driver.dialect == "postgresql":
        driver.rows("SELECT pg_advisory_xact_lock(?::bigint)", _number(tenant_id, ""))
    driver.run("UPDATE {tenant} SET edition = edition + 1 WHERE id = ?", tenant_id)


FREE = """free AS MATERIALIZED (
  SELECT pg_try_advisory_xact_lock_shared(?::bigint) AND pg_try_advisory_xact_lock(?::bigint) AS is_free
), unchanged AS MATERIALIZED (
  SELECT id FROM {tenant} WHERE id = ? AND edition = ? AND (SELECT is_free FROM free) FOR SHARE
)"""
"""Of a PostgreSQL statement: a row `unchanged` if nobody writes what a learner remembers, and the tenant's edition is
the same. The row is locked as well, because what the statement sees may be older than the locks, and a locked row is
the latest.
"""


def free(tenant_id: int, edition: int, learner: str) -> Sequence[int]:
    """The parameters of `FREE`."""
    return _number(tenant_id, ""), _number(tenant_id, learner), tenant_id, edition


def _number(tenant_id: int, learner: str) -> int:
    return (tenant_id << _TENANT_SHIFT) ^ _digest(learner)


@lru_cache(maxsize=4096)
def _digest(learner: str) -> int:
    digest = blake2b(learner.encode(), digest_size=8, person=b"reinforce").digest()
    return int.from_bytes(digest, "big", signed=True)
