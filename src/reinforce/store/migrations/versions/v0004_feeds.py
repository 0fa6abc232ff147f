"""Feeds: cursors over the statement log, and what their destinations did not take.

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
    Text,
    UniqueConstraint,
)

revision = "0004"
down_revision = "0003"


def upgrade(op: Operations, schema: str | None) -> None:
    """Create the tables."""
    within = f"{schema}." if schema else ""
    op.create_table(
        "reinforce_feed",
        Column("id", Integer, nullable=False),
        Column("tenant_id", Integer, nullable=False),
        Column("name", Text, nullable=False),
        Column("adapter", Text, nullable=False),
        Column("settings", Text, nullable=False),
        Column("filter", Text, nullable=False),
        Column("actors", Text, nullable=True),
        Column("state", Text, nullable=False),
        Column("worker", Text, nullable=True),
        Column("start_xact", BigInteger, nullable=False),
        Column("start_seq", BigInteger, nullable=False),
        Column("xact", BigInteger, nullable=False),
        Column("seq", BigInteger, nullable=False),
        Column("delivered", BigInteger, nullable=False),
        Column("delivered_at", BigInteger, nullable=True),
        Column("failures", Integer, nullable=False),
        Column("failed_at", BigInteger, nullable=True),
        Column("retry_at", BigInteger, nullable=True),
        Column("last_error", Text, nullable=True),
        Column("created_at", BigInteger, nullable=False),
        PrimaryKeyConstraint("id", name="pk_reinforce_feed"),
        UniqueConstraint("tenant_id", "name", name="uq_reinforce_feed"),
        ForeignKeyConstraint(["tenant_id"], [f"{within}reinforce_tenant.id"], name="fk_reinforce_feed_tenant_id"),
        schema=schema,
        sqlite_autoincrement=True,
    )
    op.create_table(
        "reinforce_dead_letter",
        Column("feed_id", Integer, nullable=False),
        Column("seq", BigInteger, nullable=False),
        Column("tenant_id", Integer, nullable=False),
        Column("statement_id", LargeBinary(16), nullable=False),
        Column("reason", Text, nullable=False),
        Column("rejected_at", BigInteger, nullable=False),
        PrimaryKeyConstraint("feed_id", "seq", name="pk_reinforce_dead_letter"),
        ForeignKeyConstraint(["feed_id"], [f"{within}reinforce_feed.id"], name="fk_reinforce_dead_letter_feed_id"),
        schema=schema,
        sqlite_with_rowid=False,
    )


def downgrade(op: Operations, schema: str | None) -> None:
    """Drop them."""
    op.drop_table("reinforce_dead_letter", schema=schema)
    op.drop_table("reinforce_feed", schema=schema)
