"""One worker's turn at one feed: alone, from where the feed stands, until nothing is left or nothing is taken."""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from enum import StrEnum
from uuid import uuid4

from attrs import frozen

from reinforce.delivery.adapter import Adapter, Closes
from reinforce.delivery.driver import deliver
from reinforce.delivery.installed import make_adapter
from reinforce.delivery.retry import RetryPolicy
from reinforce.delivery.secrets import masked
from reinforce.delivery.source import Stall
from reinforce.errors import DeliveryStopped, ReinforceError, RunInProgress
from reinforce.feeds.rendering import Rendering
from reinforce.feeds.source import FeedSource, LogSource
from reinforce.model.checks import to_micros
from reinforce.statements.voice import Voice
from reinforce.store.feeds import Feed, FeedBook, FeedState
from reinforce.store.job_locks import job_lock
from reinforce.store.session import Store

LOCK = "feed"
BUSY = "another process is delivering it; it was left to that one"


class RunEnd(StrEnum):
    """How a delivery ended.

    `done`: everything has left; `stalled`: it stopped before; `waiting`: it is not time to try again; `paused`:
    somebody wants it to wait; `busy`: somebody else is at work on it.
    """

    DONE = "done"
    STALLED = "stalled"
    WAITING = "waiting"
    PAUSED = "paused"
    BUSY = "busy"


@frozen
class FeedRun:
    """What one delivery of a feed did.

    Attributes:
        feed: its name.
        end: how it ended.
        delivered: how many statements the destination took.
        rejected: how many became dead letters.
        reason: why not everything has left.
        retry_at: when it is tried again; None, where it is stalled or waits: when somebody says so.
    """

    feed: str
    end: RunEnd
    delivered: int = 0
    rejected: int = 0
    reason: str | None = None
    retry_at: datetime | None = None

    @property
    def is_ok(self) -> bool:
        """Whether nobody needs to look."""
        return not self.rejected and self.end not in (RunEnd.STALLED, RunEnd.WAITING)


@frozen(eq=False)
class Worker:
    """What is needed to work on a tenant's feeds.

    Attributes:
        store: the tenant's.
        voice: in which its statements are told; None: none are.
        environ: where secrets are.
        policy: how big, how fast and how patiently.
        clock: what time it is.
    """

    store: Store
    voice: Voice | None
    environ: Mapping[str, str]
    policy: RetryPolicy
    clock: Callable[[], datetime]

    def deliver(self, feed: Feed, source: type[FeedSource] = LogSource) -> FeedRun:
        """Hand on what a feed has, if it is its time and nobody else is at work on it.

        Args:
            feed: as it stands.
            source: the log, or its dead letters.
        """
        if feed.state is FeedState.PAUSED:
            return FeedRun(feed.name, RunEnd.PAUSED)
        if not feed.is_due(self.clock()):
            return FeedRun(feed.name, RunEnd.WAITING, reason=feed.last_error, retry_at=feed.retry_at)
        with ExitStack() as held:
            try:
                # It goes with a process that is killed; what it cannot know, such as a connection that was cut while
                # its process goes on, the claim finds out.
                held.enter_context(job_lock(self.store.database, feed.number, LOCK))
            except RunInProgress:
                return FeedRun(feed.name, RunEnd.BUSY, reason=BUSY)
            return self._claimed(feed, source)

    def rendering(self, feed: Feed) -> Rendering:
        """How a feed sees the log.

        Raises:
            InvalidValue: the secret of its account names is missing.
        """
        policy = None if feed.actors is None else feed.actors.policy(self.environ)
        return Rendering(feed, self.store.tenant, self.voice, policy)

    @contextmanager
    def adapter(self, feed: Feed) -> Iterator[Adapter]:
        """What hands a feed's statements on, closed in the end.

        Raises:
            AdapterNotFound, InvalidSettings, MissingExtra: it cannot be had.
        """
        made = make_adapter(feed.adapter, feed.settings, environ=self.environ)
        try:
            yield made
        finally:
            if isinstance(made, Closes):
                made.close()

    def mask(self, feed: Feed) -> Callable[[str], str]:
        """What takes the secrets of a feed's destination out of a text."""
        return lambda text: masked(text, feed.settings, self.environ)

    def _claimed(self, feed: Feed, kind: type[FeedSource]) -> FeedRun:
        worker, now = uuid4().hex, to_micros(self.clock())
        with self.store.write(now) as session:
            book = FeedBook(session.driver, session.tenant_id)
            book.claim(feed, worker)
            feed = book.claimed(feed.number, worker)
        try:
            rendering = self.rendering(feed)
            with self.adapter(feed) as adapter:
                return self._run(adapter, kind(self.store, feed, worker, rendering, self.clock, self.mask(feed)))
        except RunInProgress as problem:
            return FeedRun(feed.name, RunEnd.BUSY, reason=str(problem))
        except ReinforceError as problem:
            # What is wrong here may be right elsewhere, or the next time: there is no need to wait for somebody.
            reason = self.mask(feed)(str(problem))
            with self.store.write(now) as session:
                FeedBook(session.driver, session.tenant_id).stall(
                    feed.number, worker, reason, now, feed.failures + 1, now
                )
            return FeedRun(feed.name, RunEnd.STALLED, reason=reason, retry_at=self.clock())

    def _run(self, adapter: Adapter, source: FeedSource) -> FeedRun:
        name, chance = source.feed.name, random.SystemRandom().random
        try:
            stall = deliver(adapter, source, self.policy, clock=self.clock, sleep=time.sleep, random=chance).stall
        except DeliveryStopped as stop:  # by the source
            stall = Stall(str(stop), None, source.failures + 1)
            source.stalled(stall)
        except RunInProgress as problem:
            return FeedRun(name, RunEnd.BUSY, source.delivered, source.rejected, str(problem))
        if stall is not None:
            reason = source.mask(stall.reason)
            return FeedRun(name, RunEnd.STALLED, source.delivered, source.rejected, reason, stall.retry_at)
        end = RunEnd.PAUSED if source.is_paused else RunEnd.DONE
        return FeedRun(name, end, source.delivered, source.rejected)
