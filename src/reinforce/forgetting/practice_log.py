"""A log of practice as arrays: what fitting, calibration and evaluation read."""

from typing import Self

import numpy as np
import numpy.typing as npt
from attrs import astuple, frozen

from reinforce.errors import InvalidValue
from reinforce.forgetting.curve import Flags, Floats, Ints
from reinforce.forgetting.groups import NONE
from reinforce.model.practice import PracticeKind

EXPOSURE = 0
"""Stands in `Log.rating` for practice in which nothing was asked."""

KIND_NUMBERS = {kind.value: number for number, kind in enumerate(PracticeKind)}
"""Those of `Log.kind`."""


_RANGES = {
    "day": (-1_000_000, 1_000_000),
    "rating": (EXPOSURE, 4),
    "learner": (0, 2**31),
    "skill": (0, 2**31),
    "kind": (NONE, 2**31),
    "group": (NONE, 2**31),
    "assessor": (NONE, 2**31),
}


@frozen(eq=False)
class Log:
    """Practice of many learners and skills, in the order of the calendar; all arrays have the same length.

    Build one with `Log.of`, which checks the columns and puts them in order.

    Attributes:
        learner: number of the learner, from 0.
        skill: number of the skill, from 0.
        day: the learner's calendar day, in days since 1970-01-01; never falls.
        rating: 1 to 4, or `EXPOSURE`.
        weight: how far the review moves the memory, above 0 to 1.
        seconds: the moment, in seconds since 1970-01-01.
        kind: number of the kind of practice, from 0; `NONE` where it is not told.
        group: number of the group that the skill belongs to, from 0; `NONE` where it belongs to none.
        assessor: number of whoever judged it, from 0; `NONE` where nobody did.
    """

    learner: Ints
    skill: Ints
    day: Ints
    rating: Ints
    weight: Floats
    seconds: Floats
    kind: Ints
    group: Ints
    assessor: Ints

    @classmethod
    def of(
        cls,
        learner: npt.ArrayLike,
        skill: npt.ArrayLike,
        day: npt.ArrayLike,
        rating: npt.ArrayLike,
        *,
        weight: npt.ArrayLike | None = None,
        seconds: npt.ArrayLike | None = None,
        kind: npt.ArrayLike | None = None,
        group: npt.ArrayLike | None = None,
        assessor: npt.ArrayLike | None = None,
    ) -> Self:
        """A checked log in the order of the calendar; rows of one day stay in the order in which they were given.

        A clock that was put back does no harm: a row counts on the day that it names.

        Args:
            learner: see the attributes, as all that follow.
            skill: see the attributes.
            day: see the attributes.
            rating: see the attributes.
            weight: None: all 1.
            seconds: None: noon of the day.
            kind: None: not told.
            group: None: no groups.
            assessor: None: nobody.

        Raises:
            InvalidValue: if a column has another length, is not made of numbers, or holds one out of its range.
        """
        days = _whole("day", day)
        rows = len(days)
        nobody = np.full(rows, NONE)
        whole = {
            "day": days,
            "learner": _whole("learner", learner),
            "skill": _whole("skill", skill),
            "rating": _whole("rating", rating),
            "kind": nobody if kind is None else _whole("kind", kind),
            "group": nobody if group is None else _whole("group", group),
            "assessor": nobody if assessor is None else _whole("assessor", assessor),
        }
        weights = np.ones(rows) if weight is None else _real("weight", weight)
        moments = np.asarray((days + 0.5) * 86400.0, dtype=np.float64) if seconds is None else _real("seconds", seconds)
        for name, length in [("weight", len(weights)), ("seconds", len(moments))] + [
            (name, len(column)) for name, column in whole.items()
        ]:
            if length != rows:
                raise InvalidValue(f"{name} has {length} rows, but day has {rows}")
        for name, (low, high) in _RANGES.items():
            _within(name, whole[name], low, high)
        if rows and not (weights.min() > 0 and weights.max() <= 1):
            raise InvalidValue("weight must be above 0 to 1 in every row; leave out reviews of weight 0")
        order = np.argsort(days, kind="stable")
        columns = {name: column[order] for name, column in whole.items()}
        return cls(weight=weights[order], seconds=moments[order], **columns)

    def __len__(self) -> int:
        return len(self.day)

    def take(self, which: Ints | Flags | slice) -> "Log":
        """The rows at these places, which must rise."""
        return Log(*(column[which] for column in astuple(self, recurse=False)))


def _whole(name: str, values: npt.ArrayLike) -> Ints:
    numbers = _real(name, values)
    whole: Ints = numbers.astype(np.int64)
    if not np.array_equal(whole, numbers):
        raise InvalidValue(f"{name} must hold whole numbers, not {float(numbers[whole != numbers][0])!r}")
    return whole


def _real(name: str, values: npt.ArrayLike) -> Floats:
    try:
        numbers: Floats = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as problem:
        raise InvalidValue(f"{name} must hold numbers: {problem}") from problem
    if numbers.ndim != 1:
        raise InvalidValue(f"{name} must be a single column, not of {numbers.ndim} dimensions")
    if not np.isfinite(numbers).all():
        raise InvalidValue(f"{name} must hold finite numbers in every row")
    return numbers


def _within(name: str, values: Ints, low: int, high: int) -> None:
    wrong = np.flatnonzero((values < low) | (values > high))
    if len(wrong):
        raise InvalidValue(f"{name} must be from {low} to {high}, not {values[wrong[0]]} (row {wrong[0] + 1})")
