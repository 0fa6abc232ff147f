"""What each kind of our statements must hold, and in which order they may come."""

from typing import Any

from reinforce.statements.vocabulary import (
    ATTEMPTED,
    COACHED,
    COMPETENCY,
    COMPLETED,
    DUE_DATE,
    EXPERIENCED,
    EXPIRED,
    EXPIRES,
    MASTERED,
    OBSERVED,
    REVIEWED,
    VOIDED,
    WAS_ASSIGNED,
    Vocabulary,
)

INCLUDED, EXCLUDED, RECOMMENDED = "included", "excluded", "recommended"
RATINGS = (1, 2, 3, 4)


def templates(words: Vocabulary) -> list[dict[str, Any]]:
    """The statement templates of the profile."""
    return [*_of_memory(words), *_of_refreshers(words), *_of_people(words)]


def _of_memory(words: Vocabulary) -> list[dict[str, Any]]:
    about_skill = {"objectActivityType": COMPETENCY}
    state = [_result(words, name, RECOMMENDED) for name in ("stability", "difficulty", "due")]
    return [
        _template(
            words,
            "practised",
            "The actor practised a skill; the result says how it went, and what is remembered of it since.",
            {"verb": ATTEMPTED.id, **about_skill},
            [
                {"location": "$.result.success", "presence": INCLUDED},
                {**_result(words, "rating", RECOMMENDED), "any": list(RATINGS)},
                _context(words, "practice-kind", INCLUDED),
                *state,
            ],
        ),
        _template(
            words,
            "exposed",
            "The actor was shown a skill and nothing was asked: it has no effect on memory.",
            {"verb": EXPERIENCED.id, **about_skill},
            [{"location": "$.result.success | $.result.score", "presence": EXCLUDED}],
        ),
        _template(
            words,
            "lapsed",
            "The actor could not recall what they knew before; the context refers to the practice that showed it.",
            {"verb": words.lapsed.id, **about_skill, "contextStatementRefTemplate": [words.template("practised")]},
            [
                {"location": "$.context.statement.id", "presence": INCLUDED},
                _result(words, "lapses", INCLUDED),
                *state,
            ],
        ),
        _template(
            words,
            "retention-dropped",
            "The probability that the actor recalls the skill fell below the retention that is to be kept.",
            {"verb": words.retention_dropped.id, **about_skill},
            [_result(words, "retrievability", INCLUDED), _context(words, "desired-retention", INCLUDED), *state],
        ),
        _template(
            words,
            "mastered",
            "What the actor remembers of the skill lasts as long as its owner asks for.",
            {"verb": MASTERED.id, **about_skill},
            [_result(words, "stability", INCLUDED)],
        ),
        _template(
            words,
            "skill-expired",
            "The actor's skill no longer counts, and has to be shown again.",
            {"verb": EXPIRED.id, **about_skill},
            [{"location": f"$.context.extensions['{EXPIRES}']", "presence": INCLUDED}],
        ),
    ]


def _of_refreshers(words: Vocabulary) -> list[dict[str, Any]]:
    about_refresher = {"objectActivityType": words.refresher, "contextOtherActivityType": [COMPETENCY]}
    return [
        _template(
            words,
            "refresher-assigned",
            "The actor was given a refresher for a day; the context says until when, for which skills and why.",
            {"verb": WAS_ASSIGNED.id, **about_refresher},
            [
                {"location": f"$.context.extensions['{DUE_DATE}']", "presence": INCLUDED},
                _context(words, "reason", INCLUDED),
                _context(words, "minutes", INCLUDED),
            ],
        ),
        _template(
            words,
            "refresher-done",
            "The actor did a refresher that was assigned to them.",
            {"verb": COMPLETED.id, **about_refresher},
            [{"location": "$.result.completion", "presence": INCLUDED, "all": [True]}],
        ),
        _template(
            words,
            "refresher-expired",
            "A refresher that was assigned to the actor was not done in time, and is no longer open.",
            {"verb": EXPIRED.id, **about_refresher},
            [{"location": f"$.context.extensions['{DUE_DATE}']", "presence": INCLUDED}],
        ),
    ]


