"""Probabilities as log-odds, and back."""

import numpy as np

from reinforce.forgetting.curve import Floats

SUREST_RECALL = 1e-4
MOST_LOG_ODDS = 30.0


def log_odds(probability: Floats) -> Floats:
    """ln(p / (1 - p)), with p kept away from 0 and 1."""
    kept = np.clip(probability, SUREST_RECALL, 1.0 - SUREST_RECALL)
    return np.asarray(np.log(kept / (1.0 - kept)))


def probability(logit: Floats) -> Floats:
    """The inverse of `log_odds`."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logit, -MOST_LOG_ODDS, MOST_LOG_ODDS))))
