"""From what the store knows of learners to their plans for a day."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from reinforce.model.checks import time_zone
from reinforce.model.days import date_of, day_number, day_of
from reinforce.model.people import Learner
from reinforce.model.plans import Plan, PlanningRules
from reinforce.planning import Catalogue, History, MemoryRows, plan_shard
from reinforce.store.planning import Definitions, LearnerRows, Plans


def daily_plans(known: Definitions, rows: LearnerRows, *, tenant: str, day: date, rules: PlanningRules) -> list[Plan]:
    """The plan of each learner for a calendar day, in the order of the rows' learners.

    Args:
        known: what the tenant has defined.
        rows: what is known of the learners.
        tenant: the tenant's key; assignments' ids are made of it.
        day: that is planned.
        rules: by which.
    """
    memory = rows.memory
    return plan_shard(
        Catalogue.of(known.skills, known.roles, known.refreshers, known.calendars, tenant=tenant),
        rows.learners,
        MemoryRows(
            memory.learner,
            memory.skill,
            memory.stability,
            memory.last_day,
            memory.due_day,
            memory.difficulty,
            memory.recall,
        ),
        History.of(rows.open, rows.given),
        day,
        rules,
        known.forgetting,
    )


def plans_of(store: Plans, learners: Collection[str], *, tenant: str, day: date, rules: PlanningRules) -> list[Plan]:
    """The plans of the learners of these keys; people who are not active are left out."""
    known = store.definitions()
    cool_down_days = max(known.longest_cool_down, rules.cool_down_days)
    rows = store.rows_of(known, learners, day_number(day), cool_down_days)
    return daily_plans(known, rows, tenant=tenant, day=day, rules=rules)


def plans_on(
    store: Plans, learners: Sequence[Learner], on: date | None, now: datetime, *, tenant: str, rules: PlanningRules
) -> list[Plan]:
    """The plans of some learners, in their order, for a day; None: each for their own day of the present moment."""
    days = {one.key: on or date_of(day_of(now, time_zone(one.time_zone), one.day_starts_at)) for one in learners}
    found = {key: Plan(key, day) for key, day in days.items()}
    for day in sorted(set(days.values())):
        keys = [key for key, own in days.items() if own == day]
        found.update((plan.learner, plan) for plan in plans_of(store, keys, tenant=tenant, day=day, rules=rules))
    return [found[one.key] for one in learners]
