"""Statements for tests: small, typical, and one with everything; and how to change one of their parts."""

import copy
import json
from typing import Any

from hypothesis import strategies as st

Plain = dict[str, Any]

SMALL: Plain = {
    "actor": {"mbox": "mailto:ada@example.com"},
    "verb": {"id": "http://example.com/verbs/did"},
    "object": {"id": "http://example.com/things/1"},
}
AGENT: Plain = {
    "objectType": "Agent",
    "name": "Ada",
    "account": {"homePage": "https://lms.example.com", "name": "17"},
}
GROUP: Plain = {
    "objectType": "Group",
    "name": "Team North",
    "mbox": "mailto:north@example.com",
    "member": [AGENT, {"mbox_sha1sum": "cd9b00a5611f94eaa7b1661edab976068e364975"}, {"openid": "https://id.example/b"}],
}
ATTACHMENT: Plain = {
    "usageType": "http://example.com/usage/certificate",
    "display": {"en-US": "Certificate"},
    "description": {"en-US": "Shows that it was passed"},
    "contentType": "application/pdf",
    "length": 27,
    "sha2": "495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a",
    "fileUrl": "https://files.example.com/1.pdf",
}
ACTIVITY: Plain = {
    "objectType": "Activity",
    "id": "http://example.com/questions/1",
    "definition": {
        "name": {"en-US": "Question 1", "de": "Frage 1"},
        "description": {"en-US": "What do you say first?"},
        "type": "http://adlnet.gov/expapi/activities/cmi.interaction",
        "moreInfo": "https://example.com/questions/1.html",
        "interactionType": "choice",
        "correctResponsesPattern": ["b", "a[,]c"],
        "choices": [{"id": "a", "description": {"en-US": "A discount"}}, {"id": "b"}, {"id": "c"}],
        "extensions": {"http://example.com/extensions/level": {"of": [1, None, ""]}},
    },
}
CONTEXT: Plain = {
    "registration": "ec531277-b57b-4c15-8d91-d292c5b2b8f7",
    "instructor": AGENT,
    "team": GROUP,
    "contextActivities": {
        "parent": {"id": "http://example.com/quizzes/1"},
        "grouping": [{"objectType": "Activity", "id": "http://example.com/courses/1"}],
        "category": [],
        "other": [ACTIVITY],
    },
    "revision": "3",
    "platform": "Example LMS",
    "language": "en-US",
    "statement": {"objectType": "StatementRef", "id": "6690e6c9-3ef0-4ed3-8b37-7f3964730bee"},
    "extensions": {"http://example.com/extensions/room": None},
}
ROLES: Plain = {
    "contextAgents": [
        {"objectType": "contextAgent", "agent": AGENT, "relevantTypes": ["http://example.com/roles/coach"]},
    ],
    "contextGroups": [
        {"objectType": "contextGroup", "group": GROUP, "relevantTypes": ["http://example.com/roles/peers"]},
    ],
}
FULL: Plain = {
    "id": "fd41c918-b88b-4b20-a0a5-a4c32391aaa0",
    "actor": GROUP,
    "verb": {"id": "http://adlnet.gov/expapi/verbs/answered", "display": {"en-US": "answered", "de": "beantwortete"}},
    "object": ACTIVITY,
    "result": {
        "score": {"scaled": 0.8, "raw": 8, "min": 0, "max": 10},
        "success": True,
        "completion": False,
        "response": "b",
        "duration": "PT12.5S",
        "extensions": {"http://example.com/extensions/tries": 2},
    },
    "context": CONTEXT,
    "timestamp": "2026-03-31T11:00:00.250+02:00",
    "stored": "2026-03-31T09:00:01.000Z",
    "authority": AGENT,
    "version": "1.0.0",
    "attachments": [ATTACHMENT],
}
SUB_STATEMENT: Plain = {
    "objectType": "SubStatement",
    **{name: FULL[name] for name in ("actor", "verb", "object", "result", "context", "timestamp", "attachments")},
}
PLANNED: Plain = {**SMALL, "object": SUB_STATEMENT}
IN_ROLES: Plain = {**FULL, "context": {**CONTEXT, **ROLES}}

GONE = object()
"""In place of a value: the member is taken out."""


def changed(statement: Plain, *steps: str | int | Any) -> Plain:
    """A copy in which the value at the steps but the last is the last; `GONE` takes it out."""
    *path, name, value = steps
    new = copy.deepcopy(statement)
    at: Any = new
    for step in path:
        at = at[step]
    if value is GONE:
        del at[name]
    else:
        at[name] = value
    return new


def as_bytes(data: Any) -> bytes:
    """The data as a client would send it."""
    return json.dumps(data).encode()


keys = st.sampled_from(
    ["actor", "verb", "object", "result", "context", "id", "mbox", "objectType", "member", "score", "extensions"]
) | st.text(max_size=5)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=8)
    | st.sampled_from(["Agent", "Group", "SubStatement", "http://example.com/x", "mailto:a@example.com", "2026-01-01"])
)
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4), max_leaves=15
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The path of everything inside of the data."""
    if isinstance(value, dict):
        found = [(*path, name) for name in value]
        return found + [deeper for name in value for deeper in places(value[name], (*path, name))]
    if isinstance(value, list):
        found = [(*path, position) for position in range(len(value))]
        return found + [deeper for position, one in enumerate(value) for deeper in places(one, (*path, position))]
    return []
