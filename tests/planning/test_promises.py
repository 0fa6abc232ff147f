"""What holds for every plan, whatever the world is."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import TypeVar

import numpy as np
from attrs import evolve, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from reinforce.forgetting.curve import retrievability
from reinforce.forgetting.parameters import Forgetting
from reinforce.model.conversion import unstructure
from reinforce.model.days import day_number
from reinforce.model.library import Refresher
from reinforce.model.people import Calendar, DateRange, Learner
from reinforce.model.plans import Plan, PlanningRules
from reinforce.model.skills import RoleProfile, RoleSkill, Skill
from reinforce.planning import Catalogue, History, MemoryRows, plan_day, plan_shard
from reinforce.planning.outlook import PREREQUISITE_SLACK

T = TypeVar("T")
SUNDAY = date(2026, 3, 1)
PARAMETERS = Forgetting()
Row = tuple[str, str, float, int, int, float]


@frozen
class World:
    """Everything that plans are made from, as it was drawn."""

    skills: tuple[Skill, ...]
    roles: tuple[RoleProfile, ...]
    refreshers: tuple[Refresher, ...]
    calendars: tuple[Calendar, ...]
    learners: tuple[Learner, ...]
    rows: tuple[Row, ...]
    open_now: tuple[tuple[str, str], ...]
    given: tuple[tuple[str, str, int], ...]
    day: date
    rules: PlanningRules

    def catalogue(self) -> Catalogue:
        return Catalogue.of(self.skills, self.roles, self.refreshers, self.calendars, tenant="t")

    def memory(self, catalogue: Catalogue) -> MemoryRows:
        place = {learner.key: n for n, learner in enumerate(self.learners)}
        today = day_number(self.day)
        rows = [row for row in self.rows if row[0] in place]
        return MemoryRows(
            np.array([place[row[0]] for row in rows], dtype=np.int64),
            np.array([catalogue.skill_number[row[1]] for row in rows], dtype=np.int64),
            np.array([row[2] for row in rows], dtype=np.float64),
            np.array([today - row[3] for row in rows], dtype=np.int64),
            np.array([today - row[3] + row[4] for row in rows], dtype=np.int64),
            np.array([row[5] for row in rows], dtype=np.float64),
        )

    def history(self) -> History:
        return History.of(self.open_now, self.given)

    def plans(self) -> list[Plan]:
        catalogue = self.catalogue()
        return plan_shard(
            catalogue, self.learners, self.memory(catalogue), self.history(), self.day, self.rules, PARAMETERS
        )

    def recall(self, learner: str, skill: str) -> float | None:
        """The retrievability of a skill; None: never practised."""
        for row in self.rows:
            if row[:2] == (learner, skill):
                return float(retrievability(row[3], row[2], PARAMETERS.decay))
        return None


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A small world with all that plans have to respect."""
    keys = [f"s{n}" for n in range(draw(st.integers(1, 9)))]
    skills = [
        Skill(
            key,
            prerequisites=tuple(draw(st.lists(st.sampled_from(keys[:n]), max_size=2, unique=True)) if n else ()),
            importance=draw(st.sampled_from([0.5, 1.0, 3.0])),
            desired_retention=draw(st.sampled_from([0.8, 0.9])),
        )
        for n, key in enumerate(keys)
    ]
    needs = st.builds(RoleSkill, weight=st.sampled_from([1.0, 2.0]), target=st.sampled_from([None, 0.85, 0.95]))
    roles = [RoleProfile(key, skills=draw(st.dictionaries(st.sampled_from(keys), needs))) for key in ("r1", "r2")]
    refreshers = [
        Refresher(
            f"f{n}",
            skills=draw(
                st.dictionaries(st.sampled_from(keys), st.sampled_from([0.3, 0.5, 1.0]), min_size=1, max_size=3)
            ),
            minutes=draw(st.sampled_from([0.1, 3.3, 5.0, 12.0, 40.0])),
            roles=draw(st.sampled_from([(), (), ("r1",)])),
            language=draw(st.sampled_from([None, None, "de", "en-GB"])),
            cool_down_days=draw(st.sampled_from([None, 0, 9])),
            valid_until=draw(st.sampled_from([None, None, SUNDAY])),
        )
        for n in range(draw(st.integers(0, 12)))
    ]
    learners = [
        Learner(
            f"l{n}",
            roles=draw(st.sampled_from([(), ("r1",), ("r1", "r2"), ("unheard-of",)])),
            language=draw(st.sampled_from([None, "de", "en"])),
            calendar=draw(st.sampled_from([None, "all-week", "office"])),
            absences=draw(st.sampled_from([(), (DateRange(SUNDAY, SUNDAY + timedelta(days=2)),)])),
            daily_minutes=draw(st.sampled_from([None, 0, 10])),
        )
        for n in range(draw(st.integers(1, 3)))
    ]
    row = st.tuples(st.floats(0.1, 300), st.integers(0, 400), st.integers(1, 400), st.floats(1, 10))
    people = [learner.key for learner in learners]
    remembered = draw(st.dictionaries(st.tuples(st.sampled_from(people), st.sampled_from(keys)), row))
    items = [refresher.key for refresher in refreshers] or ["gone"]
    pairs = st.tuples(st.sampled_from(people), st.sampled_from(items))
    day = SUNDAY + timedelta(days=draw(st.integers(0, 6)))
    return World(
        skills=tuple(skills),
        roles=tuple(roles),
        refreshers=tuple(refreshers),
        calendars=(Calendar("all-week", tuple(range(7))), Calendar("office", holidays=(SUNDAY + timedelta(days=4),))),
        learners=tuple(learners),
        rows=tuple((*who, *what) for who, what in remembered.items()),
        open_now=tuple(draw(st.lists(pairs, max_size=3))),
        given=tuple(
            (*pair, day_number(day) - ago)
            for pair, ago in draw(st.lists(st.tuples(pairs, st.integers(1, 12)), max_size=4))
        ),
        day=day,
        rules=PlanningRules(
            daily_minutes=draw(st.sampled_from([5.0, 15.0, 60.0])),
            most_assignments=draw(st.integers(1, 4)),
            cool_down_days=draw(st.integers(0, 5)),
            soon_days=draw(st.integers(0, 5)),
            unknown_retrievability=draw(st.sampled_from([None, 0.5])),
        ),
    )


