"""Simulations that begin with what a team remembers."""

from itertools import pairwise

import numpy as np
import pytest
from attrs import evolve

from reinforce.errors import InvalidValue
from reinforce.forgetting.curve import retrievability
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.present_team import PresentTeam
from reinforce.forgetting.scenarios import Launch, Scenario
from reinforce.forgetting.simulation import simulate
from reinforce.forgetting.states import States

LEARNERS, SKILLS = 12, 5
SCENARIO = Scenario(learners=LEARNERS, skills=SKILLS, days=56)


def knowing(stability: float, last_day: int = -10) -> PresentTeam:
    """A team in which everyone practised everything once."""
    pairs = LEARNERS * SKILLS
    days, ones, zeros = np.full(pairs, last_day), np.ones(pairs, dtype=np.int64), np.zeros(pairs, dtype=np.int64)
    states = States(np.full(pairs, stability), np.full(pairs, 5.0), days, ones, zeros, ones, ones)
    return PresentTeam(SKILLS, np.ones(pairs, dtype=np.bool_), states, np.full(SKILLS, 3.0))


def ignorant() -> PresentTeam:
    """A team that needs everything and knows nothing."""
    pairs = LEARNERS * SKILLS
    return PresentTeam(SKILLS, np.ones(pairs, dtype=np.bool_), States.unknown(pairs), np.full(SKILLS, 3.0))


def test_a_team_that_knows_nothing_is_one_that_is_made_up() -> None:
    """To begin with nothing is the same with a team as without, to the bit."""
    assert simulate(SCENARIO, ignorant(), draws=5) == simulate(SCENARIO, draws=5)


def test_it_begins_with_what_is_remembered() -> None:
    """Retention on the first measured day is that of the memories; nobody is taught again what they know."""
    scenario = evolve(SCENARIO, days=4)
    once = simulate(scenario, knowing(30.0), desired_retentions=(0.9,), draws=2).train_once

    assert once.retention.value == pytest.approx(float(retrievability(13, 30.0, Forgetting().decay)))


def test_what_is_overdue_is_practised_first() -> None:
    """A backlog is seen in the first week: it takes more minutes than any later one, and lifts retention."""
    (reinforced,) = simulate(SCENARIO, knowing(2.0, last_day=-60), desired_retentions=(0.9,), draws=2).reinforced
    minutes = [week.minutes for week in reinforced.weeks]

    assert minutes[0] > max(minutes[1:])
    assert (reinforced.weeks[0].retention or 0) > float(retrievability(63, 2.0, Forgetting().decay)) + 0.2


def test_levels_do_not_share_memories() -> None:
    """Each level begins with the same memories, whatever levels are simulated beside it; the team is left as it was."""
    team = knowing(20.0)
    together = simulate(SCENARIO, team, desired_retentions=(0.8, 0.95), draws=2)
    alone = simulate(SCENARIO, team, desired_retentions=(0.95,), draws=2)

    assert together.reinforced[1] == alone.reinforced[0]
    assert np.array_equal(team.states.stability, knowing(20.0).states.stability)


def test_what_is_not_needed_costs_nothing() -> None:
    """A skill that nobody needs is neither taught nor practised nor counted."""
    needed = np.tile(np.arange(SKILLS) < 2, LEARNERS)
    some = evolve(ignorant(), is_needed=needed)
    two = simulate(SCENARIO, some, desired_retentions=(0.9,), draws=2).reinforced[0]
    five = simulate(SCENARIO, ignorant(), desired_retentions=(0.9,), draws=2).reinforced[0]

    assert 0 < two.minutes.value < 0.6 * five.minutes.value


def test_a_launch_and_hires_come_on_top() -> None:
    """New skills and new people are unknown and needed; everyone keeps what they had in its place."""
    needed = np.tile(np.arange(SKILLS) != 3, LEARNERS)
    team = evolve(knowing(30.0), is_needed=needed)
    team.states.stability[:] = np.arange(LEARNERS * SKILLS) + 1.0

    grown = team.joined_by(2).launching(1)

    assert (grown.learners, grown.skills) == (LEARNERS + 2, SKILLS + 1)
    stability = grown.states.stability.reshape(grown.learners, grown.skills)
    assert np.array_equal(stability[:LEARNERS, :SKILLS].ravel(), team.states.stability)
    known = grown.states.reviews.reshape(grown.learners, grown.skills) > 0
    assert known[:LEARNERS, :SKILLS].all()
    assert not known[LEARNERS:].any()
    assert not known[:, SKILLS].any()
    wanted = grown.is_needed.reshape(grown.learners, grown.skills)
    assert np.array_equal(wanted[LEARNERS:], [[True, True, True, False, True, True]] * 2)


def test_more_keeps_more_from_any_beginning() -> None:
    """Along the curve each higher desired retention costs and keeps more, with a launch on top of what is known."""
    team = knowing(15.0).launching(2)
    scenario = evolve(SCENARIO, skills=SKILLS + 2, launch=Launch(day=14, skills=2), days=120)
    result = simulate(scenario, team, draws=2)

    for less, more in pairwise((result.train_once, *result.reinforced)):
        assert less.minutes.value < more.minutes.value
        assert less.retention.value < more.retention.value


def test_a_scenario_about_others_is_refused() -> None:
    """A scenario of another size than the team says so."""
    with pytest.raises(InvalidValue, match="12 learners and 6 skills, but the team has 12 and 5"):
        simulate(evolve(SCENARIO, skills=6), knowing(3.0))
