"""Whether two statements are the same one, by xAPI's rules of immutability.

What the specification excepts is not looked at: what the LRS sets (`stored`, `authority`, `version`, and `id` and
`timestamp` where one of the two lacks them), the display of verbs, the definitions of activities, attachments, how
moments are written, the order of a Group's members, the case of e-mail domains, hashes, UUIDs and language tags, digits
of a duration beyond 0.01 s, and defaults that are written out.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from reinforce.errors import InvalidValue
from reinforce.statements.actors import lower_domain
from reinforce.statements.durations import comparable_duration
from reinforce.statements.faults import Place, json_path
from reinforce.statements.timestamps import parse_timestamp, timestamp_text
from reinforce.statements.versions import XapiVersion

_SET_BY_LRS = frozenset({"stored", "authority", "version", "attachments"})
_TAKEN_FROM_EITHER = ("id", "timestamp")


def comparable(statement: Mapping[str, Any]) -> dict[str, Any]:
    """What of a checked statement is immutable, in one form."""
    return _statement({name: value for name, value in statement.items() if name not in _SET_BY_LRS})


def is_same(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Whether two checked statements are the same one."""
    return not differences(first, second)


def differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    """The JSON paths at which two checked statements differ in what is immutable."""
    one, other = comparable(first), comparable(second)
    for name in _TAKEN_FROM_EITHER:
        if name not in one or name not in other:
            one.pop(name, None)
            other.pop(name, None)
    found: list[str] = []
    _compare(one, other, None, found)
    return found


def _compare(one: Any, other: Any, place: Place, found: list[str]) -> None:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            if name in one and name in other:
                _compare(one[name], other[name], (place, name), found)
            else:
                found.append("$" + json_path((place, name)))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for position, (mine, theirs) in enumerate(zip(one, other, strict=True)):
            _compare(mine, theirs, (place, position), found)
    elif isinstance(one, bool) != isinstance(other, bool) or one != other:
        found.append("$" + json_path(place))


def _statement(statement: dict[str, Any]) -> dict[str, Any]:
    """A statement or SubStatement in comparable form."""
    forms: dict[str, Callable[[Any], Any]] = {
        "id": str.lower,
        "timestamp": _moment,
        "actor": _actor,
        "verb": lambda verb: {"id": verb["id"]},
        "object": _object,
        "result": _result,
        "context": _context,
    }
    return _in_form({name: value for name, value in statement.items() if name != "attachments"}, forms)


def _in_form(members: dict[str, Any], forms: dict[str, Callable[[Any], Any]]) -> dict[str, Any]:
    """The members, each in the form that it is compared in; what is empty then says nothing."""
    formed = {name: forms[name](value) if name in forms else value for name, value in members.items()}
    return {name: value for name, value in formed.items() if value not in ({}, [])}


def _moment(text: str) -> str:
    try:
        return timestamp_text(parse_timestamp(text, XapiVersion.V1))
    except InvalidValue:
        return text


def _object(value: dict[str, Any]) -> dict[str, Any]:
    kind = value.get("objectType", "Activity")
    if kind == "Activity":
        return _activity(value)
    if kind == "StatementRef":
        return _reference(value)
    return _statement(value) if kind == "SubStatement" else _actor(value)


def _activity(activity: dict[str, Any]) -> dict[str, Any]:
    return {"objectType": "Activity", "id": activity["id"]}


def _reference(reference: dict[str, Any]) -> dict[str, Any]:
    return {"objectType": "StatementRef", "id": reference["id"].lower()}


def _actor(actor: dict[str, Any]) -> dict[str, Any]:
    same = {"objectType": "Agent", **actor}
    if "mbox" in same:
        same["mbox"] = lower_domain(same["mbox"])
    if "mbox_sha1sum" in same:
        same["mbox_sha1sum"] = same["mbox_sha1sum"].lower()
    if "member" in same:
        same["member"] = sorted(map(_actor, same["member"]), key=lambda one: json.dumps(one, sort_keys=True))
    return same


def _result(result: dict[str, Any]) -> dict[str, Any]:
    return _in_form(result, {"duration": comparable_duration})


def _context(context: dict[str, Any]) -> dict[str, Any]:
    forms: dict[str, Callable[[Any], Any]] = {
        "registration": str.lower,
        "language": str.lower,
        "instructor": _actor,
        "team": _actor,
        "statement": _reference,
        "contextActivities": _context_activities,
        "contextAgents": lambda agents: [{**one, "agent": _actor(one["agent"])} for one in agents],
        "contextGroups": lambda groups: [{**one, "group": _actor(one["group"])} for one in groups],
    }
    return _in_form(context, forms)


def _context_activities(activities: dict[str, Any]) -> dict[str, Any]:
    return {
        kind: [_activity(one) for one in (value if isinstance(value, list) else [value])]
        for kind, value in activities.items()
        if value != []
    }
