"""Reviews and memories of many pairs, column by column; whoever looks at them row by row gets rows.

A tuple for each of thousands of rows costs more than what is reckoned with them: most batches are folded and written
without.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from attrs import frozen

from reinforce.forgetting.curve import Floats, Ints
from reinforce.forgetting.states import States
from reinforce.store.pair_rows import MemoryRow, Pair, ReviewRow, as_memories, as_reviews

NO_RATING = 0
"""Stands for a rating that is NULL."""
_SHIFT = 32


def codes_of(learner: Ints, skill: Ints) -> Ints:
    """Pairs as one number each; they sort as the pairs do."""
    return np.asarray((learner << _SHIFT) | skill)


def pairs_of(codes: Ints) -> list[Pair]:
    """Pairs from their numbers."""
    return list(zip((codes >> _SHIFT).tolist(), (codes & ((1 << _SHIFT) - 1)).tolist(), strict=True))


@frozen(eq=False)
class ReviewColumns(Sequence[ReviewRow]):
    """Rows of `review`; see `ReviewRow`. A rating that is NULL is `NO_RATING`."""

    learner_id: Ints
    skill_id: Ints
    event_id: Sequence[bytes]
    day: Ints
    rating: Ints
    weight: Floats
    implicit: Ints
    generation: Ints

    @classmethod
    def of(cls, rows: Sequence[ReviewRow]) -> Self:
        """The columns of rows, of which there is at least one."""
        learner, skill, event_id, day, rating, weight, implicit, generation = zip(*rows, strict=True)
        ratings = [one or NO_RATING for one in rating]
        narrow = (np.array(column, dtype=np.int64) for column in (learner, skill, day, ratings, implicit, generation))
        learners, skills, days, rated, implicits, generations = narrow
        weights = np.array(weight, dtype=np.float64)
        return cls(learners, skills, event_id, days, rated, weights, implicits, generations)

    @property
    def codes(self) -> Ints:
        """Whose each is."""
        return codes_of(self.learner_id, self.skill_id)

    def take(self, which: Ints) -> Self:
        """The reviews at these places."""
        return type(self)(
            self.learner_id[which],
            self.skill_id[which],
            [self.event_id[place] for place in which.tolist()],
            self.day[which],
            self.rating[which],
            self.weight[which],
            self.implicit[which],
            self.generation[which],
        )

    def by_pair(self) -> Self:
        """The reviews, pair after pair; those of a pair as they were."""
        return self.take(np.argsort(self.codes, kind="stable"))

    def moving(self) -> Self:
        """Those that move memory; see `ReviewRow.moves_memory`."""
        moves = (self.rating != NO_RATING) & (self.weight > 0)
        return self if moves.all() else self.take(np.flatnonzero(moves))

    @property
    def has_null(self) -> bool:
        """Whether a rating is NULL."""
        return bool((self.rating == NO_RATING).any())

    @property
    def columns(self) -> Sequence[npt.NDArray[Any] | Sequence[bytes]]:
        """In the order of the table; see `NO_RATING`."""
        first = (self.learner_id, self.skill_id, self.event_id, self.day, self.rating)
        return (*first, self.weight, self.implicit, self.generation)

    @property
    def lists(self) -> list[Sequence[Any]]:
        """The columns as the database takes them."""
        lists = as_lists(self.columns)
        if self.has_null:
            lists[4] = [one or None for one in lists[4]]
        return lists

    @cached_property
    def rows(self) -> list[ReviewRow]:
        """As rows."""
        return as_reviews(zip(*self.lists, strict=True))

    def __len__(self) -> int:
        return len(self.event_id)

    def __getitem__(self, place: Any) -> Any:
        return self.rows[place]


@frozen(eq=False)
class MemoryColumns(Sequence[MemoryRow]):
    """Rows of `memory`; see `MemoryRow`."""

    learner_id: Ints
    skill_id: Ints
    states: States
    due_day: Ints
    last_event: Sequence[bytes]
    parameter_set_id: Ints
    generation: Ints

    @classmethod
    def of(cls, columns: Sequence[Any]) -> Self:
        """From columns in the order of the table."""
        learner, skill, stability, difficulty, last_day, due, reviews, lapses, last_event, made, *rest = columns
        passes, days, generation = rest
        states = States(
            np.array(stability, dtype=np.float64),
            np.array(difficulty, dtype=np.float64),
            *(np.array(one, dtype=np.int64) for one in (last_day, reviews, lapses, passes, days)),
        )
        learners, skills, dues, sets, generations = (
            np.array(one, dtype=np.int64) for one in (learner, skill, due, made, generation)
        )
        return cls(learners, skills, states, dues, last_event, sets, generations)

    @property
    def codes(self) -> Ints:
        """Whose each is."""
        return codes_of(self.learner_id, self.skill_id)

    def take(self, which: Ints) -> Self:
        """The memories at these places."""
        return type(self)(
            self.learner_id[which],
            self.skill_id[which],
            self.states.take(which),
            self.due_day[which],
            [self.last_event[place] for place in which.tolist()],
            self.parameter_set_id[which],
            self.generation[which],
        )

    @property
    def columns(self) -> Sequence[npt.NDArray[Any] | Sequence[bytes]]:
        """In the order of the table."""
        states = self.states
        return (
            self.learner_id,
            self.skill_id,
            states.stability,
            states.difficulty,
            states.last_day,
            self.due_day,
            states.reviews,
            states.lapses,
            self.last_event,
            self.parameter_set_id,
            states.passes,
            states.days,
            self.generation,
        )

    @cached_property
    def rows(self) -> list[MemoryRow]:
        """As rows."""
        return as_memories(zip(*as_lists(self.columns), strict=True))

    def __len__(self) -> int:
        return len(self.last_event)

    def __getitem__(self, place: Any) -> Any:
        return self.rows[place]


def as_lists(columns: Sequence[npt.NDArray[Any] | Sequence[bytes]]) -> list[Sequence[Any]]:
    """Columns in plain Python values."""
    return [column.tolist() if isinstance(column, np.ndarray) else column for column in columns]
