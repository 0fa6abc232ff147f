"""From what the store knows of learners to their plans for a day."""

from collections.abc import Collection
from datetime import date

from reinforce.model.days import day_number
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
