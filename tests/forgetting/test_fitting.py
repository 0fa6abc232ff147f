"""Fitting FSRS-6's weights: its slopes, what it finds, and when it refrains."""

import numpy as np
import pytest

from forgetting.logs import class_of, josh
from reinforce.errors import NotEnoughEvidence
from reinforce.forgetting.curve import Floats
from reinforce.forgetting.descent import lowest
from reinforce.forgetting.evaluation import ours
from reinforce.forgetting.fitting import FEWEST, HIGH, LOW, fit, fit_weights, newer_counts_more
from reinforce.forgetting.gradient import Rounds, loss_and_slope, recall
from reinforce.forgetting.metrics import losses
from reinforce.forgetting.parameters import DEFAULT_WEIGHTS, Forgetting
from reinforce.forgetting.practice_log import Log
from reinforce.forgetting.scored import Scored


def loss(log: Log, weights: tuple[float, ...] = DEFAULT_WEIGHTS) -> float:
    scored = Scored.of(log, Forgetting(weights))
    return float(losses(scored.known.retrievability[scored.places], scored.passed).mean())


def partly(log: Log, seed: int = 0) -> Log:
    """The log with reviews of different weights."""
    weights = np.random.default_rng(seed).choice([0.3, 0.7, 1.0], len(log))
    return Log.of(log.learner, log.skill, log.day, log.rating, weight=weights)


@pytest.mark.parametrize("is_partly", [False, True])
def test_retrievability_is_that_of_the_fold(is_partly: bool) -> None:
    """Fitting folds the histories as the engine does, with weights below 1 too."""
    log = partly(josh(3000)) if is_partly else josh(3000)
    rounds = Rounds.of(log)
    scored = Scored.of(log)

    is_scored = rounds.place >= 0
    found = np.empty(len(scored))
    found[rounds.place[is_scored]] = recall(np.array(DEFAULT_WEIGHTS), rounds)[is_scored]
    assert np.allclose(found, scored.known.retrievability[scored.places], rtol=1e-9)


@pytest.mark.parametrize("is_partly", [False, True])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_slopes_are_those_of_differences(seed: int, is_partly: bool) -> None:
    """The slope in each of the 21 weights is what moving it a little shows."""
    log = partly(josh(2500), seed) if is_partly else josh(2500)
    rounds = Rounds.of(log)
    random = np.random.default_rng(seed)
    weights = np.clip(np.array(DEFAULT_WEIGHTS) * np.exp(random.normal(0, 0.05, 21)), LOW, HIGH)

    _, slope = loss_and_slope(weights, rounds)

    for place in range(21):
        shift = np.zeros(21)
        shift[place] = 1e-6 * max(1.0, weights[place])
        above, below = (loss_and_slope(weights + sign * shift, rounds)[0] for sign in (1, -1))
        assert slope[place] == pytest.approx((above - below) / (2 * shift[place]), rel=2e-4, abs=2e-3)


def test_a_real_log_is_fitted_as_well_as_by_fsrs_rs() -> None:
    """On one person's flashcards the log loss is below fsrs-rs's 0.4534, within the bounds, and the same each time."""
    log = josh()
    weights = fit_weights(log)

    assert loss(log, weights) < 0.4480 < loss(log)
    assert (np.array(weights) >= LOW).all()
    assert (np.array(weights) <= HIGH).all()
    assert weights == fit_weights(log)
    Forgetting(weights)


