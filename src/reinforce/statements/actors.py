"""Who: Agents, Groups and what identifies them."""

import hashlib
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from reinforce.model.people import IdentifierKind, XapiIdentifier


@frozen
class Account:
    """A user account on some system.

    Attributes:
        home_page: IRL of the system.
        name: the account's id there.
    """

    home_page: str
    name: str


@frozen
class Agent:
    """A person or a system, identified by exactly one of the four.

    Attributes:
        name: how people call them.
        mbox: `mailto:` and an e-mail address.
        mbox_sha1sum: the SHA-1 hash of one, in hex.
        openid: an OpenID's URI.
    """

    name: str | None = None
    mbox: str | None = None
    mbox_sha1sum: str | None = None
    openid: str | None = None
    account: Account | None = None


@frozen
class Group:
    """Several Agents, identified by at most one of the four; without one it must list its members.

    Attributes:
        member: None: not told.
    """

    name: str | None = None
    mbox: str | None = None
    mbox_sha1sum: str | None = None
    openid: str | None = None
    account: Account | None = None
    member: tuple[Agent, ...] | None = None


Actor = Agent | Group


def actor_key(actor: Mapping[str, Any]) -> str | None:
    """One text for all that identify the same Agent or Group: which identifier it is, and its value.

    E-mail addresses are compared without regard to the case of their domain, hashes without regard to case.

    >>> actor_key({"mbox": "mailto:Ada@Example.COM"})
    'mbox mailto:Ada@example.com'
    >>> actor_key({"account": {"homePage": "https://lms.example", "name": "17"}})
    'account https://lms.example 17'

    Args:
        actor: the plain data of one that was checked.

    Returns:
        The key; None for a Group without identifier.
    """
    if "account" in actor:
        account = actor["account"]
        return f"account {account['homePage']} {account['name']}"
    if "mbox" in actor:
        return f"mbox {lower_domain(actor['mbox'])}"
    if "mbox_sha1sum" in actor:
        return f"mbox_sha1sum {actor['mbox_sha1sum'].lower()}"
    return f"openid {actor['openid']}" if "openid" in actor else None


def actor_keys(identifier: XapiIdentifier) -> frozenset[str]:
    """The keys (see `actor_key`) of all Agents that a learner's identifier stands for.

    Who is known by an e-mail address is known by its hash, too.

    >>> sorted(actor_keys(XapiIdentifier("mbox", "mailto:a@b.example")))
    ['mbox mailto:a@b.example', 'mbox_sha1sum cc836773eb30d4a3ecd08586b652ce98238549aa']
    """
    kind, value = identifier.kind, identifier.value
    if kind is IdentifierKind.ACCOUNT:
        return frozenset({f"account {identifier.home_page} {value}"})
    if kind is IdentifierKind.MBOX:
        hashes = {f"mbox_sha1sum {_sha1(address)}" for address in (value, lower_domain(value))}
        return frozenset({f"mbox {lower_domain(value)}", *hashes})
    return frozenset({f"{kind.value} {value.lower() if kind is IdentifierKind.MBOX_SHA1SUM else value}"})


def identifier_of(actor: Mapping[str, Any]) -> XapiIdentifier | None:
    """The identifier of a checked Agent, as a learner has it; None: it has none."""
    if "account" in actor:
        account = actor["account"]
        return XapiIdentifier(IdentifierKind.ACCOUNT, account["name"], account["homePage"])
    for kind in (IdentifierKind.MBOX, IdentifierKind.MBOX_SHA1SUM, IdentifierKind.OPENID):
        if kind.value in actor:
            return XapiIdentifier(kind, actor[kind.value])
    return None


def _sha1(address: str) -> str:
    return hashlib.sha1(address.encode(), usedforsecurity=False).hexdigest()


def lower_domain(mbox: str) -> str:
    """The e-mail address with its domain in lower case."""
    local, at, domain = mbox.rpartition("@")
    return local + at + domain.lower()
