"""The driver's own cursor, for the statements that run with every record.

Measured on SQLite, SQLAlchemy's handling of a statement and its parameters costs more than the statement
itself; recording goes through the driver and reaches about twice the rate. SQL here is written once for
both databases, with `?` for a parameter and these words:

- `{learner}` and the like: a table's full name;
- `{in}`: the column before it is one of a list, given as one parameter by `many`;
- `{texts}`: rows with one column, `json_each.value`, for each text of one parameter given by `many`; it comes
  first in a cross join, so that SQLite looks each text up and does not read the whole table;
- `{pairs}`: the same for each packed pair of the parameter given by `pairs`.
"""

import json
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from reinforce.store.schema import PREFIX

COPY_FROM = 50
"""From so many rows on, COPY is worth its set-up on PostgreSQL."""

_PAIR_SHIFT = 32
_PAIR_MASK = (1 << _PAIR_SHIFT) - 1

_WORDS = {
    "sqlite": {"in": "IN (SELECT value FROM json_each(?))", "pairs": "json_each(?)", "texts": "json_each(?)"},
    "postgresql": {
        "in": "= ANY(?)",
        "pairs": "unnest(?::bigint[]) AS json_each(value)",
        "texts": "unnest(?::text[]) AS json_each(value)",
    },
}

Row = tuple[Any, ...]


@lru_cache(maxsize=512)
def _prepared(sql: str, dialect: str, schema: str | None) -> str:
    text = re.sub(r"\{(\w+)\}", lambda word: _WORDS[dialect].get(word[1]) or _full_name(word[1], schema), sql)
    return text.replace("?", "%s") if dialect == "postgresql" else text


def _full_name(short: str, schema: str | None) -> str:
    return f'"{schema}".{PREFIX}{short}' if schema else f"{PREFIX}{short}"


class Driver:
    """The driver's cursor of a connection that SQLAlchemy holds, within its transaction."""

    def __init__(self, connection: Connection, schema: str | None) -> None:
        self.dialect = connection.dialect.name
        self._schema = schema
        self._cursor = connection.connection.cursor()

    def rows(self, sql: str, *parameters: Any) -> list[Row]:
        """Run a query; all its rows."""
        self._cursor.execute(_prepared(sql, self.dialect, self._schema), parameters)
        return list(self._cursor.fetchall())

    def run(self, sql: str, *parameters: Any) -> int:
        """Run a statement; how many rows it changed."""
        self._cursor.execute(_prepared(sql, self.dialect, self._schema), parameters)
        return int(self._cursor.rowcount)

    def run_many(self, sql: str, rows: Sequence[Row]) -> None:
        """Run a statement once for each row of parameters."""
        if len(rows) == 1:
            self._cursor.execute(_prepared(sql, self.dialect, self._schema), rows[0])
        elif rows:
            self._cursor.executemany(_prepared(sql, self.dialect, self._schema), rows)

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Insert rows that are known to be new."""
        if self.dialect == "postgresql" and len(rows) >= COPY_FROM:
            self._copy(_full_name(table, self._schema), columns, rows)
            return
        places = ", ".join("?" * len(columns))
        self.run_many(f"INSERT INTO {{{table}}} ({', '.join(columns)}) VALUES ({places})", rows)

    def upsert(self, table: str, columns: Sequence[str], rows: Sequence[Row], on_conflict: str) -> None:
        """Insert rows, or do with them what `on_conflict` says where they exist."""
        names = ", ".join(columns)
        if self.dialect == "postgresql" and len(rows) >= COPY_FROM:
            staged = f"staged_{table}"
            target = _full_name(table, self._schema)
            self._cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS {staged} (LIKE {target}) ON COMMIT DELETE ROWS")
            self._cursor.execute(f"DELETE FROM {staged}")
            self._copy(staged, columns, rows)
            self._cursor.execute(
                f"INSERT INTO {target} ({names}) SELECT {names} FROM {staged} ON CONFLICT {on_conflict}"
            )
            return
        places = ", ".join("?" * len(columns))
        self.run_many(f"INSERT INTO {{{table}}} ({names}) VALUES ({places}) ON CONFLICT {on_conflict}", rows)

    def _copy(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        with self._cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def many(self, values: Iterable[Any]) -> Any:
        """A list as the one parameter of `{in}`."""
        listed = list(values)
        return json.dumps(listed) if self.dialect == "sqlite" else listed

    def pairs(self, pairs: Iterable[tuple[int, int]]) -> Any:
        """Pairs of ids as the one parameter of `{pairs}`."""
        return self.many((first << _PAIR_SHIFT) | second for first, second in pairs)


def is_pair(first: str, second: str) -> str:
    """The condition that two columns are a pair of `{pairs}`."""
    cast = f"json_each.value >> {_PAIR_SHIFT}", f"json_each.value & {_PAIR_MASK}"
    return f"{first} = {cast[0]} AND {second} = {cast[1]}"
