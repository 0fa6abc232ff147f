"""One plain event, recorded alone: one query, and three rows.

A plain event is new, tells of one skill that refreshes no others, names nobody and nothing else, and comes after all
that is known of its pair. Most events are plain. Whatever is not, is recorded as any other.

What holds for many events is kept from one to the next for as long as the tenant's edition stays the same. On
PostgreSQL a plain event needs no transaction: what its query has read without a lock is held against what is there when
the rows are written, in one statement.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache, partial
from struct import Struct
from typing import NamedTuple, Self

from attrs import frozen

from reinforce.model.practice import PracticeEvent
from reinforce.store.binary_forms import row_form
from reinforce.store.course import Course
from reinforce.store.driver import Driver, Row, insert_sql, values_sql
from reinforce.store.event_rows import EventRow, EventRows, Names, Writing
from reinforce.store.folding import MEMORY_COLUMNS, PUT_MEMORY
from reinforce.store.generation import JOIN_OFFSET, Generation, Sight, generation, kept_generation
from reinforce.store.locks import FREE, free
from reinforce.store.means import Means
from reinforce.store.pair_rows import MemoryRow, ReviewRow, as_reviews
from reinforce.store.parameters import JOIN_PRESENT, PRESENT, PRESENT_COLUMNS, ParameterSet, Present
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


@frozen(eq=False)
class KnownTenant:
    """What plain events need to know of a tenant, in one of its editions.

    What is known of people and skills grows with what is asked for.

    Attributes:
        edition: for how long it holds.
        course: how far its calibration is.
        names: of the people, and of the skills that refresh no others.
        means: that their memories are made with.
    """

    id: int
    edition: int
    course: Course
    names: Names
    means: Means
    _people: dict[str, Person]
    _offsets: dict[int, float]
    _seeds: dict[int, int]
    _skills: dict[str, KnownSkill]
    _skills_by_id: dict[int, KnownSkill]

    @classmethod
    def new(
        cls, number: int, edition: int, parameters: ParameterSet, course: Course, seen_by: Generation | None
    ) -> Self:
        """One of whose people and skills nothing is known yet.

        Args:
            number: its own.
            edition: that everything is of.
            parameters: that its memories are made with.
            course: how far its calibration is.
            seen_by: the generation that due days are solved with.
        """
        people: dict[str, Person] = {}
        offsets: dict[int, float] = {}
        seeds: dict[int, int] = {}
        by_key: dict[str, KnownSkill] = {}
        by_id: dict[int, KnownSkill] = {}
        names = Names(people, Skills(by_key, by_id), {}, Made(parameters.id, course))
        means = Means(parameters, seeds, by_id, None if seen_by is None else Sight(seen_by, offsets))
        return cls(number, edition, course, names, means, people, offsets, seeds, by_key, by_id)

    def meet(self, key: str, person: Person, offset: float, skill: KnownSkill) -> None:
        """Keep a learner, with the offset in the calibration, and a skill."""
        self._offsets[person.id] = offset
        self._seeds[person.id] = person.seed
        self._skills_by_id[skill.id] = skill
        self._skills[skill.key] = skill
        self._people[key] = person


class KnownPair(NamedTuple):
    """A learner and a skill, with the rest of what recording needs to know.

    Attributes:
        memory: None: never practised.
        mark: changes with the memory's row; None on SQLite, or if there is no memory.
    """

    tenant: KnownTenant
    memory: MemoryRow | None
    mark: str | None


def known_pair(driver: Driver, tenant_id: int, event: PracticeEvent) -> KnownPair | None:
    """What to know of a learner and a skill before an event that may be plain, in one query.

    Args:
        driver: of a transaction, after the learner was locked.
        tenant_id: whose.
        event: to be recorded.

    Returns:
        None if there is more to know: one of the keys is unknown, the event is in the log already, or the skill
        refreshes others.
    """
    return _read(driver, tenant_id, event, None, partial(generation, driver, tenant_id))


def known_pair_unlocked(
    driver: Driver, tenant: str, event: PracticeEvent, kept: KnownTenant | None
) -> KnownPair | None:
    """The same, which may have changed since.

    Args:
        driver: on PostgreSQL, of no transaction.
        tenant: its key.
        event: to be recorded.
        kept: of the tenant, from an earlier event.
    """
    learner, skill = event.learner, event.outcomes[0].skill
    if kept is not None and learner in kept.names.people and skill in kept.names.skills.by_key:
        pair = kept.names.people[learner].id, kept.names.skills.by_key[skill].id
        asked = (*pair, kept.id, kept.edition, event.source, event.external_id)
        for mark, memory in _memories(driver, _memory_sql(driver.dialect), asked):
            return KnownPair(kept, memory, mark)
    return _read(driver, tenant, event, kept, kept_generation)


def _read(
    driver: Driver,
    tenant: int | str,
    event: PracticeEvent,
    kept: KnownTenant | None,
    generation_of: Callable[[bytes], Generation | None],
) -> KnownPair | None:
    learner, skill = event.learner, event.outcomes[0].skill
    by = "id" if isinstance(tenant, int) else "key"
    rows = driver.rows(_pair_sql(driver.dialect, by), learner, skill, tenant, event.source, event.external_id)
    if not rows:
        return None
    number, edition, learner_id, zone, day_starts_at, offset, skill_id, retention, mark, *row = rows[0]
    memory = row[PRESENT_COLUMNS:]
    if kept is None or (kept.id, kept.edition) != (number, edition) or len(kept.names.people) >= MOST_KEPT:
        parameters, course = Present.of(row[:PRESENT_COLUMNS])
        seen_by = None if course.stamp is None else generation_of(course.stamp)
        if seen_by is None and course.stamp is not None:
            return None
        kept = KnownTenant.new(number, edition, parameters, course, seen_by)
    person = person_of(learner, learner_id, zone, day_starts_at)
    kept.meet(learner, person, offset or 0.0, plain_skill(skill_id, skill, retention))
    return KnownPair(kept, _memory(memory), mark)


def _memories(driver: Driver, sql: str, asked: Sequence[Value]) -> list[tuple[str | None, MemoryRow | None]]:
    """The memory that is asked for, with its mark, as the only one; none: there is more to know."""
    result = executed(driver, sql, asked) if driver.dialect == "postgresql" else None
    if result is None:
        return [(mark, _memory(memory)) for mark, *memory in driver.rows(sql, *asked)]
    if result.ntuples == 0:
        return []
    memory = first_row(result, _memory_form(), 1)
    return [(None, None)] if memory is None else [(result.get_value(0, 0).decode(), MemoryRow._make(memory))]


@lru_cache(maxsize=1)
def _memory_form() -> Struct:
    return row_form("memory", MemoryRow._fields)


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
        "SELECT t.id, t.edition, l.id, l.time_zone, l.day_starts_at, o.value, s.id, s.desired_retention,"
        f" {_MARK[dialect]}, {PRESENT}, {MEMORY_COLUMNS}"
        f" FROM {{tenant}} t{JOIN_PRESENT}"
        " JOIN {learner} l ON l.tenant_id = t.id AND l.key = ?"
        " JOIN {skill} s ON s.tenant_id = t.id AND s.key = ?"
        f" LEFT JOIN {{memory}} m ON m.learner_id = l.id AND m.skill_id = s.id{JOIN_OFFSET}"
        f" WHERE t.{by} = ? AND NOT EXISTS (SELECT 1 FROM {{implicit_practice}} i WHERE i.skill_id = s.id)"
        f" AND {_IS_NEW}"
    )


class PlainRows(NamedTuple):
    """What a plain event writes."""

    event: Row
    review: ReviewRow
    memory: MemoryRow


def plain_rows(known: KnownPair, writing: Writing, event: PracticeEvent) -> PlainRows | None:
    """The rows of a plain event; None: it is not plain, because it comes late or leaves memory as it is."""
    tenant = known.tenant
    rows_of = EventRows(writing, tenant.names)
    row = rows_of.event(event, 0)
    (review,) = as_reviews(rows_of.reviews(event, row[0]))
    memory = tenant.means.after(review, known.memory)
    return None if memory is None else PlainRows(row, review, memory)


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
