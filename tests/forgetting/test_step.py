"""The step is FSRS-6's, and keeps the promises that are made of it."""

from datetime import UTC, datetime

import fsrs
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from forgetting.memories import (
    TODAY,
    all_forgettings,
    days,
    difficulties,
    known,
    part_weights,
    ratings,
    retentions,
    reviews,
    seeds,
    stabilities,
)
from forgetting.memories import Review as GivenReview
from forgetting.py_fsrs import ScalarMemory
from reinforce.forgetting.curve import retrievability
from reinforce.forgetting.fold import due_days
from reinforce.forgetting.interval import fuzz_range, fuzzed, interval_days
from reinforce.forgetting.parameters import DEFAULT_WEIGHTS, Forgetting
from reinforce.forgetting.single import UNKNOWN, Single, due_day_single, step_single
from reinforce.forgetting.states import States
from reinforce.forgetting.step import step

GOLDEN_RATINGS = (3, 3, 3, 3, 3, 3, 1, 1, 3, 3, 3, 3, 3)
PLAIN = Forgetting(maximum_interval_days=36500, fuzz=False)
ROUNDING = 1e-12
"""What a power and a logarithm may cost, relative to the stability."""


def test_py_fsrs_gives_its_golden_intervals() -> None:
    """The py-fsrs that we build on is the one whose default intervals were published."""
    scheduler = fsrs.Scheduler(enable_fuzzing=False)
    card, moment, found = fsrs.Card(card_id=1), datetime(2022, 11, 29, 12, 30, tzinfo=UTC), []
    for rating in GOLDEN_RATINGS:
        card, _ = scheduler.review_card(card, fsrs.Rating(rating), moment)
        assert card.last_review is not None
        found.append((card.due - card.last_review).days)
        moment = card.due

    assert found == [0, 2, 11, 46, 163, 498, 0, 0, 2, 4, 7, 12, 21]


def test_the_golden_intervals() -> None:
    """Without learning steps, in calendar days, the same answers give these intervals, and py-fsrs gives them too."""
    state, scalar, day, found, theirs = UNKNOWN, ScalarMemory(PLAIN), TODAY, [], []
    for rating in GOLDEN_RATINGS:
        state = step_single(PLAIN, state, rating, day, 1.0)
        scalar.review(rating, day)
        assert scalar.due_day is not None
        due = due_day_single(PLAIN, state, 0.9, 0)
        found.append(due - day)
        theirs.append(scalar.due_day - day)
        day = due

    assert found == [2, 11, 46, 163, 497, 1346, 9, 1, 2, 4, 7, 13, 22]
    assert theirs == found


def test_a_hundred_thousand_reviews_equal_py_fsrs() -> None:
    """Two thousand pairs with fifty reviews each have py-fsrs's stability and difficulty after every review."""
    pairs, rounds = 2000, 50
    chance = np.random.default_rng(6)
    states, day = States.unknown(pairs), np.full(pairs, TODAY)
    scalars = [ScalarMemory(PLAIN) for _ in range(pairs)]
    for _ in range(rounds):
        day = day + chance.choice([0, 1, 2, 5, 17, 60], pairs)
        rating = chance.choice([1, 2, 3, 3, 3, 4], pairs)
        states = step(PLAIN, states, rating, day, np.ones(pairs))
        for scalar, one_rating, one_day in zip(scalars, rating.tolist(), day.tolist(), strict=True):
            scalar.review(one_rating, one_day)
        np.testing.assert_allclose(states.stability, np.array([one.stability for one in scalars]), rtol=1e-9)
        np.testing.assert_allclose(states.difficulty, np.array([one.difficulty for one in scalars]), rtol=1e-9)


decays = st.floats(0.1, 0.8)


@given(stabilities, decays, st.integers(0, 40_000), st.integers(0, 40_000))
def test_recall_never_rises_without_practice(stability: float, decay: float, one: int, other: int) -> None:
    """The probability of recall stays within 0 and 1, is 1 on the day of practice, and never rises by waiting."""
    sooner, later = retrievability([min(one, other), max(one, other)], stability, decay).tolist()

    assert 0.0 <= later <= sooner <= 1.0
    assert float(retrievability(0, stability, decay)) == 1.0


