"""The rows of a pair, that is of a learner's and a skill's number: its reviews in the log, and its memory."""

from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

from reinforce.forgetting.single import Single
from reinforce.store.driver import Row

Pair = tuple[int, int]


class ReviewRow(NamedTuple):
    """A row of `review`.

    Attributes:
        generation: number of the close of the tenant's calibration that learns it.
    """

    learner_id: int
    skill_id: int
    event_id: bytes
    day: int
    rating: int | None
    weight: float
    implicit: int
    generation: int

    @property
    def moves_memory(self) -> bool:
        """Exposures and reviews of weight 0 are kept and change nothing."""
        return self.rating is not None and self.weight > 0


class MemoryRow(NamedTuple):
    """A row of `memory`."""

    learner_id: int
    skill_id: int
    stability: float
    difficulty: float
    last_day: int
    due_day: int
    reviews: int
    lapses: int
    last_event: bytes
    parameter_set_id: int
    passes: int
    practice_days: int
    generation: int

    @property
    def state(self) -> Single:
        """The memory that it holds."""
        return Single(*self[2:5], *self[6:8], *self[10:12])


def as_reviews(rows: Iterable[Row]) -> list[ReviewRow]:
    """Plain rows of `review` under their names; as `ReviewRow._make` gives them, but not in Python row by row."""
    return list(map(partial(tuple.__new__, ReviewRow), rows))


def as_memories(rows: Iterable[Row]) -> list[MemoryRow]:
    """Plain rows of `memory` under their names; see `as_reviews`."""
    return list(map(partial(tuple.__new__, MemoryRow), rows))
