"""What is due, when and why, and what it costs to ask."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from attrs import evolve
from sqlalchemy import create_engine, event

from reinforce import (
    Forgetting,
    Learner,
    Outcome,
    PracticeEvent,
    Rating,
    Reinforcer,
    RoleProfile,
    RoleSkill,
    Skill,
    Team,
    UnknownLearner,
    UnknownSkill,
)
from reinforcer.world import MONDAY, NOW, opened, practice, settle


@pytest.fixture
def reinforcer(database_url: str) -> Iterator[Reinforcer]:
    """The front door of the small world, in which due days are not spread."""
    with opened(database_url) as door:
        settle(door)
        door.adopt(Forgetting(fuzz=False))
        yield door


def test_due_is_what_is_due_by_today(reinforcer: Reinforcer) -> None:
    """A skill is due from its day on and not the day before; within_days looks ahead, and counts overdue days."""
    due = reinforcer.record(practice(skill="listen", id="1"), at=NOW).memory["listen"].due
    assert due == date(2026, 3, 4)
    noon = datetime(2026, 3, 4, 12, tzinfo=UTC)
    for days_before, within, expected in [
        (0, 0, [0]),
        (1, 0, []),
        (1, 1, [-1]),
        (5, 4, []),
        (5, 5, [-5]),
        (-3, 0, [3]),
    ]:
        found = reinforcer.due("ann", at=noon - timedelta(days=days_before), within_days=within)
        assert [one.overdue_days for one in found] == expected
        assert all(one.due == due for one in found)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Los_Angeles", "Pacific/Kiritimati", "Etc/GMT+12"])
@pytest.mark.parametrize("starts_at", [0, 4])
def test_days_begin_at_the_learners_hour(reinforcer: Reinforcer, zone: str, starts_at: int) -> None:
    """A day begins on the learner's own clock at the hour of theirs, for practice as for what is due."""
    reinforcer.define(Learner("dee", time_zone=zone, day_starts_at=starts_at))
    begin = datetime(2026, 3, 2, starts_at, tzinfo=ZoneInfo(zone))
    just_before = begin - timedelta(microseconds=1)
    reinforcer.record(PracticeEvent("dee", just_before, {"listen": Outcome.rated(3)}, external_id="1"), at=NOW)
    reinforcer.record(PracticeEvent("dee", begin, {"price": Outcome.rated(3)}, external_id="2"), at=NOW)
    days = {}
    for skill in ("listen", "price"):
        state = reinforcer.memory("dee", skill)
        assert state is not None
        days[skill] = state.last_practised
    assert days == {"listen": date(2026, 3, 1), "price": date(2026, 3, 2)}
    (soonest,) = reinforcer.due("dee", at=begin + timedelta(days=1))
    assert (soonest.skill, soonest.overdue_days) == ("listen", 0)
    assert reinforcer.due("dee", at=just_before + timedelta(days=1)) == []


