"""Bring the tables to another version, or say how far they are from it.

Import it only where it is used: it needs Alembic, whose import would make that of the package a quarter longer.
"""

from hashlib import blake2b
from io import StringIO
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, MigrationStep
from alembic.script import ScriptDirectory
from attrs import frozen
from sqlalchemy import Connection, func, inspect, select
from sqlalchemy.schema import CreateSchema

from reinforce.errors import InvalidSettings
from reinforce.store import migrations
from reinforce.store.database import Database
from reinforce.store.driver import Driver
from reinforce.store.restored import is_of_another_server, make_our_own
from reinforce.store.schema import VERSION_TABLE, tables
from reinforce.store.version import current_revision, require_known

BASE = "base"
"""The revision before the first: no tables."""

HEAD = "head"
"""The newest revision."""

SCRIPTS = Path(migrations.__file__).parent


@frozen
class SchemaStatus:
    """How far the tables are.

    Attributes:
        current: their revision; None if there are none.
        head: the newest revision that this version of the package knows.
        is_newer: whether a newer version of the package has made them.
        differences: how they differ from what this version of the package expects, one sentence each; none if
            there are no tables.
    """

    current: str | None
    head: str
    is_newer: bool
    differences: tuple[str, ...]

    @property
    def is_current(self) -> bool:
        """Whether the tables are of the revision that this version of the package needs."""
        return self.current == self.head


def upgrade(database: Database, to: str = HEAD) -> tuple[str, ...]:
    """Bring the tables to a newer revision, or make them; all of it, or nothing.

    If they were restored from a dump of another PostgreSQL server, the statement log is made this server's own.

    Several processes may do this at once: one does it, the others wait and find it done. Within a host's
    open connection, the host decides whether it is kept.

    Returns:
        The revisions that were applied; none if the tables are at that revision already, or beyond it.

    Raises:
        SchemaTooNew: a newer version of the package has made the tables.
        InvalidSettings: there is no such revision.
    """
    wanted = _position(to)
    with database.read() as connection:
        if _reached(database, connection) >= wanted and not _is_restored(database, connection):
            return ()
    with database.write() as connection:
        _wait_for_turn(connection, database.schema)
        reached = _reached(database, connection)
        if reached < wanted:
            _make_schema(connection, database.schema)
            _migrate(database, connection, reached, wanted)
        if _is_restored(database, connection):
            make_our_own(Driver(connection, database.schema))
        return migrations.REVISIONS[reached:wanted]


def _is_restored(database: Database, connection: Connection) -> bool:
    """Whether the tables are all there and come from another server's dump."""
    if _reached(database, connection) < len(migrations.REVISIONS):
        return False
    return is_of_another_server(Driver(connection, database.schema))


def downgrade(database: Database, to: str) -> tuple[str, ...]:
    """Take the tables back to an older revision, or with "base" away; all of it, or nothing.

    What an older revision has no place for is lost.

    Returns:
        The revisions that were undone, newest first; none if the tables are at that revision already, or before it.

    Raises:
        SchemaTooNew: a newer version of the package has made the tables.
        InvalidSettings: there is no such revision.
    """
    wanted = _position(to)
    with database.write() as connection:
        _wait_for_turn(connection, database.schema)
        reached = _reached(database, connection)
        if reached > wanted:
            _migrate(database, connection, reached, wanted)
        return migrations.REVISIONS[wanted:reached][::-1]


def sql(database: Database, to: str = HEAD, since: str = BASE) -> str:
    """The SQL that takes the tables from one revision to another, up or down, in one transaction.

    For whoever may not change tables from a program: it runs in `psql` or `sqlite3 -bail`. The database is not
    asked for anything, so it need not be there.
    """
    start, end = _position(since), _position(to)
    written = StringIO()
    options = _options(database, start, end) | {
        "as_sql": True,
        "literal_binds": True,
        "output_buffer": written,
        "starting_rev": migrations.REVISIONS[start - 1] if start else None,
        "transactional_ddl": True,  # Alembic believes that SQLite has none
    }
    context = MigrationContext.configure(dialect_name=database.dialect, opts=options)
    with context.begin_transaction():
        if database.schema is not None and start == 0:
            context.execute(CreateSchema(database.schema, if_not_exists=True))
        _run(database, context, start, end)
    return written.getvalue()


