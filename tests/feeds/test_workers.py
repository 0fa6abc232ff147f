"""Several processes on one feed, and processes that are killed: each statement arrives once and in order."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.faulty_lrs import Fault, FaultyLrs, Request, running, statements_of
from feeds.worker import start, until, workers
from feeds.world import AT, fill, keep, opened, samples, to_file
from reinforce import Reinforcer
from reinforce.feeds.working import RunEnd
from reinforce.store.job_locks import job_lock

COUNT = 3000


@pytest.fixture
def lrs() -> Iterator[FaultyLrs]:
    """An LRS that takes a moment over each request."""
    served = FaultyLrs(plan=lambda _: Fault(seconds=0.01))
    with running(served):
        yield served


def sent(lrs: FaultyLrs) -> list[str]:
    """The ids of all statements that were posted, each as often as it was."""
    return [one["id"] for request in lrs.requests if request.method == "POST" for one in statements_of(request)]


def test_several_workers_never_send_twice_or_out_of_order(database_url: str, lrs: FaultyLrs) -> None:
    """Five processes deliver one feed at the same time, while it grows: each statement is sent once, in order."""
    wanted = [str(one.id) for one in samples(0, COUNT)]
    with opened(database_url) as reinforcer:
        reinforcer.feeds.add("lrs", "lrs", {"endpoint": lrs.endpoint}, from_beginning=True, at=AT)
        with workers(database_url, 5):
            for first in range(0, COUNT, 200):
                fill(reinforcer, first, first + 200)
                until(lambda first=first: len(lrs.stored) > first)  # type: ignore[misc]
            until(lambda: len(lrs.stored) == COUNT)
            until(lambda: reinforcer.feeds.show("lrs").backlog.statements == 0)

        assert sent(lrs) == wanted
        assert reinforcer.feeds.show("lrs").feed.delivered == COUNT


def test_what_is_killed_goes_on(database_url: str, lrs: FaultyLrs) -> None:
    """Whenever processes are killed, also within a request, each statement is in the LRS once, and in order."""
    wanted = [str(one.id) for one in samples(0, COUNT)]
    chance = random.Random(7)
    with opened(database_url) as reinforcer:
        reinforcer.feeds.add("lrs", "lrs", {"endpoint": lrs.endpoint}, from_beginning=True, at=AT)
        fill(reinforcer, 0, COUNT)
        kills = 0
        for target in sorted(chance.sample(range(200, COUNT - 200), 4)):
            process = start(database_url)
            until(lambda target=target: len(lrs.stored) > target)  # type: ignore[misc]
            process.kill()
            process.communicate()
            kills += 1
        (run,) = reinforcer.feeds.deliver()

        assert kills == 4
        assert run.end is RunEnd.DONE
        assert list(lrs.stored) == wanted
        assert reinforcer.feeds.show("lrs").backlog.statements == 0


def test_a_second_worker_leaves_it_to_the_first(database_url: str, tmp_path: Path) -> None:
    """While somebody delivers a feed, another process touches nothing of it and ends with its own exit code."""
    with opened(database_url) as reinforcer:
        to_file(reinforcer, "file", tmp_path / "out")
        fill(reinforcer, 0, 3)
        number = reinforcer.feeds.show("file").feed.number
        with job_lock(reinforcer._store.database, number, "feed"):
            process = start(database_url, "--json")
            said, _ = process.communicate()

            assert process.returncode == 4
            assert json.loads(said)["runs"][0]["end"] == "busy"
            assert not (tmp_path / "out").exists()
        assert reinforcer.feeds.deliver(at=AT)[0].delivered == 3


def test_who_has_lost_the_feed_stops(database_url: str) -> None:
    """A worker whose lock was lost without its knowing keeps nothing and sends no further batch once another began."""
    lrs = FaultyLrs()
    rivals: list[Any] = []

    def plan(request: Request) -> Fault | None:
        if request.method == "POST" and len(sent(lrs)) == 100 and not rivals:
            with Reinforcer(database_url) as rival, rival._store.write(1) as session:
                rivals.append(session.driver.run("UPDATE {feed} SET worker = 'rival'"))
        return None

    lrs.plan = plan
    with opened(database_url) as reinforcer, running(lrs):
        reinforcer.feeds.add("lrs", "lrs", {"endpoint": lrs.endpoint}, from_beginning=True, at=AT)
        fill(reinforcer, 0, 500)
        (run,) = reinforcer.feeds.deliver(at=AT)

        assert (run.end, run.delivered) == (RunEnd.BUSY, 100)
        assert len(sent(lrs)) == 200
        assert reinforcer.feeds.show("lrs").backlog.statements == 400
        (run,) = reinforcer.feeds.deliver(at=AT)
        assert (run.end, run.delivered) == (RunEnd.DONE, 400)
        assert list(lrs.stored) == [str(one.id) for one in samples(0, 500)]


@pytest.mark.parametrize("change", ["pause", "remove", "backfill"])
def test_a_feed_is_changed_while_it_is_delivered(database_url: str, change: str) -> None:
    """Paused, removed or set back within a delivery, a feed stops after the batch that is under way."""
    lrs = FaultyLrs()
    changed: list[str] = []

    def plan(request: Request) -> Fault | None:
        if request.method == "POST" and len(sent(lrs)) == 100 and not changed:
            changed.append(change)
            with Reinforcer(database_url) as other:
                getattr(other.feeds, change)("lrs")
        return None

    lrs.plan = plan
    with opened(database_url) as reinforcer, running(lrs):
        reinforcer.feeds.add("lrs", "lrs", {"endpoint": lrs.endpoint}, from_beginning=True, at=AT)
        fill(reinforcer, 0, 500)
        (run,) = reinforcer.feeds.deliver(at=AT)

        assert run.end is (RunEnd.PAUSED if change == "pause" else RunEnd.BUSY)
        assert len(sent(lrs)) == 200
        if change == "backfill":
            assert reinforcer.feeds.show("lrs").backlog.statements == 500


def test_no_transaction_is_open_during_a_request(database_url: str) -> None:
    """While a request is under way, others write to the same database without waiting."""
    lrs = FaultyLrs()
    url = f"{database_url}?timeout=0.1" if database_url.startswith("sqlite") else database_url

    def plan(request: Request) -> Fault | None:
        if request.method == "POST" and len(lrs.stored) < 300:
            number = 1000 + len(lrs.stored)
            with Reinforcer(url) as other:
                keep(other, [samples(number, number + 1)[0].body])
        return None

    lrs.plan = plan
    with opened(database_url) as reinforcer, running(lrs):
        reinforcer.feeds.add("lrs", "lrs", {"endpoint": lrs.endpoint}, from_beginning=True, at=AT)
        fill(reinforcer, 0, 300)
        reinforcer.feeds.deliver(at=AT)

        assert len(lrs.stored) == 303