def _of_people(words: Vocabulary) -> list[dict[str, Any]]:
    about_person: list[dict[str, Any]] = [
        {"location": "$.object.objectType", "presence": INCLUDED, "all": ["Agent"]},
        {"location": "$.context.contextActivities.other[*].id", "presence": INCLUDED},
    ]
    return [
        _template(
            words,
            "coached",
            "The actor coached the person who is the object, in the skills that the context names.",
            {"verb": COACHED.id, "contextOtherActivityType": [COMPETENCY]},
            about_person,
        ),
        _template(
            words,
            "observed",
            "The actor saw the person who is the object practise the skills that the context names.",
            {"verb": OBSERVED.id, "contextOtherActivityType": [COMPETENCY]},
            [*about_person, {"location": "$.context.statement.id", "presence": RECOMMENDED}],
        ),
        _template(
            words,
            "reviewed",
            "The actor looked at a practice that was recorded, which is the object.",
            {"verb": REVIEWED.id, "objectStatementRefTemplate": [words.template("practised")]},
            [],
        ),
        _template(
            words,
            "learner-erased",
            "The actor took the person who is the object, told by an opaque account alone, out of all that it keeps.",
            {"verb": words.erased.id},
            [
                {"location": "$.object.objectType", "presence": INCLUDED, "all": ["Agent"]},
                {"location": "$.object.account.name", "presence": INCLUDED},
                {"location": "$.object.name", "presence": EXCLUDED},
            ],
        ),
        _template(
            words,
            "voided",
            "The actor took back a statement, which is the object: what it says was never so.",
            {"verb": VOIDED.id},
            [{"location": "$.object.objectType", "presence": INCLUDED, "all": ["StatementRef"]}],
        ),
    ]


def _template(
    words: Vocabulary, name: str, meaning: str, determining: dict[str, Any], more: list[dict[str, Any]]
) -> dict[str, Any]:
    """A template whose statements have an id, a moment, a registration and our profile, besides what it adds."""
    shared = [
        {"location": "$.id", "presence": INCLUDED},
        {"location": "$.timestamp", "presence": INCLUDED},
        {"location": "$.context.registration", "presence": INCLUDED},
        {"location": "$.context.contextActivities.category[*].id", "any": [words.profile_version]},
    ]
    return {
        "id": words.template(name),
        "type": "StatementTemplate",
        "inScheme": words.profile_version,
        "prefLabel": {"en": name.replace("-", " ")},
        "definition": {"en": meaning},
        **determining,
        "rules": shared + more,
    }


def _result(words: Vocabulary, name: str, presence: str) -> dict[str, Any]:
    return {"location": f"$.result.extensions['{words.extension(name)}']", "presence": presence}


def _context(words: Vocabulary, name: str, presence: str) -> dict[str, Any]:
    return {"location": f"$.context.extensions['{words.extension(name)}']", "presence": presence}


def patterns(words: Vocabulary) -> list[dict[str, Any]]:
    """The patterns of the profile: what can follow what within one registration."""
    memory = ("practised", "exposed", "lapsed", "retention-dropped", "mastered", "skill-expired")
    people = ("coached", "observed", "reviewed", "learner-erased", "voided")
    return [
        {
            **_primary(words, "memory", "All that happens to one person's memory of one skill, in any order."),
            "oneOrMore": words.pattern("memory-step"),
        },
        _pattern(words, "memory-step", alternates=[words.template(name) for name in memory]),
        {
            **_primary(words, "refresher", "A refresher is assigned; then it is done, expires, or is still open."),
            "sequence": [words.template("refresher-assigned"), words.pattern("refresher-may-end")],
        },
        _pattern(words, "refresher-may-end", optional=words.pattern("refresher-ends")),
        _pattern(
            words,
            "refresher-ends",
            alternates=[words.template("refresher-done"), words.template("refresher-expired")],
        ),
        {
            **_primary(words, "people", "What one person does about another, or about a statement, stands by itself."),
            "oneOrMore": words.pattern("people-step"),
        },
        _pattern(words, "people-step", alternates=[words.template(name) for name in people]),
    ]


def _pattern(words: Vocabulary, name: str, **holds: Any) -> dict[str, Any]:
    return {"id": words.pattern(name), "type": "Pattern", "inScheme": words.profile_version, **holds}


def _primary(words: Vocabulary, name: str, meaning: str) -> dict[str, Any]:
    return {
        **_pattern(words, name),
        "primary": True,
        "prefLabel": {"en": name},
        "definition": {"en": meaning},
    }
