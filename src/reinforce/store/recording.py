"""Events into the log, and from there into memory, in one transaction."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import uuid4

from attrs import evolve, frozen

from reinforce.errors import (
    EventConflict,
    FutureEvent,
    ReinforceError,
    UnknownLearner,
    UnknownRefresher,
    UnknownSkill,
)
from reinforce.model.conversion import unstructure
from reinforce.model.days import day_of
from reinforce.model.practice import Outcome, OutcomeKind, PracticeEvent, Rating, SkillOutcome
from reinforce.model.rating_policy import RatingPolicy
from reinforce.store.course import Course
from reinforce.store.driver import Driver, Row, insert_sql
from reinforce.store.folding import PUT_MEMORY, Folded, Folder, MemoryRow, ReviewRow
from reinforce.store.generation import Sight, generation, sight
from reinforce.store.ids import event_id
from reinforce.store.locks import lock_learners
from reinforce.store.parameters import ParameterSet, present_of
from reinforce.store.resolving import Made, Person, Skills, people, plain_pair, refreshers, skills


class EventRow(NamedTuple):
    """A row of `practice_event`."""

    id: bytes
    tenant_id: int
    learner_id: int
    recorded_at: int
    kind: str
    source: str
    external_id: str
    revision: int
    assessor_id: int | None
    refresher_id: int | None
    policy: str
    outcomes: str
    context: str | None
    note: str | None

    @property
    def content(self) -> Row:
        """What must be the same for the same event recorded again."""
        # Of the id only when it occurred: the rest tells the revision too.
        return (self.id[:8], self.learner_id, self.kind, self.assessor_id, self.refresher_id, *self[11:])


_REVISION = EventRow._fields.index("revision")
_INSERT_EVENT = insert_sql("practice_event", EventRow._fields)
_INSERT_REVIEW = insert_sql("review", ReviewRow._fields)
EVENT_COLUMNS = ", ".join(f"e.{name}" for name in EventRow._fields)


class StoredEvent(NamedTuple):
    """An event that is in the log already."""

    row: EventRow
    is_voided: bool


@frozen
class Names:
    """Everything that the keys in a batch of events stand for.

    Attributes:
        made: what the tenant's memories are made with; None if none of the people is known.
    """

    people: Mapping[str, Person]
    skills: Skills
    refreshers: Mapping[str, int]
    made: Made | None


@frozen
class Writing:
    """What recording needs to know of its surroundings.

    Attributes:
        course: how far the tenant's calibration is.
        now: when the events are recorded, in microseconds.
        latest: the latest moment at which an event may have occurred.
    """

    tenant_id: int
    parameters: ParameterSet
    course: Course
    policy: RatingPolicy
    now: int
    latest: datetime

    @property
    def made(self) -> Made:
        """What the memories are made with."""
        return Made(self.parameters.id, self.course)


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
    stored = _stored_events(driver, writing.tenant_id, events)
    event_ids: list[bytes | None] = []
    faults: list[tuple[int, ReinforceError]] = []
    new: list[int] = []
    voided: list[int] = []
    rows: list[EventRow] = []
    reviews: list[ReviewRow] = []
    for place, (event, revision) in enumerate(zip(events, revisions, strict=True)):
        try:
            row = event_row(writing, names, event, revision)
            outside = (row.source, row.external_id)
            revisions_known = stored.get(outside) if revision == 0 else None
            if revisions_known:
                known = _recorded_as(row, revisions_known)
                event_ids.append(known.row.id)
                if known.is_voided:
                    voided.append(place)
                continue
            effect = Effect(row, _day(names, event), writing.course.open_close)
            reviews += review_rows(names.skills, writing.policy, event.outcomes, effect)
            stored[outside] = [StoredEvent(row, is_voided=False)]
            new.append(place)
            rows.append(row)
            event_ids.append(row.id)
        except ReinforceError as fault:
            event_ids.append(None)
            faults.append((place, fault))
    folded = _write(driver, writing, names, rows, reviews)
    return Taken(event_ids, new, voided, faults, names, reviews, folded)


def _take_plain(driver: Driver, writing: Writing, event: PracticeEvent) -> Taken | None:
    """What `take` does with most events that come alone, in one query and three rows; None: this one is not plain.

    A plain event is new, tells of one skill that refreshes no others, names nobody and nothing else, and comes
    after all that is known of its pair. Taken like this it costs half as much on SQLite, and a third on PostgreSQL.
    """
    if len(event.outcomes) > 1 or event.assessor or event.refresher or event.occurred_at > writing.latest:
        return None
    key = event.outcomes[0].skill
    known = plain_pair(driver, writing.tenant_id, (event.learner, key), (event.source, event.external_id))
    if known is None or known.made != writing.made:
        return None
    skill = known.skill
    names = Names({event.learner: known.person}, Skills({key: skill}, {skill.id: skill}), {}, known.made)
    row = event_row(writing, names, event, 0)
    effect = Effect(row, _day(names, event), writing.course.open_close)
    (review,) = review_rows(names.skills, writing.policy, event.outcomes, effect)
    stamp, learner = writing.course.stamp, known.person.id
    seen = None if stamp is None else Sight(generation(driver, writing.tenant_id, stamp), {learner: known.offset})
    folder = Folder(driver, writing.parameters, {learner: known.person.seed}, names.skills.by_id, seen)
    before = MemoryRow._make(known.memory) if known.memory else None
    memory = folder.after(review, before)
    if memory is None:
        return None
    driver.run_together([(_INSERT_EVENT, row), (_INSERT_REVIEW, review), (PUT_MEMORY, memory)])
    pair = review[:2]
    folded = Folded([memory], {pair: before} if before else {}, {pair: [review]}, (), writing.parameters, seen)
    return Taken([row.id], [0], [], [], names, [review], folded)


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
_IS_EVENT = "x.tenant_id = ? AND x.source = ? AND x.external_id = one.value"


def _stored_events(
    driver: Driver, tenant_id: int, events: Sequence[PracticeEvent]
) -> dict[tuple[str, str], list[StoredEvent]]:
    """Every revision of each of these events that is in the log, the latest first."""
    by_source: dict[str, list[str]] = {}
    for event in events:
        if event.external_id is not None:
            by_source.setdefault(event.source, []).append(event.external_id)
    stored: dict[tuple[str, str], list[StoredEvent]] = {}
    for source, external_ids in by_source.items():
        found = driver.for_each("text", "practice_event", _IS_EVENT)
        rows = driver.rows(
            f"SELECT {_COLUMNS}, ({_VOIDED_AT}) {found}",
            driver.many(external_ids),
            tenant_id,
            source,
        )
        for *columns, voided_at in sorted(rows, key=lambda row: -row[_REVISION]):
            row = EventRow._make(columns)
            stored.setdefault((source, row.external_id), []).append(StoredEvent(row, voided_at is not None))
    return stored


def is_same(driver: Driver, writing: Writing, event: PracticeEvent, row: EventRow) -> bool:
    """Whether an event has the content of a row of the log."""
    names = names_of(driver, writing.tenant_id, [event])
    return event_row(writing, names, event, row.revision).content == row.content


def event_row(writing: Writing, names: Names, event: PracticeEvent, revision: int) -> EventRow:
    """The row of an event.

    Raises:
        UnknownLearner, UnknownRefresher, FutureEvent: see `Reinforcer.record`.
    """
    if event.occurred_at > writing.latest:
        raise FutureEvent(
            f"the event of {event.occurred_at.isoformat()} lies in the future (latest moment taken: "
            f"{writing.latest.isoformat()}): is the clock or the time zone of {event.source!r} wrong?"
        )
    learner = _person(names, event.learner, "learner")
    external_id = event.external_id or uuid4().hex
    return EventRow(
        event_id(event.occurred_at, event.source, external_id, revision),
        writing.tenant_id,
        learner.id,
        writing.now,
        str(event.kind),
        event.source,
        external_id,
        revision,
        None if event.assessor is None else _person(names, event.assessor, "assessor").id,
        None if event.refresher is None else _refresher(names, event.refresher),
        writing.policy.id,
        _outcomes_document(event),
        _document(event.context) if event.context else None,
        event.note,
    )


def _person(names: Names, key: str, role: str) -> Person:
    person = names.people.get(key)
    if person is None:
        raise UnknownLearner(f"there is no {role} {key!r}: define(Learner(key={key!r}, …)) first")
    return person


def _refresher(names: Names, key: str) -> int:
    number = names.refreshers.get(key)
    if number is None:
        raise UnknownRefresher(f"there is no refresher {key!r}: define(Refresher(key={key!r}, …)) first")
    return number


def _day(names: Names, event: PracticeEvent) -> int:
    person = names.people[event.learner]
    return day_of(event.occurred_at, person.zone, person.day_starts_at)


class Effect(NamedTuple):
    """Where the reviews of an event belong.

    Attributes:
        row: the event.
        day: the learner's calendar day of it.
        generation: number of the close of the tenant's calibration that learns it.
    """

    row: EventRow
    day: int
    generation: int


def review_rows(
    known: Skills, policy: RatingPolicy, outcomes: Sequence[SkillOutcome], effect: Effect
) -> list[ReviewRow]:
    """The effects of an event: one for each skill that it names, and one for each that these encompass.

    What was passed refreshes what it encompasses, as GOOD at best; what was failed says nothing of it. A
    skill that the event names itself is not refreshed implicitly too.

    Args:
        known: the skills of the outcomes.
        policy: makes the ratings.
        outcomes: of the event.
        effect: where they belong.
    """
    row, day, generation = effect
    reviews: list[ReviewRow] = []
    credit: dict[int, tuple[float, Rating]] = {}
    for one in outcomes:
        skill = known.by_key.get(one.skill)
        if skill is None:
            raise UnknownSkill(f"there is no skill {one.skill!r}: define(Skill(key={one.skill!r}, …)) first")
        rating = policy.rate(one.outcome)
        said = rating and int(rating)
        reviews.append(ReviewRow(row.learner_id, skill.id, row.id, day, said, one.weight, 0, generation))
        if skill.implicit and rating is not None and rating > Rating.AGAIN and one.weight > 0:
            for encompassed, share in skill.implicit:
                best = credit.get(encompassed, (0.0, rating))
                credit[encompassed] = max(best, (one.weight * share, min(rating, Rating.GOOD)))
    if credit:
        named = {review.skill_id for review in reviews}
        reviews.extend(
            ReviewRow(row.learner_id, skill_id, row.id, day, int(rating), weight, 1, generation)
            for skill_id, (weight, rating) in credit.items()
            if skill_id not in named
        )
    return reviews


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
        f"({row.source!r}, {row.external_id!r}) is recorded already{' and void' * latest.is_voided} with different "
        f"{differing}; to correct it, void it with a replacement"
    )


def _write(
    driver: Driver, writing: Writing, names: Names, rows: Sequence[EventRow], reviews: Sequence[ReviewRow]
) -> Folded:
    # In the order of their keys, in which SQLite keeps them: a batch is written in two thirds of the time.
    reviews = sorted(reviews)
    driver.insert("practice_event", EventRow._fields, sorted(rows))
    driver.insert("review", ReviewRow._fields, reviews)
    practised = [(writing.now, row.learner_id, row.refresher_id) for row in rows if row.refresher_id is not None]
    driver.run_many(
        "UPDATE {assignment} SET status = 'done', closed_at = ?"
        " WHERE learner_id = ? AND refresher_id = ? AND status = 'open'",
        practised,
    )
    seeds = {person.id: person.seed for person in names.people.values()}
    seen = sight(driver, writing.tenant_id, writing.course.stamp, seeds)
    return Folder(driver, writing.parameters, seeds, names.skills.by_id, seen).add(reviews)


def _outcomes_document(event: PracticeEvent) -> str:
    """The outcomes as JSON: `{skill: outcome}` in their order, a weight beside the outcome where it is not 1."""
    # Field by field, because a value's hash is Python and that of its fields is not.
    entries = [
        _entry(one.skill, one.outcome.kind, one.outcome.value, one.outcome.of, one.weight) for one in event.outcomes
    ]
    return f"{{{','.join(entries)}}}"


@lru_cache(maxsize=65536)
def _entry(skill: str, kind: OutcomeKind, value: float, of: int | None, weight: float) -> str:
    """A skill and its outcome as JSON; a whole number is written as one, whether it came as 3 or as 3.0."""
    fields = unstructure(Outcome(kind, value, of))
    if weight != 1:
        fields["weight"] = weight
    whole = {name: int(one) if isinstance(one, float) and one.is_integer() else one for name, one in fields.items()}
    return f"{_document(skill)}:{_document(whole)}"


# Made once: `json.dumps` with options makes one for every call, which takes longer than its work.
_document = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
