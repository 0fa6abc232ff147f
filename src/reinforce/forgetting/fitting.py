"""FSRS-6's weights, fitted to a log.

What is minimised is the log loss over all reviews on a later day than their pair's last one, newer ones counting
more, plus what it costs to leave the defaults: a normal prior around them, as wide as fitted weights were found to
differ between people. With few reviews the prior wins, with many the log.

A fit is worth adopting only if it predicts later reviews better than the weights in force do, beyond the noise
of that difference: the last quarter of the log is held out to see. Where a calibration is in force, both are compared
with it on top, too.
"""

from collections.abc import Sequence

import numpy as np
from fsrs.scheduler import LOWER_BOUNDS_PARAMETERS, UPPER_BOUNDS_PARAMETERS

from reinforce.errors import NotEnoughEvidence
from reinforce.forgetting.calibration import Calibration
from reinforce.forgetting.curve import Floats
from reinforce.forgetting.descent import lowest
from reinforce.forgetting.gradient import Rounds, loss_and_slope
from reinforce.forgetting.learning import calibrated
from reinforce.forgetting.metrics import bootstrap_weights, losses
from reinforce.forgetting.parameter_sets import Fit
from reinforce.forgetting.parameters import DEFAULT_WEIGHTS, Forgetting
from reinforce.forgetting.practice_log import Log
from reinforce.forgetting.scored import Scored

FEWEST = 64
"""With fewer scored reviews nothing is fitted."""

_FIRST_STABILITIES = (6.43, 9.66, 17.58, 27.85)
_DIFFICULTY = (0.57, 0.28, 0.6, 0.12)
_RECALL = (0.39, 0.18, 0.33)
_LAPSE = (0.3, 0.09, 0.16, 0.57)
_HARD_AND_EASY = (0.25, 1.03)
_SAME_DAY_AND_CURVE = (0.31, 0.32, 0.14, 0.27)
SPREAD = np.array((*_FIRST_STABILITIES, *_DIFFICULTY, *_RECALL, *_LAPSE, *_HARD_AND_EASY, *_SAME_DAY_AND_CURVE))
"""The standard deviation of each weight over people's own fits, as published with fsrs-rs (`PARAMS_STDDEV`)."""

LOW = np.maximum(np.array(LOWER_BOUNDS_PARAMETERS), 0.001)
HIGH = np.array(UPPER_BOUNDS_PARAMETERS)
SAMPLE = 100_000
"""Longer logs are fitted on a sample of about so many reviews first, and on all of them from there."""
STEPS_ON_ALL = 12
PRIOR = 1.0
FEWEST_HELD_OUT = 100
DRAWS = 200
FEWEST_DRAWN = 10
"""With fewer held-out reviews, or learners (days) among them, the noise of a difference cannot be told."""


def newer_counts_more(reviews: int) -> Floats:
    """The importance of reviews in the order of time: from a quarter to 1, as fsrs-rs weighs them."""
    return np.asarray(0.25 + 0.75 * (np.arange(reviews) / max(reviews - 1, 1)) ** 3)


def fit_weights(
    log: Log,
    *,
    in_force: Sequence[float] = DEFAULT_WEIGHTS,
    importance: Floats | None = None,
    prior: float = PRIOR,
    seed: int = 0,
) -> tuple[float, ...]:
    """The weights that minimise the log loss on a log.

    Args:
        log: the practice.
        in_force: where to begin; the prior is around the defaults whatever is in force.
        importance: of each scored review, in the order of time; None: all alike.
        prior: how firmly the defaults are held to; 0: not at all.
        seed: of the sample that a long log is first fitted on.

    Raises:
        NotEnoughEvidence: if there are too few scored reviews, or all of them passed or failed.
    """
    _check(Scored.of(log))
    return _fitted(log, in_force, importance, prior, seed)


def _fitted(
    log: Log, in_force: Sequence[float], importance: Floats | None, prior: float, seed: int
) -> tuple[float, ...]:
    rounds = Rounds.of(log, importance)
    point = np.clip(np.asarray(in_force, dtype=np.float64), LOW, HIGH) / SPREAD
    count = len(rounds.rating)
    if count > 2 * SAMPLE:
        random = np.random.Generator(np.random.PCG64(seed))
        which = random.random(int(rounds.pair.max()) + 1) < SAMPLE / count
        point = _descend(rounds.sample(which), point, prior * SAMPLE / count, 100)
        point = _descend(rounds, point, prior, STEPS_ON_ALL)
    else:
        point = _descend(rounds, point, prior, 200)
    return tuple(np.clip(point * SPREAD, LOW, HIGH).tolist())


