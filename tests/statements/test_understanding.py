"""Statements of others become practice: golden cases, and what holds for all."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.errors import InvalidStatement, InvalidValue
from reinforce.model.conversion import structure, unstructure
from reinforce.statements.comparison import is_same
from reinforce.statements.iri_patterns import check_pattern, fits, skill_in
from reinforce.statements.mapping import StatementMapping
from reinforce.statements.reading import check_statement
from reinforce.statements.ready_mappings import cmi5, h5p, moodle
from reinforce.statements.understanding import content_id, scaled_score, understood
from reinforce.statements.versions import XapiVersion
from statements import telling
from statements.examples import FULL, GONE, GROUP, IN_ROLES, PLANNED, SMALL, Plain, changed, json_values, places
from statements.understanding import CASES, mapping_of, plain, read, said_by

each_case = pytest.mark.parametrize("case", CASES)
ANYTHING = structure({"name": "all", "rules": [{"name": "all", "skill": "pricing"}]}, StatementMapping)


@each_case
def test_a_statement_is_understood_as_its_golden_file_says(case: str) -> None:
    """Who practised what, when and how it went; or why there is nothing to record."""
    assert plain(said_by(case)) == read(case, "understood")


@each_case
def test_the_golden_statements_are_valid(case: str) -> None:
    """What the mappings are shown to understand could have been sent."""
    for version in XapiVersion:
        check_statement(read(case, "statement"), version)


@each_case
def test_an_event_is_there_once(case: str) -> None:
    """Its external id is the statement's own, or, without one, made of what is immutable in it."""
    found = said_by(case)

    if found.event is not None:
        assert found.event.external_id == found.statement_id
        assert found.event.source == mapping_of(case)[0].name
        assert not found.reason
    else:
        assert found.reason
    assert found.statement_id == read(case, "statement").get("id", found.statement_id)


@each_case
def test_mappings_are_plain_data(case: str) -> None:
    """Every mapping can be written down as TOML or JSON, and read again."""
    mapping, _ = mapping_of(case)

    assert structure(json.loads(json.dumps(unstructure(mapping))), StatementMapping) == mapping


@pytest.mark.parametrize("case", telling.CASES)
def test_what_we_told_is_not_recorded_once_more(case: str) -> None:
    """Our own statements, when they come back from an LRS, are no new practice."""
    statement = json.loads((telling.DATA / case / "statement.json").read_text())

    found = understood(statement, ANYTHING)

    assert found.event is None
    assert "ours" in found.reason or found.voids


def test_the_same_statement_without_id_is_the_same_event() -> None:
    """Sent again with another display, offset or order of members, it gets the same id; other content gets another."""
    statement = changed(FULL, "id", GONE)
    again = changed(
        changed(changed(statement, "verb", "display", GONE), "timestamp", "2026-03-31T09:00:00.25Z"),
        "actor",
        "member",
        GROUP["member"][::-1],
    )
    again["result"] = {**again["result"], "score": {"scaled": 0.8, "raw": 8.0, "min": 0, "max": 10.0}}

    assert is_same(statement, again)
    assert content_id(statement) == content_id(again)
    assert content_id(statement) != content_id(changed(statement, "result", "success", False))
    assert content_id(FULL) == FULL["id"]


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (changed(FULL, "actor", GROUP), "a Group"),
        (SMALL, "does not say when"),
        (changed(FULL, "actor", {"openid": "https://ada.example"}), "no learner is known by openid"),
        (PLANNED, "no rule fits"),
    ],
)
def test_why_nothing_is_recorded_is_told(statement: Plain, reason: str) -> None:
    """Each statement that is passed over has its reason, for the report of what was unmatched."""
    found = understood(statement, ANYTHING)

    assert found.event is None
    assert reason in found.reason


def _mapping(**rule: Any) -> StatementMapping:
    return structure({"name": "m", "rules": [{"name": "r", "skill": "pricing", **rule}]}, StatementMapping)


ADA: Plain = {**changed(FULL, "actor", {"mbox": "mailto:ada@example.com"}), "authority": FULL["authority"]}


@pytest.mark.parametrize(
    ("evidence", "result", "kind"),
    [
        ("auto", {"success": True, "score": {"scaled": 0.1}}, "success"),
        ("auto", {"score": {"scaled": 0.1}}, "scaled"),
        ("auto", {"score": {"raw": 1, "max": 4}}, "scaled"),
        ("auto", {}, None),
        ("scaled", {"success": True, "score": {"scaled": 0.1}}, "scaled"),
        ("scaled", {"success": True}, None),
        ("success", {"score": {"scaled": 0.1}}, None),
        ("completion", {"completion": True}, "success"),
        ("completion", {"completion": False}, None),
        ("exposure", {"success": True}, "exposure"),
    ],
)
def test_what_counts_as_evidence(evidence: str, result: Plain, kind: str | None) -> None:
    """A rule says what of a result counts; `auto` takes the firmest that there is."""
    found = understood({**ADA, "result": result}, _mapping(evidence=evidence))

    assert (found.event and found.event.outcomes[0].outcome.kind) == kind


def test_a_mastery_score_makes_a_score_a_success() -> None:
    """From `passing` on it is a success, below it a failure."""
    for score, value in ((0.8, 1.0), (0.79, 0.0)):
        found = understood({**ADA, "result": {"score": {"scaled": score}}}, _mapping(passing=0.8))
        assert found.event is not None
        assert found.event.outcomes[0].outcome.value == value


