"""What is left of a skill in a person's memory, and what is said about it."""

from collections.abc import Mapping
from datetime import date, datetime

from attrs import field, frozen

from reinforce.errors import InvalidValue, ReinforceError
from reinforce.model.calibration import Corrected
from reinforce.model.practice import PracticeEvent, Rating, Review


@frozen
class MemoryState:
    """What one person remembers of one skill: a fold over its reviews.

    Attributes:
        stability: days until the probability of recall falls to 0.9.
        difficulty: 1 (easy) to 10 (hard).
        last_practised: the learner's calendar day that forgetting counts from.
        due: the learner's calendar day on which it should be refreshed.
        reviews: how many reviews moved it.
        lapses: how many of them were AGAIN after the first.
        last_event: when the last of them occurred.
        algorithm: what the numbers mean.
        parameter_set: id of the parameters that made them.
    """

    stability: float
    difficulty: float
    last_practised: date
    due: date
    reviews: int
    lapses: int
    last_event: datetime
    algorithm: str
    parameter_set: int

    def __attrs_post_init__(self) -> None:
        # All at once, because one is made for each event that is recorded.
        if not (self.stability > 0 and 1 <= self.difficulty <= 10 and 0 <= self.lapses <= self.reviews):
            raise InvalidValue(
                "a MemoryState must have a stability above 0, a difficulty from 1 to 10 and no more lapses than "
                f"reviews, not {self.stability!r}, {self.difficulty!r} and {self.lapses!r} of {self.reviews!r}"
            )


@frozen
class DueSkill:
    """A skill that a person should refresh.

    Attributes:
        retrievability: the probability of recall on the day that was asked for, 0 to 1.
        overdue_days: days since it was due; negative while it is not.
    """

    learner: str
    skill: str
    title: str
    due: date
    overdue_days: int
    retrievability: float
    stability: float


@frozen
class Forecast:
    """What a person will remember of a skill on a day, if they do not practise until then.

    Attributes:
        retrievability: the probability of recall, 0 to 1; None: unknown, because it was never practised, or practised
            after the day, of which the present memory does not tell.
        due: when it is due; None: never practised.
    """

    learner: str
    skill: str
    title: str
    day: date
    retrievability: float | None
    due: date | None


@frozen
class WhatIf:
    """What a rating would do if the skill were practised on the day that was asked for."""

    rating: Rating
    stability: float
    difficulty: float
    due: date
    interval_days: int


@frozen
class Why:
    """Why a skill is due when it is.

    Attributes:
        state: the memory; None: never practised, so unknown.
        retrievability: the probability of recall on `day`; None: unknown.
        events: the last events that concern the skill, newest first, voided ones left out.
        reviews: their effects on this skill, in the same order.
        next_time: what each rating would do on `day`.
        parameters: the 21 weights that made the state.
        desired_retention: the retention at which the skill is due.
        curve: the probability of recall by day since it was last practised.
        corrected: what calibration has moved of it, and by what; None: due days are FSRS's own.
    """

    learner: str
    skill: str
    title: str
    day: date
    state: MemoryState | None
    retrievability: float | None
    desired_retention: float
    events: tuple[PracticeEvent, ...]
    reviews: tuple[Review, ...]
    next_time: tuple[WhatIf, ...]
    parameters: tuple[float, ...]
    curve: tuple[tuple[date, float], ...] = ()
    corrected: Corrected | None = None


@frozen
class Recorded:
    """What became of one event.

    Attributes:
        event_id: 32 hex digits of its id.
        is_new: False: it was there already, and nothing was changed.
        is_voided: it was there already and has been voided since; it stays void.
        memory: the states that it led to, by skill; empty if nothing changed.
    """

    event_id: str
    is_new: bool
    is_voided: bool = False
    memory: Mapping[str, MemoryState] = field(factory=dict, hash=False)


@frozen
class RecordedMany:
    """What became of many events.

    Attributes:
        recorded: how many are new.
        unchanged: how many were there already.
        pairs: how many (learner, skill) memories changed.
        faults: events that were left out, by their place among those given, each with its error; only
            if faulty ones were to be skipped.
    """

    recorded: int
    unchanged: int
    pairs: int
    faults: tuple[tuple[int, ReinforceError], ...] = ()


@frozen
class Replayed:
    """What a replay of the log found.

    Attributes:
        pairs: how many (learner, skill) memories the log gives.
        changed: how many of them differ from what was stored.
        removed: how many stored ones the log does not give.
        reviews: how many reviews were read.
        written: whether the stored memories were replaced.
    """

    pairs: int
    changed: int
    removed: int
    reviews: int
    written: bool


@frozen
class Erased:
    """What was removed with a person.

    Attributes:
        rows: how many rows of each table are gone or were emptied of the person.
        rewritten: how many statements of others name nobody where they named the person.
        feeds: how many statements about the person each feed had handed on; those who got them have to forget them
            themselves.
        mentions: places in other people's free text that still hold one of the identifiers, as
            "table.column of …"; they are not changed, because they are not this person's rows.
    """

    learner: str
    rows: Mapping[str, int] = field(hash=False)
    mentions: tuple[str, ...] = ()
    rewritten: int = 0
    feeds: Mapping[str, int] = field(factory=dict, hash=False)
