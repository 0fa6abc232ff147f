"""What statements are found by: the identifiers in them, each as one number.

A term is eight bytes of a hash over the tenant, a kind and an identifier in its one canonical form. A statement's terms
are rows in one narrow table, so a filter is a range of it whatever it filters by.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from attrs import field, frozen

from reinforce.errors import InvalidValue
from reinforce.statements.actors import lower_domain

Data = Mapping[str, Any]


class TermKind(StrEnum):
    """In which role a statement names an identifier.

    Of agents and activities, the related ones are those that only a broad search finds.
    """

    AGENT = "agent"
    RELATED_AGENT = "related agent"
    VERB = "verb"
    ACTIVITY = "activity"
    RELATED_ACTIVITY = "related activity"
    REGISTRATION = "registration"
    CREDENTIAL = "credential"
    REFERENCE = "reference"


_NOT_INHERITED = frozenset({TermKind.CREDENTIAL, TermKind.REFERENCE})
"""A statement is also found by what the statement that it refers to is found by, except for these."""

Term = tuple[TermKind, str]


@lru_cache(maxsize=1 << 16)
def term_number(tenant_id: int, kind: TermKind, identifier: str) -> int:
    """The number that stands for an identifier in a role."""
    text = f"{tenant_id}\0{kind.value}\0{identifier}".encode()
    return int.from_bytes(blake2b(text, digest_size=8, person=b"reinforce").digest(), "big", signed=True)


def agent_identifier(actor: Data) -> str | None:
    """The one text that stands for an Agent or identified Group; None: it has no identifier."""
    if "account" in actor:
        account = actor["account"]
        return f"account\0{account['homePage']}\0{account['name']}"
    if "mbox" in actor:
        return f"mbox\0{lower_domain(actor['mbox'])}"
    if "mbox_sha1sum" in actor:
        return f"mbox_sha1sum\0{actor['mbox_sha1sum'].lower()}"
    return f"openid\0{actor['openid']}" if "openid" in actor else None


def terms_of(statement: Data) -> set[Term]:
    """The terms of a checked statement."""
    found = {(TermKind.AGENT, identifier) for identifier in _actors(statement["actor"])}
    found.add((TermKind.VERB, statement["verb"]["id"]))
    found.update(_object_terms(statement["object"]))
    context = statement.get("context")
    if context is not None:
        found.update(_context_terms(context))
        if "registration" in context:
            found.add((TermKind.REGISTRATION, context["registration"].lower()))
    return found


def _actors(actor: Data) -> Iterator[str]:
    """The identifiers of an actor and, of a Group, of its members."""
    own = agent_identifier(actor)
    if own is not None:
        yield own
    for member in actor.get("member", ()):
        yield from _actors(member)


def _object_terms(value: Data) -> Iterator[Term]:
    kind = value.get("objectType", "Activity")
    if kind == "Activity":
        yield TermKind.ACTIVITY, value["id"]
    elif kind == "StatementRef":
        yield TermKind.REFERENCE, value["id"].lower()
    elif kind == "SubStatement":
        yield from _related_terms(value)
    else:
        for identifier in _actors(value):
            yield TermKind.AGENT, identifier


def _related_terms(sub_statement: Data) -> Iterator[Term]:
    """What a SubStatement names, which only a broad search looks at."""
    related = {TermKind.AGENT: TermKind.RELATED_AGENT, TermKind.ACTIVITY: TermKind.RELATED_ACTIVITY}
    for identifier in _actors(sub_statement["actor"]):
        yield TermKind.RELATED_AGENT, identifier
    for kind, identifier in _object_terms(sub_statement["object"]):
        if kind in related:
            yield related[kind], identifier
    yield from _context_terms(sub_statement.get("context", {}))


def _context_terms(context: Data) -> Iterator[Term]:
    actors = [context[name] for name in ("instructor", "team") if name in context]
    actors += [one["agent"] for one in context.get("contextAgents", ())]
    actors += [one["group"] for one in context.get("contextGroups", ())]
    for actor in actors:
        for identifier in _actors(actor):
            yield TermKind.RELATED_AGENT, identifier
    for activities in context.get("contextActivities", {}).values():
        for activity in activities if isinstance(activities, list) else [activities]:
            yield TermKind.RELATED_ACTIVITY, activity["id"]


def inherited(terms: set[Term]) -> set[Term]:
    """Those of a statement's terms by which the statements that refer to it are found as well."""
    return {term for term in terms if term[0] not in _NOT_INHERITED}


@frozen(kw_only=True)
class Filter:
    """Which statements are asked for; what is None does not matter.

    Attributes:
        agent: an Agent or identified Group.
        verb: its id.
        activity: its id.
        registration: a UUID.
        related_agents: look for the agent wherever a statement may name one.
        related_activities: look for the activity in contexts and SubStatements too.
        since: stored after this moment, in epoch microseconds.
        until: stored at this moment at the latest.
        credential_id: received with this credential.
        authority_ids: the credentials whose authority is the agent.
        ascending: the oldest first.
    """

    agent: Data | None = field(default=None, hash=False)
    verb: str | None = None
    activity: str | None = None
    registration: str | None = None
    related_agents: bool = False
    related_activities: bool = False
    since: int | None = None
    until: int | None = None
    credential_id: int | None = None
    authority_ids: Sequence[int] = ()
    ascending: bool = False

    def alternatives(self) -> list[list[Term]]:
        """For each condition, the terms of which a statement has at least one."""
        wanted: list[list[Term]] = []
        if self.agent is not None:
            wanted.append(self._agent_terms(self.agent))
        if self.verb is not None:
            wanted.append([(TermKind.VERB, self.verb)])
        if self.activity is not None:
            kinds = (TermKind.ACTIVITY, TermKind.RELATED_ACTIVITY) if self.related_activities else (TermKind.ACTIVITY,)
            wanted.append([(kind, self.activity) for kind in kinds])
        if self.registration is not None:
            wanted.append([(TermKind.REGISTRATION, self.registration.lower())])
        if self.credential_id is not None:
            wanted.append([(TermKind.CREDENTIAL, str(self.credential_id))])
        return wanted

    def _agent_terms(self, agent: Data) -> list[Term]:
        identifier = agent_identifier(agent)
        if identifier is None:
            raise InvalidValue("statements are found by an Agent or a Group with an identifier")
        found: list[Term] = [(TermKind.AGENT, identifier)]
        if self.related_agents:
            found.append((TermKind.RELATED_AGENT, identifier))
            found += [(TermKind.CREDENTIAL, str(number)) for number in self.authority_ids]
        return found
