"""Calibration, day by day: predict, then learn."""

from collections.abc import Iterator

import numpy as np
from attrs import evolve, frozen

from reinforce.errors import InvalidValue
from reinforce.forgetting.before import Before
from reinforce.forgetting.calibration import EFFECTS, FEATURES, SHOWN, WIDTH, Calibration, Offsets, Tuning
from reinforce.forgetting.curve import Floats, Ints
from reinforce.forgetting.features import COUNTED, ELAPSED, RETRIEVABILITY, features
from reinforce.forgetting.groups import Groups
from reinforce.forgetting.metrics import losses
from reinforce.forgetting.odds import probability
from reinforce.forgetting.practice_log import Log
from reinforce.forgetting.sittings import shares, sitting_order

LEAST_RETRIEVABILITY_SLOPE = 0.02
REVIEWS_AT_ONCE = 50_000
SKILL, ASSESSOR = EFFECTS.index("skill"), EFFECTS.index("assessor")


@frozen(eq=False)
class Rows:
    """The reviews of a log as calibration reads them, in the order of the calendar.

    Attributes:
        day: the calendar day of each.
        passed: 1 or 0.
        retrievability: FSRS's.
        features: see `features`.
        is_later: whether it is on a day after the pair's last review.
        says: how much it says about lately.
        ids: the number of its learner, skill, group, kind and assessor; the first of each is "none".
        by: for each of the ids, the places of the reviews by day and id.
        sittings: the places of the reviews by day and sitting.
    """

    day: Ints
    passed: Floats
    retrievability: Floats
    features: Floats
    is_later: Floats
    says: Floats
    ids: tuple[Ints, ...]
    by: tuple[Ints, ...]
    sittings: Ints

    @classmethod
    def of(cls, log: Log, known: Before, tuning: Tuning) -> "Rows":
        """The rows of what was known before each review of a log."""
        day = log.day[known.rows]
        columns = (log.learner, log.skill, log.group, log.kind, log.assessor)
        ids = tuple(column[known.rows] + 1 for column in columns)
        later, first = known.is_later, known.is_first
        weights = tuning.lately_weight
        return cls(
            day,
            known.passed,
            known.retrievability,
            features(known),
            later.astype(np.float64),
            np.where(first, weights[0], np.where(later, weights[2], weights[1])),
            ids,
            tuple(np.lexsort((one, day)) for one in ids),
            sitting_order(day, ids[SKILL], ids[ASSESSOR]),
        )

    def days(self) -> Iterator[slice]:
        """The reviews of each day."""
        begins = np.flatnonzero(np.diff(self.day, prepend=np.iinfo(np.int64).min // 2))
        ends = np.append(begins, len(self.day))[1:]
        for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
            yield slice(begin, end)


@frozen(eq=False)
class Predictions:
    """The probability that each review would pass, in the order of the calendar.

    Attributes:
        morning: from the days before, as a plan for the day must.
        at_once: from the day's earlier reviews too.
    """

    morning: Floats
    at_once: Floats


def calibrated(calibration: Calibration, log: Log, known: Before) -> tuple[Predictions, Calibration]:
    """Each review's predicted probability, from what came before it, and the calibration after the last.

    Args:
        calibration: before the first day of the log; days that it has learned already must not be in it.
        log: the practice.
        known: `before(…, log)`.
    """
    day = log.day[known.rows]
    if len(day) and calibration.day is not None and calibration.day >= day[0]:
        raise InvalidValue(f"day {calibration.day} was learned already; the log may begin on the day after it")
    after = calibration.copied()
    predicted = Predictions(np.empty(len(day)), np.empty(len(day)))
    for part in _parts(day):
        rows = Rows.of(log, known.take(np.arange(part.start, part.stop)), calibration.tuning)
        after = after.with_room(tuple(int(one.max(initial=0)) + 1 for one in rows.ids))
        morning, at_once = predicted.morning[part], predicted.at_once[part]
        for today in rows.days():
            morning[today], at_once[today], after = _lived(after, rows, today)
    return predicted, after


def _parts(day: Ints) -> Iterator[slice]:
    """The days in parts of at least `REVIEWS_AT_ONCE` reviews, so that a long log needs no more room for features."""
    begins = np.flatnonzero(np.diff(day, prepend=np.iinfo(np.int64).min // 2))
    begin = 0
    while begin < len(day):
        later = begins[np.searchsorted(begins, begin + REVIEWS_AT_ONCE) :]
        end = int(later[0]) if len(later) else len(day)
        yield slice(begin, end)
        begin = end


def _lived(calibration: Calibration, rows: Rows, day: slice) -> tuple[Floats, Floats, Calibration]:
    """The predictions for a day and what it teaches; offsets are written in place."""
    today = int(rows.day[day.start])
    offset = np.zeros(day.stop - day.start)
    for offsets, ids in zip(calibration.offsets, rows.ids, strict=True):
        offset += offsets.value[ids[day]]
    static = rows.features[day]
    expected = probability(_times(static, calibration.slopes[: len(FEATURES)]) + offset)
    shown_before, shown = _shown(calibration, rows, day, expected, today)
    columns = np.concatenate((static, shown), axis=1)
    morning = probability(_times(np.concatenate((static, shown_before), axis=1), calibration.slopes) + offset)
    at_once = probability(_times(columns, calibration.slopes) + offset)
    plain = rows.retrievability[day]
    share = rows.is_later[day] * (1.0 - calibration.trust)
    after = _learned(calibration, rows, day, columns, at_once, today)
    return morning + share * (plain - morning), at_once + share * (plain - at_once), after


def _times(columns: Floats, slopes: Floats) -> Floats:
    # einsum and not @: the same bits whatever the linear algebra library and its threads.
    return np.asarray(np.einsum("ij,j->i", columns, slopes))


def _shown(calibration: Calibration, rows: Rows, day: slice, expected: Floats, today: int) -> tuple[Floats, Floats]:
    """The columns of `SHOWN` for each review, in the morning and with the day's earlier reviews.

    What a learner showed lately is brought up to date in place.
    """
    tuning, lately = calibration.tuning, calibration.lately
    residual = (rows.passed[day] - expected) * rows.says[day]
    information = expected * (1.0 - expected) * rows.says[day]
    morning, at_once = np.zeros((2, len(residual), len(SHOWN)))

    order = rows.by[0][day] - day.start
    groups = Groups.of(rows.ids[0][day][order])
    kept = tuning.lately_kept ** np.minimum(today - lately.day[groups.ids], 60)
    residuals, informations = lately.value[groups.ids] * kept, lately.information[groups.ids] * kept
    shrinkage = tuning.lately_shrinkage[0]
    at_once[order, 0] = np.log1p(groups.place()) / 5.0
    morning[order, 1] = groups.spread(residuals / (informations + shrinkage))
    at_once[order, 1] = (groups.running(residual[order]) + groups.spread(residuals)) / (
        groups.running(information[order]) + groups.spread(informations) + shrinkage
    )
    lately.value[groups.ids] = residuals + groups.sums(residual[order])
    lately.information[groups.ids] = informations + groups.sums(information[order])
    lately.day[groups.ids] = today

    order = rows.by[1][day] - day.start
    groups = Groups.of(rows.ids[1][day][order])
    at_once[order, 2] = groups.running(residual[order]) / (
        groups.running(information[order]) + tuning.lately_shrinkage[1]
    )
    return morning, at_once


def _learned(
    calibration: Calibration, rows: Rows, day: slice, columns: Floats, predicted: Floats, today: int
) -> Calibration:
    """The calibration after a day; offsets are written in place."""
    tuning, passed, later = calibration.tuning, rows.passed[day], rows.is_later[day]
    residual = passed - predicted
    information = predicted * (1.0 - predicted)
    sittings = (rows.sittings[day] - day.start, rows.ids[SKILL][day], rows.ids[ASSESSOR][day])
    count = shares(tuning, calibration.offsets[ASSESSOR], sittings, residual, information, later, today)
    share_of = {"skill": count.skill, "group": count.skill, "kind": count.everybody, "assessor": count.assessor}
    for name, shrinkage, offsets, ids, by in zip(
        EFFECTS, tuning.shrinkage, calibration.offsets, rows.ids, rows.by, strict=True
    ):
        order = by[day] - day.start
        share = share_of[name][order] if name in share_of else 1.0
        _move(tuning, offsets, shrinkage, ids[day][order], residual[order] * share, information[order] * share, today)
    slopes, known = _slopes(calibration, columns, residual * count.everybody, information * count.everybody, today)
    lost = [float(np.sum(later * count.trust * losses(p, passed))) for p in (rows.retrievability[day], predicted)]
    return evolve(
        calibration,
        day=today,
        slopes=slopes,
        information=known,
        losses=calibration.losses + np.array(lost),
        scored=calibration.scored + int(later.sum()),
    )


def _slopes(
    calibration: Calibration, columns: Floats, residual: Floats, information: Floats, today: int
) -> tuple[Floats, Floats]:
    """The slopes and their information after a day: one Newton step from yesterday's posterior."""
    tuning = calibration.tuning
    prior = np.eye(WIDTH) * tuning.prior_information
    passed_days = 0 if calibration.day is None else today - calibration.day
    kept = 0.5 ** (passed_days / tuning.half_life_days)
    before = (calibration.information - prior) * kept
    allowed = tuning.day_information + tuning.day_share * float(before.diagonal()[list(COUNTED)].sum())
    share = min(1.0, allowed / float(information.sum()))
    seen = np.einsum("ij,ik->jk", columns * (information * share)[:, None], columns)
    pull = np.einsum("ij,i->j", columns, residual * share)
    after = prior + before + seen
    step = np.clip(np.linalg.solve(after, pull), -tuning.largest_step, tuning.largest_step)
    slopes = calibration.slopes + step
    # Nobody knows better for having waited longer: with these bounds p falls with time, and has one due day.
    slopes[RETRIEVABILITY] = max(slopes[RETRIEVABILITY], LEAST_RETRIEVABILITY_SLOPE)
    slopes[ELAPSED] = min(slopes[ELAPSED], 0.0)
    return slopes, after


def _move(
    tuning: Tuning, offsets: Offsets, shrinkage: float, ids: Ints, residual: Floats, information: Floats, today: int
) -> None:
    """Teach offsets what a day showed, in place; number 0 stands for nobody and stays 0."""
    groups = Groups.of(ids)
    kept = 0.5 ** ((today - offsets.day[groups.ids]) / tuning.half_life_days)
    seen, pull = groups.sums(information), groups.sums(residual)
    share = np.minimum(1.0, tuning.day_information / np.maximum(seen, 1e-12))
    total = offsets.information[groups.ids] * kept + seen * share
    step = np.clip(pull * share / (shrinkage + total), -tuning.largest_step, tuning.largest_step)
    offsets.value[groups.ids] += np.where(groups.ids > 0, step, 0.0)
    offsets.information[groups.ids] = total
    offsets.day[groups.ids] = today
