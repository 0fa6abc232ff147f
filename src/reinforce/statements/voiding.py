"""Statements that take others back."""

from collections.abc import Iterable, Mapping
from typing import Any

from reinforce.statements.grammar import VOIDED


def voids(statement: Mapping[str, Any]) -> str | None:
    """The id of the statement that a checked one takes back, in lower case; None: it takes none back."""
    if statement["verb"]["id"] != VOIDED:
        return None
    target = statement["object"]["id"]
    return str(target).lower()


def voided_ids(statements: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The ids of those of the statements that another one of them takes back.

    A statement that takes another back cannot itself be taken back, whichever came first; one that refers to a
    statement not among them takes effect once that is.
    """
    voiding: set[str] = set()
    others: set[str] = set()
    targets: set[str] = set()
    for statement in statements:
        target = voids(statement)
        own = statement.get("id")
        if isinstance(own, str):
            (others if target is None else voiding).add(own.lower())
        if target is not None:
            targets.add(target)
    return frozenset((targets & others) - voiding)
