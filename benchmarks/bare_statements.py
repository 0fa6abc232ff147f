"""The peer of the LRS's benchmark: the same rows, known beforehand, written by the driver alone.

It shows what the database and its disk take of a POST: one transaction, one statement for each table, no HTTP, no JSON.
"""

import json
import random
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import make_url

from reinforce.store.statement_terms import term_number, terms_of

_STATEMENT = (
    "INSERT INTO reinforce_statement (seq, tenant_id, id, xact, stored_at, timestamp, version, body, lacks, origin,"
    " credential_id) VALUES (?, 1, ?, 0, ?, ?, '1.0.3', ?, 4, 1, 1)"
)
_TERM = "INSERT INTO reinforce_statement_term (term, stored_at, seq) VALUES (?, ?, ?)"

Rows = tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]


def rows_of(statements: Sequence[Mapping[str, Any]], seq: int) -> Rows:
    """The rows of statements and of their terms."""
    now = time.time_ns() // 1000
    whole = [
        (seq + place, UUID(str(one["id"])).bytes, now, now, json.dumps(one).encode())
        for place, one in enumerate(statements)
    ]
    terms = [
        (term_number(1, *term), now, seq + place) for place, one in enumerate(statements) for term in terms_of(one)
    ]
    return whole, sorted(terms)


def milliseconds_of(url: str, statement: Callable[[], Mapping[str, Any]], size: int, times: int) -> float:
    """p50 of a transaction that writes so many statements."""
    first = 1 << 40  # far from the numbers of the LRS
    batches = [
        rows_of([statement() for _ in range(size)], first + random.getrandbits(30) * 1000 + place * size)
        for place in range(times)
    ]
    is_postgres = make_url(url).get_backend_name() == "postgresql"
    write = _postgres(url) if is_postgres else _sqlite(url)
    taken = []
    for batch in batches:
        began = time.perf_counter()
        write(batch)
        taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)[times // 2]


def _postgres(url: str) -> Callable[[Rows], None]:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg.connect(plain)

    def write(batch: Rows) -> None:
        with connection.transaction(), connection.cursor() as cursor:
            for sql, rows in zip((_STATEMENT, _TERM), batch, strict=True):
                cursor.executemany(sql.replace("?", "%s"), rows)

    return write


def _sqlite(url: str) -> Callable[[Rows], None]:
    connection = sqlite3.connect(str(make_url(url).database), isolation_level=None, timeout=30)
    connection.execute("PRAGMA synchronous = NORMAL")

    def write(batch: Rows) -> None:
        connection.execute("BEGIN IMMEDIATE")
        for sql, rows in zip((_STATEMENT, _TERM), batch, strict=True):
            connection.executemany(sql, rows)
        connection.execute("COMMIT")

    return write
