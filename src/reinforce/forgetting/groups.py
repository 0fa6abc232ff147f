"""Values by the id of what they belong to: where those of each lie, and where each id stands among others."""

import numpy as np
from attrs import frozen

from reinforce.forgetting.curve import Floats, Ints

NONE = -1
"""Stands for the place of what is not there, and for what is not told."""


@frozen(eq=False)
class Groups:
    """The ids, and where the values of each lie.

    Attributes:
        ids: each once, rising.
        begins: the place of the first value of each.
        sizes: how many values each has.
    """

    ids: Ints
    begins: Ints
    sizes: Ints

    @classmethod
    def of(cls, sorted_ids: Ints) -> "Groups":
        """The groups of sorted ids."""
        begins = np.flatnonzero(np.diff(sorted_ids, prepend=-1))
        return cls(sorted_ids[begins], begins, np.diff(np.append(begins, len(sorted_ids))))

    def sums(self, values: Floats) -> Floats:
        """The sum of each group."""
        return np.asarray(np.add.reduceat(values, self.begins))

    def spread(self, values: Floats) -> Floats:
        """Each group's value, for each of its members."""
        return np.repeat(values, self.sizes)

    def running(self, values: Floats) -> Floats:
        """The sum of the group's values before each."""
        total = np.cumsum(values) - values
        return np.asarray(total - self.spread(total[self.begins]))

    def place(self) -> Ints:
        """How many of the group come before each."""
        return np.arange(int(self.sizes.sum())) - np.repeat(self.begins, self.sizes)


def places_among(numbers: Ints, among: Ints) -> Ints:
    """Where each number stands among others; `NONE` where it does not."""
    if not len(among):
        return np.full(len(numbers), NONE)
    order = np.argsort(among)
    found = order[np.minimum(np.searchsorted(among, numbers, sorter=order), len(among) - 1)]
    return np.where(among[found] == numbers, found, NONE)
