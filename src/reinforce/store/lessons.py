"""What the closes of a tenant's calibration learn from, as arrays."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Self, TypeVar

import numpy as np
from attrs import astuple, frozen
from numpy.typing import NDArray

from reinforce.forgetting.closing import NEVER, Lessons
from reinforce.forgetting.curve import Ints
from reinforce.forgetting.groups import NONE, places_among
from reinforce.forgetting.practice_log import KIND_NUMBERS
from reinforce.store.driver import Driver, Row, is_pair
from reinforce.store.voids import voided_reviews

T = TypeVar("T")

PAIRS_AT_ONCE = 20_000
LEARNERS_AT_ONCE = 2_000

# Kind and assessor in one, because each would be a look-up of its own; and only of what is to be learned.
_ASKED = (
    "CASE WHEN x.generation >= ? AND x.implicit = 0 THEN"
    " (SELECT e.kind || ' ' || COALESCE(e.assessor_id, -1) FROM {practice_event} e"
    " WHERE e.id = x.event_id AND e.tenant_id = ?) END"
)
_COLUMNS = f"x.learner_id, x.skill_id, x.event_id, x.day, x.rating, x.weight, x.implicit, x.generation, {_ASKED}"
_MOVES = "x.rating IS NOT NULL AND x.weight > 0"


@frozen(eq=False)
class Subjects:
    """Whom and what the numbers of lessons stand for, by the order of their keys.

    Attributes:
        people: numbers in the database of learners and assessors who were not erased.
        skills: numbers in the database.
    """

    people: Ints
    skills: Ints

    @classmethod
    def of(cls, driver: Driver, tenant_id: int) -> "Subjects":
        """Those of a tenant."""
        people = driver.rows("SELECT key, id FROM {learner} WHERE tenant_id = ? AND erased_at IS NULL", tenant_id)
        skills = driver.rows("SELECT key, id FROM {skill} WHERE tenant_id = ?", tenant_id)
        return cls(*(np.array([number for _, number in sorted(rows)], dtype=np.int64) for rows in (people, skills)))


def lessons_of(driver: Driver, tenant_id: int, subjects: Subjects, number: int) -> Lessons:
    """All reviews of the pairs from which a close learns, and those that were voided after it."""
    pairs = driver.rows(
        "SELECT m.learner_id, m.skill_id FROM {learner} l JOIN {memory} m ON m.learner_id = l.id"
        " WHERE l.tenant_id = ? AND m.generation >= ?",
        tenant_id,
        number,
    )
    voided = list(_voided(driver, tenant_id, number))
    wanted = sorted({(row[0], row[1]) for row in (*pairs, *(row for row, _ in voided))})
    found = driver.for_each("bigint", "review", f"{is_pair('x.learner_id', 'x.skill_id')} AND {_MOVES}")
    pages = [
        _Page.of(subjects, driver.rows(f"SELECT {_COLUMNS} {found}", number, tenant_id, driver.pairs(some)))
        for some in _parts(wanted, PAIRS_AT_ONCE)
    ]
    # Read once more, because somebody may have voided an event while the reviews were read.
    return _lessons(subjects, pages, list(_voided(driver, tenant_id, number)))


def all_lessons(driver: Driver, tenant_id: int, subjects: Subjects) -> Lessons:
    """Every review of a tenant, those that were voided included; the tenant is locked."""
    query = f"SELECT {_COLUMNS} FROM {{review}} x WHERE x.learner_id {{in}} AND {_MOVES}"
    pages = [
        _Page.of(subjects, driver.rows(query, 0, tenant_id, driver.many(some)))
        for some in _parts(sorted(subjects.people.tolist()), LEARNERS_AT_ONCE)
    ]
    return _lessons(subjects, pages, list(_voided(driver, tenant_id, 0)))


def _parts(listed: Sequence[T], length: int) -> Iterator[Sequence[T]]:
    return (listed[begin : begin + length] for begin in range(0, len(listed), length))


def _voided(driver: Driver, tenant_id: int, number: int) -> Iterator[tuple[Row, int]]:
    """Reviews of events that were voided after a close, with the first close that no longer knows them."""
    for learner_id, event_id, asked, generation, text in driver.rows(
        "SELECT e.learner_id, e.id, e.kind || ' ' || COALESCE(e.assessor_id, -1), v.generation, v.reviews"
        # CROSS, so that SQLite goes from the few voids to their events, and not through all events.
        " FROM {practice_void} v CROSS JOIN {practice_event} e"
        " WHERE e.id = v.event_id AND e.tenant_id = v.tenant_id AND v.tenant_id = ? AND v.generation > ?",
        tenant_id,
        number,
    ):
        for review in voided_reviews(learner_id, event_id, text):
            if review.moves_memory and review.generation < generation:
                yield (*review, asked), generation


@frozen(eq=False)
class _Page:
    """Some of the lessons, in no order; arrays take a tenth of the room that their rows took.

    Attributes:
        moments: the event of each: its id as two numbers.
    """

    lessons: Lessons
    moments: NDArray[np.uint64]

    @classmethod
    def of(cls, subjects: Subjects, rows: Sequence[Row], voided: Sequence[int] = ()) -> Self:
        """The page of rows of reviews; of those that were voided, the first close that no longer knows each."""
        columns = list(zip(*rows, strict=True)) or [()] * 9
        learner, skill, event, day, rating, weight, implicit, generation, asked = columns
        kind, assessor = _asked(asked, subjects)
        lessons = Lessons(
            places_among(_whole(learner), subjects.people),
            places_among(_whole(skill), subjects.skills),
            _whole(day),
            _whole(rating),
            np.array(weight, dtype=np.float64),
            kind,
            assessor,
            _whole(implicit),
            _whole(generation),
            _whole(voided) if voided else np.full(len(day), NEVER, dtype=np.int64),
        )
        return cls(lessons, np.frombuffer(b"".join(event), dtype=">u8").reshape(-1, 2).astype(np.uint64))

    def without(self, gone: "_Page") -> "_Page":
        """The page without those reviews that are on another."""
        some = np.flatnonzero(np.isin(self.moments[:, 1], gone.moments[:, 1]))
        keys = set(gone.keys(np.arange(len(gone.lessons))))
        dropped = [place for place, key in zip(some.tolist(), self.keys(some), strict=True) if key in keys]
        kept = np.delete(np.arange(len(self.lessons)), dropped)
        return _Page(self.lessons.take(kept), self.moments[kept])

    def keys(self, which: Ints) -> Iterator[tuple[int, ...]]:
        """What tells the reviews at these places from all others."""
        lessons, moments = self.lessons, self.moments[which]
        columns = (lessons.learner[which], lessons.skill[which], moments[:, 0], moments[:, 1])
        return zip(*(column.tolist() for column in columns), strict=True)


def _lessons(subjects: Subjects, pages: list[_Page], voided: Sequence[tuple[Row, int]]) -> Lessons:
    """All pages in order; they are used up on the way."""
    if voided:
        gone = _Page.of(subjects, [row for row, _ in voided], [until for _, until in voided])
        pages[:] = [*(page.without(gone) for page in pages), gone]
    if not pages:
        pages.append(_Page.of(subjects, []))
    moments = np.concatenate([page.moments for page in pages])
    parts = [astuple(page.lessons, recurse=False) for page in pages]
    pages.clear()
    lessons = Lessons(*map(np.concatenate, zip(*parts, strict=True)))
    parts.clear()
    return lessons.take(np.lexsort((lessons.skill, moments[:, 1], moments[:, 0], lessons.day)))


def _asked(texts: Sequence[str | None], subjects: Subjects) -> tuple[Ints, Ints]:
    """Kind and assessor of each review, of which there are few different ones; None: they are not asked for."""
    places = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    which = np.fromiter((places[text] for text in texts), dtype=np.int64, count=len(texts))
    split = [("", "-1") if text is None else text.rsplit(" ", 1) for text in places]
    kind = _whole(KIND_NUMBERS.get(name, NONE) for name, _ in split)
    assessor = places_among(_whole(int(number) for _, number in split), subjects.people)
    return kind[which], assessor[which]


def _whole(values: Iterable[Any]) -> Ints:
    return np.array(list(values), dtype=np.int64)
