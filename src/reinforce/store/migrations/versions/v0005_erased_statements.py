"""What is needed to take a person out of the statement log and out of the documents beside it.

Written out and frozen, as every revision. Documents that are there already keep no agent: whose a state is cannot be
told from its row, until it is written again.
"""

from alembic.operations import Operations
from sqlalchemy import Column, Integer, LargeBinary, PrimaryKeyConstraint

revision = "0005"
down_revision = "0004"

INDEX = "ix_reinforce_lrs_document_tenant_id_agent"


def upgrade(op: Operations, schema: str | None) -> None:
    """Create the table of erased ids, and let documents say whose they are."""
    op.create_table(
        "reinforce_erased_statement",
        Column("tenant_id", Integer, nullable=False),
        Column("id", LargeBinary(16), nullable=False),
        PrimaryKeyConstraint("tenant_id", "id", name="pk_reinforce_erased_statement"),
        schema=schema,
        sqlite_with_rowid=False,
    )
    op.add_column("reinforce_lrs_document", Column("agent", LargeBinary(16), nullable=True), schema=schema)
    op.create_index(INDEX, "reinforce_lrs_document", ["tenant_id", "agent"], schema=schema)


def downgrade(op: Operations, schema: str | None) -> None:
    """Drop them."""
    op.drop_index(INDEX, "reinforce_lrs_document", schema=schema)
    op.drop_column("reinforce_lrs_document", "agent", schema=schema)
    op.drop_table("reinforce_erased_statement", schema=schema)
