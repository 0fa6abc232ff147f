"""From events to their rows in the log."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from math import ceil
from typing import NamedTuple
from uuid import uuid4

from attrs import frozen

from reinforce.errors import FutureEvent, UnknownLearner, UnknownRefresher, UnknownSkill
from reinforce.model.checks import from_micros
from reinforce.model.conversion import unstructure
from reinforce.model.days import day_of
from reinforce.model.practice import Outcome, OutcomeKind, PracticeEvent, Rating, SkillOutcome
from reinforce.model.rating_policy import RatingPolicy
from reinforce.store.course import Course
from reinforce.store.driver import Row
from reinforce.store.ids import event_id
from reinforce.store.pair_rows import ReviewRow
from reinforce.store.parameters import ParameterSet
from reinforce.store.resolving import Made, Person, Skills


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


EVENT_COLUMNS = ", ".join(f"e.{name}" for name in EventRow._fields)
IS_EVENT = "x.tenant_id = ? AND x.source = ? AND x.external_id = one.value"
"""The condition of `for_each` external ids of a source."""


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

    @property
    def seeds(self) -> dict[int, int]:
        """Each person's seed, by number."""
        return {person.id: person.seed for person in self.people.values()}


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


class Occasion(NamedTuple):
    """An event of the log, and for when its reviews were recorded.

    Attributes:
        row: the event.
        day: the learner's calendar day of it.
        generation: number of the close of the tenant's calibration that learns it.
    """

    row: EventRow
    day: int
    generation: int


Share = tuple[int, int | None, float, int]
"""What an event does to one skill, whoever practised and whenever: the skill, and rating, weight and implicit."""


class EventRows:
    """Makes the rows of one event after the other, as plain tuples; what many of them share is worked out once.

    Args:
        writing: the surroundings.
        names: what the events' keys stand for.
    """

    def __init__(self, writing: Writing, names: Names) -> None:
        self._names = names
        self._people = names.people
        self._policy = writing.policy
        self._tenant_id, self._now, self._latest = writing.tenant_id, writing.now, writing.latest
        self._policy_id, self._generation = writing.policy.id, writing.course.open_close
        self._single_shares: dict[Row, Sequence[Share]] = {}

    def event(self, event: PracticeEvent, revision: int) -> Row:
        """The row of an event, in the order of `EventRow`.

        Raises:
            UnknownLearner, UnknownRefresher, FutureEvent: see `Reinforcer.record`.
        """
        if event.occurred_at > self._latest:
            raise FutureEvent(_not_yet(event, from_micros(self._now), self._latest))
        learner = self._people.get(event.learner) or _person(self._names, event.learner, "learner")
        source, external_id, context = event.source, event.external_id or uuid4().hex, event.context
        return (
            event_id(event.occurred_at, source, external_id, revision),
            self._tenant_id,
            learner.id,
            self._now,
            str(event.kind),
            source,
            external_id,
            revision,
            None if event.assessor is None else _person(self._names, event.assessor, "assessor").id,
            None if event.refresher is None else _refresher(self._names, event.refresher),
            self._policy_id,
            outcomes_document(event.outcomes),
            context_document(context) if context else None,
            event.note,
        )

    def reviews(self, event: PracticeEvent, event_id: bytes) -> list[Row]:
        """The rows of the effects of an event that has a row, in the order of `ReviewRow`; see `shares_of`.

        Raises:
            UnknownSkill: it names one that is not defined.
        """
        learner = self._people[event.learner]
        number, generation = learner.id, self._generation
        day = day_of(event.occurred_at, learner.zone, learner.day_starts_at)
        rows = []
        for skill, rating, weight, implicit in self._shares(event.outcomes):
            rows.append((number, skill, event_id, day, rating, weight, implicit, generation))
        return rows

    def _shares(self, outcomes: Sequence[SkillOutcome]) -> Sequence[Share]:
        if len(outcomes) > 1:
            return shares_of(self._names.skills, self._policy, outcomes)
        (one,) = outcomes
        outcome = one.outcome
        # Field by field, because a value's hash is Python and that of its fields is not.
        key = (one.skill, outcome.kind, outcome.value, outcome.of, one.weight)
        shares = self._single_shares.get(key)
        if shares is None:
            shares = self._single_shares[key] = shares_of(self._names.skills, self._policy, outcomes)
        return shares


