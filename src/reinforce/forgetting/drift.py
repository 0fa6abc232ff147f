"""Whether what a calibration expects of people has become wrong, and is still.

What was expected in the last closes is held against what passed, in absolute terms. A warning begins when the two
differ beyond doubt, and goes on until they agree again: the nights on which people already did otherwise than
expected never become the measure of what is usual.

By how much closes differ more than chance makes them is told from those that were quiet: from all that lie before the
ones that are looked at, but for those of a warning.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Self

from attrs import frozen

from reinforce.forgetting.closing import Scores

LEAST = 200
"""So many scored reviews it takes to look at, and as many quiet ones before."""
LEAST_QUIET = 10
"""So many quiet closes it takes."""
LONGER = (800, 7)
"""A smaller change shows, and that it has ended too, over at least so many scored reviews and closes."""
FEWEST_POINTS = 0.03
BEGINS, ENDS = 4.0, 2.0
"""A warning begins beyond so many standard errors, and ends within so many."""


@frozen
class Drift:
    """By how much people pass less often than is expected.

    Attributes:
        lately: expected minus passed, over the last closes with at least `LEAST` scored reviews.
        noise: one standard error of that. What the reviews of a close have in common is in it.
        reviews: how many were scored lately.
        begun: place among the closes, from 0, of the one with which the difference was beyond its noise and large
            enough to matter, and since which it has not ended; None: there is nothing to warn of.
    """

    lately: float
    noise: float
    reviews: int
    begun: int | None


def drift(closes: Sequence[Scores]) -> Drift | None:
    """How a calibration has drifted; None: there is too little to tell.

    Args:
        closes: the first one first.
    """
    sums = _Sums.of(closes)
    quiet = _Quiet()
    begun: int | None = None
    found: Drift | None = None
    waiting: list[int] = []
    for last in range(len(closes)):
        waiting.append(last)
        begin = sums.begin(last, LEAST)
        if begin is None:
            continue
        while waiting and waiting[0] < begin:
            quiet = quiet.with_one(closes[waiting.pop(0)])
        if not quiet.is_enough:
            continue
        looked_at = [_Span.of(sums, begin, last, quiet.spread)]
        longer = sums.begin(last, *LONGER)
        if longer is not None:
            looked_at.append(_Span.of(sums, longer, last, quiet.spread))
        if any(one.is_beyond(BEGINS) for one in looked_at):
            begun = last if begun is None else begun
        elif not any(one.is_beyond(ENDS) for one in looked_at):
            begun = None
        if begun is not None or any(one.is_beyond(ENDS) for one in looked_at):
            waiting.clear()
        found = Drift(looked_at[0].error, looked_at[0].noise, looked_at[0].reviews, begun)
    return found


@frozen
class _Sums:
    """What was scored, expected beyond what passed, and its variance by chance, before each close."""

    scored: list[int]
    missed: list[float]
    chance: list[float]

    @classmethod
    def of(cls, closes: Sequence[Scores]) -> Self:
        return cls(
            list(accumulate((one.scored for one in closes), initial=0)),
            list(accumulate((one.expected - one.passed for one in closes), initial=0.0)),
            list(accumulate((one.variance for one in closes), initial=0.0)),
        )

    def begin(self, last: int, reviews: int, closes: int = 1) -> int | None:
        """The latest close with which, up to the last, there are so many reviews and closes; None: there are fewer."""
        begin = min(bisect_right(self.scored, self.scored[last + 1] - reviews) - 1, last + 1 - closes)
        return begin if begin >= 0 else None


@frozen
class _Span:
    """Closes that are looked at as one."""

    error: float
    noise: float
    reviews: int

    @classmethod
    def of(cls, sums: _Sums, begin: int, last: int, spread: float) -> Self:
        reviews = sums.scored[last + 1] - sums.scored[begin]
        chance = max(sums.chance[last + 1] - sums.chance[begin], 0.0)
        missed = sums.missed[last + 1] - sums.missed[begin]
        return cls(missed / reviews, float((spread * chance) ** 0.5) / reviews, reviews)

    def is_beyond(self, standard_errors: float) -> bool:
        return abs(self.error) > max(FEWEST_POINTS, standard_errors * self.noise)


@frozen
class _Quiet:
    """What the quiet closes have shown so far."""

    closes: int = 0
    scored: int = 0
    squares: float = 0.0
    chance: float = 0.0

    def with_one(self, close: Scores) -> "_Quiet":
        missed = close.expected - close.passed
        return _Quiet(
            self.closes + (close.scored > 0),
            self.scored + close.scored,
            self.squares + missed * missed,
            self.chance + close.variance,
        )

    @property
    def is_enough(self) -> bool:
        return self.closes >= LEAST_QUIET and self.scored >= LEAST

    @property
    def spread(self) -> float:
        """By how much closes differ more than chance makes them, as a factor of the variance; at least 1."""
        return max(self.squares / self.chance, 1.0) if self.chance > 0 else 1.0
