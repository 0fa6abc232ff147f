"""What turns statements of others into practice: how learners are named, mappings, and where to pull from.

Written out and frozen, as every revision.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from alembic.operations import Operations
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    column,
    insert,
    select,
    table,
)

revision = "0003"
down_revision = "0002"

TABLES = ("reinforce_learner_actor", "reinforce_statement_mapping", "reinforce_statement_source")


def upgrade(op: Operations, schema: str | None) -> None:
    """Create the tables, and write down how the learners that there are have been named."""
    within = f"{schema}." if schema else ""
    op.create_table(
        "reinforce_learner_actor",
        Column("tenant_id", Integer, nullable=False),
        Column("actor", Text, nullable=False),
        Column("learner_id", Integer, nullable=False),
        PrimaryKeyConstraint("tenant_id", "actor", "learner_id", name="pk_reinforce_learner_actor"),
        ForeignKeyConstraint(
            ["learner_id"], [f"{within}reinforce_learner.id"], name="fk_reinforce_learner_actor_learner_id"
        ),
        schema=schema,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_reinforce_learner_actor_learner_id", "reinforce_learner_actor", ["learner_id"], schema=schema)
    op.create_table(
        "reinforce_statement_mapping",
        Column("id", Integer, nullable=False),
        Column("tenant_id", Integer, nullable=False),
        Column("name", Text, nullable=False),
        Column("version", Integer, nullable=False),
        Column("document", Text, nullable=False),
        Column("adopted_at", BigInteger, nullable=False),
        Column("retired_at", BigInteger, nullable=True),
        PrimaryKeyConstraint("id", name="pk_reinforce_statement_mapping"),
        UniqueConstraint("tenant_id", "name", "version", name="uq_reinforce_statement_mapping"),
        ForeignKeyConstraint(
            ["tenant_id"], [f"{within}reinforce_tenant.id"], name="fk_reinforce_statement_mapping_tenant_id"
        ),
        schema=schema,
        sqlite_autoincrement=True,
    )
    op.create_table(
        "reinforce_statement_source",
        Column("id", Integer, nullable=False),
        Column("tenant_id", Integer, nullable=False),
        Column("name", Text, nullable=False),
        Column("document", Text, nullable=False),
        Column("position", BigInteger, nullable=True),
        Column("pulled_at", BigInteger, nullable=True),
        Column("trouble", Text, nullable=True),
        PrimaryKeyConstraint("id", name="pk_reinforce_statement_source"),
        UniqueConstraint("tenant_id", "name", name="uq_reinforce_statement_source"),
        ForeignKeyConstraint(
            ["tenant_id"], [f"{within}reinforce_tenant.id"], name="fk_reinforce_statement_source_tenant_id"
        ),
        schema=schema,
        sqlite_autoincrement=True,
    )
    if not op.get_context().as_sql:  # a script cannot look; learners are then named when they are next defined
        _name_learners(op, schema)


def downgrade(op: Operations, schema: str | None) -> None:
    """Drop them."""
    for name in reversed(TABLES):
        op.drop_table(name, schema=schema)


def _name_learners(op: Operations, schema: str | None) -> None:
    learner = table(
        "reinforce_learner", column("id"), column("tenant_id"), column("document"), column("erased_at"), schema=schema
    )
    actor = table("reinforce_learner_actor", column("tenant_id"), column("actor"), column("learner_id"), schema=schema)
    named = select(learner.c.id, learner.c.tenant_id, learner.c.document).where(
        learner.c.erased_at.is_(None), learner.c.document.contains('"xapi":')
    )
    connection = op.get_bind()
    rows = [
        {"tenant_id": row.tenant_id, "actor": one, "learner_id": row.id}
        for row in connection.execute(named)
        for one in sorted(set(_actors(json.loads(row.document).get("xapi"))))
    ]
    if rows:
        connection.execute(insert(actor), rows)


def _actors(identifier: dict[str, Any] | None) -> Iterator[str]:
    if not isinstance(identifier, dict):
        return
    kind, value = identifier["kind"], identifier["value"]
    if kind == "account":
        yield f"account {identifier['home_page']} {value}"
    elif kind == "mbox":
        local, at, domain = value.rpartition("@")
        lowered = local + at + domain.lower()
        yield f"mbox {lowered}"
        for address in (value, lowered):
            yield f"mbox_sha1sum {hashlib.sha1(address.encode(), usedforsecurity=False).hexdigest()}"
    elif kind == "mbox_sha1sum":
        yield f"mbox_sha1sum {value.lower()}"
    else:
        yield f"openid {value}"
