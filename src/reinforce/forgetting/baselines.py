"""The simple predictors that a model of forgetting has to beat.

Each is a function of the scored reviews and of how many of them, from the first, it may be fitted on; it answers with
a prediction for every one, of which only those after that number are looked at. It may use what happened before each
review, as all of them are asked in the order of time.
"""

from collections.abc import Callable

import numpy as np

from reinforce.forgetting.before import Pairs, before
from reinforce.forgetting.curve import Floats
from reinforce.forgetting.odds import log_odds, probability
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.scored import Scored

SECONDS_A_DAY = 86400

Model = Callable[[Scored, int], Floats]


def average(scored: Scored, fitted_on: int) -> Floats:
    """AVG: the share that passed, for every review."""
    return np.full(len(scored), scored.passed[:fitted_on].mean())


def moving_average(scored: Scored, _fitted_on: int) -> Floats:
    """MOVING-AVG: the share that passed of all reviews so far, beginning with one pass in two."""
    passed_before = np.cumsum(scored.passed) - scored.passed
    return np.asarray((passed_before + 1.0) / (np.arange(len(scored)) + 2.0))


def plain(scored: Scored, _fitted_on: int) -> Floats:
    """FSRS's retrievability as it is, in calendar days."""
    return scored.known.retrievability[scored.places]


def floors(scored: Scored, _fitted_on: int) -> Floats:
    """FSRS-6 with its own parameters and whole spans of 24 hours, as py-fsrs counts."""
    log = scored.log
    pairs = Pairs.of(log)
    moments = log.seconds[pairs.rows]
    spans = np.diff(moments, prepend=moments[:1]) // SECONDS_A_DAY
    spans[pairs.offsets] = 0
    known = before(Forgetting(), log, np.maximum(spans, 0).astype(np.int64))
    return known.retrievability[scored.places]


def biased(retrievability: Floats, passed: Floats, rate: float = 0.02) -> Floats:
    """The plain online bias: one intercept on the log-odds of R, moved after each review by a share of its residual."""
    predicted = np.empty(len(passed))
    bias = 0.0
    for place, (logit, outcome) in enumerate(zip(log_odds(retrievability).tolist(), passed.tolist(), strict=True)):
        p = 1.0 / (1.0 + np.exp(-(logit + bias)))
        predicted[place] = p
        bias += rate * (outcome - p)
    return predicted


def plain_biased(scored: Scored, fitted_on: int) -> Floats:
    """FSRS's retrievability with a plain online bias."""
    return biased(plain(scored, fitted_on), scored.passed)


def elapsed_logistic(scored: Scored, fitted_on: int) -> Floats:
    """A logistic regression on the logarithm of the days elapsed."""
    columns = np.column_stack((np.ones(len(scored)), np.log1p(scored.elapsed_days)))
    return probability(columns @ logistic_fit(columns[:fitted_on], scored.passed[:fitted_on]))


def logistic_fit(columns: Floats, passed: Floats, ridge: float = 0.1) -> Floats:
    """The coefficients of a logistic regression, by Newton's method."""
    coefficients = np.zeros(columns.shape[1])
    penalty = np.eye(columns.shape[1]) * ridge
    for _ in range(25):
        p = probability(columns @ coefficients)
        pull = columns.T @ (passed - p) - penalty @ coefficients
        information = (columns * (p * (1.0 - p))[:, None]).T @ columns + penalty
        coefficients = coefficients + np.clip(np.linalg.solve(information, pull), -2.0, 2.0)
    return np.asarray(coefficients)


def half_life(scored: Scored, fitted_on: int) -> Floats:
    """HLR: p = 2^(-elapsed / h), log2 h linear in the square roots of passes and failures.

    Settles and Meeder, "A Trainable Spaced Repetition Model for Language Learning", ACL 2016; fitted to log loss.
    """
    columns = np.column_stack((np.ones(len(scored)), np.sqrt(1 + scored.passes), np.sqrt(1 + scored.failures)))
    elapsed = scored.elapsed_days
    coefficients = _half_life_fit(columns[:fitted_on], elapsed[:fitted_on], scored.passed[:fitted_on])
    return _half_life_recall(columns, elapsed, coefficients)[0]


def _half_life_recall(columns: Floats, elapsed: Floats, coefficients: Floats) -> tuple[Floats, Floats]:
    half_lives = 2.0 ** np.clip(columns @ coefficients, -6.0, 14.0)
    return np.clip(2.0 ** (-elapsed / half_lives), 1e-4, 1.0 - 1e-4), half_lives


def _half_life_fit(columns: Floats, elapsed: Floats, passed: Floats, rounds: int = 600) -> Floats:
    """Adam on the mean log loss, from the half-life of the mean interval."""
    coefficients = np.zeros(columns.shape[1])
    coefficients[0] = np.log2(max(float(elapsed.mean()), 1.0))
    mean, square = np.zeros_like(coefficients), np.zeros_like(coefficients)
    for number in range(1, rounds + 1):
        p, half_lives = _half_life_recall(columns, elapsed, coefficients)
        by_recall = (1.0 - passed) / (1.0 - p) - passed / p
        by_logarithm = by_recall * p * np.log(2.0) ** 2 * elapsed / half_lives
        slope = columns.T @ by_logarithm / len(passed) + 1e-3 * coefficients
        mean = 0.9 * mean + 0.1 * slope
        square = 0.999 * square + 0.001 * slope**2
        coefficients -= 0.05 * mean / (1 - 0.9**number) / (np.sqrt(square / (1 - 0.999**number)) + 1e-8)
    return coefficients


BASELINES: dict[str, Model] = {
    "AVG": average,
    "MOVING-AVG": moving_average,
    "elapsed-time logistic": elapsed_logistic,
    "HLR": half_life,
    "FSRS-6, 24-hour floors": floors,
    "FSRS-6": plain,
    "FSRS-6 + online bias": plain_biased,
}
"""By the names under which they are reported."""
