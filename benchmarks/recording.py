"""How fast practice is recorded, beside hand-written SQL that writes the same rows.

The peer knows the rows beforehand: it looks nothing up, checks nothing and computes nothing, so it is the
limit of what the database's driver can do. Ours and the peer's tables are compared afterwards, row by row.
"""

import gc
import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any, ClassVar, Protocol

import psycopg
from attrs import frozen
from measuring import Comparison, Opener, arguments, compare, databases, print_comparisons
from sqlalchemy import make_url

from reinforce import Learner, Outcome, PracticeEvent, Reinforcer, Skill

LEARNERS = 2000
SKILLS = 30
PAIRS_WITH_MEMORY = 0.5
BEGIN = datetime(2026, 1, 5, 8, tzinfo=UTC)
RATINGS = (1, 2, 3, 3, 3, 3, 4)

TARGETS = {("SQLite", "record"): 0.45, ("PostgreSQL", "record"): 0.60, ("PostgreSQL with fsync", "record"): 0.60}
TARGET_OF_BATCHES = 0.55
SINGLES, SINGLE_ROUNDS = 600, 12
"""So many that each round holds several of SQLite's checkpoints: they cost more than all the rest, whoever writes."""
BATCHES = {1_000: 60, 5_000: 16, 10_000: 10}

Row = tuple[Any, ...]


@frozen
class Rows:
    """What one transaction writes."""

    events: Sequence[Row]
    reviews: Sequence[Row]
    memories: Sequence[Row]


EVENT = (
    "id, tenant_id, learner_id, recorded_at, kind, source, external_id, revision, assessor_id, refresher_id, policy,"
    " outcomes, context, note"
)
REVIEW = "learner_id, skill_id, event_id, day, rating, weight, implicit, generation"
MEMORY = (
    "learner_id, skill_id, stability, difficulty, last_day, due_day, reviews, lapses, last_event, parameter_set_id,"
    " passes, practice_days, generation"
)
UPDATE = ", ".join(f"{name} = excluded.{name}" for name in MEMORY.split(", ")[2:])


def _insert(table: str, columns: str, place: str) -> str:
    return f"INSERT INTO reinforce_{table} ({columns}) VALUES ({', '.join([place] * len(columns.split(', ')))})"


def _upsert(place: str) -> str:
    return _insert("memory", MEMORY, place) + f" ON CONFLICT (learner_id, skill_id) DO UPDATE SET {UPDATE}"


class Peer(Protocol):
    """Writes rows that are known beforehand, each call in a transaction."""

    def write_one(self, rows: Rows) -> None:
        """An event with its review and its memory."""

    def write_many(self, rows: Rows) -> None:
        """A batch."""

    def rows(self, sql: str) -> list[Row]:
        """What a query finds."""

    def close(self) -> None:
        """End the connection."""


