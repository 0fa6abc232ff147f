"""What people will remember on a day, in one query over all of them.

A person's roles and a role's skills stand in the documents of their definitions, where the database looks for them:
nothing needs to be asked before.
"""

from datetime import date

from reinforce.errors import UnknownLearner
from reinforce.model.days import date_of, day_number
from reinforce.model.memory import Forecast
from reinforce.store.driver import Driver
from reinforce.store.folding import MEMORY_COLUMNS
from reinforce.store.generation import JOIN_OFFSET, sight_of
from reinforce.store.pair_rows import MemoryRow
from reinforce.store.parameters import JOIN_PRESENT, forgetting_of
from reinforce.store.reading import recalls
from reinforce.store.teams import INSIDE, members


def forecasts(
    driver: Driver, tenant: str, day: date, *, learner: str | None = None, team: str | None = None
) -> list[Forecast]:
    """What people will remember on a day: of every skill that they practised, or that their roles need.

    A memory tells of the days since its last practice alone. What was left of it on a day before is unknown, because it
    is not kept as it was then.

    Args:
        driver: to read with.
        tenant: key of whose.
        day: the learners' calendar day.
        learner: key of a person.
        team: key of a team, in place of a person: everyone in it and in the teams in it.

    Raises:
        UnknownLearner, UnknownTeam: the tenant has none of that key.
    """
    people = _members(driver) if learner is None else _PERSON
    rows = driver.rows(f"{people}, {_pairs(driver)} {_REMEMBERED}", tenant, team if learner is None else learner)
    if not rows:
        _require(driver, tenant, learner, team)
        return []
    tenant_id, document, stamp = rows[0][:3]
    sight = sight_of(driver, tenant_id, stamp, {row[3:5] for row in rows})
    memories = [None if row[8] is None else MemoryRow._make(row[8:]) for row in rows]
    number = day_number(day)
    told = [one for one in memories if one is not None and one.last_day <= number]
    recalled = recalls(forgetting_of(document), sight, told, number)
    left = {(one.learner_id, one.skill_id): p for one, p in zip(told, recalled, strict=True)}
    found = [
        Forecast(key, skill, title, day, None, None)
        if memory is None
        else Forecast(key, skill, title, day, left.get((memory.learner_id, memory.skill_id)), date_of(memory.due_day))
        for (key, skill, title), memory in zip((row[5:8] for row in rows), memories, strict=True)
    ]
    return sorted(found, key=lambda one: (one.learner, one.skill))


def _require(driver: Driver, tenant: str, learner: str | None, team: str | None) -> None:
    """Tell who has nothing to remember from who is not there."""
    if team is not None:
        members(driver, tenant, team)
    elif not driver.rows(f"{_PERSON} SELECT id FROM people", tenant, learner):
        raise UnknownLearner(f"there is no learner {learner!r}")


_PEOPLE = (
    "people AS (SELECT l.id, l.tenant_id, l.key, l.document, o.value AS added"
    f" FROM {{tenant}} t JOIN {{learner}} l ON l.tenant_id = t.id{JOIN_OFFSET} WHERE l.erased_at IS NULL AND "
)
_PERSON = f"WITH {_PEOPLE} t.key = ? AND l.key = ?)"


def _members(driver: Driver) -> str:
    found = driver.among("l.id", "SELECT b.learner_id FROM inside i JOIN {team_member} b ON b.team_id = i.id")
    return f"WITH RECURSIVE {INSIDE}, {_PEOPLE} {found})"


def _pairs(driver: Driver) -> str:
    """Who practised or needs which skill, among `people`.

    CROSS JOIN, because SQLite keeps to its order: left to itself, it reads each role once for every skill.
    """
    return (
        "held AS (SELECT p.id, p.tenant_id, p.key, p.added, role.value AS role FROM people p"
        f" CROSS JOIN {driver.listed('p.document', 'roles', 'role')}),"
        " needed AS MATERIALIZED (SELECT r.key AS role, s.id AS skill_id"
        " FROM (SELECT DISTINCT tenant_id, role FROM held) h CROSS JOIN {role_profile} r"
        f" CROSS JOIN {driver.keyed('r.document', 'skills', 'one')} CROSS JOIN {{skill}} s"
        " WHERE r.tenant_id = h.tenant_id AND r.key = h.role AND s.tenant_id = h.tenant_id AND s.key = one.key),"
        " pairs AS (SELECT h.id, h.tenant_id, h.key, h.added, n.skill_id FROM held h JOIN needed n ON n.role = h.role"
        " UNION SELECT p.id, p.tenant_id, p.key, p.added, m.skill_id"
        " FROM people p JOIN {memory} m ON m.learner_id = p.id)"
    )


_REMEMBERED = (
    f"SELECT t.id, p.document, k.stamp, x.id, x.added, x.key, s.key, s.title, {MEMORY_COLUMNS}"
    f" FROM pairs x JOIN {{tenant}} t ON t.id = x.tenant_id{JOIN_PRESENT} JOIN {{skill}} s ON s.id = x.skill_id"
    " LEFT JOIN {memory} m ON m.learner_id = x.id AND m.skill_id = x.skill_id"
)
