"""Whichever database, and whoever else is at work: the same rows."""

import io
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from reinforce import (
    EventConflict,
    Forgetting,
    PracticeEvent,
    ReinforceError,
    Reinforcer,
    Skill,
    UnknownLearner,
)
from reinforcer.world import (
    NOW,
    ONE_DATABASE,
    SKILLS,
    engine_of,
    is_truth,
    log_and_memory,
    logs,
    new_tenant,
    opened,
    practice,
    settle,
)


@pytest.fixture
def engines(sqlite_url: str, postgres_url: str) -> Iterator[list[Engine]]:
    """An SQLite file and a PostgreSQL database with our tables."""
    with opened(sqlite_url), opened(postgres_url), engine_of(sqlite_url) as one, engine_of(postgres_url) as other:
        yield [one, other]


@settings(ONE_DATABASE, max_examples=30)
@given(log=logs(), cut=st.integers(0, 30), voided=st.sets(st.integers(0, 29), max_size=3))
def test_the_same_rows_on_both(engines: list[Engine], log: list[PracticeEvent], cut: int, voided: set[int]) -> None:
    """The same events and voids give exactly the same rows, and the same export, on SQLite and PostgreSQL."""
    tenant = new_tenant()
    rows, files = [], []
    for engine in engines:
        reinforcer = Reinforcer(engine, tenant=tenant)
        settle(reinforcer)
        reinforcer.record_many(log[cut:], at=NOW)
        reinforcer.record_many(log[:cut], at=NOW)
        for place in sorted(voided & set(range(len(log)))):
            reinforcer.void(log[place].source, log[place].external_id or "", reason="mistaken", at=NOW)
        reinforcer.define(evolve(SKILLS[2], desired_retention=0.9))
        with engine.connect() as connection:
            rows.append(log_and_memory(connection, tenant))
        stream = io.StringIO()
        reinforcer.export_fsrs_log(stream)
        files.append(sorted(stream.getvalue().splitlines()))
    assert rows[0] == rows[1]
    assert files[0] == files[1]


@contextmanager
def meanwhile(reinforcer: Reinforcer, *calls: Callable[[Reinforcer], object]) -> Iterator[None]:
    """Make calls in threads of their own, which are to wait for what is done within; their errors are raised."""
    with ThreadPoolExecutor(len(calls)) as pool:
        waiting = [pool.submit(call, reinforcer) for call in calls]
        time.sleep(0.15)
        yield
        for one in waiting:
            one.result(timeout=60)


HELD: dict[str, Callable[[Reinforcer], object]] = {
    "adopt": lambda r: r.adopt(Forgetting(maximum_interval_days=3)),
    "define": lambda r: r.define(evolve(SKILLS[2], desired_retention=0.97)),
    "rederive": lambda r: r.replay(rederive=True),
    "record": lambda r: r.record(practice(id="held", days=7), at=NOW),
    "void": lambda r: r.void("app", "1", reason="mistaken"),
}
WAITING: dict[str, Callable[[Reinforcer], object]] = {
    "record": lambda r: r.record(practice(id="waiting", days=5), at=NOW),
    "record late": lambda r: r.record(practice(id="waiting", days=-5), at=NOW),
    "record_many": lambda r: r.record_many(
        [practice(id=f"{n}", days=n / 10) for n in range(300)], at=NOW, skip_faulty=True
    ),
    "define": lambda r: r.define(evolve(SKILLS[2], desired_retention=0.75)),
    "adopt": lambda r: r.adopt(Forgetting(maximum_stability_days=2)),
    "replay": lambda r: r.replay(),
    "void": lambda r: r.void("app", "2", reason="mistaken", replacement=practice(rating=1, days=1)),
}


@pytest.mark.parametrize("first", HELD)
def test_two_at_once(postgres_url: str, first: str) -> None:
    """What had to wait for somebody else's transaction works with what that left behind: memory stays the truth."""
    with opened(postgres_url), engine_of(postgres_url) as engine:
        for second, wait in WAITING.items():
            door = Reinforcer(engine, tenant=f"{first} {second}")
            settle(door)
            door.record_many([practice(id=f"{n}", days=3 * n) for n in range(1, 4)], at=NOW)
            with engine.connect() as host:
                HELD[first](Reinforcer(host, tenant=door.tenant))
                with meanwhile(door, wait):
                    host.commit()
            is_truth(door)


def test_recording_for_somebody_who_is_being_erased(postgres_url: str) -> None:
    """A record that waited for an erasure finds nobody, and leaves nothing."""
    with opened(postgres_url) as door, engine_of(postgres_url) as engine:
        settle(door)
        door.record(practice(id="1"))
        with engine.connect() as host:
            Reinforcer(host).erase("ann")
            with pytest.raises(UnknownLearner), meanwhile(door, lambda r: r.record(practice(id="2"))):
                host.commit()
        with engine.connect() as connection:
            assert {name: len(rows) for name, rows in log_and_memory(connection, "default").items()} == {
                "memory": 0,
                "review": 0,
                "practice_event": 0,
                "practice_void": 0,
            }


def test_many_at_once(database_url: str) -> None:
    """Clients that send the same and other events at once lose none, record none twice, and leave the truth."""
    log = [
        practice(skill=skill, rating=1 + n % 4, days=n, id=f"{skill}-{n}")
        for n in range(6)
        for skill in ("deal", "price")
    ]

    def send(number: int) -> int:
        with Reinforcer(database_url) as own:
            own.define(Skill(f"own-{number}"))
            return sum(own.record(event, at=NOW).is_new for event in (log if number % 2 else log[::-1]))

    with opened(database_url) as door:
        settle(door)
        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(send, range(4))) == len(log)
        is_truth(door)


def test_a_tenant_is_created_once(database_url: str) -> None:
    """Several that write first for a new tenant make one of it."""

    def begin(number: int) -> None:
        with Reinforcer(database_url, tenant="new") as own:
            own.define(Skill(f"skill-{number}"))

    with opened(database_url, "new") as door:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(begin, range(4)))
        assert len(door.all(Skill)) == 4


def test_one_id_for_two_people_at_once(postgres_url: str) -> None:
    """Two clients that claim one id for two people at once: one is recorded, the other is told of the conflict."""
    with opened(postgres_url) as door, engine_of(postgres_url) as engine:
        settle(door)
        with engine.connect() as host:
            Reinforcer(host).record(practice("ann", id="1"))
            with pytest.raises(ReinforceError) as caught, meanwhile(door, lambda r: r.record(practice("bo", id="1"))):
                host.commit()
        assert isinstance(caught.value, EventConflict)
        is_truth(door)