def check(database: Database) -> SchemaStatus:
    """How far the tables are, found by looking at every one of them."""
    with database.read() as connection:
        current = current_revision(connection, database.schema)
        return SchemaStatus(
            current=current,
            head=migrations.REVISIONS[-1],
            is_newer=current is not None and current not in migrations.REVISIONS,
            differences=_differences(database, connection) if current else (),
        )


def _position(revision: str) -> int:
    """How many revisions have been applied when this one has."""
    if revision == HEAD:
        return len(migrations.REVISIONS)
    if revision == BASE:
        return 0
    if revision not in migrations.REVISIONS:
        known = ", ".join([BASE, *migrations.REVISIONS, HEAD])
        raise InvalidSettings(f"there is no revision {revision!r} of the tables, only {known}")
    return migrations.REVISIONS.index(revision) + 1


def _reached(database: Database, connection: Connection) -> int:
    current = current_revision(connection, database.schema)
    require_known(database, current)
    return _position(current or BASE)


def _steps(start: int, end: int) -> list[MigrationStep]:
    """What leads from one position to the other, in order."""
    scripts = ScriptDirectory(str(SCRIPTS))
    step = MigrationStep.upgrade_from_script if start <= end else MigrationStep.downgrade_from_script
    names = migrations.REVISIONS[start:end] or migrations.REVISIONS[end:start][::-1]
    revisions = {script.revision: script for script in scripts.walk_revisions()}
    return [step(scripts.revision_map, revisions[name]) for name in names]


def _options(database: Database, start: int = 0, end: int = 0) -> dict[str, Any]:
    return {
        "version_table": VERSION_TABLE,
        "version_table_schema": database.schema,
        "fn": lambda *_: _steps(start, end),
    }


def _migrate(database: Database, connection: Connection, start: int, end: int) -> None:
    _run(database, MigrationContext.configure(connection, opts=_options(database, start, end)), start, end)


def _run(database: Database, context: MigrationContext, start: int, end: int) -> None:
    op = Operations(context)
    context.run_migrations(op=op, schema=database.schema)
    if end == 0 < start:
        op.drop_table(VERSION_TABLE, schema=database.schema)  # Alembic would leave it behind, empty


def _wait_for_turn(connection: Connection, schema: str | None) -> None:
    """Let nobody else change these tables until this transaction ends.

    On SQLite nobody can: the transaction has begun by taking the write lock.
    """
    if connection.dialect.name == "postgresql":
        name = f"{schema or ''}.{VERSION_TABLE}".encode()
        number = int.from_bytes(blake2b(name, digest_size=8, person=b"reinforce").digest(), "big", signed=True)
        connection.execute(select(func.pg_advisory_xact_lock(number)))


def _make_schema(connection: Connection, schema: str | None) -> None:
    # Looked for first, because CREATE SCHEMA IF NOT EXISTS needs the right to create it even where it exists.
    if schema is not None and not inspect(connection).has_schema(schema):
        connection.execute(CreateSchema(schema))


def _differences(database: Database, connection: Connection) -> tuple[str, ...]:
    is_default = database.schema == connection.dialect.default_schema_name
    schema = None if is_default else database.schema  # as Alembic calls it
    expected = tables(schema).metadata
    ours = {table.name for table in expected.tables.values()}

    def is_ours(name: str | None, kind: str, _parents: object) -> bool:
        if kind == "schema":
            return name == schema
        return kind != "table" or name in ours

    options = _options(database) | {"include_schemas": schema is not None, "include_name": is_ours}
    found = compare_metadata(MigrationContext.configure(connection, opts=options), expected)
    # What changes of one column comes as a list of its own.
    changes = [change for group in found for change in (group if isinstance(group, list) else [group])]
    return tuple(_sentence(change) for change in changes if not change[0].endswith("_comment"))


def _sentence(change: tuple[Any, ...]) -> str:
    """One of Alembic's differences in words; it tells what to do to the tables, we say how they are."""
    action, _, what = change[0].partition("_")
    if action == "modify":
        _, _, table, column, _, found, expected = change
        return f"{what} of column {table}.{column} is {found!r}, expected is {expected!r}"
    is_so = "is missing" if action == "add" else "is not expected"
    part = change[-1]
    if what == "table":
        return f"table {part.name} {is_so}"
    table = change[2] if what == "column" else part.table.name
    return f"{what} {part.name} of table {table} {is_so}"
