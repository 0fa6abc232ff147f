"""One review of each of many pairs: FSRS-6's step over arrays.

This is the kernel that writes every memory, for one event as for ten million, so that a replay gives
the same bits whatever way the events came in. `scalar.py` is the same step over py-fsrs; the tests hold
one against the other.

A review of weight w below 1 moves the memory part of the way to where a full review would have taken
it, S and D being the state before and S₁ and D₁ after a full review on the same day::

    stability       S^(1-w) · S₁^w           on the logarithmic scale on which stability lives
    difficulty      D + w · (D₁ - D)
    last practised  last day + ⌊w · elapsed days⌋

so weight 0 changes nothing and weight 1 is FSRS's own step; between them a passed review never leaves
less, and a failed one never more, stability than a lighter one. Where nothing was known before, there is
nothing to move from: stability begins at w · S₁ and difficulty at D₁.
"""

import numpy as np

from reinforce.forgetting.curve import Floats, Ints, retrievability
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
    w = forgetting.weights
    is_first = states.reviews == 0
    elapsed = np.where(is_first, 0, np.maximum(day - states.last_day, 0))
    grade = rating.astype(np.float64)

    first_stability = np.take(np.asarray(w[:4]), rating - 1)
    first_difficulty = _initial_difficulty(w, grade)
    full_stability = np.where(
        elapsed < 1,
        _same_day_stability(w, states.stability, rating, grade),
        _later_stability(forgetting, states, elapsed, rating),
    )
    full_difficulty = _next_difficulty(w, states.difficulty, grade)

    stability = np.where(is_first, first_stability * weight, _part_of_the_way(states.stability, full_stability, weight))
    moved = states.difficulty + weight * (full_difficulty - states.difficulty)
    difficulty = np.where(is_first, first_difficulty, np.where(weight == 1.0, full_difficulty, moved))
    covered = np.floor(weight * elapsed).astype(np.int64)
    return States(
        np.clip(stability, STABILITY_MIN, forgetting.maximum_stability_days),
        np.clip(difficulty, DIFFICULTY_MIN, DIFFICULTY_MAX),
        np.where(is_first, day, states.last_day + covered),
        states.reviews + 1,
        states.lapses + ((rating == AGAIN) & ~is_first),
    )


def _part_of_the_way(before: Floats, after: Floats, weight: Floats) -> Floats:
    if np.all(weight == 1.0):
        return after
    # Logarithms and not powers: NumPy's power takes short cuts for a lone exponent of 0.5.
    between = np.exp((1.0 - weight) * np.log(before) + weight * np.log(after))
    return np.where(weight == 1.0, after, between)


def _initial_difficulty(w: tuple[float, ...], grade: Floats) -> Floats:
    return np.asarray(np.clip(w[4] - np.exp(w[5] * (grade - 1.0)) + 1.0, DIFFICULTY_MIN, DIFFICULTY_MAX))


def _next_difficulty(w: tuple[float, ...], difficulty: Floats, grade: Floats) -> Floats:
    easiest = w[4] - np.exp(w[5] * 3.0) + 1.0
    damped = difficulty + (10.0 - difficulty) * (-w[6] * (grade - 3.0)) / 9.0
    return np.asarray(np.clip(w[7] * easiest + (1.0 - w[7]) * damped, DIFFICULTY_MIN, DIFFICULTY_MAX))


def _same_day_stability(w: tuple[float, ...], stability: Floats, rating: Ints, grade: Floats) -> Floats:
    increase: Floats = np.exp(w[17] * (grade - 3.0 + w[18])) * np.power(stability, -w[19])
    increase = np.where(rating >= HARD, np.maximum(increase, 1.0), increase)
    return np.asarray(np.maximum(stability * increase, STABILITY_MIN))


def _later_stability(forgetting: Forgetting, states: States, elapsed: Ints, rating: Ints) -> Floats:
    w = forgetting.weights
    forgotten = 1.0 - retrievability(elapsed, states.stability, forgetting.decay)
    after_lapse = np.minimum(
        w[11]
        * np.power(states.difficulty, -w[12])
        * (np.power(states.stability + 1.0, w[13]) - 1.0)
        * np.exp(forgotten * w[14]),
        states.stability / np.exp(w[17] * w[18]),
    )
    bonus = np.where(rating == HARD, w[15], np.where(rating == EASY, w[16], 1.0))
    after_recall = states.stability * (
        1.0
        + np.exp(w[8])
        * (11.0 - states.difficulty)
        * np.power(states.stability, -w[9])
        * (np.exp(forgotten * w[10]) - 1.0)
        * bonus
    )
    return np.asarray(np.maximum(np.where(rating == AGAIN, after_lapse, after_recall), STABILITY_MIN))
