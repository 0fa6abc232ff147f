"""Calibration in closes: the same bits again, whatever came late, mixed, or was voided."""

import numpy as np
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from forgetting.logs import class_of
from forgetting.test_calibration import same
from reinforce.forgetting.before import before
from reinforce.forgetting.calibration import Calibration
from reinforce.forgetting.closing import NEVER, Closes, Lessons, Scores, learn_close
from reinforce.forgetting.curve import Ints
from reinforce.forgetting.groups import NONE
from reinforce.forgetting.learning import calibrated
from reinforce.forgetting.metrics import losses
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.practice_log import Log

FORGETTING = Forgetting()


def lessons(log: Log, generation: Ints, voided: Ints | None = None, implicit: Ints | None = None) -> Lessons:
    """A log as lessons of closes."""
    rows = len(log)
    return Lessons(
        log.learner, log.skill, log.day, log.rating, log.weight, log.kind, log.assessor,
        np.zeros(rows, dtype=np.int64) if implicit is None else implicit,
        generation,
        np.full(rows, NEVER) if voided is None else voided,
    )  # fmt: skip


def folded(given: Lessons, until: int) -> tuple[Calibration, list[Scores]]:
    """All closes from the first, one after the other."""
    closes, state, scores = Closes.of(given), Calibration.new(), []
    for number in range(1, until + 1):
        state, scored = learn_close(state, FORGETTING, closes.known_then(number), number)
        scores.append(scored)
    return state, scores


def test_a_close_each_night_is_the_same_as_all_at_once() -> None:
    """If nothing comes late, closing each day gives the bits that learning the whole log gives, and so its scores."""
    log = class_of(days=12)
    generation = np.unique(log.day, return_inverse=True)[1] + 1
    known = before(FORGETTING, log)
    predicted, whole = calibrated(Calibration.new(), log, known)

    nightly, scores = folded(lessons(log, generation), 12)
    at_once, (score,) = folded(lessons(log, np.ones(len(log), dtype=np.int64)), 1)

    assert same(nightly, whole)
    assert same(at_once, whole)
    later = known.is_later
    p, passed = predicted.morning[later], known.passed[later]
    assert (score.reviews, score.scored, score.passed) == (len(log), later.sum(), passed.sum())
    assert np.isclose(score.loss, losses(p, passed).sum())
    assert np.isclose(score.variance, (p * (1 - p)).sum())
    assert np.isclose(sum(one.expected for one in scores), p.sum())


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 5))
def test_a_replay_knows_what_each_close_knew(seed: int, closes: int) -> None:
    """Closes made one after the other, as events came late and were voided, are the bits that a later replay gives."""
    random = np.random.default_rng(seed)
    log = class_of(learners=6, skills=4, days=6, seed=seed % 100)
    rows = len(log)
    generation = random.integers(1, closes + 1, rows)
    voided = np.where(random.random(rows) < 0.2, generation + random.integers(0, 3, rows), NEVER)
    implicit = (random.random(rows) < 0.1).astype(np.int64)
    everything = lessons(log, generation, voided, implicit)

    state = Calibration.new()
    for number in range(1, closes + 1):
        then = np.flatnonzero((generation <= number) & (voided > number))
        at_the_time = evolve(everything.take(then), voided=np.full(len(then), NEVER))
        state, _ = learn_close(state, FORGETTING, Closes.of(at_the_time).known_then(number), number)

    assert same(folded(everything, closes)[0], state)


def test_what_came_late_is_learned_with_the_next_close() -> None:
    """A review of a day that was learned already teaches with the next close, and nothing that was learned changes."""
    log = class_of(days=6)
    last = int(log.day.max())
    is_late = np.arange(len(log)) == np.flatnonzero(log.day == last - 3)[0]
    generation = np.where(is_late, 2, 1)
    first, _ = folded(lessons(log, generation), 1)
    without, _ = folded(lessons(log.take(~is_late), np.ones(len(log) - 1, dtype=np.int64)), 1)
    second, scores = folded(lessons(log, generation), 2)

    assert same(first, without)
    assert not same(first, second)
    assert (scores[1].reviews, second.day) == (1, last + 1)


def test_implicit_practice_moves_the_memory_and_teaches_nothing() -> None:
    """Where nobody was asked there is nothing to learn, but what comes after it is seen with the memory it left."""
    log = Log.of([0] * 3, [0] * 3, [0, 5, 20], [3, 3, 1])
    asked = lessons(log, np.ones(3, dtype=np.int64))
    hinted = evolve(asked, implicit=np.array([0, 1, 0]))

    (_, (all_three,)), (_, (two,)) = folded(asked, 1), folded(hinted, 1)
    _, (without,) = folded(asked.take(np.array([0, 2])), 1)

    assert (all_three.reviews, two.reviews, two.scored) == (3, 2, 1)
    assert two.plain_loss > without.plain_loss + 0.1


def test_a_close_of_nothing_changes_nothing() -> None:
    """A close in which nothing was recorded leaves the calibration as it is."""
    log = class_of(days=2)
    given = lessons(log, np.ones(len(log), dtype=np.int64))

    state, scores = folded(given, 1)
    after, nothing = learn_close(state, FORGETTING, Closes.of(given).known_then(2), 2)

    assert same(state, after)
    assert nothing == Scores(0, 0, 0, 0.0, 0.0, 0.0, 0.0)
    assert scores[0].reviews == len(log)


def test_numbers_do_not_matter_but_their_order() -> None:
    """Learners and skills with gaps between their numbers are learned of with the same bits."""
    log = class_of(days=5)
    spaced = evolve(log, learner=log.learner * 7 + 3, skill=log.skill * 5 + 1, assessor=np.full(len(log), NONE))
    ones = np.ones(len(log), dtype=np.int64)

    near, _ = folded(lessons(log, ones), 1)
    far, _ = folded(lessons(spaced, ones), 1)

    assert np.array_equal(near.slopes, far.slopes)
    learners = np.unique(log.learner)
    assert np.array_equal(near.offsets[0].value[learners + 1], far.offsets[0].value[learners * 7 + 4])
