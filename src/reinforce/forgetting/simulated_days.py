"""A scenario day by day: what is due is practised, within the budget, and remembered or not.

On each working day everything is practised that is due before the next one, as plans do it. Where a budget is too small
for that, what has been due longest comes first, and the rest waits. After an absence as under a lasting lack of time
that order kept more than by highest or lowest retrievability, stability or difficulty. (A real plan goes by what a
practice is worth, which takes more time to work out than a simulation has.)
"""

import numpy as np
from attrs import astuple, define, evolve

from reinforce.forgetting.curve import STABILITY_RETENTION, Flags, Floats, Ints, retrievability
from reinforce.forgetting.fold import due_days
from reinforce.forgetting.interval import fractions
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.scenarios import BEFORE, DAYS_OF_WEEK, NEVER, Scenario, World, drawn, next_open
from reinforce.forgetting.states import States
from reinforce.forgetting.step import AGAIN, HARD, STABILITY_MIN, step

MIDWEEK = 3
"""Retention is taken on this day of each week, before the day's practice; in the last week on the very last day."""

TINY = 1e-9
"""Sums of minutes may be off by this much."""


@define(eq=False)
class Counts:
    """What was counted, for each learner or for each week.

    Attributes:
        practices: how many.
        failures: how many of them failed.
        remembered: the probabilities of recall of all skills that were taught, added up.
        known: how many probabilities these are.
    """

    practices: Ints
    failures: Ints
    remembered: Floats
    known: Ints

    @classmethod
    def none(cls, count: int) -> "Counts":
        """Nothing counted yet."""
        return cls(np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count), np.zeros(count, np.int64))


@define(eq=False)
class Tally:
    """What was counted, by learner and by week.

    Attributes:
        by_learner: over all weeks.
        by_week: of all learners.
        overdue: how many skills of all learners had waited for longer than they should, in each week.
        busiest_day: the most minutes that anybody practised on one day.
    """

    by_learner: Counts
    by_week: Counts
    overdue: Ints
    busiest_day: float = 0.0

    @classmethod
    def empty(cls, learners: int, weeks: int) -> "Tally":
        """Nothing counted yet."""
        return cls(Counts.none(learners), Counts.none(weeks), np.zeros(weeks, np.int64))

    @classmethod
    def together(cls, parts: "list[Tally]") -> "Tally":
        """The tally of all learners out of those of some each."""
        learners = [astuple(part.by_learner, recurse=False) for part in parts]
        weeks = [astuple(part.by_week, recurse=False) for part in parts]
        return cls(
            Counts(*map(np.concatenate, zip(*learners, strict=True))),
            Counts(*(np.sum(column, axis=0) for column in zip(*weeks, strict=True))),
            np.sum([part.overdue for part in parts], axis=0),
            max(part.busiest_day for part in parts),
        )

    def count_practice(self, scenario: Scenario, day: int, learner: Ints, failed: Flags) -> None:
        """Count the practices of a day, each with its learner."""
        learners, week = len(self.by_learner.practices), day // DAYS_OF_WEEK
        practices = np.bincount(learner, minlength=learners)
        failures = np.bincount(learner[failed], minlength=learners)
        self.by_learner.practices += practices
        self.by_learner.failures += failures
        self.by_week.practices[week] += len(learner)
        self.by_week.failures[week] += failures.sum()
        minutes = scenario.minutes(practices, failures)
        self.busiest_day = max(self.busiest_day, float(minutes.max(initial=0.0)))

    def count_memory(self, day: int, recall: Floats, is_known: Flags, is_overdue: Flags) -> None:
        """Count what is remembered on a day; each array has a row a learner and a column a skill."""
        week = day // DAYS_OF_WEEK
        remembered, known = np.where(is_known, recall, 0.0).sum(axis=1), is_known.sum(axis=1)
        self.by_learner.remembered += remembered
        self.by_learner.known += known
        self.by_week.remembered[week] += remembered.sum()
        self.by_week.known[week] += known.sum()
        self.overdue[week] += is_overdue.sum()


