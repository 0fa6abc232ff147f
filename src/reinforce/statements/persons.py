"""Taking a person out of statements: where they stand, and the text without them.

A person stands wherever a JSON object has an identifier of theirs: as an actor, a member, an instructor, in a
SubStatement, an authority or an extension. Their names in free text are found, and never changed: those are
somebody else's words.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha1
from typing import Any

from attrs import field, frozen

from reinforce.model.people import IdentifierKind, Learner
from reinforce.statements.actors import actor_key
from reinforce.statements.formats import compact
from reinforce.statements.grammar import IDENTIFIERS, SIGNATURE
from reinforce.statements.json_bytes import parse_at, skip_blanks
from reinforce.statements.syntax import is_mailbox
from reinforce.statements.vocabulary import NAMESPACE

Data = Mapping[str, Any]

NOBODY = f"{NAMESPACE}erased"
"""The home page of the accounts that stand where a person stood."""

SHORTEST_NAME = 4
"""Identifiers shorter than this are found everywhere and are not looked for in free text."""

MAILTO = "mailto:"


@frozen
class Person:
    """All by which somebody may be named.

    Attributes:
        agents: with one identifier each, as an Agent has it.
        texts: key, name and the like, as free text may hold them; those that are long enough to be looked for.
    """

    agents: tuple[Data, ...] = field(hash=False)
    texts: tuple[str, ...]
    _keys: frozenset[str] = field(init=False)
    _addresses: frozenset[str] = field(init=False)

    @_keys.default
    def _keys_of_agents(self) -> frozenset[str]:
        return frozenset(key.lower() if key.startswith("mbox") else key for key in map(_key, self.agents))

    @_addresses.default
    def _addresses_of_agents(self) -> frozenset[str]:
        return frozenset(
            one["mbox"].removeprefix(MAILTO).lower() for one in self.agents if isinstance(one.get("mbox"), str)
        )

    def is_(self, data: Any) -> bool:
        """Whether an object names the person: by an identifier, or by an account called like their e-mail address."""
        if not isinstance(data, dict) or not any(name in data for name in IDENTIFIERS):
            return False
        try:
            key = _key(data)
        except (KeyError, TypeError, AttributeError):  # in an extension, where everything may stand
            return False
        if (key.lower() if key.startswith("mbox") else key) in self._keys:
            return True
        return "account" in data and data["account"]["name"].lower() in self._addresses

    def with_agents(self, agents: Iterable[Data]) -> "Person":
        """The same person, who is known by these identifiers as well."""
        more = [one for one in map(_identifier_of, agents) if not self.is_(one)]
        names = [one["account"]["name"] for one in more if "account" in one]
        return Person((*self.agents, *more), (*self.texts, *(name for name in names if len(name) >= SHORTEST_NAME)))


def person_of(learner: Learner, agents: Iterable[Data] = ()) -> Person:
    """Who a learner is, as far as the learner says so.

    Args:
        learner: whose key, name and identifier count.
        agents: who else they are known to be.
    """
    addresses = [learner.key] if is_mailbox(MAILTO + learner.key) else []
    found: list[Data] = []
    told = learner.xapi
    if told is not None and told.kind is IdentifierKind.MBOX:
        addresses.append(told.value.removeprefix(MAILTO))
    elif told is not None and told.kind is IdentifierKind.ACCOUNT:
        found.append({"account": {"homePage": told.home_page or "", "name": told.value}})
    elif told is not None:
        found.append({told.kind.value: told.value})
    for address in dict.fromkeys(form for one in addresses for form in _forms_of(one)):
        mbox = MAILTO + address
        hashed = sha1(mbox.encode(), usedforsecurity=False).hexdigest()
        found += [{"mbox": mbox}, {"mbox_sha1sum": hashed}]
    texts = [learner.key, learner.name, *addresses, told.value.removeprefix(MAILTO) if told else ""]
    long_enough = dict.fromkeys(text for text in texts if len(text) >= SHORTEST_NAME)
    return Person(tuple(found), tuple(long_enough)).with_agents(agents)


def _forms_of(address: str) -> Iterator[str]:
    """How an address may have been written before it was hashed."""
    local, _, domain = address.rpartition("@")
    yield from (address, f"{local}@{domain.lower()}", address.lower())


def _key(agent: Data) -> str:
    return actor_key(agent) or ""


def _identifier_of(agent: Data) -> Data:
    """An Agent with its identifier alone."""
    return {name: agent[name] for name in IDENTIFIERS if name in agent}


def objects_of(data: Any, person: Person) -> Iterator[Data]:
    """The objects anywhere in plain data that name the person."""
    if isinstance(data, dict):
        if person.is_(data):
            yield data
        for value in data.values():
            yield from objects_of(value, person)
    elif isinstance(data, list):
        for value in data:
            yield from objects_of(value, person)


def is_about(statement: Data, person: Person) -> bool:
    """Whether the person is the statement's actor, or the only member of it."""
    actor = statement["actor"]
    if person.is_(actor):
        return True
    members = actor.get("member", ())
    return not any(name in actor for name in IDENTIFIERS) and bool(members) and all(map(person.is_, members))


def mentions(data: Any, person: Person) -> bool:
    """Whether a text anywhere in plain data holds the key, name or an identifier of the person."""
    wanted = [text.casefold() for text in person.texts]
    return any(text in found.casefold() for found in _texts(data) for text in wanted)


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for name, value in data.items():
            yield name
            yield from _texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from _texts(value)


def without_person(body: bytes, person: Person, stand_in: str) -> bytes:
    """JSON with an account of nobody wherever the person stood; all else stays as it is, byte for byte.

    Signatures of a statement go, because they hold it as it was.

    Args:
        body: JSON; a statement's, or another's.
        person: who is to be taken out.
        stand_in: the name of the account that stands for them from now on.
    """
    text = body.decode()
    start = skip_blanks(text, 0)
    new, end = _without(text, start, person, stand_in)
    return (text[:start] + new + text[end:]).encode()


def _without(text: str, at: int, person: Person, stand_in: str, *, is_outermost: bool = True) -> tuple[str, int]:
    value, end = parse_at(text, at)
    if next(objects_of(value, person), None) is None:
        return text[at:end], end
    parts: list[str] = []
    for name, start in _inside(text, at, is_object=isinstance(value, dict)):
        part, _ = _without(text, start, person, stand_in, is_outermost=False)
        if name is None:
            parts.append(part)
        elif is_outermost and name == "attachments":
            kept = [one for one in value[name] if one.get("usageType") != SIGNATURE]
            parts.append(f'"{name}":{compact(kept).decode()}')
        elif not (person.is_(value) and name in (*IDENTIFIERS, "name")):
            parts.append(f"{json.dumps(name, ensure_ascii=False)}:{part}")
    if person.is_(value):
        parts.append(compact({"account": {"homePage": NOBODY, "name": stand_in}}).decode()[1:-1])
    left, right = "{}" if isinstance(value, dict) else "[]"
    return left + ",".join(parts) + right, end


def _inside(text: str, at: int, *, is_object: bool) -> Iterator[tuple[str | None, int]]:
    """Where the values of an array or object begin, each with its name; None in an array."""
    at = skip_blanks(text, at + 1)
    while text[at] not in "}]":
        name = None
        if is_object:
            name, end = parse_at(text, at)
            at = skip_blanks(text, skip_blanks(text, end) + 1)
        yield name, at
        _, end = parse_at(text, at)
        at = skip_blanks(text, end)
        if text[at] == ",":
            at = skip_blanks(text, at + 1)
