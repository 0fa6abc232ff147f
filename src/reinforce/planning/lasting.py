"""What one practice is expected to add to a memory over the months that follow, for many rows at once."""

import numpy as np

from reinforce.forgetting.curve import Floats, Ints, retrievability
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.states import States
from reinforce.forgetting.step import AGAIN, GOOD, step
from reinforce.planning.rows import MemoryRows

LASTING_DAYS = 90
"""Retention is averaged over so many days from the day of practice on."""

_MOMENTS = (np.arange(8) + 0.5) / 8 * LASTING_DAYS


def lasting_gain(rows: MemoryRows, day: int, forgetting: Forgetting) -> Floats:
    """By how much one practice today raises the average retention of the next `LASTING_DAYS`.

    R · mean after a pass + (1 - R) · mean after a failure - mean without practice, where R is the probability of recall
    today and a pass is GOOD; never below 0.
    """
    elapsed = np.maximum(day - rows.last_day, 0)
    recall = rows.recall_on(day, forgetting)
    ones = np.ones(len(rows), dtype=np.int64)
    before = States(rows.stability, rows.difficulty, rows.last_day, ones, ones, ones, ones)
    after = {
        rating: step(forgetting, before, rating * ones, day * ones, np.ones(len(rows))) for rating in (GOOD, AGAIN)
    }
    passed = _average(0 * ones, after[GOOD].stability, forgetting)
    failed = _average(0 * ones, after[AGAIN].stability, forgetting)
    gain = recall * passed + (1.0 - recall) * failed - _average(elapsed, rows.stability, forgetting)
    return np.asarray(np.maximum(gain, 0.0))


def _average(elapsed: Ints, stability: Floats, forgetting: Forgetting) -> Floats:
    later = elapsed[:, None] + _MOMENTS[None, :]
    return np.asarray(retrievability(later, stability[:, None], forgetting.decay).mean(axis=1))
