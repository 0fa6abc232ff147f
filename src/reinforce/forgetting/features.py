"""What calibration looks at besides FSRS's retrievability, one row of numbers for each review.

A review is of one of three kinds, and each has its own columns, zero for the others: the first of its pair, one on
a day on which the pair was reviewed before, and one on a later day, the only kind that FSRS speaks of.
"""

import numpy as np

from reinforce.forgetting.before import Before
from reinforce.forgetting.calibration import FEATURES
from reinforce.forgetting.curve import Floats
from reinforce.forgetting.odds import log_odds

LATER, RETRIEVABILITY, ELAPSED = 0, 1, 2
COUNTED = (0, 7, 8)
"""The columns that are 1 for one kind of review; each review has a 1 in one of them."""


def features(known: Before) -> Floats:
    """One row for each review and one column for each of `FEATURES`."""
    later, first = known.is_later, known.is_first
    same = ~later & ~first
    passes, failures = np.log1p(known.passes), np.log1p(known.reviews - known.passes)
    columns = np.zeros((len(known), len(FEATURES)))
    columns[:, 0] = later
    columns[later, 1] = log_odds(known.retrievability[later])
    columns[later, 2] = np.log1p(known.elapsed_days[later])
    columns[later, 3] = (known.difficulty[later] - 5.0) / 5.0
    columns[later, 4] = passes[later]
    columns[later, 5] = failures[later]
    columns[later, 6] = np.log(known.days[later])
    columns[:, 7] = first
    columns[:, 8] = same
    columns[same, 9] = passes[same]
    columns[same, 10] = failures[same]
    return columns
