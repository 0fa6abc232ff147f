"""What happened, as far as it is told to others: one class for each kind of statement that we make.

Each fact holds the model's own values, and what makes it the same fact when it is told again.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from attrs import field, frozen

from reinforce.errors import InvalidValue
from reinforce.model.library import Refresher
from reinforce.model.memory import MemoryState
from reinforce.model.people import Learner
from reinforce.model.plans import Assignment
from reinforce.model.practice import PracticeEvent, Rating, SkillOutcome
from reinforce.model.skills import Skill
from reinforce.statements.told import Told


@frozen
class Practised:
    """A skill was practised, or shown.

    Attributes:
        event_id: 32 hex digits; with the skill's key it is the fact's unique key.
        outcome: of this skill, one of the event's.
        rating: None for an exposure.
        state: the memory since; None: there is none.
        retrievability: the probability of recall just before; None: never practised before.
        assessor: the person that the event names.
        refresher: the one that the event names.
    """

    event_id: str
    event: PracticeEvent
    learner: Learner
    skill: Skill
    outcome: SkillOutcome
    rating: Rating | None
    state: MemoryState | None = None
    retrievability: float | None = None
    assessor: Learner | None = None
    refresher: Refresher | None = None


@frozen
class Lapsed:
    """Recall failed of what had been known.

    Attributes:
        event_id: of the practice that showed it; with the skill's key it is the fact's unique key.
        state: the memory since.
        retrievability: the probability of recall just before.
        told_by: the id of the statement by which others told us of the practice; None: we told it.
    """

    event_id: str
    at: datetime
    learner: Learner
    skill: Skill
    state: MemoryState
    retrievability: float | None = None
    told_by: UUID | None = None


@frozen
class RetentionDropped:
    """The probability of recall fell below what is to be kept.

    Attributes:
        at: the moment for which it was computed.
        state: the memory; with the moment of its last event it is the fact's unique key, so that it is told once.
    """

    at: datetime
    learner: Learner
    skill: Skill
    state: MemoryState
    retrievability: float
    desired_retention: float


@frozen
class Mastered:
    """A memory lasts as long as was asked for, see `reinforce.forgetting.mastery`.

    Attributes:
        event_id: of the practice that reached it; with the skill's key it is the fact's unique key.
    """

    event_id: str
    at: datetime
    learner: Learner
    skill: Skill
    state: MemoryState


@frozen
class SkillExpired:
    """A skill no longer counts; learner, skill and day are the fact's unique key."""

    at: datetime
    learner: Learner
    skill: Skill
    expired_on: date


@frozen
class RefresherAssigned:
    """A refresher was given to a person; the assignment's id is the fact's unique key."""

    at: datetime
    assignment: Assignment
    learner: Learner
    skills: tuple[Skill, ...]


@frozen
class RefresherDone:
    """An assigned refresher was done; the assignment's id is the fact's unique key."""

    at: datetime
    assignment: Assignment
    learner: Learner
    skills: tuple[Skill, ...]


@frozen
class RefresherExpired:
    """An assigned refresher was not done in time; the assignment's id is the fact's unique key."""

    at: datetime
    assignment: Assignment
    learner: Learner
    skills: tuple[Skill, ...]


@frozen
class Coached:
    """Somebody coached somebody.

    Attributes:
        id: the host's id of the conversation, the fact's unique key.
    """

    id: str
    at: datetime
    coach: Learner
    learner: Learner
    skills: tuple[Skill, ...]
    note: str | None = None


@frozen
class Observed:
    """Somebody saw somebody practise.

    Attributes:
        event_id: of the practice, the fact's unique key.
    """

    event_id: str
    at: datetime
    observer: Learner
    learner: Learner
    skills: tuple[Skill, ...]
    note: str | None = None


@frozen
class Reviewed:
    """Somebody looked at a recorded practice.

    Attributes:
        id: the host's id of the look, the fact's unique key.
        event_id: of the practice.
        skill: key of the skill whose statement it is about.
    """

    id: str
    at: datetime
    reviewer: Learner
    event_id: str
    skill: str
    note: str | None = None


@frozen
class LearnerErased:
    """A person was taken out of everything that is kept.

    Attributes:
        pseudonym: of the account by which statements named the person, see `ActorPolicy.pseudonym`; with the moment it
            is the fact's unique key.
    """

    at: datetime
    pseudonym: str


def _may_be_voided(_instance: object, _attribute: object, value: Any) -> None:
    if isinstance(value, Voided):
        raise InvalidValue("what takes a statement back cannot be taken back itself; tell the fact again instead")


@frozen
class Voided:
    """A fact was taken back.

    Attributes:
        fact: what was told, or its key; it is, with its own unique key, this fact's unique key.
        by: who took it back; None: the system did.
        reason: why.
    """

    at: datetime
    fact: "VoidableFact" = field(validator=_may_be_voided)
    by: Learner | None = None
    reason: str | None = None


VoidableFact = (
    Practised
    | Lapsed
    | RetentionDropped
    | Mastered
    | SkillExpired
    | RefresherAssigned
    | RefresherDone
    | RefresherExpired
    | Coached
    | Observed
    | Reviewed
    | Told
)
Fact = VoidableFact | LearnerErased | Voided
