"""How good predictions of recall were: log loss, RMSE(bins), AUC and the calibration curve.

Each takes a weight for every review, so that a bootstrap is the same function over other weights.
"""

import numpy as np
from attrs import frozen

from reinforce.errors import InvalidValue, NotEnoughEvidence
from reinforce.forgetting.curve import Floats, Ints

SUREST = 1e-4
"""No prediction is scored as surer than this, so that one wrong certainty is not infinitely bad."""


def losses(predicted: Floats, passed: Floats) -> Floats:
    """The log loss of each prediction: -ln of the probability that it gave to what happened."""
    probability = np.clip(predicted, SUREST, 1.0 - SUREST)
    return np.asarray(-np.log(np.where(passed > 0, probability, 1.0 - probability)))


def log_loss(predicted: Floats, passed: Floats, weight: Floats | None = None) -> float:
    """The mean log loss; lower is better, and only a true probability is rewarded."""
    _check(predicted, passed)
    return float(np.average(losses(predicted, passed), weights=weight))


def auc(predicted: Floats, passed: Floats, weight: Floats | None = None) -> float:
    """The probability that a passed review was predicted higher than a failed one; ties count half.

    Raises:
        NotEnoughEvidence: if all reviews passed or all failed.
    """
    _check(predicted, passed)
    weights = np.ones(len(passed)) if weight is None else weight
    order = np.argsort(predicted, kind="stable")
    value, good = predicted[order], (weights * passed)[order]
    bad = weights[order] - good
    ends = np.append(np.flatnonzero(value[1:] != value[:-1]), len(value) - 1)
    goods, bads = (np.diff(np.cumsum(one)[ends], prepend=0.0) for one in (good, bad))
    total = goods.sum() * bads.sum()
    if not total > 0:
        raise NotEnoughEvidence("not enough evidence: an AUC needs both passed and failed reviews")
    return float(np.sum(goods * (np.cumsum(bads) - 0.5 * bads)) / total)


def memory_bins(elapsed_days: Ints, reviews: Ints, failures: Ints) -> Ints:
    """The bin of each review in RMSE(bins): similar elapsed time, number of reviews and of failures.

    The edges are srs-benchmark's: powers of 3.62, 1.89 and 1.73.
    """
    parts = (
        np.floor(np.log(np.maximum(elapsed_days, 1)) / np.log(3.62)),
        np.floor(np.log(np.maximum(reviews, 1)) / np.log(1.89)),
        np.where(failures > 0, 1.0 + np.floor(np.log(np.maximum(failures, 1)) / np.log(1.73)), 0.0),
    )
    key = (parts[0] * 1000.0 + parts[1]) * 1000.0 + parts[2]
    return np.asarray(np.unique(key, return_inverse=True)[1], dtype=np.int64)


def rmse_bins(predicted: Floats, passed: Floats, bins: Ints, weight: Floats | None = None) -> float:
    """The root mean square difference between what was predicted and what happened, over bins of similar reviews.

    Args:
        predicted: probabilities.
        passed: 1 or 0.
        bins: see `memory_bins`.
        weight: of each review.
    """
    _check(predicted, passed)
    weights = np.ones(len(passed)) if weight is None else weight
    size = np.bincount(bins, weights)
    gap = np.bincount(bins, weights * (predicted - passed))
    held = size > 0
    return float(np.sqrt(np.sum(gap[held] ** 2 / size[held]) / size.sum()))


@frozen
class CalibrationBin:
    """One point of the calibration curve.

    Attributes:
        predicted: the mean prediction.
        passed: the share that passed.
        count: how many reviews.
    """

    predicted: float
    passed: float
    count: int


def calibration_curve(predicted: Floats, passed: Floats, bins: int = 10) -> tuple[CalibrationBin, ...]:
    """What happened beside what was predicted, in bins of as equal a size as can be, from low to high."""
    _check(predicted, passed)
    order = np.argsort(predicted, kind="stable")
    return tuple(
        CalibrationBin(float(predicted[part].mean()), float(passed[part].mean()), len(part))
        for part in np.array_split(order, min(bins, len(order)))
    )


@frozen
class Interval:
    """A figure with its 95 % confidence interval."""

    value: float
    low: float
    high: float


def bootstrap_weights(clusters: Ints, draws: int, seed: int) -> "list[Floats]":
    """For each draw, how often each review is in it, when whole clusters are drawn with replacement.

    Reviews of one person are alike, so people are drawn, and not reviews.
    """
    random = np.random.Generator(np.random.PCG64(seed))
    number = np.unique(clusters, return_inverse=True)[1]
    count = int(number.max()) + 1
    return [
        np.bincount(random.integers(count, size=count), minlength=count)[number].astype(np.float64)
        for _ in range(draws)
    ]


def interval(value: float, draws: Floats) -> Interval:
    """The percentile interval of a bootstrap."""
    low, high = np.quantile(draws, (0.025, 0.975)) if len(draws) else (np.nan, np.nan)
    return Interval(value, float(low), float(high))


def _check(predicted: Floats, passed: Floats) -> None:
    if len(predicted) != len(passed):
        raise InvalidValue(f"there are {len(predicted)} predictions for {len(passed)} reviews")
    if not len(passed):
        raise NotEnoughEvidence("not enough evidence: there are no reviews to score")
    if not ((predicted >= 0) & (predicted <= 1)).all():
        raise InvalidValue("predictions must be probabilities from 0 to 1")
