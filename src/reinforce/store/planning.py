"""What plans are made of, and what becomes of them: a shard's rows in, assignments out.

However many learners a shard has, it is read in a handful of queries, each over all of them.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from attrs import frozen
from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    Select,
    Table,
    and_,
    literal,
    or_,
    select,
    union_all,
    update,
)

from reinforce.errors import NotFound
from reinforce.forgetting.curve import Floats, Ints
from reinforce.forgetting.groups import NONE, places_among
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.states import States
from reinforce.model.days import day_number
from reinforce.model.library import Refresher
from reinforce.model.people import Calendar, Learner
from reinforce.model.plans import Assignment, AssignmentStatus, Plan
from reinforce.model.skills import RoleProfile, Skill
from reinforce.store.assignments import assignment_of, assignment_rows
from reinforce.store.course import Belief
from reinforce.store.documents import value_of
from reinforce.store.driver import Driver, is_pair
from reinforce.store.generation import recall, sight
from reinforce.store.locks import lock_learners
from reinforce.store.schema import Tables

IDS_AT_ONCE = 500
DEFINITIONS_KEPT = 8192
_DEFINED: Mapping[str, type[Any]] = {
    "skill": Skill,
    "role_profile": RoleProfile,
    "refresher": Refresher,
    "calendar": Calendar,
}


@frozen(eq=False)
class Definitions:
    """All that a tenant's plans draw on besides its learners.

    Attributes:
        skills: by key.
        roles: by key.
        refreshers: by key.
        calendars: by key.
        skill_ids: the number in the database of each skill, in the same order.
        refresher_ids: the number in the database of each refresher, in the same order.
        belief: what the tenant's probabilities of recall are computed with.
    """

    skills: Sequence[Skill]
    roles: Sequence[RoleProfile]
    refreshers: Sequence[Refresher]
    calendars: Sequence[Calendar]
    skill_ids: Ints
    refresher_ids: Sequence[int]
    belief: Belief

    @property
    def forgetting(self) -> Forgetting:
        """The tenant's present parameters."""
        return self.belief.forgetting

    @property
    def longest_cool_down(self) -> int:
        """The largest cool-down that a refresher asks for itself, in days; 0 if none does."""
        return max((refresher.cool_down_days or 0 for refresher in self.refreshers), default=0)


@frozen(eq=False)
class PlannedMemories:
    """What is remembered of what is planned, as columns of one length.

    Attributes:
        learner: position among `LearnerRows.learners`.
        skill: position among `Definitions.skills`.
        stability: days.
        last_day: what forgetting counts from, in days since 1970-01-01.
        due_day: likewise.
        difficulty: 1 to 10.
        recall: the probability of recall on the day that is planned.
    """

    learner: Ints
    skill: Ints
    stability: Floats
    last_day: Ints
    due_day: Ints
    difficulty: Floats
    recall: Floats


@frozen(eq=False)
class LearnerRows:
    """What is known of some learners before a day is planned for them.

    Attributes:
        learners: those who are planned: active ones that were not erased.
        ids: the number in the database of each of them, in the same order.
        open: keys of learner and refresher of each assignment that is still open on the day.
        given: keys and day of each recent assignment, open or not.
        memory: their memory.
    """

    learners: Sequence[Learner]
    ids: Sequence[int]
    open: Sequence[tuple[str, str]]
    given: Sequence[tuple[str, str, int]]
    memory: PlannedMemories


