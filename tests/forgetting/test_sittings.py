"""Reviews that were judged together: how little they teach of people whom nobody judged, and what a change teaches."""

import numpy as np
import numpy.typing as npt
import pytest

from forgetting.logs import class_of
from reinforce.forgetting.before import before
from reinforce.forgetting.calibration import Calibration, Offsets, Tuning
from reinforce.forgetting.groups import NONE
from reinforce.forgetting.learning import calibrated
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.practice_log import Log
from reinforce.forgetting.sittings import Shares, shares, sitting_order

PEOPLE, SKILLS = 40, 12
JUDGED, OTHERS = range(30), range(30, PEOPLE)
SKILL, UNJUDGED = 5, 2
SEED = 2
"""In this world the others pass the skill one time in three."""
LAZY = 7
FIRST, WEEK = 20_030, 7


def with_more(
    log: Log,
    learner: npt.ArrayLike,
    skill: npt.ArrayLike,
    day: npt.ArrayLike,
    rating: npt.ArrayLike,
    assessor: npt.ArrayLike,
) -> Log:
    return Log.of(
        np.append(log.learner, learner),
        np.append(log.skill, skill),
        np.append(log.day, day),
        np.append(log.rating, rating),
        assessor=np.append(log.assessor, assessor),
    )


def sat(log: Log, day: int, assessor: int, *, rating: int = 3, skills: int = 1, times: int = 1) -> Log:
    """The log with everybody of `JUDGED` rated alike in some skills on one day."""
    learner, skill = (np.tile(one.ravel(), times) for one in np.meshgrid(JUDGED, np.arange(SKILL, SKILL + skills)))
    alike = np.ones(len(learner))
    return with_more(log, learner, skill, day * alike, rating * alike, assessor * alike)


def of_others(log: Log, skill: int = SKILL, on: int = FIRST + WEEK + 1) -> float:
    """What is expected on average of those whom nobody judged."""
    nobody = np.ones(len(OTHERS))
    asked = with_more(log, np.array(OTHERS), skill * nobody, on * nobody, 3 * nobody, NONE * nobody)
    return float(calibrated(Calibration.new(), asked, before(Forgetting(), asked))[0].morning[-len(OTHERS) :].mean())


def share_of(reviews: int, residual: float = 0.3, assessor: int = 0) -> Shares:
    """The shares of one sitting's reviews, each with an information of 0.2."""
    one = np.ones(reviews, dtype=np.int64)
    places = (sitting_order(one, one, assessor * one), one, assessor * one)
    scored = np.ones(reviews)
    return shares(Tuning(), Offsets.none(assessor + 1), places, residual * scored, 0.2 * scored, scored, today=FIRST)


@pytest.fixture
def world() -> Log:
    return class_of(PEOPLE, SKILLS, seed=SEED)


def test_who_is_judged_alone_teaches_nearly_all() -> None:
    """A review that is a sitting of its own counts for 98 of 100."""
    assert share_of(1).skill[0] == share_of(1).everybody[0] > 0.98
    assert share_of(1).trust[0] == 1.0


def test_however_many_are_judged_together_teach_as_much_as_a_few() -> None:
    """A sitting's information for its skill is never above one over the variance that its reviews share."""
    for reviews in (10, 100, 10_000):
        assert share_of(reviews, residual=0.0).skill.sum() * 0.2 < 1 / Tuning().sitting_variance
        assert share_of(reviews, residual=0.0).everybody.sum() * 0.2 < 1 / Tuning().sitting_variance


def test_what_no_chance_explains_is_believed_less() -> None:
    """Of two sittings of thirty, the one in which all fails that was sure teaches less for each surprise."""
    assert share_of(30, residual=-0.9).skill[0] < share_of(30, residual=-0.1).skill[0] / 2


def test_what_an_unknown_assessor_passes_is_put_down_to_him() -> None:
    """With an assessor of whom nothing is known, a skill learns less than from practice that nobody judged."""
    assert share_of(30, assessor=1).skill[0] < share_of(30).skill[0]
    assert share_of(30, assessor=1).everybody[0] < share_of(30).everybody[0]
    assert share_of(30, assessor=1).assessor[0] > share_of(30, assessor=1).skill[0]


@pytest.mark.parametrize(("assessor", "rating", "times"), [(NONE, 3, 1), (LAZY, 3, 1), (NONE, 1, 1), (NONE, 3, 6)])
def test_a_bulk_pass_moves_nobody_else(world: Log, assessor: int, rating: int, times: int) -> None:
    """Thirty people passed, or failed, in one day, once or six times over, move the others by less than 0.03."""
    bulk = sat(world, FIRST + WEEK - 1, assessor, rating=rating, times=times)

    assert 0.002 < abs(of_others(bulk) - of_others(world)) < 0.03


@pytest.mark.parametrize("skills", [1, 6])
def test_a_lazy_week_moves_others_little(world: Log, skills: int) -> None:
    """One who passes thirty people each day for a week moves others by less than 0.07, elsewhere by less than 0.03."""
    lazy = world
    for day in range(WEEK):
        lazy = sat(lazy, FIRST + day, LAZY, skills=skills)

    assert abs(of_others(lazy) - of_others(world)) < 0.07
    assert abs(of_others(lazy, UNJUDGED) - of_others(world, UNJUDGED)) < 0.03


def test_a_true_change_is_learned(world: Log) -> None:
    """Where six people a day come to pass what one in three had passed, more is soon expected of those not yet asked.

    In four weeks the skill gets nearer to the new truth by twice what the others' ability explains elsewhere.
    """
    random = np.random.Generator(np.random.PCG64(4))
    days = np.repeat(np.arange(FIRST, FIRST + 4 * WEEK), 6)
    passed = np.where(random.random(len(days)) < 0.95, 3, 1)
    learner, assessor = random.choice(len(JUDGED), len(days)), random.integers(3, size=len(days))
    changed = with_more(world, learner, np.full(len(days), SKILL), days, passed, assessor)
    after = FIRST + 4 * WEEK + 1
    rise, elsewhere = (of_others(changed, skill, after) - of_others(world, skill, after) for skill in (SKILL, UNJUDGED))

    assert rise > 0.15
    assert rise > 2 * elsewhere
