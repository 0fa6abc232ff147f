"""Statements: who did what, to what, with which result."""

from datetime import datetime
from uuid import UUID

from attrs import frozen

from reinforce.statements.activities import Activity, Verb
from reinforce.statements.actors import Actor, Agent, Group
from reinforce.statements.contexts import Attachment, Context, Result, StatementRef


@frozen
class SubStatement:
    """A statement inside of another: something planned or imagined rather than done."""

    actor: Actor
    verb: Verb
    object: Activity | Agent | Group | StatementRef
    result: Result | None = None
    context: Context | None = None
    timestamp: datetime | None = None
    attachments: tuple[Attachment, ...] = ()


StatementObject = Activity | Agent | Group | StatementRef | SubStatement


@frozen(kw_only=True)
class Statement:
    """Who did what, to what, with which result.

    Attributes:
        id: None: the LRS is to give it one.
        timestamp: when it happened.
        stored: when an LRS took it; set by the LRS.
        authority: who vouches for it; set by the LRS.
        version: the version of xAPI that it was written for; best left out.
    """

    id: UUID | None = None
    actor: Actor
    verb: Verb
    object: StatementObject
    result: Result | None = None
    context: Context | None = None
    timestamp: datetime | None = None
    stored: datetime | None = None
    authority: Actor | None = None
    version: str | None = None
    attachments: tuple[Attachment, ...] = ()


@frozen
class StatementResult:
    """One page of an answer to a query.

    Attributes:
        more: where the next page is, relative to the host; empty: this is the last.
    """

    statements: tuple[Statement, ...] = ()
    more: str = ""
