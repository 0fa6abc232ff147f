"""Practice into a tenant's log, and from there into memory and to others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from reinforce.errors import EventConflict, InvalidValue, UnknownLearner
from reinforce.model.checks import require_text, to_micros
from reinforce.model.memory import Recorded, RecordedMany
from reinforce.model.practice import PracticeEvent, require_events
from reinforce.model.rating_policy import RatingPolicy
from reinforce.store import history, reading, recording
from reinforce.store.driver import Driver
from reinforce.store.event_rows import Names, Writing
from reinforce.store.locks import lock_learners
from reinforce.store.plain_event import (
    known_pair_unlocked,
    may_be_plain,
    plain_rows,
    write_plain,
    write_plain_unless_changed,
)
from reinforce.store.scope import Scope
from reinforce.store.session import Session, Store

if TYPE_CHECKING:  # for start-up, see docs/decisions/0017-start-up.md
    from reinforce.publishing.publisher import Publisher


def record_alone(
    store: Store, policy: RatingPolicy, event: PracticeEvent, now: datetime, latest: datetime
) -> Recorded | None:
    """What `Practice.record` does, for a plain event of which nobody is told.

    Args:
        store: of the tenant.
        policy: makes a rating of its outcome.
        event: to be recorded.
        now: the present moment.
        latest: the latest moment at which it may have occurred.

    Returns:
        None: the event is not plain, somebody else was there at the same time, or the transaction is a host's; nothing
        was written.
    """
    try:
        is_candidate = may_be_plain(event, latest)
    except AttributeError:
        require_events([event])
        raise
    transaction = store.alone() if is_candidate else None
    if transaction is None:
        return None
    with store.database.in_our_terms, transaction:
        driver = Driver(transaction, store.database.schema)
        known = known_pair_unlocked(driver, store.tenant, event, store.known)
        if known is None:
            return None
        tenant = store.known = known.tenant
        parameters = tenant.means.parameters
        writing = Writing(tenant.id, parameters, tenant.course, policy, to_micros(now), latest)
        rows = plain_rows(known, writing, event)
        if rows is None:
            return None
        if driver.dialect == "sqlite":
            write_plain(driver, rows)
        elif not write_plain_unless_changed(driver, rows, known, event.learner):
            return None
    memory = {event.outcomes[0].skill: reading.memory_state(rows.memory, parameters.algorithm)}
    return Recorded(rows.event[0].hex(), is_new=True, memory=memory)


@frozen(eq=False)
class Practice:
    """Takes up practice within a transaction.

    Attributes:
        session: of the transaction.
        policy: makes ratings of outcomes.
        now: the present moment.
        latest: the latest moment at which an event may have occurred.
        publisher: tells what has changed; None: nobody is told.
    """

    session: Session
    policy: RatingPolicy
    now: datetime
    latest: datetime
    publisher: Publisher | None

    def record(self, event: PracticeEvent) -> Recorded:
        """See `Reinforcer.record`."""
        return self._recorded(self._take([event], [0], skip_faulty=False))

    def record_many(self, events: Sequence[PracticeEvent], *, skip_faulty: bool) -> RecordedMany:
        """See `Reinforcer.record_many`."""
        taken = self._take(events, [0] * len(events), skip_faulty=skip_faulty)
        unchanged = len(events) - len(taken.new) - len(taken.faults)
        return RecordedMany(len(taken.new), unchanged, len(taken.memories), tuple(taken.faults))

    def void(self, event: tuple[str, str], reason: str, replacement: PracticeEvent | None) -> Recorded:
        """See `Reinforcer.void`.

        Args:
            event: its source and external id.
            reason: why.
            replacement: what should have been recorded.
        """
        source, external_id = event
        if not require_text(reason, "the reason of a void").strip():
            raise InvalidValue("the reason of a void must say something: it stands in the log for good")
        if replacement is not None:
            require_events([replacement])
        corrected = replacement and evolve(replacement, source=source, external_id=external_id)
        driver, tenant = self.session.driver, self.session.tenant_id
        _, learner, _ = history.latest_revision(driver, tenant, source, external_id)
        lock_learners(driver, tenant, {learner})
        self.session.refresh()
        row, _, is_voided = history.latest_revision(driver, tenant, source, external_id)
        if not is_voided:
            if corrected and recording.is_same(driver, self._writing, corrected, row):
                return Recorded(row.id.hex(), is_new=False)
            pairs = history.void(driver, tenant, row, reason=reason, now=to_micros(self.now))
            history.fold_again(driver, Scope(tenant, learner), self.session.parameters, pairs)
            if self.publisher is not None:
                self.publisher.voided(row.id, [skill for _, skill in pairs], self.now)
        elif corrected is None:
            raise EventConflict(
                f"event {external_id!r} of source {source!r} is void already; "
                "what should count in its place is a replacement"
            )
        if corrected is None:
            return Recorded(row.id.hex(), is_new=False, is_voided=True)
        return self._recorded(self._take([corrected], [row.revision + 1], skip_faulty=False))

    def _take(self, events: Sequence[PracticeEvent], revisions: Sequence[int], *, skip_faulty: bool) -> recording.Taken:
        try:
            taken = recording.take(self.session.driver, self._writing, events, revisions, self.session.locked)
        except AttributeError:
            require_events(events)
            raise
        if taken.faults and not skip_faulty:
            raise taken.faults[0][1]
        if self.publisher is not None and taken.new:
            self.publisher.recorded(events, taken)
            self._tell_done(self.publisher, [events[place] for place in taken.new], taken.names)
        return taken

    def _tell_done(self, publisher: Publisher, events: Sequence[PracticeEvent], names: Names) -> None:
        """Tell of the assignments that practice of their refresher has closed."""
        practised = {
            (names.people[event.learner].id, names.refreshers[event.refresher]) for event in events if event.refresher
        }
        if practised:
            done = self.session.plans.closed(practised, to_micros(self.now))
            publisher.done(done, self.now)

    @property
    def _writing(self) -> Writing:
        session = self.session
        times = (to_micros(self.now), self.latest)
        return Writing(session.tenant_id, session.parameters, session.course, self.policy, *times)

    def _recorded(self, taken: recording.Taken) -> Recorded:
        event_id = taken.event_ids[0]
        if event_id is None:
            raise UnknownLearner
        skills = taken.names.skills.by_id
        return Recorded(
            event_id.hex(),
            is_new=bool(taken.new),
            is_voided=bool(taken.voided),
            memory={
                skills[row.skill_id].key: reading.memory_state(row, self.session.parameters.algorithm)
                for row in taken.memories
            },
        )
