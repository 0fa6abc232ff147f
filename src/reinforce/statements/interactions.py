"""The interactions that questions can be: their components and the patterns of right responses.

A pattern is a list with its parts set apart by `[,]`, the halves of a pair by `[.]` and the ends of a range by `[:]`.
"""

import re
from collections.abc import Callable
from typing import Any

from reinforce.statements import rules
from reinforce.statements.faults import Faults, Place

COMPONENT_LISTS = ("choices", "scale", "source", "target", "steps")
SUPPORTED: dict[str, tuple[str, ...]] = {
    "true-false": (),
    "choice": ("choices",),
    "fill-in": (),
    "long-fill-in": (),
    "matching": ("source", "target"),
    "performance": ("steps",),
    "sequencing": ("choices",),
    "likert": ("scale",),
    "numeric": (),
    "other": (),
}
"""Each interaction type with the lists of components that it can have."""

_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?"
_is_range = re.compile(rf"(?:{_NUMBER})?\[:\](?:{_NUMBER})?|{_NUMBER}").fullmatch
_PARAMETERS = re.compile(r"(?:\{(?:case_matters|order_matters|lang)=[^{}]*\})*")


def _is_truth(pattern: str) -> bool:
    return pattern in ("true", "false")


def _is_number(pattern: str) -> bool:
    return _is_range(pattern) is not None


def _are_pairs(pattern: str) -> bool:
    parts = without_parameters(pattern)
    return parts == "" or all("[.]" in part for part in parts.split("[,]"))


def _is_one(pattern: str) -> bool:
    return "[,]" not in pattern


_FORMS: dict[str, tuple[Callable[[str], bool], str]] = {
    "true-false": (_is_truth, "'true' or 'false'"),
    "numeric": (_is_number, "a number, or a range such as 1[:]4, [:]4 or 1[:]"),
    "matching": (_are_pairs, "pairs such as a[.]1[,]b[.]2"),
    "performance": (_are_pairs, "steps with their responses such as serve[.]1[:]3[,]return[.]"),
    "likert": (_is_one, "the id of one component"),
}


def without_parameters(pattern: str) -> str:
    """The pattern without the parameters before it, such as `{case_matters=false}`."""
    return pattern[_PARAMETERS.match(pattern).end() :]  # type: ignore[union-attr]  # it matches nothing, too


def check_interaction(definition: dict[str, Any], place: Place, faults: Faults) -> None:
    """Look at an activity's definition as an interaction: type, components and patterns must fit each other."""
    kind = definition.get("interactionType")
    if kind is None:
        if "correctResponsesPattern" in definition or any(name in definition for name in COMPONENT_LISTS):
            faults.add((place, "interactionType"), rules.INTERACTION_TYPE_MISSING)
        return
    supported = SUPPORTED.get(kind) if isinstance(kind, str) else None
    if supported is None:
        return
    _check_patterns(kind, definition.get("correctResponsesPattern"), (place, "correctResponsesPattern"), faults)
    for name in COMPONENT_LISTS:
        if name in definition:
            if name not in supported:
                says = f"{kind} interactions have {' and '.join(supported) or 'no components'}"
                faults.add((place, name), rules.COMPONENTS_OUT_OF_PLACE._replace(says=says))
            _check_distinct(definition[name], (place, name), faults)


def _check_patterns(kind: str, patterns: Any, place: Place, faults: Faults) -> None:
    form = _FORMS.get(kind)
    if form is None or type(patterns) is not list:
        return
    fits, wanted = form
    for position, pattern in enumerate(patterns):
        if type(pattern) is str and not fits(pattern):
            broken = rules.RESPONSE_PATTERN._replace(says=f"a right response to a {kind} interaction must be {wanted}")
            faults.add((place, position), broken, pattern)


def _check_distinct(components: Any, place: Place, faults: Faults) -> None:
    seen: set[str] = set()
    for position, component in enumerate(components if type(components) is list else ()):
        name = component.get("id") if type(component) is dict else None
        if type(name) is str:
            if name in seen:
                faults.add(((place, position), "id"), rules.COMPONENT_TWICE, name)
            seen.add(name)
