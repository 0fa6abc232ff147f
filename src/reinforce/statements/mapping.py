"""Which statements of others are practice, and of what: the mapping that a host writes down.

A mapping is plain data to begin with (`reinforce.model.conversion.structure` makes one of TOML or JSON).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from attrs import field, frozen
from attrs.validators import optional

from reinforce.errors import InvalidValue
from reinforce.model.checks import are_all, is_a, is_flag, is_key, is_time_zone, member, number, plain_dict, plain_tuple
from reinforce.model.practice import PracticeKind, practice_kind
from reinforce.statements.iri_patterns import check_pattern


class Evidence(StrEnum):
    """What of a statement's result says how it went.

    `auto` takes what there is, in this order: success, scaled score, raw score between min and max, and what the verb
    says. The others take that one and nothing else; `completion` takes having completed it as a success.
    """

    AUTO = "auto"
    SUCCESS = "success"
    SCALED = "scaled"
    COMPLETION = "completion"
    EXPOSURE = "exposure"


class Place(StrEnum):
    """Where in a statement the IRI stands that a skill is found by."""

    OBJECT = "object"
    PARENT = "parent"
    GROUPING = "grouping"
    CATEGORY = "category"
    OTHER = "other"


def _evidence(value: Evidence | str) -> Evidence:
    return member(Evidence, value)


def _places(value: Any) -> Any:
    return tuple(member(Place, one) for one in value) if isinstance(value, list | tuple) else value


def _is_pattern(_instance: object, _attribute: object, value: Any) -> None:
    check_pattern(value)


def _are_skill_patterns(instance: object, attribute: Any, value: Any) -> None:
    if not isinstance(value, dict):
        raise InvalidValue(f"skills must map patterns of IRIs to keys of skills, not {value!r}")
    for pattern, skill in value.items():
        check_pattern(pattern)
        is_key(instance, attribute, skill)


@frozen
class StatementRule:
    """Some statements, and what they are evidence of.

    Attributes:
        name: what the rule is called in reports.
        verbs: patterns of verb IRIs, one of which must fit; empty: any verb.
        activity_types: patterns of the object's activity type; empty: any, and none.
        activities: patterns of the object's id; empty: any. One with `{skill}` says the skill, too.
        categories: patterns of category ids, one of which must fit; empty: any.
        skill: key of the skill; None: it is looked up by the mapping's `skills`.
        look_at: where the IRIs stand that are looked up, in this order.
        kind: what kind of practice it is.
        evidence: what of the result counts.
        passing: scaled scores from here on are a success, below it a failure; None: the rating policy decides.
        weight: how far it moves the memory, 0 (recorded only) to 1.
        needs_score: whether statements without a score are left to the next rule.
    """

    name: str = field(validator=is_key)
    verbs: tuple[str, ...] = field(default=(), converter=plain_tuple, validator=are_all(_is_pattern))
    activity_types: tuple[str, ...] = field(default=(), converter=plain_tuple, validator=are_all(_is_pattern))
    activities: tuple[str, ...] = field(default=(), converter=plain_tuple, validator=are_all(_is_pattern))
    categories: tuple[str, ...] = field(default=(), converter=plain_tuple, validator=are_all(_is_pattern))
    skill: str | None = field(default=None, validator=optional(is_key))
    look_at: tuple[Place, ...] = field(default=(Place.OBJECT,), converter=_places)
    kind: PracticeKind = field(default=PracticeKind.RECALL, converter=practice_kind)
    evidence: Evidence = field(default=Evidence.AUTO, converter=_evidence)
    passing: float | None = field(default=None, validator=optional(number(-1, 1)))
    weight: float = field(default=1.0, validator=number(0, 1))
    needs_score: bool = field(default=False, validator=is_flag)


@frozen
class StatementMapping:
    """Which statements are practice, and of what.

    Attributes:
        name: what the mapping is called; the `source` of the events that come by it.
        rules: the first that fits a statement counts.
        skills: keys of skills by patterns of IRIs; the first that fits counts.
        home_pages: patterns of the systems whose account names are learners' keys; empty: every system's.
        takes_addresses: whether the address of an mbox is a learner's key.
        creates_learners: whether people who are met for the first time become learners; those with an account only
            if `home_pages` names its system.
        time_zone: IANA name; of the learners that it creates.
    """

    name: str = field(validator=is_key)
    rules: tuple[StatementRule, ...] = field(converter=plain_tuple, validator=are_all(is_a(StatementRule), key="name"))
    skills: Mapping[str, str] = field(factory=dict, converter=plain_dict, validator=_are_skill_patterns, hash=False)
    home_pages: tuple[str, ...] = field(default=(), converter=plain_tuple, validator=are_all(_is_pattern))
    takes_addresses: bool = field(default=True, validator=is_flag)
    creates_learners: bool = field(default=False, validator=is_flag)
    time_zone: str = field(default="UTC", validator=is_time_zone)
