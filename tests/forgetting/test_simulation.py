"""What reinforcing costs and keeps, in teams that do not exist."""

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from attrs import evolve

from reinforce.errors import InvalidValue
from reinforce.forgetting.curve import retrievability
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.scenarios import Absence, Launch, Scenario, Variation
from reinforce.forgetting.simulation import SimulationResult, Way, simulate
from reinforce.model.conversion import structure, unstructure

TEAM = Scenario(learners=120, skills=15, days=182)
DIFFERING = evolve(TEAM, variation=Variation(learners=0.4, skills=0.4))


def at_90(scenario: Scenario, seed: int = 0) -> Way:
    (way,) = simulate(scenario, desired_retentions=(0.9,), seed=seed, draws=2).reinforced
    return way


def as_text(result: SimulationResult) -> str:
    return json.dumps(unstructure(result), allow_nan=False)


@pytest.mark.parametrize("scenario", [TEAM, DIFFERING, evolve(TEAM, onboarding_days=60)])
def test_more_costs_more_and_keeps_more(scenario: Scenario) -> None:
    """Along the curve from 0.70 to 0.97, each higher desired retention takes more minutes and keeps more."""
    result = simulate(scenario)

    assert [way.desired_retention for way in result.reinforced][:: len(result.reinforced) - 1] == [0.7, 0.97]
    for less, more in pairwise((result.train_once, *result.reinforced)):
        assert less.minutes.value < more.minutes.value
        assert less.retention.value < more.retention.value


def test_what_is_taught_once_is_forgotten() -> None:
    """Without practice no minute is spent, retention falls from week to week, and reinforcing keeps far more."""
    result = simulate(TEAM, desired_retentions=(0.9,))
    once = [week.retention or 0.0 for week in result.train_once.weeks]

    assert result.train_once.minutes.value == 0
    assert all(later < earlier for earlier, later in pairwise(once))
    assert result.train_once.retention_at_end < 0.6 < 0.9 < result.reinforced[0].retention_at_end


def test_forgetting_is_that_of_the_curve() -> None:
    """Where everybody is taught alike, retention after one week is FSRS-6's for the first stability."""
    scenario = evolve(TEAM, days=4, first_ratings=(0, 0, 1, 0))
    once = simulate(scenario, desired_retentions=(0.9,), draws=2).train_once

    assert once.retention.value == pytest.approx(float(retrievability(3, Forgetting().weights[2], Forgetting().decay)))


def test_the_same_seed_gives_the_same_bytes() -> None:
    """A result depends on nothing but the scenario, the seed and what was asked, and another seed gives another."""
    first, again, other = (as_text(simulate(DIFFERING, seed=seed, draws=20)) for seed in (5, 5, 6))

    assert first == again != other


def test_a_result_is_plain_data_and_back() -> None:
    """Every result can be written as JSON and read again, with teams of one and weeks without anything taught, too."""
    for scenario in (TEAM, Scenario(learners=1, skills=1, days=20, launch=Launch(day=10, skills=1))):
        result = simulate(scenario, draws=5)
        assert structure(json.loads(as_text(result)), SimulationResult) == result


@pytest.mark.parametrize("minutes", [5.0, 8.0, 13.5])
def test_the_budget_is_never_exceeded(minutes: float) -> None:
    """Nobody practises longer on any day than the budget allows, though without it they would."""
    budgeted = evolve(TEAM, daily_minutes=minutes)

    assert at_90(TEAM).busiest_day > minutes
    assert 0 < at_90(budgeted).busiest_day <= minutes


def test_a_budget_that_is_ample_changes_nothing() -> None:
    """With more minutes than anybody needs, everything is as without a budget."""
    assert at_90(evolve(TEAM, daily_minutes=600)) == at_90(TEAM)


def test_an_absence_leaves_a_backlog_that_is_worked_off() -> None:
    """Weeks away cost retention and leave skills waiting; within the daily minutes both are made good again."""
    at_work = evolve(TEAM, days=364, daily_minutes=15)
    away = at_90(evolve(at_work, absence=Absence(day=175, days=42)))
    weeks, usual = away.weeks, at_90(at_work).weeks

    assert weeks[:25] == usual[:25]
    assert all(week.minutes == 0 for week in weeks[25:31])
    assert weeks[30].overdue > 5 > usual[30].overdue
    assert (weeks[30].retention or 0) < (usual[30].retention or 0) - 0.03
    assert weeks[31].minutes > 1.5 * usual[31].minutes
    assert weeks[-1].overdue < 0.5
    assert weeks[-1].retention == pytest.approx(usual[-1].retention, abs=0.01)
    assert away.busiest_day <= 15


def test_only_those_who_are_away_stop() -> None:
    """With half of a team away, the others practise on, and about half of the skills wait."""
    all_away, half_away = (at_90(evolve(TEAM, absence=Absence(100, 40, share))).weeks[19] for share in (1.0, 0.5))

    assert all_away.minutes == 0 < half_away.minutes
    assert half_away.overdue == pytest.approx(all_away.overdue / 2, rel=0.15)


def test_a_launch_is_a_wave_of_practice() -> None:
    """New skills on a date raise the minutes from that week on, and the retention of all stays where it should."""
    weeks = at_90(evolve(TEAM, launch=Launch(day=91, skills=8))).weeks
    before, after = (np.mean([week.minutes for week in part]) for part in (weeks[8:13], weeks[13:18]))

    assert after > 2 * before
    assert all(0.9 < (week.retention or 0) < 1 for week in weeks)


