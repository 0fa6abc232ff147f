"""What reinforcing costs and what it keeps: minutes against retention, for a team as it stands or one that is made up.

A scenario is lived through once without any practice after the teaching ("train once") and once for each desired
retention; people, skills and luck come from one seed, so that the same call gives the same bytes. Minutes are those of
the refreshers; the teaching is the same for all and not counted. Retention is the true probability of recall of a
skill that was taught, averaged over people, skills and weeks. It lies above the desired retention, which is only where
a skill is practised again.

Its intervals say what another team of that size may see: learners are drawn with replacement (bootstrap).
"""

from collections.abc import Iterable, Sequence

import numpy as np
from attrs import frozen

from reinforce.errors import InvalidValue
from reinforce.forgetting.curve import Floats
from reinforce.forgetting.metrics import Interval, bootstrap_weights, interval
from reinforce.forgetting.present_team import PresentTeam
from reinforce.forgetting.scenarios import DAYS_OF_WEEK, Scenario, World
from reinforce.forgetting.simulated_days import Tally, live

DESIRED_RETENTIONS = (0.70, 0.73, 0.76, 0.79, 0.82, 0.85, 0.88, 0.91, 0.94, 0.97)
PAIRS_AT_ONCE = 50_000
"""So many (learner, skill) pairs live side by side: enough to make arrays worth while, few enough for the cache."""

LEAST_KEPT, MOST_KEPT = 0.01, 0.999
"""The retentions that can be asked for."""

FOR_SKILLS, FOR_WORLDS = range(2)
"""What random numbers are for; each has its own stream."""


@frozen
class Week:
    """How a team stood in one week.

    Attributes:
        minutes: of refreshers, per person.
        retention: in the middle of the week, of the last one at its end; None: nothing had been taught yet.
        overdue: skills per person that had waited for longer than they should.
    """

    minutes: float
    retention: float | None
    overdue: float


@frozen
class Way:
    """One way of reinforcing, and what it leads to.

    Attributes:
        desired_retention: at which skills are practised again; None: taught once.
        minutes: of refreshers, per person and week.
        retention: averaged over all weeks.
        retention_at_end: on the last day.
        busiest_day: the most minutes that anybody practised on one day.
        weeks: one after the other.
    """

    desired_retention: float | None
    minutes: Interval
    retention: Interval
    retention_at_end: float
    busiest_day: float
    weeks: tuple[Week, ...]


@frozen
class Effort:
    """How much it takes to keep a team above a retention.

    Attributes:
        retention: to keep, averaged over people, skills and weeks.
        minutes: of refreshers, per person and week, along the curve; None: the curve does not reach that far.
        desired_retention: that leads there, or the lowest that was tried where less would do; None: the curve does not
            reach it, or teaching once is enough.
        certainty: in what share of the bootstrap's teams the curve reaches it; the interval is of these.
    """

    retention: float
    minutes: Interval | None
    desired_retention: float | None
    certainty: float


@frozen
class SimulationResult:
    """What would happen to a team.

    Attributes:
        scenario: what was simulated.
        seed: of all that is random.
        train_once: without any practice after the teaching.
        reinforced: with it, one for each desired retention, from low to high.
        efforts: one for each retention that was asked for.
    """

    scenario: Scenario
    seed: int
    train_once: Way
    reinforced: tuple[Way, ...]
    efforts: tuple[Effort, ...]


def simulate(
    scenario: Scenario,
    team: PresentTeam | None = None,
    *,
    desired_retentions: Iterable[float] = DESIRED_RETENTIONS,
    keep: Iterable[float] = (0.9,),
    seed: int = 0,
    draws: int = 200,
) -> SimulationResult:
    """Live through a scenario, once for each desired retention.

    Args:
        scenario: the team, its skills, its days.
        team: how it stands when the scenario begins; None: nobody knows anything yet.
        desired_retentions: the points of the curve, each 0.5 to 0.99.
        keep: the retentions for which the minutes are wanted.
        seed: the same one gives the same result.
        draws: of the bootstrap.

    Raises:
        InvalidValue: names what is wrong, and what would be right.
    """
    levels = _fractions("desired_retentions", desired_retentions, 0.5, 0.99)
    targets = _fractions("keep", keep, LEAST_KEPT, MOST_KEPT)
    _require_whole("seed", seed, 0)
    _require_whole("draws", draws, 1)
    if team and (team.learners, team.skills) != (scenario.learners, scenario.skills):
        raise InvalidValue(
            f"the scenario is about {scenario.learners} learners and {scenario.skills} skills, but the team has "
            f"{team.learners} and {team.skills}"
        )
    tallies = _tallies(scenario, team, (None, *levels), seed)
    if not tallies[0].by_learner.known.any():
        raise InvalidValue(f"nothing is ever taught: no learner has a working day in {scenario.days} days to begin on")
    resampled = np.array(bootstrap_weights(np.arange(scenario.learners), draws, seed))
    whole = np.ones((1, scenario.learners))
    points = [_Points.of(scenario, tallies, weights) for weights in (whole, resampled)]
    ways = tuple(
        _way(scenario, level, tally, [point.at(number) for point in points])
        for number, (level, tally) in enumerate(zip((None, *levels), tallies, strict=True))
    )
    efforts = tuple(_effort(target, levels, *points) for target in targets)
    return SimulationResult(scenario, seed, ways[0], ways[1:], efforts)


