"""Where statements are pulled from: set up, listed, pulled."""

import os
import random
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any

from reinforce.delivery.installed import make_adapter
from reinforce.delivery.retry import Random, RetryPolicy
from reinforce.delivery.secrets import masked, require_references, stand_ins
from reinforce.delivery.upstream import Upstream
from reinforce.errors import DeliveryStopped, InvalidSettings
from reinforce.intake.incoming import Incoming
from reinforce.intake.pulling import PATIENCE, Pull, PulledPart, Sleep
from reinforce.intake.readings import Reading
from reinforce.model.checks import from_micros, require_key, to_micros
from reinforce.moments import present_micros
from reinforce.store.session import Session, Store
from reinforce.store.statement_sources import OVERLAP_SECONDS, SourceBook, StatementSource

Take = Callable[[Session, Sequence[Incoming], datetime | None], list[Reading]]
"""Keeps statements within a transaction, and records what they say."""


class Sources:
    """Where a tenant's statements are pulled from; reached as `reinforcer.statements.sources`.

    Args:
        store: of the tenant.
        take: what is done with statements.
    """

    def __init__(self, store: Store, take: Take) -> None:
        self._store = store
        self._take = take

    def all(self) -> list[StatementSource]:
        """Every source, by name."""
        with self._store.read() as session:
            return _book(session).all()

    def add(
        self,
        name: str,
        adapter: str,
        settings: Mapping[str, Any],
        *,
        since: datetime | None = None,
        overlap_seconds: float = OVERLAP_SECONDS,
        at: datetime | None = None,
    ) -> StatementSource:
        """Set up a source; nothing is asked yet.

        Args:
            name: what it is called.
            adapter: the name of the adapter that reads there, such as `lrs`.
            settings: what the adapter needs to know; a secret as `{"env": NAME}`, never as itself.
            since: leave out what was stored there before; None: from the beginning.
            overlap_seconds: see `StatementSource`.
            at: the present moment.

        Raises:
            InvalidSettings: they make no sense, or hold a secret.
            AdapterNotFound: there is no such adapter.
            InvalidValue: the name is taken.
        """
        require_references(settings)
        with closing(_upstream(adapter, settings, {**stand_ins(settings), **os.environ})):
            pass
        source = StatementSource(
            name=require_key(name, "the name of a source"),
            adapter=adapter,
            settings=settings,
            overlap_seconds=overlap_seconds,
            position=None if since is None else to_micros(since),
        )
        with self._store.write(present_micros(at)) as session:
            _book(session).add(source)
        return source

    def remove(self, name: str, *, at: datetime | None = None) -> None:
        """Remove a source; what was pulled from it stays.

        Raises:
            NotFound: there is none of that name.
        """
        with self._store.write(present_micros(at)) as session:
            _book(session).remove(name)

    def pull(
        self,
        name: str,
        *,
        policy: RetryPolicy = PATIENCE,
        sleep: Sleep = time.sleep,
        chance: Random = random.random,
        at: datetime | None = None,
    ) -> Generator[PulledPart, None, None]:
        """Pull what has come since the last time, page by page; each is kept before the next is asked for.

        Whoever is interrupted begins again where it was, and nothing counts twice. No transaction is open while the
        other LRS is asked.

        Args:
            name: of the source.
            policy: how it behaves when the LRS has trouble.
            sleep: waits some seconds.
            chance: numbers from 0 to below 1.
            at: the present moment.

        Raises:
            NotFound: there is no source of that name.
            InvalidSettings: its settings make no sense here.
            DeliveryStopped: the LRS gives nothing at present; the source keeps why.
        """
        source = self._find(name)
        with closing(_upstream(source.adapter, source.settings, os.environ)) as upstream:

            def since() -> datetime | None:
                moment = self._find(name).since
                return None if moment is None else from_micros(moment)

            def keep(statements: Sequence[Incoming], position: int | None) -> list[Reading]:
                return self._keep(name, statements, position, at)

            pull = Pull(upstream, since, keep, policy, sleep, chance)
            try:
                yield from pull.parts()
            except DeliveryStopped as stop:
                self._ended(name, masked(str(stop), source.settings, os.environ), at)
                raise
        self._ended(name, None, at)

    def _find(self, name: str) -> StatementSource:
        with self._store.read() as session:
            return _book(session).find(name)

    def _keep(
        self, name: str, statements: Sequence[Incoming], position: int | None, at: datetime | None
    ) -> list[Reading]:
        """Keep the statements of a page, and how far the source has come, in one transaction."""
        with self._store.write(present_micros(at)) as session:
            readings = self._take(session, statements, at)
            if position is not None:
                _book(session).advance(name, position)
            return readings

    def _ended(self, name: str, trouble: str | None, at: datetime | None) -> None:
        now = present_micros(at)
        with self._store.write(now) as session:
            _book(session).ended(name, now, trouble)


def _book(session: Session) -> SourceBook:
    return SourceBook(session.driver, session.tenant_id)


def _upstream(adapter: str, settings: Mapping[str, Any], environ: Mapping[str, str]) -> Upstream:
    made = make_adapter(adapter, settings, environ=environ)
    if not isinstance(made, Upstream):
        raise InvalidSettings(f"the adapter {adapter!r} only writes; statements can be pulled through `lrs`")
    return made
