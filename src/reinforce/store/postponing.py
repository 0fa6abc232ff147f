"""What an adoption of parameters or a close has postponed, so that nobody stood before a wall.

A postponement says that a memory is due no earlier than on a day; see `forgetting.postponing`. It holds for the
parameters with which it was made, until the next close, and as long as nothing new is practised: then the log alone
says when the skill is due.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from reinforce.store.driver import Driver


class PostponementRow(NamedTuple):
    """A row of `postponement`."""

    learner_id: int
    skill_id: int
    parameter_set_id: int
    last_event: bytes
    until_day: int


_COLUMNS = ", ".join(PostponementRow._fields)


def postponements(driver: Driver, learners: Collection[int]) -> dict[tuple[int, int, int, bytes], int]:
    """Until when memories of these learners are postponed, by learner, skill, parameter set and last event."""
    rows = driver.rows(f"SELECT {_COLUMNS} FROM {{postponement}} WHERE learner_id {{in}}", driver.many(learners))
    return {row[:4]: row[4] for row in rows}


def replace_postponements(driver: Driver, learners: Collection[int], rows: Sequence[PostponementRow]) -> None:
    """Put postponements in the place of all that these learners had."""
    driver.run("DELETE FROM {postponement} WHERE learner_id {in}", driver.many(learners))
    driver.insert("postponement", PostponementRow._fields, rows)


def take_up_postponements(driver: Driver, rows: Sequence[PostponementRow]) -> None:
    """Write postponements that come from elsewhere."""
    driver.upsert(
        "postponement",
        PostponementRow._fields,
        rows,
        "(learner_id, skill_id) DO UPDATE SET parameter_set_id = excluded.parameter_set_id,"
        " last_event = excluded.last_event, until_day = excluded.until_day",
    )


def present_postponements(driver: Driver, tenant_id: int) -> list[tuple[str, str, bytes, int]]:
    """Learner, skill, last event and day of all that the tenant's present parameters postpone, by learner and skill."""
    return sorted(
        (learner, skill, bytes(last_event), until_day)
        for learner, skill, last_event, until_day in driver.rows(
            "SELECT l.key, s.key, p.last_event, p.until_day FROM {postponement} p"
            " JOIN {learner} l ON l.id = p.learner_id JOIN {skill} s ON s.id = p.skill_id"
            " JOIN {tenant} t ON t.id = l.tenant_id"
            " WHERE l.tenant_id = ? AND p.parameter_set_id = t.parameter_set_id",
            tenant_id,
        )
    )


def end_postponements(driver: Driver, tenant_id: int) -> None:
    """Nothing of the tenant is postponed any more."""
    driver.run(
        "DELETE FROM {postponement} WHERE learner_id IN (SELECT id FROM {learner} WHERE tenant_id = ?)", tenant_id
    )
