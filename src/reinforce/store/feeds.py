"""Feeds as they are kept: where each stands in the statement log, how it fares, and what its destination refused."""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from attrs import field, frozen

from reinforce.errors import InvalidValue, NotFound, RunInProgress
from reinforce.model.checks import from_micros, storable
from reinforce.statements.feed import FeedActors, FeedFilter, Whose
from reinforce.store.documents import document, value_of
from reinforce.store.driver import Driver, Row
from reinforce.store.log_places import Cursor
from reinforce.store.statements import Origin

LONGEST_REASON = 1000
MOST_COUNTED = 1_000_000
"""A backlog is counted no further."""


class FeedState(StrEnum):
    """How a feed fares: `stalled`: its destination took nothing last time; `paused`: somebody wants it to wait."""

    RUNNING = "running"
    STALLED = "stalled"
    PAUSED = "paused"


@frozen(kw_only=True)
class Feed:
    """A feed, and where it stands.

    Attributes:
        number: in the database.
        adapter: the name of the adapter that hands its statements on.
        settings: of the destination; a secret stands in it as `{"env": NAME}`, never as itself.
        filter: which statements it lets through.
        actors: how it names our learners; None: as the log does.
        start: the place behind which it began.
        cursor: the place up to which everything has left or is a dead letter.
        delivered: how many statements the destination took, repeated ones counted again.
        delivered_at: when it took some last.
        failures: how many stops in a row there were since.
        failed_at: when something went wrong last.
        last_error: what that was.
        retry_at: when a stalled feed is tried again; None: when somebody says so.
    """

    number: int
    name: str
    adapter: str
    settings: Mapping[str, Any] = field(hash=False)
    filter: FeedFilter
    actors: FeedActors | None
    state: FeedState
    start: Cursor
    cursor: Cursor
    delivered: int
    delivered_at: datetime | None
    failures: int
    failed_at: datetime | None
    retry_at: datetime | None
    last_error: str | None
    created_at: datetime

    def is_due(self, at: datetime) -> bool:
        """Whether it may deliver at a moment: it is neither paused nor waiting for its destination to come back."""
        if self.state is FeedState.STALLED:
            return self.retry_at is not None and self.retry_at <= at
        return self.state is FeedState.RUNNING


@frozen
class DeadLetter:
    """A statement that a destination refused for good.

    Attributes:
        seq: the statement's number in the log.
        reason: in the destination's words where it gave any.
    """

    seq: int
    statement_id: UUID
    reason: str
    rejected_at: datetime


@frozen
class Backlog:
    """What a feed has not come to yet.

    Attributes:
        statements: how many of the log, before its filter looks into them; counted up to a million.
        oldest: when the first of them was stored.
        dead_letters: how many its destination refused.
    """

    statements: int
    oldest: datetime | None
    dead_letters: int


_COLUMNS = (
    "id, name, adapter, settings, filter, actors, state, start_xact, start_seq, xact, seq, delivered, delivered_at,"
    " failures, failed_at, retry_at, last_error, created_at"
)


