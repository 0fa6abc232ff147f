"""What somebody else's statement says about practice, by a mapping.

Nothing is recorded here, so that what would be recorded can be looked at first.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import frozen

from reinforce.errors import InvalidValue
from reinforce.model.practice import Outcome, PracticeEvent, SkillOutcome
from reinforce.statements.actors import actor_key, lower_domain
from reinforce.statements.comparison import comparable
from reinforce.statements.formats import with_context_arrays
from reinforce.statements.identity import derived_id
from reinforce.statements.iri_patterns import fits, skill_in
from reinforce.statements.mapping import Evidence, Place, StatementMapping, StatementRule
from reinforce.statements.timestamps import parse_timestamp
from reinforce.statements.versions import XapiVersion
from reinforce.statements.vocabulary import NAMESPACE, Vocabulary
from reinforce.statements.voiding import voids

CONTENT_IDS = UUID("0e2d9c55-7a1b-5f0e-b3c4-2d8f9a6e1b70")
SUCCESS_VERBS = frozenset(
    {"http://adlnet.gov/expapi/verbs/passed", "http://adlnet.gov/expapi/verbs/mastered"},
)
FAILURE_VERBS = frozenset({"http://adlnet.gov/expapi/verbs/failed"})
EXPOSURE_VERBS = frozenset(
    {
        "http://adlnet.gov/expapi/verbs/completed",
        "http://adlnet.gov/expapi/verbs/experienced",
        "http://adlnet.gov/expapi/verbs/launched",
        "http://adlnet.gov/expapi/verbs/initialized",
    }
)


@frozen
class Understood:
    """What a statement says, as far as we understand it.

    Attributes:
        statement_id: its own, or one made of its content; the external id of its event.
        event: the practice that it tells of; None: none.
        rule: the name of the rule that fitted; None: none did.
        voids: the id of the statement that it takes back; None: none.
        reason: why there is no event, in one sentence; empty: there is one.
    """

    statement_id: str
    event: PracticeEvent | None = None
    rule: str | None = None
    voids: str | None = None
    reason: str = ""


def understood(
    statement: Mapping[str, Any],
    mapping: StatementMapping,
    learners: Mapping[str, str] | None = None,
    namespace: str = NAMESPACE,
) -> Understood:
    """What a checked statement says, by a mapping.

    Args:
        statement: its plain data.
        mapping: which statements are practice, and of what.
        learners: keys of learners by the `actor_key` of those who are named otherwise than the mapping says.
        namespace: of our own vocabulary; statements that we made are never practice once more.
    """
    arrayed = with_context_arrays(statement)
    own_id = content_id(statement)
    target = voids(arrayed)
    if target is not None:
        return Understood(own_id, voids=target, reason=f"it takes statement {target} back")
    if is_ours(arrayed, namespace):
        return Understood(own_id, reason="it is one of ours")
    rule = next((rule for rule in mapping.rules if _fits(rule, arrayed)), None)
    if rule is None:
        return Understood(own_id, reason="no rule fits its verb, activity and categories")
    try:
        return Understood(own_id, _event(arrayed, own_id, rule, mapping, learners or {}), rule.name)
    except InvalidValue as problem:
        return Understood(own_id, rule=rule.name, reason=str(problem))


def is_ours(statement: Mapping[str, Any], namespace: str = NAMESPACE) -> bool:
    """Whether a checked statement was made by us: our profile is among its categories."""
    return Vocabulary(namespace).profile_version in _ids(with_context_arrays(statement), Place.CATEGORY)


def content_id(statement: Mapping[str, Any]) -> str:
    """The statement's own id in lower case; without one, an id made of what is immutable in it."""
    own = statement.get("id")
    if isinstance(own, str):
        return own.lower()
    same = json.dumps(_same_numbers(comparable(statement)), sort_keys=True, separators=(",", ":"))
    return str(derived_id(CONTENT_IDS, same))


