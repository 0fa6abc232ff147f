"""From a stability to the day on which a skill is due."""

from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from reinforce.forgetting.curve import Floats, Ints, curve_factor
from reinforce.forgetting.parameters import Forgetting

Seeds = npt.NDArray[np.uint64]
_MASK = (1 << 64) - 1


def interval_days(stability: npt.ArrayLike, desired_retention: npt.ArrayLike, forgetting: Forgetting) -> Ints:
    """Whole days until the probability of recall falls to the desired retention, FSRS-6.

    At least 1, at most `maximum_interval_days`.

    Args:
        stability: days.
        desired_retention: 0 to 1, same shape or one that broadcasts.
        forgetting: gives the curve and the cap.
    """
    decay = forgetting.decay
    retention = np.asarray(desired_retention, dtype=np.float64)
    reach = np.power(retention, -1.0 / decay) - 1.0
    days = np.rint(np.asarray(stability, dtype=np.float64) / curve_factor(decay) * reach)
    return np.asarray(np.clip(days, 1, forgetting.maximum_interval_days), dtype=np.int64)


def fuzz_range(interval: npt.ArrayLike, maximum_interval_days: int) -> tuple[Ints, Ints]:
    """The first and last day, both included, within which FSRS may move an interval.

    15 % of the part from 2.5 to 7 days, 10 % from 7 to 20, 5 % beyond, and one day, to either side;
    intervals below 2.5 days stay as they are (py-fsrs's FUZZ_RANGES).
    """
    days = np.asarray(interval, dtype=np.float64)
    delta = 1.0 + sum(
        share * np.maximum(np.minimum(days, end) - start, 0.0)
        for start, end, share in ((2.5, 7.0, 0.15), (7.0, 20.0, 0.1), (20.0, np.inf, 0.05))
    )
    is_short = days < 2.5
    high = np.where(is_short, days, np.minimum(np.rint(days + delta), maximum_interval_days))
    low = np.where(is_short, days, np.minimum(np.maximum(np.rint(days - delta), 2.0), high))
    return low.astype(np.int64), high.astype(np.int64)


def fuzzed(interval: Ints, seeds: Seeds, reviews: Ints, maximum_interval_days: int) -> Ints:
    """Intervals moved within their fuzz range, always in the same way.

    The place in the range depends on the pair's seed and its number of reviews only, so a better rating,
    whose range lies later, never gets the shorter interval.

    Args:
        interval: days.
        seeds: one per pair, see `pair_seeds`.
        reviews: how many reviews made the state.
        maximum_interval_days: no interval is longer.
    """
    low, high = fuzz_range(interval, maximum_interval_days)
    return np.asarray(low + np.floor(fractions(seeds, reviews) * (high - low + 1)).astype(np.int64))


def fractions(seeds: Seeds, reviews: Ints) -> Floats:
    """Numbers in [0, 1), evenly spread: SplitMix64 of (seed, reviews), its upper 53 bits."""
    z = np.atleast_1d(seeds) + np.atleast_1d(reviews).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return np.asarray((z >> np.uint64(11)).astype(np.float64) * 2.0**-53)


def mixed(seed: int, number: int) -> int:
    """SplitMix64 of a seed and a number: 64 bits, as those of which `fractions` takes the upper ones."""
    z = (seed + number * 0x9E3779B97F4A7C15) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


def key_seed(key: str) -> int:
    """64 bits that stand for a learner's or a skill's key, the same in every database."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "little")


def pair_seed(learner_seed: int, skill_seed: int) -> int:
    """The seed of a pair; the skill's bits are turned so that equal keys don't cancel out."""
    turned = ((skill_seed << 23) | (skill_seed >> 41)) & _MASK
    return learner_seed ^ turned
