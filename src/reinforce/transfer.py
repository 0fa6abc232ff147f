"""A whole tenant out to a file, and in from one: definitions, parameters, log, assignments and statements.

What comes in gives the same due days as where it came from: events keep their ids, and each keeps the ratings,
weights and calendar days with which it was recorded. Memories are not in the file; they are replayed.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import IO, Any

from attrs import evolve

from reinforce.errors import InvalidFile, ReinforceError, UnknownSkill
from reinforce.exchange.export import (
    ExportHeader,
    ExportLine,
    LoggedCalibration,
    LoggedEvent,
    LoggedPostponement,
    LoggedReview,
    Void,
    read_export,
    write_export,
)
from reinforce.exchange.fsrs_log import FsrsLog, write_fsrs_log
from reinforce.exchange.lines import Source
from reinforce.exchange.logged_parameters import LoggedAdoption, LoggedFit, LoggedParameters
from reinforce.exchange.logged_statements import ErasedStatement, LoggedAttachment, LoggedDocument, LoggedStatement
from reinforce.model.checks import from_micros, to_micros
from reinforce.model.days import date_of
from reinforce.model.plans import Assignment
from reinforce.model.practice import Rating, Review
from reinforce.model.rating_policy import RatingPolicy
from reinforce.planning import assignment_id
from reinforce.store import closes
from reinforce.store.catalogue import TABLE_OF
from reinforce.store.event_rows import EventRow, Names, Writing, event_row
from reinforce.store.history import known_skills, learner_keys, replay
from reinforce.store.ids import occurred_at
from reinforce.store.logged import logged_event
from reinforce.store.pair_rows import ReviewRow
from reinforce.store.postponing import PostponementRow, present_postponements, take_up_postponements
from reinforce.store.recording import names_of
from reinforce.store.scope import Scope
from reinforce.store.session import Session
from reinforce.store.transferring import LogEntry, ReviewWithKey, VoidWithKeys, insert_entries, log_entries
from reinforce.store.voids import VoidColumns, kept_reviews
from reinforce.transferring_parameters import ArrivingParameters, exported_parameters
from reinforce.transferring_statements import ArrivingStatements, exported_statements

FOREVER = datetime.max.replace(tzinfo=UTC)
EVENTS_AT_ONCE = 2000


def export_tenant(session: Session, tenant: str, stream: IO[str]) -> dict[str, int]:
    """Write everything that a tenant has; gives how many of each kind there were."""
    session.require_tenant()
    return write_export(stream, ExportHeader(tenant), _exported(session))


def _exported(session: Session) -> Iterator[Any]:
    for kind in TABLE_OF:
        yield from session.catalogue.all(kind)
    yield from exported_parameters(session)
    stands = closes.standing(session.driver, session.tenant_id)
    if stands != closes.Standing():
        made = closes.closes(session.driver, session.tenant_id)
        yield LoggedCalibration(stands.is_on, tuple(from_micros(one.closed_at) for one in made), stands.number)
    for entry in log_entries(session.driver, session.tenant_id):
        yield _logged(entry)
    yield from session.plans.all_assignments()
    for learner, skill, last_event, until in present_postponements(session.driver, session.tenant_id):
        yield LoggedPostponement(learner, skill, last_event.hex(), until)
    yield from exported_statements(session)


def _logged(entry: LogEntry) -> LoggedEvent:
    row = entry.row
    return LoggedEvent(
        event=logged_event(row),
        event_id=row.id.hex(),
        recorded_at=from_micros(row.recorded_at),
        policy=row.policy,
        revision=row.revision,
        voided=None if entry.voided is None else _voided(entry.voided),
        reviews=tuple(map(_reviewed, entry.reviews)),
    )


def _voided(void: VoidWithKeys) -> Void:
    return Void(from_micros(void.voided_at), void.reason, void.generation, tuple(map(_reviewed, void.reviews)))


def _reviewed(one: ReviewWithKey) -> LoggedReview:
    rating = Rating(one.rating) if one.rating else None
    return LoggedReview(one.skill, one.day, rating, one.weight, bool(one.implicit), one.generation)


def import_tenant(session: Session, tenant: str, source: Source, now: int) -> dict[str, int]:
    """Take up everything that an export holds, and replay the log; gives how many of each kind there were.

    What is there already and just so is left as it is, so the same file may come in again.

    Args:
        session: of the tenant that takes it up, after it was locked.
        tenant: that tenant's key; it need not be the exported one.
        source: a path, or a stream.
        now: in microseconds.

    Raises:
        InvalidFile: the file is broken, or refers to what neither it nor the tenant holds.
    """
    _, lines = read_export(source)
    arriving = _Arriving(session, tenant, now)
    for line in lines:
        try:
            arriving.take(line)
        except ReinforceError as problem:
            raise InvalidFile(f"line {line.line}: {problem}") from problem
    arriving.finish()
    return dict(arriving.counts)


class _Arriving:
    """The lines of an export on their way into a tenant: definitions first, then events, then assignments."""

    def __init__(self, session: Session, tenant: str, now: int) -> None:
        self.counts: Counter[str] = Counter()
        self._session = session
        self._tenant = tenant
        self._now = now
        self._definitions: list[Any] = []
        self._events: list[LoggedEvent] = []
        self._assignments: list[Assignment] = []
        self._postponements: list[LoggedPostponement] = []
        self._skills: dict[str, int] | None = None
        self._calibration: LoggedCalibration | None = None
        self._parameters = ArrivingParameters(session, now)
        self._statements = ArrivingStatements(session, now)

    def take(self, line: ExportLine) -> None:
        self.counts[line.kind] += 1
        match line.value:
            case LoggedEvent():
                self._events.append(line.value)
                if len(self._events) >= EVENTS_AT_ONCE:
                    self._write_events()
            case LoggedParameters() | LoggedFit() | LoggedAdoption():
                self._parameters.take(line.value)
            case LoggedCalibration():
                self._take_calibration(line.value)
            case Assignment():
                self._assignments.append(line.value)
            case LoggedPostponement():
                self._postponements.append(line.value)
            case ErasedStatement() | LoggedStatement() | LoggedAttachment() | LoggedDocument():
                self._statements.take(line.value)
            case _:
                self._definitions.append(line.value)

    def finish(self) -> None:
        """Write what is left, and fold the whole log."""
        self._write_events()
        self._parameters.finish()
        self._statements.finish()
        self._session.plans.take_up(
            [
                evolve(one, id=assignment_id(self._tenant, one.learner, one.refresher, one.day))
                for one in self._assignments
            ],
            self._now,
        )
        driver, tenant_id, parameters = self._session.driver, self._session.tenant_id, self._session.parameters
        if self._calibration is not None:
            closes.relearn(driver, tenant_id, parameters.forgetting, self._calibration.in_force)
        take_up_postponements(driver, self._postponement_rows(Scope(tenant_id)))
        replay(driver, Scope(tenant_id), parameters, write=True)

    def _postponement_rows(self, scope: Scope) -> list[PostponementRow]:
        """What was postponed there, for the parameters that are present here now."""
        learners = {key: number for number, key in learner_keys(self._session.driver, scope).items()}
        skills = {one.key: number for number, one in known_skills(self._session.driver, scope.tenant_id).items()}
        present = self._session.parameters.id
        return [
            PostponementRow(learners[one.learner], skills[one.skill], present, bytes.fromhex(one.event_id), one.until)
            for one in self._postponements
            if one.learner in learners and one.skill in skills
        ]

    def _take_calibration(self, logged: LoggedCalibration) -> None:
        """Take up closes; a tenant that has its own learns what comes with its next one."""
        if logged.in_force > len(logged.closes):
            raise InvalidFile(f"{logged.in_force} closes cannot be in force where there are {len(logged.closes)}")
        moments = [to_micros(moment) for moment in logged.closes]
        if closes.take_up(self._session.driver, self._session.tenant_id, logged.is_on, moments):
            self._calibration = logged

    def _write_events(self) -> None:
        if self._definitions:
            self._session.catalogue.define(self._definitions)
            self._definitions = []
        if not self._events:
            return
        names = names_of(self._session.driver, self._session.tenant_id, [logged.event for logged in self._events])
        insert_entries(
            self._session.driver, self._session.tenant_id, [self._entry(names, logged) for logged in self._events]
        )
        self._events = []

    def _entry(self, names: Names, logged: LoggedEvent) -> tuple[EventRow, Sequence[ReviewRow], VoidColumns | None]:
        writing = Writing(
            self._session.tenant_id,
            self._session.parameters,
            self._session.course,
            RatingPolicy(),
            to_micros(logged.recorded_at),
            FOREVER,
        )
        row = event_row(writing, names, logged.event, logged.revision)._replace(policy=logged.policy)
        if row.id.hex() != logged.event_id:
            raise InvalidFile(f"the id {logged.event_id} does not belong to the event: was the line changed?")
        voided = None if logged.voided is None else self._void(row, logged.voided)
        return row, [self._review(row, review) for review in logged.reviews], voided

    def _void(self, row: EventRow, void: Void) -> VoidColumns:
        at, close = to_micros(void.voided_at), self._close(void.generation)
        return at, void.reason, close, kept_reviews([self._review(row, review) for review in void.reviews])

    def _close(self, number: int) -> int:
        """The close of this tenant that a number of the file stands for."""
        return self._session.course.open_close if self._calibration is None else number

    def _review(self, row: EventRow, review: LoggedReview) -> ReviewRow:
        if self._skills is None:
            known = known_skills(self._session.driver, self._session.tenant_id)
            self._skills = {skill.key: number for number, skill in known.items()}
        number = self._skills.get(review.skill)
        if number is None:
            raise UnknownSkill(f"there is no skill {review.skill!r}")
        rating = None if review.rating is None else int(review.rating)
        said = (review.day, rating, review.weight, int(review.implicit))
        return ReviewRow(row.learner_id, number, row.id, *said, self._close(review.generation))


def export_fsrs_log(session: Session, stream: IO[str]) -> FsrsLog:
    """Write the reviews of a tenant as a log that py-fsrs loads."""
    session.require_tenant()
    return write_fsrs_log(
        stream,
        (
            (
                entry.row.learner,
                Review(
                    event_id=entry.row.id.hex(),
                    skill=one.skill,
                    occurred_at=occurred_at(entry.row.id),
                    day=date_of(one.day),
                    rating=Rating(one.rating) if one.rating else None,
                    weight=one.weight,
                    implicit=bool(one.implicit),
                ),
            )
            for entry in log_entries(session.driver, session.tenant_id)
            for one in entry.reviews
        ),
    )
