"""Behind a pooler, which gives each transaction to another connection to PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from jobs.builder import AT_NIGHT, MONDAY, build
from pooler import pooled
from reinforce import InvalidSettings, Learner, Reinforcer, StoreError, UnknownLearner, XapiSettings
from reinforce.errors import RunInProgress
from reinforce.jobs import ExitCode, exit_code, nightly
from reinforce.store.database import Database
from reinforce.store.driver import Driver
from reinforce.store.job_locks import job_lock
from reinforcer.world import KEYS, NOW, PEOPLE, is_truth, opened, practice, settle

PREPARED = "SELECT statement FROM pg_prepared_statements WHERE strpos(statement, '{memory}') > 0"


@pytest.fixture
def pooled_url(postgres_url: str) -> Iterator[str]:
    """A pooler that knows nothing of prepared statements."""
    with pooled(postgres_url) as url:
        yield url


Made = Callable[[str], AbstractContextManager[str | Engine]]


@contextmanager
def engine_of(url: str, **options: Any) -> Iterator[Engine]:
    """A host's engine, as we advise to make one."""
    engine = create_engine(url, connect_args={"prepare_threshold": None}, **options)
    yield engine
    engine.dispose()


@contextmanager
def databases(*targets: str | Engine) -> Iterator[list[Database]]:
    """Databases, closed in the end."""
    made = [Database(target) for target in targets]
    yield made
    for database in made:
        database.close()


@pytest.fixture(params=[nullcontext, engine_of, partial(engine_of, isolation_level="AUTOCOMMIT")])
def target(request: pytest.FixtureRequest, pooled_url: str) -> Iterator[str | Engine]:
    """A URL of a pooler, or an engine."""
    with request.param(pooled_url) as made:
        yield made


def test_nobody_is_answered_with_rows_of_others(postgres_url: str, pooled_url: str) -> None:
    """Whose statements have the same names, which run on the same connections, are answered from their own tables."""
    with Reinforcer(pooled_url, schema="north") as north, Reinforcer(pooled_url, schema="south") as south:
        for door, skill in ((north, "price"), (south, "deal")):
            door.upgrade()
            settle(door)
            door.record(practice(skill=skill), at=NOW)
        for _ in range(10):
            assert "price" in {one.skill for one in north.due("ann", at=NOW)}
            assert "deal" in {one.skill for one in south.due("ann", at=NOW)}
            assert north.why("ann", "deal", at=NOW).events == ()


def work(door: Reinforcer, days: int) -> None:
    """Something of everything that is done all day; what is refused rolls back."""
    door.record(practice(days=days, id=f"plain-{days}"), at=NOW)
    door.record(practice("bo", "deal", days=days, id=f"deal-{days}"), at=NOW)
    with pytest.raises(UnknownLearner):
        door.record(practice("nobody", days=days), at=NOW)
    batch = [
        practice(PEOPLE[n % 3], KEYS[n % 4], days=days + n % 5, id=f"{days}-{n}") for n in range(60 if days % 4 else 3)
    ]
    door.record_many(batch, at=NOW)
    door.due("ann", at=NOW)
    assert "plain-1" in [event.external_id for event in door.why("ann", "price", at=NOW, last=999).events]
    assert door.forecast(learner="bo", on=NOW.date())
    assert door.plan("cy", at=NOW).learner == "cy"


@pytest.mark.parametrize("made", [nullcontext, engine_of])
@pytest.mark.parametrize("renames", [False, True])
def test_work_goes_on(postgres_url: str, made: Made, renames: bool) -> None:
    """With three clients in turn nothing fails, is lost or is remembered wrongly, by URL and by a host's engine."""
    told = XapiSettings("https://acme.example/", secret="s" * 32)
    with ExitStack() as stack:
        url = stack.enter_context(pooled(postgres_url, renames=renames))
        direct = stack.enter_context(opened(postgres_url))
        settle(direct)
        doors = [
            stack.enter_context(Reinforcer(stack.enter_context(made(url)), xapi=told if number else None))
            for number in range(3)
        ]
        for days in range(1, 19):
            work(doors[days % 3], days)
        assert len(direct.why("ann", "price", at=NOW, last=9999).events) > 18
        is_truth(direct)


def test_the_night(postgres_url: str, pooled_url: str) -> None:
    """The nightly job plans everyone."""
    build(postgres_url)
    (summary,) = nightly(pooled_url, as_of=MONDAY, at=AT_NIGHT, shard_size=7)

    assert exit_code([summary]) is ExitCode.DONE
    assert summary.learners == 36


@pytest.mark.parametrize(("renames", "prepares"), [(False, False), (True, True)])
def test_what_is_prepared(postgres_url: str, renames: bool, prepares: bool) -> None:
    """Questions are prepared where the pooler keeps them apart, and otherwise not."""
    with pooled(postgres_url, renames=renames) as url, opened(postgres_url) as direct:
        settle(direct)
        assert prepared_by(url) is prepares
        assert prepared_by(f"{url}&prepare_threshold=none") is False


