"""What calibration says of days to come."""

import numpy as np
import pytest

from forgetting.logs import class_of
from reinforce.forgetting.before import before
from reinforce.forgetting.calibration import Calibration
from reinforce.forgetting.foresight import Standing, calibrated_interval_days, expected, why_moved
from reinforce.forgetting.learning import calibrated
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.practice_log import Log

FORGETTING = Forgetting()


def learned() -> Calibration:
    log = class_of()
    return calibrated(Calibration.new(), log, before(FORGETTING, log))[1]


def standing(pairs: int, seed: int = 0) -> Standing:
    random = np.random.default_rng(seed)
    reviews = random.integers(1, 20, pairs)
    return Standing.of(
        random.uniform(0.5, 100, pairs),
        random.uniform(1, 10, pairs),
        reviews,
        random.integers(0, reviews + 1),
        random.integers(1, reviews + 1),
        learner=random.integers(40, size=pairs),
        skill=random.integers(12, size=pairs),
    )


@pytest.mark.parametrize("calibration", [Calibration.new(), learned()])
def test_it_falls_with_every_day_of_waiting(calibration: Calibration) -> None:
    """For every pair the probability falls from day to day and stays within 0 and 1."""
    pairs = standing(200)
    days = np.array([expected(calibration, FORGETTING, pairs, np.full(200, day)) for day in range(1, 366)])

    assert (np.diff(days, axis=0) < 1e-12).all()
    assert (days > 0).all()
    assert (days < 1).all()


def test_the_due_day_is_the_last_that_holds() -> None:
    """On the due day the desired retention is still reached, and on the next it is not."""
    calibration, pairs = learned(), standing(200)
    wanted = np.full(200, 0.7)
    due = calibrated_interval_days(calibration, FORGETTING, pairs, wanted)
    on_it = expected(calibration, FORGETTING, pairs, due)
    after = expected(calibration, FORGETTING, pairs, due + 1)

    assert (due >= 1).all()
    assert (due <= FORGETTING.maximum_interval_days).all()
    assert ((on_it >= 0.7) | (due == 1)).all()
    assert ((after < 0.7) | (due == FORGETTING.maximum_interval_days)).all()


def test_it_is_what_a_review_on_that_morning_is_predicted_with() -> None:
    """A plan made in the night and a prediction made in the morning agree, once lately has faded."""
    log = class_of(days=20)
    last = int(log.day.max())
    ahead = Log.of(
        np.append(log.learner, [7]),
        np.append(log.skill, [3]),
        np.append(log.day, [last + 40]),
        np.append(log.rating, 3),
    )
    known = before(FORGETTING, ahead)
    predicted, _ = calibrated(Calibration.new(), ahead, known)
    _, calibration = calibrated(Calibration.new(), log, before(FORGETTING, log))
    elapsed = known.elapsed_days[-1:]
    decay = FORGETTING.decay
    factor = 0.9 ** (-1 / decay) - 1
    stability = factor * elapsed / (known.retrievability[-1:] ** (-1 / decay) - 1)
    one = Standing.of(
        stability,
        known.difficulty[-1:],
        known.reviews[-1:],
        known.passes[-1:],
        known.days[-1:],
        learner=np.array([7]),
        skill=np.array([3]),
    )

    assert expected(calibration, FORGETTING, one, elapsed)[0] == pytest.approx(predicted.morning[-1], abs=1e-6)


def test_why_adds_up() -> None:
    """R, what each correction adds on log-odds, and trust give what is believed."""
    calibration = learned()
    one = Standing.of(
        np.array([10.0]),
        np.array([5.0]),
        np.array([4]),
        np.array([3]),
        np.array([4]),
        learner=np.array([5]),
        skill=np.array([2]),
    )
    moved = why_moved(calibration, FORGETTING, one, 10)

    assert moved.retrievability == pytest.approx(0.9)
    logit = np.log(0.9 / 0.1) + moved.history + sum(moved.offsets.values())
    believed = moved.trust / (1 + np.exp(-logit)) + (1 - moved.trust) * 0.9
    assert moved.expected == pytest.approx(believed)
    assert {"learner", "skill", "group", "kind", "assessor"} == set(moved.offsets)


def test_a_stranger_has_no_offset() -> None:
    """Learners and skills that were never seen, and a tenant without a log, are predicted all the same."""
    one = Standing.of(
        np.array([10.0]),
        np.array([5.0]),
        np.array([1]),
        np.array([1]),
        np.array([1]),
        learner=np.array([10**6]),
        skill=np.array([10**6]),
    )

    for calibration in (learned(), Calibration.new()):
        assert set(why_moved(calibration, FORGETTING, one, 5).offsets.values()) == {0.0}