@given(stabilities, decays)
def test_stability_is_where_nine_tenths_are_left(stability: float, decay: float) -> None:
    """After as many days as the stability, the probability of recall is 0.9."""
    assert float(retrievability(stability, stability, decay)) == pytest.approx(0.9, rel=1e-9)


@given(all_forgettings, known, days, st.just(1.0) | part_weights, retentions, seeds)
def test_a_better_rating_never_gives_a_shorter_interval(
    forgetting: Forgetting, before: Single, day: int, weight: float, retention: float, seed: int
) -> None:
    """AGAIN, HARD, GOOD, EASY: each is due no sooner than the one before it, with fuzz and under every cap."""
    due = [
        due_day_single(forgetting, step_single(forgetting, before, rating, day, weight), retention, seed)
        for rating in (1, 2, 3, 4)
    ]

    assert due == sorted(due)


@given(retentions, seeds, part_weights)
def test_a_better_first_rating_never_gives_a_shorter_interval(retention: float, seed: int, weight: float) -> None:
    """The same holds for a first review, with FSRS's own parameters."""
    due = [
        due_day_single(Forgetting(), step_single(Forgetting(), UNKNOWN, rating, TODAY, weight), retention, seed)
        for rating in (1, 2, 3, 4)
    ]

    assert due == sorted(due)


@given(all_forgettings, known, reviews)
def test_states_stay_within_their_bounds(forgetting: Forgetting, before: Single, review: GivenReview) -> None:
    """Stability stays positive and under its cap, difficulty within 1 and 10, and time does not run backwards."""
    after = step_single(forgetting, before, *review)

    assert 0.001 <= after.stability <= forgetting.maximum_stability_days
    assert 1.0 <= after.difficulty <= 10.0
    assert before.last_day <= after.last_day <= max(before.last_day, review.day)


@given(all_forgettings, known, ratings, days)
def test_a_full_weight_is_the_step_itself(forgetting: Forgetting, before: Single, rating: int, day: int) -> None:
    """Weights that approach 1 approach FSRS's own step, and those that approach 0 leave all as it was."""
    assume(before.stability <= forgetting.maximum_stability_days)
    full = step_single(forgetting, before, rating, day, 1.0)
    nearly = step_single(forgetting, before, rating, day, 1.0 - 1e-13)
    hardly = step_single(forgetting, before, rating, day, 1e-13)

    assert nearly[:2] == pytest.approx(full[:2], rel=1e-9)
    assert hardly[:2] == pytest.approx(before[:2], rel=1e-9)
    assert hardly.last_day == before.last_day
    assert full.last_day == max(before.last_day, day)


@given(all_forgettings, known, st.integers(2, 4), days, part_weights, part_weights)
def test_a_pass_never_leaves_less_than_a_lighter_one(
    forgetting: Forgetting, before: Single, rating: int, day: int, one: float, other: float
) -> None:
    """Whatever the parameters: the more a passed review weighs, the more stability it leaves."""
    lighter = step_single(forgetting, before, rating, day, min(one, other))
    heavier = step_single(forgetting, before, rating, day, max(one, other))

    assert heavier.stability >= lighter.stability * (1 - ROUNDING)


@given(all_forgettings, known, st.integers(1, 400), part_weights, part_weights)
def test_a_failure_never_leaves_more_than_a_lighter_one(
    forgetting: Forgetting, before: Single, gap: int, one: float, other: float
) -> None:
    """Whatever the parameters: the more a failed review of a later day weighs, the less stability it leaves."""
    lighter = step_single(forgetting, before, 1, TODAY + gap, min(one, other))
    heavier = step_single(forgetting, before, 1, TODAY + gap, max(one, other))

    assert heavier.stability <= lighter.stability * (1 + ROUNDING)


@given(known, part_weights, part_weights)
def test_a_failure_on_the_same_day_never_leaves_more_either(before: Single, one: float, other: float) -> None:
    """With FSRS's own parameters, that holds for a failure on the day of the last practice too."""
    lighter = step_single(Forgetting(), before, 1, TODAY, min(one, other))
    heavier = step_single(Forgetting(), before, 1, TODAY, max(one, other))

    assert heavier.stability <= lighter.stability * (1 + ROUNDING)


