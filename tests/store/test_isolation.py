"""Hosts whose transactions on PostgreSQL are REPEATABLE READ or SERIALIZABLE."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
from sqlalchemy import Connection, Engine, create_engine, text

from jobs.builder import AT_NIGHT, MONDAY, build
from reinforce import DatabaseLocked, Forgetting, InvalidSettings, PracticeEvent, Reinforcer, Skill
from reinforce.jobs import ExitCode, exit_code, nightly
from reinforcer.world import KEYS, NOW, PEOPLE, is_truth, opened, practice, settle

LEVELS = ["REPEATABLE READ", "SERIALIZABLE"]
BATCH = [practice(PEOPLE[n % 3], KEYS[n % 4], id=f"{n}", days=n % 9) for n in range(200)]
Write = Callable[[Reinforcer], object]


@pytest.fixture(params=LEVELS)
def level(request: pytest.FixtureRequest) -> str:
    """The mode of the host's transactions."""
    assert isinstance(request.param, str)
    return request.param


@pytest.fixture
def url(postgres_url: str) -> str:
    """A database with a small world, in which nothing was practised yet."""
    with opened(postgres_url) as door:
        settle(door)
    return postgres_url


@pytest.fixture
def engine(url: str, level: str) -> Iterator[Engine]:
    """The host's engine, of the mode."""
    made = create_engine(url, isolation_level=level)
    with made.begin() as connection:
        connection.execute(text("CREATE TABLE invoice (number TEXT)"))
    yield made
    made.dispose()


@pytest.fixture(params=["engine", "role"])
def door(request: pytest.FixtureRequest, url: str, level: str) -> Iterator[Reinforcer]:
    """A front door to a host's engine of the mode, and one to a database whose transactions are of it by default."""
    if request.param == "engine":
        made = create_engine(url, isolation_level=level)
        yield Reinforcer(made)
        made.dispose()
    else:
        default = quote(f"-c default_transaction_isolation={level.lower()}".replace("e r", "e\\ r"))
        with Reinforcer(f"{url}&options={default}") as own:
            yield own


def until_somebody_waits(url: str) -> None:
    """Return as soon as somebody waits for a lock."""
    watching = create_engine(url, isolation_level="AUTOCOMMIT")
    with watching.connect() as connection:
        deadline = time.monotonic() + 60
        while not connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
            assert time.monotonic() < deadline, "nobody waits"
            time.sleep(0.01)
    watching.dispose()


WRITES: dict[str, Write] = {
    "record": lambda r: r.record(practice(id="1"), at=NOW),
    "record_many": lambda r: r.record_many(BATCH, at=NOW),
    "adopt": lambda r: r.adopt(Forgetting(maximum_interval_days=30)),
    "close": lambda r: r.calibration.learn(at=NOW),
}


@pytest.mark.parametrize("name", WRITES)
def test_own_transactions_see_what_they_waited_for(door: Reinforcer, url: str, name: str) -> None:
    """On an engine or a database of any mode, who has waited for another writer goes on from what that one wrote."""
    other = create_engine(url)
    with ThreadPoolExecutor(1) as pool, other.connect() as host:
        Reinforcer(host).record(practice(id="before"), at=NOW)
        waiting = pool.submit(WRITES[name], door)
        until_somebody_waits(url)
        host.commit()
        waiting.result()
    other.dispose()
    is_truth(door)


def test_an_engine_stays_as_it_is(engine: Engine, level: str) -> None:
    """What an engine's connections are for the host is what they are after our use of them."""
    Reinforcer(engine).record(practice(), at=NOW)
    with engine.connect() as host:
        assert host.scalar(text("SHOW transaction_isolation")) == level.lower()


