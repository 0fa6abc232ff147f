"""All tenants of the database: `tenant list` and `tenant remove`."""

import sys
from collections.abc import Mapping
from typing import Annotated

import typer

from reinforce.cli.command import Session, command, group
from reinforce.cli.known_tenants import known_named
from reinforce.cli.output import Column, counted
from reinforce.cli.rows import named
from reinforce.errors import InvalidSettings, UnknownTenant
from reinforce.tenants import all_tenants, remove_tenant

_TOLD = ("learner", "skill", "refresher", "practice_event", "statement")

app = group("Whose data there is: list tenants, and remove one.")


def list_tenants(session: Session) -> None:
    """List all tenants of the database, with how much is kept for each."""
    session.require_database()
    found = all_tenants(session.settings.database, schema=session.settings.schema)
    if session.output.is_json:
        session.output.document({"tenants": found})
        return
    session.output.table(
        (
            Column("tenant", "tenant"),
            Column("began", "began"),
            Column("learners", "learners", "{:,}".format, is_number=True),
            Column("events", "events", "{:,}".format, is_number=True),
            Column("statements", "statements", "{:,}".format, is_number=True),
        ),
        [(one.key, one.began_at.date(), one.learners, one.events, one.statements) for one in found],
        empty="there are none yet: they come with what is imported for them",
    )


def remove(
    session: Session,
    key: Annotated[str, typer.Argument(metavar="TENANT", help="Its key.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a tenant for good.

    With its people, skills and library, all that was practised, its statements and feeds, and everything else that is
    its. All of it goes at once, or nothing; other tenants stay as they are.
    """
    settings = session.settings
    if session.flags.get("tenant") not in (None, key):
        raise InvalidSettings(f"--tenant {settings.tenant}: the tenant to remove is named once, here {key!r}")
    session.require_database()
    with known_named(settings, key):
        if not yes and not _is_confirmed(session, key):
            raise typer.Abort
        removed = remove_tenant(settings.database, key, schema=settings.schema)
    output = session.output
    if output.is_json:
        output.document({"removed": removed})
        return
    output.line(f"removed {key}: {_in_words(removed.rows)}")
    for feed, count in removed.feeds.items():
        stays = "which stays where it went" if count == 1 else "which stay where they went"
        output.line(f"feed {feed} has handed on {counted(count, 'statement')}, {stays}")


def _is_confirmed(session: Session, key: str) -> bool:
    if not sys.stdin.isatty():
        raise InvalidSettings("nobody is there to ask whether to remove a tenant: pass --yes")
    known = {one.key: one for one in all_tenants(session.settings.database, schema=session.settings.schema)}
    if key not in known:
        raise UnknownTenant(key)
    learners, events = counted(known[key].learners, "learner"), counted(known[key].events, "event")
    statements = counted(known[key].statements, "statement")
    return typer.confirm(f"Remove {key}, with {learners}, {events} and {statements}, for good?", err=True)


def _in_words(rows: Mapping[str, int]) -> str:
    """The rows that people know, and how many others."""
    told = [counted(rows[table], *named(table)) for table in _TOLD if table in rows]
    others = sum(count for table, count in rows.items() if table not in (*_TOLD, "tenant"))
    return f"{', '.join(told)} and {counted(others, 'other row')}" if told else counted(others, "row")


command(app, "list")(list_tenants)
command(app)(remove)
