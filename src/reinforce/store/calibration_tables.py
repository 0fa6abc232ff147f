"""The tables in which a tenant's calibration is kept."""

from sqlalchemy import BigInteger, Column, Double, Integer, LargeBinary, MetaData, SmallInteger, Text

from reinforce.store.table_parts import CLUSTERED, reference, table

STAMP_BYTES = 16
DIGEST_BYTES = 16


def calibration_tables(metadata: MetaData) -> None:
    """Where it stands, its closes, and what was learned of each subject."""
    table(
        metadata,
        "calibration",
        Column("tenant_id", Integer, reference(metadata, "tenant"), primary_key=True, autoincrement=False),
        Column("is_on", SmallInteger, nullable=False),
        Column("open_close", Integer, nullable=False),
        Column("stamp", LargeBinary(STAMP_BYTES)),
        Column("moved_through", Integer),
        Column("document", Text),
    )
    table(
        metadata,
        "calibration_close",
        Column("tenant_id", Integer, reference(metadata, "tenant"), primary_key=True),
        Column("number", Integer, primary_key=True),
        Column("closed_at", BigInteger, nullable=False),
        Column("digest", LargeBinary(DIGEST_BYTES)),
        Column("scores", Text),
        **CLUSTERED,
    )
    table(
        metadata,
        "calibration_offset",
        Column("tenant_id", Integer, primary_key=True),
        Column("effect", SmallInteger, primary_key=True),
        Column("subject_id", Integer, primary_key=True),
        Column("value", Double, nullable=False),
        Column("information", Double, nullable=False),
        Column("day", Integer, nullable=False),
        **CLUSTERED,
    )
