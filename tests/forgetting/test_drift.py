"""Whether a calibration has drifted is told from what chance does, and for as long as it has."""

import numpy as np
import pytest

from reinforce.forgetting.before import before
from reinforce.forgetting.calibration import Calibration
from reinforce.forgetting.closing import Scores
from reinforce.forgetting.curve import retrievability
from reinforce.forgetting.drift import drift
from reinforce.forgetting.learning import calibrated
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.practice_log import Log
from reinforce.forgetting.states import States
from reinforce.forgetting.step import step

LEARNERS, SKILLS, A_DAY = 40, 12, 2


def closes(shares: list[float], reviews: int = 100, seed: int = 0) -> list[Scores]:
    """Closes in which 0.8 was expected of each review, and so many passed."""
    random = np.random.default_rng(seed)
    return [
        Scores(reviews, reviews, int(random.binomial(reviews, share)), 0.8 * reviews, 0.16 * reviews, 0, 0)
        for share in shares
    ]


def nights(seed: int, days: int, change_on: int, log_odds: float) -> list[Scores]:
    """The closes of a world in which everybody practises each day, and one day all becomes harder."""
    forgetting, random = Forgetting(), np.random.default_rng(seed)
    able, hard = random.normal(0.3, 0.7, LEARNERS), random.normal(0, 0.7, SKILLS)
    states = States.unknown(LEARNERS * SKILLS)
    learner = np.repeat(np.arange(LEARNERS), A_DAY)
    skill, rating = [], []
    for day in range(days):
        skills = random.random((LEARNERS, SKILLS)).argsort(axis=1)[:, :A_DAY].ravel()
        pairs = learner * SKILLS + skills
        known = states.take(pairs)
        is_new = known.reviews == 0
        recall = retrievability(day - known.last_day, np.where(is_new, 1.0, known.stability), forgetting.decay)
        recall = np.clip(np.where(is_new, 0.6, recall), 0.001, 0.999)
        logit = np.log(recall / (1 - recall)) + able[learner] - hard[skills] + log_odds * (day >= change_on)
        ratings = np.where(random.random(len(pairs)) < 1 / (1 + np.exp(-logit)), 3, 1)
        days_now = np.full(len(pairs), day)
        states.put(pairs, step(forgetting, known, ratings, days_now, np.ones(len(pairs))))
        skill.append(skills)
        rating.append(ratings)
    day_of = np.repeat(np.arange(days), len(learner))
    log = Log.of(np.tile(learner, days), np.concatenate(skill), day_of, np.concatenate(rating))
    known_before = before(forgetting, log)
    predicted, _ = calibrated(Calibration.new(), log, known_before)
    return [
        _scores(predicted.morning[which], known_before.passed[which])
        for day in range(days)
        for which in [(log.day[known_before.rows] == day) & known_before.is_later]
    ]


def _scores(p: np.ndarray, passed: np.ndarray) -> Scores:
    return Scores(len(p), len(p), int(passed.sum()), float(p.sum()), float((p * (1 - p)).sum()), 0, 0)


def warned(scores: list[Scores]) -> list[bool]:
    """Whether it is certain after each close."""
    return [bool((found := drift(scores[: end + 1])) and found.begun is not None) for end in range(len(scores))]


def test_a_fall_is_seen() -> None:
    """Where people lately pass a sixth less often than they were expected to, it is certain, and since when."""
    found = drift(closes([0.8] * 20 + [0.64] * 2))

    assert found is not None
    assert found.reviews == 200
    assert found.lately > 0.1
    assert found.begun in (20, 21)


def test_what_stays_wrong_is_warned_of_for_good() -> None:
    """Bad nights never become what is usual: the hundredth is warned of as the third is."""
    assert all(warned(closes([0.8] * 20 + [0.6] * 100))[22:])


@pytest.mark.parametrize("log_odds", [-3.0, -2.0])
def test_a_warning_stays_until_the_change_is_learned(log_odds: float) -> None:
    """In a world that changes it begins within a week, lasts while expectations are off, and ends without anybody."""
    scores = nights(1, 200, 80, log_odds)
    is_warned = warned(scores)
    lasts = is_warned[80:].index(True), is_warned[80:].count(True)
    off = [abs(one.expected - one.passed) / max(one.scored, 1) for one in scores]

    assert not any(is_warned[:80])
    assert lasts[0] < 7
    assert lasts[1] >= 7
    assert not is_warned[-1]
    assert max(np.convolve(off[80 + lasts[0] + lasts[1] :], np.ones(10) / 10, "valid")) < 0.06


def test_quiet_worlds_are_quiet() -> None:
    """In the nights of worlds in which nothing changes nobody is warned."""
    assert not any(any(warned(nights(seed, 120, 120, 0.0))) for seed in range(4))


def test_chance_is_not_drift() -> None:
    """Where all is as expected, at most one log in a hundred is called drifted."""
    wrong = sum(
        bool((found := drift(closes([0.8] * 22, seed=seed))) and found.begun is not None) for seed in range(300)
    )

    assert wrong <= 3


def test_days_that_differ_anyway_are_not_drift() -> None:
    """Where whole days go well or badly, two bad ones are no proof."""
    random = np.random.default_rng(1)
    wrong = 0
    for seed in range(200):
        shares = np.clip(random.normal(0.8, 0.12, 24), 0, 1).tolist()
        found = drift(closes(shares, seed=seed))
        wrong += bool(found and found.begun is not None)

    assert wrong <= 12


def test_too_little_is_nothing() -> None:
    """With under 200 scored reviews, or before ten quiet closes, there is no answer."""
    assert drift([]) is None
    assert drift(closes([0.8] * 11)) is None
    assert drift(closes([0.8] * 12)) is not None
