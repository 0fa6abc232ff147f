"""From what the store knows of learners to their plans for a day."""

from collections.abc import Mapping
from datetime import date, datetime

from reinforce.model.checks import time_zone
from reinforce.model.days import date_of, day_number, day_of
from reinforce.model.people import Learner
from reinforce.model.plans import Plan, PlanningRules
from reinforce.planning import Catalogue, History, MemoryRows, plan_shard
from reinforce.store.planning import Definitions, LearnerRows
from reinforce.store.session import Session


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


def plans_on(
    session: Session, learners: Mapping[int, Learner], on: date | None, now: datetime, rules: PlanningRules
) -> dict[str, Plan]:
    """The plans of some learners by key, those of people who are not active being empty.

    Args:
        session: to read with.
        learners: by number.
        on: the day; None: each learner's own day of the present moment.
        now: the present moment.
        rules: by which.
    """
    days = {number: on or _day_of(one, now) for number, one in learners.items()}
    found = {one.key: Plan(one.key, days[number]) for number, one in learners.items()}
    known = session.plans.definitions(session.belief)
    cool_down_days = max(known.longest_cool_down, rules.cool_down_days)
    for day in sorted(set(days.values())):
        theirs = {number: one for number, one in learners.items() if days[number] == day}
        rows = session.plans.rows_of(known, theirs, day_number(day), cool_down_days)
        planned = daily_plans(known, rows, tenant=session.tenant, day=day, rules=rules)
        found.update((plan.learner, plan) for plan in planned)
    return found


def _day_of(learner: Learner, now: datetime) -> date:
    return date_of(day_of(now, time_zone(learner.time_zone), learner.day_starts_at))
