"""What reinforcing a tenant's own team would take."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from reinforce import (
    Calendar,
    InvalidValue,
    Launch,
    Learner,
    Refresher,
    Reinforcer,
    RoleProfile,
    RoleSkill,
    Scenario,
    Skill,
    Team,
    UnknownTeam,
)
from reinforce.forgetting.curve import retrievability
from reinforcer.world import MONDAY, opened, practice

SHORT = Scenario(days=28)
SELLER = RoleProfile("seller", skills={"price": RoleSkill(), "pitch": RoleSkill()})


@pytest.fixture
def reinforcer(database_url: str) -> Iterator[Reinforcer]:
    """Two sellers who work from Sunday to Thursday, a third who doesn't, and one who has left; a library for prices."""
    with opened(database_url) as found:
        found.define(
            Calendar("gulf", working_days=(6, 0, 1, 2, 3)),
            *(Skill(key) for key in ("price", "pitch", "deal", "other")),
            SELLER,
            Team("sales"),
            Team("north", parent="sales"),
            Team("idle"),
            Team("away"),
            *(Learner(key, teams=("north",), roles=("seller",), calendar="gulf") for key in ("ann", "bo")),
            Learner("cy", teams=("sales",)),
            Learner("gone", teams=("sales", "away"), roles=("seller",), is_active=False),
            Learner("new", teams=("idle",)),
            Refresher("cards", skills={"price": 1}, minutes=4),
            Refresher("long", skills={"price": 1}, minutes=30),
            Refresher("call", skills={"price": 0.5, "pitch": 0.5}, minutes=10),
        )
        found.record_many(
            [practice("ann", "price"), practice("ann", "deal"), practice("cy", "deal")], at=MONDAY + timedelta(days=1)
        )
        yield found


def test_it_is_about_the_team_as_it_is(reinforcer: Reinforcer) -> None:
    """People, skills, working days, minutes and parameters are the tenant's; the scenario's own are not used."""
    scenario = reinforcer.simulate("sales", SHORT, at=MONDAY + timedelta(days=5)).scenario

    assert (scenario.learners, scenario.skills) == (3, 3)  # ann, bo and cy; price, pitch and deal
    assert scenario.working_days == (6, 0, 1, 2, 3)
    # price by cards in 4, pitch by a call in 10, deal as long as those on average; six pairs are needed.
    assert scenario.practice_minutes == pytest.approx((2 * 4 + 2 * 10 + 2 * 7) / 6)
    assert scenario.memory == reinforcer.forgetting
    assert scenario.days == SHORT.days


def test_it_begins_on_monday_with_what_is_stored(reinforcer: Reinforcer) -> None:
    """The retention of the first week is that of the stored memories on its Thursday, the days until then counted."""
    reinforcer.define(RoleProfile("seller"))
    weeks = reinforcer.simulate("sales", SHORT, at=MONDAY + timedelta(days=5)).train_once.weeks

    memory = reinforcer.memory("ann", "price")
    assert memory is not None
    expected = retrievability(7 + 3, memory.stability, reinforcer.forgetting.decay)
    assert weeks[0].retention == pytest.approx(float(expected))


def test_hires_and_launches_come_on_top(reinforcer: Reinforcer) -> None:
    """Who joins is one more in the team, and a launched skill one more to know."""
    scenario = reinforcer.simulate("sales", Scenario(days=28, launch=Launch(7, 2)), hires=4, at=MONDAY).scenario

    assert (scenario.learners, scenario.skills) == (7, 5)


def test_the_same_question_has_the_same_answer(reinforcer: Reinforcer) -> None:
    """Nothing is written, and the same seed gives the same result."""
    first, again = (reinforcer.simulate("north", SHORT, seed=3, at=MONDAY) for _ in range(2))

    assert first == again
    assert first != reinforcer.simulate("north", SHORT, seed=4, at=MONDAY)


def test_what_cannot_be_simulated_is_said(reinforcer: Reinforcer) -> None:
    """An unknown team, one without active people, one that needs nothing, and senseless hires each say so."""
    with pytest.raises(UnknownTeam, match="'south'"):
        reinforcer.simulate("south")
    with pytest.raises(InvalidValue, match="nobody in team 'away' is active"):
        reinforcer.simulate("away")
    with pytest.raises(InvalidValue, match="needs no skill"):
        reinforcer.simulate("idle")
    with pytest.raises(InvalidValue, match="hires must be a whole number"):
        reinforcer.simulate("north", hires=-1)
