"""The statement log, and what an LRS keeps beside it.

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
    UniqueConstraint,
)

revision = "0002"
down_revision = "0001"

TABLES = (
    "reinforce_statement",
    "reinforce_statement_term",
    "reinforce_statement_attachment",
    "reinforce_lrs_document",
    "reinforce_lrs_credential",
)


def upgrade(op: Operations, schema: str | None) -> None:
    """Create the tables."""
    _create_statements(op, schema)
    _create_documents(op, schema)


def downgrade(op: Operations, schema: str | None) -> None:
    """Drop them."""
    for name in reversed(TABLES):
        op.drop_table(name, schema=schema)


def _create_statements(op: Operations, schema: str | None) -> None:
    op.create_table(
        "reinforce_statement",
        Column("seq", BigInteger().with_variant(Integer, "sqlite"), nullable=False, autoincrement=True),
        Column("tenant_id", Integer, nullable=False),
        Column("id", LargeBinary(16), nullable=False),
        Column("xact", BigInteger, nullable=False),
        Column("stored_at", BigInteger, nullable=False),
        Column("timestamp", BigInteger, nullable=False),
        Column("version", Text, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("lacks", SmallInteger, nullable=False),
        Column("origin", SmallInteger, nullable=False),
        Column("credential_id", Integer, nullable=True),
        Column("voided_by", LargeBinary(16), nullable=True),
        PrimaryKeyConstraint("seq", name="pk_reinforce_statement"),
        UniqueConstraint("tenant_id", "id", name="uq_reinforce_statement"),
        schema=schema,
        sqlite_autoincrement=True,
    )
    for columns in (["tenant_id", "stored_at", "seq"], ["tenant_id", "xact", "seq"]):
        op.create_index(f"ix_reinforce_statement_{'_'.join(columns)}", "reinforce_statement", columns, schema=schema)
    op.create_table(
        "reinforce_statement_term",
        Column("term", BigInteger, nullable=False),
        Column("stored_at", BigInteger, nullable=False),
        Column("seq", BigInteger, nullable=False),
        PrimaryKeyConstraint("term", "stored_at", "seq", name="pk_reinforce_statement_term"),
        schema=schema,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reinforce_statement_attachment",
        Column("tenant_id", Integer, nullable=False),
        Column("sha2", Text, nullable=False),
        Column("content_type", Text, nullable=False),
        Column("content", LargeBinary, nullable=False),
        PrimaryKeyConstraint("tenant_id", "sha2", name="pk_reinforce_statement_attachment"),
        schema=schema,
    )


def _create_documents(op: Operations, schema: str | None) -> None:
    within = f"{schema}." if schema else ""
    op.create_table(
        "reinforce_lrs_document",
        Column("tenant_id", Integer, nullable=False),
        Column("kind", SmallInteger, nullable=False),
        Column("owner", LargeBinary(16), nullable=False),
        Column("registration", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("content_type", Text, nullable=False),
        Column("content", LargeBinary, nullable=False),
        Column("etag", Text, nullable=False),
        Column("updated_at", BigInteger, nullable=False),
        PrimaryKeyConstraint("tenant_id", "kind", "owner", "registration", "key", name="pk_reinforce_lrs_document"),
        schema=schema,
    )
    op.create_table(
        "reinforce_lrs_credential",
        Column("id", Integer, nullable=False),
        Column("tenant_id", Integer, nullable=False),
        Column("key", Text, nullable=False),
        Column("secret", Text, nullable=False),
        Column("scopes", Text, nullable=False),
        Column("authority", Text, nullable=False),
        Column("label", Text, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("revoked_at", BigInteger, nullable=True),
        PrimaryKeyConstraint("id", name="pk_reinforce_lrs_credential"),
        UniqueConstraint("key", name="uq_reinforce_lrs_credential"),
        ForeignKeyConstraint(
            ["tenant_id"], [f"{within}reinforce_tenant.id"], name="fk_reinforce_lrs_credential_tenant_id"
        ),
        schema=schema,
        sqlite_autoincrement=True,
    )
