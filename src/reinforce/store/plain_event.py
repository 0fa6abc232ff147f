"""One plain event, recorded alone: one query, and three rows.

A plain event is new, tells of one skill that refreshes no others, names nobody and nothing else, and comes after all
that is known of its pair. Most events are plain. Whatever is not, is recorded as any other.

What holds for many events is kept from one to the next for as long as the tenant's edition stays the same. On
PostgreSQL a plain event needs no transaction: what its query has read without a lock is held against what is there when
the rows are written, in one statement.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from struct import Struct
from typing import NamedTuple

from attrs import Factory, define

from reinforce.model.practice import PracticeEvent
from reinforce.store.course import COURSE, JOIN_CALIBRATION, Course
from reinforce.store.driver import Driver, Row, insert_sql, values_sql
from reinforce.store.event_rows import EventRow, EventRows, Names, Writing
from reinforce.store.folding import MEMORY_COLUMNS, PUT_MEMORY, Folder
from reinforce.store.generation import LEARNER, Generation, Sight
from reinforce.store.locks import FREE, free
from reinforce.store.pair_rows import MemoryRow, ReviewRow, as_reviews
from reinforce.store.parameters import ParameterSet, parameter_set
from reinforce.store.prepared import Value, executed, first_row
from reinforce.store.resolving import KnownSkill, Made, Person, Skills, person_of, plain_skill

MOST_KEPT = 65536


def may_be_plain(event: PracticeEvent, latest: datetime) -> bool:
    """Whether an event is plain as far as it tells by itself.

    Args:
        event: to be recorded.
        latest: the latest moment at which it may have occurred.
    """
    return not (len(event.outcomes) > 1 or event.assessor or event.refresher or event.occurred_at > latest)


@define(eq=False)
class KnownTenant:
    """What plain events need to know of a tenant, in one of its editions.

    Attributes:
        edition: for how long it holds.
        parameters: that the tenant's memories are made with.
        course: how far its calibration is.
        people: with their offsets in the calibration, by key, as far as they were asked for.
        skills: likewise, those that refresh no others.
    """

    id: int
    edition: int
    parameters: ParameterSet
    course: Course
    people: dict[str, tuple[Person, float]] = Factory(dict)
    skills: dict[str, KnownSkill] = Factory(dict)

    @property
    def made(self) -> Made:
        """What the tenant's memories are made with."""
        return Made(self.parameters.id, self.course)


class KnownPair(NamedTuple):
    """A learner and a skill, with the rest of what recording needs to know.

    Attributes:
        offset: of the learner, in the calibration.
        memory: None: never practised.
        mark: changes with the memory's row; None on SQLite, or if there is no memory.
    """

    tenant: KnownTenant
    person: Person
    offset: float
    skill: KnownSkill
    memory: MemoryRow | None
    mark: str | None


def known_pair(
    driver: Driver, tenant: int | str, event: PracticeEvent, kept: KnownTenant | None = None
) -> KnownPair | None:
    """What to know of a learner and a skill before an event that may be plain, in one query.

    Args:
        driver: of a transaction after the learner was locked; of none, what it tells may have changed since.
        tenant: number or key of the tenant.
        event: to be recorded.
        kept: of the tenant, from an earlier event.

    Returns:
        None if there is more to know: one of the keys is unknown, the event is in the log already, or the skill
        refreshes others.
    """
    learner, skill = event.learner, event.outcomes[0].skill
    if kept is not None and learner in kept.people and skill in kept.skills:
        person, offset = kept.people[learner]
        known = kept.skills[skill]
        asked = (person.id, known.id, kept.id, kept.edition, event.source, event.external_id)
        for mark, memory in _memories(driver, _memory_sql(driver.dialect), asked):
            return KnownPair(kept, person, offset, known, memory, mark)
    return _pair_read(driver, tenant, event, kept)


def _pair_read(driver: Driver, tenant: int | str, event: PracticeEvent, kept: KnownTenant | None) -> KnownPair | None:
    learner, skill = event.learner, event.outcomes[0].skill
    by = "id" if isinstance(tenant, int) else "key"
    rows = driver.rows(_pair_sql(driver.dialect, by), learner, skill, tenant, event.source, event.external_id)
    if not rows:
        return None
    number, edition, parameter_set_id, algorithm, document, open_close, stamp, *row = rows[0]
    learner_id, zone, day_starts_at, offset, skill_id, retention, mark, *memory = row
    if kept is None or kept.edition != edition or len(kept.people) >= MOST_KEPT:
        parameters = parameter_set(parameter_set_id, algorithm, document)
        kept = KnownTenant(number, edition, parameters, Course(open_close, stamp))
    known = kept.skills[skill] = plain_skill(skill_id, skill, retention)
    person, offset = kept.people[learner] = person_of(learner, learner_id, zone, day_starts_at), offset or 0.0
    return KnownPair(kept, person, offset, known, _memory(memory), mark)


def _memories(driver: Driver, sql: str, asked: Sequence[Value]) -> list[tuple[str | None, MemoryRow | None]]:
    """The memory that is asked for, with its mark, as the only one; none: there is more to know."""
    result = executed(driver, sql, asked) if driver.dialect == "postgresql" else None
    if result is None:
        return [(mark, _memory(memory)) for mark, *memory in driver.rows(sql, *asked)]
    if result.ntuples == 0:
        return []
    memory = first_row(result, _MEMORY_FORM, 1)
    return [(None, None)] if memory is None else [(result.get_value(0, 0).decode(), MemoryRow._make(memory))]


_MEMORY_FORM = Struct(">ii dd iiii 16s iiii")
"""PostgreSQL's binary form of the columns of a memory, one after the other."""


