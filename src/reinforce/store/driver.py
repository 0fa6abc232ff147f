"""The driver's own cursor, for the statements that run with every record.

Measured on SQLite, SQLAlchemy's handling of a statement and its parameters costs more than the statement
itself; recording goes through the driver and reaches about twice the rate. SQL here is written once for
both databases, with `?` for a parameter and these words:

- `{learner}` and the like: a table's full name;
- `{in}`: the column before it is one of a list, given as one parameter by `many`;
- what `for_each` gives: a table's rows for each of many texts or pairs.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from importlib import import_module
from itertools import chain
from typing import Any

from sqlalchemy import BigInteger, Connection, Double, Integer, LargeBinary, SmallInteger, Text

from reinforce.store.migrations import REVISIONS
from reinforce.store.schema import tables
from reinforce.store.table_parts import PREFIX
from reinforce.store.transaction import Transaction

COPY_FROM = 50
"""From so many rows on, COPY is worth its set-up on PostgreSQL."""

_PAIR_SHIFT = 32
_PAIR_MASK = (1 << _PAIR_SHIFT) - 1

_WORDS = {
    "sqlite": {"in": "IN (SELECT value FROM json_each(?))"},
    "postgresql": {"in": "= ANY(?)"},
}

_LISTS = {
    "key": "string_to_array((SELECT ?::text), E'\\n')",
    "number": "string_to_array((SELECT ?::text), ',')::bigint[]",
}
"""Lists as text, behind a SELECT so that PostgreSQL plans without knowing how long they are: it would compile a query
for ten thousand, which takes longer than the query."""

_POSTGRESQL_NAMES: Mapping[type[Any], str] = {
    Integer: "int4",
    BigInteger: "int8",
    SmallInteger: "int2",
    Double: "float8",
    Text: "text",
    LargeBinary: "bytea",
}

Row = tuple[Any, ...]


@lru_cache(maxsize=512)
def _prepared(sql: str, dialect: str, schema: str | None) -> str:
    text = re.sub(r"\{(\w+)\}", lambda word: _WORDS[dialect].get(word[1]) or _full_name(word[1], schema), sql)
    return text.replace("?", "%s") if dialect == "postgresql" else text


def _full_name(short: str, schema: str | None) -> str:
    return f'"{schema}".{PREFIX}{short}' if schema else f"{PREFIX}{short}"


@lru_cache(maxsize=64)
def insert_sql(table: str, columns: tuple[str, ...]) -> str:
    """The statement that inserts a row."""
    return f"INSERT INTO {{{table}}} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


def values_sql(table: str, columns: tuple[str, ...]) -> str:
    """A parameter for each column with its type, for a SELECT on PostgreSQL, which does not look where it goes to."""
    return ", ".join(f"?::{type_}" for type_ in types_of(table, columns))


@lru_cache(maxsize=64)
def _as_one(*statements: str) -> str:
    *before, last = statements
    return f"WITH {', '.join(f'done_{number} AS ({sql})' for number, sql in enumerate(before))} {last}"


@lru_cache(maxsize=64)
def types_of(table: str, columns: tuple[str, ...]) -> list[str]:
    """The columns' types by PostgreSQL's names, which a binary COPY must know."""
    known = tables().metadata.tables[f"{PREFIX}{table}"].c
    return [_POSTGRESQL_NAMES[type(known[name].type)] for name in columns]


class Driver:
    """The driver's cursor, within a transaction.

    Attributes:
        dialect: "sqlite" or "postgresql".
        connection: the driver's.
    """

    def __init__(self, connection: Connection | Transaction, schema: str | None) -> None:
        self.dialect = connection.dialect.name
        self.connection: Any = connection.connection
        self._schema = schema
        self._opened: Any = None

    @property
    def _cursor(self) -> Any:
        if self._opened is None:
            self._opened = self._new_cursor()
        return self._opened

    def _new_cursor(self) -> Any:
        # In binary form, psycopg reads rows twice as fast as in its text.
        return self.connection.cursor(binary=True) if self.dialect == "postgresql" else self.connection.cursor()

    def text(self, sql: str) -> str:
        """A statement in the driver's own terms."""
        return _prepared(sql, self.dialect, self._schema)

    def rows(self, sql: str, *parameters: Any) -> list[Row]:
        """Run a query; all its rows."""
        self._cursor.execute(_prepared(sql, self.dialect, self._schema), parameters)
        return list(self._cursor.fetchall())

    def ask(self, sql: str, *parameters: Any) -> Callable[[], list[Row]]:
        """Run a query, on a cursor of its own; what is returned gives its rows."""
        cursor = self._new_cursor()
        cursor.execute(_prepared(sql, self.dialect, self._schema), parameters)
        return lambda: list(cursor.fetchall())

    def meanwhile(self) -> AbstractContextManager[object]:
        """Within this, PostgreSQL works at what it was asked for by `ask` while we go on; nothing can be copied."""
        if self.dialect == "sqlite" or not import_module("psycopg").Pipeline.is_supported():
            return nullcontext()
        return self._cursor.connection.pipeline()  # type: ignore[no-any-return]

    def run(self, sql: str, *parameters: Any) -> int:
        """Run a statement; how many rows it changed."""
        self._cursor.execute(_prepared(sql, self.dialect, self._schema), parameters)
        return int(self._cursor.rowcount)

    def run_many(self, sql: str, rows: Sequence[Row]) -> None:
        """Run a statement once for each row of parameters."""
        if len(rows) == 1:
            self._cursor.execute(_prepared(sql, self.dialect, self._schema), rows[0])
        elif rows:
            # Plain tuples, because sqlite3 takes a third longer to bind the values of a named one.
            self._cursor.executemany(_prepared(sql, self.dialect, self._schema), map(tuple, rows))

    def run_columns(self, sql: str, columns: Sequence[Sequence[Any]]) -> None:
        """Run a statement once for each row of parameters, given column by column: no row is kept."""
        self._cursor.executemany(_prepared(sql, self.dialect, self._schema), zip(*columns, strict=True))

    def run_together(self, statements: Sequence[tuple[str, Row]]) -> None:
        """Run statements that write different tables, each with its parameters; PostgreSQL is sent them as one."""
        if self.dialect == "sqlite":
            for sql, parameters in statements:
                self._cursor.execute(_prepared(sql, self.dialect, self._schema), parameters)
            return
        parameters = tuple(chain.from_iterable(parameters for _, parameters in statements))
        self._cursor.execute(
            _prepared(_as_one(*(sql for sql, _ in statements)), self.dialect, self._schema), parameters
        )

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Row] | bytes) -> None:
        """Insert rows that are known to be new.

        Args:
            table: its short name.
            columns: of the table.
            rows: tuples or, on PostgreSQL, all rows in COPY's binary form.
        """
        if isinstance(rows, bytes) or (self.dialect == "postgresql" and len(rows) >= COPY_FROM):
            self._copy(table, _full_name(table, self._schema), columns, rows)
            return
        self.run_many(insert_sql(table, tuple(columns)), rows)

    def insert_columns(
        self,
        table: str,
        columns: Sequence[str],
        values: Sequence[Sequence[Any]],
        meanwhile: Callable[[], object] = int,
    ) -> None:
        """Insert rows that are known to be new, given column by column; `meanwhile` is called while PostgreSQL does."""
        if self.dialect == "postgresql":
            rows = zip(*values, strict=True)
            self._copy(table, _full_name(table, self._schema), columns, rows, meanwhile)
        else:
            self.run_columns(insert_sql(table, tuple(columns)), values)

    def upsert(self, table: str, columns: Sequence[str], rows: Sequence[Row] | bytes, on_conflict: str) -> None:
        """Insert rows, or do with them what `on_conflict` says where they exist; see `insert`."""
        if isinstance(rows, bytes) or (self.dialect == "postgresql" and len(rows) >= COPY_FROM):
            names = ", ".join(columns)
            # Named for its columns: a pooler's connection keeps it, also when an upgrade has given the table others.
            staged = f"staged_{table}_{REVISIONS[-1]}"
            target = _full_name(table, self._schema)
            self._cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS {staged} (LIKE {target}) ON COMMIT DELETE ROWS")
            self._cursor.execute(f"DELETE FROM {staged}")
            self._copy(table, staged, columns, rows)
            self._cursor.execute(
                f"INSERT INTO {target} ({names}) SELECT {names} FROM {staged} ON CONFLICT {on_conflict}"
            )
            return
        self.run_many(f"{insert_sql(table, tuple(columns))} ON CONFLICT {on_conflict}", rows)

    def _copy(
        self,
        table: str,
        into: str,
        columns: Sequence[str],
        rows: Iterable[Row] | bytes,
        meanwhile: Callable[[], object] = int,
    ) -> None:
        """Rows in COPY's binary form, which takes psycopg a third of the time of its text."""
        with self._cursor.copy(f"COPY {into} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)") as copy:
            if isinstance(rows, bytes):
                copy.write(rows)
                return
            copy.set_types(types_of(table, tuple(columns)))
            for row in rows:
                copy.write_row(row)
            meanwhile()

    def copied(self, sql: str, numbers: Sequence[int]) -> bytes:
        """What a query finds on PostgreSQL, in COPY's binary form.

        Args:
            sql: has one parameter, `?`, for text.
            numbers: with commas between them, that parameter. COPY takes none, so they are written into its text.
        """
        (before, after) = _prepared(sql, self.dialect, self._schema).split("%s")
        listed = ",".join(map(int.__repr__, numbers))
        with self._cursor.copy(f"COPY ({before}'{listed}'{after}) TO STDOUT (FORMAT BINARY)") as copy:
            return b"".join(copy)

    def for_each(self, kind: str, table: str, condition: str) -> str:
        """`FROM …`: the rows `x` of a table that meet a condition, for each `one` of a parameter's many values.

        Either database looks one value after the other up in the table's index. Left to themselves, SQLite and
        a PostgreSQL that has not analysed the table yet read all rows of the tenant to find a single one.

        Args:
            kind: "text" if the parameter is given by `many`, "bigint" if by `pairs`, "key" if by `keys`; "number" in
                what is `copied`.
            table: its short name.
            condition: on columns `x.…` and on `one.value`.
        """
        if self.dialect == "sqlite":
            return f"FROM json_each(?) one CROSS JOIN {{{table}}} x WHERE {condition}"
        rows = f"SELECT * FROM {{{table}}} x WHERE {condition} OFFSET 0"  # which keeps the planner out
        return f"FROM unnest({_LISTS.get(kind, f'?::{kind}[]')}) AS one(value) CROSS JOIN LATERAL ({rows}) x"

    def among(self, column: str, query: str) -> str:
        """The condition that a column is one of those that a query finds, of which there are few among all.

        PostgreSQL takes them for so many that it reads all rows and compiles the query, unless it cannot tell.
        """
        return f"{column} IN ({query})" if self.dialect == "sqlite" else f"{column} = ANY(ARRAY({query}))"

    def listed(self, document: str, field: str, name: str) -> str:
        """A table `name` with a `value` for each text in a list, a field of a JSON document."""
        if self.dialect == "sqlite":
            return f"json_each({document}, '$.{field}') AS {name}"
        return f"json_array_elements_text({document}::json -> '{field}') AS {name}(value)"

    def keyed(self, document: str, field: str, name: str) -> str:
        """A table `name` with each `key` of a mapping, a field of a JSON document."""
        if self.dialect == "sqlite":
            return f"json_each({document}, '$.{field}') AS {name}"
        return f"json_object_keys({document}::json -> '{field}') AS {name}(key)"

    def many(self, values: Iterable[Any]) -> Any:
        """A list as the one parameter of `{in}`."""
        listed = list(values)
        return json.dumps(listed) if self.dialect == "sqlite" else listed

    def keys(self, keys: Iterable[str]) -> Any:
        """Keys as the one parameter of `for_each`.

        Thousands of them take psycopg long as a list; as one text, a line each, they take nothing. No key has a line's
        end in it.
        """
        return self.many(keys) if self.dialect == "sqlite" else "\n".join(keys)

    def pairs(self, pairs: Iterable[tuple[int, int]]) -> Any:
        """Pairs of ids as the one parameter of `for_each`."""
        return self.many((first << _PAIR_SHIFT) | second for first, second in pairs)


def is_pair(first: str, second: str) -> str:
    """The condition that two columns are the pair that `for_each` is at."""
    return f"{first} = one.value >> {_PAIR_SHIFT} AND {second} = one.value & {_PAIR_MASK}"
