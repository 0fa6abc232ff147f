"""An index of the assignments that are open, of which there are few among all that ever were.

Written out and frozen, as every revision.
"""

from alembic.operations import Operations
from sqlalchemy import text

revision = "0008"
down_revision = "0007"

INDEX = "ix_reinforce_assignment_open"
IS_OPEN = text("status = 'open'")


def upgrade(op: Operations, schema: str | None) -> None:
    """Create it."""
    op.create_index(
        INDEX,
        "reinforce_assignment",
        ["learner_id"],
        schema=schema,
        sqlite_where=IS_OPEN,
        postgresql_where=IS_OPEN,
    )


def downgrade(op: Operations, schema: str | None) -> None:
    """Drop it."""
    op.drop_index(INDEX, "reinforce_assignment", schema=schema)
