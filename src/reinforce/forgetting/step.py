"""One review of each of many pairs: FSRS-6's step over arrays.

This is the kernel that writes every memory, for one event as for ten million, so that a replay gives
the same bits whatever way the events came in. The tests hold it against py-fsrs.

A review of weight w below 1 moves the memory part of the way to where a full review would have taken
it, S and D being the state before and S₁ and D₁ after a full review on the same day::

    stability       S^(1-w) · S₁^w           on the logarithmic scale on which stability lives
    difficulty      D + w · (D₁ - D)
    last practised  last day + ⌊w · elapsed days⌋

so a weight near 0 changes next to nothing and weight 1 is FSRS's own step; between them a passed review
never leaves less, and a failed one never more, stability than a lighter one. (There are parameters within
FSRS's bounds that make a failure on the very day of the last practice raise stability, and then a heavier
one raises it more; its own don't.) Where nothing was known before, there is nothing to move from: stability
begins at w · S₁ and difficulty at D₁.
"""

import numpy as np

from reinforce.forgetting.curve import Flags, Floats, Ints, curve_factor
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.states import States

STABILITY_MIN = 0.001
DIFFICULTY_MIN, DIFFICULTY_MAX = 1.0, 10.0
AGAIN, HARD, GOOD, EASY = 1, 2, 3, 4


def step(forgetting: Forgetting, states: States, rating: Ints, day: Ints, weight: Floats) -> States:
    """The states after one review each.

    Args:
        forgetting: parameters and caps.
        states: before; length n.
        rating: 1 to 4; length n.
        day: the learner's calendar day, in days since 1970-01-01; a day before the last one counts as it.
        weight: above 0 to 1; length n.
    """
    is_first = states.reviews == 0
    if not is_first.any():
        return _practised(forgetting, states, rating, day, weight)
    if is_first.all():
        return _begun(forgetting, states, rating, day, weight)
    after = States.unknown(len(states))
    for rows, work in ((np.flatnonzero(is_first), _begun), (np.flatnonzero(~is_first), _practised)):
        after.put(rows, work(forgetting, states.take(rows), rating[rows], day[rows], weight[rows]))
    return after


def _begun(forgetting: Forgetting, states: States, rating: Ints, day: Ints, weight: Floats) -> States:
    """The states after first reviews; what never was reviewed is not forgotten either, whatever its last day says."""
    w = forgetting.weights
    return States(
        _capped(forgetting, np.take(np.asarray(w[:4]), rating - 1) * weight),
        np.take(_initial_difficulties(w), rating - 1),
        np.array(day),
        states.reviews + 1,
        states.lapses,
        states.passes + (rating > AGAIN),
        states.days + 1,
    )


def _practised(forgetting: Forgetting, states: States, rating: Ints, day: Ints, weight: Floats) -> States:
    """The states after further reviews."""
    elapsed = np.maximum(day - states.last_day, 0)
    is_again, is_later = rating == AGAIN, elapsed >= 1
    stability = _stability_after_full_review(forgetting, states, elapsed, rating, is_again, is_later)
    difficulty = _next_difficulty(forgetting.weights, states.difficulty, rating)
    if not (weight == 1.0).all():
        partly = weight != 1.0
        stability = np.where(partly, _part_of_the_way(states.stability, stability, weight), stability)
        difficulty = np.where(partly, states.difficulty + weight * (difficulty - states.difficulty), difficulty)
        elapsed = np.where(partly, np.floor(weight * elapsed).astype(np.int64), elapsed)
    return States(
        _capped(forgetting, stability),
        difficulty,
        states.last_day + elapsed,
        states.reviews + 1,
        states.lapses + is_again,
        states.passes + ~is_again,
        states.days + is_later,
    )


def _capped(forgetting: Forgetting, stability: Floats) -> Floats:
    return np.asarray(np.minimum(np.maximum(stability, STABILITY_MIN), forgetting.maximum_stability_days))