def _same_numbers(value: Any) -> Any:
    """The data with every number as a float: 8 and 8.0 are one number in JSON."""
    if isinstance(value, dict):
        return {name: _same_numbers(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_same_numbers(inner) for inner in value]
    return float(value) if type(value) is int else value


def _fits(rule: StatementRule, statement: Mapping[str, Any]) -> bool:
    target = statement["object"]
    if target.get("objectType", "Activity") != "Activity":
        return False
    if rule.needs_score and "score" not in statement.get("result", {}):
        return False
    kind = target.get("definition", {}).get("type", "")
    return (
        _any(rule.verbs, [statement["verb"]["id"]])
        and _any(rule.activity_types, [kind])
        and _any(rule.activities, [target["id"]])
        and _any(rule.categories, _ids(statement, Place.CATEGORY))
    )


def _any(patterns: Iterable[str], iris: Iterable[str]) -> bool:
    """Whether one of the patterns fits one of the IRIs; without patterns there is nothing to fit."""
    known = tuple(patterns)
    return not known or any(fits(pattern, iri) for iri in iris for pattern in known)


def _ids(statement: Mapping[str, Any], place: Place) -> list[str]:
    if place is Place.OBJECT:
        return [statement["object"]["id"]]
    activities = statement.get("context", {}).get("contextActivities", {})
    return [activity["id"] for activity in activities.get(place.value, ())]


def _event(
    statement: Mapping[str, Any],
    own_id: str,
    rule: StatementRule,
    mapping: StatementMapping,
    learners: Mapping[str, str],
) -> PracticeEvent:
    skill = _skill(statement, rule, mapping)
    context = statement.get("context", {})
    instructor = context.get("instructor")
    return PracticeEvent(
        learner=_learner(statement["actor"], mapping, learners),
        occurred_at=_moment(statement),
        outcomes=(SkillOutcome(skill, _outcome(statement, rule), rule.weight),),
        kind=rule.kind,
        source=mapping.name,
        external_id=own_id,
        assessor=None if instructor is None else learners.get(actor_key(instructor) or ""),
        context={
            "verb": statement["verb"]["id"],
            "activity": statement["object"]["id"],
            **({"registration": context["registration"].lower()} if "registration" in context else {}),
        },
    )


def _skill(statement: Mapping[str, Any], rule: StatementRule, mapping: StatementMapping) -> str:
    if rule.skill is not None:
        return rule.skill
    for pattern in rule.activities:
        named = skill_in(pattern, statement["object"]["id"])
        if named is not None:
            return named
    for place in rule.look_at:
        for iri in _ids(statement, place):
            for pattern, skill in mapping.skills.items():
                if fits(pattern, iri):
                    return skill
    raise InvalidValue(f"no skill is mapped to {statement['object']['id']}")


def _learner(actor: Mapping[str, Any], mapping: StatementMapping, learners: Mapping[str, str]) -> str:
    key = actor_key(actor)
    if actor.get("objectType") == "Group" or key is None:
        raise InvalidValue("its actor is a Group; practice is one person's")
    if key in learners:
        return learners[key]
    account = actor.get("account")
    if account is not None and _any(mapping.home_pages, [account["homePage"]]):
        return str(account["name"])
    if "mbox" in actor and mapping.takes_addresses:
        return lower_domain(actor["mbox"]).removeprefix("mailto:")
    if mapping.creates_learners and account is None:
        return str(actor.get("mbox_sha1sum") or actor.get("openid") or actor["mbox"]).lower()
    raise InvalidValue(f"no learner is known by {key}")


def _moment(statement: Mapping[str, Any]) -> datetime:
    told = statement.get("timestamp") or statement.get("stored")
    if told is None:
        raise InvalidValue("it does not say when it happened")
    return parse_timestamp(told, XapiVersion.V1)


def _outcome(statement: Mapping[str, Any], rule: StatementRule) -> Outcome:
    result = statement.get("result", {})
    if rule.evidence is Evidence.EXPOSURE:
        return Outcome.exposure()
    if rule.evidence is Evidence.COMPLETION:
        return _outcome_of(result.get("completion") or None, None, rule, "completion")
    score = scaled_score(result.get("score", {}))
    if rule.evidence is Evidence.SUCCESS:
        return _outcome_of(result.get("success"), None, rule, "success")
    if rule.evidence is Evidence.SCALED:
        return _outcome_of(None, score, rule, "score")
    if "success" not in result and score is None:
        return _said_by_verb(statement["verb"]["id"])
    return _outcome_of(result.get("success"), score, rule, "success")


def _outcome_of(success: bool | None, score: float | None, rule: StatementRule, missing: str) -> Outcome:
    if success is not None:
        return Outcome.success(success)
    if score is None:
        raise InvalidValue(f"its result has no {missing}")
    return Outcome.scaled(score) if rule.passing is None else Outcome.success(score >= rule.passing)


def _said_by_verb(verb: str) -> Outcome:
    if verb in SUCCESS_VERBS or verb in FAILURE_VERBS:
        return Outcome.success(verb in SUCCESS_VERBS)
    if verb in EXPOSURE_VERBS:
        return Outcome.exposure()
    raise InvalidValue("neither its result nor its verb says how it went")


def scaled_score(score: Mapping[str, Any]) -> float | None:
    """The scaled score that is told, or that raw, min (or 0) and max give; None: there is none."""
    if "scaled" in score:
        return float(score["scaled"])
    raw, highest, lowest = score.get("raw"), score.get("max"), score.get("min", 0)
    if raw is None or highest is None or not lowest <= raw <= highest or lowest == highest:
        return None
    return float((raw - lowest) / (highest - lowest))
