"""What a column of fixed width takes in PostgreSQL's binary form; without NumPy, for who records one event."""

from struct import Struct

from reinforce.store.driver import types_of

BINARY_FORMS = {"int2": "h", "int4": "i", "int8": "q", "float8": "d", "bytea": "16s"}
"""By PostgreSQL's names, as `struct` has it, the highest byte first; all that is stored as `bytea` in rows of fixed
width are ids of 16 bytes."""


def row_form(table: str, columns: tuple[str, ...]) -> Struct:
    """The form of columns one after the other."""
    return Struct(">" + "".join(BINARY_FORMS[name] for name in types_of(table, columns)))