class FeedBook:
    """One tenant's feeds, within one transaction."""

    def __init__(self, driver: Driver, tenant_id: int) -> None:
        self._driver = driver
        self._tenant_id = tenant_id

    # ------------------------------------------------------------ what there is

    def all(self) -> list[Feed]:
        """Every feed, by name."""
        sql = f"SELECT {_COLUMNS} FROM {{feed}} WHERE tenant_id = ? ORDER BY name"
        return [_feed(row) for row in self._driver.rows(sql, self._tenant_id)]

    def find(self, name: str) -> Feed:
        """The feed of that name.

        Raises:
            NotFound: there is none.
        """
        feeds = self.all()
        for feed in feeds:
            if feed.name == name:
                return feed
        known = ", ".join(feed.name for feed in feeds) or "none"
        raise NotFound(f"there is no feed {name!r}; there are: {known}")

    def backlog(self, feed: Feed) -> Backlog:
        """What a feed has not come to yet."""
        where, parameters = _origin(feed.filter)
        count, oldest = self._driver.rows(
            "SELECT count(*), min(stored_at) FROM (SELECT stored_at FROM {statement}"
            f" WHERE tenant_id = ? AND (xact, seq) > (?, ?){where} LIMIT ?) AS waiting",
            *(self._tenant_id, *feed.cursor, *parameters, MOST_COUNTED),
        )[0]
        letters = self._driver.rows("SELECT count(*) FROM {dead_letter} WHERE feed_id = ?", feed.number)[0][0]
        return Backlog(count, _moment(oldest), letters)

    def dead_letters(self, feed: Feed, after: int = 0, limit: int = 100) -> list[DeadLetter]:
        """What its destination refused, by the numbers of the statements, behind one of them."""
        rows = self._driver.rows(
            "SELECT seq, statement_id, reason, rejected_at FROM {dead_letter}"
            " WHERE feed_id = ? AND tenant_id = ? AND seq > ? ORDER BY seq LIMIT ?",
            *(feed.number, self._tenant_id, after, limit),
        )
        return [DeadLetter(seq, UUID(bytes=bytes(raw)), why, from_micros(when)) for seq, raw, why, when in rows]

    # ------------------------------------------------------------ what people do with feeds

    def add(
        self,
        name: str,
        adapter: str,
        settings: Mapping[str, Any],
        filter_: FeedFilter,
        actors: FeedActors | None,
        start: Cursor,
        now: int,
    ) -> None:
        """Keep a new feed that begins behind a place.

        Raises:
            InvalidValue: there is one of that name.
        """
        added = self._driver.run(
            "INSERT INTO {feed} (tenant_id, name, adapter, settings, filter, actors, state, start_xact, start_seq,"
            " xact, seq, delivered, failures, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?)"
            " ON CONFLICT (tenant_id, name) DO NOTHING",
            *(self._tenant_id, name, adapter, *_documents(settings, filter_, actors), FeedState.RUNNING.value),
            *(*start, *start, now),
        )
        if not added:
            raise InvalidValue(f"there is a feed {name!r} already: name another, or pass --replace or replace=True")

    def replace(
        self, feed: Feed, adapter: str, settings: Mapping[str, Any], filter_: FeedFilter, actors: FeedActors | None
    ) -> None:
        """Send a feed elsewhere or otherwise from where it stands; whoever works on it stops."""
        self._driver.run(
            "UPDATE {feed} SET adapter = ?, settings = ?, filter = ?, actors = ?, worker = NULL WHERE id = ?",
            *(adapter, *_documents(settings, filter_, actors), feed.number),
        )

    def pause(self, feed: Feed) -> None:
        """Let nothing leave until it is resumed."""
        self._driver.run("UPDATE {feed} SET state = ? WHERE id = ?", FeedState.PAUSED.value, feed.number)

    def wake(self, feed: Feed) -> None:
        """Let a paused or stalled feed be tried at once."""
        self._driver.run(
            "UPDATE {feed} SET state = ?, failures = 0, retry_at = NULL WHERE id = ?",
            *(FeedState.RUNNING.value, feed.number),
        )

    def set_back(self, feed: Feed, place: Cursor) -> bool:
        """Begin again behind a place, if that lies before the feed; whoever works on it stops."""
        if place >= feed.cursor:
            return False
        start = min(place, feed.start)
        self._driver.run(
            "UPDATE {feed} SET xact = ?, seq = ?, start_xact = ?, start_seq = ?, worker = NULL WHERE id = ?",
            *(*place, *start, feed.number),
        )
        return True

    def remove(self, feed: Feed) -> None:
        """Forget a feed and its dead letters."""
        self.forget_letters(feed)
        self._driver.run("DELETE FROM {feed} WHERE id = ?", feed.number)

    def forget_letters(self, feed: Feed) -> int:
        """Forget its dead letters; how many there were."""
        return self._driver.run("DELETE FROM {dead_letter} WHERE feed_id = ?", feed.number)

    # ------------------------------------------------------------ what a worker does with a feed

    def claim(self, feed: Feed, worker: str) -> None:
        """Become the one whose changes count; whoever was it before finds out at the next step."""
        self._driver.run("UPDATE {feed} SET worker = ? WHERE id = ?", worker, feed.number)

    def claimed(self, number: int, worker: str) -> Feed:
        """The feed as it stands now.

        Raises:
            RunInProgress: it is no longer this worker's.
        """
        rows = self._driver.rows(f"SELECT {_COLUMNS} FROM {{feed}} WHERE id = ? AND worker = ?", number, worker)
        if not rows:
            raise RunInProgress(CHANGED)
        return _feed(rows[0])

    def advance(self, number: int, worker: str, cursor: Cursor, now: int, *, settled: int, delivered: int) -> None:
        """Move the cursor to a place.

        Args:
            number: the feed's.
            worker: who has claimed it.
            cursor: the place.
            now: in microseconds.
            settled: of how many statements the destination has said what becomes of them; if any, the feed fares well.
            delivered: how many of these it took.

        Raises:
            RunInProgress: it is no longer this worker's.
        """
        well = ", failures = 0, retry_at = NULL, state = CASE state WHEN 'stalled' THEN 'running' ELSE state END"
        moved = self._driver.run(
            "UPDATE {feed} SET xact = ?, seq = ?, delivered = delivered + ?,"
            f" delivered_at = CASE WHEN ? > 0 THEN ? ELSE delivered_at END{well if settled else ''}"
            " WHERE id = ? AND worker = ?",
            *(*cursor, delivered, delivered, now, number, worker),
        )
        if not moved:
            raise RunInProgress(CHANGED)

    def settle_letters(
        self, number: int, settled: Collection[int], letters: Iterable[tuple[int, UUID, str]], now: int
    ) -> None:
        """Keep what was refused, and forget what had been refused before among the statements that are settled now."""
        if settled:
            sql = "DELETE FROM {dead_letter} WHERE feed_id = ? AND seq {in}"
            self._driver.run(sql, number, self._driver.many(settled))
        columns = ("feed_id", "seq", "tenant_id", "statement_id", "reason", "rejected_at")
        rows = [
            (number, seq, self._tenant_id, one.bytes, storable(reason, LONGEST_REASON), now)
            for seq, one, reason in letters
        ]
        self._driver.upsert("dead_letter", columns, rows, "(feed_id, seq) DO NOTHING")

    def stall(self, number: int, worker: str, reason: str, retry_at: int | None, failures: int, now: int) -> None:
        """Keep why nothing leaves.

        Raises:
            RunInProgress: it is no longer this worker's.
        """
        kept = self._driver.run(
            "UPDATE {feed} SET last_error = ?, retry_at = ?, failures = ?, failed_at = ?,"
            " state = CASE state WHEN 'paused' THEN state ELSE 'stalled' END WHERE id = ? AND worker = ?",
            *(storable(reason, LONGEST_REASON), retry_at, failures, now, number, worker),
        )
        if not kept:
            raise RunInProgress(CHANGED)


