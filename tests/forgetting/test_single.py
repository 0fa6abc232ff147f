"""One pair in plain numbers and many in arrays: the same bits."""

from random import Random

import numpy as np
from attrs import astuple
from hypothesis import given
from hypothesis import strategies as st

from forgetting.memories import Review, all_forgettings, retentions, reviews, seeds, singles
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


@given(all_forgettings, histories)
def test_a_fold_is_step_after_step(forgetting: Forgetting, histories: list[list[Review]]) -> None:
    """Whole histories folded in rounds end in the same bits as each of them step by step."""
    expected = []
    for history in histories:
        state = UNKNOWN
        for review in history:
            state = step_single(forgetting, state, *review)
        expected.append(state)
    flat = [review for history in histories for review in history]

    folded = fold(
        forgetting,
        Histories(
            np.array([len(history) for history in histories]),
            np.array([one.rating for one in flat]),
            np.array([one.day for one in flat]),
            np.array([one.weight for one in flat]),
        ),
    )

    assert singles_of(folded) == expected
