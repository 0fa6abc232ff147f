"""The memories of many pairs at once, over arrays.

Who records one event needs none of this, nor NumPy for it: the module is imported when a batch asks for it.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from reinforce.forgetting.curve import Ints
from reinforce.forgetting.fold import Histories, due_days, fold
from reinforce.forgetting.foresight import Seen
from reinforce.forgetting.interval import pair_seed
from reinforce.forgetting.states import States
from reinforce.store.means import Means
from reinforce.store.pair_columns import MemoryColumns, ReviewColumns
from reinforce.store.pair_rows import MemoryRow, Pair, ReviewRow

T = TypeVar("T", np.uint64, np.float64)


def fold_many(
    means: Means, by_pair: Mapping[Pair, Sequence[ReviewRow]], before: Mapping[Pair, MemoryRow]
) -> list[MemoryRow]:
    """The memory rows that reviews, in their order, lead to, in the order of the pairs; see `Folder.fold`."""
    reviews = ReviewColumns.of(list(chain.from_iterable(by_pair.values())))
    counts = np.array([len(one) for one in by_pair.values()])
    start = [before.get(pair) for pair in by_pair]
    known = np.array([0 if row is None else row.generation for row in start])
    return fold_columns(means, reviews, counts, states_of(start), known).rows


def fold_columns(means: Means, reviews: ReviewColumns, counts: Ints, start: States, generations: Ints) -> MemoryColumns:
    """The memories that reviews lead to.

    Args:
        means: what they are made with.
        reviews: that move memory, pair after pair, each pair's in order.
        counts: how many reviews each pair has, at least 1.
        start: each pair's state before them.
        generations: the last close that learned from each pair before them.
    """
    ends = np.cumsum(counts)
    begins = ends - counts
    learners, skills = reviews.learner_id[begins], reviews.skill_id[begins]
    histories = Histories(counts, reviews.rating, reviews.day, reviews.weight)
    states = fold(means.parameters.forgetting, histories, start)
    return MemoryColumns(
        learners,
        skills,
        states,
        due_days_of_pairs(means, states, learners, skills),
        [reviews.event_id[end - 1] for end in ends.tolist()],
        np.full(len(counts), means.parameters.id),
        np.maximum(np.maximum.reduceat(reviews.generation, begins), generations),
    )


def due_days_of(means: Means, rows: Sequence[MemoryRow]) -> list[int]:
    """The days on which memories, at least one, are due by the present means."""
    learners, skills, *_ = zip(*rows, strict=True)
    days: list[int] = due_days_of_pairs(means, states_of(rows), np.array(learners), np.array(skills)).tolist()
    return days


def due_days_of_pairs(means: Means, states: States, learners: Ints, skills: Ints) -> Ints:
    """The days on which pairs of learners and skills, by their numbers, are due by the present means."""
    known = means.skills
    # A seed of a pair is the learner's beside the skill's alone, so that each is worked out once.
    seeds = _of_each(learners, means.seeds.__getitem__, np.uint64) ^ _of_each(
        skills, lambda number: pair_seed(0, known[number].seed), np.uint64
    )
    retention = _of_each(skills, lambda number: known[number].desired_retention, np.float64)
    seen = None
    if means.sight is not None:
        able, hard = means.sight.learners, means.sight.generation.skills
        seen = Seen(
            means.sight.generation.view,
            _of_each(learners, lambda number: able.get(number, 0.0), np.float64),
            _of_each(skills, lambda number: hard.get(number, 0.0), np.float64),
        )
    return due_days(means.parameters.forgetting, states, retention, seeds, seen)


def _of_each(numbers: Ints, value: Callable[[int], float], kind: type[T]) -> NDArray[T]:
    """A value of each learner or skill, which is asked for once, for all of the places where its number stands."""
    distinct, places = np.unique(numbers, return_inverse=True)
    return np.array([value(number) for number in distinct.tolist()], dtype=kind)[places]


def states_of(rows: Sequence[MemoryRow | None]) -> States:
    """The rows as arrays; None is a pair that was never practised."""
    states = States.unknown(len(rows))
    places = [place for place, row in enumerate(rows) if row is not None]
    if places:
        _, _, stability, difficulty, last_day, _, reviews, lapses, _, _, passes, days, _ = zip(
            *filter(None, rows), strict=True
        )
        known = States(*map(np.array, (stability, difficulty, last_day, reviews, lapses, passes, days)))
        states.put(np.array(places), known)
    return states
