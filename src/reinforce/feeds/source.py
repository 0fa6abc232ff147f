"""Where a feed's statements come from while they are delivered: the log behind its cursor, or its dead letters."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime

from attrs import define, field, frozen

from reinforce.delivery.outgoing import Delivered, Outcome, Outgoing, Rejected
from reinforce.delivery.source import Stall
from reinforce.errors import DeliveryStopped
from reinforce.feeds.rendering import Rendering, with_attachments
from reinforce.model.checks import to_micros
from reinforce.store.feeds import Feed, FeedBook, FeedState
from reinforce.store.log_places import Cursor, read_in_order
from reinforce.store.session import Session, Store
from reinforce.store.statements import StatementLog

MOST_LOOKED_AT = 10_000
"""So many statements are looked into for one batch; then what was found is sent, and the feed's place is kept."""

MOST_REFUSED = 100
"""So many statements that cannot be told as a feed asks, and none that can, are a fault of what it asks."""


@frozen
class Entry:
    """A statement on its way.

    Attributes:
        place: where it stands in the log.
        leaves: what leaves for it; `Rejected`: it cannot be told as the feed asks; None: there is nothing any more.
    """

    place: Cursor
    leaves: Outgoing | Rejected | None


@define(eq=False)
class FeedSource(ABC):
    """What both sources share: whose turn it is, and how outcomes are kept.

    Each call has a transaction of its own, and none is open between them.

    Attributes:
        store: the tenant's.
        feed: as it stood at the beginning.
        worker: who has claimed it.
        rendering: how the feed sees the log.
        clock: what time it is.
        mask: takes secrets out of a text.
        delivered: how many statements the destination took.
        rejected: how many became dead letters, also of those that could not be told as the feed asks.
        is_paused: whether it ended because somebody has paused the feed.
    """

    store: Store
    feed: Feed
    worker: str
    rendering: Rendering
    clock: Callable[[], datetime]
    mask: Callable[[str], str]
    delivered: int = field(default=0, init=False)
    rejected: int = field(default=0, init=False)
    is_paused: bool = field(default=False, init=False)
    _failures: int = field(default=0, init=False)
    _entries: list[Entry] = field(factory=list, init=False)
    _end: Cursor = field(default=Cursor(), init=False)

    def __attrs_post_init__(self) -> None:
        self._failures = self.feed.failures

    @property
    def failures(self) -> int:
        """Stops in a row, without anything settled in between."""
        return self._failures

    def next_batch(self, limit: int) -> Sequence[Outgoing]:
        """The next statements; none: everything has left, or somebody has paused the feed.

        Raises:
            RunInProgress: somebody else has changed or taken over the feed.
            DeliveryStopped: too many statements cannot be told as the feed asks.
        """
        while True:
            with self.store.read_in_transaction() as session:
                feed = FeedBook(session.driver, session.tenant_id).claimed(self.feed.number, self.worker)
                self.is_paused = feed.state is FeedState.PAUSED
                if self.is_paused:
                    return ()
                is_more = self.look(session, feed, limit)
                if self.batch:
                    return [with_attachments(session, one) for one in self.batch]
            if not is_more:
                return ()
            self._pass_over()

    def advance(self, outcomes: Sequence[Outcome]) -> None:
        """Keep what became of the first statements of the last batch.

        Raises:
            RunInProgress: somebody else has changed or taken over the feed.
        """
        settled, reached = self._settled(len(outcomes))
        told = iter(outcomes)
        final = [next(told) if isinstance(one.leaves, Outgoing) else one.leaves for one in settled]
        self._keep(reached, settled, final, len(outcomes), sum(isinstance(one, Delivered) for one in outcomes))
        self._failures = 0

    def stalled(self, stall: Stall) -> None:
        """Keep why nothing leaves.

        Raises:
            RunInProgress: somebody else has changed or taken over the feed.
        """
        self._failures = stall.failures
        now = to_micros(self.clock())
        retry_at = None if stall.retry_at is None else to_micros(stall.retry_at)
        with self.store.write(now) as session:
            book = FeedBook(session.driver, session.tenant_id)
            book.stall(self.feed.number, self.worker, self.mask(stall.reason), retry_at, stall.failures, now)

    def look(self, session: Session, feed: Feed, limit: int) -> bool:
        """Find the next batch, of `limit` statements at most; whether there was anything to look at.

        Args:
            session: to read with.
            feed: as it stands.
            limit: how many may leave at once.
        """
        self.rendering.begin(session)
        self._entries = []
        return self._look(session, feed, limit)

    @property
    def batch(self) -> list[Outgoing]:
        """What leaves next, of what was looked at last."""
        return [one.leaves for one in self._entries if isinstance(one.leaves, Outgoing)]

    @abstractmethod
    def _look(self, session: Session, feed: Feed, limit: int) -> bool:
        """Find the next entries."""

    @abstractmethod
    def _cursor(self, reached: Cursor) -> Cursor:
        """Where the feed stands when everything up to a place is settled."""

    def _settled(self, count: int) -> tuple[list[Entry], Cursor]:
        """The entries up to the last of so many that left, and the place that is reached with them."""
        leaving = [number for number, one in enumerate(self._entries) if isinstance(one.leaves, Outgoing)]
        if count >= len(leaving):
            return self._entries, self._end
        settled = self._entries[: leaving[count - 1] + 1]
        return settled, settled[-1].place

    def _pass_over(self) -> None:
        """Move on behind statements of which none leaves."""
        refused = [one.leaves for one in self._entries if isinstance(one.leaves, Rejected)]
        if len(refused) >= MOST_REFUSED:
            raise DeliveryStopped(
                f"{len(refused)} statements and none that can be told as the feed asks; the first: {refused[0].reason}",
                is_permanent=True,
            )
        unsent = [one.leaves for one in self._entries if not isinstance(one.leaves, Outgoing)]
        self._keep(self._end, self._entries, unsent, 0, 0)

    def _keep(
        self, reached: Cursor, settled: Sequence[Entry], final: Sequence[Outcome | None], count: int, delivered: int
    ) -> None:
        letters = [
            (entry.place.seq, outcome.id, self.mask(outcome.reason))
            for entry, outcome in zip(settled, final, strict=True)
            if isinstance(outcome, Rejected)
        ]
        now = to_micros(self.clock())
        number = self.feed.number
        with self.store.write(now) as session:
            book = FeedBook(session.driver, session.tenant_id)
            place = self._cursor(reached)
            book.advance(number, self.worker, place, now, settled=count, delivered=delivered)
            book.settle_letters(number, [one.place.seq for one in settled], letters, now)
        self.delivered += delivered
        self.rejected += len(letters)


