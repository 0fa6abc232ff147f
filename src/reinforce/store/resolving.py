"""From the host's keys to our numbers, with what recording needs to know of each."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from attrs import frozen

from reinforce.forgetting.interval import key_seed
from reinforce.model.checks import time_zone
from reinforce.store.course import COURSE, JOIN_CALIBRATION, Course
from reinforce.store.driver import Driver, Row
from reinforce.store.generation import LEARNER


@frozen
class Person:
    """A learner's or assessor's row, as far as recording needs it."""

    id: int
    zone: ZoneInfo
    day_starts_at: int
    seed: int


@frozen
class KnownSkill:
    """A skill's row, as far as recording needs it.

    Attributes:
        implicit: numbers and weights of the skills that its practice refreshes too.
    """

    id: int
    key: str
    desired_retention: float
    seed: int
    implicit: tuple[tuple[int, float], ...] = ()


@frozen
class Skills:
    """The skills that a batch of events touches.

    Attributes:
        by_key: those that the events name.
        by_id: those and the ones that they refresh implicitly.
    """

    by_key: Mapping[str, KnownSkill]
    by_id: Mapping[int, KnownSkill]


@lru_cache(maxsize=65536)
def _person(key: str, number: int, zone: str, day_starts_at: int) -> Person:
    return Person(number, time_zone(zone), day_starts_at, key_seed(key))


@lru_cache(maxsize=65536)
def _plain_skill(number: int, key: str, retention: float) -> KnownSkill:
    return KnownSkill(number, key, retention, skill_seed(key))


@lru_cache(maxsize=65536)
def skill_seed(key: str) -> int:
    """See `key_seed`."""
    return key_seed(key)


class Made(NamedTuple):
    """What a tenant's memories are made with: the number of its parameters, and how far its calibration is."""

    parameter_set_id: int
    course: Course


def people(driver: Driver, tenant_id: int, keys: Iterable[str]) -> tuple[dict[str, Person], Made | None]:
    """The people of these keys, and what the tenant's memories are made with; None if there is nobody.

    Those that the tenant does not have are left out.
    """
    rows = driver.rows(
        f"SELECT l.key, l.id, l.time_zone, l.day_starts_at, t.parameter_set_id, {COURSE}"
        f" FROM {{tenant}} t JOIN {{learner}} l ON l.tenant_id = t.id{JOIN_CALIBRATION}"
        " WHERE t.id = ? AND l.key {in}",
        tenant_id,
        driver.many(keys),
    )
    return {row[0]: _person(*row[:4]) for row in rows}, Made(rows[0][4], Course(*rows[0][5:])) if rows else None


def skills(driver: Driver, tenant_id: int, keys: Iterable[str]) -> Skills:
    """The skills of these keys, with those that they refresh; those that the tenant does not have are left out."""
    rows = driver.rows(
        "SELECT s.key, s.id, s.desired_retention, i.weight, e.key, e.id, e.desired_retention"
        " FROM {skill} s"
        " LEFT JOIN {implicit_practice} i ON i.skill_id = s.id"
        " LEFT JOIN {skill} e ON e.id = i.encompassed_id"
        " WHERE s.tenant_id = ? AND s.key {in}",
        tenant_id,
        driver.many(keys),
    )
    implicit: dict[str, list[tuple[int, float]]] = {}
    by_id: dict[int, KnownSkill] = {}
    for key, _, _, weight, encompassed_key, encompassed_id, retention in rows:
        credited = implicit.setdefault(key, [])
        if weight is not None:
            credited.append((encompassed_id, weight))
            by_id[encompassed_id] = KnownSkill(encompassed_id, encompassed_key, retention, skill_seed(encompassed_key))
    by_key = {
        row[0]: KnownSkill(row[1], row[0], row[2], skill_seed(row[0]), tuple(sorted(implicit[row[0]]))) for row in rows
    }
    by_id.update((skill.id, skill) for skill in by_key.values())
    return Skills(by_key, by_id)


class KnownPair(NamedTuple):
    """A learner and a skill, with the rest of what recording needs to know.

    Attributes:
        memory: the columns of the pair's memory; None: never practised.
        offset: of the learner, in the calibration.
    """

    made: Made
    person: Person
    skill: KnownSkill
    memory: Row | None
    offset: float


def plain_pair(
    driver: Driver, tenant_id: int, pair: tuple[str, str], event: tuple[str, str | None]
) -> KnownPair | None:
    """What to know of a learner and a skill before an event, in one query.

    Args:
        driver: after the learner was locked.
        tenant_id: whose.
        pair: keys of the learner and of the skill.
        event: its source and external id.

    Returns:
        None if there is more to know: one of the keys is unknown, the event is in the log already, or the skill
        refreshes others.
    """
    rows = driver.rows(
        f"SELECT t.parameter_set_id, {COURSE}, l.id, l.time_zone, l.day_starts_at, s.id, s.desired_retention, o.value,"
        " m.*"
        " FROM {tenant} t"
        " JOIN {learner} l ON l.tenant_id = t.id AND l.key = ?"
        " JOIN {skill} s ON s.tenant_id = t.id AND s.key = ?"
        f" LEFT JOIN {{memory}} m ON m.learner_id = l.id AND m.skill_id = s.id{JOIN_CALIBRATION}"
        f" LEFT JOIN {{calibration_offset}} o ON o.tenant_id = t.id AND o.effect = {LEARNER} AND o.subject_id = l.id"
        " WHERE t.id = ? AND NOT EXISTS (SELECT 1 FROM {implicit_practice} i WHERE i.skill_id = s.id)"
        " AND NOT EXISTS (SELECT 1 FROM {practice_event} e"
        " WHERE e.tenant_id = ? AND e.source = ? AND e.external_id = ?)",
        *pair,
        tenant_id,
        tenant_id,
        *event,
    )
    if not rows:
        return None
    parameter_set_id, open_close, stamp, learner_id, zone, day_starts_at, skill_id, retention, offset, *memory = rows[0]
    learner, skill = pair
    return KnownPair(
        Made(parameter_set_id, Course(open_close, stamp)),
        _person(learner, learner_id, zone, day_starts_at),
        _plain_skill(skill_id, skill, retention),
        None if memory[0] is None else tuple(memory),
        offset or 0.0,
    )


def refreshers(driver: Driver, tenant_id: int, keys: Iterable[str]) -> dict[str, int]:
    """The numbers of the refreshers of these keys."""
    return dict(
        driver.rows("SELECT key, id FROM {refresher} WHERE tenant_id = ? AND key {in}", tenant_id, driver.many(keys))
    )
