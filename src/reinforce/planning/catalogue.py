"""What a tenant's plans draw on, indexed once: its skills, roles, refreshers and calendars."""

from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np
from attrs import field, frozen

from reinforce.errors import UnknownSkill
from reinforce.forgetting.curve import Floats
from reinforce.forgetting.interval import key_seed
from reinforce.model.library import Refresher
from reinforce.model.people import Calendar
from reinforce.model.skills import RoleProfile, Skill, check_acyclic

MONDAY_TO_FRIDAY = Calendar("monday-to-friday")


@frozen(eq=False)
class Catalogue:
    """A tenant's skills, roles, refreshers and calendars, prepared for planning.

    Made by `Catalogue.of`. Skills and refreshers are numbered in the order of their keys, so the order in
    which they were given makes no difference.

    Attributes:
        tenant: whose it is; part of every assignment's id.
        skills: by number.
        skill_number: the number of each skill's key.
        importance: of each skill.
        desired_retention: of each skill.
        prerequisites: for each skill, all that must be met before it, prerequisites of prerequisites included.
        seeds: for each skill, 64 bits derived from its key.
        refreshers: by number.
        refresher_number: the number of each refresher's key.
        practises: for each refresher, the numbers of its skills with their weights.
        practised_by: for each skill, the numbers of its refreshers.
    """

    tenant: str
    skills: tuple[Skill, ...]
    skill_number: Mapping[str, int]
    importance: Floats
    desired_retention: Floats
    prerequisites: tuple[frozenset[int], ...]
    seeds: tuple[int, ...]
    roles: Mapping[str, RoleProfile]
    refreshers: tuple[Refresher, ...]
    refresher_number: Mapping[str, int]
    practises: tuple[tuple[tuple[int, float], ...], ...]
    practised_by: tuple[tuple[int, ...], ...]
    calendars: Mapping[str, Calendar] = field(factory=dict)

    @classmethod
    def of(
        cls,
        skills: Iterable[Skill],
        roles: Iterable[RoleProfile] = (),
        refreshers: Iterable[Refresher] = (),
        calendars: Iterable[Calendar] = (),
        *,
        tenant: str = "default",
    ) -> "Catalogue":
        """The catalogue of these values.

        Raises:
            UnknownSkill: a role, a refresher or a prerequisite names a skill that is not among them.
            CircularReference: prerequisites that require themselves.
        """
        by_key = tuple(sorted(skills, key=lambda skill: skill.key))
        number = {skill.key: n for n, skill in enumerate(by_key)}
        profiles = {role.key: role for role in roles}
        library = tuple(sorted(refreshers, key=lambda refresher: refresher.key))
        for role in profiles.values():
            _refuse_unknown(role.skills, number, f"role {role.key!r} needs")
        practises = []
        for refresher in library:
            _refuse_unknown(refresher.skills, number, f"refresher {refresher.key!r} practises")
            practises.append(tuple(sorted((number[key], weight) for key, weight in refresher.skills.items())))
        return cls(
            tenant=tenant,
            skills=by_key,
            skill_number=number,
            importance=np.array([skill.importance for skill in by_key], dtype=np.float64),
            desired_retention=np.array([skill.desired_retention for skill in by_key], dtype=np.float64),
            prerequisites=_all_prerequisites(by_key, number),
            seeds=tuple(key_seed(skill.key) for skill in by_key),
            roles=profiles,
            refreshers=library,
            refresher_number={refresher.key: n for n, refresher in enumerate(library)},
            practises=tuple(practises),
            practised_by=_practised_by(practises, len(by_key)),
            calendars={calendar.key: calendar for calendar in calendars},
        )

    def calendar(self, key: str | None) -> Calendar:
        """The calendar of that key; Monday to Friday for None or a key that there is no calendar for."""
        return self.calendars.get(key, MONDAY_TO_FRIDAY) if key is not None else MONDAY_TO_FRIDAY

    def label(self, skill: int) -> str:
        """What people call a skill, on one line and in quotation marks."""
        return quoted(self.skills[skill].label)

    def fitting(self, roles: frozenset[str], language: str | None, day: date) -> frozenset[int]:
        """The refreshers that are valid on the day and made for somebody of these roles and language."""
        return frozenset(
            n
            for n, refresher in enumerate(self.refreshers)
            if refresher.is_valid_on(day)
            and (not refresher.roles or not roles.isdisjoint(refresher.roles))
            and _same_language(refresher.language, language)
        )


def quoted(label: str) -> str:
    """A label on one line and in quotation marks."""
    return f"“{' '.join(label.split())}”"


def _same_language(one: str | None, other: str | None) -> bool:
    """Whether primary language subtags agree; None agrees with all."""
    return one is None or other is None or _primary_subtag(one) == _primary_subtag(other)


def _primary_subtag(tag: str) -> str:
    return tag.replace("_", "-").split("-")[0].lower()


def _refuse_unknown(keys: Iterable[str], known: Mapping[str, int], who: str) -> None:
    for key in keys:
        if key not in known:
            raise UnknownSkill(f"{who} the skill {key!r}, which the catalogue does not hold: define it first")


def _all_prerequisites(skills: tuple[Skill, ...], number: Mapping[str, int]) -> tuple[frozenset[int], ...]:
    for skill in skills:
        _refuse_unknown(skill.prerequisites, number, f"skill {skill.key!r} requires")
    direct = {skill.key: skill.prerequisites for skill in skills}
    check_acyclic(direct, "prerequisites")
    closed = []
    for skill in skills:
        found: set[str] = set()
        todo = list(skill.prerequisites)
        while todo:
            key = todo.pop()
            if key not in found:
                found.add(key)
                todo.extend(direct[key])
        closed.append(frozenset(number[key] for key in found))
    return tuple(closed)


def _practised_by(practises: list[tuple[tuple[int, float], ...]], skills: int) -> tuple[tuple[int, ...], ...]:
    found: list[list[int]] = [[] for _ in range(skills)]
    for refresher, weights in enumerate(practises):
        for skill, _ in weights:
            found[skill].append(refresher)
    return tuple(tuple(refreshers) for refreshers in found)
