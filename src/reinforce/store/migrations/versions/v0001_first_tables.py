"""The first tables.

Written out and frozen: this revision must make the same tables for ever, whatever the package's own
definitions have become since.
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
    UniqueConstraint,
)

revision = "0001"
down_revision = None

# In the order in which they refer to one another.
TABLES = (
    "reinforce_tenant",
    "reinforce_learner",
    "reinforce_team",
    "reinforce_team_member",
    "reinforce_calendar",
    "reinforce_skill",
    "reinforce_implicit_practice",
    "reinforce_skill_model",
    "reinforce_role_profile",
    "reinforce_refresher",
    "reinforce_practice_event",
    "reinforce_practice_void",
    "reinforce_review",
    "reinforce_memory",
    "reinforce_parameter_set",
    "reinforce_assignment",
    "reinforce_job_run",
    "reinforce_job_shard",
)


def upgrade(op: Operations, schema: str | None) -> None:
    """Create all tables."""
    _create_people(op, schema)
    _create_skills(op, schema)
    _create_practice(op, schema)
    _create_plans(op, schema)


def downgrade(op: Operations, schema: str | None) -> None:
    """Drop all tables."""
    for name in reversed(TABLES):
        op.drop_table(name, schema=schema)


def _create_people(op: Operations, schema: str | None) -> None:
    within = f"{schema}." if schema else ""
    op.create_table(
        "reinforce_tenant",
        Column("id", Integer, nullable=False),
        Column("key", Text, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("parameter_set_id", Integer, nullable=True),
        PrimaryKeyConstraint("id", name="pk_reinforce_tenant"),
        UniqueConstraint("key", name="uq_reinforce_tenant"),
        schema=schema,
        sqlite_autoincrement=True,
    )
    op.create_table(
        "reinforce_learner",
        Column("id", Integer, nullable=False),
        Column("tenant_id", Integer, nullable=False),
        Column("key", Text, nullable=False),
        Column("time_zone", Text, nullable=False),
        Column("day_starts_at", SmallInteger, nullable=False),
        Column("is_active", SmallInteger, nullable=False),
        Column("erased_at", BigInteger, nullable=True),
        Column("document", Text, nullable=False),
        PrimaryKeyConstraint("id", name="pk_reinforce_learner"),
        UniqueConstraint("tenant_id", "key", name="uq_reinforce_learner"),
        ForeignKeyConstraint(["tenant_id"], [f"{within}reinforce_tenant.id"], name="fk_reinforce_learner_tenant_id"),
        schema=schema,
        sqlite_autoincrement=True,
    )
    op.create_table(
        "reinforce_team",
        Column("id", Integer, nullable=False),
        Column("tenant_id", Integer, nullable=False),
        Column("key", Text, nullable=False),
        Column("document", Text, nullable=False),
        PrimaryKeyConstraint("id", name="pk_reinforce_team"),
        UniqueConstraint("tenant_id", "key", name="uq_reinforce_team"),
        ForeignKeyConstraint(["tenant_id"], [f"{within}reinforce_tenant.id"], name="fk_reinforce_team_tenant_id"),
        schema=schema,
        sqlite_autoincrement=True,
    )
    op.create_table(
        "reinforce_team_member",
        Column("learner_id", Integer, nullable=False),
        Column("team_id", Integer, nullable=False),
        PrimaryKeyConstraint("learner_id", "team_id", name="pk_reinforce_team_member"),
        ForeignKeyConstraint(
            ["learner_id"], [f"{within}reinforce_learner.id"], name="fk_reinforce_team_member_learner_id"
        ),
        ForeignKeyConstraint(["team_id"], [f"{within}reinforce_team.id"], name="fk_reinforce_team_member_team_id"),
        schema=schema,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_reinforce_team_member_team_id", "reinforce_team_member", ["team_id"], schema=schema)
    op.create_table(
        "reinforce_calendar",
        Column("id", Integer, nullable=False),
        Column("tenant_id", Integer, nullable=False),
        Column("key", Text, nullable=False),
        Column("document", Text, nullable=False),
        PrimaryKeyConstraint("id", name="pk_reinforce_calendar"),
        UniqueConstraint("tenant_id", "key", name="uq_reinforce_calendar"),
        ForeignKeyConstraint(["tenant_id"], [f"{within}reinforce_tenant.id"], name="fk_reinforce_calendar_tenant_id"),
        schema=schema,
        sqlite_autoincrement=True,
    )


def _create_skills(op: Operations, schema: str | None) -> None:
    within = f"{schema}." if schema else ""
    op.create_table(
        "reinforce_skill",
        Column("id", Integer, nullable=False),
        Column("tenant_id", Integer, nullable=False),
        Column("key", Text, nullable=False),
        Column("title", Text, nullable=False),
        Column("desired_retention", Double, nullable=False),
        Column("document", Text, nullable=False),
        PrimaryKeyConstraint("id", name="pk_reinforce_skill"),
        UniqueConstraint("tenant_id", "key", name="uq_reinforce_skill"),
        ForeignKeyConstraint(["tenant_id"], [f"{within}reinforce_tenant.id"], name="fk_reinforce_skill_tenant_id"),
        schema=schema,
        sqlite_autoincrement=True,
    )
    op.create_table(
        "reinforce_implicit_practice",
        Column("skill_id", Integer, nullable=False),
        Column("encompassed_id", Integer, nullable=False),
        Column("weight", Double, nullable=False),
        PrimaryKeyConstraint("skill_id", "encompassed_id", name="pk_reinforce_implicit_practice"),
        ForeignKeyConstraint(
            ["skill_id"], [f"{within}reinforce_skill.id"], name="fk_reinforce_implicit_practice_skill_id"
        ),
        ForeignKeyConstraint(
            ["encompassed_id"], [f"{within}reinforce_skill.id"], name="fk_reinforce_implicit_practice_encompassed_id"
        ),
        schema=schema,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reinforce_skill_model",
        Column("id", Integer, nullable=False),
        Column("tenant_id", Integer, nullable=False),
        Column("key", Text, nullable=False),
        Column("version", Integer, nullable=False),
        Column("document", Text, nullable=False),
        PrimaryKeyConstraint("id", name="pk_reinforce_skill_model"),
        UniqueConstraint("tenant_id", "key", "version", name="uq_reinforce_skill_model"),
        ForeignKeyConstraint(
            ["tenant_id"], [f"{within}reinforce_tenant.id"], name="fk_reinforce_skill_model_tenant_id"
        ),
        schema=schema,
        sqlite_autoincrement=True,
    )
    op.create_table(
        "reinforce_role_profile",
        Column("id", Integer, nullable=False),
        Column("tenant_id", Integer, nullable=False),
        Column("key", Text, nullable=False),
        Column("document", Text, nullable=False),
        PrimaryKeyConstraint("id", name="pk_reinforce_role_profile"),
        UniqueConstraint("tenant_id", "key", name="uq_reinforce_role_profile"),
        ForeignKeyConstraint(
            ["tenant_id"], [f"{within}reinforce_tenant.id"], name="fk_reinforce_role_profile_tenant_id"
        ),
        schema=schema,
        sqlite_autoincrement=True,
    )
    op.create_table(
        "reinforce_refresher",
        Column("id", Integer, nullable=False),
        Column("tenant_id", Integer, nullable=False),
        Column("key", Text, nullable=False),
        Column("document", Text, nullable=False),
        PrimaryKeyConstraint("id", name="pk_reinforce_refresher"),
        UniqueConstraint("tenant_id", "key", name="uq_reinforce_refresher"),
        ForeignKeyConstraint(["tenant_id"], [f"{within}reinforce_tenant.id"], name="fk_reinforce_refresher_tenant_id"),
        schema=schema,
        sqlite_autoincrement=True,
    )


def _create_practice(op: Operations, schema: str | None) -> None:
    within = f"{schema}." if schema else ""
    op.create_table(
        "reinforce_practice_event",
        Column("id", LargeBinary(16), nullable=False),
        Column("tenant_id", Integer, nullable=False),
        Column("learner_id", Integer, nullable=False),
        Column("recorded_at", BigInteger, nullable=False),
        Column("kind", Text, nullable=False),
        Column("source", Text, nullable=False),
        Column("external_id", Text, nullable=False),
        Column("revision", Integer, nullable=False),
        Column("assessor_id", Integer, nullable=True),
        Column("refresher_id", Integer, nullable=True),
        Column("policy", Text, nullable=False),
        Column("outcomes", Text, nullable=False),
        Column("context", Text, nullable=True),
        Column("note", Text, nullable=True),
        PrimaryKeyConstraint("id", "tenant_id", name="pk_reinforce_practice_event"),
        UniqueConstraint("tenant_id", "source", "external_id", "revision", name="uq_reinforce_practice_event"),
        schema=schema,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reinforce_practice_void",
        Column("event_id", LargeBinary(16), nullable=False),
        Column("tenant_id", Integer, nullable=False),
        Column("voided_at", BigInteger, nullable=False),
        Column("reason", Text, nullable=False),
        PrimaryKeyConstraint("event_id", "tenant_id", name="pk_reinforce_practice_void"),
        schema=schema,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reinforce_review",
        Column("learner_id", Integer, nullable=False),
        Column("skill_id", Integer, nullable=False),
        Column("event_id", LargeBinary(16), nullable=False),
        Column("day", Integer, nullable=False),
        Column("rating", SmallInteger, nullable=True),
        Column("weight", Double, nullable=False),
        Column("implicit", SmallInteger, nullable=False),
        PrimaryKeyConstraint("learner_id", "skill_id", "event_id", name="pk_reinforce_review"),
        schema=schema,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reinforce_memory",
        Column("learner_id", Integer, nullable=False),
        Column("skill_id", Integer, nullable=False),
        Column("stability", Double, nullable=False),
        Column("difficulty", Double, nullable=False),
        Column("last_day", Integer, nullable=False),
        Column("due_day", Integer, nullable=False),
        Column("reviews", Integer, nullable=False),
        Column("lapses", Integer, nullable=False),
        Column("last_event", LargeBinary(16), nullable=False),
        Column("parameter_set_id", Integer, nullable=False),
        PrimaryKeyConstraint("learner_id", "skill_id", name="pk_reinforce_memory"),
        schema=schema,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reinforce_parameter_set",
        Column("id", Integer, nullable=False),
        Column("tenant_id", Integer, nullable=False),
        Column("algorithm", Text, nullable=False),
        Column("document", Text, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        PrimaryKeyConstraint("id", name="pk_reinforce_parameter_set"),
        ForeignKeyConstraint(
            ["tenant_id"], [f"{within}reinforce_tenant.id"], name="fk_reinforce_parameter_set_tenant_id"
        ),
        schema=schema,
        sqlite_autoincrement=True,
    )


def _create_plans(op: Operations, schema: str | None) -> None:
    within = f"{schema}." if schema else ""
    op.create_table(
        "reinforce_assignment",
        Column("id", LargeBinary(16), nullable=False),
        Column("tenant_id", Integer, nullable=False),
        Column("learner_id", Integer, nullable=False),
        Column("refresher_id", Integer, nullable=False),
        Column("day", Integer, nullable=False),
        Column("position", SmallInteger, nullable=False),
        Column("expires_day", Integer, nullable=False),
        Column("status", Text, nullable=False),
        Column("title", Text, nullable=False),
        Column("skills", Text, nullable=False),
        Column("minutes", Double, nullable=False),
        Column("value", Double, nullable=False),
        Column("reason", Text, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("closed_at", BigInteger, nullable=True),
        PrimaryKeyConstraint("id", name="pk_reinforce_assignment"),
        schema=schema,
    )
    op.create_index(
        "ix_reinforce_assignment_learner_id_day", "reinforce_assignment", ["learner_id", "day"], schema=schema
    )
    op.create_table(
        "reinforce_job_run",
        Column("id", Integer, nullable=False),
        Column("tenant_id", Integer, nullable=False),
        Column("job", Text, nullable=False),
        Column("day", Integer, nullable=False),
        Column("started_at", BigInteger, nullable=False),
        Column("finished_at", BigInteger, nullable=True),
        Column("attempts", Integer, nullable=False),
        PrimaryKeyConstraint("id", name="pk_reinforce_job_run"),
        UniqueConstraint("tenant_id", "job", "day", name="uq_reinforce_job_run"),
        ForeignKeyConstraint(["tenant_id"], [f"{within}reinforce_tenant.id"], name="fk_reinforce_job_run_tenant_id"),
        schema=schema,
        sqlite_autoincrement=True,
    )
    op.create_table(
        "reinforce_job_shard",
        Column("run_id", Integer, nullable=False),
        Column("shard", Integer, nullable=False),
        Column("first_learner_id", Integer, nullable=False),
        Column("last_learner_id", Integer, nullable=False),
        Column("finished_at", BigInteger, nullable=True),
        Column("counts", Text, nullable=True),
        PrimaryKeyConstraint("run_id", "shard", name="pk_reinforce_job_shard"),
        ForeignKeyConstraint(["run_id"], [f"{within}reinforce_job_run.id"], name="fk_reinforce_job_shard_run_id"),
        schema=schema,
        sqlite_with_rowid=False,
    )
