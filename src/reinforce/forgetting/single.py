"""The array step for one pair, in plain numbers and to the same bits.

A NumPy call costs about as much for one number as for a hundred, and a step makes fifty of them: for the one
event of a `record` that is most of its time (66 µs against 5 µs). Powers and exponentials are NumPy's here
too, because its results differ from the C library's in the last bit; everything else is IEEE arithmetic in
the same order. The tests hold both to equality.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from reinforce.forgetting.curve import curve_factor
from reinforce.forgetting.foresight import SingleStanding, View, calibrated_interval_single
from reinforce.forgetting.interval import fuzz_range, mixed
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.step import (
    AGAIN,
    DIFFICULTY_MAX,
    DIFFICULTY_MIN,
    EASY,
    HARD,
    STABILITY_MIN,
)

FEW_PAIRS = 12
"""With fewer pairs than this, plain numbers are quicker than arrays, and give the same bits."""


class Single(NamedTuple):
    """The memory of one pair; see `States`."""

    stability: float
    difficulty: float
    last_day: int
    reviews: int
    lapses: int
    passes: int
    days: int


UNKNOWN = Single(1.0, 5.0, 0, 0, 0, 0, 0)


def step_single(forgetting: Forgetting, state: Single, rating: int, day: int, weight: float) -> Single:
    """The state after one review; see `step`."""
    weights = _exponentials(forgetting, rating)
    if state.reviews == 0:
        stability = forgetting.weights[rating - 1] * weight
        return Single(_capped(forgetting, stability), weights.first_difficulty, day, 1, 0, int(rating > AGAIN), 1)
    elapsed = max(day - state.last_day, 0)
    if elapsed < 1:
        stability = _same_day_stability(forgetting, weights, state.stability, rating)
    else:
        stability = _later_stability(forgetting, weights, state, elapsed, rating)
    difficulty = _next_difficulty(forgetting, weights, state.difficulty, rating)
    if weight != 1.0:
        stability = _exp((1.0 - weight) * _log(state.stability) + weight * _log(stability))
        difficulty = state.difficulty + weight * (difficulty - state.difficulty)
    return Single(
        _capped(forgetting, stability),
        min(max(difficulty, DIFFICULTY_MIN), DIFFICULTY_MAX),
        state.last_day + int(weight * elapsed),
        state.reviews + 1,
        state.lapses + (rating == AGAIN),
        state.passes + (rating > AGAIN),
        state.days + (elapsed >= 1),
    )


def due_day_single(
    forgetting: Forgetting,
    state: Single,
    desired_retention: float,
    seed: int,
    seen: tuple[View, float] | None = None,
) -> int:
    """The calendar day on which the pair is due; see `due_days`.

    `seen` is how calibration sees the tenant, and the offset of the pair.
    """
    days = round(lasting_days(forgetting, state.stability, desired_retention))
    interval = min(max(days, 1), forgetting.maximum_interval_days)
    if seen is not None:
        view, offset = seen
        standing = SingleStanding(state.stability, state.difficulty, state.reviews, state.passes, state.days, offset)
        interval = calibrated_interval_single(view, forgetting, standing, desired_retention, interval)
    if forgetting.fuzz:
        low, high = _fuzz_range(interval, forgetting.maximum_interval_days)
        interval = low + int((mixed(seed, state.reviews) >> 11) * 2.0**-53 * (high - low + 1))
    return state.last_day + interval


def lasting_days(forgetting: Forgetting, stability: float, desired_retention: float) -> float:
    """After how many days without practice the probability of recall has fallen to the desired one."""
    factor, reach = _reach(forgetting.decay, desired_retention)
    return stability / factor * reach


def retrievability_single(forgetting: Forgetting, state: Single, day: int) -> float:
    """The probability of recall on a day; see `retrievability`."""
    ratio = float(max(day - state.last_day, 0)) / state.stability
    return _power(1.0 + curve_factor(forgetting.decay) * ratio, -forgetting.decay)


class _Exponentials(NamedTuple):
    """What a step needs of a rating and of the parameters alone."""

    first_difficulty: float
    easiest: float
    same_day: float
    after_lapse: float
    after_recall: float


@lru_cache(maxsize=256)
def _exponentials(forgetting: Forgetting, rating: int) -> _Exponentials:
    w = forgetting.weights
    first = w[4] - _exp(w[5] * (rating - 1.0)) + 1.0
    return _Exponentials(
        first_difficulty=min(max(first, DIFFICULTY_MIN), DIFFICULTY_MAX),
        easiest=w[4] - _exp(w[5] * 3.0) + 1.0,
        same_day=_exp(w[17] * (rating - 3.0 + w[18])),
        after_lapse=_exp(w[17] * w[18]),
        after_recall=_exp(w[8]),
    )


def _exp(x: float) -> float:
    return float(np.exp(x))


def _log(x: float) -> float:
    return float(np.log(x))


def _power(x: float, y: float) -> float:
    return float(np.power(x, y))


def _capped(forgetting: Forgetting, stability: float) -> float:
    return min(max(stability, STABILITY_MIN), forgetting.maximum_stability_days)


def _next_difficulty(forgetting: Forgetting, known: _Exponentials, difficulty: float, rating: int) -> float:
    w = forgetting.weights
    damped = difficulty + (10.0 - difficulty) * (-w[6] * (rating - 3.0)) / 9.0
    return min(max(w[7] * known.easiest + (1.0 - w[7]) * damped, DIFFICULTY_MIN), DIFFICULTY_MAX)


def _same_day_stability(forgetting: Forgetting, known: _Exponentials, stability: float, rating: int) -> float:
    increase = known.same_day * _power(stability, -forgetting.weights[19])
    if rating >= HARD:
        increase = max(increase, 1.0)
    return max(stability * increase, STABILITY_MIN)


def _later_stability(forgetting: Forgetting, known: _Exponentials, state: Single, elapsed: int, rating: int) -> float:
    w = forgetting.weights
    stability, difficulty = state.stability, state.difficulty
    ratio = float(elapsed) / stability
    forgotten = 1.0 - _power(1.0 + curve_factor(forgetting.decay) * ratio, -forgetting.decay)
    if rating == AGAIN:
        long_term = (
            w[11] * _power(difficulty, -w[12]) * (_power(stability + 1.0, w[13]) - 1.0) * _exp(forgotten * w[14])
        )
        return max(min(long_term, stability / known.after_lapse), STABILITY_MIN)
    bonus = w[15] if rating == HARD else w[16] if rating == EASY else 1.0
    growth = known.after_recall * (11.0 - difficulty) * _power(stability, -w[9]) * (_exp(forgotten * w[10]) - 1.0)
    return max(stability * (1.0 + growth * bonus), STABILITY_MIN)


@lru_cache(maxsize=1024)
def _reach(decay: float, desired_retention: float) -> tuple[float, float]:
    return curve_factor(decay), _power(desired_retention, -1.0 / decay) - 1.0


@lru_cache(maxsize=4096)
def _fuzz_range(interval: int, maximum_interval_days: int) -> tuple[int, int]:
    low, high = fuzz_range(interval, maximum_interval_days)
    return int(low), int(high)
