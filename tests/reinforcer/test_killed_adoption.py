"""Adoptions and roll backs that are killed: real processes and real signals."""

import itertools
import os
import random
import signal
import subprocess
import sys
import time

from reinforce import Forgetting, Learner, Reinforcer, Skill
from reinforcer.world import MONDAY, NOW, opened, practice

KILLS = 8
PEOPLE = [f"learner-{number}" for number in range(30)]
SKILLS = [f"skill-{number}" for number in range(20)]
OTHER = Forgetting(weights=(0.05, 0.1, 0.2, 0.4, *Forgetting().weights[4:]))
VICTIM = """
import sys
from datetime import UTC, datetime
from reinforce import Reinforcer

url, number = sys.argv[1:]
with Reinforcer(url) as reinforcer:
    print("begun", flush=True)
    while True:
        if reinforcer.parameters.find(int(number)).is_present:
            reinforcer.parameters.roll_back(at=datetime(2026, 4, 1, tzinfo=UTC))
        else:
            reinforcer.parameters.adopt(int(number), anyway=True, at=datetime(2026, 4, 1, tzinfo=UTC))
"""


def is_whole(reinforcer: Reinforcer) -> None:
    """Assert that one set made all memories, that the history leads to it, and that the log gives them again."""
    (present,) = (one.id for one in reinforcer.parameters.all() if one.is_present)
    history = reinforcer.parameters.adoptions()
    assert history[-1].parameter_set == present
    assert [one.replaced for one in history[1:]] == [one.parameter_set for one in history[:-1]]
    with reinforcer._store.read() as session:
        rows = session.driver.rows("SELECT DISTINCT parameter_set_id FROM {memory}")
    assert rows == [(present,)]
    replayed = reinforcer.replay(write=False)
    assert (replayed.changed, replayed.removed, replayed.pairs) == (0, 0, len(PEOPLE) * len(SKILLS))


def test_kill(database_url: str) -> None:
    """Whenever it is killed, a change of parameters has happened in all rows or in none."""
    with opened(database_url) as reinforcer:
        reinforcer.define(*map(Learner, PEOPLE), *map(Skill, SKILLS))
        log = [
            practice(learner, skill, 4, days=day + place % 3, id=f"{learner}-{skill}-{day}")
            for learner in PEOPLE
            for place, skill in enumerate(SKILLS)
            for day in (0, 5, 25)
        ]
        reinforcer.record_many(log, at=NOW)
        reinforcer.adopt(OTHER, at=MONDAY)
        number = next(one.id for one in reinforcer.parameters.all() if one.is_present)
        chance = random.Random(20261122)
        seen = 0
        for killed in itertools.count(1):
            victim = subprocess.Popen(
                [sys.executable, "-c", VICTIM, database_url, str(number)], stdout=subprocess.PIPE, text=True
            )
            assert victim.stdout is not None
            assert victim.stdout.readline() == "begun\n"
            time.sleep(chance.uniform(0.05, 0.8) * max(1, killed / KILLS))
            os.kill(victim.pid, signal.SIGKILL)
            victim.wait(60)
            victim.stdout.close()
            is_whole(reinforcer)
            seen = len(reinforcer.parameters.adoptions())
            if killed >= KILLS and seen > 1:  # some of them came to an end before the kill
                break