def test_the_least_remembered_comes_first(reinforcer: Reinforcer) -> None:
    """What is due is ordered by recall, and equal recall by due day and key; only the learner's own is in it."""
    skills = [Skill(f"s{number}") for number in range(9)]
    reinforcer.define(*skills)
    log = [practice("ann", f"s{number}", 1 + number % 3, days=number // 3, id=f"{number}") for number in range(9)]
    reinforcer.record_many([*log, practice("bo", "s0", id="bo")], at=NOW)
    due = reinforcer.due("ann", at=MONDAY + timedelta(days=60))
    assert len(due) == 9
    assert due == sorted(due, key=lambda one: (one.retrievability, one.due, one.skill))
    assert len({one.retrievability for one in due}) == 9
    assert all(0 < one.retrievability < 0.9 and one.learner == "ann" for one in due)


def test_why_tells_it_all(reinforcer: Reinforcer) -> None:
    """`why` tells the last events newest first, with their effects, the present memory, and each rating's next step."""
    log = [practice(skill="listen", rating=rating, days=day, id=f"{day}") for day, rating in ((0, 3), (2, 1), (3, 4))]
    reinforcer.record_many(log, at=NOW)
    at = MONDAY + timedelta(days=20)
    why = reinforcer.why("ann", "listen", at=at, last=2)
    assert (why.learner, why.skill, why.title, why.desired_retention) == ("ann", "listen", "listen", 0.9)
    assert why.events == (log[2], log[1])
    assert [review.rating for review in why.reviews] == [Rating.EASY, Rating.AGAIN]
    assert why.state is not None
    assert (why.state.reviews, why.state.lapses, why.state.last_event) == (3, 1, log[2].occurred_at)
    assert why.parameters == reinforcer.forgetting.weights
    assert why.retrievability == reinforcer.due("ann", at=at)[0].retrievability
    assert dict(why.curve)[why.day] == pytest.approx(why.retrievability, rel=1e-12)
    assert reinforcer.why("ann", "listen", at=at, last=0).events == ()
    assert reinforcer.why("ann", "listen", at=at, last=99).events == (log[2], log[1], log[0])
    stabilities = [one.stability for one in why.next_time]
    assert stabilities == sorted(stabilities)
    for rating, foretold in zip(Rating, why.next_time, strict=True):
        recorded = reinforcer.record(practice(skill="listen", rating=rating, at=at, id=f"next-{rating}"))
        state = recorded.memory["listen"]
        assert (state.stability, state.difficulty, state.due) == (
            foretold.stability,
            foretold.difficulty,
            foretold.due,
        )
        assert (foretold.due - why.day).days == foretold.interval_days
        reinforcer.void("app", f"next-{rating}", reason="only a test")


def test_why_of_the_unknown(reinforcer: Reinforcer) -> None:
    """A skill that was never practised is unknown, not forgotten: no state, no recall, no curve, but a next time."""
    why = reinforcer.why("ann", "listen", at=MONDAY)
    assert (why.state, why.retrievability, why.events, why.reviews, why.curve) == (None, None, (), (), ())
    recorded = reinforcer.record(practice(skill="listen", id="1"))
    assert recorded.memory["listen"].due == why.next_time[2].due


def test_forecast(reinforcer: Reinforcer) -> None:
    """A forecast tells recall on a day, of a team with its sub-teams, and what a role needs and nobody practised."""
    reinforcer.define(
        RoleProfile("seller", skills={"price": RoleSkill(), "listen": RoleSkill()}),
        Team("all"),
        Team("north", parent="all"),
        Team("fjord", parent="north"),
        Team("south"),
        Learner("dee", teams=("fjord",), roles=("seller",)),
        Learner("eve", teams=("north", "south")),
        Learner("fay", teams=("south",), roles=("seller",)),
    )
    for learner in ("dee", "eve", "fay"):
        reinforcer.record(practice(learner, "pitch", id=learner), at=NOW)
    reinforcer.record(practice("dee", "price", id="dee-price"), at=NOW)
    day = date(2026, 4, 1)

    def told(**of: str) -> list[tuple[str, str, bool]]:
        return [(one.learner, one.skill, one.retrievability is not None) for one in reinforcer.forecast(on=day, **of)]

    dee = [("dee", "listen", True), ("dee", "pitch", True), ("dee", "price", True)]
    eve = [("eve", "listen", True), ("eve", "pitch", True)]
    fay = [("fay", "listen", True), ("fay", "pitch", True), ("fay", "price", False)]
    assert told(team="all") == told(team="north") == dee + eve
    assert told(team="fjord") == told(learner="dee") == dee
    assert told(team="south") == eve + fay
    unknown = reinforcer.forecast(learner="fay", on=day)[2]
    assert (unknown.retrievability, unknown.due, unknown.day) == (None, None, day)
    recalls = [
        reinforcer.forecast(learner="dee", on=day + timedelta(days=days))[1].retrievability for days in (0, 1, 30, 365)
    ]
    assert recalls == sorted(recalls, key=lambda left: -(left or 0))
    assert len(set(recalls)) == 4


def test_a_forecast_of_the_past(reinforcer: Reinforcer) -> None:
    """Of a day before a skill's last practice nothing is said, because the present memory tells nothing of it."""
    reinforcer.define(Learner("dee"), Team("alone"))
    for number, days in enumerate((0, 4)):
        reinforcer.record(practice("dee", "listen", days=days, id=f"{number}"), at=NOW)
    last = MONDAY.date() + timedelta(days=4)
    told = {
        days: reinforcer.forecast(learner="dee", on=last + timedelta(days=days))[0] for days in (-30, -4, -1, 0, 1, 30)
    }

    assert [days for days, one in told.items() if one.retrievability is None] == [-30, -4, -1]
    assert told[0].retrievability == 1
    assert {one.due for one in told.values()} == {told[30].due}
    assert told[30].due is not None


def test_a_new_aim_moves_due_days(reinforcer: Reinforcer) -> None:
    """A higher retention makes a skill due earlier at once; stability and difficulty stay."""
    reinforcer.record_many([practice(skill="listen", days=day, id=f"{day}") for day in (0, 3, 12)], at=NOW)
    before = reinforcer.memory("ann", "listen")
    reinforcer.define(Skill("listen", desired_retention=0.97))
    after = reinforcer.memory("ann", "listen")
    assert before is not None
    assert after is not None
    assert after.due < before.due
    assert evolve(after, due=before.due) == before
    assert after == reinforcer.remembered("ann", "listen")


# What it costs


class _Counting(psycopg.Cursor[Any]):
    """Counts the statements of a PostgreSQL connection."""

    statements = 0

    def execute(self, *arguments: Any, **options: Any) -> Any:
        type(self).statements += 1
        return super().execute(*arguments, **options)


@contextmanager
def counter(database_url: str) -> Iterator[tuple[Reinforcer, Callable[[], int]]]:
    """A front door whose statements are counted, and how many there were since the last time."""
    if database_url.startswith("postgresql"):
        engine = create_engine(database_url, connect_args={"cursor_factory": _Counting})

        def since() -> int:
            count, _Counting.statements = _Counting.statements, 0
            return count

        yield Reinforcer(engine), since
        engine.dispose()
        return
    engine = create_engine(database_url)
    seen: list[str] = []

    @event.listens_for(engine, "connect")
    def trace(connection: sqlite3.Connection, _record: object) -> None:
        connection.set_trace_callback(seen.append)

    def taken() -> int:
        count = sum(not statement.startswith(("BEGIN", "ROLLBACK", "COMMIT", "PRAGMA")) for statement in seen)
        seen.clear()
        return count

    yield Reinforcer(engine), taken
    engine.dispose()


QUESTIONS: dict[str, Callable[[Reinforcer], object]] = {
    "due": lambda r: r.due("ann", at=NOW, within_days=999),
    "why": lambda r: r.why("ann", "skill-1", at=NOW, last=1000),
    "memory": lambda r: r.memory("ann", "skill-1"),
    "memory of the unpractised": lambda r: r.memory("ann", "never"),
    "forecast": lambda r: r.forecast(learner="ann", on=date(2026, 9, 1)),
    "forecast of a team": lambda r: r.forecast(team="all", on=date(2026, 9, 1)),
    "assignments": lambda r: r.assignments("ann"),
    "find": lambda r: r.find(Learner, "ann"),
    "all": lambda r: r.all(Skill),
    "learners": lambda r: r.learners(),
    "learners of a team": lambda r: r.learners(team="all"),
}

MORE_THAN_QUESTIONS: dict[str, Callable[[Reinforcer], object]] = {
    "plan": lambda r: r.plan("ann", at=NOW),
    "plans": lambda r: r.plan_many([one.key for one in r.learners()], at=NOW),
    "remembered": lambda r: r.remembered("ann", "skill-1"),
    "replay": lambda r: r.replay(write=False),
    "export": lambda r: r.export(StringIO()),
    "export of reviews": lambda r: r.export_fsrs_log(StringIO()),
}


def grow(reinforcer: Reinforcer, skills: int, people: int) -> None:
    """So many skills and people in a team with a role, and practice of them."""
    keys = [f"skill-{number}" for number in range(skills)]
    role = RoleProfile("seller", skills={key: RoleSkill() for key in (*keys, "never")})
    learners = ["ann", *(f"person-{number}" for number in range(people))]
    reinforcer.define(*map(Skill, keys), Skill("never"), role, Team("all"))
    reinforcer.define(*(Learner(key, teams=("all",), roles=("seller",)) for key in learners))
    log = [
        practice(learner, key, days=day, id=f"{learner}-{key}-{day}")
        for learner in learners
        for key in keys
        for day in (0, 2)
    ]
    reinforcer.record_many(log[:4000], at=NOW)


def test_a_question_is_one_query(database_url: str) -> None:
    """A question is one query, and all that reads is as many for many skills, events and people as for few."""
    counts: dict[str, list[int]] = {name: [] for name in (*QUESTIONS, *MORE_THAN_QUESTIONS)}
    sizes: dict[str, list[int]] = {name: [] for name in counts}
    with opened(database_url) as door, counter(database_url) as (counted, taken):
        settle(door)
        for skills, people in ((5, 1), (500, 20)):
            grow(door, skills, people)
            assert counted.forgetting  # which looks at the version of the tables, once
            for name, ask in {**QUESTIONS, **MORE_THAN_QUESTIONS}.items():
                taken()
                answer: Any = ask(counted)
                counts[name].append(taken())
                sizes[name].append(len(answer) if isinstance(answer, list) else 0)
    assert {name: found for name, found in counts.items() if found[0] != found[1]} == {}
    assert {name: found[0] for name, found in counts.items() if name in QUESTIONS} == dict.fromkeys(QUESTIONS, 1)
    # Who is planned, what holds for the tenant, what is defined, what is open, and what is remembered.
    assert counts["plan"] == [5, 5]
    assert {name for name, found in sizes.items() if found[1] >= 5 * found[0] > 0} == {
        *("due", "forecast", "forecast of a team", "all", "learners", "learners of a team", "plans")
    }


def test_recording_is_as_many_statements_for_many_events(database_url: str) -> None:
    """The number of statements of a batch does not grow with its events."""
    counts = []
    with opened(database_url) as door, counter(database_url) as (counted, taken):
        settle(door)
        counted.record(practice(id="first", skill="listen"))
        for size in (60, 600):
            taken()
            counted.record_many(
                [practice(days=size / 10 + n / 1000, id=f"{size}-{n}", skill="listen") for n in range(size)], at=NOW
            )
            # Python's driver for SQLite tells each row of an executemany.
            counts.append(taken() - (2 * size + 1 if database_url.startswith("sqlite") else 0))
    assert counts[1] <= counts[0] <= 16


def test_a_key_that_nothing_is_defined_by(database_url: str) -> None:
    """A mistyped key is refused by every question, and is not taken for a skill that was never practised."""
    with opened(database_url) as reinforcer:
        settle(reinforcer)

        for ask in (reinforcer.memory, reinforcer.remembered, reinforcer.replay, reinforcer.why):
            with pytest.raises(UnknownLearner, match="'nobody'"):
                ask("nobody", "price")
            with pytest.raises(UnknownSkill, match="'juggling'"):
                ask("ann", "juggling")
        with pytest.raises(UnknownLearner, match="'nobody'"):
            reinforcer.assignments("nobody")
        assert reinforcer.memory("ann", "price") is None
        assert reinforcer.remembered("ann", "price") is None
