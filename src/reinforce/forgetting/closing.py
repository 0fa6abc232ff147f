"""Calibration learned in closes: each takes the reviews that were recorded since the one before.

A close reads the log as it was known when it was made: reviews that were recorded later are not there yet, and those
of an event that was voided later still are. So folding the closes again, in their order, gives the same bits, however
late or mixed events came in.

A close learns day by day. What came late, of a day that was learned already, is learned with the first day that
was not; what was known before it is still what its own history says.
"""

from typing import Self

import numpy as np
from attrs import astuple, evolve, frozen

from reinforce.forgetting.before import before
from reinforce.forgetting.calibration import Calibration
from reinforce.forgetting.curve import Floats, Ints
from reinforce.forgetting.groups import NONE, Groups
from reinforce.forgetting.learning import calibrated
from reinforce.forgetting.metrics import losses
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.practice_log import Log

NEVER = 2**31 - 1
"""Stands in `Lessons.voided` for reviews that still count."""


@frozen(eq=False)
class Lessons:
    """Reviews of whole pairs, voided ones included, by calendar day, event and skill; all arrays have one length.

    Attributes:
        learner: number of the learner, from 0, by the order of their keys.
        skill: number of the skill, likewise.
        day: the learner's calendar day, in days since 1970-01-01; never falls.
        rating: 1 to 4.
        weight: above 0 to 1.
        kind: number of the kind of practice, from 0; `NONE` where it is not told.
        assessor: number of whoever judged it, by the order of their keys; `NONE` where nobody did.
        implicit: 1 if nobody was asked, and the skill was practised by way of another: it moves the memory only.
        generation: number of the close that learns it.
        voided: number of the first close that no longer knows it; `NEVER`: it counts.
    """

    learner: Ints
    skill: Ints
    day: Ints
    rating: Ints
    weight: Floats
    kind: Ints
    assessor: Ints
    implicit: Ints
    generation: Ints
    voided: Ints

    def __len__(self) -> int:
        return len(self.day)

    def take(self, which: Ints) -> Self:
        """The reviews at these places."""
        return type(self)(*(column[which] for column in astuple(self, recurse=False)))


@frozen
class Scores:
    """How well the reviews of a close were predicted, each from the morning of its day; sums over the scored ones.

    Attributes:
        reviews: how many were learned.
        scored: how many of them were on a later day than their pair's last: the others are not predicted.
        passed: how many of the scored ones passed.
        expected: the sum of the calibrated probabilities.
        variance: the sum of p · (1 - p): that of `passed`, if these are right.
        plain_loss: the log loss of R.
        loss: that of the calibrated probability.
    """

    reviews: int
    scored: int
    passed: int
    expected: float
    variance: float
    plain_loss: float
    loss: float


@frozen(eq=False)
class Closes:
    """Lessons by the close that learns them."""

    lessons: Lessons
    pairs: Groups
    pair: Ints
    by_pair: Ints
    by_generation: Ints

    @classmethod
    def of(cls, lessons: Lessons) -> Self:
        """The closes of some lessons."""
        by_pair = np.lexsort((lessons.skill, lessons.learner))
        keys = (lessons.learner << 32 | lessons.skill)[by_pair]
        pairs = Groups.of(keys)
        pair = np.empty(len(lessons), dtype=np.int64)
        pair[by_pair] = np.repeat(np.arange(len(pairs.ids)), pairs.sizes)
        return cls(lessons, pairs, pair, by_pair, np.argsort(lessons.generation, kind="stable"))

    def known_then(self, number: int) -> Lessons:
        """What a close knew of the pairs that it learns from: their reviews up to it, in order."""
        generations = self.lessons.generation[self.by_generation]
        begin, end = np.searchsorted(generations, [number, number + 1])
        touched = np.unique(self.pair[self.by_generation[begin:end]])
        sizes = self.pairs.sizes[touched]
        places = np.repeat(self.pairs.begins[touched] - (np.cumsum(sizes) - sizes), sizes) + np.arange(sizes.sum())
        rows = np.sort(self.by_pair[places])
        lessons = self.lessons
        return lessons.take(rows[(lessons.generation[rows] <= number) & (lessons.voided[rows] > number)])


def learn_close(
    calibration: Calibration, forgetting: Forgetting, known: Lessons, number: int
) -> tuple[Calibration, Scores]:
    """What a close learns, and how well it was predicted.

    Args:
        calibration: of the close before.
        forgetting: parameters and caps.
        known: see `Closes.known_then`.
        number: of the close.
    """
    nobody = np.full(len(known), NONE)
    day = known.day.astype(np.float64)
    log = Log(
        known.learner, known.skill, known.day, known.rating, known.weight, day, known.kind, nobody, known.assessor
    )
    asked = np.flatnonzero((known.generation == number) & (known.implicit == 0))
    was_known = before(forgetting, log).take(asked)
    first = np.iinfo(np.int64).min if calibration.day is None else calibration.day + 1
    to_learn = evolve(log, day=np.maximum(log.day, first))
    predicted, after = calibrated(calibration, to_learn, was_known)
    later = was_known.is_later
    p, passed = predicted.morning[later], was_known.passed[later]
    return after, Scores(
        reviews=len(asked),
        scored=len(p),
        passed=int(passed.sum()),
        expected=float(np.sum(p)),
        variance=float(np.sum(p * (1.0 - p))),
        plain_loss=float(np.sum(losses(was_known.retrievability[later], passed))),
        loss=float(np.sum(losses(p, passed))),
    )
