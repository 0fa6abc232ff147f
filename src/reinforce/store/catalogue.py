"""What a tenant has defined: people, teams, calendars, skills, models, roles and the library."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from attrs import evolve, frozen
from sqlalchemy import Connection, ScalarSelect, Select, Table, bindparam, delete, insert, select, update

from reinforce.errors import (
    InvalidValue,
    NotFound,
    UnknownLearner,
    UnknownRefresher,
    UnknownSkill,
    UnknownTeam,
)
from reinforce.model.definitions import Thing, identity, references
from reinforce.model.library import Refresher
from reinforce.model.people import Calendar, Learner, Team
from reinforce.model.skills import RoleProfile, Skill, SkillModel, check_acyclic, implicit_practice
from reinforce.statements.actors import actor_keys
from reinforce.store.documents import document, value_of
from reinforce.store.schema import Tables

T = TypeVar("T")

# In this order nothing refers to what comes after it, but for a team's people.
TABLE_OF: Mapping[type[Any], str] = {
    Calendar: "calendar",
    Skill: "skill",
    RoleProfile: "role_profile",
    Refresher: "refresher",
    SkillModel: "skill_model",
    Team: "team",
    Learner: "learner",
}

UNKNOWN: Mapping[type[Any], type[NotFound]] = {
    Learner: UnknownLearner,
    Skill: UnknownSkill,
    Team: UnknownTeam,
    Refresher: UnknownRefresher,
}

KEYS_A_QUERY = 5000
"""Databases limit the parameters of a statement (SQLite to 32,766)."""


@frozen
class Defined:
    """What became of definitions.

    Attributes:
        created: how many are new.
        updated: how many replaced another.
        unchanged: how many were there already, just so.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: "Defined") -> "Defined":
        return Defined(self.created + other.created, self.updated + other.updated, self.unchanged + other.unchanged)


