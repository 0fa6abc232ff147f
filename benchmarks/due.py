"""How long it takes to ask what one learner should refresh, among a million memories.

The peer is the bare query: the driver's own cursor, the same rows, nothing made of them.
"""

import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import Any

import psycopg
from measuring import Opener, arguments, databases, table, verdict
from sqlalchemy import make_url

from reinforce import Learner, Reinforcer, Skill
from reinforce.forgetting.parameters import Forgetting
from reinforce.model.days import day_number
from reinforce.store.driver import Driver
from reinforce.store.ids import event_id
from reinforce.store.pair_rows import MemoryRow

MEMORIES = 1_000_000
SKILLS_PER_LEARNER = (20, 50, 500)
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
SHARE_DUE = 0.18
QUESTIONS = 2000
TARGET_MS = 1.0

BARE = (
    "SELECT s.key, s.title, m.due_day, m.stability, m.last_day FROM reinforce_learner l"
    " JOIN reinforce_memory m ON m.learner_id = l.id AND m.due_day <= ?"
    " JOIN reinforce_skill s ON s.id = m.skill_id WHERE l.tenant_id = 1 AND l.key = ?"
)

Ask = Callable[[str], Sequence[Any]]


def memories(learners: range, skills: int, parameter_set: int) -> Iterator[MemoryRow]:
    """A memory of every learner and skill, of which some are due."""
    chance = random.Random(learners.start)
    today = day_number(AT.date())
    seen = event_id(AT, "simulator", "any", 0)
    for learner in learners:
        for skill in range(1, skills + 1):
            interval = chance.randint(1, 120)
            due = today - chance.randint(0, 10) if chance.random() < SHARE_DUE else today + chance.randint(1, 90)
            state = (interval * 1.1, chance.uniform(1, 10), due - interval, due, 3, 0)
            yield MemoryRow(learner, skill, *state, seen, parameter_set, passes=3, practice_days=3, generation=1)


def filled(url: str, skills: int) -> Reinforcer:
    """A database with a million memories."""
    reinforcer = Reinforcer(url)
    reinforcer.upgrade()
    learners = MEMORIES // skills
    reinforcer.define(*(Skill(f"skill-{n}", title=f"Skill {n}") for n in range(1, skills + 1)), at=AT)
    for first in range(1, learners + 1, 10_000):
        last = min(first + 10_000, learners + 1)
        reinforcer.define(*(Learner(f"learner-{n}", time_zone="Europe/Berlin") for n in range(first, last)), at=AT)
        with reinforcer._store.write(0) as session:
            rows = list(memories(range(first, last), skills, session.parameters.id))
            session.driver.insert("memory", MemoryRow._fields, rows)
    with reinforcer._store.database.write() as connection:
        Driver(connection, None).run("ANALYZE")
    assert reinforcer.forgetting == Forgetting()
    return reinforcer


def bare(kind: str, url: str, stack: ExitStack) -> Ask:
    """Asks the database by its driver."""
    latest = day_number(AT.date())
    if kind == "SQLite":
        file = stack.enter_context(closing(sqlite3.connect(make_url(url).database or "", isolation_level=None)))
        return lambda learner: file.execute(BARE, (latest, learner)).fetchall()
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    server = stack.enter_context(closing(psycopg.connect(address, autocommit=True)))
    query = BARE.replace("?", "%s").encode()
    return lambda learner: server.execute(query, (latest, learner)).fetchall()


def milliseconds(ask: Ask, learner: str) -> float:
    """How long an answer takes."""
    begin = time.perf_counter()
    ask(learner)
    return (time.perf_counter() - begin) * 1000


def measured(kind: str, opener: Opener, skills: int) -> tuple[str, ...]:
    """Ask about people picked at random, in turn with the peer."""
    with ExitStack() as stack:
        url = stack.enter_context(opener())
        reinforcer = stack.enter_context(filled(url, skills))
        peer = bare(kind, url, stack)

        def ours(learner: str) -> Sequence[Any]:
            return reinforcer.due(learner, at=AT)

        chance = random.Random(0)
        asked = [f"learner-{chance.randint(1, MEMORIES // skills)}" for _ in range(QUESTIONS)]
        assert sorted(row[0] for row in peer(asked[0])) == sorted(skill.skill for skill in ours(asked[0]))
        times = [(milliseconds(ours, learner), milliseconds(peer, learner)) for learner in asked]
        due = median(len(ours(learner)) for learner in asked[:100])
    ours_ms, peer_ms = (sorted(column) for column in zip(*times, strict=True))
    return (
        f"{kind}: {skills} skills a learner",
        f"{due:g}",
        f"{median(ours_ms):.3f} ms",
        f"{quantiles(ours_ms, n=100)[94]:.3f} ms",
        f"{median(peer_ms):.3f} ms",
        f"{median(peer / our for our, peer in times):.2f}",
        verdict(median(ours_ms) < TARGET_MS),
    )


def main() -> None:
    """Measure, and print."""
    parser = arguments(__doc__)
    parser.add_argument("--skills", type=int, action="append", help="only with so many skills a learner")
    given = parser.parse_args()
    rows = [
        measured(kind, opener, skills)
        for kind, opener in databases(given)
        for skills in given.skills or SKILLS_PER_LEARNER
    ]
    print(f"due for one learner among {MEMORIES:,} memories; target: p50 < {TARGET_MS:g} ms")
    table(("", "due", "p50", "p95", "peer p50", "ratio", ""), rows)


if __name__ == "__main__":
    main()
