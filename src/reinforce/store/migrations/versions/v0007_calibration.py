"""Where calibration is kept, and what it needs of reviews, voids and memories.

Written out and frozen, as every revision. What was recorded so far is learned with the first close.
"""

from alembic.operations import Operations
from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Text,
)

revision = "0007"
down_revision = "0006"

TABLES = ("reinforce_calibration", "reinforce_calibration_close", "reinforce_calibration_offset")


def upgrade(op: Operations, schema: str | None) -> None:
    """Create the tables, and count what each memory was made of."""
    _create_tables(op, schema)
    for table, column in (
        ("reinforce_review", Column("generation", Integer, nullable=False, server_default="1")),
        ("reinforce_practice_void", Column("generation", Integer, nullable=False, server_default="1")),
        ("reinforce_practice_void", Column("reviews", Text, nullable=False, server_default="[]")),
        ("reinforce_memory", Column("passes", Integer, nullable=False, server_default="0")),
        ("reinforce_memory", Column("practice_days", Integer, nullable=False, server_default="0")),
        ("reinforce_memory", Column("generation", Integer, nullable=False, server_default="1")),
    ):
        op.add_column(table, column, schema=schema)
    within = f'"{schema}".' if schema else ""
    counted = f"FROM {within}reinforce_review r WHERE r.learner_id = m.learner_id AND r.skill_id = m.skill_id"
    moved = "r.rating IS NOT NULL AND r.weight > 0"
    op.execute(
        f"UPDATE {within}reinforce_memory AS m SET"
        f" passes = (SELECT count(*) {counted} AND {moved} AND r.rating > 1),"
        f" practice_days = (SELECT count(DISTINCT r.day) {counted} AND {moved})"
    )


def downgrade(op: Operations, schema: str | None) -> None:
    """Drop them."""
    for table, column in (
        ("reinforce_memory", "generation"),
        ("reinforce_memory", "practice_days"),
        ("reinforce_memory", "passes"),
        ("reinforce_practice_void", "reviews"),
        ("reinforce_practice_void", "generation"),
        ("reinforce_review", "generation"),
    ):
        op.drop_column(table, column, schema=schema)
    for name in reversed(TABLES):
        op.drop_table(name, schema=schema)


def _create_tables(op: Operations, schema: str | None) -> None:
    op.create_table(
        "reinforce_calibration",
        Column("tenant_id", Integer, nullable=False, autoincrement=False),
        Column("is_on", SmallInteger, nullable=False),
        Column("open_close", Integer, nullable=False),
        Column("stamp", LargeBinary(16), nullable=True),
        Column("moved_through", Integer, nullable=True),
        Column("document", Text, nullable=True),
        PrimaryKeyConstraint("tenant_id", name="pk_reinforce_calibration"),
        _of_tenant("reinforce_calibration", schema),
        schema=schema,
    )
    op.create_table(
        "reinforce_calibration_close",
        Column("tenant_id", Integer, nullable=False),
        Column("number", Integer, nullable=False),
        Column("closed_at", BigInteger, nullable=False),
        Column("digest", LargeBinary(16), nullable=True),
        Column("scores", Text, nullable=True),
        PrimaryKeyConstraint("tenant_id", "number", name="pk_reinforce_calibration_close"),
        _of_tenant("reinforce_calibration_close", schema),
        schema=schema,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reinforce_calibration_offset",
        Column("tenant_id", Integer, nullable=False),
        Column("effect", SmallInteger, nullable=False),
        Column("subject_id", Integer, nullable=False),
        Column("value", Double, nullable=False),
        Column("information", Double, nullable=False),
        Column("day", Integer, nullable=False),
        PrimaryKeyConstraint("tenant_id", "effect", "subject_id", name="pk_reinforce_calibration_offset"),
        schema=schema,
        sqlite_with_rowid=False,
    )


def _of_tenant(table: str, schema: str | None) -> ForeignKeyConstraint:
    within = f"{schema}." if schema else ""
    return ForeignKeyConstraint(["tenant_id"], [f"{within}reinforce_tenant.id"], name=f"fk_{table}_tenant_id")
