"""Imports that are killed: real processes and real signals."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

LOG = Path(__file__).parents[1] / "data" / "anki_josh.csv"
KILLS = 25
TABLES = ("learner", "skill", "practice_event", "review", "memory")
ARRIVAL = {"reinforce_practice_event": "recorded_at"}
"""What says when a row was written differs from run to run, and nothing else may."""


def started(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """The `reinforce` program, at work in a folder."""
    return subprocess.Popen(
        [sys.executable, "-c", "from reinforce.cli import main; main()", *arguments],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def made(folder: Path) -> Path:
    """A folder with an empty database."""
    folder.mkdir()
    assert started(folder, "init").wait(60) == 0
    return folder


def import_arguments() -> Sequence[str]:
    """Take up the log, and whoever and whatever is in it."""
    return ("import", str(LOG), "--format", "anki", "--define", "--time-zone", "America/New_York")


def rows(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Everything that an import writes, but for the moment at which it wrote."""
    with sqlite3.connect(folder / "reinforce.db") as connection:
        found = {}
        for name in TABLES:
            table = f"reinforce_{name}"
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            kept = ", ".join(column for column in columns if column != ARRIVAL.get(table))
            found[name] = sorted(connection.execute(f"SELECT {kept} FROM {table}"), key=repr)
    connection.close()
    return found


def test_kill(tmp_path: Path) -> None:
    """An import that is killed at any moment leaves nothing, and run again ends as if nothing had happened."""
    calm = made(tmp_path / "calm")
    began = time.monotonic()
    assert started(calm, *import_arguments()).wait(120) == 0
    usual = time.monotonic() - began
    expected = rows(calm)
    assert len(expected["practice_event"]) == 12_580
    chance = random.Random(20240329)
    shaken = made(tmp_path / "shaken")
    interrupted = 0

    while interrupted < KILLS:
        began = time.monotonic()
        victim = started(shaken, *import_arguments())
        time.sleep(chance.uniform(0.1, 0.9) * usual)
        if victim.poll() is None:
            os.kill(victim.pid, signal.SIGKILL)
            interrupted += 1
        else:  # the machine has become quicker
            usual = min(usual, time.monotonic() - began) * 0.9
        victim.wait(60)
        assert len(rows(shaken)["practice_event"]) in (0, 12_580)
    assert started(shaken, *import_arguments()).wait(120) == 0

    assert rows(shaken) == expected
