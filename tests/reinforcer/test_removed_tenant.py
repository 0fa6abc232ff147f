"""A tenant that leaves: nothing of it is left, nothing of others is touched, and nobody writes for it any more."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import BigInteger, Connection, Engine, Float, Integer, LargeBinary, Table, func, insert, select, text

from intake.school import incoming, passed
from reinforce import (
    Forgetting,
    InvalidSettings,
    Learner,
    NotFound,
    Reinforcer,
    SchemaMissing,
    Skill,
    UnknownTenant,
)
from reinforce.jobs import night, nightly, shard
from reinforce.store.schema import tables
from reinforce.tenants import all_tenants, remove_tenant
from reinforcer.test_tenants import AT, DAY, fill
from reinforcer.world import NOW, engine_of, is_truth, opened, practice, settle

Scan = Mapping[str, Sequence[tuple[Any, ...]]]
LEAVES, STAYS = "leaves", "stays"


def scan(connection: Connection) -> Scan:
    """Every column of every row of every table of ours, as it lies there."""
    return {
        table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
        for table in tables().metadata.sorted_tables
    }


def scanned(url: str) -> Scan:
    """The same, of a database."""
    with engine_of(url) as engine, engine.connect() as connection:
        return scan(connection)


def fill_whole(url: str, tenant: str, rating: int) -> None:
    """A tenant with the contents of a world, and at least one row in each of the tables."""
    with opened(url, tenant) as door, door._store.database.write() as connection:
        before = {name: len(rows) for name, rows in scan(connection).items()}
    with opened(url, tenant) as door:
        fill(door, rating, extra=True)
        with door._store.write(0) as session:
            numbers = _numbers(session.connection, session.tenant_id)
            for table in tables().metadata.sorted_tables:
                if len(scan(session.connection)[table.name]) == before[table.name]:
                    session.connection.execute(insert(table).values(_made_up(table, numbers)))


def _numbers(connection: Connection, tenant_id: int) -> dict[str, int]:
    """What a row of the tenant refers to, by the name of the column."""

    def one(table: Table, column: str = "id") -> int:
        found = select(func.min(table.c[column])).where(table.c.tenant_id == tenant_id)
        return int(connection.execute(found).scalar_one())

    t = tables()
    return {
        "tenant_id": tenant_id,
        "learner_id": one(t.learner),
        "skill_id": one(t.skill),
        "parameter_set_id": one(t.parameter_set),
        "replaced_id": one(t.parameter_set),
        "feed_id": one(t.feed),
        "seq": one(t.statement, "seq"),
    }


def _made_up(table: Table, numbers: Mapping[str, int]) -> dict[str, Any]:
    """A row that differs from tenant to tenant only in whose it is."""
    kinds: tuple[tuple[type, Any], ...] = (
        ((Integer, BigInteger), 7),  # type: ignore[assignment]
        (LargeBinary, b"sixteen bytes at"),
        (Float, 0.5),
    )
    row: dict[str, Any] = {}
    for column in table.c:
        if column.name in numbers:
            row[column.name] = numbers[column.name]
        elif column.name != "id" or not isinstance(column.type, Integer):
            row[column.name] = next((value for kind, value in kinds if isinstance(column.type, kind)), "text")
    if table.name == "reinforce_lrs_credential":
        row["key"] = f"key-{numbers['tenant_id']}"
    return row


def test_nothing_is_left_and_nothing_else_changed(database_url: str) -> None:
    """With a tenant go all its rows of every table; all others of the database are as before, to the last byte."""
    fill_whole(database_url, STAYS, 2)
    before = scanned(database_url)
    fill_whole(database_url, LEAVES, 3)
    full = scanned(database_url)
    more = {name.removeprefix("reinforce_"): len(rows) - len(before[name]) for name, rows in full.items()}
    assert min(more.values()) > 0

    removed = remove_tenant(database_url, LEAVES)

    assert scanned(database_url) == before
    assert (removed.key, removed.rows) == (LEAVES, more)
    with opened(database_url, STAYS) as door:
        assert door.replay(write=False).changed == 0


def test_what_feeds_have_handed_on_is_told(database_url: str) -> None:
    """What has left for elsewhere cannot be taken back from here, so it is said by which feed, and how much."""
    with opened(database_url, LEAVES) as door:
        fill(door, 3, extra=True)
        with door._store.write(0) as session:
            session.driver.run("UPDATE {feed} SET delivered = 12 WHERE name = ?", "archive")

    assert remove_tenant(database_url, LEAVES).feeds == {"archive": 12}


def test_who_there_is(database_url: str) -> None:
    """Every tenant is listed with what is kept for it; a person who was erased is nobody's."""
    with opened(database_url, "b") as b, opened(database_url, "a") as a:
        settle(a)
        settle(b)
        b.record_many([practice(id="1"), practice(id="2", days=1), practice("bo", id="3")], at=NOW)
        b.erase("ann", at=NOW)
        a.statements.take(incoming(passed(), passed(day=2)), at=NOW)

    told = [(one.key, one.learners, one.events, one.statements) for one in all_tenants(database_url)]
    assert told == [("a", 3, 0, 2), ("b", 2, 1, 0)]


