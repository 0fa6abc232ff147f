"""From the host's keys to our numbers, with what recording needs to know of each."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

from attrs import frozen

from reinforce.forgetting.interval import key_seed
from reinforce.model.checks import time_zone
from reinforce.store.course import COURSE, JOIN_CALIBRATION, Course
from reinforce.store.driver import Driver


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

    @classmethod
    def all_of(cls, by_id: Mapping[int, KnownSkill]) -> Self:
        """All skills of a tenant, as if events named each."""
        return cls({skill.key: skill for skill in by_id.values()}, by_id)


@lru_cache(maxsize=65536)
def person_of(key: str, number: int, zone: str, day_starts_at: int) -> Person:
    """The person of a row; kept, because so many records ask for the same."""
    return Person(number, time_zone(zone), day_starts_at, key_seed(key))


@lru_cache(maxsize=65536)
def plain_skill(number: int, key: str, retention: float) -> KnownSkill:
    """The skill of a row, which refreshes no others; kept likewise."""
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
    # One by one: PostgreSQL would hold each of a tenant's people against each of thousands of keys.
    found = driver.for_each("key", "learner", "x.tenant_id = ? AND x.key = one.value")
    rows = driver.rows(
        f"SELECT l.key, l.id, l.time_zone, l.day_starts_at, t.parameter_set_id, {COURSE}"
        f" FROM (SELECT x.* {found}) l JOIN {{tenant}} t ON t.id = l.tenant_id{JOIN_CALIBRATION}",
        driver.keys(keys),
        tenant_id,
    )
    return {row[0]: person_of(*row[:4]) for row in rows}, Made(rows[0][4], Course(*rows[0][5:])) if rows else None


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


def refreshers(driver: Driver, tenant_id: int, keys: Iterable[str]) -> dict[str, int]:
    """The numbers of the refreshers of these keys."""
    return dict(
        driver.rows("SELECT key, id FROM {refresher} WHERE tenant_id = ? AND key {in}", tenant_id, driver.many(keys))
    )
