"""The nightly run: what everyone should refresh on the day that begins."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from functools import partial

from attrs import evolve, frozen

from reinforce.calibrating import learn
from reinforce.errors import InvalidSettings, InvalidValue, NotFound, ReinforceError, RunInProgress
from reinforce.jobs.executors import results
from reinforce.jobs.shard import ShardJob, Worker, do_shard
from reinforce.model.checks import require_aware, require_date, to_micros
from reinforce.model.days import day_number
from reinforce.model.plans import NightlySummary, PlanningRules
from reinforce.statements.settings import XapiSettings
from reinforce.store.database import Database, Target
from reinforce.store.driver import Driver
from reinforce.store.job_locks import is_in_memory, job_lock
from reinforce.store.locks import hold_tenant
from reinforce.store.runs import (
    Run,
    Shard,
    begin_run,
    count_shards,
    finish_run,
    total_counts,
    unfinished_shards,
)
from reinforce.store.tenants import all_tenants
from reinforce.store.version import require_current

JOB = "nightly"
IN_PROGRESS = "another run is at work on this tenant; it was left to that run"
SHARD_SIZE = 2000
HALF_A_DAY = timedelta(hours=12)

Progress = Callable[[str, int, int], None]


class ExitCode(IntEnum):
    """What a program that runs the job should end with."""

    DONE = 0
    FAILED = 1
    IN_PROGRESS = 4


def nightly(
    database: Target,
    *,
    schema: str | None = None,
    tenants: Sequence[str] | None = None,
    as_of: date | None = None,
    rules: PlanningRules = PlanningRules(),  # noqa: B008 -- it is frozen
    executor: Executor | None = None,
    shard_size: int = SHARD_SIZE,
    xapi: XapiSettings | None = None,
    on_progress: Progress | None = None,
    at: datetime | None = None,
) -> list[NightlySummary]:
    """Plan a day for everyone: write assignments, and close those that have expired.

    There is one run for each tenant and day. Killed at any moment and begun again, it goes on where it was and ends
    as if nothing had happened; once it is finished it changes nothing any more, and its summary shows no learners
    that were looked at. A plan for a day is made once: practice that comes later shows in the next day's plan.

    A tenant's failure is told in its summary and keeps no other tenant from its plan. Likewise, a tenant at which
    another process is at work is left to that process.

    Args:
        database: a URL, an engine or the host's open connection. A connection is neither committed nor rolled back,
            and takes no executor.
        schema: that holds the tables.
        tenants: whose learners are planned; None: everyone's.
        as_of: the calendar date to plan, the same for everyone, whatever their time zone. None: the one that
            begins around `at`, see `day_beginning`.
        rules: by which plans are made.
        executor: plans the shards; None: this process does. Processes and machines are sent the URL, so with
            those `database` must be one that works where they are.
        shard_size: how many learners are planned in one transaction. Plans don't depend on it.
        xapi: that what comes of it is told as xAPI statements, and in whose name: the same as the `Reinforcer`s have.
        on_progress: called with the tenant, the shards that are done and the shards that there are.
        at: what counts as now.

    Returns:
        A summary for each tenant, by its key, or in the order of `tenants`.

    Raises:
        SchemaMissing: the database has no tables; or SchemaOutdated, SchemaTooNew.
        InvalidValue: the date or the size of the shards makes no sense.
        InvalidSettings: the database and the executor don't go together.
    """
    moment = datetime.now(UTC) if at is None else require_aware(at, "at")
    if as_of is not None:
        require_date(as_of, "as_of")
    if shard_size < 1:
        raise InvalidValue(f"shard_size must be at least 1, not {shard_size!r}")
    opened = Database(database, schema)
    try:
        require_current(opened)
        _require_fit(opened, executor)
        day = as_of or day_beginning(moment)
        night = _Night(opened, database, executor, day, rules, shard_size, xapi, on_progress, at)
        return [night.summary(tenant) for tenant in night.tenants(tenants)]
    finally:
        opened.close()


def day_beginning(moment: datetime) -> date:
    """The calendar date that a run at that moment is for: the one whose midnight in UTC is nearest.

    Clocks differ from UTC by about half a day at most. So a job at 01:00 of its team's clock plans the day that
    begins, in Tokyo, Berlin and Los Angeles alike, and so does one that runs late in the evening before.
    """
    return (moment.astimezone(UTC) + HALF_A_DAY).date()


def exit_code(summaries: Sequence[NightlySummary]) -> ExitCode:
    """What a program should end with after these summaries: a failure weighs more than somebody else's run."""
    errors = {summary.error for summary in summaries if summary.error is not None}
    if errors - {IN_PROGRESS}:
        return ExitCode.FAILED
    return ExitCode.IN_PROGRESS if errors else ExitCode.DONE