def test_a_tenant_that_is_not_there(database_url: str) -> None:
    """Who is not there cannot be removed, and neither is anybody from a database without tables."""
    with pytest.raises(SchemaMissing):
        remove_tenant(database_url, LEAVES)
    with opened(database_url, STAYS) as door:
        settle(door)
    before = scanned(database_url)

    with pytest.raises(UnknownTenant, match="there is no tenant 'leaves': nothing is kept for it"):
        remove_tenant(database_url, LEAVES)

    assert scanned(database_url) == before


def test_a_host_may_change_its_mind(database_url: str) -> None:
    """In a host's transaction a tenant is gone when the host commits, and not if it rolls back."""
    with opened(database_url, LEAVES) as door:
        settle(door)
    before = scanned(database_url)
    with engine_of(database_url) as engine, engine.connect() as host:
        remove_tenant(host, LEAVES)
        assert all_tenants(host) == []
        host.rollback()
        assert scanned(database_url) == before
        remove_tenant(host, LEAVES)
        host.commit()

    assert all_tenants(database_url) == []


def test_a_host_that_does_not_see_all(postgres_url: str) -> None:
    """A transaction that misses what was recorded since it began is refused, because that would stay behind."""
    with opened(postgres_url, LEAVES) as door:
        settle(door)
    with engine_of(postgres_url) as engine, engine.connect() as host:
        host.execution_options(isolation_level="REPEATABLE READ")
        with pytest.raises(InvalidSettings, match="READ COMMITTED"):
            remove_tenant(host, LEAVES)


# Others at the same time

Write = Callable[[Reinforcer], object]

WRITES: dict[str, Write] = {
    "a plain event": lambda r: r.record(practice(id="new"), at=NOW),
    "an event": lambda r: r.record(practice(id="new", assessor="bo"), at=NOW),
    "events": lambda r: r.record_many([practice(id=f"new-{n}", days=n) for n in range(60)], at=NOW),
    "definitions": lambda r: r.define(Skill("new"), Learner("dee"), at=NOW),
    "a statement": lambda r: r.statements.take(incoming(passed()), at=NOW),
    "parameters": lambda r: r.adopt(Forgetting(maximum_interval_days=300), at=NOW),
    "a close": lambda r: r.calibration.learn(at=NOW),
    "a replay": lambda r: r.replay(),
    "a feed": lambda r: r.feeds.add("new", "jsonl", {"path": "/nowhere/new.jsonl"}, at=NOW),
    "a void": lambda r: r.void("app", "first", reason="mistaken", at=NOW),
    "an erasure": lambda r: r.erase("ann", at=NOW),
    "a night": lambda r: nightly(target_of(r), tenants=[r.tenant], as_of=DAY, at=AT),
}


def target_of(reinforcer: Reinforcer) -> Engine | Connection:
    """What it was given its database as, or has made of that."""
    database = reinforcer._store.database
    target = database._connection or database._engine
    assert target is not None
    return target


def begun(url: str, tenant: str) -> None:
    """A tenant in which somebody has practised."""
    with opened(url, tenant) as door:
        settle(door)
        door.record(practice("bo", id="first"), at=NOW)
        door.record(practice(id="second"), at=NOW)


