"""One opportunity to practise, with its outcomes."""

from collections.abc import Iterable, Mapping
from datetime import MAXYEAR, date, datetime
from enum import IntEnum, StrEnum
from typing import Any

from attrs import field, frozen
from attrs.validators import optional

from reinforce.errors import InvalidValue
from reinforce.model.checks import (
    EARLIEST_YEAR,
    in_utc,
    is_a,
    is_date,
    is_flag,
    is_key,
    is_moment,
    is_text,
    member,
    number,
    plain_dict,
    require_aware,
)


class Rating(IntEnum):
    """How recall went, in FSRS's four grades."""

    AGAIN = 1
    HARD = 2
    GOOD = 3
    EASY = 4


class PracticeKind(StrEnum):
    """What kind of evidence an event is."""

    RECALL = "recall"
    ROLE_PLAY = "role-play"
    OBSERVED = "observed"
    FIELD = "field"


class OutcomeKind(StrEnum):
    """In which terms an outcome was given."""

    SUCCESS = "success"
    SCALED = "scaled"
    RUBRIC = "rubric"
    GRADE = "grade"
    RATING = "rating"
    EXPOSURE = "exposure"


_RANGES = {
    OutcomeKind.SUCCESS: (0.0, 1.0, True),
    OutcomeKind.SCALED: (-1.0, 1.0, False),
    OutcomeKind.RUBRIC: (0.0, 100.0, True),
    OutcomeKind.GRADE: (0.0, 5.0, True),
    OutcomeKind.RATING: (1.0, 4.0, True),
    OutcomeKind.EXPOSURE: (0.0, 0.0, True),
}


def _outcome_kind(value: OutcomeKind | str) -> OutcomeKind:
    return member(OutcomeKind, value)


def practice_kind(value: PracticeKind | str) -> PracticeKind:
    """The kind, or that of its name; for fields."""
    return member(PracticeKind, value)


@frozen
class Outcome:
    """How a skill went, in the source's own terms; a `RatingPolicy` makes a rating of it.

    Build one with `success`, `scaled`, `rubric`, `grade`, `rated` or `exposure`.

    Attributes:
        kind: the terms.
        value: 0 or 1; -1 to 1 (xAPI's scaled score); a level from 0; SM-2's 0 to 5; FSRS's 1 to 4; 0.
        of: the highest level of the rubric; for rubrics only.
    """

    kind: OutcomeKind = field(converter=_outcome_kind)
    value: float = 0.0
    of: int | None = None

    def __attrs_post_init__(self) -> None:
        low, high, is_whole = _RANGES[self.kind]
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidValue(f"Outcome.value must be a number, not {value!r}")
        if not low <= value <= high or (is_whole and value != int(value)):
            what = "whole number" if is_whole else "number"
            article = "an" if self.kind is OutcomeKind.EXPOSURE else "a"
            raise InvalidValue(
                f"{article} {self.kind} outcome must be a {what} from {low:g} to {high:g}, not {value!r}"
            )
        if (self.of is not None) != (self.kind is OutcomeKind.RUBRIC):
            raise InvalidValue(f"Outcome.of, the highest level, belongs to rubrics and only to them ({self.kind})")
        if self.of is not None and (type(self.of) is not int or self.of < 1 or value > self.of):
            raise InvalidValue(
                f"a rubric's level must be from 0 to its highest level (1 or more): {value!r} of {self.of!r}"
            )

    @classmethod
    def success(cls, passed: bool) -> "Outcome":
        """Passed or failed."""
        if passed not in (True, False):
            raise InvalidValue(f"Outcome.success must be given True or False, not {passed!r}")
        return cls(OutcomeKind.SUCCESS, float(passed))

    @classmethod
    def scaled(cls, score: float) -> "Outcome":
        """A score from -1 to 1, as in xAPI's `result.score.scaled`."""
        return cls(OutcomeKind.SCALED, score)

    @classmethod
    def rubric(cls, level: int, *, of: int) -> "Outcome":
        """A level from 0 to the highest, `of`."""
        return cls(OutcomeKind.RUBRIC, level, of)

    @classmethod
    def grade(cls, grade: int) -> "Outcome":
        """SM-2's quality of response, 0 to 5."""
        return cls(OutcomeKind.GRADE, grade)

    @classmethod
    def rated(cls, rating: Rating | int) -> "Outcome":
        """A rating that somebody chose."""
        return cls(OutcomeKind.RATING, rating.value if isinstance(rating, Rating) else rating)

    @classmethod
    def exposure(cls) -> "Outcome":
        """The skill was shown or read, and nothing was asked: recorded, without effect on memory."""
        return cls(OutcomeKind.EXPOSURE)


