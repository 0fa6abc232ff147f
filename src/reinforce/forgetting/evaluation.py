"""How well models predict a log, in the order of time, beside one another.

The protocol is srs-benchmark's: reviews of all pairs in the order of time; those that are scored, each on a day after
the last review of its pair, are cut as scikit-learn's TimeSeriesSplit cuts them; a model is fitted on what lies before
a fold and scored on the fold; and each prediction may use what happened before it (prequential). First reviews and
those on the same day are not scored.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from attrs import frozen

from reinforce.errors import InvalidValue, NotEnoughEvidence
from reinforce.forgetting.baselines import Model
from reinforce.forgetting.calibration import Calibration, Tuning
from reinforce.forgetting.curve import Floats, Ints
from reinforce.forgetting.learning import calibrated
from reinforce.forgetting.metrics import (
    CalibrationBin,
    Interval,
    auc,
    bootstrap_weights,
    calibration_curve,
    interval,
    log_loss,
    losses,
    memory_bins,
    rmse_bins,
)
from reinforce.forgetting.scored import Scored


@frozen
class Fold:
    """Scored reviews that are predicted by models fitted on all before them.

    Attributes:
        begin: the first of them; also how many may be fitted on.
        end: one after the last.
    """

    begin: int
    end: int


def time_series_folds(scored: int, splits: int = 5) -> tuple[Fold, ...]:
    """The test folds of scikit-learn's TimeSeriesSplit: equal parts, the first of splits + 1 is only fitted on."""
    size = scored // (splits + 1)
    if not size:
        raise NotEnoughEvidence(
            f"not enough evidence: {splits} folds need at least {splits + 1} reviews on a later day, "
            f"but there are {scored}"
        )
    return tuple(
        Fold(scored - (splits - number) * size, scored - (splits - number - 1) * size) for number in range(splits)
    )


def after_the_first_third(scored: int) -> tuple[Fold, ...]:
    """One fold, the last two thirds: for many people over a short time, such as a class."""
    if scored < 3:
        raise NotEnoughEvidence(
            f"not enough evidence: there are {scored} reviews on a later day, at least 3 are needed"
        )
    return (Fold(scored // 3, scored),)


@frozen
class Score:
    """How well one model did.

    Attributes:
        name: of the model.
        log_loss: the mean over all folds; lower is better.
        rmse_bins: see `metrics.rmse_bins`; lower is better.
        auc: higher is better.
        behind: by how much its log loss is above that of the best candidate, the last model; its interval is that of
            the difference.
        curve: predicted beside passed.
    """

    name: str
    log_loss: Interval
    rmse_bins: Interval
    auc: Interval
    behind: Interval
    curve: tuple[CalibrationBin, ...]


@frozen
class Evaluation:
    """How well models predicted a log.

    Attributes:
        reviews: in the log.
        learners: in the log.
        tested: reviews that were scored in a fold.
        passed: the share of these that passed.
        drawn: what the bootstrap draws: "learners" or "days".
        scores: one for each model, in the order in which they were given.
    """

    reviews: int
    learners: int
    tested: int
    passed: float
    drawn: str
    scores: tuple[Score, ...]

    def score(self, name: str) -> Score:
        """The score of a model."""
        return next(one for one in self.scores if one.name == name)


def ours(tuning: Tuning | None = None, *, from_the_morning: bool = False) -> Model:
    """The calibrated model: R as the scored reviews have it, calibrated online from an empty start.

    Args:
        tuning: how fast it learns.
        from_the_morning: whether each review is predicted from the state of the morning, as a plan for the day must,
            or also from the day's reviews before it.
    """

    def model(scored: Scored, _fitted_on: int) -> Floats:
        predicted, _ = calibrated(Calibration.new(tuning), scored.log, scored.known)
        return (predicted.morning if from_the_morning else predicted.at_once)[scored.places]

    return model


def evaluate(
    scored: Scored, models: Mapping[str, Model], folds: Sequence[Fold], *, draws: int = 200, seed: int = 0
) -> Evaluation:
    """Score models on the same reviews.

    Args:
        scored: the reviews.
        models: by name; the last is the candidate that the others are compared with.
        folds: see `time_series_folds` and `after_the_first_third`.
        draws: of the bootstrap.
        seed: of the bootstrap; the same gives the same intervals.

    Raises:
        NotEnoughEvidence: if there is nothing to score, or all scored reviews passed or all failed.
    """
    if not models:
        raise InvalidValue("there must be at least one model to evaluate")
    places = np.concatenate([np.arange(fold.begin, fold.end) for fold in folds])
    passed = scored.passed[places]
    _check(passed)
    predictions = {name: _predicted(model, scored, folds) for name, model in models.items()}
    clusters, drawn = scored.clusters(places)
    weights = bootstrap_weights(clusters, draws, seed)
    known = scored.places[places]
    bins = memory_bins(
        scored.known.elapsed_days[known],
        scored.known.reviews[known],
        scored.known.reviews[known] - scored.known.passes[known],
    )
    best = losses(predictions[list(models)[-1]], passed)
    return Evaluation(
        reviews=len(scored.known),
        learners=len(np.unique(scored.log.learner)),
        tested=len(places),
        passed=float(passed.mean()),
        drawn=drawn,
        scores=tuple(_score(name, each, passed, bins, best, weights) for name, each in predictions.items()),
    )


def _check(passed: Floats) -> None:
    if not len(passed):
        raise NotEnoughEvidence(
            "not enough evidence: no pair was reviewed on a later day, so there is nothing to score"
        )
    if passed.min() == passed.max():
        raise NotEnoughEvidence(
            f"not enough evidence: all {len(passed)} scored reviews {'passed' if passed[0] else 'failed'}, "
            "so no prediction can be told from another"
        )


def _predicted(model: Model, scored: Scored, folds: Sequence[Fold]) -> Floats:
    return np.concatenate([model(scored, fold.begin)[fold.begin : fold.end] for fold in folds])


def _score(name: str, predicted: Floats, passed: Floats, bins: Ints, best: Floats, weights: Sequence[Floats]) -> Score:
    lost = losses(predicted, passed)
    # A draw without a pass or without a failure has no AUC.
    mixed = [weight for weight in weights if 0 < weight @ passed < weight.sum()]
    behind = lost - best
    return Score(
        name=name,
        log_loss=interval(log_loss(predicted, passed), _drawn(lost, weights)),
        rmse_bins=interval(
            rmse_bins(predicted, passed, bins), np.array([rmse_bins(predicted, passed, bins, one) for one in weights])
        ),
        auc=interval(auc(predicted, passed), np.array([auc(predicted, passed, one) for one in mixed])),
        behind=interval(float(behind.mean()), _drawn(behind, weights)),
        curve=calibration_curve(predicted, passed),
    )


def _drawn(values: Floats, weights: Sequence[Floats]) -> Floats:
    return np.array([float(weight @ values / weight.sum()) for weight in weights])