@given(worlds())
def test_budgets_are_never_exceeded(world: World) -> None:
    """The minutes of a plan stay within the person's budget and its assignments within the places."""
    for learner, plan in zip(world.learners, world.plans(), strict=True):
        own = world.rules.daily_minutes if learner.daily_minutes is None else learner.daily_minutes

        assert plan.budget in {0.0, float(own)}
        assert plan.minutes == sum(each.minutes for each in plan.assignments) <= plan.budget + 1e-6
        assert len(plan.assignments) <= world.rules.most_assignments


@given(worlds())
def test_no_plan_holds_an_unmet_prerequisite(world: World) -> None:
    """Nothing that a given refresher practises requires, at however many removes, a skill that is not met."""
    requires = {skill.key: skill.prerequisites for skill in world.skills}
    aims = {skill.key: skill.desired_retention for skill in world.skills}
    practises = {refresher.key: refresher.skills for refresher in world.refreshers}
    for plan in world.plans():
        for assignment in plan.assignments:
            todo = [required for skill in practises[assignment.refresher] for required in requires[skill]]
            assert set(assignment.skills) <= set(practises[assignment.refresher])
            while todo:
                skill = todo.pop()
                recall = world.recall(plan.learner, skill)
                assert recall is not None
                assert recall >= aims[skill] - PREREQUISITE_SLACK - 1e-9
                todo.extend(requires[skill])


@given(worlds())
def test_nothing_comes_twice_or_too_early(world: World) -> None:
    """No refresher is twice in a plan, nor in it while it is open or cools down."""
    cool_downs = {refresher.key: refresher.cool_down_days for refresher in world.refreshers}
    for plan in world.plans():
        given_now = [assignment.refresher for assignment in plan.assignments]

        assert len(set(given_now)) == len(given_now)
        for key in given_now:
            own = cool_downs[key]
            cool_down = world.rules.cool_down_days if own is None else own
            last = [day for who, what, day in world.given if (who, what) == (plan.learner, key)]
            assert (plan.learner, key) not in world.open_now
            assert all(day + cool_down <= day_number(world.day) for day in last)


