"""Events that are in the log already, looked up by what they are called outside."""

from collections.abc import Collection

from reinforce.store.driver import Driver
from reinforce.store.event_rows import IS_EVENT


def recorded_ids(driver: Driver, tenant_id: int, source: str, external_ids: Collection[str]) -> set[str]:
    """Those of the external ids under which the source has an event, also one that was voided."""
    if not external_ids:
        return set()
    each = driver.for_each("key", "practice_event", IS_EVENT)
    rows = driver.rows(f"SELECT x.external_id {each}", driver.keys(sorted(external_ids)), tenant_id, source)
    return {row[0] for row in rows}
