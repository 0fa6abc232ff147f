"""Questions about memory, one query each."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from attrs import frozen

from reinforce.errors import UnknownLearner, UnknownSkill
from reinforce.model.checks import time_zone
from reinforce.model.days import date_of, day_number, day_of
from reinforce.model.memory import DueSkill, Forecast, MemoryState
from reinforce.store.course import Belief
from reinforce.store.driver import Driver, Row
from reinforce.store.folding import MEMORY_COLUMNS
from reinforce.store.generation import recall, sight
from reinforce.store.ids import occurred_at
from reinforce.store.logged import LOGGED_COLUMNS, LOGGED_JOINS, LoggedRow
from reinforce.store.many_pairs import states_of
from reinforce.store.pair_rows import MemoryRow
from reinforce.store.parameters import ParameterSet, parameter_set

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


def recalls(driver: Driver, tenant_id: int, belief: Belief, memories: Sequence[MemoryRow], day: int) -> list[float]:
    """The probability of recall of memories on a calendar day, as it is believed."""
    seen = sight(driver, tenant_id, belief.stamp, {row.learner_id for row in memories}) if memories else None
    elapsed = np.array([day - row.last_day for row in memories], dtype=np.float64)
    found = recall(belief.forgetting, seen, ([row[:2] for row in memories], states_of(memories)), elapsed)
    return found.tolist()  # type: ignore[no-any-return]


def due_skills(
    driver: Driver, tenant_id: int, learner: str, at: datetime, within_days: int, belief: Belief
) -> list[DueSkill]:
    """What a learner should refresh by the day of `at` or so many days later, least remembered first.

    Raises:
        UnknownLearner: the tenant has none of that key.
    """
    latest = day_of(at + FURTHEST_ZONE, time_zone("UTC"), 0) + within_days
    rows = driver.rows(
        f"SELECT l.time_zone, l.day_starts_at, s.key, s.title, {MEMORY_COLUMNS} FROM {{learner}} l"
        " LEFT JOIN {memory} m ON m.learner_id = l.id AND m.due_day <= ?"
        " LEFT JOIN {skill} s ON s.id = m.skill_id WHERE l.tenant_id = ? AND l.key = ?",
        latest,
        tenant_id,
        learner,
    )
    if not rows:
        raise UnknownLearner(f"there is no learner {learner!r}")
    today = day_of(at, time_zone(rows[0][0]), rows[0][1])
    named = [(row[2], row[3], MemoryRow._make(row[4:])) for row in rows if row[4] is not None]
    due = [one for one in named if one[2].due_day <= today + within_days]
    left = recalls(driver, tenant_id, belief, [memory for _, _, memory in due], today)
    found = [
        DueSkill(learner, key, title, date_of(memory.due_day), today - memory.due_day, recall, memory.stability)
        for (key, title, memory), recall in zip(due, left, strict=True)
    ]
    return sorted(found, key=lambda skill: (skill.retrievability, skill.due, skill.skill))


@frozen
class Evidence:
    """All that there is to say why a skill is due.

    Attributes:
        today: the learner's calendar day of the moment that was asked for.
        memory: None: never practised.
        logged: the last events, newest first.
    """

    learner_id: int
    skill_id: int
    title: str
    desired_retention: float
    today: int
    memory: MemoryRow | None
    parameters: ParameterSet
    logged: Sequence[tuple[LoggedRow, Row]]


def evidence(driver: Driver, tenant_id: int, learner: str, skill: str, at: datetime, last: int) -> Evidence:
    """Memory, parameters and the last events of a pair.

    Raises:
        UnknownLearner, UnknownSkill: the tenant has none of that key.
    """
    rows = driver.rows(
        f"SELECT l.id, l.time_zone, l.day_starts_at, s.id, s.title, s.desired_retention,"
        f" p.id, p.algorithm, p.document, {MEMORY_COLUMNS}, x.*"
        " FROM {tenant} t"
        " LEFT JOIN {learner} l ON l.tenant_id = t.id AND l.key = ?"
        " LEFT JOIN {skill} s ON s.tenant_id = t.id AND s.key = ?"
        " LEFT JOIN {memory} m ON m.learner_id = l.id AND m.skill_id = s.id"
        " LEFT JOIN {parameter_set} p ON p.id = COALESCE(m.parameter_set_id, t.parameter_set_id)"
        f" LEFT JOIN (SELECT r.day, r.rating, r.weight, r.implicit, {LOGGED_COLUMNS}"
        " FROM {review} r JOIN {practice_event} e ON e.tenant_id = ? AND e.id = r.event_id" + LOGGED_JOINS +
        " WHERE r.learner_id = (SELECT id FROM {learner} WHERE tenant_id = ? AND key = ?)"
        " AND r.skill_id = (SELECT id FROM {skill} WHERE tenant_id = ? AND key = ?)"
        " ORDER BY r.event_id DESC LIMIT ?) x ON 1 = 1"
        " WHERE t.id = ?",
        learner, skill, tenant_id, tenant_id, learner, tenant_id, skill, last, tenant_id,
    )  # fmt: skip
    if not rows:  # nothing was ever kept for the tenant
        raise UnknownLearner(f"there is no learner {learner!r}")
    learner_id, zone, day_starts_at, skill_id, title, retention, number, algorithm, text = rows[0][:9]
    if learner_id is None:
        raise UnknownLearner(f"there is no learner {learner!r}")
    if skill_id is None:
        raise UnknownSkill(f"there is no skill {skill!r}")
    first_logged = 9 + len(MemoryRow._fields)
    memory = MemoryRow._make(rows[0][9:first_logged]) if rows[0][9] is not None else None
    logged = [
        (LoggedRow._make(row[first_logged + 4 :]), row[first_logged : first_logged + 4])
        for row in rows
        if row[first_logged] is not None
    ]
    return Evidence(
        learner_id,
        skill_id,
        title,
        retention,
        day_of(at, time_zone(zone), day_starts_at),
        memory,
        parameter_set(number, algorithm, text),
        sorted(logged, key=lambda one: one[0].id, reverse=True),
    )


def memory_of(driver: Driver, tenant_id: int, learner: str, skill: str) -> tuple[MemoryRow, str] | None:
    """The memory row of a pair, with its algorithm; None: never practised."""
    rows = driver.rows(
        f"SELECT {MEMORY_COLUMNS}, p.algorithm FROM {{learner}} l JOIN {{skill}} s ON s.tenant_id = l.tenant_id"
        " JOIN {memory} m ON m.learner_id = l.id AND m.skill_id = s.id"
        " JOIN {parameter_set} p ON p.id = m.parameter_set_id"
        " WHERE l.tenant_id = ? AND l.key = ? AND s.key = ?",
        tenant_id,
        learner,
        skill,
    )
    return (MemoryRow._make(rows[0][:-1]), rows[0][-1]) if rows else None


def forecasts(driver: Driver, tenant_id: int, needs: dict[str, set[str]], day: date, belief: Belief) -> list[Forecast]:
    """What learners will remember on a day: of every skill that they practised, or that they need.

    Args:
        driver: to read with.
        tenant_id: whose.
        needs: for each learner's key, keys of skills that count even if never practised.
        day: the learners' calendar day.
        belief: what probabilities are computed with.
    """
    rows = driver.rows(
        f"SELECT l.key, s.key, s.title, {MEMORY_COLUMNS} FROM {{learner}} l"
        " JOIN {memory} m ON m.learner_id = l.id JOIN {skill} s ON s.id = m.skill_id"
        " WHERE l.tenant_id = ? AND l.key {in}",
        tenant_id,
        driver.many(needs),
    )
    memories = [MemoryRow._make(row[3:]) for row in rows]
    left = recalls(driver, tenant_id, belief, memories, day_number(day))
    found = {
        (row[0], row[1]): Forecast(row[0], row[1], row[2], day, recall, date_of(memory.due_day))
        for row, memory, recall in zip(rows, memories, left, strict=True)
    }
    never = {(learner, skill) for learner, skills in needs.items() for skill in skills} - set(found)
    if never:
        titles: dict[str, Any] = dict(
            driver.rows(
                "SELECT key, title FROM {skill} WHERE tenant_id = ? AND key {in}",
                tenant_id,
                driver.many({skill for _, skill in never}),
            )
        )
        found.update(
            ((learner, skill), Forecast(learner, skill, titles.get(skill, skill), day, None, None))
            for learner, skill in never
        )
    return [found[pair] for pair in sorted(found)]
