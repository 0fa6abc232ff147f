"""A nightly run spread over threads, processes, and executors that break."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import create_engine

from jobs.builder import AT_NIGHT, MONDAY, assignment_rows, build, run_rows
from reinforce.errors import InvalidSettings
from reinforce.jobs import nightly
from reinforce.jobs.executors import IN_FLIGHT, results
from reinforce.jobs.shard import ShardJob, do_shard
from reinforce.model.plans import PlanningRules
from reinforce.store.database import Database
from reinforce.store.runs import Shard

SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Any, ...]]:
    """What one process writes."""
    url = f"sqlite:///{tmp_path_factory.mktemp('serial') / 'reinforce.db'}"
    build(url)
    nightly(url, as_of=MONDAY, at=AT_NIGHT)
    return assignment_rows(url)


@pytest.fixture(scope="module")
def processes() -> Iterator[ProcessPoolExecutor]:
    """Two processes that were not forked from this one."""
    with ProcessPoolExecutor(2, mp_context=SPAWN) as pool:
        yield pool


def test_processes_write_the_same(
    database_url: str, expected: list[tuple[Any, ...]], processes: ProcessPoolExecutor
) -> None:
    """Shards that run in other processes, several at a time, write the same bytes."""
    build(database_url)
    (summary,) = nightly(database_url, as_of=MONDAY, at=AT_NIGHT, executor=processes, shard_size=3)

    assert (summary.error, summary.learners) == (None, 36)
    assert assignment_rows(database_url) == expected


@pytest.mark.parametrize("takes", [str, create_engine])
def test_threads_write_the_same(database_url: str, expected: list[tuple[Any, ...]], takes: Any) -> None:
    """Threads take a URL or an engine, and write the same bytes."""
    build(database_url)
    target = takes(database_url)
    with ThreadPoolExecutor(4) as pool:
        (summary,) = nightly(target, as_of=MONDAY, at=AT_NIGHT, executor=pool, shard_size=3)
    if not isinstance(target, str):
        target.dispose()

    assert summary.error is None
    assert assignment_rows(database_url) == expected


class Mortal(Executor):
    """Works in this process; its workers die after some jobs, taking those in flight with them."""

    def __init__(self, lifetime: int, *, takes_more: bool) -> None:
        self.lifetime = lifetime
        self.takes_more = takes_more

    def submit(self, work: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do it at once, or lose it."""
        self.lifetime -= 1
        if self.lifetime < 0 and not self.takes_more:
            raise BrokenExecutor
        future: Future[Any] = Future()
        if self.lifetime < 3:
            future.set_exception(BrokenExecutor())
        else:
            try:
                future.set_result(work(*args, **kwargs))
            except ValueError as problem:
                future.set_exception(problem)
        return future


@pytest.mark.parametrize("takes_more", [True, False])
def test_a_broken_executor_is_survived(database_url: str, expected: list[tuple[Any, ...]], *, takes_more: bool) -> None:
    """Shards whose worker died, and those that nobody takes any more, are done in this process."""
    build(database_url)
    told: list[int] = []
    (summary,) = nightly(
        database_url,
        as_of=MONDAY,
        at=AT_NIGHT,
        executor=Mortal(8, takes_more=takes_more),
        shard_size=3,
        on_progress=lambda _tenant, done, _total: told.append(done),
    )

    assert (summary.error, summary.learners) == (None, 36)
    assert told == list(range(15))
    assert assignment_rows(database_url) == expected


def die() -> None:
    """Kill the worker that runs this."""
    os.kill(os.getpid(), signal.SIGKILL)


def test_killed_workers_are_survived(database_url: str, expected: list[tuple[Any, ...]]) -> None:
    """A process pool of which a worker is killed in the middle of the run costs time and nothing else."""
    build(database_url)
    with ProcessPoolExecutor(2, mp_context=SPAWN) as pool:

        def kill(_tenant: str, done: int, _total: int) -> None:
            if done == 4:
                pool.submit(die)

        (summary,) = nightly(database_url, as_of=MONDAY, at=AT_NIGHT, executor=pool, shard_size=1, on_progress=kill)

    assert (summary.error, summary.learners) == (None, 36)
    assert assignment_rows(database_url) == expected


def test_a_shard_is_done_once(database_url: str) -> None:
    """A worker that comes late, whatever it worked out, finds the shard done and leaves everything as it is."""
    build(database_url)
    nightly(database_url, as_of=MONDAY, at=AT_NIGHT)
    before = assignment_rows(database_url)
    rules = PlanningRules(daily_minutes=300, most_assignments=50)
    job = ShardJob(Shard(1, 0, 1, 40), "acme", 1, MONDAY, rules, written_at=7, now=9, schema=None)
    database = Database(database_url)
    is_done = do_shard(database, job)
    database.close()

    assert not is_done
    assert assignment_rows(database_url) == before


def double(number: int) -> int:
    """Work for an executor."""
    if number == 3:
        raise ValueError("three is poison")
    return 2 * number


def test_every_job_has_its_result_or_its_error() -> None:
    """Whatever the executor, each job comes back once, and an error belongs to its job alone."""
    with ExitStack() as stack:
        for executor in (None, stack.enter_context(ThreadPoolExecutor(3)), Mortal(100, takes_more=False)):
            found = dict(results(executor, double, range(200)))
            error = found.pop(3)

            assert isinstance(error, ValueError)
            assert found == {number: 2 * number for number in range(200) if number != 3}


def test_few_jobs_are_in_flight() -> None:
    """A run of many shards does not fill the executor's queue, so that it can be stopped."""
    submitted = 0

    class Counting(ThreadPoolExecutor):
        def submit(self, work: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            nonlocal submitted
            submitted += 1
            return super().submit(work, *args, **kwargs)

    with Counting(1) as executor:
        coming = results(executor, double, range(1000))
        next(coming)
        coming.close()  # type: ignore[attr-defined]

    assert submitted == IN_FLIGHT


def test_what_cannot_be_shared_is_refused(sqlite_url: str, processes: ProcessPoolExecutor) -> None:
    """An open connection with any executor, an engine with processes and a database in memory are refused with what
    to do instead, before anything is written.
    """
    build(sqlite_url)
    engine = create_engine(sqlite_url)
    with ThreadPoolExecutor(1) as threads:
        with engine.connect() as connection, pytest.raises(InvalidSettings, match="leave the executor out"):
            nightly(connection, as_of=MONDAY, executor=threads)
        with pytest.raises(InvalidSettings, match="pass the URL"):
            nightly(engine, as_of=MONDAY, executor=processes)
    engine.dispose()

    assert run_rows(sqlite_url) == []


def test_a_database_in_memory_is_not_shared() -> None:
    """A database in memory is planned by its own process, and not with an executor."""
    engine = create_engine("sqlite://")
    build(engine)
    with ThreadPoolExecutor(1) as threads, pytest.raises(InvalidSettings, match="database in memory"):
        nightly(engine, as_of=MONDAY, executor=threads)
    (summary,) = nightly(engine, as_of=MONDAY, at=AT_NIGHT)
    rows = assignment_rows(engine)
    engine.dispose()

    assert (summary.error, summary.learners) == (None, 36)
    assert len(rows) == summary.assignments > 0