@contextmanager
def waiting(work: Callable[[], Any], url: str) -> Iterator[Future[Any]]:
    """Somebody who does something that has to wait for the transaction that is open around the block."""
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work)
        _until_somebody_waits(url)
        yield future


def _until_somebody_waits(url: str) -> None:
    if url.startswith("sqlite"):
        time.sleep(0.2)  # nobody can be seen to wait there; that a write waits needs no proof on SQLite
        return
    with engine_of(url) as engine, engine.connect() as connection:
        deadline = time.monotonic() + 60
        while not connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
            assert time.monotonic() < deadline, "nobody waits"
            time.sleep(0.01)


@pytest.mark.parametrize("name", WRITES)
def test_who_waits_for_the_removal_leaves_nothing(database_url: str, name: str) -> None:
    """Whoever wants to write while the tenant is being removed waits, and then finds none to write for."""
    begun(database_url, STAYS)
    before = scanned(database_url)
    begun(database_url, LEAVES)
    with opened(database_url, LEAVES) as door, engine_of(database_url) as engine, engine.connect() as host:
        door.record(practice("cy", id="third"), at=NOW)  # so that it knows the tenant already
        remove_tenant(host, LEAVES)
        with waiting(lambda: WRITES[name](door), database_url) as written:
            host.commit()
        if name == "a night":
            assert "not there any more" in written.result()[0].error
        else:
            with pytest.raises(NotFound):
                written.result()

    assert scanned(database_url) == before


@pytest.mark.parametrize("name", WRITES)
def test_the_removal_waits_for_who_writes(database_url: str, name: str) -> None:
    """What is being written when the removal begins is waited for, and goes with the rest."""
    begun(database_url, STAYS)
    before = scanned(database_url)
    begun(database_url, LEAVES)
    with engine_of(database_url) as engine, engine.connect() as host:
        WRITES[name](Reinforcer(host, tenant=LEAVES))
        with waiting(lambda: remove_tenant(database_url, LEAVES), database_url) as removed:
            host.commit()
        assert removed.result().key == LEAVES

    assert scanned(database_url) == before


@pytest.mark.parametrize(("module", "step"), [(night, "learn"), (night, "results"), (shard, "daily_plans")])
def test_a_night_that_was_begun(
    database_url: str, monkeypatch: pytest.MonkeyPatch, module: ModuleType, step: str
) -> None:
    """A tenant that is removed between the steps of a night is not planned any more, and the night says so."""
    begun(database_url, STAYS)
    before = scanned(database_url)
    begun(database_url, LEAVES)
    take = getattr(module, step)

    def too_late(*given: Any, **named: Any) -> Any:
        remove_tenant(database_url, LEAVES)
        return take(*given, **named)

    monkeypatch.setattr(module, step, too_late)
    (summary,) = nightly(database_url, tenants=[LEAVES], as_of=DAY, at=AT)

    assert "not there any more" in (summary.error or "")
    assert scanned(database_url) == before


def test_begun_anew(database_url: str) -> None:
    """A tenant that comes back under its key is another one: a process that knew the old one writes for the new one."""
    begun(database_url, LEAVES)
    with opened(database_url, LEAVES) as door:
        door.record(practice("cy", id="third"), at=NOW)
        with door._store.read() as session:
            old = session.tenant_id
        remove_tenant(database_url, LEAVES)
        with pytest.raises(UnknownTenant):
            door.define(Learner("dee"), at=NOW)
        begun(database_url, LEAVES)

        assert door.record(practice("cy", id="fourth", days=1), at=NOW).is_new
        assert door.define(Learner("dee"), at=NOW).created == 1
        is_truth(door)

    found = scanned(database_url)
    ((number, *_),) = found["reinforce_tenant"]
    assert number > old
    assert {row[1] for row in found["reinforce_practice_event"]} == {number}


def test_a_tenant_that_was_never_kept(database_url: str) -> None:
    """A host that rolls its first write back, or whose engine fails, has removed nothing, and may write again."""
    with opened(database_url), engine_of(database_url) as engine, engine.connect() as host:
        door = Reinforcer(host, tenant=LEAVES)
        settle(door)
        assert door.record(practice(), at=NOW).is_new
        host.rollback()
        settle(door)
        assert door.record(practice(), at=NOW).is_new
