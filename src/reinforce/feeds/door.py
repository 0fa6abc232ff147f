"""Feeds: what leaves, for where, and how it fares."""

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from attrs import frozen

from reinforce.delivery.installed import make_adapter
from reinforce.delivery.outgoing import CheckReport
from reinforce.delivery.retry import RetryPolicy
from reinforce.delivery.secrets import require_references, stand_ins, variables
from reinforce.errors import InvalidSettings, InvalidValue
from reinforce.feeds.examining import examination
from reinforce.feeds.source import LetterSource
from reinforce.feeds.working import FeedRun, Worker
from reinforce.model.checks import require_aware, require_key, to_micros
from reinforce.model.people import Team
from reinforce.model.skills import RoleProfile
from reinforce.moments import present, present_micros
from reinforce.statements.feed import FeedActors, FeedFilter
from reinforce.statements.json_bytes import check_plain
from reinforce.statements.voice import Voice
from reinforce.store.feeds import Backlog, DeadLetter, Feed, FeedBook, FeedState
from reinforce.store.log_places import Cursor, end_of_log, place_before
from reinforce.store.session import Session, Store

MOST_LETTERS = 1_000_000
"""Dead letters are refused one after the other without anything being wrong with the feed."""


@frozen
class FeedStatus:
    """A feed and what it has not come to yet."""

    feed: Feed
    backlog: Backlog