class Catalogue:
    """The definitions of one tenant, within a transaction.

    Args:
        connection: to read and write with.
        tables: for SQLAlchemy.
        tenant_id: the tenant's number or, where nothing will be written, the query of it.
    """

    def __init__(self, connection: Connection, tables: Tables, tenant_id: int | ScalarSelect[int]) -> None:
        self._connection = connection
        self._tables = tables
        self._tenant_id = tenant_id

    def define(self, things: Sequence[Thing]) -> Defined:
        """Insert definitions, or replace those of the same key.

        Raises:
            InvalidValue: something is defined twice, or refers to what is neither defined nor among these.
            CircularReference: skills or teams go in a circle.
        """
        by_kind = _sorted_by_kind(things)
        self._check_references(by_kind)
        done = Defined()
        for kind, values in by_kind.items():
            done += self._put(kind, values)
        if Skill in by_kind:
            self._link_skills()
        if Team in by_kind:
            self._check_teams()
        if Learner in by_kind:
            learners = [learner for learner in by_kind[Learner] if isinstance(learner, Learner)]
            numbers = self._numbers_of(learners)
            self._link_teams(learners, numbers)
            self._link_actors(learners, numbers)
        return done

    def find(self, kind: type[T], key: str) -> T:
        """The definition of that key; of a model, the latest version.

        Raises:
            NotFound: UnknownLearner, UnknownSkill and so on.
        """
        table = self._table(kind)
        text = self._connection.execute(
            self._documents(table).where(table.c.key == key).order_by(table.c.id.desc()).limit(1)
        ).scalar()
        if text is None:
            raise UNKNOWN.get(kind, NotFound)(f"there is no {_spoken(kind)} {key!r}")
        return value_of(text, kind)

    def all(self, kind: type[T]) -> list[T]:
        """Every definition of that kind, by key."""
        table = self._table(kind)
        order = [table.c.key, table.c.version] if kind is SkillModel else [table.c.key]
        return [value_of(text, kind) for text in self._connection.scalars(self._documents(table).order_by(*order))]

    def several(self, kind: type[T], keys: Sequence[str]) -> dict[int, T]:
        """The definitions of these keys by their number, in the order of the keys; of a model, its latest version.

        Raises:
            NotFound: there is none of one of the keys.
            InvalidValue: they are no list of texts.
        """
        wrong = [keys] if isinstance(keys, str) else [key for key in keys if not isinstance(key, str)]
        if wrong:
            raise InvalidValue(f'keys must be texts in a list such as ["a", "b"], not {wrong[0]!r}')
        stored = {key: row for (key, _), row in sorted(self._stored(self._table(kind), keys).items())}
        for key in keys:
            if key not in stored:
                raise UNKNOWN.get(kind, NotFound)(f"there is no {_spoken(kind)} {key!r}")
        return {number: value_of(text, kind) for number, text in map(stored.__getitem__, keys)}

    def _table(self, kind: type[Any]) -> Table:
        name = TABLE_OF.get(kind)
        if name is None:
            raise InvalidValue(f"{kind.__name__} is nothing to define; there are {', '.join(map(_spoken, TABLE_OF))}")
        table: Table = getattr(self._tables, name)
        return table

    def _documents(self, table: Table) -> Select[Any]:
        query = select(table.c.document).where(table.c.tenant_id == self._tenant_id)
        return query.where(table.c.erased_at.is_(None)) if "erased_at" in table.c else query

    def _put(self, kind: type[Any], values: Sequence[Any]) -> Defined:
        table = self._table(kind)
        stored = self._stored(table, [value.key for value in values])
        created: list[dict[str, Any]] = []
        updated: list[dict[str, Any]] = []
        for value in values:
            row = {**_columns(value), "document": document(value)}
            known = stored.get(identity(value))
            if known is None:
                created.append({"tenant_id": self._tenant_id, "key": value.key, **row})
            elif known[1] != row["document"]:
                updated.append({"number": known[0], **row})
        if created:
            self._connection.execute(insert(table), created)
        if updated:
            changes: dict[str, Any] = {name: bindparam(name) for name in updated[0] if name != "number"}
            self._connection.execute(update(table).where(table.c.id == bindparam("number")).values(changes), updated)
        return Defined(len(created), len(updated), len(values) - len(created) - len(updated))

    def _stored(self, table: Table, keys: Sequence[str]) -> dict[tuple[str, int], tuple[int, str]]:
        """Number and document of each definition, by key and version."""
        version = table.c.get("version")
        columns = [table.c.id, table.c.key, table.c.document, *([] if version is None else [version])]
        stored: dict[tuple[str, int], tuple[int, str]] = {}
        for start in range(0, len(keys), KEYS_A_QUERY):
            query = select(*columns).where(
                table.c.tenant_id == self._tenant_id, table.c.key.in_(keys[start : start + KEYS_A_QUERY])
            )
            for number, key, text, *versions in self._connection.execute(query):
                stored[key, versions[0] if versions else 0] = (number, text)
        return stored

    def _check_references(self, by_kind: Mapping[type[Any], Sequence[Any]]) -> None:
        """Everything that is referred to must be defined."""
        needed: dict[type[Any], dict[str, str]] = {}
        for values in by_kind.values():
            for value in values:
                for kind, key, field in references(value):
                    needed.setdefault(kind, {}).setdefault(key, f"{_spoken(type(value))} {value.key!r} ({field})")
        for kind, places in needed.items():
            given = {value.key for value in by_kind.get(kind, ())}
            missing = [key for key in places if key not in given]
            known = {key for key, _ in self._stored(self._table(kind), missing)} if missing else set()
            for key in missing:
                if key not in known:
                    raise UNKNOWN.get(kind, NotFound)(
                        f"{places[key]} refers to the {_spoken(kind)} {key!r}, which is not defined"
                    )

    def _link_skills(self) -> None:
        """Refuse circles among all skills, and write down what each one's practice refreshes."""
        skills = self.all(Skill)
        check_acyclic({skill.key: skill.prerequisites for skill in skills}, "prerequisites")
        check_acyclic({skill.key: skill.encompasses for skill in skills}, "encompassed skills")
        check_acyclic({skill.key: [skill.parent] for skill in skills if skill.parent}, "parents of skills")
        table, link = self._tables.skill, self._tables.implicit_practice
        numbers = {
            key: number
            for number, key in self._connection.execute(
                select(table.c.id, table.c.key).where(table.c.tenant_id == self._tenant_id)
            )
        }
        self._connection.execute(
            delete(link).where(link.c.skill_id.in_(select(table.c.id).where(table.c.tenant_id == self._tenant_id)))
        )
        rows = [
            {"skill_id": numbers[key], "encompassed_id": numbers[target], "weight": weight}
            for key, targets in implicit_practice(skills).items()
            for target, weight in targets.items()
        ]
        if rows:
            self._connection.execute(insert(link), rows)

    def _check_teams(self) -> None:
        check_acyclic({team.key: [team.parent] for team in self.all(Team) if team.parent}, "parents of teams")

    def _numbers_of(self, learners: Sequence[Learner]) -> dict[str, int]:
        stored = self._stored(self._tables.learner, [learner.key for learner in learners])
        return {key: number for (key, _), (number, _) in stored.items()}

    def _link_teams(self, learners: Sequence[Learner], numbers: Mapping[str, int]) -> None:
        member, team = self._tables.team_member, self._tables.team
        teams = {
            key: number
            for number, key in self._connection.execute(
                select(team.c.id, team.c.key).where(team.c.tenant_id == self._tenant_id)
            )
        }
        if not teams:
            return
        self._connection.execute(
            delete(member).where(member.c.learner_id == bindparam("learner")),
            [{"learner": numbers[learner.key]} for learner in learners],
        )
        rows = [
            {"learner_id": numbers[learner.key], "team_id": teams[key]} for learner in learners for key in learner.teams
        ]
        if rows:
            self._connection.execute(insert(member), rows)

    def _link_actors(self, learners: Sequence[Learner], numbers: Mapping[str, int]) -> None:
        """Write down by which names of xAPI the learners are found."""
        actor = self._tables.learner_actor
        self._connection.execute(
            delete(actor).where(actor.c.learner_id == bindparam("learner")),
            [{"learner": numbers[learner.key]} for learner in learners],
        )
        rows = [
            {"tenant_id": self._tenant_id, "actor": key, "learner_id": numbers[learner.key]}
            for learner in learners
            if learner.xapi is not None
            for key in sorted(actor_keys(learner.xapi))
        ]
        if rows:
            self._connection.execute(insert(actor), rows)


