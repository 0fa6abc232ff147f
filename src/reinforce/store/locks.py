"""Who may write a learner's memory: one at a time.

SQLite has one writer anyway. On PostgreSQL the locks are advisory and end with the transaction. They are
taken before the state is read: a row lock would not do, because a pair's first review has no row to lock.

That wants READ COMMITTED, in which what is read after a lock is what is there. In a host's REPEATABLE READ or
SERIALIZABLE it is what was there when the transaction began. Whoever writes single memories then fails at the row that
somebody else has written since, be it the tenant's; whoever writes all of them would miss some, and is refused.
"""

from collections.abc import Collection, Sequence
from functools import lru_cache
from hashlib import blake2b

from reinforce.errors import InvalidSettings, UnknownTenant
from reinforce.store.driver import Driver, Row

MOST_LEARNER_LOCKS = 200
"""A batch over more learners locks the whole tenant: PostgreSQL's lock table is small."""


_TENANT_SHIFT = 32

_SEES_LATEST = "current_setting('transaction_isolation') IN ('read committed', 'read uncommitted')"
"""Whether a transaction on PostgreSQL sees what was committed since it began."""


def with_lock(driver: Driver, learner: str | None) -> tuple[str, Sequence[int]]:
    """What a query of the row `t` of a tenant selects last in order to do what `lock_learners` does for one learner.

    For one event, a statement less is an eighth of the time on PostgreSQL. What the query itself reads it may have
    read before it had to wait.

    Returns:
        The columns and their parameters, of a row that goes to `require_same_edition`; nothing on SQLite, or if there
        is no learner.
    """
    if learner is None or driver.dialect != "postgresql":
        return "", ()
    number = f"((t.id::bigint << {_TENANT_SHIFT}) # ?::bigint)"
    columns = f", pg_advisory_xact_lock_shared({number}), pg_advisory_xact_lock({number}), {_SEES_LATEST}"
    return columns, (_digest(""), _digest(learner))


def lock_learners(driver: Driver, tenant_id: int, learners: Collection[str]) -> None:
    """Keep others from writing these learners' memories until the transaction ends."""
    if driver.dialect != "postgresql":
        return
    if len(learners) > MOST_LEARNER_LOCKS:
        lock_definitions(driver, tenant_id)
        return
    if len(learners) == 1:
        # Without arrays, which take psycopg longer than the rest of the statement.
        (learner,) = learners
        sql = f"SELECT pg_advisory_xact_lock_shared(?::bigint), pg_advisory_xact_lock(?::bigint), {_SEES_LATEST}"
        rows = driver.rows(sql, _number(tenant_id, ""), _number(tenant_id, learner))
    else:
        # Sorted, so that two batches never wait for each other.
        numbers = sorted(_number(tenant_id, learner) for learner in learners)
        rows = driver.rows(
            "SELECT pg_advisory_xact_lock_shared(?::bigint), (SELECT count(pg_advisory_xact_lock(n)::text)"
            f" FROM unnest(?::bigint[]) AS n), {_SEES_LATEST}",
            _number(tenant_id, ""),
            numbers,
        )
    require_same_edition(driver, tenant_id, rows[0])


_REMOVED = "the tenant is not there any more: it was removed"

HELD = {"postgresql": " FOR KEY SHARE OF t", "sqlite": ""}
"""Ends a query of the row `t` of a tenant that holds it, see `hold_tenant`."""


def hold_tenant(driver: Driver, tenant_id: int) -> None:
    """Keep others from removing the tenant until the transaction ends.

    Whoever writes for a tenant holds it first: most rows refer to it by its number alone, and would stay behind. The
    row is locked in the weakest way, which nobody notices but who removes it.

    Raises:
        UnknownTenant: it was removed.
    """
    if not driver.rows(f"SELECT t.id FROM {{tenant}} t WHERE t.id = ?{HELD[driver.dialect]}", tenant_id):
        raise UnknownTenant(_REMOVED)


def require_same_edition(driver: Driver, tenant_id: int, locked: Row) -> None:
    """Fail with a serialization error if definitions, parameters or calibration are not as the transaction sees them.

    Args:
        driver: of the transaction, after it has locked learners.
        tenant_id: whose.
        locked: ends with whether the transaction sees what was committed since it began; then there is nothing to do.
    """
    if not locked[-1]:
        driver.rows("SELECT edition FROM {tenant} WHERE id = ? FOR SHARE", tenant_id)


def lock_definitions(driver: Driver, tenant_id: int) -> None:
    """As `lock_tenant`, for those who do not go over all memories, or all practice, of anybody.

    Raises:
        UnknownTenant: it was removed.
    """
    if driver.dialect == "postgresql":
        driver.rows("SELECT pg_advisory_xact_lock(?::bigint)", _number(tenant_id, ""))
    if driver.run("UPDATE {tenant} SET edition = edition + 1 WHERE id = ?", tenant_id) == 0:
        raise UnknownTenant(_REMOVED)


def lock_tenant(driver: Driver, tenant_id: int) -> None:
    """Keep others from writing any memory of the tenant until the transaction ends.

    It begins another edition of the tenant, because only who has this lock may change definitions, parameters and
    calibration, which others have read and kept.

    Raises:
        UnknownTenant: it was removed.
        InvalidSettings: the transaction does not see what was committed since it began.
    """
    lock_definitions(driver, tenant_id)
    require_latest(driver)


def require_latest(driver: Driver) -> None:
    """Refuse a transaction that does not see what was committed since it began.

    Raises:
        InvalidSettings: it is in REPEATABLE READ or SERIALIZABLE.
    """
    if driver.dialect == "postgresql" and not driver.rows(f"SELECT {_SEES_LATEST}")[0][0]:
        raise InvalidSettings(
            "this goes over everybody's practice, of which a transaction in REPEATABLE READ or SERIALIZABLE misses what"
            " was recorded since it began: begin it in READ COMMITTED, or give reinforce the engine"
        )


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
