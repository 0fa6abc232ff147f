"""The tables, as SQLAlchemy Core.

Every table carries the prefix `reinforce_` and lives in a `MetaData` of its own, optionally in a schema.
Moments are epoch microseconds, calendar days are days since 1970-01-01, event ids are 16 bytes that sort
by the moment at which the event occurred.

The tables that grow with practice (practice_event, review, memory, statement and those beside it) have no foreign
keys and only the indexes that a query needs: they are written by this package alone, with ids that it has just
read in the same transaction, and a key more on them costs every record.
"""

from collections.abc import Sequence
from functools import lru_cache
from threading import Lock
from typing import Any

from attrs import frozen
from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from reinforce.store.calibration_tables import calibration_tables
from reinforce.store.statement_tables import feed_tables, intake_tables, statement_tables
from reinforce.store.table_parts import CLUSTERED, PREFIX, id_column, reference, table, tenant_id_column

VERSION_TABLE = f"{PREFIX}version"
EVENT_ID_BYTES = 16
IS_OPEN = text("status = 'open'")

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s",
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
}


@frozen
class Tables:
    """All tables of one schema."""

    metadata: MetaData
    tenant: Table
    learner: Table
    learner_actor: Table
    team: Table
    team_member: Table
    calendar: Table
    skill: Table
    implicit_practice: Table
    skill_model: Table
    role_profile: Table
    refresher: Table
    practice_event: Table
    practice_void: Table
    review: Table
    memory: Table
    parameter_set: Table
    parameter_fit: Table
    parameter_adoption: Table
    postponement: Table
    calibration: Table
    calibration_close: Table
    calibration_offset: Table
    assignment: Table
    job_run: Table
    job_shard: Table
    statement: Table
    statement_term: Table
    statement_attachment: Table
    statement_mapping: Table
    statement_source: Table
    erased_statement: Table
    lrs_document: Table
    lrs_credential: Table
    feed: Table
    dead_letter: Table


_making = Lock()


def tables(schema: str | None = None) -> Tables:
    """The tables in a schema; None is the database's default."""
    with _making:  # two threads that had tables of their own could mix them in a query
        return _tables(schema)


@lru_cache(maxsize=32)
def _tables(schema: str | None) -> Tables:
    metadata = MetaData(schema=schema, naming_convention=NAMING)
    _people(metadata)
    _skills(metadata)
    _practice(metadata)
    _parameters(metadata)
    calibration_tables(metadata)
    _plans(metadata)
    statement_tables(metadata)
    intake_tables(metadata)
    feed_tables(metadata)
    named = {table.name.removeprefix(PREFIX): table for table in metadata.tables.values()}
    return Tables(metadata=metadata, **named)


def _catalogue(
    metadata: MetaData,
    name: str,
    *more: Column[Any],
    unique: tuple[str, ...] = ("key",),
    added: Sequence[Column[Any] | Index] = (),
) -> None:
    """A table of definitions: the tenant's key, the whole value as JSON, and what later revisions have added."""
    table(
        metadata,
        name,
        id_column(),
        tenant_id_column(metadata),
        Column("key", Text, nullable=False),
        *more,
        Column("document", Text, nullable=False),
        *added,
        UniqueConstraint("tenant_id", *unique),
        # AUTOINCREMENT, because SQLite would give a deleted row's number to the next one.
        sqlite_autoincrement=True,
    )


