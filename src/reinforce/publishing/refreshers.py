"""From assignments to facts."""

from collections.abc import Sequence
from datetime import datetime

from reinforce.model.plans import Assignment
from reinforce.statements.facts import RefresherAssigned, RefresherDone, RefresherExpired
from reinforce.store.driver import Driver
from reinforce.store.labels import labels_of_keys, skill_of

Kind = type[RefresherAssigned] | type[RefresherDone] | type[RefresherExpired]
AboutRefresher = RefresherAssigned | RefresherDone | RefresherExpired


def facts_of_assignments(
    driver: Driver, tenant_id: int, kind: Kind, assignments: Sequence[Assignment], at: datetime
) -> list[AboutRefresher]:
    """One fact of a kind for each assignment whose learner is known; in their order.

    Args:
        driver: of the transaction.
        tenant_id: whose.
        kind: what became of them.
        assignments: some thousands at most.
        at: when.
    """
    if not assignments:
        return []
    keys = {skill for each in assignments for skill in each.skills}
    known = labels_of_keys(driver, tenant_id, {each.learner for each in assignments}, keys)
    people, skills = known.people_by_key, known.skills_by_key
    return [
        kind(at, each, people[each.learner], tuple(skills.get(key) or skill_of(key, "") for key in each.skills))
        for each in assignments
        if each.learner in people
    ]
