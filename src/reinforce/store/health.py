"""What an examination asks of a database."""

from datetime import UTC, datetime

from attrs import frozen

from reinforce.model.checks import from_micros
from reinforce.model.plans import AssignmentStatus
from reinforce.store.driver import Driver
from reinforce.store.ids import occurred_at

_OF_TENANT = "tenant_id = (SELECT id FROM {tenant} WHERE key = ?)"


@frozen
class Counts:
    """How much of everything a tenant has; erased people don't count."""

    learners: int
    skills: int
    refreshers: int
    events: int
    memories: int


@frozen
class LastRun:
    """A tenant's last run of a job; `finished_at` is None while it is not finished."""

    started_at: datetime
    finished_at: datetime | None


def journal_mode(driver: Driver) -> str | None:
    """SQLite's journal mode; None on PostgreSQL, which has none."""
    return str(driver.rows("PRAGMA journal_mode")[0][0]) if driver.dialect == "sqlite" else None


def server_clock(driver: Driver) -> datetime | None:
    """What time it is on the database's machine; None on SQLite, which has no machine of its own."""
    if driver.dialect == "sqlite":
        return None
    moment: datetime = driver.rows("SELECT now()")[0][0]
    return moment.astimezone(UTC)


def newest_practice(driver: Driver) -> datetime | None:
    """When the latest event of all tenants occurred."""
    newest = driver.rows("SELECT id FROM {practice_event} ORDER BY id DESC LIMIT 1")
    return occurred_at(newest[0][0]) if newest else None


def counts_of(driver: Driver, tenant: str) -> Counts:
    """How much a tenant has."""
    query = (
        f"SELECT (SELECT count(*) FROM {{learner}} WHERE {_OF_TENANT} AND erased_at IS NULL),"
        f" (SELECT count(*) FROM {{skill}} WHERE {_OF_TENANT}),"
        f" (SELECT count(*) FROM {{refresher}} WHERE {_OF_TENANT}),"
        f" (SELECT count(*) FROM {{practice_event}} WHERE {_OF_TENANT}),"
        f" (SELECT count(*) FROM {{memory}} m JOIN {{learner}} l ON l.id = m.learner_id WHERE l.{_OF_TENANT})"
    )
    return Counts(*driver.rows(query, *[tenant] * query.count("?"))[0])


def forgotten_assignments(driver: Driver, tenant: str, day: int) -> int:
    """How many assignments are open although they expired by a calendar day."""
    rows = driver.rows(
        f"SELECT count(*) FROM {{assignment}} WHERE {_OF_TENANT} AND status = ? AND expires_day <= ?",
        tenant,
        AssignmentStatus.OPEN.value,
        day,
    )
    return int(rows[0][0])


def last_run(driver: Driver, tenant: str, job: str) -> LastRun | None:
    """The run of the latest day; None: the job never ran."""
    rows = driver.rows(
        f"SELECT started_at, finished_at FROM {{job_run}} WHERE {_OF_TENANT} AND job = ? ORDER BY day DESC LIMIT 1",
        tenant,
        job,
    )
    if not rows:
        return None
    started, finished = rows[0]
    return LastRun(from_micros(started), None if finished is None else from_micros(finished))