def test_a_night_beside_another(postgres_url: str, level: str) -> None:
    """Of two nightly runs on engines of the mode, each ends well or leaves the day to the other, and all is planned."""
    build(postgres_url)
    engines = [create_engine(postgres_url, isolation_level=level) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        ends = list(pool.map(lambda engine: exit_code(nightly(engine, as_of=MONDAY, at=AT_NIGHT)), engines))
    (again,) = nightly(engines[0], as_of=MONDAY, at=AT_NIGHT)
    for engine in engines:
        engine.dispose()

    assert set(ends) <= {ExitCode.DONE, ExitCode.IN_PROGRESS}
    assert again.repeated
    assert again.assignments > 30


FIRST: list[PracticeEvent] = []
EARLIER = [practice(PEOPLE[n % 3], KEYS[n % 4], id=f"earlier-{n}") for n in range(12)]

SINGLE: dict[str, tuple[list[PracticeEvent], Write]] = {
    "a first review": (FIRST, lambda r: r.record(practice(id="1", days=1), at=NOW)),
    "a later review": (EARLIER, lambda r: r.record(practice(id="1", days=1), at=NOW)),
    "first reviews": (FIRST, lambda r: r.record_many(BATCH, at=NOW)),
    "later reviews": (EARLIER, lambda r: r.record_many(BATCH, at=NOW)),
    "a void": (EARLIER, lambda r: r.void("app", "earlier-6", reason="mistaken")),
}


def begun(host: Connection) -> Reinforcer:
    """A front door to a host's transaction that sees no more what others write from now on."""
    host.execute(text("INSERT INTO invoice VALUES ('1')"))
    return Reinforcer(host)


@pytest.mark.parametrize("name", SINGLE)
def test_a_host_is_told_to_begin_again(engine: Engine, url: str, name: str) -> None:
    """In the host's own transaction, what was written since it began is said and not overwritten; a new one is well."""
    before, write = SINGLE[name]
    with Reinforcer(url) as other, engine.connect() as host:
        other.record_many(before, at=NOW)
        reinforcer = begun(host)
        other.record(practice(id="meanwhile"), at=NOW)
        with pytest.raises(
            DatabaseLocked, match="since this transaction began; nothing was changed, try again in a new"
        ):
            write(reinforcer)
        assert host.scalar(text("SELECT count(*) FROM invoice")) == 1, "the host's half is the host's"
        host.rollback()
        write(begun(host))
        host.commit()
        is_truth(other)


CHANGES: dict[str, Write] = {
    "parameters": lambda r: r.adopt(Forgetting(maximum_interval_days=30)),
    "a definition": lambda r: r.define(Skill("price", desired_retention=0.95)),
    "a close": lambda r: r.calibration.learn(at=NOW),
}


RECORDS: dict[str, Write] = {
    "one": lambda r: r.record(practice(id="1"), at=NOW),
    "several": lambda r: r.record_many([practice(id="1"), practice("bo", id="2")], at=NOW),
}


@pytest.mark.parametrize("record", RECORDS)
@pytest.mark.parametrize("name", CHANGES)
def test_what_memories_are_made_with_changed_meanwhile(engine: Engine, url: str, name: str, record: str) -> None:
    """A host's transaction makes no memories with definitions, parameters or a calibration that are past."""
    with Reinforcer(url) as other, engine.connect() as host:
        other.record(practice(skill="listen"), at=NOW)
        reinforcer = begun(host)
        CHANGES[name](other)
        with pytest.raises(DatabaseLocked, match="try again in a new"):
            RECORDS[record](reinforcer)
        host.rollback()
        RECORDS[record](begun(host))
        host.commit()
        is_truth(other)


@pytest.mark.parametrize("tenant", ["default", "new"])
def test_definitions_of_two(engine: Engine, url: str, tenant: str) -> None:
    """A host's transaction defines people and skills, unless somebody else has since it began; a new tenant, too."""
    with engine.connect() as host:
        host.execute(text("SELECT 1 FROM invoice"))
        with Reinforcer(url, tenant=tenant) as other:
            other.define(Skill("juggling"))
        with pytest.raises(DatabaseLocked, match="try again in a new"):
            Reinforcer(host, tenant=tenant).define(Skill("listening"))
        host.rollback()
        Reinforcer(host, tenant=tenant).define(Skill("listening"))
        host.commit()
        assert {"juggling", "listening"} <= {skill.key for skill in Reinforcer(host, tenant=tenant).all(Skill)}


EVERYBODY: dict[str, Write] = {
    "adopt": CHANGES["parameters"],
    "define a retention": CHANGES["a definition"],
    "close": CHANGES["a close"],
    "replay": lambda r: r.replay(),
    "erase": lambda r: r.erase("ann"),
}


@pytest.mark.parametrize("name", EVERYBODY)
def test_what_goes_over_everybody_is_refused(engine: Engine, name: str) -> None:
    """What a host's transaction would do to all memories but those that it does not see is not begun."""
    with engine.connect() as host:
        reinforcer = begun(host)
        with pytest.raises(InvalidSettings, match="begin it in READ COMMITTED, or give reinforce the engine"):
            EVERYBODY[name](reinforcer)
        host.commit()
        assert host.scalar(text("SELECT count(*) FROM invoice")) == 1
    EVERYBODY[name](Reinforcer(engine))


def test_questions(engine: Engine) -> None:
    """A host's transaction is answered from what it sees, the same until it ends."""
    with engine.connect() as host:
        reinforcer = begun(host)
        Reinforcer(engine).record(practice(), at=NOW)
        assert reinforcer.due("ann", at=NOW) == []
        host.rollback()
        assert [one.skill for one in reinforcer.due("ann", at=NOW)] == ["price"]
