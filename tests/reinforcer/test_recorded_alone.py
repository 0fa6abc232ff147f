"""A plain event that is recorded by itself: what it was made of is what is there when its rows are written."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from attrs import evolve
from psycopg import Cursor
from sqlalchemy import func, select

from reinforce import Forgetting, Learner, Outcome, Reinforcer, UnknownLearner
from reinforce.store.driver import Driver
from reinforce.store.plain_event import KnownPair, PlainRows, write_plain_unless_changed
from reinforce.store.prepared import executed
from reinforce.store.schema import tables
from reinforcer.world import LEARNERS, NOW, SKILLS, Rows, is_truth, log_and_memory, new_tenant, opened, practice, settle

Change = Callable[[Reinforcer], object]
KNOWN, NEW = practice(days=1, id="known"), practice(days=9, id="new")
DEAL, PITCH, PRICE, LISTEN = SKILLS

SEEN = Outcome.exposure()

CHANGES: dict[str, Change] = {
    "an event before it": lambda r: r.record(practice(days=5, id="5"), at=NOW),
    "an event after it": lambda r: r.record(practice(days=15, id="15"), at=NOW),
    "an exposure": lambda r: r.record(evolve(NEW, external_id="seen", outcomes={"price": SEEN}), at=NOW),
    "the same event": lambda r: r.record(NEW, at=NOW),
    "another skill's event": lambda r: r.record(practice(skill="listen", days=5, id="5"), at=NOW),
    "a void": lambda r: r.void(KNOWN.source, "known", reason="a mistake", at=NOW),
    "another time zone": lambda r: r.define(Learner("ann", time_zone="Pacific/Honolulu"), at=NOW),
    "another retention": lambda r: r.define(evolve(PRICE, desired_retention=0.97), at=NOW),
    "what it encompasses": lambda r: r.define(evolve(PRICE, encompasses={"listen": 0.5}), at=NOW),
    "other parameters": lambda r: r.adopt(Forgetting(fuzz=False, maximum_interval_days=5), at=NOW),
    "a close": lambda r: r.calibration.learn(at=NOW),
}
"""What somebody else does to a tenant in which the known event was recorded."""
BEFORE: dict[str, Change] = {
    "never practised": lambda _: None,
    "practised": lambda r: r.record(KNOWN, at=NOW),
}


def rows_of(reinforcer: Reinforcer) -> Mapping[str, Rows]:
    """Log and memory of a tenant, with the closes that learn its reviews."""
    with reinforcer._store.read() as session:
        review, skill = tables().review, tables().skill
        query = select(review.c.event_id, review.c.generation).join(skill, skill.c.id == review.c.skill_id)
        closes = session.connection.execute(query.where(skill.c.tenant_id == session.tenant_id))
        found = log_and_memory(session.connection, reinforcer.tenant)
        return {**found, "closes": sorted(map(tuple, closes))}


def one_after_the_other(url: str, before: Change, change: Change) -> Mapping[str, Rows]:
    """What the tables hold if the change comes first, and nobody has kept anything."""
    tenant = new_tenant()
    steps: list[Change] = [settle, before, change, lambda r: r.record(NEW, at=NOW)]
    for step in steps:
        with opened(url, tenant) as reinforcer:
            step(reinforcer)
    with opened(url, tenant) as reinforcer:
        return rows_of(reinforcer)


def cases() -> list[Any]:
    """Every change of what was there before."""
    return [
        pytest.param(before, change, id=f"{one}, {other}")
        for one, before in BEFORE.items()
        for other, change in CHANGES.items()
        if (one, other) != ("never practised", "a void")
    ]


@pytest.mark.parametrize(("before", "change"), cases())
def test_changed_before_the_event(database_url: str, before: Change, change: Change) -> None:
    """What is kept from one event to the next never outlives a change that somebody else has made."""
    tenant = new_tenant()
    with opened(database_url, tenant) as door, opened(database_url, tenant) as other:
        settle(door)
        before(door)
        door.record(practice(days=1, id="warm", skill="listen"), at=NOW)
        change(other)
        assert door._store.known is not None
        door.record(NEW, at=NOW)
        is_truth(door)
        expected = one_after_the_other(
            database_url, lambda r: (before(r), r.record(practice(days=1, id="warm", skill="listen"), at=NOW)), change
        )
        assert rows_of(door) == expected


@contextmanager
def changed_before_writing(monkeypatch: pytest.MonkeyPatch, change: Callable[[], object]) -> Iterator[None]:
    """Somebody else is quicker, once, than whoever has read what an event needs and is about to write it."""
    late: list[str] = []

    def write_late(driver: Driver, rows: PlainRows, known: KnownPair, learner: str) -> bool:
        monkeypatch.undo()
        change()
        late.append(learner)
        return write_plain_unless_changed(driver, rows, known, learner)

    monkeypatch.setattr("reinforce.practising.write_plain_unless_changed", write_late)
    yield
    assert late == ["ann"]


@pytest.mark.parametrize(("before", "change"), cases())
def test_changed_while_it_is_recorded(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, before: Change, change: Change
) -> None:
    """Without a lock, too: what changes between reading and writing counts as if it had come first."""
    tenant = new_tenant()
    with opened(postgres_url, tenant) as door, opened(postgres_url, tenant) as other:
        settle(door)
        before(door)
        with changed_before_writing(monkeypatch, lambda: change(other)):
            door.record(NEW, at=NOW)
        is_truth(door)
        assert rows_of(door) == one_after_the_other(postgres_url, before, change)


def test_erased_while_it_is_recorded(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is erased between reading and writing is unknown, and nothing more of them is written."""
    with opened(postgres_url) as door, opened(postgres_url) as other:
        settle(door)
        door.record(KNOWN, at=NOW)
        with changed_before_writing(monkeypatch, lambda: other.erase("ann", at=NOW)):  # noqa: SIM117
            with pytest.raises(UnknownLearner):
                door.record(NEW, at=NOW)
        assert not rows_of(door)["practice_event"]
        assert not rows_of(door)["memory"]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The first word of each statement that goes to PostgreSQL, by libpq alone ("=") or by psycopg's cursor."""
    said: list[str] = []
    cursor = Cursor.execute

    def by_cursor(self: Any, query: Any, *rest: Any, **more: Any) -> Any:
        said.append(str(query).split()[0])
        return cursor(self, query, *rest, **more)

    def by_libpq(driver: Driver, sql: str, values: Any) -> Any:
        result = executed(driver, sql, values)
        said.append(f"{'=' if result else '!'}{sql.split()[0]}")
        return result

    monkeypatch.setattr(Cursor, "execute", by_cursor)
    monkeypatch.setattr("reinforce.store.plain_event.executed", by_libpq)
    return said


