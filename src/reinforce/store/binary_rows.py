"""Rows of fixed width in the binary form of PostgreSQL's COPY, from columns and back, all rows at once.

A row takes psycopg a microsecond and more to write, and as much to read; as one array it takes next to nothing.
"""

from collections.abc import Sequence
from struct import calcsize

import numpy as np
import numpy.typing as npt

from reinforce.store.binary_forms import BINARY_FORMS

Column = npt.NDArray[np.int64] | npt.NDArray[np.float64] | Sequence[bytes]

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"


def encoded(types: Sequence[str], columns: Sequence[Column]) -> bytes:
    """What COPY takes for rows without NULL, given column by column."""
    rows = np.empty(len(columns[0]), _layout(types))
    rows["fields"] = len(types)
    for number, (name, column) in enumerate(zip(types, columns, strict=True)):
        form = np.dtype(_form(name))
        rows[f"size {number}"] = form.itemsize
        rows[f"value {number}"] = np.frombuffer(b"".join(column), form) if name == "bytea" else column
    return _HEADER + rows.tobytes() + _TRAILER


def decoded(types: Sequence[str], data: bytes) -> list[Column]:
    """The columns of rows without NULL that COPY has given."""
    layout = _layout(types)
    count = (len(data) - len(_HEADER) - len(_TRAILER)) // layout.itemsize
    rows = np.frombuffer(data, layout, count, len(_HEADER))
    return [_column(name, rows[f"value {number}"]) for number, name in enumerate(types)]


def _layout(types: Sequence[str]) -> np.dtype[np.void]:
    fields = [("fields", ">i2")]
    for number, name in enumerate(types):
        fields += [(f"size {number}", ">i4"), (f"value {number}", _form(name))]
    return np.dtype(fields)


def _form(name: str) -> str:
    """One column's, as NumPy has it; bytes are `V`, because it takes NULs from the end of what is `s`."""
    form = BINARY_FORMS[name]
    return f"V{calcsize(form)}" if name == "bytea" else f">{form}"


def _column(name: str, values: npt.NDArray[np.generic]) -> Column:
    if name == "bytea":
        found: list[bytes] = values.tolist()
        return found
    return values.astype(np.float64) if name == "float8" else values.astype(np.int64)
