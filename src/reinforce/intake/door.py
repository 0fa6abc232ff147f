"""What a host does with statements: of others, adopt mappings and take them in; of ours, tell what was not told."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from reinforce.errors import InvalidSettings
from reinforce.intake.incoming import Incoming, sort_out
from reinforce.intake.readings import Reading
from reinforce.intake.sources import Sources
from reinforce.intake.taking import Intake, arrivals, preview, stored_arrival, take
from reinforce.model.checks import to_micros
from reinforce.model.rating_policy import RatingPolicy
from reinforce.moments import present, present_micros
from reinforce.publishing.past import learners_of, tell_past
from reinforce.publishing.publisher import Publisher, publisher
from reinforce.statements.facts import Fact
from reinforce.statements.mapping import StatementMapping
from reinforce.statements.settings import XapiSettings
from reinforce.store.event_rows import Writing
from reinforce.store.locks import lock_definitions
from reinforce.store.log_places import Position
from reinforce.store.session import Session, Store
from reinforce.store.statement_mappings import (
    AdoptedMapping,
    adopt_mapping,
    every_mapping,
    present_mappings,
    retire_mapping,
)
from reinforce.store.statements import Origin, StatementLog, StoredStatement

AT_ONCE = 500
"""How many statements of the log are gone over in one transaction."""


class StatementsIn:
    """Statements of others with the practice that they tell of, and ours; reached as `reinforcer.statements`.

    Args:
        store: of the tenant.
        policy: makes ratings of outcomes.
        future_tolerance: how far ahead of the present moment practice may lie.
        xapi: that what follows of the practice is told, and in whose name; None: it is not told.
    """

    def __init__(
        self,
        store: Store,
        policy: RatingPolicy,
        future_tolerance: timedelta,
        xapi: XapiSettings | None,
    ) -> None:
        self._store = store
        self._policy = policy
        self._future_tolerance = future_tolerance
        self._xapi = xapi

    @property
    def sources(self) -> Sources:
        """Where statements are pulled from."""
        return Sources(self._store, self._take)

    # Mappings

    def adopt(self, mapping: StatementMapping, *, at: datetime | None = None) -> AdoptedMapping:
        """Let a mapping count from now on, in place of the one of the same name.

        What was recorded before stays as it was; `understand` goes over what was not.

        Returns:
            The version that counts; the same as before if nothing has changed.
        """
        now = present_micros(at)
        with self._store.write(now) as session:
            lock_definitions(session.driver, session.tenant_id)
            return adopt_mapping(session.driver, session.tenant_id, mapping, now)[0]

    def retire(self, name: str, *, at: datetime | None = None) -> None:
        """Let a mapping count no longer; what was recorded by it stays.

        Raises:
            NotFound: no mapping of that name counts.
        """
        now = present_micros(at)
        with self._store.write(now) as session:
            lock_definitions(session.driver, session.tenant_id)
            retire_mapping(session.driver, session.tenant_id, name, now)

    def mappings(self, *, retired: bool = False) -> list[AdoptedMapping]:
        """The mappings that count, in the order in which they are tried.

        Args:
            retired: also every version that counted once.
        """
        with self._store.read() as session:
            asked = every_mapping if retired else present_mappings
            return asked(session.driver, session.tenant_id)

    # Statements

    def take(self, statements: Sequence[Incoming], *, at: datetime | None = None) -> list[Reading]:
        """Keep statements in the log, as the bytes that they are, and record what they say; all or nothing.

        The same again changes nothing. What differs from what the log has under the same id is not kept.

        Args:
            statements: some hundreds or thousands.
            at: the present moment.

        Returns:
            What each has come to, in the same order.

        """
        with self._store.write(present_micros(at)) as session:
            return self._take(session, statements, at)

    def preview(
        self, statements: Sequence[Incoming], *, mapping: StatementMapping | None = None, at: datetime | None = None
    ) -> list[Reading]:
        """What `take` would make of statements; nothing is written.

        Args:
            statements: as for `take`.
            mapping: one to be tried in place of those that count.
            at: the present moment.
        """
        with self._store.read() as session:
            log = StatementLog(session.driver, session.tenant_id)
            sorting = sort_out(log, statements)
            arrived = [sorting.arrival(one) for one in sorting.kept]
            arrived = sorting.voided(session.driver, session.tenant_id, arrived)
            return sorting.with_the_rest(preview(session.driver, self._intake(session, at, mapping), arrived))

    def understand(self, *, since: datetime | None = None, at: datetime | None = None) -> Iterator[list[Reading]]:
        """Go over the statements of others in the log again, with the mappings that count now.

        What was not recorded and now can be is; the rest is as it was. Each part is a transaction of its own, so
        that whoever is interrupted begins again, and nothing counts twice.

        Args:
            since: leave out what was stored before.
            at: the present moment.

        Returns:
            What each has come to, part by part, in the order in which they were stored.
        """
        after: Position | None = _position(since)
        while after is not None:
            with self._store.write(present_micros(at)) as session:
                stored = StatementLog(session.driver, session.tenant_id).received(AT_ONCE, after)
                readings = take(session.driver, self._intake(session, at), arrivals(stored))
            yield readings
            after = _next(stored)

    def review(
        self,
        *,
        since: datetime | None = None,
        mapping: StatementMapping | None = None,
        at: datetime | None = None,
    ) -> Iterator[list[Reading]]:
        """What `understand` would find; nothing is written.

        Args:
            since: leave out what was stored before.
            mapping: one to be tried in place of those that count.
            at: the present moment.

        Returns:
            What each would come to, part by part, in the order in which they were stored.
        """
        after: Position | None = _position(since)
        while after is not None:
            with self._store.read() as session:
                stored = StatementLog(session.driver, session.tenant_id).received(AT_ONCE, after)
                readings = preview(session.driver, self._intake(session, at, mapping), arrivals(stored))
            yield readings
            after = _next(stored)

    # Ours

    def tell(self, *facts: Fact, at: datetime | None = None) -> int:
        """Tell facts that only the host knows: coached, reviewed, a skill that expired. Each is told once.

        Args:
            facts: in the order in which they are told.
            at: the present moment.

        Returns:
            How many were not told before.

        Raises:
            InvalidSettings: nothing is told here.
        """
        with self._store.write(present_micros(at)) as session:
            return self._teller(session, at).tell(facts)

    def tell_past(self, *, at: datetime | None = None) -> Iterator[int]:
        """Tell the practice that was recorded while nothing was told.

        Each part is a transaction of its own, so that whoever is interrupted begins again. Plans of the past stay
        untold, and so does what came as a statement.

        Returns:
            How many statements that were, part by part.

        Raises:
            InvalidSettings: nothing is told here.
        """
        with self._store.read() as session:
            self._teller(session, at)
            parts = list(learners_of(session.driver, session.tenant_id))
        for learners in parts:
            with self._store.write(present_micros(at)) as session:
                yield tell_past(self._teller(session, at), session.parameters, learners)

    # Within a transaction

    def _publisher(self, session: Session, at: datetime | None) -> Publisher | None:
        tenant = (session.tenant_id, self._store.tenant)
        return publisher(session.driver, tenant, self._xapi, lambda: present_micros(at))

    def _teller(self, session: Session, at: datetime | None) -> Publisher:
        tells = self._publisher(session, at)
        if tells is None:
            raise InvalidSettings(
                "nothing is told here: say in whose name, by Reinforcer(xapi=XapiSettings(…)) or the section [xapi]"
            )
        return tells

    def _take(self, session: Session, statements: Sequence[Incoming], at: datetime | None) -> list[Reading]:
        log = StatementLog(session.driver, session.tenant_id)
        sorting = sort_out(log, statements)
        if sorting.new:
            log.append(sorting.new, lambda: present_micros(at), origin=Origin.RECEIVED)
        stored = {one.id: one for one in log.by_ids({one.id for one in sorting.kept})}
        arrived = [stored_arrival(stored[one.id], one.received.data) for one in sorting.kept]
        return sorting.with_the_rest(take(session.driver, self._intake(session, at), arrived))

    def _intake(self, session: Session, at: datetime | None, mapping: StatementMapping | None = None) -> Intake:
        now = present(at)
        latest = now + self._future_tolerance
        writing = Writing(session.tenant_id, session.parameters, session.course, self._policy, to_micros(now), latest)
        tried = [AdoptedMapping(mapping, 0, writing.now)] if mapping is not None else None
        return Intake(
            writing, tried or present_mappings(session.driver, session.tenant_id), self._publisher(session, at)
        )


def _position(since: datetime | None) -> Position:
    return Position(0 if since is None else to_micros(since), 0)


def _next(stored: Sequence[StoredStatement]) -> Position | None:
    """Where to go on; None: that was the end of the log."""
    return Position(stored[-1].stored_at, stored[-1].seq) if len(stored) == AT_ONCE else None
