"""Our profile keeps the rules of the xAPI Profile specification."""

import json
from typing import Any

import pytest

from reinforce.errors import InvalidStatement, InvalidValue
from reinforce.statements import vocabulary
from reinforce.statements.activities import Verb
from reinforce.statements.profile import EXTENSIONS, profile
from reinforce.statements.syntax import is_iri, is_language_tag
from reinforce.statements.timestamps import is_timestamp_in
from reinforce.statements.versions import XapiVersion
from reinforce.statements.vocabulary import NAMESPACE, Vocabulary
from statements.examples import SMALL
from statements.following import check_against_template
from statements.json_path import look_up
from statements.telling import CASES, DATA

Plain = dict[str, Any]
PROFILE = profile()
CONCEPTS: list[Plain] = PROFILE["concepts"]
TEMPLATES: list[Plain] = PROFILE["templates"]
PATTERNS: list[Plain] = PROFILE["patterns"]
VERSION = PROFILE["versions"][0]["id"]

each_concept = pytest.mark.parametrize("concept", CONCEPTS, ids=lambda one: one["id"].rsplit("/", 1)[-1])
each_template = pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one["id"].rsplit("/", 1)[-1])
each_pattern = pytest.mark.parametrize("pattern", PATTERNS, ids=lambda one: one["id"].rsplit("/", 1)[-1])

RELATIONS = {"broader", "broadMatch", "narrower", "narrowMatch", "related", "relatedMatch", "exactMatch"}
SHARED = {"id", "type", "inScheme", "prefLabel", "definition", "deprecated"}
OF_CONCEPTS = {
    "Verb": SHARED | RELATIONS,
    "ActivityType": SHARED | RELATIONS,
    "ContextExtension": SHARED | {"recommendedVerbs", "context", "schema", "inlineSchema"},
    "ResultExtension": SHARED | {"recommendedVerbs", "context", "schema", "inlineSchema"},
}
OF_TEMPLATES = SHARED | {
    "verb", "objectActivityType", "contextGroupingActivityType", "contextParentActivityType",
    "contextOtherActivityType", "contextCategoryActivityType", "attachmentUsageType", "objectStatementRefTemplate",
    "contextStatementRefTemplate", "rules",
}  # fmt: skip
OF_RULES = {"location", "selector", "presence", "any", "all", "none", "scopeNote"}
KINDS_OF_PATTERN = {"alternates", "optional", "oneOrMore", "sequence", "zeroOrMore"}


def is_language_map(value: Any) -> bool:
    """Whether it is a language map that says something."""
    return isinstance(value, dict) and bool(value) and all(is_language_tag(tag) and value[tag].strip() for tag in value)


def everything(value: Any) -> list[Any]:
    """The value and all that is inside of it."""
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return [value, *(deeper for one in inner for deeper in everything(one))]


def test_the_profile_has_what_a_profile_must_have() -> None:
    """Structure 6: id, context, type, specification, names, versions and author; and nothing that none has."""
    assert set(PROFILE) == {
        "@context", "id", "type", "conformsTo", "prefLabel", "definition", "versions", "author", "concepts",
        "templates", "patterns",
    }  # fmt: skip
    assert PROFILE["@context"] == "https://w3id.org/xapi/profiles/context"
    assert PROFILE["type"] == "Profile"
    assert PROFILE["conformsTo"] == "https://w3id.org/xapi/profiles#1.0"
    assert is_iri(PROFILE["id"])
    assert is_language_map(PROFILE["prefLabel"])
    assert is_language_map(PROFILE["definition"])
    assert PROFILE["author"]["type"] in ("Organization", "Person")
    assert PROFILE["author"]["name"]


def test_versions_are_told_apart() -> None:
    """Structure 6.1: each version has its own IRI, which is not the profile's, and a moment."""
    ids = [version["id"] for version in PROFILE["versions"]]

    assert len({*ids, PROFILE["id"]}) == len(ids) + 1
    assert all(is_timestamp_in(XapiVersion.V2, version["generatedAtTime"]) for version in PROFILE["versions"])
    assert all("wasRevisionOf" in version for version in PROFILE["versions"][:-1])


def test_nothing_is_empty() -> None:
    """Structure 4: no empty object, array or text, and no null."""
    assert not [value for value in everything(PROFILE) if value in ({}, [], "") or value is None]


