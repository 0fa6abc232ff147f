"""What is due, and what is remembered: one query each, which reads what holds for all of the tenant as well."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from reinforce.errors import UnknownLearner, UnknownSkill
from reinforce.forgetting.parameters import Forgetting
from reinforce.model.checks import time_zone
from reinforce.model.days import date_of, day_of
from reinforce.model.memory import DueSkill, MemoryState
from reinforce.store.driver import Driver, Row
from reinforce.store.folding import MEMORY_COLUMNS
from reinforce.store.generation import JOIN_OFFSET, Sight, recall, sight_of
from reinforce.store.ids import occurred_at
from reinforce.store.many_pairs import states_of
from reinforce.store.pair_rows import MemoryRow
from reinforce.store.parameters import JOIN_PRESENT, forgetting_of

FURTHEST_ZONE = timedelta(hours=15)
"""No place's clock is further ahead of UTC than 14 hours."""


def memory_state(row: MemoryRow, algorithm: str) -> MemoryState:
    """The value of a memory row."""
    return MemoryState(
        stability=row.stability,
        difficulty=row.difficulty,
        last_practised=date_of(row.last_day),
        due=date_of(row.due_day),
        reviews=row.reviews,
        lapses=row.lapses,
        last_event=occurred_at(row.last_event),
        algorithm=algorithm,
        parameter_set=row.parameter_set_id,
    )


def recalls(forgetting: Forgetting, sight: Sight | None, memories: Sequence[MemoryRow], day: int) -> list[float]:
    """The probability of recall of memories on a calendar day, as it is believed of the learners in sight."""
    elapsed = np.array([day - row.last_day for row in memories], dtype=np.float64)
    found = recall(forgetting, sight, ([row[:2] for row in memories], states_of(memories)), elapsed)
    return found.tolist()  # type: ignore[no-any-return]


def due_skills(driver: Driver, tenant: str, learner: str, at: datetime, within_days: int) -> list[DueSkill]:
    """What a learner should refresh by the day of `at` or so many days later, least remembered first.

    Raises:
        UnknownLearner: the tenant has none of that key.
    """
    latest = day_of(at + FURTHEST_ZONE, time_zone("UTC"), 0) + within_days
    rows = driver.rows(
        "SELECT t.id, l.id, o.value, l.time_zone, l.day_starts_at, p.document, k.stamp,"
        f" s.key, s.title, {MEMORY_COLUMNS}"
        f" FROM {{tenant}} t{JOIN_PRESENT} JOIN {{learner}} l ON l.tenant_id = t.id AND l.key = ?{JOIN_OFFSET}"
        " LEFT JOIN {memory} m ON m.learner_id = l.id AND m.due_day <= (SELECT CAST(? AS INTEGER))"
        " LEFT JOIN {skill} s ON s.id = m.skill_id WHERE t.key = ?",
        learner,
        latest,
        tenant,
    )
    if not rows:
        raise UnknownLearner(f"there is no learner {learner!r}")
    tenant_id, learner_id, offset, zone, day_starts_at, document, stamp = rows[0][:7]
    today = day_of(at, time_zone(zone), day_starts_at)
    named = [(*row[7:9], MemoryRow._make(row[9:])) for row in rows if row[7] is not None]
    due = [one for one in named if one[2].due_day <= today + within_days]
    sight = sight_of(driver, tenant_id, stamp, [(learner_id, offset)])
    left = recalls(forgetting_of(document), sight, [memory for _, _, memory in due], today)
    found = [
        DueSkill(learner, key, title, date_of(memory.due_day), today - memory.due_day, recall, memory.stability)
        for (key, title, memory), recall in zip(due, left, strict=True)
    ]
    return sorted(found, key=lambda skill: (skill.retrievability, skill.due, skill.skill))


def memory_of(driver: Driver, tenant: str, learner: str, skill: str) -> MemoryState | None:
    """What a learner remembers of a skill, as stored; None: never practised.

    Raises:
        UnknownLearner, UnknownSkill: the tenant has none of that key.
    """
    rows = driver.rows(
        f"SELECT l.id, s.id, p.algorithm, {MEMORY_COLUMNS} FROM {{tenant}} t{JOIN_PAIR}"
        " LEFT JOIN {parameter_set} p ON p.id = m.parameter_set_id WHERE t.key = ?",
        *(learner, skill, tenant),
    )
    require_pair(rows, learner, skill)
    algorithm, *memory = rows[0][2:]
    return None if algorithm is None else memory_state(MemoryRow._make(memory), algorithm)


JOIN_PAIR = (
    " LEFT JOIN {learner} l ON l.tenant_id = t.id AND l.key = ? LEFT JOIN {skill} s ON s.tenant_id = t.id AND s.key = ?"
    " LEFT JOIN {memory} m ON m.learner_id = l.id AND m.skill_id = s.id"
)
"""Of a query of a tenant `t` that selects the numbers of a learner and a skill first, for `require_pair`."""


def require_pair(rows: Sequence[Row], learner: str, skill: str) -> None:
    """Refuse a learner or a skill that no row has a number of.

    Raises:
        UnknownLearner, UnknownSkill: it is so.
    """
    if not rows or rows[0][0] is None:
        raise UnknownLearner(f"there is no learner {learner!r}")
    if rows[0][1] is None:
        raise UnknownSkill(f"there is no skill {skill!r}")
