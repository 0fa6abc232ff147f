"""One pair in plain numbers and many in arrays: the same bits."""

from random import Random

import numpy as np
import pytest
from attrs import astuple
from hypothesis import given
from hypothesis import strategies as st

import reinforce.forgetting.fold as fold_module
from forgetting.memories import TODAY, Review, all_forgettings, retentions, reviews, seeds, singles
from reinforce.forgetting.curve import BLOCK, retrievability
from reinforce.forgetting.fold import Histories, due_days, fold
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.single import UNKNOWN, Single, due_day_single, step_single
from reinforce.forgetting.states import States
from reinforce.forgetting.step import step

cases = st.lists(st.tuples(singles, reviews, retentions, seeds), min_size=1, max_size=40)


def arrays_of(found: list[Single]) -> States:
    """Memories as arrays."""
    return States(
        np.array([one.stability for one in found]),
        np.array([one.difficulty for one in found]),
        np.array([one.last_day for one in found]),
        np.array([one.reviews for one in found]),
        np.array([one.lapses for one in found]),
        np.array([one.passes for one in found]),
        np.array([one.days for one in found]),
    )


def singles_of(states: States) -> list[Single]:
    """Arrays as memories."""
    return [Single(*row) for row in zip(*(one.tolist() for one in astuple(states, recurse=False)), strict=True)]


def stepped(forgetting: Forgetting, before: list[Single], given: list[Review]) -> list[Single]:
    """One review of each memory, in arrays."""
    after = step(
        forgetting,
        arrays_of(before),
        np.array([one.rating for one in given]),
        np.array([one.day for one in given]),
        np.array([one.weight for one in given]),
    )
    return singles_of(after)


@given(all_forgettings, cases)
def test_a_step_has_the_same_bits(forgetting: Forgetting, cases: list[tuple[Single, Review, float, int]]) -> None:
    """A step in plain numbers and one in arrays agree to the last bit, whatever parameters, caps, weight and day."""
    before, given_reviews = [case[0] for case in cases], [case[1] for case in cases]

    in_arrays = stepped(forgetting, before, given_reviews)

    assert [
        step_single(forgetting, one, *review) for one, review in zip(before, given_reviews, strict=True)
    ] == in_arrays


@given(all_forgettings, cases)
def test_a_due_day_is_the_same(forgetting: Forgetting, cases: list[tuple[Single, Review, float, int]]) -> None:
    """A pair is due on the same day, fuzz included, whether its day is computed alone or among others."""
    found = [case[0] for case in cases]
    retention, seed = [case[2] for case in cases], [case[3] for case in cases]

    in_arrays = due_days(forgetting, arrays_of(found), np.array(retention), np.array(seed, dtype=np.uint64)).tolist()

    alone = [due_day_single(forgetting, *case) for case in zip(found, retention, seed, strict=True)]
    assert alone == in_arrays


@given(all_forgettings, cases, st.randoms(use_true_random=False))
def test_neighbours_make_no_difference(
    forgetting: Forgetting, cases: list[tuple[Single, Review, float, int]], chance: Random
) -> None:
    """What a step gives does not hang on a pair's place in the arrays, nor on who stands beside it."""
    before, given_reviews = [case[0] for case in cases], [case[1] for case in cases]
    expected = stepped(forgetting, before, given_reviews)
    order = list(range(len(cases)))
    chance.shuffle(order)
    order = order[: chance.randint(1, len(order))]

    again = stepped(forgetting, [before[n] for n in order], [given_reviews[n] for n in order])

    assert again == [expected[n] for n in order]


histories = st.lists(st.lists(reviews, min_size=1, max_size=6), min_size=1, max_size=30)


def histories_of(found: list[list[Review]]) -> Histories:
    """Histories as arrays."""
    flat = [review for history in found for review in history]
    return Histories(
        np.array([len(history) for history in found]),
        np.array([one.rating for one in flat]),
        np.array([one.day for one in flat]),
        np.array([one.weight for one in flat]),
    )


@given(all_forgettings, histories)
def test_a_fold_is_step_after_step(forgetting: Forgetting, histories: list[list[Review]]) -> None:
    """Whole histories folded in rounds end in the same bits as each of them step by step."""
    expected = []
    for history in histories:
        state = UNKNOWN
        for review in history:
            state = step_single(forgetting, state, *review)
        expected.append(state)

    assert singles_of(fold(forgetting, histories_of(histories))) == expected


@given(all_forgettings, histories, st.booleans(), st.integers(1, 40))
def test_blocks_make_no_difference(
    forgetting: Forgetting, histories: list[list[Review]], is_full: bool, block: int
) -> None:
    """However many pairs are folded at once, and from wherever they start, the bits are the same."""
    found = [[one._replace(weight=1.0) if is_full else one for one in history] for history in histories]
    start = fold(forgetting, histories_of(found))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fold_module, "BLOCK", block)
        again = fold(forgetting, histories_of(found))
        further = fold(forgetting, histories_of(found), start)

    assert singles_of(again) == singles_of(start)
    assert singles_of(further) == singles_of(fold(forgetting, histories_of(found), start))


def test_a_very_long_history() -> None:
    """One pair with 70,000 reviews among short ones ends as it does alone."""
    long = [Review(1 + number % 4, TODAY + number // 3, 1.0) for number in range(70_000)]
    short = [[Review(3, TODAY, 1.0), Review(rating, TODAY + 9, 0.5)] for rating in (1, 2, 3, 4)] * 10

    folded = singles_of(fold(Forgetting(), histories_of([*short[:7], long, *short[7:]])))

    assert folded[7] == singles_of(fold(Forgetting(), histories_of([long])))[0]
    assert folded[:7] + folded[8:] == singles_of(fold(Forgetting(), histories_of(short)))


def test_long_arrays_have_the_same_recall() -> None:
    """Retrievability is worked out in parts where there are many states; no bit tells where a part begins."""
    chance = np.random.Generator(np.random.PCG64(1))
    stability, elapsed = chance.uniform(0.01, 900, BLOCK * 2 + 7), chance.integers(-3, 900, BLOCK * 2 + 7)

    whole = retrievability(elapsed, stability, 0.1542)

    parts = [retrievability(elapsed[n : n + 1000], stability[n : n + 1000], 0.1542) for n in range(0, len(whole), 1000)]
    assert np.array_equal(whole, np.concatenate(parts))
    assert whole[0] == retrievability(int(elapsed[0]), float(stability[0]), 0.1542)
