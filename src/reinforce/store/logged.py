"""Events as the log holds them, back as the values that were recorded."""

import json
from typing import NamedTuple

from reinforce.model.conversion import structure
from reinforce.model.days import date_of
from reinforce.model.practice import Outcome, PracticeEvent, PracticeKind, Rating, Review, SkillOutcome
from reinforce.store.ids import occurred_at


class LoggedRow(NamedTuple):
    """A row of the log with the keys that its numbers stand for."""

    id: bytes
    recorded_at: int
    kind: str
    source: str
    external_id: str
    revision: int
    policy: str
    outcomes: str
    context: str | None
    note: str | None
    learner: str
    assessor: str | None
    refresher: str | None


LOGGED_COLUMNS = (
    "e.id, e.recorded_at, e.kind, e.source, e.external_id, e.revision, e.policy, e.outcomes, e.context, e.note,"
    " el.key AS learner_key, CASE WHEN ea.erased_at IS NULL THEN ea.key END AS assessor_key, ef.key AS refresher_key"
)
LOGGED_JOINS = (
    " JOIN {learner} el ON el.id = e.learner_id"
    " LEFT JOIN {learner} ea ON ea.id = e.assessor_id"
    " LEFT JOIN {refresher} ef ON ef.id = e.refresher_id"
)


def skill_outcomes(outcomes: str) -> tuple[SkillOutcome, ...]:
    """The outcomes of an event's column."""
    found = []
    for skill, fields in json.loads(outcomes).items():
        weight = fields.pop("weight", 1.0)
        found.append(SkillOutcome(skill, structure(fields, Outcome), weight))
    return tuple(found)


def logged_event(row: LoggedRow) -> PracticeEvent:
    """The event of a row."""
    return PracticeEvent(
        learner=row.learner,
        occurred_at=occurred_at(row.id),
        outcomes=skill_outcomes(row.outcomes),
        kind=PracticeKind(row.kind),
        source=row.source,
        external_id=row.external_id,
        assessor=row.assessor,
        refresher=row.refresher,
        context=json.loads(row.context) if row.context else {},
        note=row.note,
    )


def review_of(row: LoggedRow, skill: str, effect: tuple[int, int | None, float, int]) -> Review:
    """The effect of a logged event on a skill: day, rating, weight, and whether it was implicit."""
    day, rating, weight, implicit = effect
    return Review(
        event_id=row.id.hex(),
        skill=skill,
        occurred_at=occurred_at(row.id),
        day=date_of(day),
        rating=None if rating is None else Rating(rating),
        weight=weight,
        implicit=bool(implicit),
    )
