"""The reviews of a batch written to the log and folded into memory, column by column; see `folding.add`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

import numpy as np
from attrs import frozen

from reinforce.forgetting.curve import Flags, Ints
from reinforce.forgetting.states import States
from reinforce.store.binary_rows import decoded, encoded
from reinforce.store.driver import Driver, is_pair, types_of
from reinforce.store.folding import (
    MEMORY_COLUMNS_OF_X,
    PUT_MEMORY,
    REPLACE_MEMORY,
    Folded,
    by_pair_of,
    postponed,
    read_reviews,
)
from reinforce.store.many_pairs import fold_columns
from reinforce.store.means import Means
from reinforce.store.pair_columns import MemoryColumns, ReviewColumns, as_lists, pairs_of
from reinforce.store.pair_rows import MemoryRow, Pair, ReviewRow

V = TypeVar("V")


@frozen(eq=False)
class WhenAsked(Mapping[Pair, V]):
    """A mapping that is made when somebody looks into it: of most batches nobody is told."""

    make: Callable[[], Mapping[Pair, V]]

    @cached_property
    def _made(self) -> Mapping[Pair, V]:
        return self.make()

    def __getitem__(self, pair: Pair) -> V:
        return self._made[pair]

    def __iter__(self) -> Iterator[Pair]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


def _insert(driver: Driver, reviews: ReviewColumns) -> None:
    if driver.dialect == "sqlite" or reviews.has_null:
        driver.insert_columns("review", ReviewRow._fields, reviews.lists)
    else:
        driver.insert("review", ReviewRow._fields, encoded(types_of("review", ReviewRow._fields), reviews.columns))


def add(driver: Driver, means: Means, new: ReviewColumns) -> Folded:
    """Write reviews to the log, and fold them into memory.

    Args:
        driver: within the transaction, after the pairs' learners were locked.
        means: what memories are made with.
        new: in order.
    """
    _insert(driver, new)
    reviews = new.moving()
    if not reviews:
        return Folded((), {}, {}, (), means)
    codes, begins, counts = _pairs(reviews)
    before = _read(driver, codes)
    known = np.searchsorted(codes, before.codes)
    firsts = [reviews.event_id[begin] for begin in begins[known].tolist()]
    is_late = _are_late(before, firsts, means.parameters.id)
    if is_late.any():
        late = codes[known[is_late]]
        reviews = _with_all(driver, reviews, late)
        _, _, counts = _pairs(reviews)
    start, generations = States.unknown(len(codes)), np.zeros(len(codes), dtype=np.int64)
    start.put(known[~is_late], before.states.take(np.flatnonzero(~is_late)))
    generations[known] = np.where(is_late, 0, before.generation)
    after = fold_columns(means, reviews, counts, start, generations)
    if is_late.any():
        after = MemoryColumns.of(list(zip(*postponed(driver, after.rows), strict=True)))
    _put(driver, after, np.isin(after.codes, before.codes))
    return Folded(
        after,
        WhenAsked(lambda: {row[:2]: row for row in before.rows}),
        WhenAsked(lambda: by_pair_of(reviews.rows)),
        set(pairs_of(codes[known[is_late]])),
        means,
    )


def _pairs(reviews: ReviewColumns) -> tuple[Ints, Ints, Ints]:
    """Each pair's number, where its reviews begin, and how many they are."""
    codes = reviews.codes
    begins = np.flatnonzero(np.diff(codes, prepend=-1))
    return codes[begins], begins, np.diff(np.append(begins, len(codes)))


def _are_late(before: MemoryColumns, firsts: Sequence[bytes], parameter_set_id: int) -> Flags:
    """Whether each memory must be folded again, the first new review of its pair being this."""
    comes_before = [first <= last for first, last in zip(firsts, before.last_event, strict=True)]
    return np.asarray(np.array(comes_before, dtype=bool) | (before.parameter_set_id != parameter_set_id))


def _with_all(driver: Driver, reviews: ReviewColumns, late: Ints) -> ReviewColumns:
    """The reviews with all that the log has of these pairs in the place of the new ones."""
    others = reviews.take(np.flatnonzero(~np.isin(reviews.codes, late)))
    return ReviewColumns.of([*others.rows, *read_reviews(driver, pairs_of(late))]).by_pair()


def _read(driver: Driver, codes: Ints) -> MemoryColumns:
    """The memories of these pairs."""
    found = driver.for_each("number", "memory", is_pair("x.learner_id", "x.skill_id"))
    if driver.dialect == "sqlite":
        rows = driver.rows(f"SELECT {MEMORY_COLUMNS_OF_X} {found}", driver.many(codes.tolist()))
        return MemoryColumns.of(list(zip(*rows, strict=True)) or _NOTHING)
    data = driver.copied(f"SELECT {MEMORY_COLUMNS_OF_X} {found}", codes.tolist())
    return MemoryColumns.of(decoded(types_of("memory", MemoryRow._fields), data))


_NOTHING = ((),) * len(MemoryRow._fields)


def _put(driver: Driver, memories: MemoryColumns, was_there: Flags) -> None:
    """Write memories in the place of those of their pairs, or as the first of them."""
    if driver.dialect == "sqlite":
        driver.run_columns(PUT_MEMORY, as_lists(memories.columns))
        return
    types = types_of("memory", MemoryRow._fields)
    first, others = (memories.take(np.flatnonzero(which)) for which in (~was_there, was_there))
    if first:
        driver.insert("memory", MemoryRow._fields, encoded(types, first.columns))
    if others:
        driver.upsert("memory", MemoryRow._fields, encoded(types, others.columns), REPLACE_MEMORY)