def test_ids_are_unique_and_stand_under_the_namespace() -> None:
    """No two things share an IRI, and none of ours is outside of our namespace, whichever that is."""
    for namespace in (NAMESPACE, "https://acme.example/words#"):
        told = profile(namespace)
        ids = [one["id"] for part in ("concepts", "templates", "patterns") for one in told[part]]
        assert len(set(ids)) == len(ids)
        assert all(iri.startswith(namespace) and is_iri(iri) for iri in ids)
        assert namespace == NAMESPACE or NAMESPACE not in json.dumps(told)


@each_concept
def test_concepts_are_what_concepts_must_be(concept: Plain) -> None:
    """Structure 7: each has its members by its type, of this version, in words."""
    assert set(concept) >= {"id", "type", "inScheme", "prefLabel", "definition"}
    assert set(concept) <= OF_CONCEPTS[concept["type"]]
    assert concept["inScheme"] == VERSION
    assert is_language_map(concept["prefLabel"])
    assert is_language_map(concept["definition"])
    assert all(is_iri(iri) for name in RELATIONS & set(concept) for iri in concept[name])
    assert not any(iri.startswith(NAMESPACE) for iri in concept.get("broadMatch", []))


@each_concept
def test_extensions_have_one_schema_that_is_json(concept: Plain) -> None:
    """Structure 7.2: an inline schema is JSON in a text; recommended verbs are IRIs."""
    if concept["type"].endswith("Extension"):
        assert isinstance(json.loads(concept["inlineSchema"]), dict)
        assert "schema" not in concept
        assert all(is_iri(verb) for verb in concept["recommendedVerbs"])


def test_published_words_are_not_published_again() -> None:
    """Structure 7: a concept of another profile is used and not defined anew."""
    published = {found.id for found in vars(vocabulary).values() if isinstance(found, Verb)}

    assert published.isdisjoint(concept["id"] for concept in CONCEPTS)
    assert len(published) == 10


@each_template
def test_templates_are_what_templates_must_be(template: Plain) -> None:
    """Structure 8: members, determining properties as IRIs, not both a StatementRef and an activity as the object."""
    assert set(template) >= {"id", "type", "inScheme", "prefLabel", "definition"}
    assert set(template) <= OF_TEMPLATES
    assert template["type"] == "StatementTemplate"
    assert template["inScheme"] == VERSION
    assert is_language_map(template["definition"])
    assert is_iri(template["verb"])
    assert not {"objectStatementRefTemplate", "objectActivityType"} <= set(template)
    known = {one["id"] for one in TEMPLATES}
    for name in ("objectStatementRefTemplate", "contextStatementRefTemplate"):
        assert set(template.get(name, [])) <= known
    assert all(is_iri(iri) for iri in template.get("contextOtherActivityType", []))


@each_template
def test_rules_are_what_rules_must_be(template: Plain) -> None:
    """Structure 8.1: each rule has a path of the kind that is allowed, and says something of it."""
    for rule in template["rules"]:
        assert set(rule) <= OF_RULES
        assert {"presence", "any", "all", "none"} & set(rule)
        assert rule.get("presence", "included") in ("included", "excluded", "recommended")
        assert isinstance(look_up({}, rule["location"]), list)
        assert "?(" not in rule["location"]


@each_template
def test_templates_can_be_told_apart(template: Plain) -> None:
    """No statement follows two templates: verb and kind of object differ."""
    same = [
        one
        for one in TEMPLATES
        if one["verb"] == template["verb"] and one.get("objectActivityType") == template.get("objectActivityType")
    ]
    assert same == [template]


@each_template
def test_extensions_in_rules_are_ours_or_published(template: Plain) -> None:
    """An extension that a rule names is defined, and stands where its type says that it stands."""
    words = Vocabulary()
    ours = {words.extension(name): kind for name, (kind, _, _) in EXTENSIONS.items()}
    for rule in template["rules"]:
        if "extensions['" in rule["location"]:
            where, iri = rule["location"].removesuffix("']").split(".extensions['")
            kind = "ContextExtension" if where == "$.context" else "ResultExtension"
            assert ours.get(iri, kind if not iri.startswith(NAMESPACE) else None) == kind


@each_pattern
def test_patterns_are_what_patterns_must_be(pattern: Plain) -> None:
    """Structure 9: one kind each, of templates and patterns that there are; primary ones have names."""
    members = SHARED | KINDS_OF_PATTERN | {"primary"}
    assert set(pattern) <= members
    assert pattern["type"] == "Pattern"
    assert len(KINDS_OF_PATTERN & set(pattern)) == 1
    known = {one["id"] for one in TEMPLATES + PATTERNS}
    assert set(held(pattern)) <= known
    assert not pattern.get("primary") or (is_language_map(pattern["prefLabel"]) and pattern["definition"])
    for name in ("alternates", "sequence"):
        assert len(pattern.get(name, [1, 2])) >= 2
    by_id = {one["id"]: one for one in PATTERNS}
    for one in pattern.get("alternates", []):
        assert not {"optional", "zeroOrMore"} & set(by_id.get(one, {}))