@given(worlds())
def test_refreshers_fit_and_days_off_are_empty(world: World) -> None:
    """What is given is valid and made for the person; on a closed day or in an absence there is nothing."""
    library = {refresher.key: refresher for refresher in world.refreshers}
    catalogue = world.catalogue()
    for learner, plan in zip(world.learners, world.plans(), strict=True):
        is_off = not catalogue.calendar(learner.calendar).is_open(world.day)
        if is_off or any(world.day in absence for absence in learner.absences):
            assert plan == Plan(learner.key, world.day)
        for assignment in plan.assignments:
            refresher = library[assignment.refresher]
            assert refresher.is_valid_on(world.day)
            assert not refresher.roles or set(refresher.roles) & set(learner.roles)
            assert None in (refresher.language, learner.language) or str(refresher.language)[:2] == learner.language


@given(worlds())
def test_every_skill_is_planned_or_left_over(world: World) -> None:
    """A skill past its range on an open day is in the plan or left over with a reason, and never both."""
    today = day_number(world.day)
    for plan in world.plans():
        planned = {skill for assignment in plan.assignments for skill in assignment.skills}
        left = {each.skill for each in plan.left_over}
        is_open = plan != Plan(plan.learner, world.day)
        overdue = {
            row[1]
            for row in world.rows
            if row[0] == plan.learner and today - row[3] + 2 * row[4] + 2 < today and row[4] <= 90
        }
        assert not is_open or overdue <= planned | left
        assert not planned & left
        assert all(each.reason for each in plan.left_over)
        assert all(assignment.reason.endswith(".") for assignment in plan.assignments)


@given(worlds(), st.randoms(use_true_random=False))
def test_order_makes_no_difference(world: World, random: Random) -> None:
    """Skills, roles, refreshers, learners, rows and history in any order give each person the same plan."""
    shuffled = evolve(
        world,
        skills=_shuffled(random, world.skills),
        roles=_shuffled(random, world.roles),
        refreshers=_shuffled(random, world.refreshers),
        learners=_shuffled(random, world.learners),
        rows=_shuffled(random, world.rows),
        open_now=_shuffled(random, world.open_now),
        given=_shuffled(random, world.given),
    )

    assert _by_learner(world.plans()) == _by_learner(shuffled.plans())


@given(worlds())
def test_a_shard_plans_as_if_each_were_alone(world: World) -> None:
    """The plan of a person is the same in every shard, byte for byte, and so is making it again."""
    together = world.plans()
    catalogue = world.catalogue()
    alone = []
    for learner in world.learners:
        own = evolve(world, learners=(learner,))
        alone.append(plan_day(catalogue, learner, own.memory(catalogue), own.history(), own.day, own.rules, PARAMETERS))

    assert repr(unstructure(together)) == repr(unstructure(alone)) == repr(unstructure(world.plans()))


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_large_shards_give_the_same_bytes(seed: int) -> None:
    """Arrays long enough for every code path of NumPy give what single rows give."""
    chance = np.random.default_rng(seed)
    catalogue = Catalogue.of(
        [Skill(f"s{n}") for n in range(20)], refreshers=[Refresher(f"f{n}", skills={f"s{n}": 1}) for n in range(20)]
    )
    learners = [Learner(f"l{n}") for n in range(50)]
    day = SUNDAY + timedelta(days=2)
    last = day_number(day) - chance.integers(0, 60, 1000)
    stability = chance.uniform(1, 60, 1000)
    memory = MemoryRows(
        np.repeat(np.arange(50), 20), np.tile(np.arange(20), 50), stability, last, last + np.rint(stability)
    )
    plan_for: Callable[[int], Plan] = lambda n: plan_day(  # noqa: E731 -- one expression
        catalogue,
        learners[n],
        evolve(memory.take(np.arange(20 * n, 20 * n + 20)), learner=np.zeros(20)),
        History(),
        day,
        PlanningRules(),
        PARAMETERS,
    )
    together = plan_shard(catalogue, learners, memory, History(), day, PlanningRules(), PARAMETERS)

    assert repr(together) == repr([plan_for(n) for n in range(50)])


def _shuffled(random: Random, values: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(random.sample(values, len(values)))


def _by_learner(plans: list[Plan]) -> dict[str, str]:
    return {plan.learner: repr(unstructure(plan)) for plan in plans}
