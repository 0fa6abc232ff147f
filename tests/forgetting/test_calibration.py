"""Calibration: what it learns, that it is the same each time, and what cannot shake it."""

import time

import numpy as np
import pytest
from attrs import evolve

from forgetting.logs import class_of, josh
from reinforce.errors import InvalidValue
from reinforce.forgetting.before import before
from reinforce.forgetting.calibration import Calibration, Tuning
from reinforce.forgetting.curve import Floats
from reinforce.forgetting.learning import Predictions, calibrated
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.practice_log import Log


def learn(log: Log, start: Calibration | None = None) -> tuple[Predictions, Calibration]:
    return calibrated(start or Calibration.new(), log, before(Forgetting(), log))


def appended(log: Log, learner: list[int], skill: list[int], day: int, rating: list[int], assessor: int) -> Log:
    rows = len(learner)
    return Log.of(
        np.append(log.learner, learner),
        np.append(log.skill, skill),
        np.append(log.day, [day] * rows),
        np.append(log.rating, rating),
        assessor=np.append(log.assessor, [assessor] * rows),
    )


def same(one: Calibration, other: Calibration) -> bool:
    pairs = [(one.slopes, other.slopes), (one.information, other.information), (one.losses, other.losses)]
    for mine, theirs in zip((*one.offsets, one.lately), (*other.offsets, other.lately), strict=True):
        pairs += [(mine.value, theirs.value), (mine.information, theirs.information)]
    return all(np.array_equal(left, right) for left, right in pairs)


def test_a_replay_gives_the_same_bits() -> None:
    """The same log gives the same predictions and the same state, to the bit."""
    log = class_of()
    (first, state), (second, again) = learn(log), learn(log)

    assert np.array_equal(first.at_once, second.at_once)
    assert np.array_equal(first.morning, second.morning)
    assert same(state, again)


def test_day_by_day_is_the_same_as_all_at_once() -> None:
    """Learning each day when it ends gives the bits that a replay of everything gives."""
    log = class_of(days=9)
    known = before(Forgetting(), log)
    whole, end = calibrated(Calibration.new(), log, known)

    state = Calibration.new()
    at_once = []
    for day in np.unique(log.day):
        which = np.flatnonzero(log.day == day)
        part = evolve(
            known,
            rows=np.arange(len(which)),
            **{
                name: getattr(known, name)[which]
                for name in ("passed", "elapsed_days", "retrievability", "difficulty", "reviews", "passes", "days")
            },
        )
        predicted, state = calibrated(state, log.take(which), part)
        at_once.append(predicted.at_once)

    assert np.array_equal(whole.at_once, np.concatenate(at_once))
    assert same(end, state)


def test_a_day_is_learned_once() -> None:
    """A day that was learned already is refused."""
    log = class_of(days=3)
    _, state = learn(log)

    with pytest.raises(InvalidValue, match="was learned already"):
        learn(log, state)


def test_only_what_came_before_is_used() -> None:
    """The morning's predictions for a day's first reviews don't look at the day, and none looks at later rows."""
    log = class_of(days=6)
    last = log.day.max()
    flipped = evolve(log, rating=np.where(log.day == last, 4 - log.rating, log.rating))
    (told, _), (other, _) = learn(log), learn(flipped)

    later = before(Forgetting(), log).is_later
    assert np.array_equal(told.morning[later], other.morning[later])
    assert np.array_equal(told.at_once[log.day < last], other.at_once[log.day < last])


def test_before_any_evidence_fsrs_is_believed_most() -> None:
    """A tenant without a log gets R with a small share of the calibrated probability."""
    assert Calibration.new().trust < 0.3


def test_a_calibration_that_does_harm_is_not_believed() -> None:
    """Where R is right and the outcomes hold nothing to learn, trust does not rise to one."""
    random = np.random.default_rng(5)
    pairs, days = 300, np.array([0, 2, 8, 30])
    log = Log.of(
        np.repeat(np.arange(pairs), 4),
        np.zeros(pairs * 4),
        (days + random.integers(200, size=(pairs, 1))).ravel(),
        np.where(random.random(pairs * 4) < 0.9, 3, 1),
    )
    known = before(Forgetting(), log)
    wild = Tuning(prior=(-4.0, *Tuning().prior[1:]), prior_information=1e6)

    _, state = calibrated(Calibration.new(wild), log, known)

    assert state.trust < 0.01


def test_a_burst_moves_other_people_little() -> None:
    """A thousand passes of one learner in one day move the predictions for the others by less than 0.03."""
    log = class_of()
    tomorrow = int(log.day.max()) + 2
    burst = appended(log, [0] * 1000, [0] * 1000, tomorrow - 1, [3] * 1000, -1)

    def of_others(practice: Log) -> Floats:
        asked = appended(practice, list(range(1, 40)), [5] * 39, tomorrow, [3] * 39, -1)
        return learn(asked)[0].morning[-39:]

    assert np.abs(of_others(burst) - of_others(log)).max() < 0.03


def test_a_lazy_assessor_is_seen_through() -> None:
    """One who passes everybody moves what is predicted of people with other assessors by less than 0.05."""
    log = class_of()
    day = int(log.day.max()) + 1
    lazy = log
    for later in range(5):
        lazy = appended(lazy, list(range(40)), [later] * 40, day + later, [3] * 40, 7)

    def tomorrow(practice: Log) -> Floats:
        return learn(appended(practice, list(range(40)), [9] * 40, day + 6, [3] * 40, 2))[0].morning[-40:]

    assert np.abs(tomorrow(lazy) - tomorrow(log)).mean() < 0.05


def test_recall_never_rises_with_waiting() -> None:
    """The slopes of R and of elapsed time keep their signs, so that there is one due day."""
    random = np.random.default_rng(1)
    rows = 3000
    day = np.sort(random.integers(0, 300, rows))
    known_better_later = np.where(random.random(rows) < day / 300, 3, 1)
    _, state = learn(Log.of(np.zeros(rows), random.integers(20, size=rows), day, known_better_later))

    assert state.slopes[1] > 0
    assert state.slopes[2] <= 0


def test_nothing_and_next_to_nothing() -> None:
    """No reviews, one review, or one outcome only: finite numbers, no error."""
    for log in (
        Log.of([], [], [], []),
        Log.of([0], [0], [0], [3]),
        Log.of([0] * 500, [0] * 500, range(500), [3] * 500),
        Log.of([0] * 500, [0] * 500, [0] * 500, [1] * 500),
    ):
        predicted, state = learn(log)
        assert np.isfinite(predicted.morning).all()
        assert np.isfinite(state.slopes).all()


def test_a_review_costs_little() -> None:
    """What was known and what is predicted of 200,000 reviews take under 2 µs each (10 on a busy machine)."""
    random = np.random.default_rng(0)
    rows = 200_000
    log = Log.of(
        random.integers(5000, size=rows),
        random.integers(40, size=rows),
        np.sort(random.integers(0, 200, rows)),
        random.choice([1, 3, 3, 3], rows),
    )
    began = time.process_time()
    learn(log)

    assert (time.process_time() - began) / rows < 10e-6


def test_a_real_log_is_predicted_better_than_by_fsrs() -> None:
    """Even from the morning alone, one person's flashcards are predicted better than by R as it is."""
    log = josh()
    known = before(Forgetting(), log)
    predicted, _ = calibrated(Calibration.new(), log, known)
    later = known.is_later

    def loss(p: Floats) -> float:
        return float(-np.log(np.where(known.passed[later] > 0, p[later], 1 - p[later])).mean())

    assert loss(predicted.at_once) < loss(predicted.morning) < loss(known.retrievability) - 0.005
