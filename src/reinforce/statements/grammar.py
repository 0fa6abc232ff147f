"""What a statement may look like, as a table of checks for each version of xAPI."""

import functools
from typing import Any

from reinforce.statements import checks, rules, syntax
from reinforce.statements.checks import Check, array, free_map, number, of_type, one_of, record, text, whichever
from reinforce.statements.durations import is_duration
from reinforce.statements.faults import Faults, Place
from reinforce.statements.interactions import COMPONENT_LISTS, SUPPORTED, check_interaction
from reinforce.statements.timestamps import is_timestamp_in
from reinforce.statements.versions import XapiVersion, may_be_in

VOIDED = "http://adlnet.gov/expapi/verbs/voided"
SIGNATURE = "http://adlnet.gov/expapi/attachments/signature"
IDENTIFIERS = ("mbox", "mbox_sha1sum", "openid", "account")
CONTEXT_KINDS = ("parent", "grouping", "category", "other")


def _anything(_value: Any) -> bool:
    return True


iri = text(syntax.is_iri, rules.IRI)
irl = text(syntax.is_iri, rules.IRL)
uuid = text(syntax.is_uuid, rules.UUID)
duration = text(is_duration, rules.DURATION)
language_map = checks.language_map(rules.LANGUAGE_MAP, rules.LANGUAGE_TAG, rules.LANGUAGE_TEXT)
extensions = free_map(syntax.is_iri, rules.EXTENSIONS, rules.EXTENSION_KEY)
name = of_type(str, rules.NAME)

# ---------------------------------------------------------------- actors

account = record(
    rules.ACCOUNT,
    {"homePage": irl, "name": name},
    {"homePage": rules.HOME_PAGE_MISSING, "name": rules.ACCOUNT_NAME_MISSING},
)
_identifiers: dict[str, Check] = {
    "mbox": text(syntax.is_mailbox, rules.MBOX),
    "mbox_sha1sum": text(syntax.is_sha1, rules.MBOX_SHA1SUM),
    "openid": text(syntax.is_uri, rules.OPENID),
    "account": account,
}


def _has_one_identifier(agent: dict[str, Any], place: Place, faults: Faults) -> None:
    found = len(_identifiers.keys() & agent.keys())
    if found != 1:
        faults.add(place, rules.TWO_IDENTIFIERS if found else rules.NO_IDENTIFIER)


def _has_an_identifier_or_members(group: dict[str, Any], place: Place, faults: Faults) -> None:
    found = len(_identifiers.keys() & group.keys())
    if found > 1:
        faults.add(place, rules.TWO_IDENTIFIERS)
    if not found and "member" not in group:
        faults.add((place, "member"), rules.NO_MEMBERS)


agent = record(
    rules.AGENT,
    {"objectType": one_of(["Agent"], rules.AGENT_KIND), "name": name, **_identifiers},
    None,
    _has_one_identifier,
)
group = record(
    rules.GROUP,
    {
        "objectType": one_of(["Group"], rules.GROUP_KIND),
        "name": name,
        "member": array(agent, rules.MEMBERS),
        **_identifiers,
    },
    {"objectType": rules.GROUP_KIND},
    _has_an_identifier_or_members,
)
_ACTORS = {"Agent": agent, "Group": group}


def _actor_of(value: dict[str, Any]) -> Check | None:
    kind = value.get("objectType", "Agent")
    return _ACTORS.get(kind) if type(kind) is str else None


actor = whichever(_actor_of, rules.ACTOR, rules.ACTOR_KIND)


def authority(value: Any, place: Place, name: str | int | None, faults: Faults) -> None:
    """Check who vouches for a statement: an Agent, or an application and a user together."""
    actor(value, place, name, faults)
    if type(value) is dict and value.get("objectType") == "Group":
        members = value.get("member")
        if not isinstance(members, list) or len(members) != 2 or _identifiers.keys() & value.keys():
            faults.add((place, name), rules.AUTHORITY)


# ---------------------------------------------------------------- activities

