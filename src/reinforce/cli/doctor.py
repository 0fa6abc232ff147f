"""Whether all is well: `doctor`."""

from collections.abc import Iterator, Sequence

import typer

from reinforce.cli.command import At, Session, as_moment, command, needs_attention, now
from reinforce.cli.database import opened
from reinforce.cli.examination import Finding, Patient, examine_database, examine_tenant
from reinforce.cli.known_tenants import tenants_of
from reinforce.cli.output import counted
from reinforce.errors import SchemaMissing
from reinforce.store.driver import Driver

MOST_KEYS = 5


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    command(app)(doctor)


def doctor(session: Session, at: At = None) -> None:
    """Look whether all is well.

    Says what to do where it is not; exit code 1 if there is something to do. Without a tenant, every tenant is
    looked at. It changes nothing.
    """
    findings = list(_findings(session, at))
    to_do = sum(not one.is_ok for one in findings)
    output = session.output
    if output.is_json:
        output.document({"is_ok": not to_do, "findings": findings})
    else:
        tenant: str | None = None
        for finding in findings:
            if finding.tenant != tenant:
                tenant = finding.tenant
                output.section(f"tenant {tenant}")
            output.check(finding.check, _said(finding), is_ok=finding.is_ok)
        output.line()
        output.line(f"{counted(to_do, 'thing')} to do" if to_do else "all is well")
    if to_do:
        raise needs_attention()


def _findings(session: Session, at: str | None) -> Iterator[Finding]:
    moment = as_moment(at) or now()
    settings = session.settings
    file = settings.file
    yield Finding(None, "settings", True, f"{file}" if file else "no reinforce.toml; environment, flags and defaults")
    try:
        session.require_database()
    except SchemaMissing as problem:
        yield Finding(None, "database", False, str(problem))
        return
    with opened(settings) as database:
        about_database = list(examine_database(database, moment))
        yield from about_database
        if not all(one.is_ok for one in about_database if one.check in ("database", "tables")):
            return
        known = tenants_of(database)
        yield Finding(None, "tenants", True, ", ".join(known) or "none yet: they come with what is imported for them")
        for tenant in settings.tenants or known:
            if tenant not in known:
                yield Finding(tenant, "contents", False, "there is no such tenant")
                continue
            with database.read() as connection, session.reinforcer(connection, tenant) as reinforcer:
                yield from examine_tenant(Patient(tenant, reinforcer, Driver(connection, settings.schema), moment))


def _said(finding: Finding) -> str:
    return f"{finding.says} ({_some(finding.keys)})" if finding.keys else finding.says


def _some(keys: Sequence[str]) -> str:
    more = f" and {len(keys) - MOST_KEYS:,} more" if len(keys) > MOST_KEYS else ""
    return ", ".join(keys[:MOST_KEYS]) + more
