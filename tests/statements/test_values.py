"""Statements become values and come back."""

import pickle
from typing import Any
from uuid import UUID

import attrs
import pytest

from reinforce.errors import InvalidStatement, InvalidValue
from reinforce.statements import activities, actors, contexts, conversion, statement
from reinforce.statements.actors import Account, Agent, Group, actor_key
from reinforce.statements.comparison import differences
from reinforce.statements.contexts import ContextAgent, Score, StatementRef
from reinforce.statements.conversion import parse_statement, structure, unstructure
from reinforce.statements.reading import check_statement
from reinforce.statements.statement import Statement, StatementResult, SubStatement
from reinforce.statements.versions import XapiVersion
from statements.examples import AGENT, FULL, GROUP, IN_ROLES, PLANNED, SMALL, Plain, as_bytes

statements = pytest.mark.parametrize("plain", [SMALL, FULL, PLANNED, IN_ROLES], ids=["small", "full", "sub", "roles"])


@statements
def test_statements_become_values_and_come_back(plain: Plain) -> None:
    """From JSON to values to JSON nothing immutable changes; from values to JSON to values nothing at all."""
    value = parse_statement(plain)
    again = unstructure(value)

    assert differences(plain, again) == []
    check_statement(again)
    assert parse_statement(again) == value
    assert parse_statement(as_bytes(plain)) == value


def test_what_there_is_in_a_statement_is_in_the_values() -> None:
    """Names are Python's, moments are in UTC, ids are UUIDs, a lone activity of a context is one of several."""
    value = parse_statement(IN_ROLES)

    assert value.id == UUID("fd41c918-b88b-4b20-a0a5-a4c32391aaa0")
    assert value.timestamp is not None
    assert value.timestamp.isoformat() == "2026-03-31T09:00:00.250000+00:00"
    assert isinstance(value.actor, Group)
    assert value.actor.member is not None
    assert value.actor.member[0].account == Account("https://lms.example.com", "17")
    assert isinstance(value.object, activities.Activity)
    assert value.object.definition is not None
    assert value.object.definition.correct_responses_pattern == ("b", "a[,]c")
    assert value.context is not None
    assert value.context.context_activities is not None
    assert [one.id for one in value.context.context_activities.parent] == ["http://example.com/quizzes/1"]
    assert value.context.context_agents[0].relevant_types == ("http://example.com/roles/coach",)
    assert value.attachments[0].length == 27


def test_what_is_left_out_stays_out() -> None:
    """The smallest statement has no empty members afterwards."""
    assert unstructure(parse_statement(SMALL)) == {
        "actor": {"objectType": "Agent", "mbox": "mailto:ada@example.com"},
        "verb": {"id": "http://example.com/verbs/did"},
        "object": {"objectType": "Activity", "id": "http://example.com/things/1"},
    }


def test_no_right_response_is_not_the_same_as_none_told() -> None:
    """An empty correctResponsesPattern says that every response is wrong."""
    nothing = {"interactionType": "choice", "correctResponsesPattern": []}

    value = structure(nothing, activities.ActivityDefinition)

    assert value.correct_responses_pattern == ()
    assert unstructure(value) == nothing


def test_each_kind_of_object_is_its_own_class() -> None:
    """The objectType chooses the class; without one it is an Activity, and an actor is an Agent."""
    kinds = {
        SubStatement: PLANNED["object"],
        Agent: AGENT,
        Group: GROUP,
        StatementRef: {"objectType": "StatementRef", "id": FULL["id"]},
        activities.Activity: SMALL["object"],
    }
    for cls, plain in kinds.items():
        assert type(parse_statement({**SMALL, "object": plain}).object) is cls


def test_every_class_can_be_structured_by_itself() -> None:
    """Each class of the data model has its rules, and says so with the path that it was given."""
    classes = {
        found
        for module in (actors, activities, contexts, statement)
        for found in vars(module).values()
        if isinstance(found, type) and attrs.has(found) and found.__module__.startswith("reinforce.statements")
    }

    assert classes == set(conversion._CHECKS)
    assert structure({"scaled": 0.5}, Score) == Score(scaled=0.5)
    with pytest.raises(InvalidStatement, match=r"agent\.mbox: it must be 'mailto:'"):
        structure({"mbox": "ada"}, Agent, where="agent")
    with pytest.raises(InvalidStatement, match="it must be an object"):
        structure([], Score)
    with pytest.raises(InvalidValue, match="no class of xAPI"):
        structure({}, int)


def test_a_page_of_statements_is_read_whole() -> None:
    """What a query answers becomes statements and the place of the next page."""
    page = structure({"statements": [SMALL, FULL], "more": "/xapi/more/1"}, StatementResult, version=XapiVersion.V1)

    assert [type(one) for one in page.statements] == [Statement, Statement]
    assert page.more == "/xapi/more/1"
    assert structure({"statements": []}, StatementResult) == StatementResult()


def test_values_are_frozen_hashable_and_picklable() -> None:
    """Values can be members of sets and go to other processes."""
    value = parse_statement(IN_ROLES)

    assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301 -- it was made here
    assert len({value, parse_statement(IN_ROLES)}) == 1
    assert hash(ContextAgent(Agent(mbox="mailto:a@example.com"))) == hash(
        ContextAgent(Agent(mbox="mailto:a@example.com"))
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"mbox": "mailto:Ada@Example.com"}, {"mbox": "mailto:Ada@EXAMPLE.com", "name": "Ada"}),
        ({"mbox_sha1sum": "CD" * 20}, {"objectType": "Agent", "mbox_sha1sum": "cd" * 20}),
        ({"openid": "https://a.example"}, {"openid": "https://a.example", "name": "x"}),
        (AGENT, {"account": {"name": "17", "homePage": "https://lms.example.com"}}),
    ],
)
def test_the_same_person_has_the_same_key(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Names, the case of domains and hashes, and the order of members do not make another person."""
    assert actor_key(one) == actor_key(other)


def test_different_people_have_different_keys() -> None:
    """The local part of an address counts as it is written; a nameless Group is never the same."""
    assert actor_key({"mbox": "mailto:Ada@a.example"}) != actor_key({"mbox": "mailto:ada@a.example"})
    assert actor_key({"objectType": "Group", "member": []}) is None