def _part_of_the_way(before: Floats, after: Floats, weight: Floats) -> Floats:
    # Logarithms and not powers: NumPy's power takes short cuts for a lone exponent of 0.5.
    return np.asarray(np.exp((1.0 - weight) * np.log(before) + weight * np.log(after)))


def _stability_after_full_review(
    forgetting: Forgetting, states: States, elapsed: Ints, rating: Ints, is_again: Flags, is_later: Flags
) -> Floats:
    """Stability after reviews of full weight.

    Each kind of review is worked out for its own rows only: powers are most of the time, and no row needs
    all of them.
    """
    kinds = (
        (~is_later, _same_day_stability),
        (is_later & is_again, _stability_after_lapse),
        (is_later & ~is_again, _stability_after_recall),
    )
    stability = np.empty(len(rating))
    for is_kind, after in kinds:
        rows = np.flatnonzero(is_kind)
        if len(rows):
            before = (states.stability[rows], states.difficulty[rows])
            stability[rows] = after(forgetting, *before, elapsed[rows], rating[rows])
    return np.asarray(np.maximum(stability, STABILITY_MIN))


def _initial_difficulties(w: tuple[float, ...]) -> Floats:
    """The difficulty after a first review of each rating."""
    grades = np.arange(4.0)
    return np.asarray(np.minimum(np.maximum(w[4] - np.exp(w[5] * grades) + 1.0, DIFFICULTY_MIN), DIFFICULTY_MAX))


def _next_difficulty(w: tuple[float, ...], difficulty: Floats, rating: Ints) -> Floats:
    easiest = w[4] - np.exp(w[5] * 3.0) + 1.0
    changes = -w[6] * (np.arange(5.0) - 3.0)
    damped = (10.0 - difficulty) * np.take(changes, rating)
    damped /= 9.0
    damped += difficulty
    damped *= 1.0 - w[7]
    damped += w[7] * easiest
    return np.asarray(np.minimum(np.maximum(damped, DIFFICULTY_MIN), DIFFICULTY_MAX))


def _same_day_stability(
    forgetting: Forgetting, stability: Floats, _difficulty: Floats, _elapsed: Ints, rating: Ints
) -> Floats:
    w = forgetting.weights
    factors = np.exp(w[17] * (np.arange(1.0, 5.0) - 3.0 + w[18]))
    increase: Floats = np.take(factors, rating - 1) * np.power(stability, -w[19])
    return np.asarray(stability * np.where(rating >= HARD, np.maximum(increase, 1.0), increase))


def _stability_after_lapse(
    forgetting: Forgetting, stability: Floats, difficulty: Floats, elapsed: Ints, _rating: Ints
) -> Floats:
    w = forgetting.weights
    forgotten = _forgotten(forgetting, stability, elapsed)
    long_term = (
        w[11] * np.power(difficulty, -w[12]) * (np.power(stability + 1.0, w[13]) - 1.0) * np.exp(forgotten * w[14])
    )
    return np.asarray(np.minimum(long_term, stability / np.exp(w[17] * w[18])))


def _stability_after_recall(
    forgetting: Forgetting, stability: Floats, difficulty: Floats, elapsed: Ints, rating: Ints
) -> Floats:
    w = forgetting.weights
    grown = _forgotten(forgetting, stability, elapsed)
    grown *= w[10]
    np.exp(grown, out=grown)
    grown -= 1.0
    grown *= np.exp(w[8]) * (11.0 - difficulty) * np.power(stability, -w[9])
    grown *= np.take(np.array([0.0, 1.0, w[15], 1.0, w[16]]), rating)
    grown += 1.0
    grown *= stability
    return grown


def _forgotten(forgetting: Forgetting, stability: Floats, elapsed: Ints) -> Floats:
    """1 - R, as `retrievability` has it for days that are not negative; in place, which saves a third of the time."""
    left = elapsed / stability
    left *= curve_factor(forgetting.decay)
    left += 1.0
    np.power(left, -forgetting.decay, out=left)
    return np.asarray(np.subtract(1.0, left, out=left))