CHANGED = "somebody else has changed or taken over the feed; what was delivered counts, the rest was left to them"


def _documents(
    settings: Mapping[str, Any], filter_: FeedFilter, actors: FeedActors | None
) -> tuple[str, str, str | None]:
    plain = json.dumps(dict(settings), ensure_ascii=False, allow_nan=False)
    return plain, document(filter_), None if actors is None else document(actors)


def _origin(filter_: FeedFilter) -> tuple[str, tuple[int, ...]]:
    if filter_.whose is Whose.ALL:
        return "", ()
    return " AND origin = ?", (int(Origin.OURS if filter_.whose is Whose.OURS else Origin.RECEIVED),)


def _feed(row: Row) -> Feed:
    number, name, adapter, settings, filter_, actors, state, start_xact, start_seq, xact, seq, delivered, *rest = row
    delivered_at, failures, failed_at, retry_at, last_error, created_at = rest
    return Feed(
        number=number,
        name=name,
        adapter=adapter,
        settings=json.loads(settings),
        filter=value_of(filter_, FeedFilter),
        actors=None if actors is None else value_of(actors, FeedActors),
        state=FeedState(state),
        start=Cursor(start_xact, start_seq),
        cursor=Cursor(xact, seq),
        delivered=delivered,
        delivered_at=_moment(delivered_at),
        failures=failures,
        failed_at=_moment(failed_at),
        retry_at=_moment(retry_at),
        last_error=last_error,
        created_at=from_micros(created_at),
    )


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
