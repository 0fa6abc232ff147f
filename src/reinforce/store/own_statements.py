"""The statements that we make ourselves, on their way into the log: known to be right, and often many at once.

`StatementLog.append` takes what others send: it compares what comes twice and looks for statements that came before
what they refer to. Neither can happen here, since nobody knows an id of ours before we have told it. What was told
stays as it was told, so an id that is in the log already is left alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, NamedTuple

from reinforce.statements.versions import XapiVersion
from reinforce.store.driver import Driver, Row, insert_sql
from reinforce.store.statement_links import Linked, link
from reinforce.store.statement_watermark import Clock, announce_writer
from reinforce.store.statements import Lacks, Origin

STATEMENTS_AT_ONCE = 2000
_IDS_AT_ONCE = 50

_COLUMNS = ("seq", "tenant_id", "id", "xact", "stored_at", "timestamp", "version", "body", "lacks", "origin")
_TERM_COLUMNS = ("term", "stored_at", "seq")
_VERSION, _LACKS, _ORIGIN = XapiVersion.V1.value, int(Lacks.VERSION), int(Origin.OURS)
"""Ours are valid in either version; marked with the older one, nobody's have to be converted."""


class OwnStatement(NamedTuple):
    """A statement that we have made.

    Attributes:
        id: sixteen bytes.
        timestamp: in epoch microseconds.
        body: its bytes.
        terms: the numbers of what it is found by, see `statement_terms`.
        refers: its data, if its object is another statement.
    """

    id: bytes
    timestamp: int
    body: bytes
    terms: Sequence[int]
    refers: Mapping[str, Any] | None = None


def append_own(driver: Driver, tenant_id: int, statements: Iterable[OwnStatement], clock: Clock) -> int:
    """Add statements of ours that the log does not have; how many those were.

    Args:
        driver: of the transaction that writes what they tell.
        tenant_id: whose they are.
        statements: in the order that they are to have; no more than some thousands are held at once.
        clock: asked after the transaction has been announced to readers.
    """
    coming = iter(statements)
    part = list(islice(coming, STATEMENTS_AT_ONCE))
    if not part:
        return 0
    put = _put_together if driver.dialect == "postgresql" else _put_by_turns
    xact = announce_writer(driver, clock)
    stored_at = clock()
    count = 0
    while part:
        numbers = put(driver, tenant_id, part, xact, stored_at)
        for one in part:
            if one.refers is not None and one.id in numbers:
                new = Linked(numbers[one.id], stored_at, str(one.refers["id"]), one.refers)
                link(driver, tenant_id, [new], [])
        count += len(numbers)
        part = list(islice(coming, STATEMENTS_AT_ONCE))
    return count


def _put_together(
    driver: Driver, tenant_id: int, statements: Sequence[OwnStatement], xact: int, stored_at: int
) -> dict[bytes, int]:
    """Insert statements and terms as one on PostgreSQL; the numbers of those that were new, by id."""
    if len(statements) == 1:
        return _put_one(driver, tenant_id, statements[0], xact, stored_at)
    places = [place for place, one in enumerate(statements, 1) for _ in one.terms]
    rows = driver.rows(
        "WITH told AS MATERIALIZED (SELECT * FROM unnest(%b::bytea[], %b::bigint[], %b::bytea[])"
        " WITH ORDINALITY AS n(id, moment, body, place)),"
        " new AS (INSERT INTO {statement} (tenant_id, id, xact, stored_at, timestamp, version, body, lacks, origin)"
        " SELECT ?, id, ?, ?, moment, ?, body, ?, ? FROM told ORDER BY place"
        " ON CONFLICT (tenant_id, id) DO NOTHING RETURNING seq, id),"
        " found AS (INSERT INTO {statement_term} (term, stored_at, seq) SELECT t.term, ?, new.seq"
        " FROM unnest(%b::bigint[], %b::bigint[]) AS t(term, place) JOIN told USING (place) JOIN new USING (id))"
        " SELECT id, seq FROM new",
        [one.id for one in statements],
        [one.timestamp for one in statements],
        [one.body for one in statements],
        tenant_id,
        xact,
        stored_at,
        _VERSION,
        _LACKS,
        _ORIGIN,
        stored_at,
        list(chain.from_iterable(one.terms for one in statements)),
        places,
    )
    return {bytes(number): seq for number, seq in rows}