def test_parameters_that_reward_a_failure_on_the_same_day() -> None:
    """FSRS's bounds allow parameters with which such a failure raises stability, and then a heavier one raises more."""
    rewarding = Forgetting(weights=(*DEFAULT_WEIGHTS[:18], 2.0, *DEFAULT_WEIGHTS[19:]))
    before = Single(0.01, 5.0, TODAY, 3, 0, 3, 3)

    found = [step_single(rewarding, before, 1, TODAY, weight).stability for weight in (0.5, 1.0)]

    assert before.stability < found[0] < found[1]


@given(ratings, part_weights)
def test_a_first_review_of_part_weight(rating: int, weight: float) -> None:
    """Where nothing was known, stability begins at the weight's share of FSRS's, and difficulty at all of it."""
    full = step_single(Forgetting(), UNKNOWN, rating, TODAY, 1.0)
    part = step_single(Forgetting(), UNKNOWN, rating, TODAY, weight)

    assert part.stability == max(DEFAULT_WEIGHTS[rating - 1] * weight, 0.001)
    assert part.difficulty == full.difficulty
    assert part.last_day == TODAY


@given(st.integers(1, 36500), st.integers(1, 36500), seeds, st.integers(0, 1000))
def test_fuzz_stays_within_its_range(interval: int, longest: int, seed: int, count: int) -> None:
    """A fuzzed interval lies within FSRS's range, is never longer than allowed, and is the same every time."""
    assume(interval <= longest)
    low, high = (int(day) for day in fuzz_range(interval, longest))

    found = [
        fuzzed(np.array([interval]), np.array([seed], dtype=np.uint64), np.array([count]), longest).tolist()
        for _ in range(2)
    ]

    assert 1 <= low <= found[0][0] <= high <= longest
    assert low <= interval <= high
    assert found[0] == found[1]


def test_fuzz_uses_its_whole_range() -> None:
    """Among many pairs, every day of the range is taken, and about equally often."""
    seeds = np.arange(1, 7001, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    interval = np.full(len(seeds), 30)
    low, high = (int(day) for day in fuzz_range(30, 365))

    found = np.bincount(fuzzed(interval, seeds, np.full(len(seeds), 4), 365))

    assert found[low : high + 1].min() > 0.8 * len(seeds) / (high - low + 1)
    assert found.sum() == found[low : high + 1].sum()


@given(stabilities, difficulties, retentions, st.integers(1, 36500))
def test_an_interval_is_a_day_at_least(stability: float, difficulty: float, retention: float, longest: int) -> None:
    """Nothing is due on the day of its practice, nor later than allowed."""
    forgetting = Forgetting(maximum_interval_days=longest, fuzz=False)
    state = Single(stability, difficulty, TODAY, 3, 0, 3, 3)

    assert 1 <= int(interval_days(stability, retention, forgetting)) <= longest
    assert TODAY + 1 <= due_day_single(forgetting, state, retention, 0) <= TODAY + longest


@given(stabilities, retentions, retentions)
def test_who_should_remember_more_is_due_sooner(stability: float, one: float, other: float) -> None:
    """A higher desired retention never gives a longer interval."""
    threes, none = np.full(2, 3), np.zeros(2, dtype=int)
    states = States(np.full(2, stability), np.full(2, 5.0), np.full(2, TODAY), threes, none, threes, threes)
    desired = np.array([max(one, other), min(one, other)])

    sooner, later = due_days(PLAIN, states, desired, np.zeros(2, dtype=np.uint64)).tolist()

    assert sooner <= later


def test_passes_and_days_are_counted() -> None:
    """Every review but AGAIN is a pass; a day counts once, however often was practised on it."""
    state = UNKNOWN
    for rating, day in ((3, 0), (1, 0), (2, 4), (4, 4), (1, 9)):
        state = step_single(PLAIN, state, rating, TODAY + day, 1.0)

    assert (state.reviews, state.passes, state.days, state.lapses) == (5, 3, 3, 2)
