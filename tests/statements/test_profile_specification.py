"""Our profile as others read it: by the schema of the Profile specification, as JSON-LD, and as it was published."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker
from pyld import jsonld

from reinforce.statements.profile import CONTEXT, EXTENSIONS, profile
from reinforce.statements.syntax import is_iri, is_language_tag
from reinforce.statements.timestamps import is_timestamp_in
from reinforce.statements.versions import XapiVersion

Plain = dict[str, Any]
DATA = Path(__file__).parent / "data"
PUBLISHED = DATA / "profile-v1.0.json"
SCHEMA = json.loads((DATA / "profile.schema.json").read_text())

FORMATS = FormatChecker(())


@FORMATS.checks("iri")
def _is_iri(value: object) -> bool:
    return not isinstance(value, str) or bool(is_iri(value))


@FORMATS.checks("language-tag")
def _is_tag(value: object) -> bool:
    return not isinstance(value, str) or bool(is_language_tag(value))


@FORMATS.checks("date-time")
def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or is_timestamp_in(XapiVersion.V2, value)


VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FORMATS)


def broken_rules(document: Plain) -> list[str]:
    """The places at which a profile is not what the schema says."""
    return [_innermost(problem).json_path for problem in VALIDATOR.iter_errors(document)]


def _innermost(problem: Any) -> Any:
    return _innermost(problem.context[0]) if problem.context else problem


@pytest.mark.parametrize("namespace", ["https://w3id.org/xapi/reinforce/", "https://acme.example/words#"])
def test_it_is_what_the_schema_says(namespace: str) -> None:
    """Structure 4 to 9: members, types and numbers of members, under whichever namespace."""
    Draft202012Validator.check_schema(SCHEMA)

    assert broken_rules(profile(namespace)) == []


PLACES: list[tuple[str, list[str | int], Any]] = [
    ("4.0: nothing is empty", ["concepts", 0, "definition", "en"], ""),
    ("4.0: no null", ["concepts", 0, "deprecated"], None),
    ("4.0: what the specification doesn't know is an IRI", ["remark"], "hello"),
    ("6.0: id is an IRI", ["id"], "profile"),
    ("6.0: the context is the specification's", ["@context"], "https://example.com/context"),
    ("6.0: conformsTo is the specification's", ["conformsTo"], "https://w3id.org/xapi/profiles#2.0"),
    ("6.0: names in languages", ["prefLabel"], "Practice"),
    ("6.0: names in languages that there are", ["prefLabel"], {"english, of course": "Practice"}),
    ("6.0: at least one version", ["versions"], []),
    ("6.0: seeAlso is a URL", ["seeAlso"], "urn:x:y"),
    ("6.1: when a version was made", ["versions", 0, "generatedAtTime"], "2026-03-31"),
    ("6.1: what was revised is listed", ["versions", 0, "wasRevisionOf"], "https://example.com/v0"),
    ("6.2: authors are organizations or persons", ["author", "type"], "Team"),
    ("7.0: concepts are of a kind", ["concepts", 0, "type"], "Adverb"),
    ("7.1: related is for what is deprecated", ["concepts", 0, "related"], ["https://example.com/verb"]),
    ("7.1: relations are lists", ["concepts", 0, "broadMatch"], "https://example.com/verb"),
    ("7.2: verbs don't take a schema", ["concepts", 0, "inlineSchema"], "{}"),
    ("7.2: extensions have one schema", ["concepts", 3, "schema"], "https://example.com/schema"),
    ("7.2: an inline schema is a text", ["concepts", 3, "inlineSchema"], {"type": "number"}),
    (
        "7.2: activity types are recommended for activities",
        ["concepts", 3, "recommendedActivityTypes"],
        ["http://a.b"],
    ),
    ("8.0: one verb", ["templates", 0, "verb"], ["http://adlnet.gov/expapi/verbs/attempted"]),
    ("8.0: a statement or an activity", ["templates", 0, "objectStatementRefTemplate"], ["https://example.com/t"]),
    ("8.1: a rule says something", ["templates", 0, "rules", 0], {"location": "$.result"}),
    ("8.1: presences are three", ["templates", 0, "rules", 0, "presence"], "forbidden"),
    ("8.1: no filters", ["templates", 0, "rules", 0, "location"], "$.result[?(@.success)]"),
    ("9.0: one of five kinds", ["patterns", 0, "optional"], "https://example.com/t"),
    ("9.0: alternates are two at least", ["patterns", 1, "alternates"], ["https://example.com/t"]),
    ("9.0: a sequence inside of others has two at least", ["patterns", 1], {"sequence": ["https://example.com/t"]}),
    ("9.0: primary patterns say what they are", ["patterns", 1, "primary"], True),
]


@pytest.mark.parametrize(("steps", "value"), [place[1:] for place in PLACES], ids=[place[0] for place in PLACES])
def test_the_schema_refuses(steps: list[str | int], value: Any) -> None:
    """Each rule of the specification that the schema holds is one that a profile can break."""
    document = deepcopy(profile())
    *path, last = steps
    at: Any = document
    for step in path:
        at = at[step]
    at[last] = {**_without_kind(at[last]), **value} if last == 1 else value
    here = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    places = broken_rules(document)

    assert places
    assert all(place.startswith(f"${here}") for place in places)


def _without_kind(pattern: Plain) -> Plain:
    return {name: value for name, value in pattern.items() if name != "alternates"}


REQUIRED = [(name,) for name in SCHEMA["$defs"]["profile"]["required"]] + [
    (part, 0, name)
    for part, kind in (("concepts", "semanticConcept"), ("templates", "template"), ("versions", "version"))
    for name in SCHEMA["$defs"][kind]["required"]
]


@pytest.mark.parametrize("steps", REQUIRED, ids=lambda steps: ".".join(map(str, steps)))
def test_what_is_required_must_be_there(steps: tuple[str | int, ...]) -> None:
    """Structure 6 to 8: a profile without one of the required members is none."""
    document = deepcopy(profile())
    *path, last = steps
    at: Any = document
    for step in path:
        at = at[step]
    del at[last]

    assert broken_rules(document)


# ---------------------------------------------------------------- between its parts


def test_inline_schemas_are_schemas_and_examples_follow_them() -> None:
    """Structure 7.2: a schema of Draft 7, by which what cannot be is refused."""
    concepts = [concept for concept in profile()["concepts"] if "inlineSchema" in concept]
    wrong = {"number": -1, "integer": 0.5, "string": 7, None: "elsewhere"}
    for concept in concepts:
        schema = json.loads(concept["inlineSchema"])
        Draft7Validator.check_schema(schema)
        assert not Draft7Validator(schema).is_valid(wrong[schema.get("type")])

    assert len(concepts) == len(EXTENSIONS)


def test_relations_are_of_the_same_kind_and_from_where_they_say() -> None:
    """Structure 7.1: `broader` and `narrower` stay inside of the profile, and `…Match` leaves it."""
    concepts = {concept["id"]: concept for concept in profile()["concepts"]}
    for concept in concepts.values():
        for name in ("broader", "narrower", "related"):
            assert all(concepts[iri]["type"] == concept["type"] for iri in concept.get(name, []))
        for name in ("broadMatch", "narrowMatch", "relatedMatch", "exactMatch"):
            assert concepts.keys().isdisjoint(concept.get(name, []))


def test_it_stays_as_it_was_published() -> None:
    """Structure 8 and 9: templates and patterns change under new ids only, so that a version means one thing for ever.

    Whoever changes the profile raises its version, and adds the file of the new one beside that of the old.
    """
    assert profile() == json.loads(PUBLISHED.read_text())


# ---------------------------------------------------------------- as JSON-LD

PREFIXES = {
    "prov": "http://www.w3.org/ns/prov#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xapi": "https://w3id.org/xapi/ontology#",
    "profile": "https://w3id.org/xapi/profiles/ontology#",
    "dcterms": "http://purl.org/dc/terms/",
    "schemaorg": "http://schema.org/",
}
TYPES = {
    "profile": ("Profile", "StatementTemplate", "Pattern"),
    "schemaorg": ("Organization",),
    "xapi": ("Verb", "ActivityType", "ContextExtension", "ResultExtension"),
}
TERMS = {
    ("dcterms", "@id", None): ("conformsTo",),
    ("skos", None, "@language"): ("prefLabel", "definition"),
    ("skos", "@id", None): ("inScheme",),
    ("skos", "@id", "@set"): ("broadMatch",),
    ("schemaorg", None, None): ("author", "name"),
    ("prov", "http://www.w3.org/2001/XMLSchema#dateTime", None): ("generatedAtTime",),
    ("profile", None, "@set"): ("versions", "concepts", "templates", "patterns", "rules", "any", "all", "none"),
    ("profile", None, None): ("inlineSchema", "location", "presence"),
    ("profile", "http://www.w3.org/2001/XMLSchema#boolean", None): ("primary",),
    ("profile", "@id", None): ("verb", "objectActivityType", "optional", "oneOrMore"),
    ("profile", "@id", "@list"): ("sequence",),
    ("profile", "@id", "@set"): (
        "recommendedVerbs", "contextOtherActivityType", "objectStatementRefTemplate", "contextStatementRefTemplate",
        "contextCategoryActivityType", "alternates",
    ),
}  # fmt: skip


def context() -> Plain:
    """What the context of the specification says of the words that we use: ontology, type and container of each."""
    words: Plain = {"type": "@type", "id": "@id", **PREFIXES}
    for prefix, names in TYPES.items():
        words.update({name: f"{prefix}:{name}" for name in names})
    for (prefix, kind, container), names in TERMS.items():
        for name in names:
            words[name] = {"@id": f"{prefix}:{name}"} | ({"@type": kind} if kind else {})
            words[name] |= {"@container": container} if container else {}
    return words


def loaded(url: str, _options: object = None) -> Plain:
    """The document at a URL, of which there is only one."""
    assert url == CONTEXT
    return {"contextUrl": None, "documentUrl": url, "document": {"@context": context()}}


def keys(value: Any) -> Iterator[str]:
    """The names of all members, at any depth."""
    if isinstance(value, dict):
        yield from value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from keys(inner)


def test_every_member_expands_to_an_absolute_iri() -> None:
    """Structure 4: what is no keyword of JSON-LD has an absolute IRI, and nothing is lost on the way to it."""
    document = profile()
    expanded = jsonld.expand(document, {"documentLoader": loaded})

    assert all(key.startswith("@") or is_iri(key) for key in keys(expanded))
    assert len(expanded) == 1
    for part in ("concepts", "templates", "patterns"):
        ids = [one["@id"] for one in expanded[0][f"{PREFIXES['profile']}{part}"]]
        assert sorted(ids) == sorted(one["id"] for one in document[part])


def test_it_is_what_compaction_makes_of_it() -> None:
    """Structure 2: expanded and compacted again by JSON-LD 1.1, the profile is the same document."""
    document = profile()
    expanded = jsonld.expand(document, {"documentLoader": loaded})
    compacted = jsonld.compact(expanded, CONTEXT, {"documentLoader": loaded})

    assert in_any_order(compacted) == in_any_order(document)


def in_any_order(value: Any) -> Any:
    """The value with its sets in one order: only a pattern's sequence has one of its own."""
    if isinstance(value, dict):
        return {name: one if name == "sequence" else in_any_order(one) for name, one in value.items()}
    if isinstance(value, list):
        return sorted(map(in_any_order, value), key=lambda one: json.dumps(one, sort_keys=True))
    return value
