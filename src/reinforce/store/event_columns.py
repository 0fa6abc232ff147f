"""The rows of a batch in which nothing is out of the ordinary, column by column.

`EventRows` makes the same rows one event after the other, whatever comes; this takes half as long for an event.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import chain
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import numpy as np
from attrs import frozen

from reinforce.errors import ReinforceError
from reinforce.forgetting.curve import Ints
from reinforce.model.checks import from_micros, to_micros
from reinforce.model.days import date_of, day_of, start_of
from reinforce.model.practice import Outcome, OutcomeKind, PracticeEvent, SkillOutcome
from reinforce.store.event_rows import Names, Share, Writing, context_document, outcomes_document, shares_of
from reinforce.store.ids import first_ids
from reinforce.store.pair_columns import NO_RATING, ReviewColumns
from reinforce.store.resolving import Person

Effect = tuple[str, Sequence[Share]]
"""What an event says of skills, as JSON, and what it does to them."""


@frozen(eq=False)
class EventColumns:
    """The rows of events that are all new.

    Attributes:
        ids: in the order in which the events came.
        events: the columns of `EventRow`, in the order of the ids.
    """

    ids: Sequence[bytes]
    events: Sequence[Sequence[Any]]
    _make_reviews: Callable[[], ReviewColumns]

    @cached_property
    def reviews(self) -> ReviewColumns:
        """The effects, in the order of their keys."""
        return self._make_reviews()


def event_columns(writing: Writing, names: Names, events: Sequence[PracticeEvent]) -> EventColumns | None:
    """The rows of events; None: one of them is faulty or comes twice, and `EventRows` can tell which.

    Args:
        writing: the surroundings.
        names: what the events' keys stand for.
        events: of which none is in the log, in any order.
    """
    outside = [(event.source, event.external_id or uuid4().hex) for event in events]
    if len(set(outside)) < len(events) or max([event.occurred_at for event in events]) > writing.latest:
        return None
    micros = [to_micros(event.occurred_at) for event in events]
    ids = first_ids(micros, outside)
    rows = sorted(zip(ids, micros, outside, events, strict=True))
    try:
        return EventColumns(ids, *_columns(writing, names, rows))
    except (KeyError, ReinforceError):
        return None


def _columns(
    writing: Writing, names: Names, rows: Sequence[tuple[bytes, int, tuple[str, str], PracticeEvent]]
) -> tuple[Sequence[Sequence[Any]], Callable[[], ReviewColumns]]:
    """The columns of events, and what makes those of their effects.

    Raises:
        KeyError: somebody or something is unknown.
        UnknownSkill: likewise.
    """
    ids, micros, outside, events = zip(*rows, strict=True)
    people = [names.people[event.learner] for event in events]
    learners = [person.id for person in people]
    sources, external_ids = zip(*outside, strict=True)
    documents, shares = zip(*_effects(writing, names, events), strict=True)
    count = len(events)
    columns = (
        ids,
        [writing.tenant_id] * count,
        learners,
        [writing.now] * count,
        [str(event.kind) for event in events],
        sources,
        external_ids,
        [0] * count,
        [key if key is None else names.people[key].id for key in [event.assessor for event in events]],
        [key if key is None else names.refreshers[key] for key in [event.refresher for event in events]],
        [writing.policy.id] * count,
        documents,
        [context_document(event.context) if event.context else None for event in events],
        [event.note for event in events],
    )

    def reviews() -> ReviewColumns:
        days = _days(np.array(micros), people)
        return _reviews(np.array(learners), ids, days, shares, writing.course.open_close)

    return columns, reviews


def _effects(writing: Writing, names: Names, events: Sequence[PracticeEvent]) -> list[Effect]:
    known = _KnownEffects(writing, names)
    return [
        known[one.skill, one.outcome.kind, one.outcome.value, one.outcome.of, one.weight]
        if not others
        else known.of((one, *others))
        for one, *others in [event.outcomes for event in events]
    ]


class _KnownEffects(dict[tuple[str, OutcomeKind, float, int | None, float], Effect]):
    """The effects of events with a single outcome, by its fields, whose hashes are not Python as a value's is."""

    def __init__(self, writing: Writing, names: Names) -> None:
        super().__init__()
        self._policy, self._skills = writing.policy, names.skills

    def __missing__(self, key: tuple[str, OutcomeKind, float, int | None, float]) -> Effect:
        skill, kind, value, of, weight = key
        effect = self[key] = self.of((SkillOutcome(skill, Outcome(kind, value, of), weight),))
        return effect

    def of(self, outcomes: Sequence[SkillOutcome]) -> Effect:
        """The effect of an event with these outcomes."""
        return outcomes_document(outcomes), shares_of(self._skills, self._policy, outcomes)


def _reviews(
    learners: Ints, ids: Sequence[bytes], days: Ints, shares: Sequence[Sequence[Share]], generation: int
) -> ReviewColumns:
    counts = [len(one) for one in shares]
    places = np.repeat(np.arange(len(ids)), counts)
    skill, rating, weight, implicit = zip(*chain.from_iterable(shares), strict=True)
    return ReviewColumns(
        learners[places],
        np.array(skill),
        [ids[place] for place in places.tolist()],
        days[places],
        np.array([NO_RATING if one is None else one for one in rating]),
        np.array(weight, dtype=np.float64),
        np.array(implicit),
        np.full(len(places), generation),
    ).by_pair()


def _days(micros: Ints, people: Sequence[Person]) -> Ints:
    """The calendar days of moments, each of its learner; `day_of` for many.

    Args:
        micros: microseconds since 1970-01-01T00:00Z, rising.
        people: of each.
    """
    clocks = [(person.zone, person.day_starts_at) for person in people]
    numbers = {clock: number for number, clock in enumerate(dict.fromkeys(clocks))}
    of_clock = np.array([numbers[clock] for clock in clocks])
    days = np.empty(len(micros), dtype=np.int64)
    for clock, number in numbers.items():
        places = np.flatnonzero(of_clock == number)
        days[places] = days_by(micros[places], *clock)
    return days


def days_by(micros: Ints, zone: ZoneInfo, day_starts_at: int) -> Ints:
    """The days of moments, in their order, by one clock."""
    first, last = (day_of(from_micros(int(micros[place])), zone, day_starts_at) for place in (0, -1))
    if last - first > len(micros):
        moments = map(from_micros, micros.tolist())
        return np.array([day_of(moment, zone, day_starts_at) for moment in moments])
    # A later moment never has an earlier day, so that it is enough to know when each day begins.
    begins = [to_micros(start_of(date_of(day), zone, day_starts_at)) for day in range(first + 1, last + 1)]
    return np.asarray(first + np.searchsorted(np.array(begins, dtype=np.int64), micros, side="right"))
