"""How often a tenant's definitions, parameters or calibration may have changed.

Written out and frozen, as every revision.
"""

from alembic.operations import Operations
from sqlalchemy import Column, Integer

revision = "0009"
down_revision = "0008"


def upgrade(op: Operations, schema: str | None) -> None:
    """Add the count, which begins at 0."""
    op.add_column("reinforce_tenant", Column("edition", Integer, nullable=False, server_default="0"), schema=schema)


def downgrade(op: Operations, schema: str | None) -> None:
    """Drop it."""
    op.drop_column("reinforce_tenant", "edition", schema=schema)
