"""Events into the log, and from there into memory, in one transaction."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

from attrs import evolve, frozen

from reinforce.errors import EventConflict, ReinforceError
from reinforce.model.practice import PracticeEvent
from reinforce.store import folding
from reinforce.store.driver import Driver, Row
from reinforce.store.event_rows import IS_EVENT, EventRow, EventRows, Names, Writing, event_row
from reinforce.store.folding import Folded
from reinforce.store.generation import sight
from reinforce.store.locks import lock_learners
from reinforce.store.means import Means
from reinforce.store.pair_rows import MemoryRow, ReviewRow, as_reviews
from reinforce.store.parameters import present_of
from reinforce.store.plain_event import known_pair, may_be_plain, plain_rows, write_plain
from reinforce.store.resolving import people, refreshers, skills

_LEARNER, _SOURCE, _EXTERNAL_ID, _REVISION, _REFRESHER = map(
    EventRow._fields.index, ("learner_id", "source", "external_id", "revision", "refresher_id")
)

BATCH_FROM = 50
"""From so many events on, columns are worth their set-up."""


class StoredEvent(NamedTuple):
    """An event that is in the log already."""

    row: EventRow
    is_voided: bool


Stored = dict[tuple[str, str], list[StoredEvent]]
"""By source and external id, every revision that is in the log, the latest first."""


@frozen
class Taken:
    """What became of a batch.

    Attributes:
        event_ids: one for each event; None for a faulty one.
        new: the places of those that were not there before.
        voided: the places of those that were there and have been voided.
        faults: the places of faulty events, with their errors.
        reviews: the effects of those that are new.
        folded: what they did to memory.
    """

    event_ids: Sequence[bytes | None]
    new: Sequence[int]
    voided: Sequence[int]
    faults: Sequence[tuple[int, ReinforceError]]
    names: Names
    reviews: Sequence[ReviewRow]
    folded: Folded

    @property
    def memories(self) -> Sequence[MemoryRow]:
        """The memories that changed."""
        return self.folded.after


def take(
    driver: Driver,
    writing: Writing,
    events: Sequence[PracticeEvent],
    revisions: Sequence[int],
    locked: Collection[str] = (),
) -> Taken:
    """Write events that are not yet there, with their reviews, and fold these into memory.

    Args:
        driver: within the transaction.
        writing: the surroundings.
        events: in any order.
        revisions: of each event; 0, or more for one that replaces a voided one.
        locked: learners whose memories nobody else can write any more; the others' are locked here.
    """
    learners = {event.learner for event in events}
    if not learners.issubset(locked):
        lock_learners(driver, writing.tenant_id, learners)
    if len(events) == 1 and revisions[0] == 0 and (taken := _take_plain(driver, writing, events[0])):
        return taken
    names = names_of(driver, writing.tenant_id, events)
    if names.made not in (None, writing.made):
        # Somebody adopted others, or closed the calibration, before we had the lock.
        parameters, course = present_of(driver, writing.tenant_id)
        writing = evolve(writing, parameters=parameters, course=course)
    if len(events) >= BATCH_FROM and not any(revisions):
        found = _take_columns(driver, writing, names, events)
        if isinstance(found, Taken):
            return found
        stored = found
    else:
        stored = _stored_events(_ask_for_stored(driver, writing.tenant_id, events))
    rows_of = EventRows(writing, names)
    event_ids: list[bytes | None] = []
    faults: list[tuple[int, ReinforceError]] = []
    new: list[int] = []
    voided: list[int] = []
    rows: list[Row] = []
    new_rows: dict[tuple[str, str], Row] = {}
    reviews: list[Row] = []
    for place, (event, revision) in enumerate(zip(events, revisions, strict=True)):
        try:
            row = rows_of.event(event, revision)
            outside = (row[_SOURCE], row[_EXTERNAL_ID])
            if revision == 0 and (outside in new_rows or outside in stored):
                before = [_just_made(new_rows[outside])] if outside in new_rows else stored[outside]
                known = _recorded_as(EventRow._make(row), before)
                event_ids.append(known.row.id)
                if known.is_voided:
                    voided.append(place)
                continue
            reviews += rows_of.reviews(event, row[0])
            new_rows[outside] = row
            new.append(place)
            rows.append(row)
            event_ids.append(row[0])
        except ReinforceError as fault:
            event_ids.append(None)
            faults.append((place, fault))
    # In the order of their keys, in which SQLite keeps them: a batch is written in two thirds of the time.
    rows.sort()
    reviews.sort()
    return Taken(event_ids, new, voided, faults, names, *_write(driver, writing, names, rows, reviews))


def _take_columns(driver: Driver, writing: Writing, names: Names, events: Sequence[PracticeEvent]) -> Taken | Stored:
    """What `take` does with most batches of new events, in half of the time.

    Returns:
        What is stored of the events, if anything is, or if one of them is faulty or comes twice: nothing was done then.
    """
    from reinforce.store import batch_folding, event_columns  # late, for start-up: see docs/decisions/0017-start-up.md

    with driver.meanwhile():
        asked = _ask_for_stored(driver, writing.tenant_id, events)
        columns = event_columns.event_columns(writing, names, events)
        stored = _stored_events(asked)
    if stored or columns is None:
        return stored
    driver.insert_columns("practice_event", EventRow._fields, columns.events, lambda: columns.reviews)
    _close_assignments(driver, writing, zip(*(columns.events[place] for place in (_LEARNER, _REFRESHER)), strict=True))
    folded = batch_folding.add(driver, _means(driver, writing, names), columns.reviews)
    return Taken(columns.ids, range(len(events)), [], [], names, columns.reviews, folded)


def _take_plain(driver: Driver, writing: Writing, event: PracticeEvent) -> Taken | None:
    """What `take` does with a plain event that comes alone, in one query and three rows; None: it is not plain.

    Taken like this it costs half as much on SQLite, and a third on PostgreSQL.
    """
    known = known_pair(driver, writing.tenant_id, event) if may_be_plain(event, writing.latest) else None
    if known is None or known.tenant.names.made != writing.made:
        return None
    rows = plain_rows(known, writing, event)
    if rows is None:
        return None
    write_plain(driver, rows)
    pair = rows.review[:2]
    before = {pair: known.memory} if known.memory else {}
    folded = Folded([rows.memory], before, {pair: [rows.review]}, (), known.tenant.means)
    return Taken([rows.event[0]], [0], [], [], known.tenant.names, [rows.review], folded)


def names_of(driver: Driver, tenant_id: int, events: Sequence[PracticeEvent]) -> Names:
    """Look up all keys in a batch of events."""
    persons = {event.learner for event in events}
    persons.update(event.assessor for event in events if event.assessor is not None)
    named = {event.refresher for event in events if event.refresher is not None}
    known, made = people(driver, tenant_id, persons)
    return Names(
        known,
        skills(driver, tenant_id, {one.skill for event in events for one in event.outcomes}),
        refreshers(driver, tenant_id, named) if named else {},
        made,
    )


_COLUMNS = ", ".join(f"x.{name}" for name in EventRow._fields)
_VOIDED_AT = "SELECT voided_at FROM {practice_void} v WHERE v.tenant_id = x.tenant_id AND v.event_id = x.id"


def _ask_for_stored(driver: Driver, tenant_id: int, events: Sequence[PracticeEvent]) -> list[Callable[[], list[Row]]]:
    """Ask for every revision of each of these events that is in the log."""
    by_source: dict[str, list[str]] = {}
    for event in events:
        if event.external_id is not None:
            by_source.setdefault(event.source, []).append(event.external_id)
    sql = f"SELECT {_COLUMNS}, ({_VOIDED_AT}) {driver.for_each('key', 'practice_event', IS_EVENT)}"
    return [driver.ask(sql, driver.keys(ids), tenant_id, source) for source, ids in by_source.items()]


def _stored_events(asked: Iterable[Callable[[], list[Row]]]) -> Stored:
    stored: Stored = {}
    for found in asked:
        for *columns, voided_at in sorted(found(), key=lambda row: -row[_REVISION]):
            row = EventRow._make(columns)
            stored.setdefault((row.source, row.external_id), []).append(StoredEvent(row, voided_at is not None))
    return stored


def is_same(driver: Driver, writing: Writing, event: PracticeEvent, row: EventRow) -> bool:
    """Whether an event has the content of a row of the log."""
    names = names_of(driver, writing.tenant_id, [event])
    return event_row(writing, names, event, row.revision).content == row.content


def _just_made(row: Row) -> StoredEvent:
    return StoredEvent(EventRow._make(row), is_voided=False)


def _recorded_as(row: EventRow, revisions: Sequence[StoredEvent]) -> StoredEvent:
    """The revision that an event was recorded as already, the latest if several are the same.

    A client that sends an event again after it was corrected has recorded what it wanted to: what it sends
    neither stands against the correction nor brings the old one back.

    Raises:
        EventConflict: none has the same content.
    """
    for known in revisions:
        if row.content == known.row.content:
            return known
    latest = revisions[0]
    fields = ("occurred at", "learner", "kind", "assessor", "refresher", "outcomes", "context", "note")
    pairs = zip(fields, row.content, latest.row.content, strict=True)
    differing = ", ".join(name for name, new, old in pairs if new != old)
    raise EventConflict(
        f"event {row.external_id!r} of source {row.source!r} is recorded already{' and void' * latest.is_voided} "
        f"with different {differing}; to correct it, void it with a replacement"
    )


def _write(
    driver: Driver, writing: Writing, names: Names, rows: Sequence[Row], reviews: Sequence[Row]
) -> tuple[Sequence[ReviewRow], Folded]:
    driver.insert("practice_event", EventRow._fields, rows)
    driver.insert("review", ReviewRow._fields, reviews)
    _close_assignments(driver, writing, [(row[_LEARNER], row[_REFRESHER]) for row in rows])
    effects = as_reviews(reviews)
    return effects, folding.add(driver, _means(driver, writing, names), effects)


def _means(driver: Driver, writing: Writing, names: Names) -> Means:
    seeds = names.seeds
    seen = sight(driver, writing.tenant_id, writing.course.stamp, seeds)
    return Means(writing.parameters, seeds, names.skills.by_id, seen)


def _close_assignments(driver: Driver, writing: Writing, practised: Iterable[tuple[int, int | None]]) -> None:
    """Close the open assignments of refreshers that learners practised; None: no refresher was named."""
    driver.run_many(
        "UPDATE {assignment} SET status = 'done', closed_at = ?"
        " WHERE learner_id = ? AND refresher_id = ? AND status = 'open'",
        [(writing.now, learner, refresher) for learner, refresher in practised if refresher is not None],
    )