def test_nothing_is_practised_on_the_day_it_is_taught() -> None:
    """What is taught on a Friday, though due before Monday, is not practised again on that day."""
    on_friday = evolve(TEAM, days=7, launch=Launch(day=4, skills=15))

    assert at_90(on_friday).minutes.value == 0 < at_90(evolve(on_friday, days=8)).minutes.value


def test_a_new_hire_starts_gently() -> None:
    """Skills taught over the first two months make the busiest day lighter than all of them at once."""
    spread = at_90(evolve(TEAM, onboarding_days=60))

    assert spread.busiest_day < at_90(TEAM).busiest_day
    assert spread.retention.value > 0.9


def test_practice_is_on_working_days_only() -> None:
    """A team that works on one day a week pays for it in retention, and never practises on another day."""
    mondays = evolve(TEAM, working_days=(0,))
    starting_on_tuesday = evolve(mondays, launch=Launch(day=1, skills=15), days=7)

    assert at_90(mondays).retention.value < at_90(TEAM).retention.value
    with pytest.raises(InvalidValue, match="nothing is ever taught"):
        simulate(starting_on_tuesday)


def test_the_minutes_that_keep_a_team_above_90_percent() -> None:
    """The effort lies on the curve: simulating the desired retention that it names takes its minutes and keeps 90 %."""
    (effort,) = simulate(DIFFERING, keep=(0.9,)).efforts
    assert effort.minutes is not None
    assert effort.desired_retention is not None
    (there,) = simulate(DIFFERING, desired_retentions=(effort.desired_retention,)).reinforced

    assert effort.minutes.low < effort.minutes.value < effort.minutes.high
    assert effort.certainty == 1
    assert there.minutes.value == pytest.approx(effort.minutes.value, rel=0.05)
    assert there.retention.value == pytest.approx(0.9, abs=0.005)


def test_what_the_curve_does_not_reach_is_not_made_up() -> None:
    """A retention beyond the curve has no minutes, and one that teaching alone keeps has none to spend."""
    within_a_week, unreachable = simulate(evolve(TEAM, days=7), keep=(0.5, 0.999)).efforts

    assert within_a_week.minutes is not None
    assert (within_a_week.minutes.value, within_a_week.desired_retention, within_a_week.certainty) == (0, None, 1)
    assert (unreachable.minutes, unreachable.desired_retention, unreachable.certainty) == (None, None, 0)


def test_a_larger_team_is_surer() -> None:
    """The interval of a team of 400 is narrower than that of a team of 25."""
    few, many = (at_interval(learners) for learners in (25, 400))

    assert many < few / 2


def at_interval(learners: int) -> float:
    (way,) = simulate(evolve(DIFFERING, learners=learners), desired_retentions=(0.9,)).reinforced
    return way.minutes.high - way.minutes.low


def test_a_scheduler_that_is_wrong_about_people_keeps_less() -> None:
    """Where the truth forgets faster than the scheduler believes, less is kept than it aims at."""
    weights = list(Forgetting().weights)
    weights[8] -= 1.0  # stability grows less with each practice
    quick = Forgetting(weights)
    wrong = at_90(evolve(TEAM, memory=quick, scheduler=Forgetting()))
    right = at_90(evolve(TEAM, memory=quick))

    assert wrong.retention.value < right.retention.value - 0.01


def test_without_variation_the_scheduler_knows() -> None:
    """A scheduler with its own copy of the truth gives the same outcome as one that shares it."""
    copied = evolve(TEAM, variation=Variation(learners=1e-300))

    assert not copied.is_as_scheduled
    assert at_90(copied).minutes.value == pytest.approx(at_90(TEAM).minutes.value, rel=0.05)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Scenario(learners=0), "Scenario.learners must be a whole number from 1"),
        (lambda: Scenario(days=3651), "Scenario.days"),
        (lambda: Scenario(working_days=()), "Scenario.working_days"),
        (lambda: Scenario(working_days=(7,)), "Scenario.working_days"),
        (lambda: Scenario(first_ratings=(0.5, 0.5)), "Scenario.first_ratings must be 4 shares that add up to 1"),
        (lambda: Scenario(passed_ratings=(0.5, 0.4, float("nan"))), "Scenario.passed_ratings"),
        (lambda: Scenario(daily_minutes=4), "must allow for one failed practice, 5 minutes"),
        (lambda: Scenario(practice_minutes=float("nan")), "Scenario.practice_minutes"),
        (lambda: Scenario(skills=3, launch=Launch(1, 4)), "the launch has 4 skills, but the scenario only 3"),
        (lambda: Absence(0, 0), "Absence.days"),
        (lambda: Variation(learners=-1), "Variation.learners"),
        (lambda: simulate(TEAM, desired_retentions=()), "desired_retentions must be shares of 1 from 0.5 to 0.99"),
        (lambda: simulate(TEAM, desired_retentions=(90,)), "desired_retentions"),
        (lambda: simulate(TEAM, keep=(1.0,)), "keep must be shares of 1"),
        (lambda: simulate(TEAM, seed=-1), "seed must be a whole number from 0"),
        (lambda: simulate(TEAM, draws=0), "draws must be a whole number from 1"),
        (lambda: simulate(Scenario(days=7, absence=Absence(0, 30))), "nothing is ever taught"),
    ],
)
def test_what_makes_no_sense_is_refused(make: Callable[[], Any], says: str) -> None:
    """Bad input is named, with what would be right, before anything is computed."""
    with pytest.raises(InvalidValue, match=says):
        make()
