"""How our tables are named and refer to one another."""

from typing import Any

from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table

PREFIX = "reinforce_"

# SQLite keeps the rows of such a table in the order of its primary key: a pair's reviews and a learner's
# memories lie side by side.
CLUSTERED = {"sqlite_with_rowid": False}


def table(metadata: MetaData, name: str, *parts: Any, **options: Any) -> Table:
    """A table of ours."""
    return Table(PREFIX + name, metadata, *parts, **options)


def reference(metadata: MetaData, name: str) -> ForeignKey:
    """A reference to the rows of another table of ours."""
    return ForeignKey(f"{metadata.schema}.{PREFIX}{name}.id" if metadata.schema else f"{PREFIX}{name}.id")


def id_column() -> Column[Any]:
    """A number of each row, which the database gives."""
    return Column("id", Integer, primary_key=True, autoincrement=True)


def tenant_id_column(metadata: MetaData) -> Column[Any]:
    """Whose each row is."""
    return Column("tenant_id", Integer, reference(metadata, "tenant"), nullable=False)
