"""Who and what numbers and keys stand for, as far as it is told to others: one query for all of them."""

from collections.abc import Collection, Mapping
from functools import lru_cache

from attrs import frozen

from reinforce.model.library import Refresher
from reinforce.model.people import Learner
from reinforce.model.skills import Skill
from reinforce.store.documents import value_of
from reinforce.store.driver import Driver

_PEOPLE, _SKILLS, _REFRESHERS = range(3)
_SELECT = (
    "SELECT 0, id, document, '' FROM {learner} WHERE ",
    "SELECT 1, id, key, title FROM {skill} WHERE ",
    "SELECT 2, id, document, '' FROM {refresher} WHERE ",
)


@frozen(eq=False)
class Labels:
    """People, skills and refreshers by number. Of a skill, only key and title are known."""

    people: Mapping[int, Learner]
    skills: Mapping[int, Skill]
    refreshers: Mapping[int, Refresher]

    @property
    def people_by_key(self) -> dict[str, Learner]:
        """The same people by key."""
        return {one.key: one for one in self.people.values()}

    @property
    def skills_by_key(self) -> dict[str, Skill]:
        """The same skills by key."""
        return {one.key: one for one in self.skills.values()}


def labels(
    driver: Driver, people: Collection[int], skills: Collection[int], refreshers: Collection[int] = ()
) -> Labels:
    """What these numbers stand for."""
    parts: list[str] = []
    parameters: list[object] = []
    for select, numbers in zip(_SELECT, (people, skills, refreshers), strict=True):
        if len(numbers) == 1:
            parts.append(f"{select} id = ?")
            parameters.extend(numbers)
        elif numbers:
            parts.append(f"{select} id {{in}}")
            parameters.append(driver.many(numbers))
    return _labels(driver, parts, parameters)


def labels_of_keys(driver: Driver, tenant_id: int, people: Collection[str], skills: Collection[str]) -> Labels:
    """What these keys of a tenant stand for; those that it does not have are left out."""
    parts = [f"{select} tenant_id = ? AND key {{in}}" for select in _SELECT[:_REFRESHERS]]
    return _labels(driver, parts, [tenant_id, driver.many(people), tenant_id, driver.many(skills)])


def _labels(driver: Driver, parts: list[str], parameters: list[object]) -> Labels:
    people: dict[int, Learner] = {}
    skills: dict[int, Skill] = {}
    refreshers: dict[int, Refresher] = {}
    for kind, number, text, title in driver.rows(" UNION ALL ".join(parts), *parameters) if parts else ():
        if kind == _PEOPLE:
            people[number] = _learner(text)
        elif kind == _SKILLS:
            skills[number] = skill_of(text, title)
        else:
            refreshers[number] = _refresher(text)
    return Labels(people, skills, refreshers)


# Kept, because every record asks for them; a document that has changed is another text.


@lru_cache(maxsize=16384)
def _learner(document: str) -> Learner:
    return value_of(document, Learner)


@lru_cache(maxsize=16384)
def skill_of(key: str, title: str) -> Skill:
    """A skill of which no more is known."""
    return Skill(key, title)


@lru_cache(maxsize=4096)
def _refresher(document: str) -> Refresher:
    return value_of(document, Refresher)
