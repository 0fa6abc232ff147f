"""One shard of a nightly run, from its learners' rows to their assignments."""

from datetime import UTC, date, datetime

from attrs import frozen

from reinforce.daily import daily_plans
from reinforce.model.checks import from_micros, to_micros
from reinforce.model.days import day_number
from reinforce.model.plans import Plan, PlanningRules
from reinforce.publishing.publisher import Publisher, publisher
from reinforce.statements.facts import RefresherAssigned, RefresherExpired
from reinforce.statements.settings import XapiSettings
from reinforce.store.database import Database, Target
from reinforce.store.driver import Driver
from reinforce.store.locks import hold_tenant
from reinforce.store.parameters import present_of
from reinforce.store.planning import Definitions, LearnerRows, Plans
from reinforce.store.runs import Counts, Shard, claim_shard, keep_counts


@frozen
class ShardJob:
    """All that a worker needs to know, wherever it is.

    Attributes:
        shard: the learners.
        tenant: the tenant's key.
        tenant_id: its number.
        day: that is planned.
        rules: by which.
        written_at: the moment that the assignments bear, in microseconds: when the run was first begun, so that
            those of a resumed run don't differ.
        now: the moment that the shard's mark bears.
        schema: that holds the tables.
        xapi: in whose name what comes of it is told; None: it is not told.
        at: what counts as now for statements; None: when they are written.
    """

    shard: Shard
    tenant: str
    tenant_id: int
    day: date
    rules: PlanningRules
    written_at: int
    now: int
    schema: str | None
    xapi: XapiSettings | None = None
    at: datetime | None = None

    def clock(self) -> int:
        """When a statement is stored."""
        return to_micros(self.at or datetime.now(UTC))


@frozen
class Worker:
    """Does shards in a database; it can be sent to other processes if its target can.

    Attributes:
        target: a URL, or the engine or connection of this process.
    """

    target: Target

    def __call__(self, job: ShardJob) -> bool:
        """Do a shard with a connection of its own; False: it was done already."""
        database = Database(self.target, job.schema)
        try:
            return do_shard(database, job)
        finally:
            database.close()


def do_shard(database: Database, job: ShardJob) -> bool:
    """Plan a shard's learners and write what they are to do; False: it was done already.

    Read and worked out first, then claimed and written in one short transaction, so that nobody waits for the
    planning. Who was there first is settled by the claim: what a second one worked out is thrown away.
    """
    with database.read() as connection:
        hold_tenant(Driver(connection, job.schema), job.tenant_id)
        store = Plans(connection, database.tables, job.tenant_id)
        known = store.definitions(present_of(Driver(connection, job.schema), job.tenant_id).belief)
        rows = _rows(store, known, job)
    plans = daily_plans(known, rows, tenant=job.tenant, day=job.day, rules=job.rules)
    with database.write() as connection:
        hold_tenant(Driver(connection, job.schema), job.tenant_id)
        store = Plans(connection, database.tables, job.tenant_id)
        store.keep_learners()
        if not claim_shard(connection, database.tables, job.shard, job.now):
            return False
        teller = publisher(Driver(connection, job.schema), (job.tenant_id, job.tenant), job.xapi, job.clock)
        counts = _write(store, known, rows, plans, job, teller)
        keep_counts(connection, database.tables, job.shard, counts)
        return True


def _rows(store: Plans, known: Definitions, job: ShardJob) -> LearnerRows:
    first, last = job.shard.first_learner_id, job.shard.last_learner_id
    cool_down_days = max(known.longest_cool_down, job.rules.cool_down_days)
    return store.rows_of_range(known, first, last, day_number(job.day), cool_down_days)


def _write(
    store: Plans, known: Definitions, rows: LearnerRows, plans: list[Plan], job: ShardJob, teller: Publisher | None
) -> Counts:
    first, last = job.shard.first_learner_id, job.shard.last_learner_id
    expired = store.expire(first, last, day_number(job.day), job.written_at)
    given = store.write(known, rows, plans, job.written_at)
    if teller is not None:
        at = from_micros(job.written_at)
        teller.refreshers(RefresherExpired, store.several(expired), at)
        teller.dropped(known, rows, day_number(job.day), at)
        teller.refreshers(RefresherAssigned, given, at)
    return Counts(
        learners=len(rows.learners),
        planned=sum(bool(plan.assignments) for plan in plans),
        assignments=sum(len(plan.assignments) for plan in plans),
        expired=len(expired),
    )