@frozen
class SkillOutcome:
    """How one skill went in an event.

    Attributes:
        skill: key of the skill.
        outcome: in the source's own terms.
        weight: how far it moves the memory, 0 (recorded only) to 1 (all the way).
    """

    skill: str = field(validator=is_key)
    outcome: Outcome = field(validator=is_a(Outcome, "Outcome.success(True) or Outcome.scaled(0.8)"))
    weight: float = field(default=1.0, validator=number(0, 1))


def _skill_outcomes(value: Any) -> Any:
    if isinstance(value, Mapping):
        return tuple(SkillOutcome(skill, outcome) for skill, outcome in value.items())
    return tuple(value) if isinstance(value, Iterable) else value


def _are_outcomes(_instance: object, _attribute: object, value: tuple[SkillOutcome, ...]) -> None:
    if not value:
        raise InvalidValue("PracticeEvent.outcomes must hold at least one skill's outcome")
    if not isinstance(value, tuple) or not all(isinstance(one, SkillOutcome) for one in value):
        raise InvalidValue("PracticeEvent.outcomes must be SkillOutcome(...) values or a {skill: Outcome} mapping")
    if len(value) > 1:
        skills = [one.skill for one in value]
        if len(set(skills)) < len(skills):
            raise InvalidValue(f"PracticeEvent.outcomes names a skill twice: {', '.join(sorted(skills))}")


def _is_context(instance: object, attribute: Any, value: object) -> None:
    if not isinstance(value, dict):
        raise InvalidValue(f"PracticeEvent.context must be a mapping from text to text, not {value!r}")
    for name, content in value.items():
        is_key(instance, attribute, name)
        is_text(instance, attribute, content)


def _is_plausible(_instance: object, _attribute: object, value: Any) -> None:
    moment = require_aware(value, "PracticeEvent.occurred_at")
    if not EARLIEST_YEAR <= moment.year < MAXYEAR:
        raise InvalidValue(
            f"PracticeEvent.occurred_at must lie in the years {EARLIEST_YEAR} to {MAXYEAR - 1}, "
            f"not at {moment.isoformat()}, which is how some systems write that they do not know"
        )


@frozen
class PracticeEvent:
    """One opportunity to practise: who, when, and how each skill went.

    Attributes:
        learner: key of the person who practised.
        occurred_at: when, with its time zone; kept in UTC to the microsecond.
        outcomes: one for each skill; a `{skill: Outcome}` mapping is taken too.
        kind: recall, role-play, observed or field.
        source: the system that it comes from.
        external_id: that system's id of it; (source, external_id) is recorded once. None: no protection
            against recording it twice.
        assessor: key of the person who judged it.
        refresher: key of the refresher that was practised; closes its open assignment.
        context: what it was about, such as {"account": "…"} or {"ticket": "…"}.
        note: free text.
    """

    learner: str = field(validator=is_key)
    occurred_at: datetime = field(converter=in_utc, validator=_is_plausible)
    outcomes: tuple[SkillOutcome, ...] = field(converter=_skill_outcomes, validator=_are_outcomes)
    kind: PracticeKind = field(default=PracticeKind.RECALL, converter=practice_kind)
    source: str = field(default="app", validator=is_key)
    external_id: str | None = field(default=None, validator=optional(is_key))
    assessor: str | None = field(default=None, validator=optional(is_key))
    refresher: str | None = field(default=None, validator=optional(is_key))
    context: Mapping[str, str] = field(factory=dict, converter=plain_dict, validator=_is_context, hash=False)
    note: str | None = field(default=None, validator=optional(is_text))


_TO_RECORD_IT: Mapping[type, str] = {
    dict: "; structure(…, PracticeEvent) makes one of plain data",
    list: "; record_many takes several",
}


def require_events(events: Iterable[object]) -> None:
    """Refuse what is no practice event.

    Raises:
        InvalidValue: says what the first of them is, and what to pass.
    """
    for event in events:
        if not isinstance(event, PracticeEvent):
            raise InvalidValue(
                f"a {type(event).__name__} is nothing to record: pass "
                'PracticeEvent("anna", datetime(2026, 3, 31, 9, tzinfo=UTC), {"pricing": Outcome.success(True)})'
                f"{_TO_RECORD_IT.get(type(event), '')}"
            )


@frozen
class Review:
    """The effect of an event on one skill; all that a replay reads.

    Attributes:
        event_id: 32 hex digits of the event's 16-byte id.
        occurred_at: when.
        day: the learner's calendar day.
        rating: None for an exposure.
        weight: how far it moves the memory, 0 to 1.
        implicit: whether the skill was practised by way of one that encompasses it.
    """

    event_id: str = field(validator=is_text)
    skill: str = field(validator=is_key)
    occurred_at: datetime = field(validator=is_moment)
    day: date = field(validator=is_date)
    rating: Rating | None = field(validator=optional(is_a(Rating)))
    weight: float = field(validator=number(0, 1))
    implicit: bool = field(default=False, validator=is_flag)
