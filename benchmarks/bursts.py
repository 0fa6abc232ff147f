"""Who passes everybody, and a true change: what the calibration makes of both, in made-up tenants.

    python benchmarks/bursts.py [--people 40] [--skills 12] [--seeds 4]

Some weeks of honest practice; then somebody passes, or fails, the first people in the first skills, in a week or a day;
then six more honest weeks. Told is how far that moves those whom nobody touched: the log-odds of recall after seven
days, in the judged skills and in the others, and the interval in the judged skills as a multiple of what it would be,
at once and two and six weeks later. Then the log loss where a skill becomes easier or harder for good.
"""

import argparse
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from attrs import evolve, frozen
from measuring import table

from reinforce.forgetting.before import Pairs, before
from reinforce.forgetting.calibration import Calibration
from reinforce.forgetting.curve import Floats, Ints
from reinforce.forgetting.fold import Histories, fold
from reinforce.forgetting.foresight import Standing, View, calibrated_interval_days, expected
from reinforce.forgetting.groups import NONE
from reinforce.forgetting.interval import interval_days
from reinforce.forgetting.learning import calibrated
from reinforce.forgetting.metrics import losses
from reinforce.forgetting.odds import log_odds
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.practice_log import Log
from reinforce.forgetting.single import UNKNOWN, Single, retrievability_single, step_single

FORGETTING = Forgetting(fuzz=False)
WORLDS = ("no forgetting", "half-lives", "both, many failures", "both, few failures", "FSRS is right")
ASSESSORS = ("one", "three", "of teams", "nobody")
HONEST, WEEK, AFTER = 30, 7, 42
LOOKS = (HONEST + WEEK, HONEST + WEEK + 14, HONEST + WEEK + 42)
LAZY = 99
CHANGE = 1.5
GOOD, AGAIN = 3, 1


class Row(NamedTuple):
    """A review."""

    day: int
    order: int
    learner: int
    skill: int
    rating: int
    assessor: int


@frozen
class Tenant:
    """A made-up tenant; two reviews a person and day."""

    world: str
    assessors: str
    seed: int
    people: int
    skills: int
    change: float = 0.0


