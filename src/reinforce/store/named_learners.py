"""Which learners xAPI means by whom it names, and learners who are met there for the first time."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from reinforce.model.people import Learner
from reinforce.statements.actors import actor_keys
from reinforce.store.documents import document
from reinforce.store.driver import Driver

_INSERT = (
    "INSERT INTO {learner} (tenant_id, key, time_zone, day_starts_at, is_active, document) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (tenant_id, key) DO NOTHING"
)


def learners_named(driver: Driver, tenant_id: int, actors: Collection[str]) -> Mapping[str, Sequence[str]]:
    """Keys of the learners by the actor keys that stand for them.

    Args:
        driver: within a transaction.
        tenant_id: whose learners.
        actors: what `actor_key` gives; those that stand for nobody are left out of the answer.
    """
    wanted = sorted(one for one in actors if "\0" not in one)  # which no database holds, so it is nobody's
    if not wanted:
        return {}
    each = driver.for_each("text", "learner_actor", "x.tenant_id = ? AND x.actor = one.value")
    found: dict[str, list[str]] = {}
    rows = driver.rows(f"SELECT x.actor, x.learner_id {each}", driver.many(wanted), tenant_id)
    keys = _keys(driver, {number for _, number in rows})
    for actor, number in rows:
        found.setdefault(actor, []).append(keys[number])
    return found


def _keys(driver: Driver, numbers: Iterable[int]) -> dict[int, str]:
    wanted = sorted(numbers)
    if not wanted:
        return {}
    return dict(driver.rows("SELECT id, key FROM {learner} WHERE id {in}", driver.many(wanted)))


def add_learners(driver: Driver, tenant_id: int, learners: Sequence[Learner]) -> None:
    """Define learners of whom a statement tells, who are in no team; those whose keys are taken stay as they are."""
    for one in sorted(learners, key=lambda learner: learner.key):
        row = (tenant_id, one.key, one.time_zone, one.day_starts_at, int(one.is_active), document(one))
        if driver.run(_INSERT, *row) and one.xapi is not None:
            ((number,),) = driver.rows("SELECT id FROM {learner} WHERE tenant_id = ? AND key = ?", tenant_id, one.key)
            driver.insert(
                "learner_actor",
                ("tenant_id", "actor", "learner_id"),
                [(tenant_id, actor, number) for actor in sorted(actor_keys(one.xapi))],
            )
