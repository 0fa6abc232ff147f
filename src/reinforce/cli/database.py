"""The tables: `db upgrade`, `db check` and `db sql`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from reinforce.cli.command import Session, command, group, needs_attention
from reinforce.cli.settings import Settings
from reinforce.store.database import Database

app = group("Make, upgrade and check the tables.")

# Alembic takes longer to import than everything else together, so each command imports its function.


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """The settings' database, closed in the end."""
    database = Database(settings.database, settings.schema)
    try:
        yield database
    finally:
        database.close()


def upgrade(session: Session) -> None:
    """Make the tables, or upgrade them.

    Several processes may do so at once: one does it, the others wait. Older tables keep what they hold.
    """
    from reinforce.store.upgrade import upgrade as upgrade_tables

    with opened(session.settings) as database:
        applied = upgrade_tables(database)
        url = database.url
    if session.output.is_json:
        session.output.document({"database": url, "schema": session.settings.schema, "applied": applied})
        return
    session.output.line(f"{url}: upgraded by {', '.join(applied)}" if applied else f"{url}: up to date")


def check(session: Session) -> None:
    """Say whether the tables are as expected.

    Every table is looked at, and nothing is changed. Exit code 1 if they are not what this version expects.
    """
    from reinforce.store.upgrade import check as check_tables

    session.require_database()
    with opened(session.settings) as database:
        status = check_tables(database)
        url = database.url
    problems = faults(status.current, status.head, is_newer=status.is_newer) + status.differences
    if session.output.is_json:
        session.output.document({"database": url, "schema": session.settings.schema, "status": status})
    else:
        for line in problems or (f"up to date, revision {status.current}",):
            session.output.line(f"{url}: {line}")
    if problems:
        raise needs_attention()


def faults(current: str | None, head: str, *, is_newer: bool) -> tuple[str, ...]:
    """What is wrong with the version of the tables, and what to do."""
    if current is None:
        return ("there are no tables: run `reinforce db upgrade`",)
    if is_newer:
        return (f"the tables are of revision {current}, made by a newer reinforce: install that one",)
    if current != head:
        return (f"the tables are of revision {current}, {head} is needed: run `reinforce db upgrade`",)
    return ()


def sql(
    session: Session,
    since: Annotated[str, typer.Option(metavar="REVISION", help="What is there; `base`: nothing.")] = "base",
    to: Annotated[str, typer.Option(metavar="REVISION", help="What shall be there; `head`: the newest.")] = "head",
) -> None:
    """Print the SQL that makes the tables.

    For whoever may change tables only by a script that somebody else reads and runs. The database is not
    touched, and need not be there.
    """
    from reinforce.store.upgrade import sql as sql_of

    with opened(session.settings) as database:
        text = sql_of(database, to, since)
    if session.output.is_json:
        session.output.document({"since": since, "to": to, "sql": text})
    else:
        session.output.raw(text.rstrip("\n"))


for one in (upgrade, check, sql):
    command(app)(one)
