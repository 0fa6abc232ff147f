"""Runs of a job: one for each tenant and day, cut into shards.

The rows are the truth about what is done. A shard's work and its mark are one transaction, so whoever is killed
at whatever moment leaves shards that are done and shards that were never begun.
"""

import json
from itertools import pairwise
from typing import Any

from attrs import asdict, frozen
from sqlalchemy import Connection, Table, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from reinforce.store.schema import Tables


@frozen
class Run:
    """One tenant's run for one day.

    Attributes:
        started_at: when it was first begun, in microseconds.
        attempts: how often it was begun.
        is_finished: whether all its shards were done already.
    """

    id: int
    started_at: int
    attempts: int
    is_finished: bool


@frozen
class Shard:
    """A part of a run: the learners with the numbers from `first_learner_id` to `last_learner_id`."""

    run_id: int
    number: int
    first_learner_id: int
    last_learner_id: int


@frozen
class Counts:
    """What was done in a shard, or in several."""

    learners: int = 0
    planned: int = 0
    assignments: int = 0
    expired: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.learners + other.learners,
            self.planned + other.planned,
            self.assignments + other.assignments,
            self.expired + other.expired,
        )


def begin_run(
    connection: Connection, tables: Tables, tenant_id: int, job: str, day: int, now: int, shard_size: int
) -> Run:
    """Begin a tenant's run for a day, or go on with the one that was begun; a finished one stays as it is.

    A new run is cut into shards of `shard_size` learners.
    """
    table = tables.job_run
    key = {"tenant_id": tenant_id, "job": job, "day": day}
    is_new = _insert_if_new(connection, table, {**key, "started_at": now, "attempts": 0})
    row = connection.execute(select(table).filter_by(**key).with_for_update()).one()
    if is_new:
        _cut_into_shards(connection, tables, tenant_id, row.id, shard_size)
    if row.finished_at is None:
        connection.execute(update(table).where(table.c.id == row.id).values(attempts=table.c.attempts + 1))
        return Run(row.id, row.started_at, row.attempts + 1, is_finished=False)
    return Run(row.id, row.started_at, row.attempts, is_finished=True)


def _insert_if_new(connection: Connection, table: Table, values: dict[str, Any]) -> bool:
    dialect_insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    done = connection.execute(dialect_insert(table).values(values).on_conflict_do_nothing().returning(table.c.id))
    return done.first() is not None


def _cut_into_shards(connection: Connection, tables: Tables, tenant_id: int, run_id: int, shard_size: int) -> None:
    """Write the shards of a new run. Those who are not active have a place in them too: what is open for them
    expires.
    """
    learner = tables.learner
    everyone = connection.scalars(
        select(learner.c.id).where(learner.c.tenant_id == tenant_id).order_by(learner.c.id)
    ).all()
    bounds = [*everyone[::shard_size], everyone[-1] + 1] if everyone else []
    rows = [
        {"run_id": run_id, "shard": number, "first_learner_id": first, "last_learner_id": after - 1}
        for number, (first, after) in enumerate(pairwise(bounds))
    ]
    if rows:
        connection.execute(insert(tables.job_shard), rows)


def unfinished_shards(connection: Connection, tables: Tables, run_id: int) -> list[Shard]:
    """The shards of a run that are not done, in their order."""
    table = tables.job_shard
    query = (
        select(table.c.run_id, table.c.shard, table.c.first_learner_id, table.c.last_learner_id)
        .where(table.c.run_id == run_id, table.c.finished_at.is_(None))
        .order_by(table.c.shard)
    )
    return [Shard(*row) for row in connection.execute(query)]


def count_shards(connection: Connection, tables: Tables, run_id: int) -> int:
    """How many shards a run has, done or not."""
    table = tables.job_shard
    return connection.execute(select(func.count()).select_from(table).where(table.c.run_id == run_id)).scalar_one()


def claim_shard(connection: Connection, tables: Tables, shard: Shard, now: int) -> bool:
    """Mark a shard as done by this transaction; False: another has done it.

    Whoever comes second while the first is still at work waits for how it ends. The mark is kept only if all
    that the transaction does besides is kept.
    """
    table = tables.job_shard
    done = connection.execute(
        update(table)
        .where(table.c.run_id == shard.run_id, table.c.shard == shard.number, table.c.finished_at.is_(None))
        .values(finished_at=now)
    )
    return done.rowcount == 1


def keep_counts(connection: Connection, tables: Tables, shard: Shard, counts: Counts) -> None:
    """Write down what was done in a shard."""
    table = tables.job_shard
    connection.execute(
        update(table)
        .where(table.c.run_id == shard.run_id, table.c.shard == shard.number)
        .values(counts=json.dumps(asdict(counts)))
    )


def finish_run(connection: Connection, tables: Tables, run_id: int, now: int) -> None:
    """Mark a run as finished, if all its shards are done."""
    table, shard = tables.job_run, tables.job_shard
    left = select(shard.c.run_id).where(shard.c.run_id == run_id, shard.c.finished_at.is_(None)).exists()
    connection.execute(
        update(table).where(table.c.id == run_id, table.c.finished_at.is_(None), ~left).values(finished_at=now)
    )


def total_counts(connection: Connection, tables: Tables, run_id: int) -> Counts:
    """What was done in a run so far, by whatever attempt."""
    table = tables.job_shard
    texts = connection.scalars(select(table.c.counts).where(table.c.run_id == run_id, table.c.counts.is_not(None)))
    return sum((Counts(**json.loads(each)) for each in texts), start=Counts())
