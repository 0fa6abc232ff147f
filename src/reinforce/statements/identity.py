"""Ids of statements, which are the same whenever the same fact is told.

Frozen: the recipe is a promise to everyone who stores our statements. Decision 12 spells it out.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from hashlib import sha1
from typing import Any
from uuid import UUID, uuid5

from reinforce.errors import InvalidValue
from reinforce.statements.facts import (
    Coached,
    Fact,
    Lapsed,
    LearnerErased,
    Mastered,
    Observed,
    Practised,
    RefresherAssigned,
    RefresherDone,
    RefresherExpired,
    RetentionDropped,
    Reviewed,
    SkillExpired,
    Voided,
)
from reinforce.statements.timestamps import timestamp_text
from reinforce.statements.told import Told

STATEMENT_IDS = UUID("5b1b7c1e-6d4f-5c8e-9a53-3f6b0e7a2d41")
REGISTRATIONS = UUID("c0a0f3b2-1d7e-5a46-8f2b-6f1f6b8f9e57")

_array = json.JSONEncoder(separators=(",", ":")).encode

_KEYS: Mapping[type, Callable[[Any], tuple[str, ...]]] = {
    Practised: lambda fact: ("practised", fact.event_id, fact.skill.key),
    Lapsed: lambda fact: ("lapsed", fact.event_id, fact.skill.key),
    Mastered: lambda fact: ("mastered", fact.event_id, fact.skill.key),
    RetentionDropped: lambda fact: dropped_key(fact.learner.key, fact.skill.key, fact.state.last_event),
    SkillExpired: lambda fact: ("skill-expired", fact.learner.key, fact.skill.key, fact.expired_on.isoformat()),
    RefresherAssigned: lambda fact: ("refresher-assigned", fact.assignment.id),
    RefresherDone: lambda fact: ("refresher-done", fact.assignment.id),
    RefresherExpired: lambda fact: ("refresher-expired", fact.assignment.id),
    Coached: lambda fact: ("coached", fact.id),
    Observed: lambda fact: ("observed", fact.event_id),
    Reviewed: lambda fact: ("reviewed", fact.id),
    LearnerErased: lambda fact: ("learner-erased", fact.pseudonym, timestamp_text(fact.at)),
    Told: lambda fact: fact.key,
    Voided: lambda fact: ("voided", *key_of(fact.fact)),
}


def dropped_key(learner: str, skill: str, last_event: datetime) -> tuple[str, ...]:
    """The key of the fact that a memory, as it has been since an event, fell below what is to be kept."""
    return ("retention-dropped", learner, skill, timestamp_text(last_event))


def derived_id(namespace: UUID, *key: str) -> UUID:
    """UUIDv5 of the texts as a JSON array without blanks, in ASCII: no two keys can run into each other.

    >>> derived_id(STATEMENT_IDS, "acme", "practised", "1f", "pricing")
    UUID('36882e52-f83c-5471-884d-e38ff11142f8')
    """
    return uuid5(namespace, _array(key))


def key_of(fact: Fact) -> tuple[str, ...]:
    """The kind of the fact and its unique key.

    Raises:
        InvalidValue: it is no fact that is told.
    """
    make = _KEYS.get(type(fact))
    if make is None:
        raise InvalidValue(f"a {type(fact).__name__} is no fact that is told")
    return make(fact)


def statement_id(fact: Fact, tenant: str) -> UUID:
    """The id of the statement that tells a tenant's fact."""
    return derived_id(STATEMENT_IDS, tenant, *key_of(fact))


def dropped_ids(tenant: str, drops: Iterable[tuple[str, str, datetime]]) -> list[bytes]:
    """The ids of the statements that tell drops, as bytes; each at a third of the cost of `statement_id`.

    Args:
        tenant: whose.
        drops: the keys of learner and skill, and the moment of the last event; those of a learner side by side are
            quickest.
    """
    found = []
    begun, of = sha1(usedforsecurity=False), None
    for learner, skill, last_event in drops:
        if learner != of:
            shared = _array((tenant, *dropped_key(learner, skill, last_event)[:2]))[:-1]
            begun, of = sha1(STATEMENT_IDS.bytes + shared.encode(), usedforsecurity=False), learner
        whole = begun.copy()
        whole.update(f',{_text(skill)},"{timestamp_text(last_event)}"]'.encode())
        number = bytearray(whole.digest()[:16])
        number[6] = number[6] & 0x0F | 0x50
        number[8] = number[8] & 0x3F | 0x80
        found.append(bytes(number))
    return found


@lru_cache(maxsize=4096)
def _text(key: str) -> str:
    return _array(key)


def practice_id(tenant: str, event_id: str, skill: str) -> UUID:
    """The id of the statement that tells the practice of one skill."""
    return derived_id(STATEMENT_IDS, tenant, "practised", event_id, skill)
