"""Memory is a fold over the practice log: whatever happens, the log alone gives the same rows."""

from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from reinforce import EventConflict, Forgetting, Outcome, PracticeEvent, RatingPolicy, Reinforcer, Skill, SkillOutcome
from reinforce.store import recording
from reinforcer.world import (
    KEYS,
    LEARNERS,
    NOW,
    ONE_DATABASE,
    PEOPLE,
    SKILLS,
    engine_of,
    events,
    is_truth,
    log_and_memory,
    logs,
    new_tenant,
    opened,
    practice,
    settle,
)

T = TypeVar("T")


@pytest.fixture
def front_door(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Reinforcer]]:
    """Opens one database for tenant after tenant, each with the small world in it; any two events go by columns."""
    monkeypatch.setattr(recording, "BATCH_FROM", 2)
    with opened(database_url), engine_of(database_url) as engine:

        def next_tenant() -> Reinforcer:
            reinforcer = Reinforcer(engine, tenant=new_tenant())
            settle(reinforcer)
            return reinforcer

        yield next_tenant


# What may happen

Happening = Callable[[Reinforcer], object]


def _record(event: PracticeEvent) -> Happening:
    def happen(reinforcer: Reinforcer) -> None:
        try:
            recorded = reinforcer.record(event, at=NOW)
        except EventConflict:
            return
        for skill, state in recorded.memory.items():
            assert reinforcer.memory(event.learner, skill) == state

    return happen


def _record_many(several: list[PracticeEvent]) -> Happening:
    def happen(reinforcer: Reinforcer) -> None:
        taken = reinforcer.record_many(several, at=NOW, skip_faulty=True)
        assert taken.recorded + taken.unchanged + len(taken.faults) == len(several)
        assert all(isinstance(fault, EventConflict) for _, fault in taken.faults)

    return happen


def _void(event: PracticeEvent, replacement: PracticeEvent | None) -> Happening:
    """Record an event, and take it back."""

    def happen(reinforcer: Reinforcer) -> None:
        _record(event)(reinforcer)
        assert event.external_id is not None
        try:
            reinforcer.void(event.source, event.external_id, reason="by mistake", replacement=replacement, at=NOW)
        except EventConflict:  # void already: only a replacement can follow
            assert replacement is None

    return happen


def _define(*skills: Skill) -> Happening:
    return lambda reinforcer: reinforcer.define(*skills)


def _move(learner: int, zone: str) -> Happening:
    return lambda reinforcer: reinforcer.define(evolve(LEARNERS[learner], time_zone=zone))


def _adopt(forgetting: Forgetting) -> Happening:
    return lambda reinforcer: reinforcer.adopt(forgetting)


def _rederive(passing: float) -> Happening:
    def happen(reinforcer: Reinforcer) -> None:
        reinforcer.policy = evolve(RatingPolicy(), scaled=evolve(RatingPolicy().scaled, passing=passing))
        reinforcer.replay(rederive=True)

    return happen


few_ids = st.integers(1, 12).map(str)
anything = events(few_ids)
happenings: st.SearchStrategy[Happening] = st.one_of(
    anything.map(_record),
    st.lists(anything, max_size=20).map(_record_many),
    st.builds(_void, anything, st.none() | anything),
    st.builds(
        lambda number, retention: _define(evolve(SKILLS[number], desired_retention=retention)),
        st.integers(0, 3),
        st.sampled_from([0.7, 0.9, 0.97]),
    ),
    st.sampled_from([{}, {"listen": 0.3}, {"price": 0.5, "pitch": 1.0}]).map(
        lambda encompasses: _define(evolve(SKILLS[0], encompasses=encompasses))
    ),
    st.builds(_move, st.integers(0, 2), st.sampled_from(["UTC", "Asia/Tokyo", "America/Los_Angeles"])),
    st.sampled_from([Forgetting(), Forgetting(fuzz=False), Forgetting(maximum_stability_days=20)]).map(_adopt),
    st.sampled_from([0.3, 0.6, 0.9]).map(_rederive),
)


@settings(ONE_DATABASE, max_examples=25)
@given(story=st.lists(happenings, min_size=1, max_size=8))
def test_whatever_happens(front_door: Callable[[], Reinforcer], story: list[Happening]) -> None:
    """After any happening each memory, and what `why` tells of it, is what the log alone gives, exactly."""
    reinforcer = front_door()
    for happen in story:
        happen(reinforcer)
        is_truth(reinforcer, [(PEOPLE[0], KEYS[2]), (PEOPLE[1], KEYS[3])])
    is_truth(reinforcer)


@settings(ONE_DATABASE, max_examples=30)
@given(log=logs(), data=st.data())
def test_arrival_order_does_not_matter(
    front_door: Callable[[], Reinforcer], log: list[PracticeEvent], data: st.DataObject
) -> None:
    """Any order and any division into batches gives the same rows exactly, ties at the same moment included."""
    at_once, later = front_door(), front_door()
    at_once.record_many(log, at=NOW)
    shuffled = data.draw(st.permutations(log))
    while shuffled:
        size = data.draw(st.integers(1, len(shuffled)), label="batch")
        if size == 1:
            later.record(shuffled[0], at=NOW)
        else:
            later.record_many(shuffled[:size], at=NOW)
        shuffled = shuffled[size:]
    with later._store.database.read() as connection:
        rows = log_and_memory(connection, at_once.tenant)
        assert len(rows["practice_event"]) == len(log)
        assert log_and_memory(connection, later.tenant) == rows


