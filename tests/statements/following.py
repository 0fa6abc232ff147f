"""Whether a statement follows a profile: which template it matches, and which rules of that it breaks."""

from collections.abc import Mapping
from typing import Any

from reinforce.errors import InvalidStatement, StatementFault
from reinforce.statements.formats import with_context_arrays
from reinforce.statements.profile import profile
from statements.json_path import look_up

_SECTION = "xAPI Profiles 1.0, structure 8"
_CONTEXT_TYPES = {
    "contextGroupingActivityType": "grouping",
    "contextParentActivityType": "parent",
    "contextOtherActivityType": "other",
    "contextCategoryActivityType": "category",
}


def check_against_template(statement: Mapping[str, Any], of: Mapping[str, Any] | None = None) -> str:
    """The id of the template that a checked statement follows.

    Args:
        statement: its plain data.
        of: the profile; None: ours, under its default namespace.

    Raises:
        InvalidStatement: it matches no template, or breaks rules of the one that it matches.
    """
    arrayed = with_context_arrays(statement)
    templates = (of if of is not None else profile())["templates"]
    matching = [template for template in templates if matches(arrayed, template)]
    if not matching:
        raise InvalidStatement(faults=[StatementFault("$", "it matches no template of the profile", _SECTION)])
    broken = [_broken_rules(arrayed, template) for template in matching]
    for template, faults in zip(matching, broken, strict=True):
        if not faults:
            return str(template["id"])
    raise InvalidStatement(faults=broken[0])


def matches(statement: Mapping[str, Any], template: Mapping[str, Any]) -> bool:
    """Whether the statement has the determining properties of the template."""
    if "verb" in template and statement["verb"]["id"] != template["verb"]:
        return False
    wanted = template.get("objectActivityType")
    if wanted is not None and look_up(statement, "$.object.definition.type") != [wanted]:
        return False
    if "objectStatementRefTemplate" in template and statement["object"].get("objectType") != "StatementRef":
        return False
    if "contextStatementRefTemplate" in template and not look_up(statement, "$.context.statement.id"):
        return False
    return all(
        set(template[name]) <= set(look_up(statement, f"$.context.contextActivities.{kind}[*].definition.type"))
        for name, kind in _CONTEXT_TYPES.items()
        if name in template
    )


def _broken_rules(statement: Mapping[str, Any], template: Mapping[str, Any]) -> list[StatementFault]:
    return [
        StatementFault(rule["location"], says, f"{_SECTION}.1, {template['id']}")
        for rule in template.get("rules", ())
        for says in _broken(rule, statement)
    ]


def _broken(rule: Mapping[str, Any], statement: Mapping[str, Any]) -> list[str]:
    """What a statement breaks of one rule, in words."""
    located = look_up(statement, rule["location"])
    selected = [look_up(value, rule["selector"]) for value in located] if "selector" in rule else [[v] for v in located]
    values = [value for some in selected for value in some]
    unmatchable = not all(selected)
    presence = rule.get("presence")
    if presence == "excluded":
        return ["it must not be there"] if values else []
    if presence == "included" and (not values or unmatchable):
        return ["it must be there"]
    if presence == "recommended" and not values:
        return []
    broken = []
    if "any" in rule and not any(value in rule["any"] for value in values):
        broken.append(f"it must be one of {rule['any']}")
    if "all" in rule and (unmatchable or not all(value in rule["all"] for value in values)):
        broken.append(f"it must be nothing but {rule['all']}")
    if "none" in rule and any(value in rule["none"] for value in values):
        broken.append(f"it must be none of {rule['none']}")
    return broken
