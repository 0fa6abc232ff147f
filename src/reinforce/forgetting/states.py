"""Many memory states at once, as arrays."""

from typing import Self

import numpy as np
from attrs import frozen

from reinforce.forgetting.curve import Floats, Ints


@frozen(eq=False)
class States:
    """One memory state for each (learner, skill) pair; all arrays have the same length.

    Attributes:
        stability: days; meaningless where `reviews` is 0.
        difficulty: 1 to 10; meaningless where `reviews` is 0.
        last_day: the calendar day that forgetting counts from, in days since 1970-01-01.
        reviews: how many reviews moved it; 0 means never practised.
        lapses: how many of them were AGAIN after the first.
        passes: how many of them were not AGAIN.
        days: on how many days they were: the first, and each on which something had been forgotten since the last.
    """

    stability: Floats
    difficulty: Floats
    last_day: Ints
    reviews: Ints
    lapses: Ints
    passes: Ints
    days: Ints

    @classmethod
    def unknown(cls, count: int) -> Self:
        """The states of pairs that were never practised."""
        return cls(
            np.ones(count),
            np.full(count, 5.0),
            *(np.zeros(count, dtype=np.int64) for _ in range(5)),
        )

    def __len__(self) -> int:
        return len(self.stability)

    def take(self, which: Ints | slice) -> "States":
        """The states at these places; a slice gives views."""
        return States(
            self.stability[which],
            self.difficulty[which],
            self.last_day[which],
            self.reviews[which],
            self.lapses[which],
            self.passes[which],
            self.days[which],
        )

    def put(self, which: Ints | slice, states: "States") -> None:
        """Write states to these places, in place."""
        self.stability[which] = states.stability
        self.difficulty[which] = states.difficulty
        self.last_day[which] = states.last_day
        self.reviews[which] = states.reviews
        self.lapses[which] = states.lapses
        self.passes[which] = states.passes
        self.days[which] = states.days
