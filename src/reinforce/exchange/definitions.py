"""What a tenant consists of besides practice, and whether it fits together."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

import attrs
from attrs import frozen

from reinforce.errors import CircularReference
from reinforce.model.definitions import identity, references
from reinforce.model.library import Refresher
from reinforce.model.people import Calendar, Learner, Team
from reinforce.model.skills import RoleProfile, Skill, SkillModel, check_acyclic


@frozen
class Definitions:
    """People, skills and the library, as a file defines them or a tenant has them."""

    learners: tuple[Learner, ...] = ()
    teams: tuple[Team, ...] = ()
    calendars: tuple[Calendar, ...] = ()
    skills: tuple[Skill, ...] = ()
    models: tuple[SkillModel, ...] = ()
    roles: tuple[RoleProfile, ...] = ()
    refreshers: tuple[Refresher, ...] = ()

    def merged(self, newer: "Definitions") -> "Definitions":
        """These and the newer ones, which go before those of the same key."""
        return Definitions(
            **{
                table: tuple({identity(one): one for one in (*getattr(self, table), *getattr(newer, table))}.values())
                for table in TABLES
            }
        )


TABLES: Mapping[str, type[Any]] = {
    "learners": Learner,
    "teams": Team,
    "calendars": Calendar,
    "skills": Skill,
    "models": SkillModel,
    "roles": RoleProfile,
    "refreshers": Refresher,
}
"""The class of each table's values, by the name that the table has in files."""


@frozen
class Placed:
    """A value with the place that it was read from.

    Attributes:
        place: file, table and key, as errors name them.
    """

    place: str
    table: str
    value: Any


def definitions_of(placed: Iterable[Placed]) -> Definitions:
    """The values alone, by table, in the order that they came in."""
    by_table: dict[str, list[Any]] = {table: [] for table in TABLES}
    for one in placed:
        by_table[one.table].append(one.value)
    return Definitions(**{table: tuple(values) for table, values in by_table.items()})


def faults_of(placed: list[Placed], known: Definitions, broken: Iterable[tuple[str, str]] = ()) -> list[str]:
    """Everything that does not fit together: keys that come twice, keys that nothing has, circles.

    Args:
        placed: what was read.
        known: what is there already; the values that were read go before it.
        broken: tables and keys of values that could not be read, which others may refer to all the same.
    """
    everything = known.merged(definitions_of(placed))
    keys = {table: {one.key for one in getattr(everything, table)} for table in TABLES}
    for table, key in broken:
        keys[table].add(key)
    return [*_twice(placed), *_dangling(placed, keys), *_circles(everything, placed)]


def _twice(placed: list[Placed]) -> Iterator[str]:
    first: dict[tuple[str, tuple[str, int]], str] = {}
    for one in placed:
        there = first.setdefault((one.table, identity(one.value)), one.place)
        if there is not one.place:
            yield f"{one.place}: this key is taken already by {there}; every key may come once"


_TABLE_OF = {cls: table for table, cls in TABLES.items()}


def _dangling(placed: list[Placed], keys: Mapping[str, set[str]]) -> Iterator[str]:
    for one in placed:
        for kind, key, field in references(one.value):
            table = _TABLE_OF[kind]
            # A team's people are looked for by whoever defines the team.
            if kind is not Learner and key not in keys[table]:
                yield f"{one.place}: {field}: {_unknown(table, key, keys[table])}"


def _unknown(table: str, key: str, known: set[str]) -> str:
    near = get_close_matches(key, sorted(known), n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"define it under {table}, or mend the key"
    return f"there is no {table.removesuffix('s')} {key!r}; {hint}"


def _circles(everything: Definitions, placed: list[Placed]) -> Iterator[str]:
    files = ", ".join(dict.fromkeys(one.place.partition(": ")[0] for one in placed))
    relations: tuple[tuple[str, dict[str, tuple[str, ...]]], ...] = (
        ("prerequisites of skills", {one.key: one.prerequisites for one in everything.skills}),
        ("encompassed skills", {one.key: tuple(one.encompasses) for one in everything.skills}),
        ("parents of skills", _parents(everything.skills)),
        ("parents of teams", _parents(everything.teams)),
    )
    for what, edges in relations:
        try:
            check_acyclic(edges, what)
        except CircularReference as problem:
            yield f"{files}: {problem}"


def _parents(values: Iterable[Skill | Team]) -> dict[str, tuple[str, ...]]:
    return {one.key: () if one.parent is None else (one.parent,) for one in values}


assert set(TABLES) == {one.name for one in attrs.fields(Definitions)}  # noqa: S101 -- said twice above