def test_a_sample_and_then_all_finds_as_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long log that is first fitted on a sample ends within 0.001 of a fit on all of it."""
    log = josh()
    whole = loss(log, fit_weights(log))
    monkeypatch.setattr("reinforce.forgetting.fitting.SAMPLE", 3000)

    assert loss(log, fit_weights(log)) < whole + 0.001


def test_without_evidence_the_defaults_stay() -> None:
    """A prior that is firm enough holds the weights where they are."""
    weights = fit_weights(josh(2000), prior=1e9)

    assert np.allclose(weights, DEFAULT_WEIGHTS, atol=1e-3)


def test_a_class_is_worth_a_fit() -> None:
    """Where the defaults are far off, a fit wins on held-out later reviews by more than its noise."""
    result = fit(class_of(learners=60, days=40))

    assert result.is_better
    assert result.gained > 2 * result.noise > 0
    assert result.log_loss < result.log_loss_in_force


@pytest.mark.parametrize(("seed", "is_worth_it"), [(0, False), (1, True)])
def test_under_a_calibration_a_fit_must_win_there_too(seed: int, is_worth_it: bool) -> None:
    """What wins by FSRS alone is adopted only if it wins with the calibration on top, too."""
    log = class_of(seed=seed)
    alone, under = fit(log), fit(log, is_calibrated=True)

    assert alone.is_better
    assert alone.gained_calibrated is alone.noise_calibrated is None
    assert (under.weights, under.gained, under.noise) == (alone.weights, alone.gained, alone.noise)
    assert under.gained_calibrated is not None
    assert under.noise_calibrated is not None
    assert abs(under.gained_calibrated) < alone.gained / 10
    assert under.is_better == (under.gained_calibrated > under.noise_calibrated) == is_worth_it


def test_what_is_gained_under_a_calibration_is_what_it_predicts() -> None:
    """The gain is what the calibration loses less, each morning of what was held out, with the other weights."""
    log = class_of(seed=1)
    scored = Scored.of(log)
    kept = len(scored) - len(scored) // 4
    earlier = log.take(slice(0, int(scored.known.rows[scored.places[kept - 1]]) + 1))
    tried = fit_weights(earlier, importance=newer_counts_more(kept))

    def lost(weights: tuple[float, ...]) -> float:
        predicted = ours(from_the_morning=True)(Scored.of(log, Forgetting(weights)), 0)
        return float(losses(predicted, scored.passed)[kept:].mean())

    assert fit(log, is_calibrated=True).gained_calibrated == pytest.approx(lost(DEFAULT_WEIGHTS) - lost(tried))


@pytest.mark.parametrize("scored", [64, 256, 1000])
def test_few_reviews_do_no_harm(scored: int) -> None:
    """What is adopted after the first 64, 256 and 1000 scored reviews is not worse on the next 1,000."""
    log = josh()
    all_scored = Scored.of(log)
    end = int(all_scored.known.rows[all_scored.places[scored - 1]]) + 1
    result = fit(log.take(slice(0, end)))
    adopted = result.weights if result.is_better else DEFAULT_WEIGHTS

    def next_thousand(weights: tuple[float, ...]) -> float:
        known = Scored.of(log, Forgetting(weights))
        part = slice(scored, scored + 1000)
        return float(losses(known.known.retrievability[known.places[part]], known.passed[part]).mean())

    assert next_thousand(adopted) <= next_thousand(DEFAULT_WEIGHTS)


def test_too_little_to_fit() -> None:
    """Too few reviews, no repeats or one outcome only: a clear answer that says what is there."""
    with pytest.raises(NotEnoughEvidence, match=f"at least {FEWEST} reviews .* but there are 0"):
        fit(Log.of([0] * 200, range(200), range(200), [3] * 200))
    with pytest.raises(NotEnoughEvidence, match="all 199 reviews on a later day failed"):
        fit(Log.of([0] * 200, [0] * 200, range(200), [1] * 200))
    with pytest.raises(NotEnoughEvidence, match="but there are 0"):
        fit(Log.of([], [], [], []))


def test_failures_only_at_the_end() -> None:
    """Where the first three quarters hold one outcome only, there is a fit, but no claim that it is better."""
    result = fit(Log.of([0] * 400, [0, 1] * 200, np.arange(400) // 2, [3] * 380 + [1] * 20))

    assert not result.is_better
    assert np.isfinite(result.weights).all()


def test_descent_stops_at_the_walls() -> None:
    """The lowest point of a bowl within a box is found, where it lies inside and where it does not."""

    def bowl(point: Floats) -> tuple[float, Floats]:
        scale = np.array([1.0, 100.0, 3.0])
        away = point - np.array([0.5, 0.2, 9.0])
        return float(scale @ away**2), 2 * scale * away

    found = lowest(bowl, np.zeros(3), np.zeros(3), np.ones(3))

    assert found == pytest.approx([0.5, 0.2, 1.0], abs=1e-4)