class Feeds:
    """A tenant's feeds; reached as `Reinforcer.feeds`.

    Args:
        store: the tenant's.
        voice: in which its statements are told; None: none are.
    """

    def __init__(self, store: Store, voice: Voice | None) -> None:
        self._store = store
        self._voice = voice

    # ------------------------------------------------------------ what there is

    def all(self) -> list[FeedStatus]:
        """Every feed with its backlog, by name."""
        with self._store.read() as session:
            book = _book(session)
            return [FeedStatus(feed, book.backlog(feed)) for feed in book.all()]

    def show(self, name: str) -> FeedStatus:
        """One feed with its backlog.

        Raises:
            NotFound: there is none of that name.
        """
        with self._store.read() as session:
            book = _book(session)
            feed = book.find(name)
            return FeedStatus(feed, book.backlog(feed))

    def dead_letters(self, name: str, *, after: int = 0, limit: int = 100) -> list[DeadLetter]:
        """What the destination of a feed refused, in the order of the log.

        Args:
            name: of the feed.
            after: the `seq` of the last one that is known already.
            limit: how many at most.
        """
        with self._store.read() as session:
            book = _book(session)
            return book.dead_letters(book.find(name), after, limit)

    def forget_dead_letters(self, name: str, *, at: datetime | None = None) -> int:
        """Want the dead letters of a feed delivered no more; how many there were."""
        with self._store.write(present_micros(at)) as session:
            book = _book(session)
            return book.forget_letters(book.find(name))

    # ------------------------------------------------------------ what there shall be

    def add(
        self,
        name: str,
        adapter: str,
        settings: Mapping[str, Any],
        *,
        filter: FeedFilter | None = None,  # noqa: A002 -- what it is called
        actors: FeedActors | None = None,
        from_beginning: bool = False,
        since: datetime | None = None,
        replace: bool = False,
        at: datetime | None = None,
    ) -> Feed:
        """Set up a feed; it begins with what is stored from now on, unless it is to begin before.

        Args:
            name: by which people call it.
            adapter: the name of an installed one, such as `lrs`.
            settings: of its destination; a secret stands in them as `{"env": NAME}`.
            filter: which statements it lets through; None: all of ours.
            actors: how it names our learners; None: as the log does.
            from_beginning: begin with the first statement of the log.
            since: begin with what was stored at this moment.
            replace: a feed of this name that is there shall go on from where it stands with all this.
            at: the present moment.

        Raises:
            InvalidValue: there is one of that name.
            InvalidSettings: the settings make no sense, or hold a secret.
            AdapterNotFound: there is no such adapter.
            NotFound: the filter names a team or role that is not defined.
        """
        require_key(name, "the name of a feed")
        self._try_settings(adapter, settings)
        wanted = filter or FeedFilter()
        now = present_micros(at)
        with self._store.write(now) as session:
            _require_defined(session, wanted)
            book = _book(session)
            known = next((one for one in book.all() if one.name == name), None)
            if replace and known is not None:
                book.replace(known, adapter, settings, wanted, actors)
            else:
                start = end_of_log(session.driver, session.tenant_id)
                if from_beginning or since is not None:
                    start = _place(session, since)
                book.add(name, adapter, settings, wanted, actors, start, now)
            return book.find(name)

    def missing_variables(self, name: str) -> list[str]:
        """The environment variables with secrets of a feed that are not set in this process."""
        feed = self.show(name).feed
        named = [*variables(feed.settings).values()]
        if feed.actors is not None and feed.actors.secret_variable is not None:
            named.append(feed.actors.secret_variable)
        return [one for one in named if one not in os.environ]

    def pause(self, name: str, *, at: datetime | None = None) -> Feed:
        """Let nothing leave until it is resumed; a batch that is under way is still finished."""
        return self._change(name, at, FeedBook.pause)

    def resume(self, name: str, *, at: datetime | None = None) -> Feed:
        """Let a paused feed go on from where it stands."""
        return self._change(name, at, lambda book, feed: book.wake(feed) if feed.state is FeedState.PAUSED else None)

    def backfill(self, name: str, *, since: datetime | None = None, at: datetime | None = None) -> FeedStatus:
        """Set a feed back, so that everything from a moment on leaves (again) with its next deliveries.

        A destination that knows statements by their ids keeps those that it has. A feed never skips anything: one that
        has not come so far yet stays where it is.

        Args:
            name: of the feed.
            since: what was stored at this moment or later; None: everything.
            at: the present moment.
        """
        with self._store.write(present_micros(at)) as session:
            book = _book(session)
            book.set_back(book.find(name), _place(session, since))
        return self.show(name)

    def remove(self, name: str, *, at: datetime | None = None) -> FeedStatus:
        """Forget a feed, where it stood and its dead letters; what it was at the end."""
        with self._store.write(present_micros(at)) as session:
            book = _book(session)
            feed = book.find(name)
            left = FeedStatus(feed, book.backlog(feed))
            book.remove(feed)
            return left

    def _change(self, name: str, at: datetime | None, change: Callable[[FeedBook, Feed], None]) -> Feed:
        with self._store.write(present_micros(at)) as session:
            book = _book(session)
            change(book, book.find(name))
            return book.find(name)

    # ------------------------------------------------------------ delivering

    def deliver(
        self, name: str | None = None, *, policy: RetryPolicy | None = None, at: datetime | None = None
    ) -> list[FeedRun]:
        """Hand on what has come since the last time; one feed, or all of them one after the other.

        A feed that another process is delivering is left to it. No transaction is open during a request, so this
        cannot be done within a host's own.

        Args:
            name: of the feed; None: all.
            policy: how big, how fast and how patiently.
            at: the present moment, at which time stands still; None: it goes on.

        Raises:
            NotFound: there is no feed of that name.
            InvalidSettings: the database was given as an open connection.
        """
        worker = self._worker(policy, at)
        feeds = [one.feed for one in self.all()] if name is None else [self.show(name).feed]
        return [worker.deliver(feed) for feed in feeds]

    def retry(self, name: str, *, policy: RetryPolicy | None = None, at: datetime | None = None) -> FeedRun:
        """Wake a feed that is stalled, and hand its dead letters on once more.

        Raises:
            NotFound: there is no feed of that name.
            InvalidSettings: the database was given as an open connection.
        """
        worker = self._worker(policy or RetryPolicy(most_rejected_in_a_row=MOST_LETTERS), at)
        feed = self._change(name, at, lambda book, feed: book.wake(feed) if feed.state is FeedState.STALLED else None)
        return worker.deliver(feed, LetterSource)

    def test(self, name: str, *, at: datetime | None = None) -> CheckReport:
        """Look whether a feed's destination would take what is sent, and what that would be; nothing is sent.

        Raises:
            NotFound: there is no feed of that name.
            InvalidSettings: the database was given as an open connection.
        """
        return examination(self._worker(None, at), self.show(name).feed)

    def _worker(self, policy: RetryPolicy | None, at: datetime | None) -> Worker:
        if self._store.database.is_hosted:
            raise InvalidSettings(
                "statements are not delivered within a transaction of the host's: give an engine or a URL"
            )
        return Worker(self._store, self._voice, os.environ, policy or RetryPolicy(), lambda: present(at))

    def _try_settings(self, adapter: str, settings: Mapping[str, Any]) -> None:
        """Refuse settings that the adapter does not understand, or that are not to be kept."""
        require_references(settings)
        try:
            check_plain(dict(settings))
        except InvalidValue as problem:
            raise InvalidSettings(f"the settings of a feed must be plain data: {problem}") from problem
        make_adapter(adapter, settings, environ={**stand_ins(settings), **os.environ})


def _book(session: Session) -> FeedBook:
    return FeedBook(session.driver, session.tenant_id)


def _place(session: Session, since: datetime | None) -> Cursor:
    if since is None:
        return Cursor()
    return place_before(session.driver, session.tenant_id, to_micros(require_aware(since, "since")))


def _require_defined(session: Session, wanted: FeedFilter) -> None:
    session.catalogue.several(Team, wanted.teams)
    session.catalogue.several(RoleProfile, wanted.roles)
