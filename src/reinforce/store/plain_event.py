"""One plain event, recorded alone: one query, and three rows in one statement.

A plain event is new, tells of one skill that refreshes no others, names nobody and nothing else, and comes after all
that is known of its pair. Most events are plain. On PostgreSQL such a one needs no transaction: what the query has read
without a lock is held against what is there when the rows are written. Whatever is not plain, or was not the same any
more, is recorded as any other, in a transaction.
"""

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from reinforce.model.practice import PracticeEvent
from reinforce.store.course import COURSE, JOIN_CALIBRATION, Course
from reinforce.store.driver import Driver, Row, insert_sql, values_sql
from reinforce.store.event_rows import EventRow, EventRows, Names, Writing
from reinforce.store.folding import MEMORY_COLUMNS, PUT_MEMORY, Folder, MemoryRow, ReviewRow, as_reviews
from reinforce.store.generation import LEARNER, Generation, Sight
from reinforce.store.locks import FREE, free
from reinforce.store.parameters import ParameterSet, parameter_set
from reinforce.store.resolving import KnownSkill, Made, Person, Skills, person_of, plain_skill


def may_be_plain(event: PracticeEvent, latest: datetime) -> bool:
    """Whether an event is plain as far as it tells by itself.

    Args:
        event: to be recorded.
        latest: the latest moment at which it may have occurred.
    """
    return not (len(event.outcomes) > 1 or event.assessor or event.refresher or event.occurred_at > latest)


class KnownPair(NamedTuple):
    """A learner and a skill, with the rest of what recording needs to know.

    Attributes:
        parameters: that the tenant's memories are made with.
        course: how far its calibration is.
        memory: the columns of the pair's memory; None: never practised.
        offset: of the learner, in the calibration.
        tenant_mark: changes with the tenant's row; None on SQLite.
        memory_mark: likewise, with the memory's.
    """

    tenant_id: int
    parameters: ParameterSet
    course: Course
    person: Person
    skill: KnownSkill
    memory: Row | None
    offset: float
    tenant_mark: str | None
    memory_mark: str | None

    @property
    def made(self) -> Made:
        """What the tenant's memories are made with."""
        return Made(self.parameters.id, self.course)


_MARKS = {"sqlite": "NULL, NULL", "postgresql": "t.xmin::text, m.xmin::text"}


def known_pair(driver: Driver, tenant: int | str, event: PracticeEvent) -> KnownPair | None:
    """What to know of a learner and a skill before an event that may be plain, in one query.

    Args:
        driver: of a transaction after the learner was locked; of none, what it tells may have changed since.
        tenant: number or key of the tenant.
        event: to be recorded.

    Returns:
        None if there is more to know: one of the keys is unknown, the event is in the log already, or the skill
        refreshes others.
    """
    learner, skill = event.learner, event.outcomes[0].skill
    rows = driver.rows(
        f"SELECT t.id, p.id, p.algorithm, p.document, {COURSE}, l.id, l.time_zone, l.day_starts_at,"
        f" s.id, s.desired_retention, o.value, {_MARKS[driver.dialect]}, {MEMORY_COLUMNS}"
        " FROM {tenant} t"
        " JOIN {parameter_set} p ON p.id = t.parameter_set_id"
        " JOIN {learner} l ON l.tenant_id = t.id AND l.key = ?"
        " JOIN {skill} s ON s.tenant_id = t.id AND s.key = ?"
        f" LEFT JOIN {{memory}} m ON m.learner_id = l.id AND m.skill_id = s.id{JOIN_CALIBRATION}"
        f" LEFT JOIN {{calibration_offset}} o ON o.tenant_id = t.id AND o.effect = {LEARNER} AND o.subject_id = l.id"
        f" WHERE t.{'id' if isinstance(tenant, int) else 'key'} = ?"
        " AND NOT EXISTS (SELECT 1 FROM {implicit_practice} i WHERE i.skill_id = s.id)"
        " AND NOT EXISTS (SELECT 1 FROM {practice_event} e"
        " WHERE e.tenant_id = t.id AND e.source = ? AND e.external_id = ?)",
        *(learner, skill, tenant, event.source, event.external_id),
    )
    if not rows:
        return None
    number, parameter_set_id, algorithm, document, open_close, stamp, *row = rows[0]
    learner_id, zone, day_starts_at, skill_id, retention, offset, tenant_mark, memory_mark, *memory = row
    return KnownPair(
        number,
        parameter_set(parameter_set_id, algorithm, document),
        Course(open_close, stamp),
        person_of(learner, learner_id, zone, day_starts_at),
        plain_skill(skill_id, skill, retention),
        None if memory[0] is None else tuple(memory),
        offset or 0.0,
        tenant_mark,
        memory_mark,
    )


class PlainRows(NamedTuple):
    """What a plain event writes.

    Attributes:
        before: the memory until then; None: never practised.
    """

    event: Row
    review: ReviewRow
    memory: MemoryRow
    before: MemoryRow | None
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
    before = MemoryRow._make(known.memory) if known.memory else None
    memory = folder.after(review, before)
    return None if memory is None else PlainRows(row, review, memory, before, names, seen)


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
        learner: whose.
    """
    assert known.tenant_mark is not None  # noqa: S101 -- PostgreSQL has given it
    held = free(known.tenant_id, learner, known.tenant_mark)
    memory = (*rows.memory[2:], *rows.memory[:2], known.memory_mark) if rows.before else rows.memory
    return driver.run(_all_or_nothing(rows.before is None), *held, *memory, *rows.event, *rows.review) == 1


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
        " FROM unchanged WHERE m.learner_id = ? AND m.skill_id = ? AND m.xmin = ?::xid RETURNING 1"
    )
    return (
        f"WITH {FREE}, remembered AS ({first if is_first else other}),"
        f" logged AS (INSERT INTO {{practice_event}} ({', '.join(event)})"
        f" SELECT {values_sql('practice_event', event)} FROM remembered)"
        f" INSERT INTO {{review}} ({', '.join(review)}) SELECT {values_sql('review', review)} FROM remembered"
    )