@define(eq=False)
class LogSource(FeedSource):
    """The statement log behind the feed's cursor, as far as its filter lets it through."""

    def _look(self, session: Session, feed: Feed, limit: int) -> bool:
        self._end = feed.cursor
        log = StatementLog(session.driver, session.tenant_id)
        read_in_order(session.driver)
        looked, leaving = 0, 0
        while leaving < limit and looked < MOST_LOOKED_AT:
            page = log.after(self._end, limit)
            if not page:
                break
            for stored in page:
                self._end = Cursor(stored.xact, stored.seq)
                looked += 1
                leaves = self.rendering.render(session, stored)
                if leaves is not None:
                    self._entries.append(Entry(self._end, leaves))
                    leaving += isinstance(leaves, Outgoing)
                if leaving == limit:
                    break
        return looked > 0

    def _cursor(self, reached: Cursor) -> Cursor:
        return reached


@define(eq=False)
class LetterSource(FeedSource):
    """The feed's dead letters, each once, by their places in the log; the feed stays where it is."""

    _after: int = field(default=0, init=False)

    def _look(self, session: Session, feed: Feed, limit: int) -> bool:
        log = StatementLog(session.driver, session.tenant_id)
        letters = FeedBook(session.driver, session.tenant_id).dead_letters(feed, self._after, limit)
        known = {one.id: one for one in log.by_ids([letter.statement_id for letter in letters])}
        self.feed = feed
        for letter in letters:
            stored = known.get(letter.statement_id)
            leaves = None if stored is None else self.rendering.told(session, stored)
            self._entries.append(Entry(Cursor(0, letter.seq), leaves))
            self._end = self._entries[-1].place
        return bool(letters)

    def _cursor(self, reached: Cursor) -> Cursor:
        self._after = reached.seq
        return self.feed.cursor
