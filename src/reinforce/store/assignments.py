"""Assignments as the database holds them, back as the values that were planned."""

import json
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, select

from reinforce.errors import UnknownLearner
from reinforce.model.days import date_of
from reinforce.model.plans import Assignment, AssignmentStatus
from reinforce.store.schema import Tables


def assignment_rows(tables: Tables) -> Select[Any]:
    """All assignments, with the keys that their numbers stand for."""
    table, learner, refresher = tables.assignment, tables.learner, tables.refresher
    return (
        select(table, learner.c.key.label("learner"), refresher.c.key.label("refresher"))
        .join(learner, learner.c.id == table.c.learner_id)
        .join(refresher, refresher.c.id == table.c.refresher_id)
    )


def assignment_of(row: Row[Any]) -> Assignment:
    """The assignment of a row."""
    return Assignment(
        id=row.id.hex(),
        learner=row.learner,
        refresher=row.refresher,
        title=row.title,
        day=date_of(row.day),
        expires=date_of(row.expires_day),
        skills=tuple(json.loads(row.skills)),
        minutes=row.minutes,
        reason=row.reason,
        value=row.value,
        status=AssignmentStatus(row.status),
    )


def assignments_of(
    connection: Connection, tables: Tables, tenant: str, learner: str, status: AssignmentStatus | None
) -> list[Assignment]:
    """A learner's assignments, by day and in the order in which they should be taken, in one query.

    Args:
        connection: to read with.
        tables: for SQLAlchemy.
        tenant: key of whose.
        learner: key of the person.
        status: only those that stand so; None: all.

    Raises:
        UnknownLearner: the tenant has none of that key.
    """
    table, person, refresher = tables.assignment, tables.learner, tables.refresher
    is_wanted = table.c.learner_id == person.c.id
    query = (
        select(table, person.c.key.label("learner"), refresher.c.key.label("refresher"))
        .select_from(person)
        .join(tables.tenant, tables.tenant.c.id == person.c.tenant_id)
        .outerjoin(table, is_wanted if status is None else and_(is_wanted, table.c.status == status))
        .outerjoin(refresher, refresher.c.id == table.c.refresher_id)
        .where(tables.tenant.c.key == tenant, person.c.key == learner, person.c.erased_at.is_(None))
        .order_by(table.c.day, table.c.position)
    )
    rows = connection.execute(query).all()
    if not rows:
        raise UnknownLearner(f"there is no learner {learner!r}")
    return [assignment_of(row) for row in rows if row.id is not None]
