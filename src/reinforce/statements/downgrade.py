"""Statements of xAPI 2.0 for those who know 1.0.3."""

from collections.abc import Mapping
from typing import Any

ONLY_IN_2_0 = ("contextAgents", "contextGroups")


def to_1_0_3(statement: Mapping[str, Any]) -> dict[str, Any]:
    """The checked statement as xAPI 1.0.3 has it: without contextAgents, contextGroups and a version of 2.0.

    Nothing else differs: what is valid in 2.0 is valid in 1.0.3 besides. What is dropped cannot be said there; a
    statement of ours says the same in `instructor` where it can.
    """
    older = _without_roles(statement)
    inner = older.get("object")
    if isinstance(inner, dict) and inner.get("objectType") == "SubStatement":
        older["object"] = _without_roles(inner)
    if str(older.get("version", "")).startswith("2"):
        del older["version"]
    return older


def _without_roles(statement: Mapping[str, Any]) -> dict[str, Any]:
    older = dict(statement)
    context = older.get("context")
    if isinstance(context, dict) and any(name in context for name in ONLY_IN_2_0):
        kept = {name: value for name, value in context.items() if name not in ONLY_IN_2_0}
        if kept:
            older["context"] = kept
        else:
            del older["context"]
    return older
