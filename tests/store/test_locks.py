"""Whoever writes a learner's memory keeps everybody else from it, by whichever way they come."""

from collections.abc import Callable, Iterator

import pytest

from reinforce import DatabaseLocked, Learner, Reinforcer, Skill
from reinforce.store.driver import Driver
from reinforce.store.locks import MOST_LEARNER_LOCKS, lock_learners, lock_tenant
from reinforcer.world import NOW, opened, practice

Lock = Callable[[Driver, int], None]

LOCKS: dict[str, Lock] = {
    "the learner": lambda driver, tenant: lock_learners(driver, tenant, {"ann"}),
    "the learner and another": lambda driver, tenant: lock_learners(driver, tenant, {"ann", "bo"}),
    "many learners": lambda driver, tenant: lock_learners(driver, tenant, set(map(str, range(MOST_LEARNER_LOCKS + 1)))),
    "the tenant": lock_tenant,
}


@pytest.fixture
def reinforcer(postgres_url: str) -> Iterator[Reinforcer]:
    """A front door that waits for a lock a twentieth of a second."""
    with opened(f"{postgres_url}&options=-c%20lock_timeout%3D50") as door:
        door.define(Learner("ann"), Learner("bo"), Skill("price"))
        yield door


@pytest.mark.parametrize("name", LOCKS)
def test_a_locked_learner(reinforcer: Reinforcer, name: str) -> None:
    """One event waits for whoever has locked its learner, alone, among others, or with everybody."""
    with reinforcer._store.write(0) as session:
        LOCKS[name](session.driver, session.tenant_id)
        with pytest.raises(DatabaseLocked):
            reinforcer.record(practice(id="1"), at=NOW)
    assert reinforcer.record(practice(id="1"), at=NOW).is_new


@pytest.mark.parametrize("name", LOCKS)
def test_one_event_locks_its_learner(reinforcer: Reinforcer, name: str) -> None:
    """Nobody can lock a learner of whom an event is being written, nor everybody."""
    with reinforcer._store.write(0, "ann"), pytest.raises(DatabaseLocked), reinforcer._store.write(0) as other:
        LOCKS[name](other.driver, other.tenant_id)


def test_another_learner(reinforcer: Reinforcer) -> None:
    """An event of somebody else does not wait, and neither does the same person's in another tenant."""
    with reinforcer._store.write(0, "ann"):
        assert reinforcer.record(practice("bo", id="1"), at=NOW).is_new
        other = Reinforcer(reinforcer._store.database._engine or "", tenant="other")
        other.define(Learner("ann"), Skill("price"))
        assert other.record(practice(id="1"), at=NOW).is_new
