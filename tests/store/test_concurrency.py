"""Several writers at once: nothing is lost, nobody waits for ever."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reinforce import Reinforcer
from reinforce.store.locks import MOST_LEARNER_LOCKS
from store import writer

WRITERS = 2
PATIENCE = 300


@pytest.fixture
def reinforcer(database_url: str) -> Iterator[Reinforcer]:
    """A database without people yet."""
    with Reinforcer(database_url) as opened:
        opened.upgrade()
        yield opened


def write_at_once(
    url: str, *, events: int, batch: int, learners: int, skills: int, meanwhile: Callable[[], object] = int
) -> list[int]:
    """Let two processes record at the same time, and do something meanwhile; how many events each recorded."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    running = [
        subprocess.Popen(
            [sys.executable, writer.__file__, url, *map(str, (number, WRITERS, events, batch, learners, skills))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=Path(writer.__file__).parent.parent,
        )
        for number in range(WRITERS)
    ]
    try:
        for process in running:
            assert process.stdout is not None
            assert process.stdin is not None
            if process.stdout.readline() != "ready\n":
                pytest.fail(process.communicate()[1])
        for process in running:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        meanwhile()
        said = [process.communicate(timeout=PATIENCE) for process in running]
    finally:
        for process in running:
            process.kill()
            process.wait()
    assert [process.returncode for process in running] == [0] * WRITERS, said
    return [int(output) for output, _ in said]


def require_nothing_lost(reinforcer: Reinforcer, events: int) -> None:
    """The log holds every event, and every memory is what the log gives."""
    replayed = reinforcer.replay(write=False)
    assert replayed.changed == replayed.removed == 0
    assert replayed.pairs > 0
    assert replayed.reviews >= events


def test_two_writers_on_few_pairs(reinforcer: Reinforcer, database_url: str) -> None:
    """Two processes record 1,500 events of six pairs, one by one: each counts, and memories equal a replay."""
    writer.define(reinforcer, learners=2, skills=3)

    recorded = write_at_once(database_url, events=750, batch=1, learners=2, skills=3)

    assert recorded == [750, 750]
    require_nothing_lost(reinforcer, 1500)


def test_two_batches_with_crossing_learners(reinforcer: Reinforcer, database_url: str) -> None:
    """Batches that meet each other's learners in the opposite order wait, and never for each other."""
    writer.define(reinforcer, learners=40, skills=4)

    recorded = write_at_once(database_url, events=1500, batch=100, learners=40, skills=4)

    assert recorded == [1500, 1500]
    require_nothing_lost(reinforcer, 3000)


def test_two_batches_over_many_learners(reinforcer: Reinforcer, database_url: str) -> None:
    """The same holds for batches over so many learners that they lock the tenant instead."""
    writer.define(reinforcer, learners=2 * MOST_LEARNER_LOCKS, skills=3)

    recorded = write_at_once(database_url, events=2400, batch=800, learners=2 * MOST_LEARNER_LOCKS, skills=3)

    assert recorded == [2400, 2400]
    require_nothing_lost(reinforcer, 4800)


def test_one_event_at_a_time_beside_batches(reinforcer: Reinforcer, database_url: str) -> None:
    """Who locks a few learners and who locks them all keep out of each other's way."""
    learners = MOST_LEARNER_LOCKS + 50
    writer.define(reinforcer, learners=learners, skills=2)
    several = list(writer.practice(WRITERS, WRITERS + 1, 4000, learners, 2))

    def whole_batches() -> None:
        for first in range(0, len(several), 1000):
            reinforcer.record_many(several[first : first + 1000], at=writer.LATER)

    recorded = write_at_once(database_url, events=600, batch=3, learners=learners, skills=2, meanwhile=whole_batches)

    assert recorded == [600, 600]
    require_nothing_lost(reinforcer, 5200)
