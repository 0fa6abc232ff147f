"""Transactions that commit in another order than they began: a feed skips nothing."""

import random
import threading
import time
from typing import Any
from uuid import UUID

from adapters.faulty_lrs import FaultyLrs, running
from feeds.world import AT, fill, new, opened, samples
from reinforce import Reinforcer
from reinforce.model.checks import to_micros
from reinforce.store.log_places import Cursor, read_in_order
from reinforce.store.statements import StatementLog

WRITERS, ROUNDS, EACH = 4, 50, 3
COUNT = WRITERS * ROUNDS * EACH


def write(url: str, writer: int) -> None:
    """Store a writer's share, each transaction open for a moment of its own."""
    chance = random.Random(writer)
    with Reinforcer(url) as reinforcer:
        for number in range(writer, WRITERS * ROUNDS, WRITERS):
            with reinforcer._store.write(1) as session:
                log = StatementLog(session.driver, session.tenant_id)
                share = samples(number * EACH, (number + 1) * EACH)
                log.append([new(one.body) for one in share], lambda: to_micros(AT))
                time.sleep(chance.random() / 50)


class Naive:
    """A cursor that only compares numbers, as one would write it first."""

    def __init__(self) -> None:
        self.last = 0
        self.read: list[str] = []

    def read_on(self, reinforcer: Reinforcer) -> None:
        """Read what has a larger number."""
        with reinforcer._store.read() as session:
            rows = session.driver.rows("SELECT seq, id FROM {statement} WHERE seq > ? ORDER BY seq", self.last)
        self.read += [str(UUID(bytes=bytes(number))) for _, number in rows]
        self.last = rows[-1][0] if rows else self.last


def test_no_statement_is_skipped_under_load(postgres_url: str) -> None:
    """Of writers whose transactions overlap, a feed delivers every statement once, while a cursor that only compares
    numbers, which reads beside it, loses
    at least those of the slowest one.
    """
    lrs, naive = FaultyLrs(), Naive()
    late = samples(COUNT, COUNT + EACH)
    with opened(postgres_url) as reinforcer, running(lrs):
        reinforcer.feeds.add("lrs", "lrs", {"endpoint": lrs.endpoint}, from_beginning=True, at=AT)
        writers = [threading.Thread(target=write, args=(postgres_url, number)) for number in range(WRITERS)]
        with reinforcer._store.write(1) as session:
            log = StatementLog(session.driver, session.tenant_id)
            log.append([new(one.body) for one in late], lambda: to_micros(AT))
            for one in writers:
                one.start()
            while not naive.read:
                naive.read_on(reinforcer)
            reinforcer.feeds.deliver(at=AT)
            assert lrs.stored == {}
        while any(one.is_alive() for one in writers):
            naive.read_on(reinforcer)
            reinforcer.feeds.deliver(at=AT)
        naive.read_on(reinforcer)
        reinforcer.feeds.deliver(at=AT)

        assert reinforcer.feeds.show("lrs").feed.delivered == COUNT + EACH
    assert set(lrs.stored) == {str(one.id) for one in samples(0, COUNT + EACH)}
    assert set(naive.read).isdisjoint(str(one.id) for one in late)


def test_a_long_log_is_read_along_its_index(postgres_url: str) -> None:
    """A PostgreSQL that knows nothing of the table yet does not sort the rest of the log for each batch."""
    with opened(postgres_url) as reinforcer:
        fill(reinforcer, 0, 2000)
        with reinforcer._store.read_in_transaction() as session:
            read_in_order(session.driver)
            plans: list[str] = []
            rows = session.driver.rows

            def explained(sql: str, *parameters: Any) -> list[Any]:
                plans.extend(line for (line,) in rows(f"EXPLAIN {sql}", *parameters))
                return []

            session.driver.rows = explained  # type: ignore[method-assign]
            StatementLog(session.driver, session.tenant_id).after(Cursor(1, 1), 100)

    assert any("Index Scan" in line for line in plans)
    assert not any("Sort" in line for line in plans)
