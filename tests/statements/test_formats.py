"""Statements as an LRS gives them out: exact, ids, canonical, in a language."""

import json

import pytest

from reinforce.statements.formats import as_canonical, as_ids, completed, merged_definition
from reinforce.statements.languages import accepted_languages, best_language
from reinforce.statements.reading import check_statement, read_statement
from statements.examples import (
    ACTIVITY,
    AGENT,
    CONTEXT,
    FULL,
    GROUP,
    IN_ROLES,
    PLANNED,
    SMALL,
    Plain,
    as_bytes,
    changed,
)

SET = {"stored": "2026-04-01T00:00:00.000Z", "authority": {"mbox": "mailto:lrs@example.com"}, "version": "2.0.0"}
LONE = changed(FULL, "context", "contextActivities", {"parent": CONTEXT["contextActivities"]["parent"]})


def test_exact_keeps_every_byte_around_what_the_lrs_sets() -> None:
    """Escapes, blanks and digits come out as they came in."""
    text = (
        '{ "actor":{"mbox":"mailto:ada@example.com"} , "verb":{"id":"http://example.com/verbs/d\\u0069d"},\n'
        '  "object":{"id":"http://example.com/things/1"},"result":{"score":{"raw":1.50e0}} }'
    )

    out = completed(read_statement(text.encode()), SET).decode()

    assert out.endswith(text[1:].lstrip())
    assert json.loads(out) == {**SET, **json.loads(text)}


def test_exact_replaces_what_the_statement_said_of_it() -> None:
    """A client's `stored` and `authority` give way; its id and timestamp stay unless they are given."""
    received = read_statement(json.dumps(FULL, indent=1).replace('"raw": 8', '"raw": 8.00').encode())

    out = completed(received, SET)

    assert b'"raw": 8.00' in out or b'"contextActivities":{"parent":[' in out
    assert json.loads(out)["stored"] == SET["stored"]
    assert json.loads(out)["authority"] == SET["authority"]
    assert json.loads(out)["id"] == FULL["id"]
    check_statement(json.loads(out))


def test_exact_gives_arrays_in_contexts() -> None:
    """An activity that came alone goes out in an array, also in a SubStatement."""
    planned = changed(PLANNED, "object", "context", LONE["context"])

    for statement, steps in [(LONE, ()), (planned, ("object",))]:
        out = json.loads(completed(read_statement(as_bytes(statement)), SET))
        for step in steps:
            out = out[step]
        assert out["context"]["contextActivities"] == {"parent": [{"id": "http://example.com/quizzes/1"}]}


def test_exact_without_anything_to_set_is_what_came() -> None:
    """Nothing is touched that need not be."""
    assert completed(read_statement(as_bytes(SMALL)), {}) == as_bytes(SMALL)


def test_ids_hold_the_least_that_identifies() -> None:
    """Actors keep their identifier, verbs and activities their id, nameless Groups their members' identifiers."""
    nameless = {"objectType": "Group", "name": "We", "member": [AGENT]}
    statement = changed(changed(IN_ROLES, "actor", nameless), "context", "instructor", GROUP)

    ids = as_ids(statement)

    agent = {"objectType": "Agent", "account": AGENT["account"]}
    assert ids["actor"] == {"objectType": "Group", "member": [agent]}
    assert ids["verb"] == {"id": FULL["verb"]["id"]}
    assert ids["object"] == {"id": ACTIVITY["id"]}
    assert ids["context"]["instructor"] == {"objectType": "Group", "mbox": GROUP["mbox"]}
    assert ids["context"]["contextActivities"]["parent"] == [{"id": "http://example.com/quizzes/1"}]
    assert ids["context"]["contextAgents"][0]["agent"] == agent
    assert ids["result"] == FULL["result"]
    check_statement(ids)


@pytest.mark.parametrize("statement", [SMALL, FULL, PLANNED, IN_ROLES, {**SMALL, "object": AGENT}])
def test_every_format_is_a_statement(statement: Plain) -> None:
    """What goes out in any format could come in again."""
    check_statement(as_ids(statement))
    check_statement(as_canonical(statement, lambda _: {"name": {"en": "x"}}, lambda _: {"en": "did"}, ["de"]))


def test_canonical_takes_the_definitions_of_the_lrs_in_one_language() -> None:
    """Activities and verbs get what the LRS holds of them, filtered; actors stay as they were."""
    known = {"name": {"en": "One", "de": "Eins"}, "type": "http://example.com/types/x"}

    out = as_canonical(
        IN_ROLES,
        {ACTIVITY["id"]: known}.get,
        {FULL["verb"]["id"]: {"en": "answered", "de": "beantwortete"}}.get,
        accepted_languages("de-CH, en;q=0.5"),
    )

    assert out["object"]["definition"] == {"name": {"de": "Eins"}, "type": "http://example.com/types/x"}
    assert out["context"]["contextActivities"]["other"][0]["definition"]["name"] == {"de": "Eins"}
    assert out["verb"]["display"] == {"de": "beantwortete"}
    assert out["actor"] == FULL["actor"]


def test_canonical_filters_what_only_the_statement_knows() -> None:
    """Without a definition of its own, the LRS filters the languages of the statement's."""
    out = as_canonical(PLANNED, lambda _: None, accepted=["de"])["object"]

    assert out["object"]["definition"]["name"] == {"de": "Frage 1"}
    assert out["object"]["definition"]["choices"][0]["description"] == {"en-US": "A discount"}
    assert out["verb"]["display"] == {"de": "beantwortete"}


def test_definitions_grow() -> None:
    """What is known of an activity keeps its languages and extensions; the rest is what came last."""
    merged = merged_definition(
        {"name": {"en": "One", "de": "Eins"}, "moreInfo": "http://a.example/1", "type": "http://a.example/t"},
        {"name": {"en": "First"}, "type": "http://a.example/u"},
    )

    assert merged == {
        "name": {"en": "First", "de": "Eins"},
        "moreInfo": "http://a.example/1",
        "type": "http://a.example/u",
    }


@pytest.mark.parametrize(
    ("tags", "header", "best"),
    [
        (["en", "de"], "de", "de"),
        (["en-US", "de"], "en-GB, de;q=0.1", "en-US"),
        (["en-US", "en"], "en-GB", "en"),
        (["en", "DE-at"], "de-AT", "DE-at"),
        (["en", "de"], "fr", "en"),
        (["en", "de"], "*", "en"),
        (["en", "de"], "", "en"),
        (["en", "de"], "en;q=0, de;q=0.1", "de"),
        (["en", "de"], ";;q=x,, de ; q=0.3", "de"),
        ([], "de", None),
    ],
)
def test_the_language_that_fits_best(tags: list[str], header: str, best: str | None) -> None:
    """As asked for, else wider or narrower, else the first; broken headers are no error."""
    assert best_language(tags, accepted_languages(header)) == best
