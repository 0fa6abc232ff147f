"""Nightly runs that are killed, and two at once: real processes and real signals."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from jobs.builder import AT_NIGHT, MONDAY, Crowd, assignment_rows, build, run_rows
from reinforce.jobs import ExitCode, exit_code, nightly
from reinforce.jobs.night import IN_PROGRESS
from reinforce.model.plans import NightlySummary

TESTS = Path(__file__).parents[1]
CROWD = Crowd(learners=90, skills=4, refreshers=6)
SHARD_SIZE = 6
KILLS = 15
DAY = timedelta(days=1)


class Victim:
    """A process that plans nights, see victim.py."""

    def __init__(self, url: str, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "jobs.victim", url, str(SHARD_SIZE), *options],
            cwd=TESTS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def wait_until_ready(self) -> None:
        """Wait until everything is imported."""
        assert self.line() == "ready"

    def plan(self, day: date) -> None:
        """Have it plan a day."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{day}\n")
        self.process.stdin.flush()

    def line(self) -> str:
        """What it says next."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def kill(self) -> None:
        """Kill it, so that it can do nothing about it."""
        self.process.send_signal(signal.SIGKILL)
        self.close()

    def close(self) -> None:
        """Let it end."""
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            with contextlib.suppress(BrokenPipeError):
                stream.close()
        self.process.wait(timeout=30)


@contextlib.contextmanager
def victims(url: str, count: int, *options: str) -> Iterator[list[Victim]]:
    """Several processes that are ready."""
    started = [Victim(url, *options) for _ in range(count)]
    try:
        for victim in started:
            victim.wait_until_ready()
        yield started
    finally:
        for victim in started:
            victim.kill()


def undisturbed(folder: Path, days: int) -> list[tuple[Any, ...]]:
    """What as many nights write if nobody disturbs them."""
    url = f"sqlite:///{folder / 'undisturbed.db'}"
    build(url, CROWD)
    for n in range(days):
        nightly(url, as_of=MONDAY + n * DAY, at=AT_NIGHT)
    return assignment_rows(url)


def plan_to_the_end(url: str, day: date) -> NightlySummary:
    """Plan a day here, as soon as the database has noticed that the killed ones are gone."""
    deadline = time.monotonic() + 20
    while True:
        (summary,) = nightly(url, as_of=day, at=AT_NIGHT, shard_size=SHARD_SIZE)
        if summary.error != IN_PROGRESS or time.monotonic() > deadline:
            return summary
        time.sleep(0.02)


def cut_off(url: str) -> int:
    """How many tries were cut off between their beginning and their end: each but the last of a run."""
    return sum(attempts - 1 for *_, attempts in run_rows(url))


def disturb(victim: Victim, day: date, rng: random.Random) -> str | None:
    """Have it plan a day and kill it some shards later, at a random moment; what it answered if it was faster."""
    victim.plan(day)
    for _ in range(rng.randrange(6)):
        line = victim.line()
        assert line, "the job ended by itself"
        if line.startswith("["):
            return line
    time.sleep(rng.uniform(0.0, 0.02))
    victim.process.send_signal(signal.SIGKILL)
    assert victim.process.stdout is not None
    rest = victim.process.stdout.read().splitlines()
    assert victim.process.wait(timeout=30) == -signal.SIGKILL, "the job ended by itself"
    return next((line for line in rest if line.startswith("[")), None)


def test_killed_runs_end_like_undisturbed_ones(database_url: str, tmp_path: Path) -> None:
    """Killed again and again at random moments, and run again, the job writes what it writes undisturbed: no row more,
    none fewer, none different. That makes 30 kills in the middle of a run over both databases.
    """
    build(database_url, CROWD)
    rng = random.Random(4)
    day = MONDAY
    errors = []
    for _ in range(KILLS):  # rounds of five are more than enough
        if cut_off(database_url) >= KILLS:
            break
        with victims(database_url, 5, "tell") as some:
            for victim in some:
                answer = disturb(victim, day, rng)
                if answer is not None and IN_PROGRESS not in answer:
                    errors.append(json.loads(answer)[0].get("error"))
                    day += DAY
    errors.append(plan_to_the_end(database_url, day).error)

    assert cut_off(database_url) >= KILLS
    assert set(errors) == {None}
    assert assignment_rows(database_url) == undisturbed(tmp_path, (day - MONDAY).days + 1)


def test_two_at_once_make_one_plan(database_url: str, tmp_path: Path) -> None:
    """Of two that begin at the same moment, one plans; the other leaves the tenant to it, or comes when all is done."""
    build(database_url, CROWD)
    with victims(database_url, 2) as both:
        for n in range(5):
            for victim in both:
                victim.plan(MONDAY + n * DAY)
            answers = [json.loads(victim.line())[0] for victim in both]

            assert sorted(bool(answer.get("learners")) for answer in answers) == [False, True]
            assert {answer.get("error") for answer in answers} <= {None, IN_PROGRESS}

    assert assignment_rows(database_url) == undisturbed(tmp_path, 5)
    assert [row[-1] for row in run_rows(database_url)] == [1] * 5


def test_a_tenant_under_way_is_left_to_who_is_at_it(database_url: str) -> None:
    """While another process is at a tenant, a second run says so at once and touches nothing."""
    build(database_url, CROWD)
    with victims(database_url, 1, "tell") as (victim,):
        victim.plan(MONDAY)
        assert victim.line() == "acme 0 15"
        victim.process.send_signal(signal.SIGSTOP)
        before = assignment_rows(database_url), run_rows(database_url)
        found = nightly(database_url, as_of=MONDAY + DAY, at=AT_NIGHT)
        after = assignment_rows(database_url), run_rows(database_url)
        victim.process.send_signal(signal.SIGCONT)

    assert found == [NightlySummary("acme", MONDAY + DAY, error=IN_PROGRESS)]
    assert exit_code(found) is ExitCode.IN_PROGRESS
    assert after == before


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_forked_workers_do_not_keep_the_lock(database_url: str, tmp_path: Path) -> None:
    """A killed run's pool of forked processes, which outlives it, does not keep the tenant from being planned."""
    build(database_url, CROWD)
    with victims(database_url, 1, "fork", "tell") as (victim,):
        victim.plan(MONDAY)
        while victim.line() != "acme 3 15":
            pass
        victim.kill()
        try:
            summary = plan_to_the_end(database_url, MONDAY)
        finally:
            os.killpg(victim.process.pid, signal.SIGKILL)  # fails if no worker is there any more

    assert (summary.error, summary.resumed) == (None, True)
    assert assignment_rows(database_url) == undisturbed(tmp_path, 1)