def _sorted_by_kind(things: Iterable[Any]) -> dict[type[Any], list[Any]]:
    by_kind: dict[type[Any], list[Any]] = {kind: [] for kind in TABLE_OF}
    seen: set[tuple[type[Any], tuple[str, int]]] = set()
    for thing in things:
        if type(thing) not in by_kind:
            hint = ": pass its elements, as in define(*things)" if isinstance(thing, list | tuple | set) else ""
            what = f"a {type(thing).__name__} is nothing to define{hint}"
            raise InvalidValue(f"{what}; there are {', '.join(map(_spoken, TABLE_OF))}")
        if (type(thing), identity(thing)) in seen:
            raise InvalidValue(f"the {_spoken(type(thing))} {thing.key!r} is defined twice")
        seen.add((type(thing), identity(thing)))
        by_kind[type(thing)].append(thing)
    return {kind: values for kind, values in by_kind.items() if values}


def _spoken(kind: type[Any]) -> str:
    return TABLE_OF[kind].replace("_", " ") if kind in TABLE_OF else kind.__name__


def _columns(thing: Thing) -> dict[str, Any]:
    """What a definition's row holds beside its document, for queries."""
    match thing:
        case Learner():
            return {
                "time_zone": thing.time_zone,
                "day_starts_at": thing.day_starts_at,
                "is_active": int(thing.is_active),
            }
        case Skill():
            return {"title": thing.label, "desired_retention": thing.desired_retention}
        case SkillModel():
            return {"version": thing.version}
        case Team():
            return {"parent": thing.parent}
        case _:
            return {}


def without_person(team: Team, key: str) -> Team:
    """The team without a person among its manager and coaches."""
    return evolve(
        team,
        manager=None if team.manager == key else team.manager,
        coaches=tuple(coach for coach in team.coaches if coach != key),
    )
