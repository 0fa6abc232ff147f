"""What reinforcing would cost and keep in a team of the tenant, from how it stands today."""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from attrs import evolve

from reinforce.errors import InvalidValue
from reinforce.forgetting.curve import Floats
from reinforce.forgetting.present_team import PresentTeam
from reinforce.forgetting.scenarios import Scenario
from reinforce.forgetting.simulation import SimulationResult, simulate
from reinforce.forgetting.states import States
from reinforce.model.library import Refresher
from reinforce.model.people import Calendar, Learner
from reinforce.store.planning import Definitions, LearnerRows
from reinforce.store.session import Session
from reinforce.store.teams import members

MOST_HIRES = 10_000


def simulated_team(
    session: Session, team: str, scenario: Scenario | None, *, hires: int, today: int, keep: Iterable[float], seed: int
) -> SimulationResult:
    """Let a team live through a scenario that begins on the next Monday, or today if it is one.

    What the tenant knows takes the place of what the scenario says: its people, their skills and memories, the days
    that most of them work on, the parameters, and how long practice takes with the library. The skills of a launch
    come on top, and so do hires. Holidays and absences of single people are left out.

    Args:
        session: to read with.
        team: its key; teams inside it belong to it.
        scenario: what befalls it, and for how long; None: a year, and nothing does.
        hires: how many people join on the first day, who know nothing and need all that anyone in the team needs.
        today: in days since 1970-01-01.
        keep: the retentions for which the minutes are wanted.
        seed: of all that is random.

    Raises:
        UnknownTeam: the tenant has none of that key.
        InvalidValue: nobody in the team is active, or they need nothing.
    """
    people = session.catalogue.several(
        Learner, [learner.key for learner in members(session.driver, session.tenant, team)]
    )
    known = session.plans.definitions(session.belief)
    rows = session.plans.rows_of(known, people, today, 0)
    if not rows.learners:
        raise InvalidValue(f"nobody in team {team!r} is active: there is nothing to simulate")
    present = present_team(known, rows, next_monday(today))
    if hires:
        present = present.joined_by(hires)
    scenario = scenario or Scenario()
    if scenario.launch:
        present = present.launching(scenario.launch.skills)
    as_it_is = evolve(
        scenario,
        learners=present.learners,
        skills=present.skills,
        working_days=usual_working_days(rows.learners, known.calendars),
        practice_minutes=present.practice_minutes,
        memory=known.forgetting,
    )
    return simulate(as_it_is, present, keep=keep, seed=seed)


def next_monday(today: int) -> int:
    """The first Monday from a day on, both in days since 1970-01-01, which was a Thursday."""
    return today + (4 - today) % 7


def present_team(known: Definitions, rows: LearnerRows, first_day: int) -> PresentTeam:
    """A team's needs and memories, of the skills that anyone in it needs or has practised.

    Args:
        known: what the tenant has defined.
        rows: the people and their memories.
        first_day: of the simulation, in days since 1970-01-01.
    """
    memory = rows.memory
    needed = np.zeros((len(rows.learners), len(known.skills)), dtype=np.bool_)
    column = {skill.key: number for number, skill in enumerate(known.skills)}
    of_role = {role.key: [column[key] for key in role.skills] for role in known.roles}
    for number, learner in enumerate(rows.learners):
        needed[number, [skill for role in learner.roles for skill in of_role.get(role, ())]] = True
    needed[memory.learner, memory.skill] = True
    used = np.flatnonzero(needed.any(axis=0))
    if not len(used):
        raise InvalidValue("the team needs no skill and has practised none: give its people roles that name skills")
    states = States.unknown(len(rows.learners) * len(used))
    place = memory.learner * len(used) + np.searchsorted(used, memory.skill)
    states.stability[place] = memory.stability
    states.difficulty[place] = memory.difficulty
    states.last_day[place] = memory.last_day - first_day
    states.reviews[place] = 1
    minutes = least_minutes_of_practice([known.skills[number].key for number in used.tolist()], known.refreshers)
    return PresentTeam(len(used), needed[:, used].ravel(), states, minutes)


def least_minutes_of_practice(skills: Sequence[str], refreshers: Iterable[Refresher]) -> Floats:
    """How long one practice of each skill takes, with the refresher that gives most of it for its minutes.

    A refresher of several skills is shared among them by their weights. A skill without any takes as long as the others
    do on average; a library without any refresher for any of them, as long as a scenario's default.
    """
    quickest: dict[str, float] = {}
    for refresher in refreshers:
        a_weight = refresher.minutes / sum(refresher.skills.values())
        for key, weight in refresher.skills.items():
            quickest[key] = min(quickest.get(key, np.inf), a_weight if weight else np.inf)
    found = np.array([quickest.get(key, np.inf) for key in skills])
    has_one = np.isfinite(found)
    usual = float(found[has_one].mean()) if has_one.any() else Scenario().practice_minutes
    return np.where(has_one, found, usual)


def usual_working_days(learners: Iterable[Learner], calendars: Iterable[Calendar]) -> tuple[int, ...]:
    """The working days of most people; of the first of them by their numbers if as many have others."""
    by_key = {calendar.key: calendar.working_days for calendar in calendars}
    counted = Counter(by_key.get(learner.calendar or "", Calendar("usual").working_days) for learner in learners)
    return min(counted, key=lambda days: (-counted[days], days))