@pytest.mark.parametrize(
    ("score", "scaled"),
    [
        ({"scaled": -0.5, "raw": 1, "max": 1}, -0.5),
        ({"raw": 5, "min": 0, "max": 10}, 0.5),
        ({"raw": 5, "max": 10}, 0.5),
        ({"raw": 5}, None),
        ({"raw": 5, "min": 0}, None),
        ({"raw": -1, "max": 10}, None),
        ({"raw": 0, "max": 0}, None),
        ({}, None),
    ],
)
def test_raw_scores_become_scaled_ones(score: Plain, scaled: float | None) -> None:
    """Where there is a highest score; without a lowest it is 0."""
    assert scaled_score(score) == scaled


@given(data=st.data())
def test_whatever_is_valid_is_understood_or_told_why_not(data: st.DataObject) -> None:
    """No valid statement raises anything, whatever stands in it and whatever the mapping."""
    statement = data.draw(st.sampled_from([ADA, FULL, PLANNED, IN_ROLES]))
    broken = changed(statement, *data.draw(st.sampled_from(places(statement))), data.draw(json_values))
    try:
        check_statement(broken)
    except InvalidStatement:
        return
    for mapping in (ANYTHING, cmi5({"*": "pricing"}), h5p({"*": "pricing"}), moodle({"*": "pricing"}, per="question")):
        found = understood(broken, mapping)
        assert bool(found.event) != bool(found.reason)


@pytest.mark.parametrize(
    ("pattern", "iri", "does_fit"),
    [
        ("http://a.example/1", "http://a.example/1", True),
        ("http://a.example/1", "http://a.example/12", False),
        ("http://a.example/*", "http://a.example/", True),
        ("*/quiz/*", "http://a.example/quiz/1", True),
        ("*/quiz/*/x", "http://a.example/quiz/1/y/x", True),
        ("*/quiz/*/x", "http://a.example/quiz/x", False),
        ("http://a.example/?id=1", "http://a.example/?id=1", True),
        ("http://a.example/?id=1", "http://a.examplexid=1", False),
        ("a.b:*", "a.b:\n", True),
    ],
)
def test_patterns_of_iris(pattern: str, iri: str, does_fit: bool) -> None:
    """A `*` stands for anything, everything else for itself."""
    assert fits(pattern, iri) is does_fit


@pytest.mark.parametrize(
    ("pattern", "iri", "skill"),
    [
        ("http://a.example/{skill}", "http://a.example/x%2Fy", "x/y"),
        ("http://a.example/{skill}", "http://a.example/x/y", None),
        ("http://a.example/{skill}/*", "http://a.example/x/y/z", "x"),
        ("http://a.example/?skill={skill}&*", "http://a.example/?skill=x&y=1", "x"),
        ("*block@{skill}", "block-v1:a+type@problem+block@3fc5", "3fc5"),
        ("http://a.example/*", "http://a.example/x", None),
    ],
)
def test_skills_in_iris(pattern: str, iri: str, skill: str | None) -> None:
    """`{skill}` is one part of an IRI, unescaped."""
    assert skill_in(pattern, iri) == skill


@pytest.mark.parametrize("pattern", ["", 3, "{skill}/{skill}", "*{skill}", "http://a.example/{skill}x", "{skill}*"])
def test_patterns_that_could_mean_two_things_are_refused(pattern: Any) -> None:
    """Where a skill's key begins and ends must be plain."""
    with pytest.raises(InvalidValue):
        check_pattern(pattern)


def test_long_iris_cost_no_time() -> None:
    """An IRI made to be slow is not: a match takes time in proportion to its length."""
    started = time.monotonic()

    assert not fits("*a" * 50 + "*b{skill}/x", "a" * 200_000)
    assert not fits("*a" * 50 + "b", "a" * 200_000)

    assert time.monotonic() - started < 2


@given(iri=st.text(alphabet="ab/*", max_size=12), pattern=st.text(alphabet="ab/*", min_size=1, max_size=6))
def test_patterns_mean_what_globs_mean(iri: str, pattern: str) -> None:
    """Never going back loses no match."""
    assert fits(pattern, iri) is _glob(pattern, iri)


def _glob(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(_glob(pattern[1:], text[start:]) for start in range(len(text) + 1))
    return text[:1] == pattern[0] and _glob(pattern[1:], text[1:])


@pytest.mark.parametrize(
    "mapping",
    [
        {"name": "m", "rules": [{"name": "r", "verbs": "http://a.example/v"}]},
        {"name": "m", "rules": [{"name": "r"}, {"name": "r"}]},
        {"name": "m", "rules": [{"name": "r", "evidence": "guess"}]},
        {"name": "m", "rules": [{"name": "r", "look_at": ["somewhere"]}]},
        {"name": "m", "rules": [{"name": "r", "activities": ["*{skill}"]}]},
        {"name": "m", "rules": [{"name": "r", "weight": 2}]},
        {"name": "m", "rules": [], "skills": {"http://a.example/*": ""}},
        {"name": "m", "rules": [], "skill": {}},
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused(mapping: Plain) -> None:
    """What is wrong in a mapping is told when it is read, not when a statement comes."""
    with pytest.raises(InvalidValue):
        structure(mapping, StatementMapping)
