"""Evaluation: the protocol, the baselines, and what it says of a real log."""

import numpy as np
import pytest

from forgetting.logs import class_of, josh
from reinforce.errors import InvalidValue, NotEnoughEvidence
from reinforce.forgetting.baselines import BASELINES
from reinforce.forgetting.evaluation import after_the_first_third, evaluate, ours, time_series_folds
from reinforce.forgetting.practice_log import Log
from reinforce.forgetting.scored import Scored


def test_folds_are_those_of_time_series_split() -> None:
    """Five equal test folds at the end, each after all that it may be fitted on."""
    folds = time_series_folds(20)

    assert [(fold.begin, fold.end) for fold in folds] == [(5, 8), (8, 11), (11, 14), (14, 17), (17, 20)]


def test_a_real_log_gives_the_known_figures() -> None:
    """One person's flashcards: calendar days beat 24-hour floors and a constant, and ours beats them all."""
    scored = Scored.of(josh())

    result = evaluate(scored, {**BASELINES, "ours": ours()}, time_series_folds(len(scored)), draws=50)

    assert (result.reviews, result.learners, result.tested, result.drawn) == (12580, 1, 5310, "days")
    assert result.score("AVG").log_loss.value == pytest.approx(0.5113, abs=5e-4)
    assert result.score("FSRS-6, 24-hour floors").log_loss.value == pytest.approx(0.6653, abs=5e-4)
    assert result.score("FSRS-6").log_loss.value == pytest.approx(0.4417, abs=5e-4)
    assert result.score("ours").log_loss.value < 0.4340
    assert all(one.behind.low > 0 for one in result.scores[:-1])


def test_people_and_skills_are_told_apart() -> None:
    """Where people differ in ability and skills in difficulty, ours beats every baseline by more than its noise."""
    scored = Scored.of(class_of())

    result = evaluate(scored, {**BASELINES, "ours": ours()}, after_the_first_third(len(scored)), draws=50)

    assert result.drawn == "learners"
    assert all(one.behind.low > 0.02 for one in result.scores[:-1])


def test_the_same_seed_gives_the_same_evaluation() -> None:
    """Nothing in it is left to chance."""
    scored = Scored.of(class_of(learners=12, days=8))
    models = {"AVG": BASELINES["AVG"], "ours": ours()}
    folds = time_series_folds(len(scored))

    assert evaluate(scored, models, folds, draws=20) == evaluate(scored, models, folds, draws=20)


@pytest.mark.parametrize("rating", [1, 3])
def test_one_outcome_only(rating: int) -> None:
    """Where all passed or all failed, there is a clear answer and no NaN."""
    scored = Scored.of(Log.of([0] * 30, [0] * 30, range(30), [rating] * 30))

    with pytest.raises(NotEnoughEvidence, match=r"not enough evidence: all \d+ scored reviews (passed|failed)"):
        evaluate(scored, BASELINES, time_series_folds(len(scored)))


def test_no_repeats() -> None:
    """Where nothing was practised on a second day, there is nothing to score."""
    scored = Scored.of(Log.of([0] * 9, range(9), range(9), [3] * 9))

    with pytest.raises(NotEnoughEvidence, match="not enough evidence: 5 folds need at least 6"):
        time_series_folds(len(scored))
    with pytest.raises(NotEnoughEvidence, match="at least 3"):
        after_the_first_third(len(scored))


def test_one_learner_and_a_clock_that_jumps_back() -> None:
    """A single learner with days out of order is scored like any other."""
    random = np.random.default_rng(3)
    log = Log.of([0] * 400, random.integers(9, size=400), random.integers(60, size=400), random.choice([1, 3], 400))
    scored = Scored.of(log)

    result = evaluate(scored, {**BASELINES, "ours": ours()}, time_series_folds(len(scored)), draws=20)

    assert all(np.isfinite([one.log_loss.value, one.rmse_bins.value, one.auc.value]).all() for one in result.scores)


def test_no_model() -> None:
    """To evaluate nothing is a mistake."""
    scored = Scored.of(class_of(learners=3))

    with pytest.raises(InvalidValue, match="at least one model"):
        evaluate(scored, {}, time_series_folds(len(scored)))