def fit(log: Log, *, in_force: Sequence[float] = DEFAULT_WEIGHTS, is_calibrated: bool = False, seed: int = 0) -> Fit:
    """Fit weights to a log, newer reviews counting more, and see on held-out later reviews what they are worth.

    Args:
        log: the practice.
        in_force: the weights that they must beat.
        is_calibrated: whether a calibration is in force.
        seed: of whatever is sampled.

    Raises:
        NotEnoughEvidence: if there are too few scored reviews, or all of them passed or failed.
    """
    scored = Scored.of(log, Forgetting(in_force))
    _check(scored)
    reviews = len(scored)
    kept = reviews - reviews // 4
    importance = newer_counts_more(reviews)
    earlier = _until(log, scored, kept)
    in_force_loss = losses(scored.known.retrievability[scored.places], scored.passed)
    alone: tuple[float, float] = (0.0, np.inf)
    under: tuple[float | None, float | None] = alone if is_calibrated else (None, None)
    if _has_both(scored.passed[:kept]):
        tried = _fitted(earlier, in_force, newer_counts_more(kept), PRIOR, seed)
        alone = _gained(scored, kept, in_force_loss, _losses(log, tried))
        if is_calibrated:
            under = _gained(scored, kept, _calibrated_losses(log, in_force), _calibrated_losses(log, tried))
    weights = _fitted(log, in_force, importance, PRIOR, seed)
    return Fit(
        weights=weights,
        reviews=reviews,
        log_loss=float(_losses(log, weights).mean()),
        log_loss_in_force=float(in_force_loss.mean()),
        held_out=reviews - kept,
        gained=alone[0],
        noise=alone[1],
        gained_calibrated=under[0],
        noise_calibrated=under[1],
    )


def _descend(rounds: Rounds, point: Floats, prior: float, steps: int) -> Floats:
    center = np.asarray(DEFAULT_WEIGHTS) / SPREAD
    total = max(float(rounds.importance.sum()), 1.0)

    def function(scaled: Floats) -> tuple[float, Floats]:
        loss, slope = loss_and_slope(scaled * SPREAD, rounds)
        away = scaled - center
        return (loss + 0.5 * prior * float(away @ away)) / total, (slope * SPREAD + prior * away) / total

    return lowest(function, point, LOW / SPREAD, HIGH / SPREAD, steps=steps)


def _losses(log: Log, weights: Sequence[float]) -> Floats:
    scored = Scored.of(log, Forgetting(weights))
    return losses(scored.known.retrievability[scored.places], scored.passed)


def _calibrated_losses(log: Log, weights: Sequence[float]) -> Floats:
    """Those of the calibration on top, learned day by day, each review predicted from the morning as a plan is."""
    scored = Scored.of(log, Forgetting(weights))
    predicted, _ = calibrated(Calibration.new(), log, scored.known)
    return losses(predicted.morning[scored.places], scored.passed)


def _gained(scored: Scored, kept: int, before: Floats, after: Floats) -> tuple[float, float]:
    """By how much less is lost on what was held out, and the noise of that."""
    better = (before - after)[kept:]
    return float(better.mean()), _noise(scored, better, kept)


def _until(log: Log, scored: Scored, kept: int) -> Log:
    """The log up to and with the last of the first scored reviews."""
    return log.take(slice(0, int(scored.known.rows[scored.places[kept - 1]]) + 1))


def _noise(scored: Scored, better: Floats, kept: int) -> float:
    """The standard error of the mean, by a bootstrap over learners, or over days where there are few learners."""
    clusters, _ = scored.clusters(np.arange(kept, len(scored)))
    if len(better) < FEWEST_HELD_OUT or len(np.unique(clusters)) < FEWEST_DRAWN:
        return float(np.inf)
    weights = bootstrap_weights(clusters, DRAWS, seed=0)
    return float(np.std([weight @ better / weight.sum() for weight in weights]))


def _has_both(passed: Floats) -> bool:
    return bool(len(passed)) and bool(passed.min() < passed.max())


def _check(scored: Scored) -> None:
    if len(scored) < FEWEST:
        raise NotEnoughEvidence(
            f"not enough evidence: fitting needs at least {FEWEST} reviews on a later day than the pair's last one, "
            f"but there are {len(scored)}"
        )
    if not _has_both(scored.passed):
        raise NotEnoughEvidence(
            f"not enough evidence: all {len(scored)} reviews on a later day "
            f"{'passed' if scored.passed[0] else 'failed'}, so nothing can be said about forgetting"
        )