def _fractions(name: str, values: Iterable[float], low: float, high: float) -> tuple[float, ...]:
    given = tuple(values)
    fits = all(isinstance(one, int | float) and not isinstance(one, bool) and low <= one <= high for one in given)
    if not given or not fits:
        said = ", ".join(map(repr, given)) or "none"
        raise InvalidValue(f"{name} must be shares of 1 from {low:g} to {high:g}, at least one, not {said}")
    return tuple(sorted({float(one) for one in given}))


def _require_whole(name: str, value: object, low: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < low:
        raise InvalidValue(f"{name} must be a whole number from {low}, not {value!r}")


# --- Living through it ---------------------------------------------------------------------------


def _tallies(scenario: Scenario, team: PresentTeam | None, levels: Sequence[float | None], seed: int) -> list[Tally]:
    """The tally of each level. Learners are taken in blocks, each with random numbers of its own."""
    skill_factor = _chance(seed, FOR_SKILLS).normal(0.0, scenario.variation.skills, scenario.skills)
    size = max(PAIRS_AT_ONCE // scenario.skills, 1)
    blocks = [slice(first, min(first + size, scenario.learners)) for first in range(0, scenario.learners, size)]

    def tally(level: float | None, learners: slice) -> Tally:
        world = World.of(scenario, team, learners, skill_factor, _chance(seed, FOR_WORLDS, learners.start))
        return live(scenario, world, level)

    return [Tally.together([tally(level, learners) for learners in blocks]) for level in levels]


def _chance(seed: int, *stream: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=stream)))


# --- The curve -----------------------------------------------------------------------------------


@frozen(eq=False)
class _Points:
    """Points of the curve for a team, or for many drawn from it: a row a team, a column a level.

    Attributes:
        minutes: per person and week.
        retention: averaged.
    """

    minutes: Floats
    retention: Floats

    @classmethod
    def of(cls, scenario: Scenario, tallies: Sequence[Tally], weights: Floats) -> "_Points":
        """The points of teams in which each learner has a weight; a row a team."""
        minutes = np.stack(
            [scenario.minutes(tally.by_learner.practices, tally.by_learner.failures) for tally in tallies], axis=1
        )
        remembered = np.stack([tally.by_learner.remembered for tally in tallies], axis=1)
        known = weights @ tallies[0].by_learner.known
        return cls(
            weights @ minutes / weights.sum(axis=1, keepdims=True) / (scenario.days / DAYS_OF_WEEK),
            weights @ remembered / np.maximum(known, 1)[:, None],
        )

    def at(self, level: int) -> "_Points":
        """The points of one level."""
        return _Points(self.minutes[:, level], self.retention[:, level])

    def reach(self, retention: float, levels: Sequence[float]) -> tuple[Floats, Floats]:
        """The minutes, and the desired retention, at which each team first reaches a retention; NaN: it doesn't.

        Between two points the curve is taken for straight. Teaching once is its first point, and nothing lies between
        it and the first level that a desired retention could be given for, so that is the level's own.
        """
        enough = self.retention >= retention
        after = enough.argmax(axis=1)
        before = np.maximum(after - 1, 0)
        teams = np.arange(len(enough))
        low, high = self.retention[teams, before], self.retention[teams, after]
        share = np.where(after > 0, (retention - low) / np.where(high > low, high - low, 1.0), 0.0)
        reached = np.where(enough.any(axis=1), 1.0, np.nan)
        known = np.array([levels[0], *levels])
        desired = known[before] + share * (known[after] - known[before])
        minutes = self.minutes[teams, before] + share * (self.minutes[teams, after] - self.minutes[teams, before])
        return minutes * reached, np.where(after > 0, desired, np.nan) * reached


def _effort(retention: float, levels: Sequence[float], team: _Points, drawn: _Points) -> Effort:
    minutes, desired = (float(one[0]) for one in team.reach(retention, levels))
    of_draws = drawn.reach(retention, levels)[0]
    reached = of_draws[~np.isnan(of_draws)]
    certainty = len(reached) / len(of_draws)
    if np.isnan(minutes):
        return Effort(retention, None, None, certainty)
    among = reached if len(reached) else np.array([minutes])
    return Effort(retention, interval(minutes, among), None if np.isnan(desired) else desired, certainty)


def _way(scenario: Scenario, level: float | None, tally: Tally, points: Sequence[_Points]) -> Way:
    team, drawn = points
    weeks = _weeks(scenario, tally)
    return Way(
        level,
        interval(float(team.minutes[0]), drawn.minutes),
        interval(float(team.retention[0]), drawn.retention),
        next(week.retention for week in reversed(weeks) if week.retention is not None),
        tally.busiest_day,
        weeks,
    )


def _weeks(scenario: Scenario, tally: Tally) -> tuple[Week, ...]:
    counts = tally.by_week
    minutes = scenario.minutes(counts.practices, counts.failures) / scenario.learners
    retention = counts.remembered / np.maximum(counts.known, 1)
    overdue = tally.overdue / scenario.learners
    columns = zip(minutes.tolist(), retention.tolist(), overdue.tolist(), counts.known.tolist(), strict=True)
    return tuple(
        Week(of_week, remembered if known else None, waiting) for of_week, remembered, waiting, known in columns
    )