def prepared_by(url: str) -> bool:
    """Whether the server has prepared what was asked again and again."""
    with Reinforcer(url) as door:
        for _ in range(10):
            door.due("ann", at=NOW)
        with door._store.database.reading() as transaction:
            return bool(Driver(transaction, None).rows(PREPARED))


def test_who_says_when_to_prepare(postgres_url: str, pooled_url: str) -> None:
    """The URL has the last word, and what it says must be a number or none."""
    with opened(postgres_url) as direct:
        settle(direct)
    assert prepared_by(postgres_url)
    assert not prepared_by(f"{postgres_url}&prepare_threshold=none")
    assert not prepared_by(f"{postgres_url}&prepare_threshold=20")
    with databases(f"{pooled_url}&prepare_threshold=3") as (database,), database.reading() as transaction:
        raw: Any = transaction.connection.dbapi_connection
        assert raw.prepare_threshold == 3
    for wrong in ("often", "-1", "5&prepare_threshold=6"):
        with pytest.raises(InvalidSettings, match="or none"):
            Database(f"{postgres_url}&prepare_threshold={wrong}")


def test_an_engine_that_prepares(postgres_url: str, pooled_url: str) -> None:
    """A host whose engine prepares what the pooler mixes up is told what to change."""
    with opened(postgres_url) as direct:
        settle(direct)
    engine = create_engine(pooled_url)
    door = Reinforcer(engine)

    def ask() -> None:
        for _ in range(20):
            door.due("ann", at=NOW)

    with pytest.raises(StoreError, match="prepare_threshold"):
        ask()
    engine.dispose()


IDLE = "FROM pg_stat_activity WHERE state = 'idle in transaction'"


def test_one_job_at_a_time(postgres_url: str, target: str | Engine) -> None:
    """Who comes second is kept away on whatever connection, and the lock does not outlive its job."""
    with databases(target, target, postgres_url) as (first, second, direct):
        for _ in range(3):
            with job_lock(first, 1, "nightly"):
                for other in (second, direct):
                    with pytest.raises(RunInProgress), job_lock(other, 1, "nightly"):
                        pass
            with job_lock(direct, 1, "nightly"):
                pass


def test_the_lock_is_cut_off(postgres_url: str, target: str | Engine) -> None:
    """A job that is done ends well though a server has ended the connection that held its lock."""
    with databases(target, postgres_url) as (pooled_one, direct):
        with job_lock(pooled_one, 1, "nightly"), direct.read() as connection:
            ended = connection.execute(text(f"SELECT pg_terminate_backend(pid) {IDLE}")).scalars().all()
        assert ended == [True]
        with job_lock(direct, 1, "nightly"):
            pass


def test_vacuum_is_not_kept_from_its_work(postgres_url: str, target: str | Engine) -> None:
    """The transaction that holds a lock through a pooler has seen nothing that the server must keep for it."""
    with databases(target, postgres_url) as (pooled_one, direct), job_lock(pooled_one, 1, "nightly"):
        with direct.read() as connection:
            seen = connection.execute(text(f"SELECT backend_xid, backend_xmin {IDLE}")).all()
        assert seen == [(None, None)]


def test_without_a_pooler(postgres_url: str) -> None:
    """The lock is the session's, whose transaction is over, and its connection serves the next job as well."""
    held = text(
        "SELECT l.pid, a.state FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
        " WHERE l.locktype = 'advisory' AND a.datname = current_database()"
    )
    seen = []
    with databases(postgres_url, postgres_url) as (database, other):
        for _ in range(2):
            with job_lock(database, 1, "nightly"), other.read() as connection:
                seen += [tuple(row) for row in connection.execute(held)]
    assert [state for _, state in seen] == ["idle", "idle"]
    assert len({process for process, _ in seen}) == 1


# --- What stays on the connections ---------------------------------------------------------------


def test_what_an_older_version_has_left(postgres_url: str, pooled_url: str) -> None:
    """Batches go in though a version with other columns has left its temporary tables on the connections."""
    with ExitStack() as both:
        for database in both.enter_context(databases(pooled_url, pooled_url)):
            connection = both.enter_context(database.write())
            connection.exec_driver_sql("CREATE TEMPORARY TABLE staged_memory (learner_id bigint)")
    with opened(postgres_url) as direct, Reinforcer(pooled_url) as door:
        settle(direct)
        direct.define(*(Learner(f"{n}") for n in range(60)))
        for days in (1, 2):
            door.record_many([practice(f"{n}", days=days) for n in range(60)], at=NOW)
        assert len(direct.why("7", "price", at=NOW).events) == 2
        is_truth(direct)
