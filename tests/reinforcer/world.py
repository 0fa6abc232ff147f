"""What the tests of the front door share: a small world, its events as strategies, and its rows as plain data."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, Select, create_engine, func, select

from reinforce import (
    Learner,
    Outcome,
    PracticeEvent,
    PracticeKind,
    Reinforcer,
    Skill,
    SkillOutcome,
)
from reinforce.store.schema import Tables, tables

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOW = datetime(2027, 1, 1, tzinfo=UTC)
"""The present moment of every test that names none: later than all that is recorded."""

ONE_DATABASE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
"""For properties whose examples share a database: each takes a tenant of its own."""

_tenants = count(1)

LEARNERS = (
    Learner("ann", name="Ann Able", time_zone="Europe/Berlin"),
    Learner("bo", name="Bo Best", time_zone="America/New_York", day_starts_at=0),
    Learner("cy", name="Cy Clear", time_zone="Asia/Kathmandu", day_starts_at=6),
)
SKILLS = (
    Skill("deal", encompasses={"pitch": 0.5, "price": 1.0}),
    Skill("pitch", encompasses={"listen": 0.4}, desired_retention=0.95),
    Skill("price", desired_retention=0.8),
    Skill("listen"),
)
PEOPLE = tuple(learner.key for learner in LEARNERS)
KEYS = tuple(skill.key for skill in SKILLS)


def new_tenant() -> str:
    """A tenant that no other example has."""
    return f"tenant-{next(_tenants)}"


def settle(reinforcer: Reinforcer) -> None:
    """Define the small world."""
    reinforcer.define(*SKILLS, *LEARNERS)


@contextmanager
def opened(url: str, tenant: str = "default", **options: Any) -> Iterator[Reinforcer]:
    """A front door to a database whose tables are there; it is closed at the end."""
    with Reinforcer(url, tenant=tenant, **options) as reinforcer:
        reinforcer.upgrade()
        yield reinforcer


@contextmanager
def engine_of(url: str) -> Iterator[Engine]:
    """An engine of the host's own."""
    engine = create_engine(url)
    yield engine
    engine.dispose()


def practice(
    learner: str = "ann",
    skill: str = "price",
    rating: int = 3,
    *,
    at: datetime = MONDAY,
    days: float = 0,
    id: str | None = None,  # noqa: A002 -- short where it is read most
    **more: Any,
) -> PracticeEvent:
    """An event of one rating, some days after `at`."""
    return PracticeEvent(learner, at + timedelta(days=days), {skill: Outcome.rated(rating)}, external_id=id, **more)


# Events

outcomes = st.one_of(
    st.integers(1, 4).map(Outcome.rated),
    st.booleans().map(Outcome.success),
    st.floats(-1, 1).map(Outcome.scaled),
    st.integers(0, 4).map(lambda level: Outcome.rubric(level, of=4)),
    st.integers(0, 5).map(Outcome.grade),
    st.just(Outcome.exposure()),
)
weights = st.sampled_from([1.0, 1.0, 1.0, 0.5, 0.25, 0.0]) | st.floats(0, 1)
moments = st.builds(
    # Few days and fewer hours, so that many events share their day, and some their moment.
    lambda day, hour: MONDAY + timedelta(days=day, hours=hour),
    st.integers(0, 40) | st.integers(0, 4),
    st.sampled_from([0, 0, 0, 5, 14, 18, 21]),
)


@st.composite
def events(draw: st.DrawFn, external_ids: st.SearchStrategy[str]) -> PracticeEvent:
    """Practice of the small world."""
    return PracticeEvent(
        draw(st.sampled_from(PEOPLE)),
        draw(moments),
        tuple(
            SkillOutcome(skill, draw(outcomes), draw(weights))
            for skill in draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=3, unique=True))
        ),
        kind=draw(st.sampled_from(PracticeKind)),
        source=draw(st.sampled_from(["app", "crm"])),
        external_id=draw(external_ids),
        assessor=draw(st.sampled_from([None, *PEOPLE])),
        context=draw(st.dictionaries(st.sampled_from(["account", "ticket"]), st.text('aé"😀', max_size=3))),
        note=draw(st.none() | st.text("aé'😀 ", max_size=5)),
    )


