"""The formats in which an LRS gives statements out: exact, ids and canonical.

`exact` keeps the text that came, byte for byte, around what the LRS must set; `ids` holds the least that identifies
everything; `canonical` has the LRS's own definitions, each in one language.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from reinforce.statements.grammar import IDENTIFIERS
from reinforce.statements.json_bytes import parse_at, skip_blanks
from reinforce.statements.languages import in_one_language
from reinforce.statements.reading import ReceivedStatement

Definition = Mapping[str, Any]


def compact(data: Any) -> bytes:
    """Plain data as JSON in UTF-8, without blanks; the same data gives the same bytes."""
    return _encode(data).encode()


# Made once: `json.dumps` with options makes one for every call.
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


# ---------------------------------------------------------------- exact


def completed(statement: ReceivedStatement, given: Mapping[str, Any]) -> bytes:
    """The statement's exact text with what the LRS sets, in place of what it said itself about that.

    Args:
        statement: as it came.
        given: values of `id`, `timestamp`, `stored`, `authority` and `version`; of the first two and the last, one that
            the statement has is kept, if `given` leaves it out.
    """
    exact = statement.exact
    if has_lone_context_activities(statement.data):
        exact = compact(with_context_arrays(statement.data))
    kept = _without_members(exact.decode(), given.keys()) if given.keys() & statement.data.keys() else None
    inner = exact.strip()[1:-1].decode() if kept is None else kept
    ours = compact(dict(given)).decode()[1:-1]
    return f"{{{ours},{inner.lstrip()}}}".encode() if ours else exact


def _without_members(text: str, names: Any) -> str:
    """The text between the braces of an object, without the members of those names."""
    kept: list[str] = []
    at = skip_blanks(text, skip_blanks(text, 0) + 1)
    while text[at] != "}":
        name, end = parse_at(text, at)
        value_at = skip_blanks(text, skip_blanks(text, end) + 1)
        _, end = parse_at(text, value_at)
        if name not in names:
            kept.append(text[at:end])
        at = skip_blanks(text, end)
        if text[at] == ",":
            at = skip_blanks(text, at + 1)
    return ",".join(kept)


def has_lone_context_activities(statement: Mapping[str, Any]) -> bool:
    """Whether an activity stands somewhere in its context where an array should; an LRS gives arrays out."""
    return any(
        isinstance(value, dict)
        for context in _contexts(statement)
        for value in context.get("contextActivities", {}).values()
    )


def _contexts(statement: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [part["context"] for part in (statement, statement["object"]) if "context" in part]


def with_context_arrays(statement: Mapping[str, Any]) -> dict[str, Any]:
    """The statement with an array wherever an activity stood alone in its context."""
    changed = dict(statement)
    if changed["object"].get("objectType") == "SubStatement":
        changed["object"] = with_context_arrays(changed["object"])
    activities = changed.get("context", {}).get("contextActivities")
    if activities is not None:
        arrays = {kind: value if isinstance(value, list) else [value] for kind, value in activities.items()}
        changed["context"] = {**changed["context"], "contextActivities": arrays}
    return changed


# ---------------------------------------------------------------- walking through a statement

Rebuild = Callable[[dict[str, Any]], dict[str, Any]]


def _rebuilt(statement: Mapping[str, Any], actor: Rebuild, verb: Rebuild, activity: Rebuild) -> dict[str, Any]:
    """The statement with each of its actors, verbs and activities made anew; arrays in its contexts."""
    new = with_context_arrays(statement)
    new["actor"], new["verb"] = actor(new["actor"]), verb(new["verb"])
    if "authority" in new:
        new["authority"] = actor(new["authority"])
    if "context" in new:
        new["context"] = _rebuilt_context(new["context"], actor, activity)
    kind = new["object"].get("objectType", "Activity")
    if kind == "Activity":
        new["object"] = activity(new["object"])
    elif kind == "SubStatement":
        new["object"] = _rebuilt(new["object"], actor, verb, activity)
    elif kind != "StatementRef":
        new["object"] = actor(new["object"])
    return new


def _rebuilt_context(context: dict[str, Any], actor: Rebuild, activity: Rebuild) -> dict[str, Any]:
    new = dict(context)
    for name in ("instructor", "team"):
        if name in new:
            new[name] = actor(new[name])
    for several, one in (("contextAgents", "agent"), ("contextGroups", "group")):
        if several in new:
            new[several] = [{**member, one: actor(member[one])} for member in new[several]]
    if "contextActivities" in new:
        new["contextActivities"] = {
            kind: [activity(one) for one in activities] for kind, activities in new["contextActivities"].items()
        }
    return new


# ---------------------------------------------------------------- ids


def as_ids(statement: Mapping[str, Any]) -> dict[str, Any]:
    """The statement with only what identifies its actors, verbs and activities."""
    return _rebuilt(statement, _actor_id, lambda verb: {"id": verb["id"]}, _activity_id)


def _activity_id(activity: dict[str, Any]) -> dict[str, Any]:
    return {"id": activity["id"]}


def _actor_id(actor: dict[str, Any]) -> dict[str, Any]:
    least = {name: actor[name] for name in ("objectType", *IDENTIFIERS) if name in actor}
    if not any(name in actor for name in IDENTIFIERS):
        least["member"] = [_actor_id(member) for member in actor["member"]]
    return least


# ---------------------------------------------------------------- canonical


def as_canonical(
    statement: Mapping[str, Any],
    definition_of: Callable[[str], Definition | None],
    display_of: Callable[[str], Mapping[str, str] | None] = lambda _verb: None,
    accepted: Sequence[str] = (),
) -> dict[str, Any]:
    """The statement with the LRS's own definitions, each in one language.

    Args:
        statement: a checked one.
        definition_of: the LRS's definition of an activity by its id; None: the statement's stays.
        display_of: the LRS's display of a verb by its id; None: the statement's stays.
        accepted: the languages that are asked for, the dearest first.
    """

    def verb(of: dict[str, Any]) -> dict[str, Any]:
        display = display_of(of["id"]) or of.get("display")
        return {"id": of["id"], "display": in_one_language(display, accepted)} if display else of

    def activity(of: dict[str, Any]) -> dict[str, Any]:
        definition = definition_of(of["id"]) or of.get("definition")
        return {**of, "definition": in_language(definition, accepted)} if definition else of

    return _rebuilt(statement, dict, verb, activity)


def in_language(definition: Definition, accepted: Sequence[str]) -> dict[str, Any]:
    """The definition of an activity with one language in each of its texts."""
    new = dict(definition)
    for name, value in definition.items():
        if name in ("name", "description"):
            new[name] = in_one_language(value, accepted)
        elif name in ("choices", "scale", "source", "target", "steps"):
            new[name] = [_component_in_language(component, accepted) for component in value]
    return new


def _component_in_language(component: Mapping[str, Any], accepted: Sequence[str]) -> dict[str, Any]:
    new = dict(component)
    if "description" in new:
        new["description"] = in_one_language(new["description"], accepted)
    return new


def merged_definition(known: Definition, newer: Definition) -> dict[str, Any]:
    """What is known of an activity with what a newer one says: texts and extensions join, the rest is newer's."""
    merged = {**known, **newer}
    for name in ("name", "description", "extensions"):
        if name in known and name in newer:
            merged[name] = {**known[name], **newer[name]}
    return merged