verb = record(rules.VERB, {"id": iri, "display": language_map}, {"id": rules.VERB_ID_MISSING})
component = record(
    rules.COMPONENT,
    {"id": of_type(str, rules.COMPONENT_ID), "description": language_map},
    {"id": rules.COMPONENT_ID_MISSING},
)
definition = record(
    rules.DEFINITION,
    {
        "name": language_map,
        "description": language_map,
        "type": iri,
        "moreInfo": irl,
        "extensions": extensions,
        "interactionType": one_of(SUPPORTED, rules.INTERACTION_TYPE),
        "correctResponsesPattern": array(of_type(str, rules.PATTERN), rules.PATTERNS),
        **{kind: array(component, rules.COMPONENTS) for kind in COMPONENT_LISTS},
    },
    None,
    check_interaction,
)
activity = record(
    rules.ACTIVITY,
    {"objectType": one_of(["Activity"], rules.ACTIVITY_KIND), "id": iri, "definition": definition},
    {"id": rules.ACTIVITY_ID_MISSING},
)
statement_ref = record(
    rules.STATEMENT_REF,
    {"objectType": one_of(["StatementRef"], rules.STATEMENT_REF_KIND), "id": uuid},
    {"objectType": rules.STATEMENT_REF_KIND, "id": rules.STATEMENT_REF_ID_MISSING},
)

# ---------------------------------------------------------------- results


def _is_consistent(score: dict[str, Any], place: Place, faults: Faults) -> None:
    lowest, highest, raw = (_number(score.get(part)) for part in ("min", "max", "raw"))
    if lowest is not None and highest is not None and lowest >= highest:
        faults.add((place, "min"), rules.MIN_MAX)
    if raw is not None and lowest is not None and raw < lowest:
        faults.add((place, "raw"), rules.RAW_BELOW)
    if raw is not None and highest is not None and raw > highest:
        faults.add((place, "raw"), rules.RAW_ABOVE)


def _number(value: Any) -> float | None:
    return value if type(value) is int or type(value) is float else None


_any_number = number(_anything, rules.NUMBER)
score = record(
    rules.SCORE,
    {
        "scaled": number(lambda value: -1 <= value <= 1, rules.SCALED),
        "raw": _any_number,
        "min": _any_number,
        "max": _any_number,
    },
    None,
    _is_consistent,
)
flag = of_type(bool, rules.FLAG)
result = record(
    rules.RESULT,
    {
        "score": score,
        "success": flag,
        "completion": flag,
        "response": of_type(str, rules.RESPONSE),
        "duration": duration,
        "extensions": extensions,
    },
)

# ---------------------------------------------------------------- contexts

_activities = array(activity, rules.CONTEXT_ACTIVITY)


def _one_or_many(value: Any, place: Place, name: str | int | None, faults: Faults) -> None:
    check = activity if type(value) is dict else _activities
    check(value, place, name, faults)


context_activities = record(rules.CONTEXT_ACTIVITIES, dict.fromkeys(CONTEXT_KINDS, _one_or_many))
_relevant_types = array(iri, rules.RELEVANT_TYPES, least=1)
context_agent = record(
    rules.CONTEXT_AGENT,
    {
        "objectType": one_of(["contextAgent"], rules.CONTEXT_AGENT_KIND),
        "agent": agent,
        "relevantTypes": _relevant_types,
    },
    {"objectType": rules.CONTEXT_AGENT_KIND, "agent": rules.CONTEXT_AGENT_MISSING},
)
context_group = record(
    rules.CONTEXT_GROUP,
    {
        "objectType": one_of(["contextGroup"], rules.CONTEXT_GROUP_KIND),
        "group": group,
        "relevantTypes": _relevant_types,
    },
    {"objectType": rules.CONTEXT_GROUP_KIND, "group": rules.CONTEXT_GROUP_MISSING},
)
_context_text = of_type(str, rules.CONTEXT_TEXT)
_CONTEXT_1: dict[str, Check] = {
    "registration": uuid,
    "instructor": actor,
    "team": whichever(lambda value: group if value.get("objectType") == "Group" else None, rules.TEAM, rules.TEAM),
    "contextActivities": context_activities,
    "revision": _context_text,
    "platform": _context_text,
    "language": text(syntax.is_language_tag, rules.LANGUAGE_TAG),
    "statement": statement_ref,
    "extensions": extensions,
}
_CONTEXT_2: dict[str, Check] = {
    **_CONTEXT_1,
    "contextAgents": array(context_agent, rules.CONTEXT_AGENTS),
    "contextGroups": array(context_group, rules.CONTEXT_GROUPS),
}
contexts = {
    XapiVersion.V1: record(rules.CONTEXT, _CONTEXT_1),
    XapiVersion.V2: record(rules.CONTEXT, _CONTEXT_2),
}

