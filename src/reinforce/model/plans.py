"""What people are asked to refresh, and by which rules."""

import math
from datetime import date
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from reinforce.model.checks import are_all, are_keys, is_a, is_date, is_key, is_text, number, whole


class AssignmentStatus(StrEnum):
    """Where an assignment stands."""

    OPEN = "open"
    DONE = "done"
    EXPIRED = "expired"


@frozen
class Assignment:
    """A refresher given to a person for a day.

    Attributes:
        id: 32 hex digits, the same for the same tenant, learner, refresher and day.
        learner: key of the person.
        refresher: key of the refresher.
        title: the refresher's title on the day of planning.
        day: the learner's calendar day that it is for.
        expires: the first day on which it is no longer open.
        skills: keys of the skills that it is to refresh, most valuable first.
        minutes: how long it takes.
        reason: why, in one sentence.
        value: the planning value per minute that it was chosen for, see `reinforce.planning.value`.
    """

    id: str = field(validator=is_key)
    learner: str = field(validator=is_key)
    refresher: str = field(validator=is_key)
    title: str = field(validator=is_text)
    day: date = field(validator=is_date)
    expires: date = field(validator=is_date)
    skills: tuple[str, ...] = field(validator=are_keys)
    minutes: float = field(validator=number(0, 480, above=True))
    reason: str = field(validator=is_text)
    value: float
    status: AssignmentStatus = field(default=AssignmentStatus.OPEN, validator=is_a(AssignmentStatus))


@frozen
class LeftOver:
    """A skill that the plan had to leave out, and why."""

    skill: str
    reason: str


@frozen
class Plan:
    """What a person should refresh on a day.

    Attributes:
        assignments: in the order in which they should be taken.
        left_over: skills that are due but not in the plan, most valuable first; those that wait for another
            skill come last.
        minutes: the sum of the assignments' minutes.
        budget: the minutes that were available; 0 on a day off.
    """

    learner: str = field(validator=is_key)
    day: date = field(validator=is_date)
    assignments: tuple[Assignment, ...] = field(default=(), validator=are_all(is_a(Assignment)))
    left_over: tuple[LeftOver, ...] = field(default=(), validator=are_all(is_a(LeftOver)))
    minutes: float = field(default=0.0, validator=number(0, math.inf))
    budget: float = field(default=0.0, validator=number(0, 24 * 60))


def _is_optional_fraction(instance: object, attribute: Any, value: object) -> None:
    if value is not None:
        number(0, 1)(instance, attribute, value)


@frozen
class PlanningRules:
    """By which rules plans are made.

    Attributes:
        daily_minutes: the budget of a person and a working day.
        soon_days: skills due within so many days count for a refresher that is given for a due one, and are taken
            before days off on which they could not be.
        cool_down_days: days before the same person gets the same refresher again.
        open_days: days that an assignment stays open.
        most_assignments: how many assignments a day may hold.
        unknown_retrievability: what a never-practised skill of a role counts as when it is compared
            with others; None: it is not planned.
    """

    daily_minutes: float = field(default=15.0, validator=number(0, 24 * 60))
    soon_days: int = field(default=3, validator=whole(0, 60))
    cool_down_days: int = field(default=3, validator=whole(0, 3650))
    open_days: int = field(default=7, validator=whole(1, 365))
    most_assignments: int = field(default=5, validator=whole(1, 100))
    unknown_retrievability: float | None = field(default=0.5, validator=_is_optional_fraction)


@frozen
class NightlySummary:
    """What a nightly run did for one tenant.

    Attributes:
        day: the date that was planned.
        learners: how many learners were looked at.
        planned: how many of them have at least one assignment for the day.
        assignments: how many assignments were written for the day in all, by this or an earlier try.
        expired: how many open assignments expired.
        resumed: whether an earlier try had been cut off.
        repeated: whether the day had been finished before, so that nothing was looked at or changed.
        error: why the tenant failed; None: it did not.
    """

    tenant: str
    day: date
    learners: int = 0
    planned: int = 0
    assignments: int = 0
    expired: int = 0
    resumed: bool = False
    repeated: bool = False
    error: str | None = None
