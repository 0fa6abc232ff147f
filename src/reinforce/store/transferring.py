"""The practice log of a tenant as it leaves for another database, and as it comes in from one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import frozen

from reinforce.errors import EventConflict
from reinforce.store.driver import Driver
from reinforce.store.event_rows import EVENT_COLUMNS, EventRow
from reinforce.store.logged import LOGGED_COLUMNS, LOGGED_JOINS, LoggedRow
from reinforce.store.pair_rows import ReviewRow
from reinforce.store.review_pages import reviews_of_page
from reinforce.store.voids import VOID_COLUMNS, VoidColumns, voided_reviews

EVENTS_AT_ONCE = 20_000


@frozen
class ReviewWithKey:
    """A review with the key of its skill.

    Attributes:
        implicit: whether it was practised by way of another skill.
        generation: number of the close of the calibration that learns it.
    """

    skill: str
    day: int
    rating: int | None
    weight: float
    implicit: int
    generation: int


@frozen
class VoidWithKeys:
    """That an event does not count any more.

    Attributes:
        voided_at: in microseconds.
        reason: for the log.
        generation: the first close of the calibration that no longer knows the event.
        reviews: those that it had.
    """

    voided_at: int
    reason: str
    generation: int
    reviews: tuple[ReviewWithKey, ...]


@frozen
class LogEntry:
    """An event of the log with all that belongs to it.

    Attributes:
        voided: None: it counts.
    """

    row: LoggedRow
    voided: VoidWithKeys | None
    reviews: tuple[ReviewWithKey, ...]


def log_entries(driver: Driver, tenant_id: int) -> Iterator[LogEntry]:
    """Every event of a tenant by its id, in constant memory."""
    after = b""
    skills: dict[int, str] = dict(driver.rows("SELECT id, key FROM {skill} WHERE tenant_id = ?", tenant_id))
    while True:
        rows = driver.rows(
            f"SELECT {LOGGED_COLUMNS}, v.voided_at, v.reason, v.generation, v.reviews FROM {{practice_event}} e"
            + LOGGED_JOINS
            + " LEFT JOIN {practice_void} v ON v.tenant_id = e.tenant_id AND v.event_id = e.id"
            f" WHERE e.tenant_id = ? AND e.id > ? ORDER BY e.id LIMIT {EVENTS_AT_ONCE}",
            tenant_id,
            after,
        )
        if not rows:
            return
        reviews = reviews_of_page(driver, tenant_id, after, rows[-1][0])
        for *columns, voided_at, reason, generation, kept in rows:
            row = LoggedRow._make(columns)
            voided = None
            if voided_at is not None:
                had = (ReviewWithKey(skills[one.skill_id], *one[3:]) for one in voided_reviews(0, row.id, kept))
                voided = VoidWithKeys(voided_at, reason, generation, tuple(had))
            yield LogEntry(row, voided, _with_keys(reviews.get(row.id, ()), skills))
        after = rows[-1][0]


def _with_keys(reviews: Iterable[ReviewRow], skills: Mapping[int, str]) -> tuple[ReviewWithKey, ...]:
    """Reviews in the order of their skills' keys."""
    named = (ReviewWithKey(skills[one.skill_id], *one[3:]) for one in reviews)
    return tuple(sorted(named, key=lambda one: one.skill))


def insert_entries(
    driver: Driver,
    tenant_id: int,
    entries: Sequence[tuple[EventRow, Sequence[ReviewRow], VoidColumns | None]],
) -> int:
    """Write events of another log, with their reviews and voids; memories are still to be replayed.

    Events that are there already are left as they are.

    Returns:
        How many are new.

    Raises:
        EventConflict: an id is there already with different content.
    """
    known = _known(driver, tenant_id, [row.id for row, _, _ in entries])
    for row, _, _ in entries:
        if row.id in known and known[row.id].content != row.content:
            raise EventConflict(
                f"event {row.external_id!r} of source {row.source!r} is recorded already with different content"
            )
    new = [entry for entry in entries if entry[0].id not in known]
    driver.insert("practice_event", EventRow._fields, [row for row, _, _ in new])
    driver.insert("review", ReviewRow._fields, [review for _, reviews, _ in new for review in reviews])
    driver.insert(
        "practice_void",
        VOID_COLUMNS,
        [(row.id, tenant_id, *voided) for row, _, voided in new if voided is not None],
    )
    return len(new)


def _known(driver: Driver, tenant_id: int, ids: Sequence[bytes]) -> dict[bytes, EventRow]:
    rows = driver.rows(
        f"SELECT {EVENT_COLUMNS} FROM {{practice_event}} e WHERE e.tenant_id = ? AND e.id BETWEEN ? AND ?",
        tenant_id,
        min(ids),
        max(ids),
    )
    wanted = set(ids)
    return {row[0]: EventRow._make(row) for row in rows if row[0] in wanted}
