"""The forgetting curve of FSRS-6."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

STABILITY_RETENTION = 0.9
"""Stability is the number of days after which this probability of recall is left."""


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
    elapsed = np.maximum(np.asarray(elapsed_days, dtype=np.float64), 0.0)
    ratio = elapsed / np.asarray(stability, dtype=np.float64)
    return np.asarray(np.power(1.0 + curve_factor(decay) * ratio, -decay))
