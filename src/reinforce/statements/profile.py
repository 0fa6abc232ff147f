"""Our xAPI Profile, built as data: what our statements mean, and what each of them holds.

It follows the xAPI Profile specification 1.0; written out as JSON it is JSON-LD.
"""

import json
from collections.abc import Mapping
from typing import Any

from reinforce.statements.templates import patterns, templates
from reinforce.statements.vocabulary import (
    ATTEMPTED,
    COMPLETED,
    EXPERIENCED,
    EXPIRED,
    MASTERED,
    NAMESPACE,
    WAS_ASSIGNED,
    Vocabulary,
)

CONTEXT = "https://w3id.org/xapi/profiles/context"
CONFORMS_TO = "https://w3id.org/xapi/profiles#1.0"
GENERATED_AT = "2026-03-31T00:00:00Z"

_RESULT, _CONTEXT = "ResultExtension", "ContextExtension"
_FRACTION = {"type": "number", "minimum": 0, "maximum": 1}
_DAYS = {"type": "number", "minimum": 0}
_DATE = {"type": "string", "format": "date"}

EXTENSIONS: dict[str, tuple[str, dict[str, Any], str]] = {
    "rating": (
        _RESULT,
        {"type": "integer", "minimum": 1, "maximum": 4},
        "How recall went, in FSRS's four grades: 1 again, 2 hard, 3 good, 4 easy.",
    ),
    "weight": (_RESULT, _FRACTION, "How far the outcome moves the memory, from 0 (recorded only) to 1."),
    "stability": (_RESULT, _DAYS, "Days until the probability of recall falls to 0.9."),
    "difficulty": (
        _RESULT,
        {"type": "number", "minimum": 1, "maximum": 10},
        "How hard the skill is for the person, from 1 (easy) to 10 (hard).",
    ),
    "retrievability": (
        _RESULT,
        _FRACTION,
        "The probability of recall at the time of the statement, before it had an effect.",
    ),
    "interval": (_RESULT, {"type": "integer", "minimum": 0}, "Days from this practice to the day on which it is due."),
    "due": (_RESULT, _DATE, "The person's calendar day on which the skill should be refreshed."),
    "lapses": (_RESULT, {"type": "integer", "minimum": 0}, "How often recall failed after the first practice."),
    "desired-retention": (_CONTEXT, _FRACTION, "The probability of recall at which the skill is due."),
    "algorithm": (_CONTEXT, {"type": "string"}, "By which model of forgetting the numbers were made."),
    "parameter-set": (_CONTEXT, {"type": "integer"}, "Which parameters of the model made the numbers."),
    "practice-kind": (
        _CONTEXT,
        {"enum": ["recall", "role-play", "observed", "field"]},
        "What kind of evidence the practice is.",
    ),
    "reason": (_CONTEXT, {"type": "string"}, "Why the refresher was assigned, in one sentence."),
    "minutes": (_CONTEXT, _DAYS, "How many minutes the refresher takes."),
}
"""Each of our extensions with its type, the JSON schema of its values, and what it means."""


def profile(namespace: str = NAMESPACE) -> dict[str, Any]:
    """The profile as data; `json.dumps` makes JSON-LD of it.

    Args:
        namespace: an IRI that ends in `/` or `#`, under which our own words stand.
    """
    words = Vocabulary(namespace)
    return {
        "@context": CONTEXT,
        "id": words.profile,
        "type": "Profile",
        "conformsTo": CONFORMS_TO,
        "prefLabel": {"en": "Practice and forgetting"},
        "definition": {
            "en": "How people practise skills, what they forget, and what they are given to refresh. Numbers about "
            "memory are those of FSRS, the Free Spaced Repetition Scheduler."
        },
        "versions": [{"id": words.profile_version, "generatedAtTime": GENERATED_AT}],
        "author": {"type": "Organization", "name": "reinforce"},
        "concepts": [*_verbs(words), _refresher(words), *_extensions(words)],
        "templates": templates(words),
        "patterns": patterns(words),
    }


def _concept(words: Vocabulary, kind: str, iri: str, label: Mapping[str, str], meaning: str) -> dict[str, Any]:
    return {
        "id": iri,
        "type": kind,
        "inScheme": words.profile_version,
        "prefLabel": dict(label),
        "definition": {"en": meaning},
    }


def _verbs(words: Vocabulary) -> list[dict[str, Any]]:
    lapsed, dropped = words.lapsed, words.retention_dropped
    return [
        {
            **_concept(
                words,
                "Verb",
                lapsed.id,
                lapsed.display,
                "The actor could not recall or do what they had recalled or done before.",
            ),
            "broadMatch": [ATTEMPTED.id],
        },
        _concept(
            words,
            "Verb",
            dropped.id,
            dropped.display,
            "The probability that the actor recalls the object fell below the retention that is to be kept. It is "
            "computed; the actor did nothing.",
        ),
        _concept(
            words,
            "Verb",
            words.erased.id,
            words.erased.display,
            "The actor took the person who is the object out of everything that it keeps; others that hold statements "
            "of that person may have to do the same.",
        ),
    ]


def _refresher(words: Vocabulary) -> dict[str, Any]:
    return _concept(
        words,
        "ActivityType",
        words.refresher,
        {"en": "refresher"},
        "A short item of a learning library with which people practise one or more skills again.",
    )


def _extensions(words: Vocabulary) -> list[dict[str, Any]]:
    verbs = [ATTEMPTED, EXPERIENCED, MASTERED, COMPLETED, WAS_ASSIGNED, EXPIRED, words.lapsed, words.retention_dropped]
    return [
        {
            **_concept(words, kind, words.extension(name), {"en": name.replace("-", " ")}, meaning),
            "recommendedVerbs": [verb.id for verb in verbs],
            "inlineSchema": json.dumps(schema),
        }
        for name, (kind, schema, meaning) in EXTENSIONS.items()
    ]