def _memory(columns: list[object]) -> MemoryRow | None:
    return None if columns[0] is None else MemoryRow._make(columns)


_MARK = {"sqlite": "NULL", "postgresql": "m.xmin::text"}
_IS_NEW = (
    "NOT EXISTS (SELECT 1 FROM {practice_event} e WHERE e.tenant_id = t.id AND e.source = ? AND e.external_id = ?)"
)


@lru_cache(maxsize=2)
def _memory_sql(dialect: str) -> str:
    return (
        f"SELECT {_MARK[dialect]}, {MEMORY_COLUMNS}"
        " FROM {tenant} t LEFT JOIN {memory} m ON m.learner_id = ? AND m.skill_id = ?"
        f" WHERE t.id = ? AND t.edition = ? AND {_IS_NEW}"
    )


@lru_cache(maxsize=4)
def _pair_sql(dialect: str, by: str) -> str:
    return (
        f"SELECT t.id, t.edition, p.id, p.algorithm, p.document, {COURSE}, l.id, l.time_zone, l.day_starts_at, o.value,"
        f" s.id, s.desired_retention, {_MARK[dialect]}, {MEMORY_COLUMNS}"
        " FROM {tenant} t"
        " JOIN {parameter_set} p ON p.id = t.parameter_set_id"
        " JOIN {learner} l ON l.tenant_id = t.id AND l.key = ?"
        " JOIN {skill} s ON s.tenant_id = t.id AND s.key = ?"
        f" LEFT JOIN {{memory}} m ON m.learner_id = l.id AND m.skill_id = s.id{JOIN_CALIBRATION}"
        f" LEFT JOIN {{calibration_offset}} o ON o.tenant_id = t.id AND o.effect = {LEARNER} AND o.subject_id = l.id"
        f" WHERE t.{by} = ? AND NOT EXISTS (SELECT 1 FROM {{implicit_practice}} i WHERE i.skill_id = s.id)"
        f" AND {_IS_NEW}"
    )


class PlainRows(NamedTuple):
    """What a plain event writes.

    Attributes:
        names: what it was made of.
        sight: likewise.
    """

    event: Row
    review: ReviewRow
    memory: MemoryRow
    names: Names
    sight: Sight | None


def plain_rows(
    driver: Driver, known: KnownPair, writing: Writing, event: PracticeEvent, seen_by: Generation | None
) -> PlainRows | None:
    """The rows of a plain event; None: it is not plain, because it comes late or leaves memory as it is.

    Args:
        driver: reads and writes nothing here.
        known: about the event's pair.
        writing: the surroundings.
        event: that may be plain.
        seen_by: the generation that due days are solved with.
    """
    person, skill = known.person, known.skill
    names = Names({event.learner: person}, Skills({skill.key: skill}, {skill.id: skill}), {}, writing.made)
    rows_of = EventRows(writing, names)
    row = rows_of.event(event, 0)
    (review,) = as_reviews(rows_of.reviews(event, row[0]))
    seen = None if seen_by is None else Sight(seen_by, {person.id: known.offset})
    folder = Folder(driver, writing.parameters, {person.id: person.seed}, names.skills.by_id, seen)
    memory = folder.after(review, known.memory)
    return None if memory is None else PlainRows(row, review, memory, names, seen)


_INSERT_EVENT = insert_sql("practice_event", EventRow._fields)
_INSERT_REVIEW = insert_sql("review", ReviewRow._fields)


def write_plain(driver: Driver, rows: PlainRows) -> None:
    """Write the rows of a plain event whose learner is locked."""
    driver.run_together([(_INSERT_EVENT, rows.event), (_INSERT_REVIEW, rows.review), (PUT_MEMORY, rows.memory)])


def write_plain_unless_changed(driver: Driver, rows: PlainRows, known: KnownPair, learner: str) -> bool:
    """Write the rows of a plain event on PostgreSQL; False: what is known has changed, and nothing was written.

    The memory is written first, and the others only with it. A memory that was there is found again by its mark, and
    one that was not there must still be new.

    Args:
        driver: outside of a transaction.
        rows: made of what is known.
        known: read without a lock.
        learner: key of whose.
    """
    memory = rows.memory if known.memory is None else (*rows.memory[2:], *rows.memory[:2], known.mark)
    sql = _all_or_nothing(known.memory is None)
    values = (*free(known.tenant.id, known.tenant.edition, learner), *memory, *rows.event, *rows.review)
    result = executed(driver, sql, values)
    return (driver.run(sql, *values) if result is None else result.command_tuples) == 1


@lru_cache(maxsize=2)
def _all_or_nothing(is_first: bool) -> str:
    """The statement that writes the three rows if all is as it was; it changes one row then, and otherwise none."""
    event, review, memory = EventRow._fields, ReviewRow._fields, MemoryRow._fields
    first = (
        f"INSERT INTO {{memory}} ({', '.join(memory)})"
        f" SELECT {values_sql('memory', memory)} FROM unchanged ON CONFLICT DO NOTHING RETURNING 1"
    )
    other = (
        f"UPDATE {{memory}} m SET ({', '.join(memory[2:])}) = ROW({values_sql('memory', memory[2:])})"
        " FROM unchanged WHERE m.learner_id = ? AND m.skill_id = ? AND m.xmin = ?::text::xid RETURNING 1"
    )
    return (
        f"WITH {FREE}, remembered AS ({first if is_first else other}),"
        f" logged AS (INSERT INTO {{practice_event}} ({', '.join(event)})"
        f" SELECT {values_sql('practice_event', event)} FROM remembered)"
        f" INSERT INTO {{review}} ({', '.join(review)}) SELECT {values_sql('review', review)} FROM remembered"
    )