def _not_yet(event: PracticeEvent, now: datetime, latest: datetime) -> str:
    """What to say of an event that lies too far ahead: by how much, and what to look at."""
    ahead = _spoken(event.occurred_at - now)
    return (
        f"the event of {event.occurred_at.isoformat()} has not happened yet: it lies {ahead} "
        f"ahead of now, {now.isoformat(timespec='seconds')}, and at most {_spoken(latest - now)} are taken, for clocks "
        f"that differ. If it has happened, the clock of {event.source!r} is ahead, or its stamps are in another time "
        "zone than they are said to be; if now is another moment, pass it as at="
    )


def _spoken(span: timedelta) -> str:
    """In whole minutes, hours or days, rounded up."""
    minutes = ceil(span / timedelta(minutes=1))
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{ceil(minutes / 60)} hours" if minutes < 2880 else f"{ceil(minutes / 1440)} days"


def event_row(writing: Writing, names: Names, event: PracticeEvent, revision: int) -> EventRow:
    """The row of one event.

    Raises:
        UnknownLearner, UnknownRefresher, FutureEvent: see `Reinforcer.record`.
    """
    return EventRow._make(EventRows(writing, names).event(event, revision))


def review_rows(
    known: Skills, policy: RatingPolicy, outcomes: Sequence[SkillOutcome], occasion: Occasion
) -> list[ReviewRow]:
    """The effects of an event that is in the log; see `shares_of`."""
    row, day, generation = occasion
    return [
        ReviewRow(row.learner_id, skill, row.id, day, rating, weight, implicit, generation)
        for skill, rating, weight, implicit in shares_of(known, policy, outcomes)
    ]


def shares_of(known: Skills, policy: RatingPolicy, outcomes: Sequence[SkillOutcome]) -> list[Share]:
    """What an event does: a share for each skill that it names, and one for each that these encompass.

    What was passed refreshes what it encompasses, as GOOD at best; what was failed says nothing of it. A
    skill that the event names itself is not refreshed implicitly too.

    Args:
        known: the skills of the outcomes.
        policy: makes the ratings.
        outcomes: of the event.

    Raises:
        UnknownSkill: an outcome's is not among the known.
    """
    shares: list[Share] = []
    credit: dict[int, tuple[float, Rating]] = {}
    for one in outcomes:
        skill = known.by_key.get(one.skill)
        if skill is None:
            raise UnknownSkill(f"there is no skill {one.skill!r}: define it first")
        rating = policy.rate(one.outcome)
        shares.append((skill.id, rating and int(rating), one.weight, 0))
        if skill.implicit and rating is not None and rating > Rating.AGAIN and one.weight > 0:
            for encompassed, part in skill.implicit:
                best = credit.get(encompassed, (0.0, rating))
                credit[encompassed] = max(best, (one.weight * part, min(rating, Rating.GOOD)))
    if credit:
        named = {skill_id for skill_id, *_ in shares}
        shares.extend(
            (skill_id, int(rating), weight, 1) for skill_id, (weight, rating) in credit.items() if skill_id not in named
        )
    return shares


def _person(names: Names, key: str, role: str) -> Person:
    person = names.people.get(key)
    if person is None:
        raise UnknownLearner(f"there is no {role} {key!r}: define them first")
    return person


def _refresher(names: Names, key: str) -> int:
    number = names.refreshers.get(key)
    if number is None:
        raise UnknownRefresher(f"there is no refresher {key!r}: define it first")
    return number


def outcomes_document(outcomes: Sequence[SkillOutcome]) -> str:
    """The outcomes as JSON: `{skill: outcome}` in their order, a weight beside the outcome where it is not 1."""
    # Field by field, because a value's hash is Python and that of its fields is not.
    entries = [_entry(one.skill, one.outcome.kind, one.outcome.value, one.outcome.of, one.weight) for one in outcomes]
    return f"{{{','.join(entries)}}}"


@lru_cache(maxsize=65536)
def _entry(skill: str, kind: OutcomeKind, value: float, of: int | None, weight: float) -> str:
    """A skill and its outcome as JSON; a whole number is written as one, whether it came as 3 or as 3.0."""
    fields = unstructure(Outcome(kind, value, of))
    if weight != 1:
        fields["weight"] = weight
    whole = {name: int(one) if isinstance(one, float) and one.is_integer() else one for name, one in fields.items()}
    return f"{_document(skill)}:{_document(whole)}"


def context_document(context: Mapping[str, str]) -> str:
    """A context as JSON, its names in order: text to text, which takes a fourth of the time of any mapping."""
    return f"{{{','.join([f'{_document(name)}:{_document(text)}' for name, text in sorted(context.items())])}}}"


# Made once: `json.dumps` with options makes one for every call, which takes longer than its work.
_document = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
