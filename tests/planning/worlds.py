"""Small worlds to plan in."""

from collections.abc import Iterable, Mapping
from datetime import date

from reinforce.forgetting.parameters import Forgetting
from reinforce.model.days import day_number
from reinforce.model.library import Refresher
from reinforce.model.people import Learner
from reinforce.model.plans import Plan, PlanningRules
from reinforce.model.skills import Skill
from reinforce.planning import Catalogue, History, MemoryRows, plan_day

TUESDAY = date(2026, 3, 3)
TODAY = day_number(TUESDAY)
ANNA = Learner("anna")

Remembered = tuple[float, int, int]
"""Stability, days since it was practised, days until it is due."""


def library(*skills: str, minutes: float = 5) -> list[Refresher]:
    """One refresher for each skill, called after it."""
    return [Refresher(f"refresh-{skill}", skills={skill: 1.0}, minutes=minutes) for skill in skills]


def catalogue(skills: Iterable[Skill | str], refreshers: Iterable[Refresher] | None = None) -> Catalogue:
    """A catalogue of these skills; without refreshers, each skill gets one of five minutes."""
    values = [Skill(skill) if isinstance(skill, str) else skill for skill in skills]
    return Catalogue.of(values, (), library(*(s.key for s in values)) if refreshers is None else refreshers)


def rows(of: Catalogue, remembered: Mapping[str, Remembered]) -> MemoryRows:
    """The memory rows of one learner."""
    return MemoryRows.of(
        (0, of.skill_number[skill], stability, TODAY - ago, TODAY + due)
        for skill, (stability, ago, due) in remembered.items()
    )


def plan(
    of: Catalogue,
    remembered: Mapping[str, Remembered],
    *,
    learner: Learner = ANNA,
    history: History | None = None,
    day: date = TUESDAY,
    rules: PlanningRules | None = None,
) -> Plan:
    """The plan of one learner."""
    return plan_day(
        of, learner, rows(of, remembered), history or History(), day, rules or PlanningRules(), Forgetting()
    )


def given(plan: Plan) -> list[str]:
    """The refreshers of a plan."""
    return [assignment.refresher for assignment in plan.assignments]


def left(plan: Plan) -> dict[str, str]:
    """Why each skill was left over."""
    return {each.skill: each.reason for each in plan.left_over}