@settings(ONE_DATABASE, max_examples=20)
@given(log=logs(15), data=st.data())
def test_voided_events_never_were(
    front_door: Callable[[], Reinforcer], log: list[PracticeEvent], data: st.DataObject
) -> None:
    """Memories and reviews after voids are those of a log into which the voided events never came."""
    regretted = data.draw(st.sets(st.integers(0, len(log) - 1), min_size=1))
    careless, careful = front_door(), front_door()
    careless.record_many(log, at=NOW)
    for place in data.draw(st.permutations(sorted(regretted))):
        event = log[place]
        assert event.external_id is not None
        assert careless.void(event.source, event.external_id, reason="by mistake", at=NOW).is_voided
        is_truth(careless, [])
    careful.record_many([event for place, event in enumerate(log) if place not in regretted], at=NOW)
    with careless._store.database.read() as connection:
        kept, expected = (log_and_memory(connection, one.tenant) for one in (careless, careful))
    assert kept["memory"] == expected["memory"]
    assert kept["review"] == expected["review"]
    assert len(kept["practice_event"]) == len(log)
    assert len(kept["practice_void"]) == len(regretted)


def test_ties_are_ordered_by_their_ids(front_door: Callable[[], Reinforcer]) -> None:
    """Two opposite outcomes of the same moment lead to one memory, whichever comes first."""
    again, good = practice(rating=1, id="x"), practice(rating=3, id="y")
    first, second, third = front_door(), front_door(), front_door()
    first.record(again)
    first.record(good)
    second.record(good)
    second.record(again)
    third.record_many([good, again])
    states = [evolve_set(one) for one in (first, second, third)]
    assert states[0] == states[1] == states[2]


def evolve_set(reinforcer: Reinforcer) -> tuple[object, ...]:
    """A memory without the number of its parameters, which differs from tenant to tenant."""
    state = reinforcer.memory("ann", "price")
    assert state is not None
    return (state.stability, state.difficulty, state.due, state.reviews, state.lapses, state.last_event)


def test_a_late_event_counts_in_its_place(front_door: Callable[[], Reinforcer]) -> None:
    """A failure that comes in after later successes leads to what it would have led to in time."""
    late, punctual = front_door(), front_door()
    failure = practice(rating=1, days=2, id="late")
    others = [practice(days=days, id=f"{days}") for days in (0, 5, 9)]
    late.record_many(others)
    before = evolve_set(late)
    late.record(failure)
    punctual.record_many([others[0], failure, *others[1:]])
    assert evolve_set(late) == evolve_set(punctual) != before


@pytest.mark.parametrize(
    "outcome", [SkillOutcome("price", Outcome.rated(1), 0), SkillOutcome("price", Outcome.exposure())]
)
def test_what_moves_nothing(front_door: Callable[[], Reinforcer], outcome: SkillOutcome) -> None:
    """Exposures and weight 0 are in the log and in `why`, and leave what was unknown unknown, and what was known."""
    reinforcer = front_door()
    silent = PracticeEvent("ann", practice(days=1).occurred_at, (outcome,), external_id="silent")
    assert reinforcer.record(silent).memory == {}
    assert reinforcer.memory("ann", "price") is None
    assert reinforcer.why("ann", "price", at=NOW).events == (silent,)
    reinforcer.record(practice(days=2, id="loud"))
    before = reinforcer.memory("ann", "price")
    reinforcer.record(evolve(silent, occurred_at=practice(days=3).occurred_at, external_id="after"))
    assert reinforcer.memory("ann", "price") == before
    assert [event.external_id for event in reinforcer.why("ann", "price", at=NOW).events] == ["after", "loud", "silent"]


def test_encompassed_skills_are_refreshed(front_door: Callable[[], Reinforcer]) -> None:
    """A pass refreshes what the skill encompasses by its weight, at most as GOOD; a failure says nothing of it."""
    reinforcer = front_door()
    failed = reinforcer.record(practice(skill="deal", rating=1, id="1"))
    assert set(failed.memory) == {"deal"}
    passed = reinforcer.record(practice(skill="deal", rating=4, days=1, id="2"))
    assert set(passed.memory) == {"deal", "pitch", "price", "listen"}
    reviews = {skill: reinforcer.why("ann", skill, at=NOW).reviews[0] for skill in KEYS}
    assert {skill: (one.rating, one.weight, one.implicit) for skill, one in reviews.items()} == {
        "deal": (4, 1.0, False),
        "pitch": (3, 0.5, True),
        "price": (3, 1.0, True),
        "listen": (3, 0.2, True),
    }
    is_truth(reinforcer)


def test_a_damaged_memory_is_found_and_mended(front_door: Callable[[], Reinforcer]) -> None:
    """`replay` tells memories that the log does not give, and those that it lacks, and mends both if it may write."""
    reinforcer = front_door()
    reinforcer.record_many([practice(skill=skill, id=skill) for skill in ("pitch", "price", "listen")], at=NOW)
    whole = evolve_set(reinforcer)
    store = reinforcer._store
    with store.write(0) as session:
        driver, tenant = session.driver, session.tenant_id
        mine = f"learner_id IN (SELECT id FROM {{learner}} WHERE tenant_id = {tenant} AND key = 'ann')"
        skill = f"(SELECT id FROM {{skill}} WHERE tenant_id = {tenant} AND key = ?)"
        driver.run(f"UPDATE {{memory}} SET stability = 1 WHERE {mine} AND skill_id = {skill}", "price")
        driver.run(f"UPDATE {{memory}} SET skill_id = {skill} WHERE {mine} AND skill_id = {skill}", "deal", "listen")
    told = reinforcer.replay(write=False)
    assert (told.pairs, told.changed, told.removed) == (3, 2, 1)
    assert evolve_set(reinforcer) != whole
    mended = reinforcer.replay()
    assert (mended.changed, mended.removed, mended.written) == (2, 1, True)
    assert evolve_set(reinforcer) == whole
    is_truth(reinforcer)
