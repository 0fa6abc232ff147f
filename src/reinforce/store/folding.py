"""Reviews folded into memory rows: the one place where memory is written.

A pair is a learner's and a skill's number. New reviews that come after all that a memory has seen are
stepped on from it; if one comes before, or the parameters have changed, the pair is folded again from its
first review. Either way gives the same bits.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from reinforce.forgetting.single import FEW_PAIRS
from reinforce.store.driver import Driver, insert_sql, is_pair
from reinforce.store.means import Means
from reinforce.store.pair_rows import MemoryRow, Pair, ReviewRow, as_memories, as_reviews
from reinforce.store.postponing import postponements

MEMORY_COLUMNS = ", ".join(f"m.{name}" for name in MemoryRow._fields)
MEMORY_COLUMNS_OF_X = ", ".join(f"x.{name}" for name in MemoryRow._fields)
"""Of what `for_each` gives."""
REPLACE_MEMORY = "(learner_id, skill_id) DO UPDATE SET " + ", ".join(
    f"{name} = excluded.{name}" for name in MemoryRow._fields[2:]
)
PUT_MEMORY = f"{insert_sql('memory', MemoryRow._fields)} ON CONFLICT {REPLACE_MEMORY}"
"""The statement that puts a memory row in the place of its pair's."""


class Folded(NamedTuple):
    """What became of memories, and by what.

    Attributes:
        after: the memories that changed.
        before: those of the same pairs until then, without pairs that were never practised.
        reviews: what each pair was folded from, in order: new reviews or, if one of them was late, all that it has.
        late: the pairs that were folded from their first review.
        means: that it was done with.
    """

    after: Sequence[MemoryRow]
    before: Mapping[Pair, MemoryRow]
    reviews: Mapping[Pair, Sequence[ReviewRow]]
    late: Collection[Pair]
    means: Means


def add(driver: Driver, means: Means, new: Iterable[ReviewRow]) -> Folded:
    """Take up reviews that have just been written to the log.

    Args:
        driver: within the transaction, after the pairs' learners were locked.
        means: what memories are made with.
        new: in order.
    """
    by_pair = by_pair_of(_moving(new))
    if not by_pair:
        return Folded((), {}, by_pair, (), means)
    before = {row[:2]: row for row in read_memories(driver, by_pair)}
    late = {pair for pair, memory in before.items() if means.is_late(memory, by_pair[pair][0])}
    start = before
    if late:
        by_pair.update(by_pair_of(read_reviews(driver, late)))
        start = {pair: memory for pair, memory in before.items() if pair not in late}
    after = fold(means, by_pair, start)
    if late:
        after = postponed(driver, after)
    write(driver, after)
    return Folded(after, before, by_pair, late, means)


def fold_again(driver: Driver, means: Means, pairs: Sequence[Pair]) -> None:
    """Fold pairs from their first review, because some of their reviews are gone; see `add`."""
    by_pair = by_pair_of(read_reviews(driver, pairs))
    write(driver, postponed(driver, fold(means, by_pair, {})))
    forget(driver, [pair for pair in pairs if pair not in by_pair])


def fold(
    means: Means, by_pair: Mapping[Pair, Sequence[ReviewRow]], before: Mapping[Pair, MemoryRow]
) -> list[MemoryRow]:
    """The memory rows that reviews, in their order, lead to; nothing is read or written."""
    if len(by_pair) < FEW_PAIRS:
        return [means.fold_one(pair, reviews, before.get(pair)) for pair, reviews in by_pair.items()]
    from reinforce.store import many_pairs  # late, for start-up: see docs/decisions/0017-start-up.md

    return many_pairs.fold_many(means, by_pair, before)


def with_due_days(driver: Driver, means: Means, rows: Sequence[MemoryRow]) -> list[MemoryRow]:
    """The same memories, due when their skills' present desired retention says."""
    if not rows:
        return []
    from reinforce.store import many_pairs  # late, as in `fold`

    due = many_pairs.due_days_of(means, rows)
    return postponed(driver, [row._replace(due_day=day) for row, day in zip(rows, due, strict=True)])


def postponed(driver: Driver, rows: Sequence[MemoryRow]) -> list[MemoryRow]:
    """The same memories, due no earlier than an adoption or a close has put them.

    What has just been stepped on by a new review need not be asked about: its last event is another.
    """
    until = postponements(driver, {row.learner_id for row in rows})
    if not until:
        return list(rows)
    days = (until.get((*row[:2], row.parameter_set_id, row.last_event), row.due_day) for row in rows)
    return [row if day <= row.due_day else row._replace(due_day=day) for row, day in zip(rows, days, strict=True)]


def write(driver: Driver, rows: Sequence[MemoryRow]) -> None:
    """Put rows in the place of those of their pairs."""
    driver.upsert("memory", MemoryRow._fields, rows, REPLACE_MEMORY)


def forget(driver: Driver, pairs: Sequence[Pair]) -> None:
    """Remove the memories of pairs that were never practised after all."""
    driver.run_many("DELETE FROM {memory} WHERE learner_id = ? AND skill_id = ?", pairs)


def read_memories(driver: Driver, pairs: Iterable[Pair]) -> list[MemoryRow]:
    """The memories of these pairs, in no order."""
    found = driver.for_each("bigint", "memory", is_pair("x.learner_id", "x.skill_id"))
    return as_memories(driver.rows(f"SELECT {MEMORY_COLUMNS_OF_X} {found}", driver.pairs(pairs)))


def read_reviews(driver: Driver, pairs: Iterable[Pair]) -> list[ReviewRow]:
    """All reviews of these pairs that move memory, in order."""
    found = driver.for_each("bigint", "review", is_pair("x.learner_id", "x.skill_id"))
    columns = ", ".join(f"x.{name}" for name in ReviewRow._fields)
    rows = driver.rows(f"SELECT {columns} {found}", driver.pairs(pairs))
    return _moving(as_reviews(sorted(rows)))


def _moving(rows: Iterable[ReviewRow]) -> list[ReviewRow]:
    """Those that move memory, by the columns' places, which Python reads in half the time of their names."""
    return [row for row in rows if row[4] is not None and row[5] > 0]


def by_pair_of(rows: Iterable[ReviewRow]) -> dict[Pair, list[ReviewRow]]:
    by_pair: dict[Pair, list[ReviewRow]] = {}
    for row in rows:
        by_pair.setdefault((row[0], row[1]), []).append(row)
    return by_pair