# ---------------------------------------------------------------- attachments


def _signs_as_it_should(attachment: dict[str, Any], place: Place, faults: Faults) -> None:
    if attachment.get("usageType") == SIGNATURE and attachment.get("contentType") != "application/octet-stream":
        faults.add((place, "contentType"), rules.SIGNATURE_TYPE)


attachment = record(
    rules.ATTACHMENT,
    {
        "usageType": iri,
        "display": language_map,
        "description": language_map,
        "contentType": text(syntax.is_media_type, rules.MEDIA_TYPE),
        "length": number(lambda value: type(value) is int and value >= 0, rules.LENGTH),
        "sha2": text(syntax.is_sha2, rules.SHA2),
        "fileUrl": irl,
    },
    dict.fromkeys(("usageType", "display", "contentType", "length", "sha2"), rules.ATTACHMENT_MISSING),
    _signs_as_it_should,
)

# ---------------------------------------------------------------- statements


def _voids_a_statement(statement: dict[str, Any], place: Place, faults: Faults) -> None:
    its_verb, its_object = statement.get("verb"), statement.get("object")
    if type(its_verb) is not dict or its_verb.get("id") != VOIDED:
        return
    if type(its_object) is not dict or its_object.get("objectType") != "StatementRef":
        faults.add((place, "object"), rules.VOIDING)


def _keeps_revisions_to_activities(statement: dict[str, Any], place: Place, faults: Faults) -> None:
    context, its_object = statement.get("context"), statement.get("object")
    if type(context) is not dict or type(its_object) is not dict:
        return
    if its_object.get("objectType", "Activity") != "Activity":
        for part in ("revision", "platform"):
            if part in context:
                faults.add(((place, "context"), part), rules.ACTIVITIES_ONLY)


_NEEDED = {"actor": rules.ACTOR_MISSING, "verb": rules.VERB_MISSING, "object": rules.OBJECT_MISSING}
_OBJECTS = {"Activity": activity, "Agent": agent, "Group": group, "StatementRef": statement_ref}


def _no_nesting(_value: Any, place: Place, name: str | int | None, faults: Faults) -> None:
    faults.add((place, name), rules.NESTED_SUB_STATEMENT)


def _object_check(sub_statement: Check) -> Check:
    kinds = {**_OBJECTS, "SubStatement": sub_statement}

    def object_of(value: dict[str, Any]) -> Check | None:
        kind = value.get("objectType", "Activity")
        return kinds.get(kind) if type(kind) is str else None

    return whichever(object_of, rules.OBJECT, rules.OBJECT_KIND)


def _checks_of(version: XapiVersion) -> tuple[Check, Check]:
    """The checks of statements and of SubStatements."""
    timestamp = text(functools.partial(is_timestamp_in, version), rules.TIMESTAMP)
    shared: dict[str, Check] = {
        "actor": actor,
        "verb": verb,
        "result": result,
        "context": contexts[version],
        "timestamp": timestamp,
        "attachments": array(attachment, rules.ATTACHMENTS),
    }
    together = (_voids_a_statement, _keeps_revisions_to_activities)
    sub_statement = record(
        rules.SUB_STATEMENT,
        {
            "objectType": one_of(["SubStatement"], rules.SUB_STATEMENT_KIND),
            **shared,
            "object": _object_check(_no_nesting),
        },
        _NEEDED,
        *together,
    )
    statement = record(
        rules.STATEMENT,
        {
            "id": uuid,
            **shared,
            "object": _object_check(sub_statement),
            "stored": timestamp,
            "authority": authority,
            "version": text(lambda said: may_be_in(said, version), rules.VERSION),
        },
        _NEEDED,
        *together,
        section=rules.STATEMENT_MEMBERS,
    )
    return statement, sub_statement


_by_version = {version: _checks_of(version) for version in XapiVersion}
statements = {version: statement for version, (statement, _) in _by_version.items()}
sub_statements = {version: sub_statement for version, (_, sub_statement) in _by_version.items()}