def logs(most: int = 30) -> st.SearchStrategy[list[PracticeEvent]]:
    """Events with ids of their own, in any order."""
    return st.lists(
        events(st.integers(1, 10_000).map(str)),
        min_size=1,
        max_size=most,
        unique_by=lambda event: (event.source, event.external_id),
    )


# Rows

Rows = Sequence[tuple[Any, ...]]


def log_and_memory(connection: Connection, tenant: str) -> Mapping[str, Rows]:
    """Every column of a tenant's log and memory, with keys in place of numbers.

    When something was recorded is left out.
    """
    t = tables()
    queries = {"memory": _memory(t), "review": _reviews(t), "practice_event": _events(t), "practice_void": _voids(t)}
    return {
        name: sorted((tuple(row) for row in connection.execute(query.where(t.tenant.c.key == tenant))), key=repr)
        for name, query in queries.items()
    }


def _memory(t: Tables) -> Select[Any]:
    m, p = t.memory.c, t.parameter_set
    return (
        select(
            t.learner.c.key, t.skill.c.key, m.stability, m.difficulty, m.last_day, m.due_day, m.reviews, m.lapses,
            m.last_event, p.c.algorithm, p.c.document, m.passes, m.practice_days, m.generation,
        )
        .select_from(t.memory)
        .join(t.learner, t.learner.c.id == m.learner_id)
        .join(t.tenant, t.tenant.c.id == t.learner.c.tenant_id)
        .join(t.skill, t.skill.c.id == m.skill_id)
        .join(p, p.c.id == m.parameter_set_id)
    )  # fmt: skip


def _reviews(t: Tables) -> Select[Any]:
    r = t.review.c
    return (
        select(t.learner.c.key, t.skill.c.key, r.event_id, r.day, r.rating, r.weight, r.implicit)
        .select_from(t.review)
        .join(t.learner, t.learner.c.id == r.learner_id)
        .join(t.tenant, t.tenant.c.id == t.learner.c.tenant_id)
        .join(t.skill, t.skill.c.id == r.skill_id)
    )


def _events(t: Tables) -> Select[Any]:
    e = t.practice_event.c
    assessor = t.learner.alias("assessor")
    return (
        select(
            e.id, t.learner.c.key, e.kind, e.source, e.external_id, e.revision, assessor.c.key, t.refresher.c.key,
            e.policy, e.outcomes, e.context, e.note,
        )
        .select_from(t.practice_event)
        .join(t.tenant, t.tenant.c.id == e.tenant_id)
        .join(t.learner, t.learner.c.id == e.learner_id)
        .outerjoin(assessor, assessor.c.id == e.assessor_id)
        .outerjoin(t.refresher, t.refresher.c.id == e.refresher_id)
    )  # fmt: skip


def _voids(t: Tables) -> Select[Any]:
    v = t.practice_void.c
    return select(v.event_id, v.reason).select_from(t.practice_void).join(t.tenant, t.tenant.c.id == v.tenant_id)


def everything(connection: Connection) -> Mapping[str, Rows]:
    """Every row of every table of ours, as it lies there, but for editions: they count also who changed nothing."""
    return {
        table.name: sorted(
            (tuple(row) for row in connection.execute(select(*(one for one in table.c if one.name != "edition")))),
            key=repr,
        )
        for table in tables().metadata.sorted_tables
    }


def rows(reinforcer: Reinforcer) -> Mapping[str, Rows]:
    """Every row of the database, as anybody else sees it; see `everything`."""
    with reinforcer._store.database.read() as connection:
        return everything(connection)


def sizes(connection: Connection) -> Mapping[str, int]:
    """How many rows each table has."""
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in tables().metadata.sorted_tables
    }


def is_truth(reinforcer: Reinforcer, pairs: Sequence[tuple[str, str]] | None = None) -> None:
    """Assert that what is stored is what the log alone gives: nothing more, nothing less, to the last bit."""
    replayed = reinforcer.replay(write=False)
    assert (replayed.changed, replayed.removed, replayed.written) == (0, 0, False)
    for learner, skill in pairs if pairs is not None else [(one, other) for one in PEOPLE for other in KEYS]:
        stored = reinforcer.memory(learner, skill)
        assert stored == reinforcer.remembered(learner, skill)
        assert stored == reinforcer.why(learner, skill, at=NOW).state