def _people(metadata: MetaData) -> None:
    table(
        metadata,
        "tenant",
        id_column(),
        Column("key", Text, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("parameter_set_id", Integer),
        # Counts whatever changes what its memories are made with, see locks.py.
        Column("edition", Integer, nullable=False, server_default="0"),
        UniqueConstraint("key"),
        sqlite_autoincrement=True,
    )
    _catalogue(
        metadata,
        "learner",
        Column("time_zone", Text, nullable=False),
        Column("day_starts_at", SmallInteger, nullable=False),
        Column("is_active", SmallInteger, nullable=False),
        Column("erased_at", BigInteger),
    )
    table(
        metadata,
        "learner_actor",
        Column("tenant_id", Integer, primary_key=True),
        Column("actor", Text, primary_key=True),
        Column("learner_id", Integer, reference(metadata, "learner"), primary_key=True),
        Index(None, "learner_id"),
        **CLUSTERED,
    )
    _catalogue(metadata, "team", added=(Column("parent", Text), Index(None, "tenant_id", "parent")))
    table(
        metadata,
        "team_member",
        Column("learner_id", Integer, reference(metadata, "learner"), primary_key=True),
        Column("team_id", Integer, reference(metadata, "team"), primary_key=True),
        Index(None, "team_id"),
        **CLUSTERED,
    )
    _catalogue(metadata, "calendar")


def _skills(metadata: MetaData) -> None:
    _catalogue(
        metadata,
        "skill",
        Column("title", Text, nullable=False),
        Column("desired_retention", Double, nullable=False),
    )
    table(
        metadata,
        "implicit_practice",
        Column("skill_id", Integer, reference(metadata, "skill"), primary_key=True),
        Column("encompassed_id", Integer, reference(metadata, "skill"), primary_key=True),
        Column("weight", Double, nullable=False),
        **CLUSTERED,
    )
    _catalogue(metadata, "skill_model", Column("version", Integer, nullable=False), unique=("key", "version"))
    _catalogue(metadata, "role_profile")
    _catalogue(metadata, "refresher")


def _practice(metadata: MetaData) -> None:
    table(
        metadata,
        "practice_event",
        # An id is unique within its tenant only: it is made of what a source says of the event. It comes first,
        # because SQLite would otherwise look an external id up by reading all of its tenant's events.
        Column("id", LargeBinary(EVENT_ID_BYTES), primary_key=True),
        Column("tenant_id", Integer, primary_key=True),
        Column("learner_id", Integer, nullable=False),
        Column("recorded_at", BigInteger, nullable=False),
        Column("kind", Text, nullable=False),
        Column("source", Text, nullable=False),
        Column("external_id", Text, nullable=False),
        Column("revision", Integer, nullable=False),
        Column("assessor_id", Integer),
        Column("refresher_id", Integer),
        Column("policy", Text, nullable=False),
        Column("outcomes", Text, nullable=False),
        Column("context", Text),
        Column("note", Text),
        UniqueConstraint("tenant_id", "source", "external_id", "revision"),
        **CLUSTERED,
    )
    table(
        metadata,
        "practice_void",
        Column("event_id", LargeBinary(EVENT_ID_BYTES), primary_key=True),
        Column("tenant_id", Integer, primary_key=True),
        Column("voided_at", BigInteger, nullable=False),
        Column("reason", Text, nullable=False),
        Column("generation", Integer, nullable=False, server_default="1"),
        Column("reviews", Text, nullable=False, server_default="[]"),
        **CLUSTERED,
    )
    table(
        metadata,
        "review",
        Column("learner_id", Integer, primary_key=True),
        Column("skill_id", Integer, primary_key=True),
        Column("event_id", LargeBinary(EVENT_ID_BYTES), primary_key=True),
        Column("day", Integer, nullable=False),
        Column("rating", SmallInteger),
        Column("weight", Double, nullable=False),
        Column("implicit", SmallInteger, nullable=False),
        Column("generation", Integer, nullable=False, server_default="1"),
        **CLUSTERED,
    )
    table(
        metadata,
        "memory",
        Column("learner_id", Integer, primary_key=True),
        Column("skill_id", Integer, primary_key=True),
        Column("stability", Double, nullable=False),
        Column("difficulty", Double, nullable=False),
        Column("last_day", Integer, nullable=False),
        Column("due_day", Integer, nullable=False),
        Column("reviews", Integer, nullable=False),
        Column("lapses", Integer, nullable=False),
        Column("last_event", LargeBinary(EVENT_ID_BYTES), nullable=False),
        Column("parameter_set_id", Integer, nullable=False),
        Column("passes", Integer, nullable=False, server_default="0"),
        Column("practice_days", Integer, nullable=False, server_default="0"),
        Column("generation", Integer, nullable=False, server_default="1"),
        **CLUSTERED,
    )
    table(
        metadata,
        "parameter_set",
        id_column(),
        tenant_id_column(metadata),
        Column("algorithm", Text, nullable=False),
        Column("document", Text, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )


def _parameters(metadata: MetaData) -> None:
    table(
        metadata,
        "parameter_fit",
        id_column(),
        tenant_id_column(metadata),
        Column("parameter_set_id", Integer, reference(metadata, "parameter_set"), nullable=False),
        Column("document", Text, nullable=False),
        sqlite_autoincrement=True,
    )
    table(
        metadata,
        "parameter_adoption",
        id_column(),
        tenant_id_column(metadata),
        Column("parameter_set_id", Integer, reference(metadata, "parameter_set"), nullable=False),
        Column("replaced_id", Integer, reference(metadata, "parameter_set"), nullable=False),
        Column("adopted_at", BigInteger, nullable=False),
        Column("adopted_by", Text),
        Column("is_roll_back", SmallInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    table(
        metadata,
        "postponement",
        Column("learner_id", Integer, primary_key=True),
        Column("skill_id", Integer, primary_key=True),
        Column("parameter_set_id", Integer, nullable=False),
        Column("last_event", LargeBinary(EVENT_ID_BYTES), nullable=False),
        Column("until_day", Integer, nullable=False),
        **CLUSTERED,
    )


def _plans(metadata: MetaData) -> None:
    table(
        metadata,
        "assignment",
        Column("id", LargeBinary(EVENT_ID_BYTES), primary_key=True),
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
        Column("closed_at", BigInteger),
        Index(None, "learner_id", "day"),
        # The few that are open among all that ever were: what a night looks through for those that expire.
        Index("ix_reinforce_assignment_open", "learner_id", sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
    )
    table(
        metadata,
        "job_run",
        id_column(),
        tenant_id_column(metadata),
        Column("job", Text, nullable=False),
        Column("day", Integer, nullable=False),
        Column("started_at", BigInteger, nullable=False),
        Column("finished_at", BigInteger),
        Column("attempts", Integer, nullable=False),
        UniqueConstraint("tenant_id", "job", "day"),
        sqlite_autoincrement=True,
    )
    table(
        metadata,
        "job_shard",
        Column("run_id", Integer, reference(metadata, "job_run"), primary_key=True),
        Column("shard", Integer, primary_key=True),
        Column("first_learner_id", Integer, nullable=False),
        Column("last_learner_id", Integer, nullable=False),
        Column("finished_at", BigInteger),
        Column("counts", Text),
        **CLUSTERED,
    )
