"""What calibration looks at besides FSRS's retrievability, one row of numbers for each review.

A review is of one of three kinds, and each has its own columns, zero for the others: the first of its pair, one on
a day on which the pair was reviewed before, and one on a later day, the only kind that FSRS speaks of.
"""

import numpy as np

from reinforce.forgetting.before import Before
from reinforce.forgetting.curve import Floats

NAMES = (
    "later",
    "log-odds of retrievability",
    "elapsed days",
    "difficulty",
    "passes",
    "failures",
    "days practised",
    "first",
    "same day",
    "same day: passes",
    "same day: failures",
)
"""The columns; counts and elapsed days enter as logarithms."""

LATER, RETRIEVABILITY, ELAPSED = 0, 1, 2
COUNTED = (0, 7, 8)
"""The columns that are 1 for one kind of review; each review has a 1 in one of them."""
SUREST_RECALL = 1e-4
MOST_LOG_ODDS = 30.0


def log_odds(probability: Floats) -> Floats:
    """ln(p / (1 - p)), with p kept away from 0 and 1."""
    kept = np.clip(probability, SUREST_RECALL, 1.0 - SUREST_RECALL)
    return np.asarray(np.log(kept / (1.0 - kept)))


def probability(logit: Floats) -> Floats:
    """The inverse of `log_odds`."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logit, -MOST_LOG_ODDS, MOST_LOG_ODDS))))


def features(known: Before) -> Floats:
    """One row for each review and one column for each of `NAMES`."""
    later, first = known.is_later, known.is_first
    same = ~later & ~first
    passes, failures = np.log1p(known.passes), np.log1p(known.reviews - known.passes)
    columns = np.zeros((len(known), len(NAMES)))
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
