"""However a process ends, there is a fact and its statement, or neither."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from publishing.listening import XAPI, heard, template_of
from reinforce import AssignmentStatus, Calendar, Learner, Refresher, Reinforcer
from reinforce.statements.identity import practice_id
from reinforcer.world import PEOPLE, opened, settle

TESTS = Path(__file__).parents[1]
ROUNDS = (1, 3, 6)


@pytest.mark.parametrize("rounds", ROUNDS)
def test_a_killed_process_leaves_both_or_neither(database_url: str, rounds: int) -> None:
    """Killed in the middle of its fourth round or so, a process has told exactly what it has done."""
    with opened(database_url, xapi=XAPI) as reinforcer:
        settle(reinforcer)
        reinforcer.define(Calendar("every-day", working_days=tuple(range(7))))
        reinforcer.define(*(Learner(key, calendar="every-day") for key in PEOPLE))
        reinforcer.define(Refresher("prices", skills={"price": 1}))
    victim = subprocess.Popen(
        [sys.executable, "-m", "publishing.victim", database_url], cwd=TESTS, stdout=subprocess.PIPE, text=True
    )
    assert victim.stdout is not None
    for _ in range(rounds):
        assert victim.stdout.readline()
    victim.kill()
    victim.stdout.close()
    victim.wait(timeout=30)

    with Reinforcer(database_url, xapi=XAPI) as reinforcer:
        found = heard(reinforcer)
        done = [assignment for person in PEOPLE for assignment in reinforcer.assignments(person, status=None)]
        recorded, voided = events(reinforcer)
    told = {one.id for one in found if template_of(one) == "practised"}
    taken_back = {one.id for one in found if template_of(one) == "practised" and one.voided_by is not None}
    kinds = Counter(map(template_of, found))

    assert told == {practice_id("default", event_id, "price") for event_id in recorded}
    assert taken_back == {practice_id("default", event_id, "price") for event_id in voided}
    assert len(recorded) >= 21 * rounds
    assert kinds["refresher-assigned"] == len(done)
    assert kinds["refresher-expired"] == sum(one.status is AssignmentStatus.EXPIRED for one in done)


def events(reinforcer: Reinforcer) -> tuple[set[str], set[str]]:
    """Ids of the events that were recorded, and of those that were voided."""
    tables = reinforcer._store.database.tables
    with reinforcer._store.database.read() as connection:
        recorded = connection.scalars(select(tables.practice_event.c.id)).all()
        voided = connection.scalars(select(tables.practice_void.c.event_id)).all()
    return {one.hex() for one in recorded}, {one.hex() for one in voided}
