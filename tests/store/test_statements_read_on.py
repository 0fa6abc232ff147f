"""The statement log is read on without gaps, and what is stored at once is stored once."""

import json
import threading
from collections.abc import Iterator

import pytest

from reinforce.errors import StatementConflict
from reinforce.store.driver import Driver
from reinforce.store.log_places import Cursor
from reinforce.store.statement_watermark import consistent_through
from store.test_statements import START, Plain, World, name_of, new, statement


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """An empty log on each of the databases."""
    made = World(database_url)
    yield made
    made.database.close()


def read_on(world: World, cursor: Cursor) -> tuple[list[str], Cursor]:
    with world.reading() as log:
        found = log.after(cursor, 100)
    return [name_of(one) for one in found], Cursor(found[-1].xact, found[-1].seq) if found else cursor


def test_a_cursor_reads_everything_once_in_order(world: World) -> None:
    """A reader that comes again and again gets each statement once, voided ones too, in the order of storing."""
    read: list[str] = []
    cursor = Cursor()
    for number in range(5):
        world.add(statement(f"{number}a"), statement(f"{number}b"))
        names, cursor = read_on(world, cursor)
        read += names

    assert read == [f"{number}{letter}" for number in range(5) for letter in "ab"]
    assert read_on(world, cursor) == ([], cursor)


def test_a_late_commit_is_not_skipped(postgres_url: str) -> None:
    """A reader gets what a slow transaction wrote, though others that began later have committed before it.

    The cursor that only compares numbers, which is tried beside it, loses exactly that statement.
    """
    world = World(postgres_url)
    naive: list[str] = []
    read: list[str] = []
    cursor, last = Cursor(), 0
    with world.writing() as slow:
        slow.append([new(statement("slow"))], world.clock)
        world.add(statement("quick"))
        for _ in range(2):
            names, cursor = read_on(world, cursor)
            read += names
        seen, last = read_naively(world, last)
        naive += seen
    names, cursor = read_on(world, cursor)
    read += names
    naive += read_naively(world, last)[0]
    world.database.close()

    assert read == ["slow", "quick"]
    assert naive == ["quick"]


def read_naively(world: World, last: int) -> tuple[list[str], int]:
    with world.database.read() as connection:
        rows = Driver(connection, None).rows("SELECT seq, body FROM {statement} WHERE seq > ? ORDER BY seq", last)
    return [json.loads(bytes(body))["result"]["response"] for _, body in rows], rows[-1][0] if rows else last


def test_nothing_is_skipped_under_load(postgres_url: str) -> None:
    """While many transactions of different length write at once, a reader gets each statement exactly once."""
    world = World(postgres_url)
    writers, each = 6, 25

    def write(writer: int) -> None:
        for number in range(each):
            with world.writing() as log:
                log.append([new(statement(f"{writer}-{number}"))], world.clock)
                threading.Event().wait(0.001 * ((writer * 7 + number * 3) % 11))

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(writers)]
    for thread in threads:
        thread.start()
    read: list[str] = []
    cursor = Cursor()
    while True:
        is_over = not any(thread.is_alive() for thread in threads)
        names, cursor = read_on(world, cursor)
        read += names
        if is_over and not names:
            break
    world.database.close()

    assert sorted(read) == sorted(f"{writer}-{number}" for writer in range(writers) for number in range(each))


def test_two_that_store_the_same_at_once(postgres_url: str) -> None:
    """Of two transactions that store the same statement at once, one stores it and the other finds it there."""
    world = World(postgres_url)
    same, changed = statement("same"), statement("changed")
    outcomes: list[object] = []

    def store(data: Plain) -> None:
        try:
            outcomes.append(len(world.add(data)))
        except StatementConflict:
            outcomes.append("conflict")

    with world.writing() as log:
        log.append([new(same), new(changed)], world.clock)
        threads = [
            threading.Thread(target=store, args=(data,)) for data in (same, {**changed, "result": {"response": "else"}})
        ]
        for thread in threads:
            thread.start()
        threading.Event().wait(0.3)
    for thread in threads:
        thread.join()
    names = world.found()
    world.database.close()

    assert sorted(map(str, outcomes)) == ["0", "conflict"]
    assert sorted(names) == ["changed", "same"]


def test_the_log_is_complete_up_to_its_watermark(world: World) -> None:
    """While somebody writes, the watermark stays before what is being written; then it is now."""
    before = consistent_through(world.database, lambda: START)
    with world.writing() as log:
        log.append([new(statement("open"))], lambda: START + 5_000_000)
        during = consistent_through(world.database, lambda: START + 60_000_000)
    after = consistent_through(world.database, lambda: START + 60_000_000)

    assert before == START
    assert during <= START + 5_000_000
    assert after == START + 60_000_000
