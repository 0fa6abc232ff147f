"""Whether a database has the tables that this version of the package needs.

Alembic is not imported here: every program that uses the tables asks this, and its import would make that
of the package a quarter longer.
"""

from sqlalchemy import ColumnClause, Connection, column, inspect, select, table

from reinforce.errors import SchemaMissing, SchemaOutdated, SchemaTooNew
from reinforce.store import migrations
from reinforce.store.database import Database
from reinforce.store.schema import VERSION_TABLE


def require_current(database: Database) -> None:
    """Refuse to work with tables of another version.

    Raises:
        SchemaMissing: there are none.
        SchemaOutdated: they were made by an older version.
        SchemaTooNew: they were made by a newer version.
    """
    with database.read() as connection:
        current = current_revision(connection, database.schema)
    newest = migrations.REVISIONS[-1]
    if current == newest:
        return
    if current is None:
        raise SchemaMissing(
            f"{_place(database)} has no tables of reinforce yet: run `reinforce db upgrade` or Reinforcer.upgrade()"
        )
    require_known(database, current)
    raise SchemaOutdated(
        f"the tables in {_place(database)} are of revision {current}, this version of reinforce needs {newest}: "
        "run `reinforce db upgrade` or Reinforcer.upgrade()"
    )


def require_known(database: Database, current: str | None) -> None:
    """Refuse tables that a newer version has made."""
    if current is not None and current not in migrations.REVISIONS:
        raise SchemaTooNew(
            f"the tables in {_place(database)} are of revision {current}, and this version of reinforce knows none "
            f"after {migrations.REVISIONS[-1]}: a newer version has upgraded them, so install that one here too"
        )


def current_revision(connection: Connection, schema: str | None) -> str | None:
    """The revision of the tables; None if there are none."""
    # Looked for first, because a failed query would spoil the host's transaction on PostgreSQL.
    if not inspect(connection).has_table(VERSION_TABLE, schema=schema):
        return None
    number: ColumnClause[str] = column("version_num")
    found = select(number).select_from(table(VERSION_TABLE, number, schema=schema))
    return connection.execute(found).scalar()


def _place(database: Database) -> str:
    return f"{database.url}, schema {database.schema}" if database.schema else database.url
