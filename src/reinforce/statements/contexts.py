"""How it went and around what: results, contexts and attachments."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from attrs import field, frozen

from reinforce.statements.activities import Activity
from reinforce.statements.actors import Actor, Agent, Group


@frozen
class Score:
    """A score.

    Attributes:
        scaled: -1 to 1.
        raw: from `min` to `max`, where they are given.
    """

    scaled: float | None = None
    raw: float | None = None
    min: float | None = None
    max: float | None = None


@frozen
class Result:
    """How it went.

    Attributes:
        duration: ISO 8601, such as PT1H30M.
    """

    score: Score | None = None
    success: bool | None = None
    completion: bool | None = None
    response: str | None = None
    duration: str | None = None
    extensions: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen
class StatementRef:
    """Another statement, by its id."""

    id: UUID


@frozen
class ContextActivities:
    """The activities around the one that a statement is about."""

    parent: tuple[Activity, ...] = ()
    grouping: tuple[Activity, ...] = ()
    category: tuple[Activity, ...] = ()
    other: tuple[Activity, ...] = ()


@frozen
class ContextAgent:
    """Somebody who took part in another role; xAPI 2.0 only.

    Attributes:
        relevant_types: IRIs of the roles.
    """

    agent: Agent
    relevant_types: tuple[str, ...] = ()


@frozen
class ContextGroup:
    """Several who took part in another role; xAPI 2.0 only.

    Attributes:
        relevant_types: IRIs of the roles.
    """

    group: Group
    relevant_types: tuple[str, ...] = ()


@frozen
class Context:
    """What a statement must be seen together with.

    Attributes:
        registration: the attempt or session that it belongs to.
        revision: of the activity; only if the object is one.
        platform: where it happened; only if the object is an activity.
        language: RFC 5646 tag of the language in which it happened.
    """

    registration: UUID | None = None
    instructor: Actor | None = None
    team: Group | None = None
    context_activities: ContextActivities | None = None
    context_agents: tuple[ContextAgent, ...] = ()
    context_groups: tuple[ContextGroup, ...] = ()
    revision: str | None = None
    platform: str | None = None
    language: str | None = None
    statement: StatementRef | None = None
    extensions: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen
class Attachment:
    """A file that goes with a statement; its content travels beside it.

    Attributes:
        usage_type: IRI of what it is for.
        length: octets of the content.
        sha2: hash of the content, in hex.
        file_url: where the content can be had.
    """

    usage_type: str
    display: Mapping[str, str] = field(hash=False)
    content_type: str
    length: int
    sha2: str
    description: Mapping[str, str] = field(factory=dict, hash=False)
    file_url: str | None = None