@define(eq=False)
class _Course:
    """Some learners on their way through a scenario.

    Attributes:
        truth: what they remember.
        believed: what the scheduler takes them to remember; the same object where it knows.
        due: of each pair; NEVER: not taught yet.
    """

    scenario: Scenario
    world: World
    scheduler: Forgetting
    desired_retention: float
    truth: States
    believed: States
    due: Ints

    @classmethod
    def beginning(cls, scenario: Scenario, world: World, desired_retention: float) -> "_Course":
        everything = np.arange(len(world.begin))
        truth = world.states
        believed = truth if scenario.is_as_scheduled else truth.take(everything)
        scheduler = scenario.scheduler or scenario.memory
        course = cls(scenario, world, scheduler, desired_retention, truth, believed, np.full_like(everything, NEVER))
        course._schedule(np.flatnonzero(world.begin == BEFORE))
        return course

    def teach(self, day: int) -> None:
        """The first practice of what is taught on a day."""
        rows = np.flatnonzero(self.world.begin == day)
        self._remember(rows, self.world.first_rating[rows], day)

    def practise(self, day: int, until: int) -> tuple[Ints, Flags]:
        """Practise what is due until a day and was not taught on this one; the pairs, and which of them failed."""
        rows = np.flatnonzero(self._is_at_hand(day) & (self.due <= until))
        rows = rows[self.world.begin[rows] < day]
        failed, rating = self._tried(rows, day)
        if self.scenario.daily_minutes is not None:
            taken = self._within_budget(rows, failed, self.scenario.daily_minutes)
            rows, failed, rating = rows[taken], failed[taken], rating[taken]
        self._remember(rows, rating, day)
        return rows, failed

    def _tried(self, rows: Ints, day: int) -> tuple[Flags, Ints]:
        """Whether practice of some pairs would fail, and how it would be rated."""
        reviews = self.truth.reviews[rows]
        elapsed = day - self.truth.last_day[rows]
        recall = retrievability(elapsed, self.truth.stability[rows], self.scenario.memory.decay)
        failed = fractions(self.world.luck[rows], reviews) >= recall
        ease = drawn(self.scenario.passed_ratings, fractions(self.world.ease[rows], reviews))
        return failed, np.where(failed, AGAIN, HARD + ease)

    def look(self, day: int) -> tuple[Floats, Flags, Flags]:
        """The true probability of recall of each learner's skills, whether they know them, whether they are overdue."""
        shape = (self.world.learners, self.scenario.skills)
        recall = retrievability(day - self.truth.last_day, self.truth.stability, self.scenario.memory.decay)
        return recall.reshape(shape), (self.truth.reviews > 0).reshape(shape), (self.due < day).reshape(shape)

    def _is_at_hand(self, day: int) -> Flags:
        absence = self.scenario.absence
        if absence and absence.day <= day < absence.day + absence.days:
            return ~self.world.is_away
        return np.ones(len(self.due), dtype=np.bool_)

    def _within_budget(self, rows: Ints, failed: Flags, minutes: float) -> Ints:
        """The places of those rows that are taken: as many as surely fit, what has been due longest first."""
        learner = rows // self.scenario.skills
        order = np.lexsort((self.due[rows], learner))
        learner, failed = learner[order], failed[order]
        first = np.searchsorted(learner, learner, side="left")
        failures_before: Ints = np.cumsum(failed) - failed
        practised = np.arange(len(rows)) - first
        failures: Ints = failures_before - failures_before[first]
        spent = practised * self.scenario.practice_minutes + failures * self.scenario.failure_minutes
        return np.sort(order[spent + self.scenario.longest_practice <= minutes + TINY])

    def _remember(self, rows: Ints, rating: Ints, day: int) -> None:
        if not len(rows):
            return
        days, weight = np.full(len(rows), day), np.ones(len(rows))
        if self.truth is not self.believed:
            before = self.truth.take(rows)
            after = step(self.scenario.memory, before, rating, days, weight)
            after = _varied(before, after, rating, self.world.factor[rows])
            np.minimum(after.stability, self.scenario.memory.maximum_stability_days, out=after.stability)
            self.truth.put(rows, after)
        believed = step(self.scheduler, self.believed.take(rows), rating, days, weight)
        self.believed.put(rows, believed)
        self._schedule(rows)

    def _schedule(self, rows: Ints) -> None:
        wanted = np.full(len(rows), self.desired_retention)
        self.due[rows] = due_days(self.scheduler, self.believed.take(rows), wanted, self.world.fuzz[rows])


def _varied(before: States, after: States, rating: Ints, factor: Floats) -> States:
    """The states after practice of people who are not all alike; a lapse still raises no stability."""
    is_first = before.reviews == 0
    lapsed = np.minimum(after.stability * factor, np.maximum(before.stability, after.stability))
    stability = np.where(is_first, after.stability * factor, np.where(rating == AGAIN, lapsed, after.stability))
    return evolve(after, stability=np.maximum(stability, STABILITY_MIN))


def live(scenario: Scenario, world: World, desired_retention: float | None) -> Tally:
    """Take some learners through a scenario.

    Args:
        scenario: what is simulated.
        world: the learners.
        desired_retention: at which the scheduler has skills practised; None: they are taught once and that is all.
    """
    is_reinforced = desired_retention is not None
    course = _Course.beginning(scenario, world, desired_retention or STABILITY_RETENTION)
    tally = Tally.empty(world.learners, scenario.weeks)
    is_open = scenario.open_days()
    until = next_open(is_open)[1:] - 1
    teaching_days = set(np.unique(world.begin).tolist())
    for day in range(scenario.days):
        if day in teaching_days:
            course.teach(day)
        if day == _measured_on(scenario, day // DAYS_OF_WEEK):
            recall, is_known, is_overdue = course.look(day)
            tally.count_memory(day, recall, is_known, is_overdue & is_reinforced)
        if is_reinforced and is_open[day]:
            rows, failed = course.practise(day, int(until[day]))
            tally.count_practice(scenario, day, rows // scenario.skills, failed)
    return tally


def _measured_on(scenario: Scenario, week: int) -> int:
    return scenario.days - 1 if week == scenario.weeks - 1 else week * DAYS_OF_WEEK + MIDWEEK
