"""The tables of statements: the log, and what comes into it and goes out of it."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, SmallInteger, Text, UniqueConstraint

from reinforce.store.table_parts import CLUSTERED, id_column, reference, table, tenant_id_column

STATEMENT_ID_BYTES = 16
OWNER_BYTES = 16


def statement_tables(metadata: MetaData) -> None:
    """The log of statements, what finds them, and what an LRS keeps beside them."""
    table(
        metadata,
        "statement",
        # SQLite gives no number twice to an INTEGER alone.
        Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
        Column("tenant_id", Integer, nullable=False),
        Column("id", LargeBinary(STATEMENT_ID_BYTES), nullable=False),
        Column("xact", BigInteger, nullable=False),
        Column("stored_at", BigInteger, nullable=False),
        Column("timestamp", BigInteger, nullable=False),
        Column("version", Text, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("lacks", SmallInteger, nullable=False),
        Column("origin", SmallInteger, nullable=False),
        Column("credential_id", Integer),
        Column("voided_by", LargeBinary(STATEMENT_ID_BYTES)),
        UniqueConstraint("tenant_id", "id"),
        Index(None, "tenant_id", "stored_at", "seq"),
        Index(None, "tenant_id", "xact", "seq"),
        sqlite_autoincrement=True,
    )
    table(
        metadata,
        "statement_term",
        Column("term", BigInteger, primary_key=True),
        Column("stored_at", BigInteger, primary_key=True),
        Column("seq", BigInteger, primary_key=True),
        **CLUSTERED,
    )
    table(
        metadata,
        "statement_attachment",
        Column("tenant_id", Integer, primary_key=True),
        Column("sha2", Text, primary_key=True),
        Column("content_type", Text, nullable=False),
        Column("content", LargeBinary, nullable=False),
    )
    table(
        metadata,
        "erased_statement",
        Column("tenant_id", Integer, primary_key=True),
        Column("id", LargeBinary(STATEMENT_ID_BYTES), primary_key=True),
        **CLUSTERED,
    )
    table(
        metadata,
        "lrs_document",
        Column("tenant_id", Integer, primary_key=True),
        Column("kind", SmallInteger, primary_key=True),
        Column("owner", LargeBinary(OWNER_BYTES), primary_key=True),
        Column("registration", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("content_type", Text, nullable=False),
        Column("content", LargeBinary, nullable=False),
        Column("etag", Text, nullable=False),
        Column("updated_at", BigInteger, nullable=False),
        Column("agent", LargeBinary(OWNER_BYTES)),
        Index(None, "tenant_id", "agent"),
    )
    table(
        metadata,
        "lrs_credential",
        id_column(),
        tenant_id_column(metadata),
        Column("key", Text, nullable=False),
        Column("secret", Text, nullable=False),
        Column("scopes", Text, nullable=False),
        Column("authority", Text, nullable=False),
        Column("label", Text, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("revoked_at", BigInteger),
        UniqueConstraint("key"),
        sqlite_autoincrement=True,
    )


def intake_tables(metadata: MetaData) -> None:
    """Where statements come from, and how they are understood."""
    table(
        metadata,
        "statement_mapping",
        id_column(),
        tenant_id_column(metadata),
        Column("name", Text, nullable=False),
        Column("version", Integer, nullable=False),
        Column("document", Text, nullable=False),
        Column("adopted_at", BigInteger, nullable=False),
        Column("retired_at", BigInteger),
        UniqueConstraint("tenant_id", "name", "version"),
        sqlite_autoincrement=True,
    )
    table(
        metadata,
        "statement_source",
        id_column(),
        tenant_id_column(metadata),
        Column("name", Text, nullable=False),
        Column("document", Text, nullable=False),
        Column("position", BigInteger),
        Column("pulled_at", BigInteger),
        Column("trouble", Text),
        UniqueConstraint("tenant_id", "name"),
        sqlite_autoincrement=True,
    )


def feed_tables(metadata: MetaData) -> None:
    """Where statements go to, and what was refused there."""
    table(
        metadata,
        "feed",
        id_column(),
        tenant_id_column(metadata),
        Column("name", Text, nullable=False),
        Column("adapter", Text, nullable=False),
        Column("settings", Text, nullable=False),
        Column("filter", Text, nullable=False),
        Column("actors", Text),
        Column("state", Text, nullable=False),
        Column("worker", Text),
        Column("start_xact", BigInteger, nullable=False),
        Column("start_seq", BigInteger, nullable=False),
        Column("xact", BigInteger, nullable=False),
        Column("seq", BigInteger, nullable=False),
        Column("delivered", BigInteger, nullable=False),
        Column("delivered_at", BigInteger),
        Column("failures", Integer, nullable=False),
        Column("failed_at", BigInteger),
        Column("retry_at", BigInteger),
        Column("last_error", Text),
        Column("created_at", BigInteger, nullable=False),
        UniqueConstraint("tenant_id", "name"),
        sqlite_autoincrement=True,
    )
    table(
        metadata,
        "dead_letter",
        Column("feed_id", Integer, reference(metadata, "feed"), primary_key=True),
        Column("seq", BigInteger, primary_key=True),
        Column("tenant_id", Integer, nullable=False),
        Column("statement_id", LargeBinary(STATEMENT_ID_BYTES), nullable=False),
        Column("reason", Text, nullable=False),
        Column("rejected_at", BigInteger, nullable=False),
        **CLUSTERED,
    )