def test_two_statements(postgres_url: str, said: list[str]) -> None:
    """A plain event of a known pair is one question and one statement that writes, without a transaction around."""
    with opened(postgres_url) as door:
        settle(door)
        door.record(KNOWN, at=NOW)
        said.clear()
        door.record(NEW, at=NOW)
        assert said == ["=SELECT", "=WITH"]


def test_statements_are_gone(postgres_url: str, said: list[str]) -> None:
    """An event whose prepared statements are gone is recorded all the same, and they are prepared anew."""
    with opened(postgres_url) as door:
        settle(door)
        for event in (KNOWN, NEW):
            door.record(event, at=NOW)
        with door._store.database.alone() or pytest.fail("not ours") as transaction:
            transaction.connection.cursor().execute("DEALLOCATE ALL")
        said.clear()
        for day in (20, 30):
            door.record(practice(days=day, id=str(day)), at=NOW)
        assert said == ["!SELECT", "SELECT", "=WITH", "=SELECT", "=WITH"]
        is_truth(door)


def test_something_was_rolled_back(postgres_url: str, said: list[str]) -> None:
    """After a rollback, at which psycopg drops all that is prepared, plain events are two statements again."""
    with opened(postgres_url) as door:
        settle(door)
        for event in (KNOWN, NEW):
            door.record(event, at=NOW)
        for _ in range(7):
            door.due("ann", at=NOW)
        with pytest.raises(UnknownLearner):
            door.record(practice("nobody"), at=NOW)
        for day in (20, 30):
            door.due("ann", at=NOW)
            said.clear()
            door.record(practice(days=day, id=str(day)), at=NOW)
        assert said == ["=SELECT", "=WITH"]


@pytest.mark.parametrize("encoding", ["UTF8", "LATIN1"])
def test_texts(postgres_url: str, encoding: str) -> None:
    """Texts come back as they were whatever the connection's encoding is."""
    with opened(f"{postgres_url}&client_encoding={encoding}") as door:
        settle(door)
        for day, text in enumerate(("plain", "déjà vu", "")):
            door.record(practice(days=day, id=f"é{day}", note=text), at=NOW)
        assert [event.note for event in door.why("ann", "price", at=NOW).events] == ["", "déjà vu", "plain"]
        assert len(rows_of(door)["practice_event"]) == 3


def test_many_people(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more people are kept than there is room for, and everybody's practice counts."""
    monkeypatch.setattr("reinforce.store.plain_event.MOST_KEPT", 2)
    with opened(database_url) as door:
        settle(door)
        for number, learner in enumerate([*LEARNERS, *LEARNERS]):
            door.record(practice(learner.key, days=number, id=str(number)), at=NOW)
            assert door._store.known is not None
            assert len(door._store.known.names.people) <= 2
        is_truth(door)
        with door._store.read() as session:
            assert session.connection.execute(select(func.count()).select_from(tables().review)).scalar_one() == 6