def held(pattern: Plain) -> list[str]:
    """What a pattern is made of."""
    (kind,) = KINDS_OF_PATTERN & set(pattern)
    value = pattern[kind]
    return value if isinstance(value, list) else [value]


def test_patterns_hold_every_template_and_never_themselves() -> None:
    """Structure 9: every template can be part of what is primary, and no pattern is inside of itself."""
    by_id = {one["id"]: one for one in PATTERNS}

    def reached(pattern: Plain, above: tuple[str, ...]) -> set[str]:
        assert pattern["id"] not in above
        inner = set(held(pattern))
        return inner.union(*(reached(by_id[one], (*above, pattern["id"])) for one in inner if one in by_id))

    primary = set().union(*(reached(one, ()) for one in PATTERNS if one.get("primary")))
    assert {one["id"] for one in TEMPLATES} <= primary


@pytest.mark.parametrize("case", CASES)
def test_extensions_in_our_statements_have_the_types_of_their_schema(case: str) -> None:
    """What stands in a golden statement is what its schema says."""
    words = Vocabulary()
    types: dict[str, Any] = {"number": (int, float), "integer": int, "string": str}
    statement = json.loads((DATA / case / "statement.json").read_text())
    for part, kind in (("result", "ResultExtension"), ("context", "ContextExtension")):
        for iri, value in statement.get(part, {}).get("extensions", {}).items():
            if iri.startswith(NAMESPACE):
                expected, schema, _ = EXTENSIONS[iri.removeprefix(words.extension(""))]
                assert expected == kind
                assert isinstance(value, types[schema["type"]]) if "type" in schema else value in schema["enum"]
                assert schema.get("minimum", value) <= value <= schema.get("maximum", value)


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        (("result", "success"), "it must be there"),
        (("context", "registration"), "it must be there"),
        (("result", "extensions", Vocabulary().extension("rating"), 7), "one of"),
        (("context", "contextActivities", "category", 0, "id", "http://example.com/x"), "one of"),
        (("verb", "id", "http://example.com/verbs/x"), "no template"),
    ],
)
def test_what_breaks_a_template_is_told(steps: tuple[Any, ...], says: str) -> None:
    """A statement that only looks like ours is refused with the place and the rule."""
    statement = json.loads((DATA / "practised-success" / "statement.json").read_text())
    at = statement
    *path, last = steps if isinstance(steps[-1], int | str) and len(steps) > 2 else (*steps, None)
    for step in path[:-1]:
        at = at[step]
    if last is None:
        del at[path[-1]]
    else:
        at[path[-1]] = last

    with pytest.raises(InvalidStatement, match=says):
        check_against_template(statement)


def test_rules_of_other_profiles_are_followed_too() -> None:
    """Selectors, excluded values and single values in contexts work as the specification says."""
    rules = [
        {"location": "$.context.contextActivities.parent[*]", "selector": "id", "presence": "included"},
        {"location": "$.result", "presence": "excluded"},
        {"location": "$.verb.id", "none": ["http://example.com/verbs/undone"]},
        {"location": "$.object['id','definition'] | $.verb.id", "all": [SMALL["object"]["id"], SMALL["verb"]["id"]]},
    ]
    other = {"templates": [{"id": "http://example.com/t", "rules": rules}]}
    good = {**SMALL, "context": {"contextActivities": {"parent": {"id": "http://example.com/p"}}}}

    assert check_against_template(good, other) == "http://example.com/t"
    for bad in (SMALL, {**good, "result": {}}, {**good, "verb": {"id": "http://example.com/verbs/undone"}}):
        with pytest.raises(InvalidStatement):
            check_against_template(bad, other)


@pytest.mark.parametrize("path", ["$.a[?(@.b)]", "$..a", "$.a[-1]", "$.a[", "$.a['b", "$.a b", "$.a[(1)]"])
def test_paths_that_profiles_may_not_use_are_refused(path: str) -> None:
    """Filters, scripts and descent are no part of it."""
    with pytest.raises(InvalidValue, match="no JSONPath"):
        look_up({"a": [1]}, path)


@pytest.mark.parametrize("namespace", ["", "https://acme.example/words", "words/", 3])
def test_a_namespace_must_be_one(namespace: Any) -> None:
    """Words are put right behind it, so it must end where they can begin."""
    with pytest.raises(InvalidValue, match="ends in / or #"):
        profile(namespace)
