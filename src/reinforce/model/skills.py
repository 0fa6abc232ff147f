"""What people practise: skills, the models that they belong to, and who needs them."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from attrs import field, frozen
from attrs.validators import optional

from reinforce.errors import CircularReference, InvalidValue
from reinforce.model.checks import (
    are_all,
    are_keys,
    is_a,
    is_key,
    is_text,
    member,
    number,
    plain_dict,
    plain_tuple,
    weights,
    whole,
)


class SkillKind(StrEnum):
    """Whether a skill is known or done."""

    KNOWLEDGE = "knowledge"
    BEHAVIOUR = "behaviour"


def _skill_kind(value: SkillKind | str) -> SkillKind:
    return member(SkillKind, value)


@frozen
class Skill:
    """Something that a person can do or know, and forget.

    Attributes:
        key: the host's own id of the skill.
        parent: key of the skill that it is a part of, for display and reports.
        prerequisites: keys of the skills that must be known before this one is planned.
        encompasses: practice of this skill is practice of these too, by a weight above 0 to 1.
        importance: how much it matters beside others, above 0 to 100.
        desired_retention: the probability of recall at which it is due, 0.5 to 0.99.
        version: raised when what it means changes.
    """

    key: str = field(validator=is_key)
    title: str = field(default="", validator=is_text)
    description: str = field(default="", validator=is_text)
    kind: SkillKind = field(default=SkillKind.KNOWLEDGE, converter=_skill_kind)
    parent: str | None = field(default=None, validator=optional(is_key))
    prerequisites: tuple[str, ...] = field(default=(), converter=plain_tuple, validator=are_keys)
    encompasses: Mapping[str, float] = field(factory=dict, converter=plain_dict, validator=weights(0, 1), hash=False)
    importance: float = field(default=1.0, validator=number(0, 100, above=True))
    desired_retention: float = field(default=0.9, validator=number(0.5, 0.99))
    version: int = field(default=1, validator=whole(1, 1_000_000))

    @property
    def label(self) -> str:
        """The title, or the key of a skill without one."""
        return self.title or self.key


@frozen
class Criterion:
    """One thing to look at when a model is practised or judged."""

    key: str = field(validator=is_key)
    title: str = field(default="", validator=is_text)
    weight: float = field(default=1.0, validator=number(0, 100, above=True))
    skill: str | None = field(default=None, validator=optional(is_key))


@frozen
class Stage:
    """A step of the flow that a model describes, with the skills that it asks for."""

    key: str = field(validator=is_key)
    title: str = field(default="", validator=is_text)
    skills: tuple[str, ...] = field(default=(), converter=plain_tuple, validator=are_keys)


@frozen
class SkillModel:
    """A selling, coaching or other model: a framework of skills with its criteria and stages.

    Attributes:
        key: the host's own id of the model; each version is kept.
        kind: such as "selling", "coaching", "support".
    """

    key: str = field(validator=is_key)
    title: str = field(default="", validator=is_text)
    kind: str = field(default="selling", validator=is_key)
    version: int = field(default=1, validator=whole(1, 1_000_000))
    skills: tuple[str, ...] = field(default=(), converter=plain_tuple, validator=are_keys)
    criteria: tuple[Criterion, ...] = field(
        default=(), converter=plain_tuple, validator=are_all(is_a(Criterion), key="key")
    )
    stages: tuple[Stage, ...] = field(default=(), converter=plain_tuple, validator=are_all(is_a(Stage), key="key"))


@frozen
class RoleSkill:
    """How much a role needs a skill.

    Attributes:
        weight: how much it matters in this role beside other skills, above 0 to 10.
        target: the retention that this role should keep; above the skill's own it brings refreshers
            forward. None leaves it to the skill.
    """

    weight: float = field(default=1.0, validator=number(0, 10, above=True))
    target: float | None = field(default=None, validator=optional(number(0.5, 0.99)))


def _are_role_skills(instance: object, attribute: Any, value: object) -> None:
    if not isinstance(value, dict) or not all(isinstance(need, RoleSkill) for need in value.values()):
        raise InvalidValue(f"RoleProfile.skills must map keys of skills to RoleSkill(...), not {value!r}")
    are_keys(instance, attribute, value)


@frozen
class RoleProfile:
    """A role and the skills that it needs.

    Attributes:
        key: the host's own id of the role.
        skills: what each skill weighs in it, and the retention that it targets.
    """

    key: str = field(validator=is_key)
    title: str = field(default="", validator=is_text)
    skills: Mapping[str, RoleSkill] = field(factory=dict, converter=plain_dict, validator=_are_role_skills, hash=False)


def check_acyclic(edges: Mapping[str, Iterable[str]], what: str) -> None:
    """Refuse edges that lead back to where they began.

    Args:
        edges: for each key, the keys that it points to.
        what: names the relation in the error, such as "prerequisites".

    Raises:
        CircularReference: with the circle, key by key.
    """
    done: set[str] = set()
    for start in edges:
        path: list[str] = []
        on_path: set[str] = set()
        todo: list[tuple[str, bool]] = [(start, True)]
        while todo:
            key, entering = todo.pop()
            if not entering:
                on_path.discard(path.pop())
                done.add(key)
            elif key in on_path:
                circle = [*path[path.index(key) :], key]
                raise CircularReference(f"{what} go in a circle: {' → '.join(circle)}; take one of these links out")
            elif key not in done:
                path.append(key)
                on_path.add(key)
                todo.append((key, False))
                todo.extend((target, True) for target in edges.get(key, ()))


SMALLEST_CREDIT = 0.05
"""Implicit practice below this weight is not worth a row."""


def implicit_practice(skills: Iterable[Skill]) -> dict[str, dict[str, float]]:
    """For each skill, all that its practice refreshes besides itself, with the weight.

    Weights multiply along a path; of several paths the strongest counts; below `SMALLEST_CREDIT` a path ends.
    """
    direct = {skill.key: skill.encompasses for skill in skills}
    return {key: reach for key in direct if (reach := _reach(direct, key))}


def _reach(direct: Mapping[str, Mapping[str, float]], start: str) -> dict[str, float]:
    best: dict[str, float] = {}
    todo = [(start, 1.0)]
    while todo:
        key, weight = todo.pop()
        for target, share in direct.get(key, {}).items():
            credit = weight * share
            if target != start and credit >= SMALLEST_CREDIT and credit > best.get(target, 0.0):
                best[target] = credit
                todo.append((target, credit))
    return best
