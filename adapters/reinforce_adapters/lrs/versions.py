"""Which version of xAPI an LRS speaks, and in which a statement goes there."""

import json

from reinforce.delivery.outgoing import Outgoing, Version
from reinforce.errors import DeliveryStopped
from reinforce.statements.downgrade import to_1_0_3
from reinforce_adapters.lrs.answer import Answer, stop_for
from reinforce_adapters.lrs.connection import Connection
from reinforce_adapters.lrs.settings import LrsSettings

NEWEST_FIRST: tuple[Version, ...] = ("2.0.0", "1.0.3")
HIDES_ITS_VERSIONS = frozenset({401, 403, 404, 405})
"""Answers to `/about` of an LRS that has none, or shows it to nobody."""


def set_versions(settings: LrsSettings) -> tuple[Version, ...] | None:
    """The version that the settings name; None: the LRS is to be asked."""
    return tuple(one for one in NEWEST_FIRST if one == settings.version) or None


def ask_for_versions(connection: Connection) -> tuple[Version, ...]:
    """The versions that we and an LRS have in common, the newest first.

    Raises:
        DeliveryStopped: there are none, or the LRS is away.
    """
    about = connection.get("about", "1.0.3")
    if about.status == 400:  # it takes no question of the older version either
        about = connection.get("about", "2.0.0")
    return offered_versions(about)


def offered_versions(about: Answer) -> tuple[Version, ...]:
    """The versions that we and an LRS have in common, by its answer to `/about`.

    One that does not tell speaks 1.0.3, like nearly all.

    Raises:
        DeliveryStopped: there are none, or the LRS is away.
    """
    if about.status in HIDES_ITS_VERSIONS:
        return ("1.0.3",)
    if about.status != 200:
        raise stop_for(about)
    try:
        named = about.json()["version"]
        common = tuple(one for one in NEWEST_FIRST if any(str(name).startswith(one[:3]) for name in list(named)))
    except (ValueError, TypeError, LookupError):
        raise DeliveryStopped("its /about is not that of an LRS: is the endpoint right?") from None
    if not common:
        listed = ", ".join(str(name)[:20] for name in named[:10])
        raise DeliveryStopped(f"the LRS speaks xAPI {listed}, and we 1.0.3 and 2.0.0", is_permanent=True)
    return common


def version_on_the_wire(statement: Outgoing, offered: tuple[Version, ...]) -> Version:
    """The version in which a statement is sent: its own if the LRS speaks it, else the newest that it does."""
    return statement.version if statement.version in offered else offered[0]


def body_on_the_wire(statement: Outgoing, version: Version) -> bytes:
    """The bytes that are sent: those of the log, unless they must be of an older version."""
    if (statement.version, version) != ("2.0.0", "1.0.3"):
        return statement.body
    older = to_1_0_3(json.loads(statement.body))
    return json.dumps(older, ensure_ascii=False, separators=(",", ":")).encode()
