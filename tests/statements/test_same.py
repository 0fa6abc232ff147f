"""When two statements are the same one, which are voided, and what 1.0.3 gets of a statement of 2.0."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.statements.comparison import differences, is_same
from reinforce.statements.downgrade import to_1_0_3
from reinforce.statements.grammar import VOIDED
from reinforce.statements.reading import check_statement
from reinforce.statements.versions import XapiVersion
from reinforce.statements.voiding import voided_ids, voids
from statements.examples import (
    AGENT,
    ATTACHMENT,
    CONTEXT,
    FULL,
    GONE,
    GROUP,
    IN_ROLES,
    PLANNED,
    SMALL,
    Plain,
    changed,
    json_values,
    places,
)

EXCEPTED: dict[str, Plain] = {
    "stored": changed(FULL, "stored", "2026-04-01T00:00:00Z"),
    "authority": changed(FULL, "authority", GONE),
    "version": changed(FULL, "version", "1.0.3"),
    "a missing id": changed(FULL, "id", GONE),
    "a missing timestamp": changed(FULL, "timestamp", GONE),
    "display": changed(FULL, "verb", "display", {"fr": "a répondu"}),
    "a definition": changed(FULL, "object", "definition", GONE),
    "a definition around it": changed(FULL, "context", "contextActivities", "other", 0, "definition", {}),
    "a default objectType": changed(FULL, "object", "objectType", GONE),
    "the offset of a timestamp": changed(FULL, "timestamp", "2026-03-31T09:00:00.25Z"),
    "the order of members": changed(FULL, "actor", "member", GROUP["member"][::-1]),
    "the case of a domain": changed(FULL, "actor", "mbox", "mailto:north@EXAMPLE.com"),
    "the case of an id": changed(FULL, "id", FULL["id"].upper()),
    "the case of a registration": changed(FULL, "context", "registration", CONTEXT["registration"].upper()),
    "the case of a language": changed(FULL, "context", "language", "en-us"),
    "attachments": changed(FULL, "attachments", []),
    "thousandths of a duration": changed(FULL, "result", "duration", "PT12.504S"),
    "one activity or an array of one": changed(
        FULL, "context", "contextActivities", "parent", [CONTEXT["contextActivities"]["parent"]]
    ),
    "how a number is written": changed(FULL, "result", "score", "raw", 8.0),
    "empty extensions": changed(FULL, "object", "definition", "extensions", {}),
}
IMMUTABLE: dict[str, tuple[Plain, str]] = {
    "the id": (changed(FULL, "id", "6690e6c9-3ef0-4ed3-8b37-7f3964730bee"), "$.id"),
    "the actor": (changed(FULL, "actor", AGENT), "$.actor.account"),
    "a name": (changed(FULL, "actor", "name", "Team South"), "$.actor.name"),
    "the verb": (changed(FULL, "verb", "id", "http://example.com/x"), "$.verb.id"),
    "the activity": (changed(FULL, "object", "id", "http://example.com/x"), "$.object.id"),
    "the moment": (changed(FULL, "timestamp", "2026-03-31T09:00:00.251Z"), "$.timestamp"),
    "the units of a duration": (changed(FULL, "result", "duration", "PT0M12.5S"), "$.result.duration"),
    "the score": (changed(FULL, "result", "score", "scaled", 0.81), "$.result.score.scaled"),
    "a missing result": (changed(FULL, "result", GONE), "$.result"),
    "true is not 1": (
        changed(FULL, "result", "extensions", "http://example.com/extensions/tries", True),
        "$.result.extensions['http://example.com/extensions/tries']",
    ),
    "an activity around it": (
        changed(FULL, "context", "contextActivities", "parent", "id", "http://example.com/x"),
        "$.context.contextActivities.parent[0].id",
    ),
    "one more activity around it": (
        changed(FULL, "context", "contextActivities", "category", [{"id": "http://example.com/x"}]),
        "$.context.contextActivities.category",
    ),
}


@pytest.mark.parametrize("other", EXCEPTED.values(), ids=EXCEPTED.keys())
def test_what_is_excepted_from_immutability_does_not_count(other: Plain) -> None:
    """A statement that comes again with only such changes is the same one, either way round."""
    assert differences(FULL, other) == []
    assert is_same(other, FULL)


@pytest.mark.parametrize(("other", "path"), IMMUTABLE.values(), ids=IMMUTABLE.keys())
def test_what_is_immutable_counts(other: Plain, path: str) -> None:
    """A statement that comes again with any other change is another one, and where it differs is told."""
    assert path in differences(FULL, other)
    assert not is_same(other, FULL)


def test_what_is_inside_of_a_substatement_counts_too() -> None:
    """The exceptions hold inside of a SubStatement, and nothing else does."""
    assert is_same(PLANNED, changed(PLANNED, "object", "verb", "display", {}))
    assert differences(PLANNED, changed(PLANNED, "object", "verb", "id", "http://example.com/x")) == [
        "$.object.verb.id"
    ]


@given(data=st.data())
def test_a_statement_is_the_same_as_itself_and_sameness_goes_both_ways(data: st.DataObject) -> None:
    """Comparing is reflexive and symmetric, whatever stands in the extensions."""
    one = changed(FULL, "result", "extensions", "http://a.example/x", data.draw(json_values))
    other = changed(FULL, "result", "extensions", "http://a.example/x", data.draw(json_values))

    assert is_same(one, one)
    assert differences(one, other) == differences(other, one)


def test_what_a_voiding_statement_takes_back() -> None:
    """The id of what it refers to, in lower case; other statements take nothing back."""
    assert voids(_void("A" * 8 + "-0000-0000-0000-" + "0" * 12, of=FULL["id"].upper())) == FULL["id"]
    assert voids(FULL) is None


def _void(statement_id: str, of: str) -> Plain:
    return {
        **SMALL,
        "id": statement_id,
        "verb": {"id": VOIDED},
        "object": {"objectType": "StatementRef", "id": of},
    }


def _numbered(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def test_voiding_statements_cannot_be_voided() -> None:
    """Whatever the order in which they came: what a voiding statement takes back stays taken back."""
    plain = {**SMALL, "id": _numbered(1)}
    first, second = _void(_numbered(2), of=_numbered(1)), _void(_numbered(3), of=_numbered(2))
    early = _void(_numbered(4), of=_numbered(9))
    every: list[Any] = [plain, first, second, early]

    for order in itertools.permutations(every):
        assert voided_ids(order) == {_numbered(1)}
    assert voided_ids([plain, second]) == frozenset()


@pytest.mark.parametrize("statement", [SMALL, FULL, PLANNED, IN_ROLES, changed(FULL, "version", "2.0.0")])
def test_what_1_0_3_gets_is_valid_there(statement: Plain) -> None:
    """Down-converted, every statement is one of 1.0.3, and loses nothing but roles and a version."""
    older = to_1_0_3(statement)

    check_statement(older, XapiVersion.V1)
    assert set(places(statement)) - set(places(older)) <= {
        path for path in places(statement) if {"contextAgents", "contextGroups", "version"} & set(path)
    }


def test_roles_in_a_substatement_are_left_out_for_1_0_3() -> None:
    """Roles are looked for there, too; a context of nothing but roles goes with them."""
    roles = {name: value for name, value in IN_ROLES["context"].items() if name.startswith("contextAgents")}
    planned = changed(PLANNED, "object", "context", roles)

    assert "context" not in to_1_0_3(planned)["object"]
    assert to_1_0_3(FULL) == FULL
    assert ATTACHMENT in to_1_0_3(IN_ROLES)["attachments"]