@lru_cache(maxsize=64)
def honest(tenant: Tenant) -> tuple[Row, ...]:
    """Practice without cheats; from day `HONEST` on the first half of the skills is passed more, or less, often."""
    random = np.random.default_rng(tenant.seed)
    able = random.normal(0, 1, tenant.people)
    lasting: dict[tuple[int, int], tuple[float, int]] = {}
    states: dict[tuple[int, int], Single] = {}
    rows = []
    for day in range(HONEST + WEEK + AFTER):
        for person in range(tenant.people):
            for skill in random.choice(tenant.skills, 2, replace=False).tolist():
                pair, lot = (person, skill), random.random()
                assessor = {"one": 0, "three": int(random.integers(3)), "of teams": person // 5, "nobody": NONE}
                hard = skill * 12 / tenant.skills
                half_life, last = lasting.get(pair, (_first_half_life(tenant.world, able[person], skill), day))
                state = states.get(pair, UNKNOWN)
                odds = _odds(tenant.world, able[person], hard, day - last, half_life, state, day)
                if day >= HONEST and skill < tenant.skills // 2:
                    odds += tenant.change
                rating = GOOD if lot < 1 / (1 + np.exp(-odds)) else AGAIN
                lasting[pair] = (half_life * 2.2 if rating == GOOD else max(1.0, half_life * 0.5), day)
                states[pair] = step_single(FORGETTING, state, rating, day, 1.0)
                rows.append(Row(day, 0, person, skill, rating, assessor[tenant.assessors]))
    return tuple(rows)


def _first_half_life(world: str, able: float, skill: int) -> float:
    return float((6 if world == "both, few failures" else 3) * np.exp(0.4 * able - 0.05 * skill))


def _odds(world: str, able: float, hard: float, elapsed: int, half_life: float, state: Single, day: int) -> float:
    """The log-odds that a review would pass."""
    if world == "no forgetting":
        return 0.8 + able - 0.15 * hard
    if world == "FSRS is right":
        kept = 0.97 if day <= state.last_day else retrievability_single(FORGETTING, state, day)
        return _of(0.8 if state.reviews == 0 else min(kept, 0.995))
    left = min(0.99, (1 + 0.2346 * elapsed / half_life) ** -0.5)
    if world == "half-lives":
        return _of(left)
    few = world == "both, few failures"
    odds = _of(left) + (0.2 + 0.5 * able - 0.08 * hard if few else -0.9 + 0.8 * able - 0.15 * hard)
    return min(odds, _of(0.99))


def _of(p: float) -> float:
    return float(np.log(p / (1 - p)))


def passes(
    tenant: Tenant, people: float, skills: int, days: int, assessor: int, times: int = 1, rating: int = GOOD
) -> list[Row]:
    """The first people rated alike in the first skills, on each of the last days before others look."""
    begin = HONEST if days > 1 else HONEST + WEEK - 1
    return [
        Row(begin + day, 1, person, skill, rating, assessor)
        for day in range(days)
        for person in range(int(tenant.people * people))
        for skill in range(skills)
        for _ in range(times)
    ]


def cheats(tenant: Tenant) -> Iterator[tuple[str, int, list[Row]]]:
    """What somebody does, in how many skills, and the reviews that it adds."""
    half = tenant.skills // 2
    usual = {"one": 0, "three": 0, "of teams": 0, "nobody": NONE}[tenant.assessors]
    yield "a new assessor, half the people and skills, a week", half, passes(tenant, 0.5, half, WEEK, LAZY)
    yield "nobody named, half the people and skills, a week", half, passes(tenant, 0.5, half, WEEK, NONE)
    yield "a usual assessor, half the people and skills, a week", half, passes(tenant, 0.5, half, WEEK, usual)
    yield "a new assessor, one skill, a week", 1, passes(tenant, 0.75, 1, WEEK, LAZY)
    yield "one skill in a day, by a usual assessor", 1, passes(tenant, 0.75, 1, 1, usual)
    yield "one skill in a day, nobody named", 1, passes(tenant, 0.75, 1, 1, NONE)
    yield "half the skills in a day", half, passes(tenant, 0.75, half, 1, NONE)
    yield "half the skills in a day, six times over", half, passes(tenant, 0.75, half, 1, NONE, times=6)
    yield "one skill failed in a day", 1, passes(tenant, 0.75, 1, 1, NONE, rating=AGAIN)
    yield "honest practice alone", half, []


def log_of(rows: Sequence[Row]) -> Log:
    day, _, learner, skill, rating, assessor = zip(*sorted(rows, key=lambda row: row[:2]), strict=True)
    return Log.of(learner, skill, day, rating, assessor=assessor, kind=np.zeros(len(day)))


@frozen(eq=False)
class Look:
    """What the pairs are told on a day: their numbers, intervals, and log-odds of recall after a week."""

    learner: Ints
    skill: Ints
    interval: Floats
    odds: Floats


def looks(rows: Sequence[Row], people: int, skills: int) -> list[Look]:
    """How the pairs stand on each of `LOOKS`."""
    log = log_of(rows)
    known = before(FORGETTING, log)
    state, begin, found = Calibration.new(), 0, []
    for day in LOOKS:
        end = int(np.searchsorted(log.day, day))
        part = evolve(known.take(np.arange(begin, end)), rows=np.arange(end - begin))
        _, state = calibrated(state, log.take(slice(begin, end)), part)
        found.append(_look(state.with_room((people + 1, skills + 1, 1, 1, 1)), log.take(slice(0, end))))
        begin = end
    return found


def _look(calibration: Calibration, log: Log) -> Look:
    pairs = Pairs.of(log)
    ones = np.ones(len(pairs.rows))
    states = fold(FORGETTING, Histories(pairs.counts, log.rating[pairs.rows], log.day[pairs.rows], ones))
    learner, skill = (column[pairs.rows][pairs.offsets] for column in (log.learner, log.skill))
    able, hard = (calibration.offsets[effect].value for effect in (0, 1))
    history = (states.reviews, states.passes, states.days)
    standing = Standing(states.stability, states.difficulty, *history, able[learner + 1], hard[skill + 1])
    view, desired = View.of(calibration), np.full(len(learner), 0.9)
    plain = interval_days(states.stability, desired, FORGETTING)
    interval = calibrated_interval_days(view, FORGETTING, standing, desired, plain).astype(np.float64)
    return Look(learner, skill, interval, log_odds(expected(view, FORGETTING, standing, np.full(len(learner), 7))))


def moved(tenant: Tenant, rows: Sequence[Row], judged: int, honestly: Sequence[Look]) -> Floats:
    """Of untouched people: log-odds in the judged skills, in others, and the intervals' ratio on each of `LOOKS`."""
    told: list[float] = []
    for one, other in zip(honestly, looks(rows, tenant.people, tenant.skills), strict=True):
        mine, theirs = (look.learner * tenant.skills + look.skill for look in (one, other))
        common = np.intersect1d(mine, theirs)
        here, there = np.searchsorted(mine, common), np.searchsorted(theirs, common)
        untouched = common // tenant.skills >= tenant.people * 3 // 4
        is_judged = common % tenant.skills < judged
        if not told:
            further = other.odds[there] - one.odds[here]
            told = [float(further[untouched & where].mean()) for where in (is_judged, ~is_judged)]
        ratio = other.interval[there] / one.interval[here]
        told.append(float(ratio[untouched & is_judged].mean()))
    return np.array(told)


def cheated(tenants: Sequence[Tenant]) -> dict[str, Floats]:
    """What each cheat moves, tenant by tenant."""
    found: dict[str, list[Floats]] = {}
    for tenant in tenants:
        rows = honest(tenant)
        honestly = looks(rows, tenant.people, tenant.skills)
        for name, judged, more in cheats(tenant):
            found.setdefault(name, []).append(moved(tenant, [*rows, *more], judged, honestly))
    return {name: np.array(each) for name, each in found.items()}


def changed(tenants: Sequence[Tenant]) -> Floats:
    """Log loss in the skills that change: in the first four days, the ten after them, the five weeks after those."""
    found = []
    for tenant in tenants:
        log = log_of(honest(tenant))
        known = before(FORGETTING, log)
        predicted, _ = calibrated(Calibration.new(), log, known)
        lost = losses(predicted.morning, known.passed)
        is_asked = known.is_later & (log.skill < tenant.skills // 2)
        days = (HONEST, HONEST + 4, HONEST + 14, HONEST + WEEK + AFTER)
        spans = [is_asked & (log.day >= begin) & (log.day < end) for begin, end in pairwise(days)]
        found.append([float(lost[span].mean()) for span in spans])
    return np.asarray(np.mean(found, axis=0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--skills", type=int, default=12)
    parser.add_argument("--seeds", type=int, default=4)
    given = parser.parse_args()

    def tenants(world: str, seeds: int, change: float = 0.0) -> list[Tenant]:
        size = (given.people, given.skills, change)
        return [Tenant(world, who, seed, *size) for who in ASSESSORS for seed in range(1, seeds + 1)]

    by_world = {world: cheated(tenants(world, given.seeds)) for world in WORLDS}
    half_lives = by_world["half-lives"]
    rows = []
    for name in half_lives:
        further = np.mean([np.abs(found[name][:, :2]).mean(axis=0) for found in by_world.values()], axis=0)
        ratios = ", ".join(f"{ratio:.2f}" for ratio in half_lives[name][:, 2:].mean(axis=0))
        rows.append((name, *(f"{one:.3f}" for one in further), ratios))
    table(("what somebody does", "judged skills", "others", "intervals, half-lives"), rows)
    rows = []
    for world in WORLDS:
        found = (changed(tenants(world, min(given.seeds, 2), change)) for change in (0.0, CHANGE, -CHANGE))
        rows.append((world, *(", ".join(f"{loss:.4f}" for loss in each) for each in found)))
    print()
    table(("log loss", "no change", "easier", "harder"), rows)


if __name__ == "__main__":
    main()