def _put_one(driver: Driver, tenant_id: int, one: OwnStatement, xact: int, stored_at: int) -> dict[bytes, int]:
    """The same for one, without arrays, which take psycopg longer than the rest of the statement."""
    rows = driver.rows(
        "WITH new AS (INSERT INTO {statement} (tenant_id, id, xact, stored_at, timestamp, version, body, lacks, origin)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (tenant_id, id) DO NOTHING RETURNING seq),"
        " found AS (INSERT INTO {statement_term} (term, stored_at, seq) SELECT t.term, ?::bigint, new.seq"
        f" FROM new, (VALUES {', '.join(['(?::bigint)'] * len(one.terms))}) AS t(term)) SELECT seq FROM new",
        *(tenant_id, one.id, xact, stored_at, one.timestamp, _VERSION, one.body, _LACKS, _ORIGIN),
        stored_at,
        *one.terms,
    )
    return {one.id: rows[0][0]} if rows else {}


def _put_by_turns(
    driver: Driver, tenant_id: int, statements: Sequence[OwnStatement], xact: int, stored_at: int
) -> dict[bytes, int]:
    """Insert on SQLite, whose only writer we are; the numbers of those that were new, by id."""
    known = known_ids(driver, tenant_id, [one.id for one in statements])
    found = driver.rows("SELECT seq FROM sqlite_sequence WHERE name = '{statement}'")
    seq = found[0][0] if found else 0
    rows: list[Row] = []
    terms: list[Row] = []
    numbers: dict[bytes, int] = {}
    for one in statements:
        if one.id not in known and one.id not in numbers:
            seq += 1
            numbers[one.id] = seq
            what = (one.timestamp, _VERSION, one.body, _LACKS, _ORIGIN)
            rows.append((seq, tenant_id, one.id, xact, stored_at, *what))
            terms += [(term, stored_at, seq) for term in one.terms]
    driver.run_many(insert_sql("statement", _COLUMNS), rows)
    # In the order of the table, which spares SQLite half of its searching.
    driver.run_many(insert_sql("statement_term", _TERM_COLUMNS), sorted(terms))
    return numbers


def known_ids(driver: Driver, tenant_id: int, ids: Sequence[bytes]) -> set[bytes]:
    """Those of the ids that the log has."""
    return {bytes(number) for number, _ in _found(driver, tenant_id, ids)}


def standing_ids(driver: Driver, tenant_id: int, ids: Sequence[bytes]) -> set[bytes]:
    """Those of the ids that the log has and that nobody has taken back."""
    return {bytes(number) for number, voided_by in _found(driver, tenant_id, ids) if voided_by is None}


def _found(driver: Driver, tenant_id: int, ids: Sequence[bytes]) -> Iterator[Row]:
    """Id and `voided_by` of those statements that the log has."""
    if driver.dialect == "postgresql":
        each = driver.for_each("bytea", "statement", "x.tenant_id = ? AND x.id = one.value")
        yield from driver.rows(f"SELECT x.id, x.voided_by {each}", list(ids), tenant_id)
        return
    for start in range(0, len(ids), _IDS_AT_ONCE):
        part = list(ids[start : start + _IDS_AT_ONCE])
        if len(part) > 1:
            part += part[-1:] * (_IDS_AT_ONCE - len(part))  # two texts of SQL, each prepared once
        places = ", ".join("?" * len(part))
        sql = f"SELECT id, voided_by FROM {{statement}} WHERE tenant_id = ? AND id IN ({places})"
        yield from driver.rows(sql, tenant_id, *part)
