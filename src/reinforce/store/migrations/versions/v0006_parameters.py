"""Where parameters came from, when they were in force, and what their adoption postponed.

Written out and frozen, as every revision.
"""

from alembic.operations import Operations
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Text,
)

revision = "0006"
down_revision = "0005"

TABLES = ("reinforce_parameter_fit", "reinforce_parameter_adoption", "reinforce_postponement")


def upgrade(op: Operations, schema: str | None) -> None:
    """Create the tables."""
    op.create_table(
        "reinforce_parameter_fit",
        Column("id", Integer, nullable=False),
        Column("tenant_id", Integer, nullable=False),
        Column("parameter_set_id", Integer, nullable=False),
        Column("document", Text, nullable=False),
        PrimaryKeyConstraint("id", name="pk_reinforce_parameter_fit"),
        *_references("reinforce_parameter_fit", schema, tenant_id="tenant", parameter_set_id="parameter_set"),
        schema=schema,
        sqlite_autoincrement=True,
    )
    op.create_table(
        "reinforce_parameter_adoption",
        Column("id", Integer, nullable=False),
        Column("tenant_id", Integer, nullable=False),
        Column("parameter_set_id", Integer, nullable=False),
        Column("replaced_id", Integer, nullable=False),
        Column("adopted_at", BigInteger, nullable=False),
        Column("adopted_by", Text, nullable=True),
        Column("is_roll_back", SmallInteger, nullable=False),
        PrimaryKeyConstraint("id", name="pk_reinforce_parameter_adoption"),
        *_references(
            "reinforce_parameter_adoption",
            schema,
            tenant_id="tenant",
            parameter_set_id="parameter_set",
            replaced_id="parameter_set",
        ),
        schema=schema,
        sqlite_autoincrement=True,
    )
    op.create_table(
        "reinforce_postponement",
        Column("learner_id", Integer, nullable=False),
        Column("skill_id", Integer, nullable=False),
        Column("parameter_set_id", Integer, nullable=False),
        Column("last_event", LargeBinary(16), nullable=False),
        Column("until_day", Integer, nullable=False),
        PrimaryKeyConstraint("learner_id", "skill_id", name="pk_reinforce_postponement"),
        schema=schema,
        sqlite_with_rowid=False,
    )


def downgrade(op: Operations, schema: str | None) -> None:
    """Drop them."""
    for name in reversed(TABLES):
        op.drop_table(name, schema=schema)


def _references(table: str, schema: str | None, **columns: str) -> list[ForeignKeyConstraint]:
    within = f"{schema}." if schema else ""
    return [
        ForeignKeyConstraint([column], [f"{within}reinforce_{other}.id"], name=f"fk_{table}_{column}")
        for column, other in columns.items()
    ]