class SqlitePeer:
    """Python's own driver, with the pragmas that reinforce sets."""

    def __init__(self, url: str) -> None:
        self._connection = sqlite3.connect(make_url(url).database or "", isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "temp_store = MEMORY", "secure_delete = ON"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._cursor = self._connection.cursor()
        self._event = _insert("practice_event", EVENT, "?")
        self._review = _insert("review", REVIEW, "?")
        self._memory = _upsert("?")

    def write_one(self, rows: Rows) -> None:
        """Three statements between BEGIN and COMMIT."""
        cursor = self._cursor
        cursor.execute("BEGIN IMMEDIATE")
        cursor.execute(self._event, rows.events[0])
        cursor.execute(self._review, rows.reviews[0])
        cursor.execute(self._memory, rows.memories[0])
        cursor.execute("COMMIT")

    def write_many(self, rows: Rows) -> None:
        """Three times `executemany`."""
        cursor = self._cursor
        cursor.execute("BEGIN IMMEDIATE")
        cursor.executemany(self._event, rows.events)
        cursor.executemany(self._review, rows.reviews)
        cursor.executemany(self._memory, rows.memories)
        cursor.execute("COMMIT")

    def rows(self, sql: str) -> list[Row]:
        return self._connection.execute(sql).fetchall()

    def close(self) -> None:
        self._connection.close()


class PostgresPeer:
    """psycopg: prepared statements for one event, binary COPY for many (a third quicker than COPY of text)."""

    TYPES: ClassVar = {
        EVENT: "bytea int4 int4 int8 text text text int4 int4 int4 text text text text",
        REVIEW: "int4 int4 bytea int4 int2 float8 int2 int4",
        MEMORY: "int4 int4 float8 float8 int4 int4 int4 int4 bytea int4 int4 int4 int4",
    }

    def __init__(self, url: str) -> None:
        address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._connection = psycopg.connect(address, autocommit=True)
        self._cursor = self._connection.cursor()
        self._event = _insert("practice_event", EVENT, "%s")
        self._review = _insert("review", REVIEW, "%s")
        self._memory = _upsert("%s")
        self._cursor.execute("CREATE TEMPORARY TABLE staged (LIKE reinforce_memory) ON COMMIT DELETE ROWS")

    def write_one(self, rows: Rows) -> None:
        """Three statements between BEGIN and COMMIT."""
        cursor = self._cursor
        cursor.execute("BEGIN")
        cursor.execute(self._event, rows.events[0])
        cursor.execute(self._review, rows.reviews[0])
        cursor.execute(self._memory, rows.memories[0])
        cursor.execute("COMMIT")

    def write_many(self, rows: Rows) -> None:
        """Three COPYs, the memories' into a temporary table and from there on."""
        cursor = self._cursor
        cursor.execute("BEGIN")
        self._copy("reinforce_practice_event", EVENT, rows.events)
        self._copy("reinforce_review", REVIEW, rows.reviews)
        self._copy("staged", MEMORY, rows.memories)
        cursor.execute(
            f"INSERT INTO reinforce_memory ({MEMORY}) SELECT {MEMORY} FROM staged"
            f" ON CONFLICT (learner_id, skill_id) DO UPDATE SET {UPDATE}"
        )
        cursor.execute("COMMIT")

    def _copy(self, table: str, columns: str, rows: Sequence[Row]) -> None:
        with self._cursor.copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(self.TYPES[columns].split())
            for row in rows:
                copy.write_row(row)

    def rows(self, sql: str) -> list[Row]:
        return self._connection.execute(sql.encode()).fetchall()

    def close(self) -> None:
        self._connection.close()


PEERS: dict[str, Callable[[str], Peer]] = {
    "SQLite": SqlitePeer,
    "PostgreSQL": PostgresPeer,
    "PostgreSQL with fsync": PostgresPeer,
}


def practice(seed: int = 0) -> Iterator[PracticeEvent]:
    """Practice of many people, one minute after the other."""
    chance = random.Random(seed)
    for number in count():
        yield PracticeEvent(
            learner=f"learner-{chance.randrange(LEARNERS)}",
            occurred_at=BEGIN + timedelta(minutes=number),
            outcomes={f"skill-{chance.randrange(SKILLS)}": Outcome.rated(chance.choice(RATINGS))},
            source="simulator",
            external_id=f"attempt-{number}",
            context={"ticket": f"T-{number % 997}"} if number % 4 == 0 else {},
        )


def earlier_practice() -> list[PracticeEvent]:
    """The first practice of a part of all pairs of learner and skill."""
    chance = random.Random(1)
    return [
        PracticeEvent(
            learner=f"learner-{learner}",
            occurred_at=BEGIN - timedelta(days=20, seconds=learner * SKILLS + skill),
            outcomes={f"skill-{skill}": Outcome.rated(chance.choice(RATINGS))},
            source="simulator",
            external_id=f"earlier-{learner}-{skill}",
        )
        for learner in range(LEARNERS)
        for skill in range(SKILLS)
        if chance.random() < PAIRS_WITH_MEMORY
    ]


def prepared(url: str, before: Sequence[PracticeEvent]) -> Reinforcer:
    """A database in which people have practised already."""
    reinforcer = Reinforcer(url)
    reinforcer.upgrade()
    reinforcer.define(*(Skill(f"skill-{number}") for number in range(SKILLS)), at=BEGIN)
    reinforcer.define(
        *(Learner(f"learner-{number}", time_zone="Europe/Berlin") for number in range(LEARNERS)), at=BEGIN
    )
    reinforcer.record_many(before, at=BEGIN)
    return reinforcer


def written(peer: Peer, recorded_at: int) -> Rows:
    """What was written by the transaction of that moment, in the order of the keys."""
    events = f"SELECT id FROM reinforce_practice_event WHERE recorded_at = {recorded_at}"
    pairs = f"SELECT learner_id, skill_id FROM reinforce_review WHERE event_id IN ({events})"
    return Rows(
        peer.rows(f"SELECT {EVENT} FROM reinforce_practice_event WHERE recorded_at = {recorded_at} ORDER BY id"),
        peer.rows(f"SELECT {REVIEW} FROM reinforce_review WHERE event_id IN ({events}) ORDER BY 1, 2, 3"),
        peer.rows(f"SELECT {MEMORY} FROM reinforce_memory WHERE (learner_id, skill_id) IN ({pairs}) ORDER BY 1, 2"),
    )


def everything(peer: Peer) -> list[list[Row]]:
    """All rows of the three tables."""
    return [
        peer.rows(f"SELECT {columns} FROM reinforce_{table} ORDER BY 1, 2, 3")
        for table, columns in (("practice_event", EVENT), ("review", REVIEW), ("memory", MEMORY))
    ]


def measured(kind: str, opener: Opener, size: int, rounds: int, before: Sequence[PracticeEvent]) -> Comparison:
    """Record some events a round, one by one if `size` is 1, in turn with the peer."""
    events = practice()
    is_single = size == 1
    batches = [[next(events) for _ in range(SINGLES if is_single else size)] for _ in range(rounds)]
    moments = iter(BEGIN + timedelta(days=400, seconds=n) for n in count())
    transactions = [
        (transaction, next(moments))
        for batch in batches
        for transaction in ([[e] for e in batch] if is_single else [batch])
    ]
    with ExitStack() as stack:
        urls = [stack.enter_context(opener()) for _ in range(3)]
        rehearsal, ours, theirs = (stack.enter_context(prepared(url, before)) for url in urls)
        theirs.close()
        looking = stack.enter_context(closing(PEERS[kind](urls[0])))
        peer = stack.enter_context(closing(PEERS[kind](urls[2])))
        known = []
        for transaction, moment in transactions:
            rehearsal.record_many(transaction, at=moment)
            known.append(written(looking, int(moment.timestamp() * 1_000_000)))

        def our_work(number: int) -> None:
            if is_single:
                for (event,), moment in transactions[number * SINGLES : (number + 1) * SINGLES]:
                    ours.record(event, at=moment)
            else:
                ours.record_many(transactions[number][0], at=transactions[number][1])

        def peer_work(number: int) -> None:
            if is_single:
                for rows in known[number * SINGLES : (number + 1) * SINGLES]:
                    peer.write_one(rows)
            else:
                peer.write_many(known[number])

        gc.collect()
        gc.freeze()  # what the benchmark keeps in memory is no part of what is measured
        found = compare(
            f"{kind}: record" if is_single else f"{kind}: record_many, {size:,} at once",
            [(partial(our_work, number), partial(peer_work, number)) for number in range(rounds)],
            size=SINGLES if is_single else size,
            target=TARGETS[kind, "record"] if is_single else TARGET_OF_BATCHES,
        )
        stack.enter_context(closing(looker := PEERS[kind](urls[1])))
        assert everything(looker) == everything(peer), "ours and the peer's tables differ"
        return found


def main() -> None:
    """Measure, and print."""
    parser = arguments(__doc__)
    parser.add_argument("--size", type=int, action="append", help="only batches of this size; 1: record")
    given = parser.parse_args()
    before = earlier_practice()
    rounds = {1: SINGLE_ROUNDS, **BATCHES}
    print_comparisons(
        [
            measured(kind, opener, size, rounds.get(size, 9), before)
            for kind, opener in databases(given, durable=True)
            for size in given.size or rounds
        ]
    )


if __name__ == "__main__":
    main()
