"""Rows in the binary form of PostgreSQL's COPY, held against what PostgreSQL makes of them."""

import psycopg
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import make_url

from reinforce.store.binary_rows import decoded, encoded
from reinforcer.world import ONE_DATABASE

TYPES = ("int2", "int4", "int8", "float8", "bytea")
NAMES = "a, b, c, d, e"
ROWS = st.lists(
    st.tuples(
        st.integers(-(2**15), 2**15 - 1),
        st.integers(-(2**31), 2**31 - 1),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False),
        st.binary(min_size=16, max_size=16),
    ),
    min_size=1,
)


@settings(ONE_DATABASE, max_examples=30)
@given(rows=ROWS)
def test_what_is_written_is_what_is_read(postgres_url: str, rows: list[tuple[int, int, int, float, bytes]]) -> None:
    """PostgreSQL reads each value as it was, to the bit, and what it gives back is read as it was."""
    address = make_url(postgres_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as connection, connection.cursor(binary=True) as cursor:
        columns = ", ".join(f"{name} {kind}" for name, kind in zip(NAMES.split(", "), TYPES, strict=True))
        cursor.execute(f"CREATE TEMPORARY TABLE written ({columns})".encode())
        with cursor.copy(f"COPY written ({NAMES}) FROM STDIN (FORMAT BINARY)".encode()) as copy:
            copy.write(encoded(TYPES, list(zip(*rows, strict=True))))
        found = cursor.execute(f"SELECT {NAMES} FROM written".encode()).fetchall()
        with cursor.copy(f"COPY written ({NAMES}) TO STDOUT (FORMAT BINARY)".encode()) as copy:
            again = decoded(TYPES, b"".join(map(bytes, copy)))

    assert found == rows
    assert list(zip(*map(list, again), strict=True)) == rows
