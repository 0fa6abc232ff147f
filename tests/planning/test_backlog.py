"""Out of a backlog, the order of a plan leads to more that is remembered per minute than the order of due dates."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import numpy as np
from attrs import define

from planning.worlds import TODAY, TUESDAY
from reinforce.forgetting.curve import retrievability
from reinforce.forgetting.interval import interval_days
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.states import States
from reinforce.forgetting.step import AGAIN, GOOD, step
from reinforce.model.library import Refresher
from reinforce.model.people import Calendar, Learner
from reinforce.model.plans import PlanningRules
from reinforce.model.skills import Skill
from reinforce.planning import Catalogue, History, MemoryRows, plan_day

OVERDUE, NEW_PER_DAY, DAYS, MINUTES = 300, 2, 365, 12
SKILLS = OVERDUE + NEW_PER_DAY * DAYS
RELEARNING = 2
"""A failed practice takes so many further minutes."""

CURVE = Forgetting(fuzz=False)
RULES = PlanningRules(daily_minutes=MINUTES, most_assignments=100, cool_down_days=0)
CATALOGUE = Catalogue.of(
    [Skill(f"skill-{n:03}") for n in range(SKILLS)],
    refreshers=[Refresher(f"refresh-{n:03}", skills={f"skill-{n:03}": 1.0}, minutes=1) for n in range(SKILLS)],
    calendars=[Calendar("every day", working_days=tuple(range(7)))],
)
LEARNER = Learner("anna", calendar="every day")


@define
class Person:
    """Somebody with a backlog, who is taught two skills more on each day than there is time to keep up with."""

    states: States
    due: np.ndarray[tuple[int], np.dtype[np.int64]]
    chance: np.random.Generator
    known: int = OVERDUE

    @classmethod
    def after_a_break(cls, seed: int) -> "Person":
        chance = np.random.default_rng(seed)
        states = States.unknown(SKILLS)
        states.stability[:OVERDUE] = np.exp(chance.normal(2.7, 0.9, OVERDUE))
        states.difficulty[:OVERDUE] = chance.uniform(2, 9, OVERDUE)
        due = TODAY - 60 + chance.integers(0, 60, SKILLS)
        states.last_day[:OVERDUE] = (due - interval_days(states.stability, 0.9, CURVE))[:OVERDUE]
        states.reviews[:OVERDUE] = 1
        return cls(states, due, chance)

    def learn(self, day: int) -> None:
        """Two new skills, taught outside of the day's minutes."""
        for skill in range(self.known, self.known + NEW_PER_DAY):
            self._remember(skill, day, int(self.chance.choice([1, 2, 3, 4], p=[0.24, 0.09, 0.5, 0.17])))
        self.known += NEW_PER_DAY

    def recall(self, day: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return retrievability(day - self.states.last_day, self.states.stability, CURVE.decay)

    def practise(self, skill: int, day: int) -> float:
        """One refresher; the minutes that it took."""
        passed = bool(self.chance.random() < self.recall(day)[skill])
        self._remember(skill, day, GOOD if passed else AGAIN)
        return 1.0 if passed else 1.0 + RELEARNING

    def _remember(self, skill: int, day: int, rating: int) -> None:
        which = slice(skill, skill + 1)
        after = step(CURVE, self.states.take(which), np.array([rating]), np.array([day]), np.ones(1))
        self.states.put(which, after)
        self.due[skill] = day + int(interval_days(after.stability, 0.9, CURVE)[0])


Order = Callable[[Person, int], Sequence[int]]


def as_planned(person: Person, day: int) -> Sequence[int]:
    """The skills in the order of the day's plan."""
    states, known = person.states, person.known
    memory = MemoryRows(
        np.zeros(known),
        np.arange(known),
        states.stability[:known],
        states.last_day[:known],
        person.due[:known],
        states.difficulty[:known],
    )
    date = TUESDAY + timedelta(days=day - TODAY)
    plan = plan_day(CATALOGUE, LEARNER, memory, History(), date, RULES, CURVE)
    return [CATALOGUE.skill_number[assignment.skills[0]] for assignment in plan.assignments]


def by_due_date(person: Person, day: int) -> Sequence[int]:
    """The skills that are due, longest due first."""
    order = np.argsort(person.due, kind="stable")
    return [int(skill) for skill in order if skill < person.known and person.due[skill] <= day]


def minutes_per_remembered_skill(order: Order, seed: int) -> float:
    """A year in which the day's minutes are spent in an order; its minutes by what is remembered at its end."""
    person, spent = Person.after_a_break(seed), 0.0
    for day in range(TODAY, TODAY + DAYS):
        person.learn(day)
        today = 0.0
        for skill in order(person, day):
            if today >= MINUTES:
                break
            today += person.practise(skill, day)
        spent += today
    return spent / float(person.recall(TODAY + DAYS)[: person.known].sum())


def test_a_backlog_is_worked_off_better_than_by_due_date() -> None:
    """Over a simulated year, a plan's order takes fewer minutes per remembered skill than the order of due dates."""
    seeds = range(2)
    planned = [minutes_per_remembered_skill(as_planned, seed) for seed in seeds]
    due_first = [minutes_per_remembered_skill(by_due_date, seed) for seed in seeds]

    assert sum(planned) < 0.99 * sum(due_first)