class Plans:
    """What one tenant's plans are made of and what becomes of them, within a transaction."""

    def __init__(self, connection: Connection, tables: Tables, tenant_id: int) -> None:
        self._connection = connection
        self._tables = tables
        self._tenant_id = tenant_id

    def definitions(self, belief: Belief) -> Definitions:
        """What the tenant has defined, in one query."""
        found: dict[str, list[tuple[int, Any]]] = {table: [] for table in _DEFINED}
        for table, number, text in self._connection.execute(self._defined()):
            found[table].append((number, _definition(table, text)))
        # Sorted here: databases differ in how they sort text, and positions must not depend on that.
        by_key = {table: sorted(rows, key=lambda row: row[1].key) for table, rows in found.items()}
        values = {table: [value for _, value in rows] for table, rows in by_key.items()}
        return Definitions(
            skills=values["skill"],
            roles=values["role_profile"],
            refreshers=values["refresher"],
            calendars=values["calendar"],
            skill_ids=np.array([number for number, _ in by_key["skill"]], dtype=np.int64),
            refresher_ids=[number for number, _ in by_key["refresher"]],
            belief=belief,
        )

    def _defined(self) -> Executable:
        """Table, number and document of each definition."""
        tables = {name: getattr(self._tables, name) for name in _DEFINED}
        return union_all(
            *(
                select(literal(name), table.c.id, table.c.document).where(table.c.tenant_id == self._tenant_id)
                for name, table in tables.items()
            )
        )

    def rows_of_range(self, known: Definitions, first: int, last: int, day: int, cool_down_days: int) -> LearnerRows:
        """What is known of the learners with the numbers from `first` to `last`, for planning a day.

        Args:
            known: the tenant's definitions.
            first: the lowest number.
            last: the highest number.
            day: that is planned, in days since 1970-01-01.
            cool_down_days: so far back assignments matter even if they are closed.
        """
        learner = self._tables.learner
        are_chosen = learner.c.id.between(first, last)
        query = select(learner.c.id, learner.c.document).where(are_chosen, *self._are_planned()).order_by(learner.c.id)
        people = {number: value_of(text, Learner) for number, text in self._connection.execute(query)}
        return self._rows(known, people, are_chosen, day, cool_down_days)

    def rows_of(
        self, known: Definitions, learners: Mapping[int, Learner], day: int, cool_down_days: int
    ) -> LearnerRows:
        """What is known of some learners, a few thousand at most, given by their number; see `rows_of_range`.

        Those who are not active are left out.
        """
        people = {number: one for number, one in sorted(learners.items()) if one.is_active}
        return self._rows(known, people, self._tables.learner.c.id.in_(people), day, cool_down_days)

    def _rows(
        self,
        known: Definitions,
        people: Mapping[int, Learner],
        are_chosen: ColumnElement[bool],
        day: int,
        cool_down_days: int,
    ) -> LearnerRows:
        """Read assignments before memories.

        Who completes an assignment between the two queries is then seen with both the open assignment and
        the fresh memory, and is not given the same again.
        """
        chosen = and_(are_chosen, *self._are_planned())
        keys = {number: each.key for number, each in people.items()}
        open_ones, given = self._history(known, chosen, keys, day, cool_down_days)
        return LearnerRows(
            list(people.values()), list(people), open_ones, given, self._memory(known, chosen, list(people), day)
        )

    def _are_planned(self) -> tuple[ColumnElement[bool], ...]:
        """The conditions of being planned: of the tenant, active, and not erased."""
        learner = self._tables.learner
        return (learner.c.tenant_id == self._tenant_id, learner.c.is_active == 1, learner.c.erased_at.is_(None))

    def _history(
        self,
        known: Definitions,
        chosen: ColumnElement[bool],
        learner_keys: Mapping[int, str],
        day: int,
        cool_down_days: int,
    ) -> tuple[list[tuple[str, str]], list[tuple[str, str, int]]]:
        """Open and recent assignments, with keys for numbers."""
        refresher_keys = {number: each.key for number, each in zip(known.refresher_ids, known.refreshers, strict=True)}
        table = self._tables.assignment
        is_open = and_(table.c.status == AssignmentStatus.OPEN, table.c.expires_day > day)
        is_recent = table.c.day >= day - cool_down_days
        query = self._of_learners(chosen, table, table.c.learner_id, table.c.refresher_id, table.c.day, is_open)
        found = [
            (learner_keys[learner], refresher_keys[refresher], given_on, still_open)
            for learner, refresher, given_on, still_open in self._connection.execute(
                query.where(or_(is_open, is_recent))
            )
            if learner in learner_keys and refresher in refresher_keys  # what came meanwhile waits for tomorrow
        ]
        return (
            [(learner, refresher) for learner, refresher, _, still_open in found if still_open],
            [(learner, refresher, given_on) for learner, refresher, given_on, _ in found],
        )

    def _memory(self, known: Definitions, chosen: ColumnElement[bool], ids: Sequence[int], day: int) -> PlannedMemories:
        table = self._tables.memory
        counts = ("reviews", "lapses", "passes", "practice_days")
        columns = table.c["learner_id", "skill_id", "stability", "difficulty", "last_day", "due_day", *counts]
        rows = np.fromiter(
            map(tuple, self._connection.execute(self._of_learners(chosen, table, *columns))),
            dtype=[
                (each.name, np.float64 if each.name in ("stability", "difficulty") else np.int64) for each in columns
            ],
        )
        learner = places_among(rows["learner_id"], np.array(ids, dtype=np.int64))
        skill = places_among(rows["skill_id"], known.skill_ids)
        kept = (learner != NONE) & (skill != NONE)  # what came meanwhile waits for tomorrow
        rows = rows[kept]
        states = States(*(rows[name] for name in ("stability", "difficulty", "last_day", *counts)))
        driver = Driver(self._connection, self._tables.metadata.schema)
        seen_by = sight(driver, self._tenant_id, known.belief.stamp, ids)
        pairs = list(zip(rows["learner_id"].tolist(), rows["skill_id"].tolist(), strict=True)) if seen_by else []
        left = recall(known.forgetting, seen_by, (pairs, states), np.maximum(day - states.last_day, 0))
        return PlannedMemories(
            learner[kept], skill[kept], states.stability, states.last_day, rows["due_day"], states.difficulty, left
        )

    def _of_learners(self, chosen: ColumnElement[bool], table: Table, *columns: ColumnElement[Any]) -> Select[Any]:
        """Rows of a table that has no tenant, or no index on it: the learners lead to them."""
        learner = self._tables.learner
        return select(*columns).select_from(learner).join(table, table.c.learner_id == learner.c.id).where(chosen)

    def keep_learners(self) -> None:
        """Keep learners from being erased until the transaction ends; its first step, as everybody's locks are."""
        lock_learners(Driver(self._connection, self._tables.metadata.schema), self._tenant_id, ())

    def write(self, known: Definitions, rows: LearnerRows, plans: Iterable[Plan], written_at: int) -> list[Assignment]:
        """Write the assignments of plans, and give them; those that are there already stay as they are.

        Learners who were erased since they were read are left out; see `keep_learners`.

        Args:
            known: the definitions that the plans were made of.
            rows: the rows that the plans were made of.
            plans: at most one of each learner.
            written_at: the moment that the assignments bear, in microseconds.
        """
        refreshers = {each.key: number for number, each in zip(known.refresher_ids, known.refreshers, strict=True)}
        learners = self._still_there(rows)
        given = [
            (position, each)
            for plan in plans
            if plan.learner in learners
            for position, each in enumerate(plan.assignments)
        ]
        self._insert(
            [
                _row(self._tenant_id, learners[each.learner], refreshers[each.refresher], position, each, written_at)
                for position, each in given
            ]
        )
        return [each for _, each in given]

    def take_up(self, assignments: Sequence[Assignment], written_at: int) -> None:
        """Write assignments that come from elsewhere; those that are there already stay as they are.

        Args:
            assignments: those of a learner and day in the order in which they should be taken.
            written_at: the moment that they bear, in microseconds.

        Raises:
            NotFound: one names a learner or refresher that the tenant does not have.
        """
        learners, refreshers = self._numbers(self._tables.learner), self._numbers(self._tables.refresher)
        positions: Counter[tuple[str, int]] = Counter()
        rows = []
        for each in assignments:
            if each.learner not in learners or each.refresher not in refreshers:
                raise NotFound(f"the assignment of {each.refresher!r} to {each.learner!r} names what is not defined")
            place = (each.learner, day_number(each.day))
            learner, refresher = learners[each.learner], refreshers[each.refresher]
            rows.append(_row(self._tenant_id, learner, refresher, positions[place], each, written_at))
            positions[place] += 1
        self._insert(rows)

    def _numbers(self, table: Table) -> dict[str, int]:
        query = select(table.c.key, table.c.id).where(table.c.tenant_id == self._tenant_id)
        return {row.key: row.id for row in self._connection.execute(query)}

    def _insert(self, rows: Sequence[tuple[Any, ...]]) -> None:
        columns = [column.name for column in self._tables.assignment.c if column.name != "closed_at"]
        Driver(self._connection, self._tables.metadata.schema).upsert("assignment", columns, rows, "(id) DO NOTHING")

    def _still_there(self, rows: LearnerRows) -> dict[str, int]:
        """Key and number of those who were not erased since they were read."""
        if not rows.ids:
            return {}
        learner = self._tables.learner
        query = select(learner.c.id).where(learner.c.id.between(rows.ids[0], rows.ids[-1]), *self._are_planned())
        there = set(self._connection.scalars(query))
        return {each.key: number for number, each in zip(rows.ids, rows.learners, strict=True) if number in there}

    def expire(self, first: int, last: int, day: int, closed_at: int) -> list[bytes]:
        """Close what is no longer open on a day, for a range of learners; the ids of those assignments."""
        table = self._tables.assignment
        done = self._connection.scalars(
            update(table)
            .where(
                table.c.learner_id.between(first, last),
                table.c.tenant_id == self._tenant_id,
                # Not as a parameter: PostgreSQL, planning for any, would not use the index of what is open.
                table.c.status == literal(AssignmentStatus.OPEN.value, literal_execute=True),
                table.c.expires_day <= day,
            )
            .values(status=AssignmentStatus.EXPIRED.value, closed_at=closed_at)
            .returning(table.c.id)
        )
        return list(done)

    def several(self, ids: Sequence[bytes]) -> list[Assignment]:
        """The assignments of these ids, by learner and day."""
        table = self._tables.assignment
        ordered = self._assignments().order_by(table.c.learner_id, table.c.day, table.c.position)
        found: list[Assignment] = []
        for start in range(0, len(ids), IDS_AT_ONCE):
            part = ordered.where(table.c.id.in_(ids[start : start + IDS_AT_ONCE]))
            found += map(assignment_of, self._connection.execute(part))
        return found

    def closed(self, practised: Collection[tuple[int, int]], closed_at: int) -> list[Assignment]:
        """The assignments that practice has closed at a moment.

        Args:
            practised: numbers of learners and of the refreshers that they practised.
            closed_at: in microseconds.
        """
        driver = Driver(self._connection, self._tables.metadata.schema)
        is_closed = f"{is_pair('x.learner_id', 'x.refresher_id')} AND x.status = ? AND x.closed_at = ?"
        found = driver.rows(
            f"SELECT x.id {driver.for_each('bigint', 'assignment', is_closed)}",
            driver.pairs(practised),
            AssignmentStatus.DONE.value,
            closed_at,
        )
        return self.several([bytes(number) for (number,) in found])

    def all_assignments(self) -> list[Assignment]:
        """Every assignment of the tenant, by day, learner and the order in which they should be taken."""
        table = self._tables.assignment
        found = self._connection.execute(self._assignments().order_by(table.c.day, table.c.position, table.c.id))
        return sorted(map(assignment_of, found), key=lambda each: (each.day, each.learner))

    def complete(self, assignment_id: str, closed_at: int) -> Assignment:
        """Mark an assignment as done, be it late; one that is done already stays as it is.

        Raises:
            NotFound: the tenant has no such assignment.
        """
        table = self._tables.assignment
        number = _id_bytes(assignment_id)
        self._connection.execute(
            update(table)
            .where(table.c.id == number, table.c.tenant_id == self._tenant_id, table.c.status != AssignmentStatus.DONE)
            .values(status=AssignmentStatus.DONE.value, closed_at=closed_at)
        )
        row = self._connection.execute(self._assignments().where(table.c.id == number)).one_or_none()
        if row is None:
            raise NotFound(f"there is no assignment {assignment_id!r}")
        return assignment_of(row)

    def _assignments(self) -> Select[Any]:
        learner = self._tables.learner
        return assignment_rows(self._tables).where(
            self._tables.assignment.c.tenant_id == self._tenant_id, learner.c.tenant_id == self._tenant_id
        )


@lru_cache(maxsize=DEFINITIONS_KEPT)
def _definition(table: str, text: str) -> Any:
    """The value of a document; kept, because to make them all again is half the time of a person's plan."""
    return value_of(text, _DEFINED[table])


def _id_bytes(assignment_id: str) -> bytes:
    try:
        return bytes.fromhex(assignment_id)
    except ValueError:
        raise NotFound(f"there is no assignment {assignment_id!r}: an id is 32 hex digits") from None


def _row(
    tenant_id: int, learner: int, refresher: int, position: int, each: Assignment, written_at: int
) -> tuple[Any, ...]:
    return (
        bytes.fromhex(each.id),
        tenant_id,
        learner,
        refresher,
        day_number(each.day),
        position,
        day_number(each.expires),
        each.status.value,
        each.title,
        json.dumps(each.skills, ensure_ascii=False),
        each.minutes,
        each.value,
        each.reason,
        written_at,
    )
