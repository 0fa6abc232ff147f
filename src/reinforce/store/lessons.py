"""What the closes of a tenant's calibration learn from, as arrays."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from attrs import frozen

from reinforce.forgetting.closing import NEVER, Lessons
from reinforce.forgetting.curve import Ints
from reinforce.forgetting.practice_log import NONE
from reinforce.model.practice import PracticeKind
from reinforce.store.driver import Driver, Row, is_pair
from reinforce.store.voids import voided_reviews

PAIRS_AT_ONCE = 20_000
LEARNERS_AT_ONCE = 2_000
_KINDS = {kind.value: number for number, kind in enumerate(PracticeKind)}

# Kind and assessor in one, because each would be a look-up of its own.
_ASKED = (
    "(SELECT e.kind || ' ' || COALESCE(e.assessor_id, -1) FROM {practice_event} e"
    " WHERE e.id = x.event_id AND e.tenant_id = ?)"
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
    rows: list[Row] = []
    found = driver.for_each("bigint", "review", f"{is_pair('x.learner_id', 'x.skill_id')} AND {_MOVES}")
    for begin in range(0, len(wanted), PAIRS_AT_ONCE):
        some = driver.pairs(wanted[begin : begin + PAIRS_AT_ONCE])
        rows += driver.rows(f"SELECT {_COLUMNS} {found}", tenant_id, some)
    # Read once more, because somebody may have voided an event while the reviews were read.
    return _lessons(subjects, rows, list(_voided(driver, tenant_id, number)))


def all_lessons(driver: Driver, tenant_id: int, subjects: Subjects) -> Lessons:
    """Every review of a tenant, those that were voided included; the tenant is locked."""
    rows: list[Row] = []
    people = sorted(subjects.people.tolist())
    for begin in range(0, len(people), LEARNERS_AT_ONCE):
        some = driver.many(people[begin : begin + LEARNERS_AT_ONCE])
        rows += driver.rows(
            f"SELECT {_COLUMNS} FROM {{review}} x WHERE x.learner_id {{in}} AND {_MOVES}", tenant_id, some
        )
    return _lessons(subjects, rows, list(_voided(driver, tenant_id, 0)))


def _voided(driver: Driver, tenant_id: int, number: int) -> Iterator[tuple[Row, int]]:
    """Reviews of events that were voided after a close, with the first close that no longer knows them."""
    for learner_id, event_id, asked, generation, text in driver.rows(
        "SELECT e.learner_id, e.id, e.kind || ' ' || COALESCE(e.assessor_id, -1), v.generation, v.reviews"
        " FROM {practice_void} v JOIN {practice_event} e ON e.id = v.event_id AND e.tenant_id = v.tenant_id"
        " WHERE v.tenant_id = ? AND v.generation > ?",
        tenant_id,
        number,
    ):
        for review in voided_reviews(learner_id, event_id, text):
            if review.moves_memory and review.generation < generation:
                yield (*review, asked), generation


def _lessons(subjects: Subjects, rows: Iterable[Row], voided: Sequence[tuple[Row, int]]) -> Lessons:
    if voided:
        gone = {row[:3] for row, _ in voided}
        rows = [row for row in rows if row[:3] not in gone] + [row for row, _ in voided]
    columns = list(zip(*rows, strict=True)) or [()] * 9
    learner, skill, event, day, rating, weight, implicit, generation, asked = columns
    counted = np.full(len(day), NEVER, dtype=np.int64)
    counted[len(day) - len(voided) :] = [until for _, until in voided]
    kind, assessor = _asked(asked, subjects)
    moment = np.frombuffer(b"".join(event), dtype=">u8").reshape(-1, 2).astype(np.uint64)
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
        counted,
    )
    return lessons.take(np.lexsort((lessons.skill, moment[:, 1], moment[:, 0], lessons.day)))


def _asked(texts: Sequence[str], subjects: Subjects) -> tuple[Ints, Ints]:
    """Kind and assessor of each review, of which there are few different ones."""
    places = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    which = np.fromiter((places[text] for text in texts), dtype=np.int64, count=len(texts))
    split = [text.rsplit(" ", 1) for text in places]
    kind = _whole(_KINDS.get(name, NONE) for name, _ in split)
    assessor = places_among(_whole(int(number) for _, number in split), subjects.people)
    return kind[which], assessor[which]


def _whole(values: Iterable[Any]) -> Ints:
    return np.array(list(values), dtype=np.int64)


def places_among(numbers: Ints, among: Ints) -> Ints:
    """Where each number stands among others; `NONE` where it does not."""
    if not len(among):
        return np.full(len(numbers), NONE)
    order = np.argsort(among)
    found = order[np.minimum(np.searchsorted(among, numbers, sorter=order), len(among) - 1)]
    return np.where(among[found] == numbers, found, NONE)
