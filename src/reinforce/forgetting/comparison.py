"""The models that a log is evaluated with, from a constant to ours, and how it is cut."""

from enum import StrEnum

from reinforce.errors import NotEnoughEvidence
from reinforce.forgetting.baselines import BASELINES, Model
from reinforce.forgetting.curve import Floats
from reinforce.forgetting.evaluation import (
    Evaluation,
    Fold,
    after_the_first_third,
    evaluate,
    ours,
    time_series_folds,
)
from reinforce.forgetting.fitting import fit_weights
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.practice_log import Log
from reinforce.forgetting.scored import Scored

OURS = "reinforce"
PLAIN = "FSRS-6"
FITTED = "FSRS-6, fitted"


class Split(StrEnum):
    """How a log is cut into what is fitted on and what is scored.

    TIME_SERIES: five folds, each fitted on all before it. FIRST_THIRD: fitted on the first third, scored on the rest;
    for many people over a short time, such as a class.
    """

    TIME_SERIES = "time-series"
    FIRST_THIRD = "first-third"

    def folds(self, scored: int) -> tuple[Fold, ...]:
        """The folds of so many scored reviews.

        Raises:
            NotEnoughEvidence: there are too few of them.
        """
        return after_the_first_third(scored) if self is Split.FIRST_THIRD else time_series_folds(scored)


def fitted(scored: Scored, fitted_on: int) -> Floats:
    """FSRS-6 with weights fitted to the reviews before a fold; its own where these are too few to fit to."""
    until = int(scored.known.rows[scored.places[fitted_on - 1]]) + 1
    try:
        weights = fit_weights(scored.log.take(slice(0, until)))
    except NotEnoughEvidence:
        return scored.known.retrievability[scored.places]
    again = Scored.of(scored.log, Forgetting(weights))
    return again.known.retrievability[again.places]


def models() -> dict[str, Model]:
    """By the names under which they are reported; ours is the last, and knows nothing of the log beforehand."""
    return {**BASELINES, FITTED: fitted, OURS: ours()}


def compare(log: Log, split: Split = Split.TIME_SERIES, *, draws: int = 200, seed: int = 0) -> Evaluation:
    """Score all models on the same reviews of a log.

    Args:
        log: the practice.
        split: what is fitted on, and what is scored.
        draws: of the bootstrap.
        seed: of the bootstrap; the same gives the same intervals.

    Raises:
        NotEnoughEvidence: there is too little to score, or all of it passed or failed.
    """
    scored = Scored.of(log)
    return evaluate(scored, models(), split.folds(len(scored)), draws=draws, seed=seed)
