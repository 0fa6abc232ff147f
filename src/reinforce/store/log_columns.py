"""The reviews of a tenant as columns: what fitting, calibration and evaluation read."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from reinforce.forgetting.curve import Floats, Ints
from reinforce.forgetting.groups import NONE
from reinforce.forgetting.practice_log import EXPOSURE, KIND_NUMBERS, Log
from reinforce.store.driver import Driver
from reinforce.store.ids import micros_of
from reinforce.store.review_pages import reviews_of_page

EVENTS_AT_ONCE = 50_000


class AskedRow(NamedTuple):
    """A review in which somebody practised a skill themselves.

    Attributes:
        learner: a number or a key, as skill and assessor.
        rating: None: nothing was asked.
        assessor: None: nobody judged it.
    """

    event_id: bytes
    learner: int | str
    skill: int | str
    day: int
    rating: int | None
    weight: float
    kind: str
    assessor: int | str | None


def tenant_log(driver: Driver, tenant_id: int) -> Log:
    """All reviews of a tenant, as they count today.

    Left out are voided ones, implicit ones, in which nobody was asked, and those of weight 0, which move no memory.
    People and skills are numbered by their keys, so that the same log in another database gives the same columns.
    """
    people = driver.rows("SELECT key, id FROM {learner} WHERE tenant_id = ? AND erased_at IS NULL", tenant_id)
    skills = driver.rows("SELECT key, id FROM {skill} WHERE tenant_id = ?", tenant_id)
    numbers_of_people = {number: place for place, (_, number) in enumerate(sorted(people))}
    numbers_of_skills = {number: place for place, (_, number) in enumerate(sorted(skills))}
    pages: list[_Columns] = []
    after = b""
    while True:
        events = driver.rows(
            "SELECT id, kind, assessor_id FROM {practice_event} WHERE tenant_id = ? AND id > ?"
            f" ORDER BY id LIMIT {EVENTS_AT_ONCE}",
            tenant_id,
            after,
        )
        if not events:
            return _joined(pages)
        last = events[-1][0]
        reviews = reviews_of_page(driver, tenant_id, after, last)
        asked = [
            AskedRow(number, one.learner_id, one.skill_id, one.day, one.rating, one.weight, kind, assessor)
            for number, kind, assessor in events
            for one in reviews.get(number, ())
            if not one.implicit
        ]
        pages.append(_columns(asked, numbers_of_people, numbers_of_skills))
        after = last


def log_of(rows: Iterable[AskedRow]) -> Log:
    """The log that the store would give for these rows, which name people and skills by their keys."""
    listed = sorted(rows, key=lambda row: row.event_id)
    people = {row.learner for row in listed} | {row.assessor for row in listed if row.assessor is not None}
    return _joined([_columns(listed, _numbers(people), _numbers({row.skill for row in listed}))])


def _numbers(keys: Iterable[int | str]) -> dict[int | str, int]:
    return {key: place for place, key in enumerate(sorted(map(str, keys)))}


class _Columns(NamedTuple):
    learner: Ints
    skill: Ints
    day: Ints
    rating: Ints
    kind: Ints
    assessor: Ints
    weight: Floats
    seconds: Floats


def _columns(rows: Sequence[AskedRow], people: Mapping[int | str, int], skills: Mapping[int | str, int]) -> _Columns:
    """The columns of rows in the order of their events, and within an event of their skills."""
    moved = sorted((row for row in rows if row.weight > 0), key=lambda row: (row.event_id, skills[row.skill]))
    seconds = [micros_of(row.event_id) / 1e6 for row in moved]

    def whole(values: Iterable[int]) -> Ints:
        return np.array(list(values), dtype=np.int64)

    return _Columns(
        learner=whole(people[row.learner] for row in moved),
        skill=whole(skills[row.skill] for row in moved),
        day=whole(row.day for row in moved),
        rating=whole(EXPOSURE if row.rating is None else row.rating for row in moved),
        kind=whole(KIND_NUMBERS.get(row.kind, NONE) for row in moved),
        assessor=whole(NONE if row.assessor is None else people.get(row.assessor, NONE) for row in moved),
        weight=np.array([row.weight for row in moved], dtype=np.float64),
        seconds=np.array(seconds, dtype=np.float64),
    )


def _joined(pages: Sequence[_Columns]) -> Log:
    columns = [np.concatenate(parts) for parts in zip(*(pages or [_columns([], {}, {})]), strict=True)]
    named = dict(zip(_Columns._fields, columns, strict=True))
    first = [named.pop(name) for name in ("learner", "skill", "day", "rating")]
    return Log.of(*first, **named)