def _require_fit(opened: Database, executor: Executor | None) -> None:
    if executor is None:
        return
    if opened.is_hosted:
        raise InvalidSettings(
            "an open connection cannot be shared with an executor: leave the executor out, or pass the URL"
        )
    if not opened.owns_engine and not isinstance(executor, ThreadPoolExecutor):
        raise InvalidSettings(
            "an engine cannot be sent to another process or machine: pass the URL, or use a ThreadPoolExecutor"
        )
    if is_in_memory(opened):
        raise InvalidSettings("a database in memory cannot be shared with an executor: leave the executor out")


@frozen(eq=False)
class _Night:
    """What is the same for all tenants of a run."""

    database: Database
    target: Target
    executor: Executor | None
    day: date
    rules: PlanningRules
    shard_size: int
    xapi: XapiSettings | None
    on_progress: Progress | None
    at: datetime | None

    def tenants(self, wanted: Sequence[str] | None) -> list[tuple[str, int | None]]:
        """Key and number of each tenant; one that there is not has no number."""
        with self.database.read() as connection:
            known = {key: number for number, key in all_tenants(connection, self.database.tables)}
        return [(key, known.get(key)) for key in dict.fromkeys(known if wanted is None else wanted)]

    def summary(self, tenant: tuple[str, int | None]) -> NightlySummary:
        """Run one tenant, whatever comes."""
        key, number = tenant
        try:
            if number is None:
                raise NotFound(f"there is no tenant {key!r}")
            with job_lock(self.database, number, JOB):
                return self._run(key, number)
        except RunInProgress:
            return NightlySummary(key, self.day, error=IN_PROGRESS)
        except Exception as problem:
            return NightlySummary(key, self.day, error=_said(problem))

    def _run(self, tenant: str, tenant_id: int) -> NightlySummary:
        tables = self.database.tables
        with self.database.write() as connection:
            hold_tenant(Driver(connection, self.database.schema), tenant_id)
            run = begin_run(connection, tables, tenant_id, JOB, day_number(self.day), self._now(), self.shard_size)
            left = unfinished_shards(connection, tables, run.id)
            total = count_shards(connection, tables, run.id)
        if not run.is_finished:
            learn(self.database, tenant_id, self._now())
        error = self._do(tenant, tenant_id, run, left, total)
        with self.database.write() as connection:
            finish_run(connection, tables, run.id, self._now())
            done = total_counts(connection, tables, run.id)
        summary = NightlySummary(tenant, self.day, assignments=done.assignments, error=error)
        if run.is_finished:
            return evolve(summary, repeated=True)
        return evolve(
            summary, learners=done.learners, planned=done.planned, expired=done.expired, resumed=run.attempts > 1
        )

    def _do(self, tenant: str, tenant_id: int, run: Run, left: Sequence[Shard], total: int) -> str | None:
        """Do the shards that are left; what went wrong."""
        jobs = [
            ShardJob(
                shard,
                tenant,
                tenant_id,
                self.day,
                self.rules,
                run.started_at,
                self._now(),
                self.database.schema,
                self.xapi,
                self.at,
            )
            for shard in left
        ]
        self._tell(tenant, total - len(left), total)
        faults: list[tuple[int, str]] = []
        for n, (job, result) in enumerate(results(self.executor, self._worker(), jobs), 1):
            if isinstance(result, Exception):
                faults.append((job.shard.number, _said(result)))
            self._tell(tenant, total - len(left) + n, total)
        if not faults:
            return None
        number, said = min(faults)
        return f"{len(faults)} of {total} shards failed and are left for the next try; shard {number}: {said}"

    def _worker(self) -> Callable[[ShardJob], bool]:
        return Worker(self.target) if self.executor is not None else partial(do_shard, self.database)

    def _tell(self, tenant: str, done: int, total: int) -> None:
        if self.on_progress is not None:
            self.on_progress(tenant, done, total)

    def _now(self) -> int:
        return to_micros(datetime.now(UTC) if self.at is None else self.at)


def _said(problem: Exception) -> str:
    return str(problem) if isinstance(problem, ReinforceError) else f"{type(problem).__name__}: {problem}"
