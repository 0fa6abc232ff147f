"""The nightly run: `nightly`."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Annotated

import typer

from reinforce.cli import exit_codes
from reinforce.cli.command import Session, as_date, command, now
from reinforce.cli.database import opened
from reinforce.cli.known_tenants import known_named
from reinforce.cli.output import Column, counted
from reinforce.cli.progress import progress
from reinforce.jobs.night import ExitCode, exit_code
from reinforce.jobs.night import nightly as plan_everyone
from reinforce.model.plans import NightlySummary
from reinforce.store.tenants import require_tenant


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    command(app)(nightly)


def nightly(
    session: Session,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="The day to plan; else the one that begins.")
    ] = None,
    workers: Annotated[int, typer.Option(metavar="COUNT", min=1, help="Processes that plan at the same time.")] = 1,
) -> None:
    """Plan a day for everyone.

    Writes the assignments, and closes those that have expired. Safe to run again: a finished day changes
    nothing, and a run that was cut off goes on where it was. Without a tenant, every tenant is planned.
    """
    settings, output = session.settings, session.output
    session.require_database()
    _require_tenant(session)
    started = now()
    with progress("planning") as bar, _executor(workers) as executor:
        summaries = plan_everyone(
            settings.database,
            schema=settings.schema,
            tenants=settings.tenants,
            as_of=as_date(as_of, "--as-of"),
            rules=settings.planning,
            xapi=settings.xapi,
            executor=executor,
            on_progress=lambda tenant, done, total: bar(done, total, f"planning {tenant}"),
            at=started,
        )
    if output.is_json:
        output.document({"is_ok": all(one.error is None for one in summaries), "tenants": summaries})
    else:
        _show(session, summaries)
    _end(summaries)


def _require_tenant(session: Session) -> None:
    """Refuse a tenant that is not there: a run that failed is worth another try, and this one is not."""
    for tenant in session.settings.tenants or ():
        with known_named(session.settings), opened(session.settings) as database, database.read() as connection:
            require_tenant(connection, database.tables, tenant)


@contextmanager
def _executor(workers: int) -> Iterator[Executor | None]:
    if workers == 1:
        yield None
        return
    with ProcessPoolExecutor(workers) as executor:
        yield executor


def _show(session: Session, summaries: Sequence[NightlySummary]) -> None:
    if not summaries:
        session.output.message("there are no tenants yet: nothing to plan")
        return
    assignments = sum(one.assignments for one in summaries)
    day = summaries[0].day
    written = f"{counted(assignments, 'assignment')} for {counted(len(summaries), 'tenant')}"
    session.output.heading(f"{day:%A}, {day}: {written}")
    session.output.table(
        (
            Column("tenant", "tenant"),
            Column("day", "day"),
            Column("learners", "learners", "{:,}".format, is_number=True),
            Column("planned", "planned", "{:,}".format, is_number=True),
            Column("assignments", "assignments", "{:,}".format, is_number=True),
            Column("expired", "expired", "{:,}".format, is_number=True),
            Column("outcome", ""),
        ),
        [
            (one.tenant, one.day, one.learners, one.planned, one.assignments, one.expired, _outcome(one))
            for one in summaries
        ],
    )


def _outcome(summary: NightlySummary) -> str:
    if summary.error is not None:
        return summary.error
    if summary.resumed:
        return "done, after an earlier try was cut off"
    return "was done before" if summary.repeated else "done"


def _end(summaries: Sequence[NightlySummary]) -> None:
    code = exit_code(summaries)
    if code is ExitCode.IN_PROGRESS:
        raise typer.Exit(exit_codes.RUN_IN_PROGRESS)
    if code is not ExitCode.DONE:
        raise typer.Exit(exit_codes.NEEDS_ATTENTION)
