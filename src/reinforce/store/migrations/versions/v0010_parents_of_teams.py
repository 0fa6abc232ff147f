"""In which team a team is, beside its document: so that the teams in one are found by an index.

Written out and frozen, as every revision.
"""

from alembic.operations import Operations
from sqlalchemy import Column, Text, text

revision = "0010"
down_revision = "0009"

INDEX = "ix_reinforce_team_tenant_id_parent"


def upgrade(op: Operations, schema: str | None) -> None:
    """Add the parent's key, as the documents have it."""
    op.add_column("reinforce_team", Column("parent", Text), schema=schema)
    is_sqlite = op.get_context().dialect.name == "sqlite"
    parent = "json_extract(document, '$.parent')" if is_sqlite else "document::json ->> 'parent'"
    team = f'"{schema}".reinforce_team' if schema else "reinforce_team"
    op.execute(text(f"UPDATE {team} SET parent = {parent}"))
    op.create_index(INDEX, "reinforce_team", ["tenant_id", "parent"], schema=schema)


def downgrade(op: Operations, schema: str | None) -> None:
    """Drop it."""
    op.drop_index(INDEX, "reinforce_team", schema=schema)
    op.drop_column("reinforce_team", "parent", schema=schema)
