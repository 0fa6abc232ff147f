"""Whether a calibration that was right has become wrong: its last closes beside those before."""

from collections.abc import Sequence

from attrs import frozen

from reinforce.forgetting.closing import Scores

LEAST = 200
"""So many scored reviews it takes on either side."""
FEWEST_POINTS = 0.03
STANDARD_ERRORS = 3.0


@frozen
class Drift:
    """By how much people passed less often than was expected, lately beside earlier.

    Attributes:
        lately: expected minus passed, over the last closes with at least `LEAST` scored reviews.
        earlier: the same over the closes before.
        noise: one standard error of the difference. What the reviews of a close have in common is in it.
        reviews: how many were scored lately.
    """

    lately: float
    earlier: float
    noise: float
    reviews: int

    @property
    def is_certain(self) -> bool:
        """Whether the difference is beyond its noise, and large enough to matter."""
        difference = abs(self.lately - self.earlier)
        return difference > max(FEWEST_POINTS, STANDARD_ERRORS * self.noise)


def drift(closes: Sequence[Scores]) -> Drift | None:
    """How a calibration has drifted; None: there are too few scored reviews to tell.

    Args:
        closes: the first one first.
    """
    begin, reviews = len(closes), 0
    while begin > 0 and reviews < LEAST:
        begin -= 1
        reviews += closes[begin].scored
    if reviews < LEAST or sum(one.scored for one in closes[:begin]) < LEAST:
        return None
    before, last = closes[:begin], closes[begin:]
    lately, earlier = _error(last), _error(before)
    chance = sum(_chance(part) for part in (before, last))
    return Drift(lately, earlier, float((_spread(before, earlier) * chance) ** 0.5), reviews)


def _error(closes: Sequence[Scores]) -> float:
    """Expected minus passed for each review."""
    return sum(one.expected - one.passed for one in closes) / sum(one.scored for one in closes)


def _chance(closes: Sequence[Scores]) -> float:
    """The variance of `_error` if chance alone decides each review."""
    return sum(one.variance for one in closes) / sum(one.scored for one in closes) ** 2


def _spread(closes: Sequence[Scores], error: float) -> float:
    """By how much closes differ more than chance makes them, as a factor of the variance; at least 1."""
    between = sum((one.expected - one.passed - error * one.scored) ** 2 for one in closes)
    chance = sum(one.variance for one in closes) * (len(closes) - 1) / len(closes)
    return max(between / chance, 1.0) if chance > 0 else 1.0
