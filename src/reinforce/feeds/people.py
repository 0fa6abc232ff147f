"""Who is meant by the identifiers in statements, and how a feed names them instead."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import evolve, frozen

from reinforce.errors import InvalidValue
from reinforce.model.people import IdentifierKind, Learner
from reinforce.statements.actors import Agent, actor_key
from reinforce.statements.conversion import unstructure
from reinforce.statements.formats import compact
from reinforce.statements.persons import NOBODY
from reinforce.statements.voice import ActorPolicy, Voice

_ANYWHERE = "urn:none"


@frozen
class People:
    """A tenant's learners by every identifier under which the log may name them.

    Attributes:
        by_key: learners by `actor_key`.
        nobody: the keys of Agents who are no people, such as the system that tells what nobody did.
    """

    by_key: Mapping[str, Learner]
    nobody: frozenset[str]

    @classmethod
    def of(cls, tenant: str, learners: Iterable[Learner], voice: Voice | None) -> "People":
        """The learners of a tenant.

        Args:
            tenant: its key.
            learners: all of them.
            voice: in which our statements are told; None: none are.
        """
        found = {key: learner for learner in learners for key in _keys(tenant, learner, voice)}
        return cls(found, frozenset() if voice is None else frozenset(_key(voice.system)))

    def keys_of(self, learners: Iterable[str]) -> frozenset[str]:
        """Every identifier of the learners with those keys."""
        wanted = set(learners)
        return frozenset(key for key, learner in self.by_key.items() if learner.key in wanted)


def _keys(tenant: str, learner: Learner, voice: Voice | None) -> Iterator[str]:
    """How the log may name a learner today, or has named them before they had an identifier of their own."""
    kinds = (IdentifierKind.MBOX, IdentifierKind.MBOX_SHA1SUM)
    policies = [ActorPolicy(_ANYWHERE, kind) for kind in kinds]
    if voice is not None:
        policies.append(voice.actors)
    for known_as in {learner, evolve(learner, xapi=None)}:
        for policy in policies:
            try:
                yield from _key(policy.agent(tenant, known_as))
            except InvalidValue:  # they have no such identifier
                continue


def _key(agent: Agent) -> Iterator[str]:
    key = actor_key(unstructure(agent))
    if key is not None:
        yield key


@frozen(eq=False)
class Names:
    """The names that a feed gives to people."""

    tenant: str
    people: People
    policy: ActorPolicy

    def instead(self, actor: Mapping[str, Any], *, is_ours: bool) -> bytes | None:
        """The Agent that a feed tells in place of another, as JSON; None: that one stays.

        Args:
            actor: the plain data of an Agent.
            is_ours: whether the statement is ours, in which everybody must be known.

        Raises:
            InvalidValue: it is nobody that we know, or somebody without the identifier that the policy asks for.
        """
        key = actor_key(actor) or ""
        learner = self.people.by_key.get(key)
        if learner is not None:
            return compact(unstructure(self.policy.agent(self.tenant, learner)))
        if is_ours and key not in self.people.nobody and actor.get("account", {}).get("homePage") != NOBODY:
            raise InvalidValue("it names somebody who is none of the learners, and whom the feed cannot name otherwise")
        return None

    def without_name(self) -> dict[str, str]:
        """The learners whom the policy cannot name, by key, each with what is missing."""
        missing: dict[str, str] = {}
        for learner in self.people.by_key.values():
            try:
                self.policy.agent(self.tenant, learner)
            except InvalidValue as problem:
                missing[learner.key] = str(problem)
        return missing
