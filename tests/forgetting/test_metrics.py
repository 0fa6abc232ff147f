"""Log loss, AUC, RMSE(bins) and the calibration curve."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.errors import InvalidValue, NotEnoughEvidence
from reinforce.forgetting.metrics import (
    auc,
    bootstrap_weights,
    calibration_curve,
    interval,
    log_loss,
    memory_bins,
    rmse_bins,
)

outcomes = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=40).filter(
    lambda rows: len({passed for _, passed in rows}) == 2
)


def test_log_loss_of_known_predictions() -> None:
    """Half for everything costs ln 2, and one wrong certainty is bad but not infinitely so."""
    passed = np.array([1.0, 0.0])

    assert log_loss(np.array([0.5, 0.5]), passed) == pytest.approx(np.log(2))
    assert log_loss(np.array([0.0, 0.0]), passed) == pytest.approx(-np.log(1e-4) / 2, rel=1e-3)


@given(outcomes)
def test_auc_is_the_share_of_pairs_in_the_right_order(rows: list[tuple[float, bool]]) -> None:
    """AUC is what comparing every passed with every failed review gives; ties count half."""
    predicted = np.array([p for p, _ in rows])
    passed = np.array([float(good) for _, good in rows])
    good, bad = predicted[passed == 1][:, None], predicted[passed == 0][None, :]

    assert auc(predicted, passed) == pytest.approx(np.mean((good > bad) + 0.5 * (good == bad)))


@given(outcomes, st.integers(0, 2**32))
def test_weights_are_repetitions(rows: list[tuple[float, bool]], seed: int) -> None:
    """A review of weight 2 counts like two reviews, in every metric."""
    predicted = np.array([p for p, _ in rows])
    passed = np.array([float(good) for _, good in rows])
    times = np.random.default_rng(seed).integers(1, 4, len(rows))
    repeated = np.repeat(np.arange(len(rows)), times)
    bins = np.arange(len(rows)) % 3

    weights = times.astype(np.float64)
    assert log_loss(predicted, passed, weights) == pytest.approx(log_loss(predicted[repeated], passed[repeated]))
    assert auc(predicted, passed, weights) == pytest.approx(auc(predicted[repeated], passed[repeated]))
    assert rmse_bins(predicted, passed, bins, weights) == pytest.approx(
        rmse_bins(predicted[repeated], passed[repeated], bins[repeated])
    )


def test_rmse_bins_sees_what_is_wrong_within_a_bin_only() -> None:
    """A bin that is right on average costs nothing; one that is off costs its distance."""
    passed = np.array([1.0, 0.0, 1.0, 1.0])
    bins = memory_bins(np.array([1, 1, 30, 30]), np.array([1, 1, 1, 1]), np.array([0, 0, 0, 0]))

    assert rmse_bins(np.array([0.5, 0.5, 1.0, 1.0]), passed, bins) == 0
    assert rmse_bins(np.array([0.5, 0.5, 0.8, 0.8]), passed, bins) == pytest.approx(np.sqrt(0.2**2 / 2))


def test_calibration_curve_rises_and_holds_every_review() -> None:
    """The bins are of as equal a size as can be, from low to high predictions."""
    predicted = np.random.default_rng(0).random(103)
    curve = calibration_curve(predicted, (predicted > 0.5).astype(np.float64))

    assert sum(one.count for one in curve) == 103
    assert sorted(one.predicted for one in curve) == [one.predicted for one in curve]


def test_the_bootstrap_draws_whole_people() -> None:
    """All reviews of a person are in a draw equally often, and the same seed gives the same draws."""
    people = np.array([7, 7, 3, 3, 3, 9])
    draws = bootstrap_weights(people, 5, seed=1)

    assert all(len({*draw[people == person]}) == 1 for draw in draws for person in (3, 7, 9))
    assert np.array_equal(draws, bootstrap_weights(people, 5, seed=1))


def test_the_interval_is_the_percentiles() -> None:
    """95 % of the draws lie within the interval."""
    assert (interval(0, np.arange(1001.0)).low, interval(0, np.arange(1001.0)).high) == (25.0, 975.0)


def test_bad_input_is_refused() -> None:
    """No reviews, one outcome only, or predictions that are no probabilities: each is said."""
    with pytest.raises(NotEnoughEvidence, match="no reviews to score"):
        log_loss(np.array([]), np.array([]))
    with pytest.raises(NotEnoughEvidence, match="both passed and failed"):
        auc(np.array([0.1, 0.2]), np.array([1.0, 1.0]))
    with pytest.raises(InvalidValue, match="probabilities"):
        log_loss(np.array([np.nan]), np.array([1.0]))
    with pytest.raises(InvalidValue, match="2 predictions for 1"):
        log_loss(np.array([0.5, 0.5]), np.array([1.0]))
