"""The forgetting curve of FSRS-6."""

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

STABILITY_RETENTION = 0.9
"""Stability is the number of days after which this probability of recall is left."""

BLOCK = 16_000
"""Longer arrays are worked through in parts that a processor's second cache holds."""


def curve_factor(decay: float) -> float:
    """The factor that makes R = 0.9 where elapsed = stability: 0.9^(-1/decay) - 1."""
    return float(STABILITY_RETENTION ** (-1.0 / decay) - 1.0)


def retrievability(elapsed_days: npt.ArrayLike, stability: npt.ArrayLike, decay: float) -> Floats:
    """The probability of recall after some days without practice.

    R(t) = (1 + factor * t / S) ^ -decay, FSRS-6. It is 1 at t = 0, 0.9 at t = S, and never rises with t.

    Args:
        elapsed_days: calendar days since the last practice; negative ones count as 0.
        stability: days, above 0; same shape, or one that broadcasts.
        decay: FSRS-6's w20, above 0.
    """
    elapsed, days = np.asarray(elapsed_days), np.asarray(stability, dtype=np.float64)
    if elapsed.ndim != 1 or elapsed.shape != days.shape or len(days) <= BLOCK:
        return _recall(elapsed, days, decay)
    left = np.empty(len(days))
    for begin in range(0, len(days), BLOCK):
        block = slice(begin, begin + BLOCK)
        _recall(elapsed[block], days[block], decay, left[block])
    return left


def _recall(elapsed: npt.NDArray[Any], stability: Floats, decay: float, out: Floats | None = None) -> Floats:
    left = np.asarray(np.divide(np.maximum(elapsed, 0.0), stability, out=out))
    left *= curve_factor(decay)
    left += 1.0
    return np.asarray(np.power(left, -decay, out=left))
