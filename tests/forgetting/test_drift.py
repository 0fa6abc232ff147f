"""Whether a calibration has drifted is told from what chance does."""

import numpy as np

from reinforce.forgetting.closing import Scores
from reinforce.forgetting.drift import drift


def closes(shares: list[float], reviews: int = 100, seed: int = 0) -> list[Scores]:
    """Closes in which 0.8 was expected of each review, and so many passed."""
    random = np.random.default_rng(seed)
    return [
        Scores(reviews, reviews, int(random.binomial(reviews, share)), 0.8 * reviews, 0.16 * reviews, 0, 0)
        for share in shares
    ]


def test_a_fall_is_seen() -> None:
    """Where people lately pass a sixth less often than they were expected to, it is certain."""
    found = drift(closes([0.8] * 10 + [0.64] * 2))

    assert found is not None
    assert found.reviews == 200
    assert found.lately > 0.1 > abs(found.earlier)
    assert found.is_certain


def test_chance_is_not_drift() -> None:
    """Where all is as expected, at most one log in a hundred is called drifted."""
    wrong = sum(bool((found := drift(closes([0.8] * 12, seed=seed))) and found.is_certain) for seed in range(300))

    assert wrong <= 3


def test_days_that_differ_anyway_are_not_drift() -> None:
    """Where whole days go well or badly, two bad ones are no proof."""
    random = np.random.default_rng(1)
    wrong = 0
    for seed in range(200):
        shares = np.clip(random.normal(0.8, 0.12, 14), 0, 1).tolist()
        found = drift(closes(shares, seed=seed))
        wrong += bool(found and found.is_certain)

    assert wrong <= 12


def test_too_little_is_nothing() -> None:
    """With under 200 scored reviews on either side there is no answer."""
    assert drift([]) is None
    assert drift(closes([0.8] * 3)) is None
    assert drift(closes([0.8] * 4)) is not None
