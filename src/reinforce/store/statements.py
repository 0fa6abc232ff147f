"""The statement log: every xAPI statement that we made or were given, as its exact bytes, in order."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import IntEnum, IntFlag
from typing import Any
from uuid import UUID

from attrs import frozen

from reinforce.errors import StatementConflict
from reinforce.model.checks import from_micros, to_micros
from reinforce.statements.comparison import differences
from reinforce.statements.formats import compact, completed, has_lone_context_activities
from reinforce.statements.json_bytes import parse_json
from reinforce.statements.reading import ReceivedStatement
from reinforce.statements.timestamps import parse_timestamp, timestamp_text
from reinforce.statements.versions import XapiVersion
from reinforce.store.driver import Driver, Row
from reinforce.store.log_places import Cursor, Position, and_settled
from reinforce.store.statement_links import Linked, is_reference, link, references_to, referring
from reinforce.store.statement_search import search
from reinforce.store.statement_terms import Filter, TermKind, term_number, terms_of
from reinforce.store.statement_watermark import Clock, announcement


class Origin(IntEnum):
    """Where a statement comes from."""

    OURS = 0
    RECEIVED = 1


class Lacks(IntFlag):
    """What an LRS adds to a statement's own bytes when it gives it out; `REWRITE`: it has to replace something too."""

    ID = 1
    TIMESTAMP = 2
    VERSION = 4
    REWRITE = 8


@frozen
class NewStatement:
    """A checked statement on its way into the log.

    Attributes:
        id: its own, or the one that it is given.
        received: its data and exact bytes.
        version: of xAPI that it is written in.
        is_named: whether somebody else may know it by its id already; not so if the id has just been made up.
    """

    id: UUID
    received: ReceivedStatement
    version: XapiVersion
    is_named: bool = True

    @property
    def lacks(self) -> Lacks:
        """What it leaves to the LRS."""
        data = self.received.data
        lacking = Lacks(0)
        for name, flag in (("id", Lacks.ID), ("timestamp", Lacks.TIMESTAMP), ("version", Lacks.VERSION)):
            if name not in data:
                lacking |= flag
        if "stored" in data or "authority" in data or has_lone_context_activities(data):
            lacking |= Lacks.REWRITE
        return lacking


@frozen
class StoredStatement:
    """A statement of the log.

    Attributes:
        seq: its number; later ones have larger ones, with gaps.
        xact: the transaction that wrote it; 0 on SQLite.
        stored_at: in epoch microseconds.
        body: its exact bytes, as they came or as we made them.
        credential_id: with which it was received; None: it is ours, or came in another way.
        voided_by: the statement that took it back.
    """

    seq: int
    id: UUID
    xact: int
    stored_at: int
    version: XapiVersion
    body: bytes
    lacks: Lacks
    origin: Origin
    credential_id: int | None
    voided_by: UUID | None

    @property
    def data(self) -> Mapping[str, Any]:
        """Its own plain data."""
        found: Mapping[str, Any] = parse_json(self.body)
        return found

    def completed(self, authority: Mapping[str, Any]) -> bytes:
        """Its exact bytes with what the LRS sets."""
        given = self._given(authority)
        if self.lacks & Lacks.REWRITE:
            return completed(ReceivedStatement(self.data, self.body), given)
        return compact(given)[:-1] + b"," + self.body[1:]

    def _given(self, authority: Mapping[str, Any]) -> dict[str, Any]:
        stored = timestamp_text(from_micros(self.stored_at))
        given: dict[str, Any] = {"id": str(self.id)} if self.lacks & Lacks.ID else {}
        if self.lacks & Lacks.TIMESTAMP:
            given["timestamp"] = stored
        given["stored"] = stored
        given["authority"] = authority
        if self.lacks & Lacks.VERSION:
            given["version"] = "1.0.0" if self.version is XapiVersion.V1 else XapiVersion.V2.value
        return given


@frozen
class Attachment:
    """The content that a statement refers to by its hash."""

    sha2: str
    content_type: str
    content: bytes


COLUMNS = "seq, id, xact, stored_at, version, body, lacks, origin, credential_id, voided_by"
_COLUMNS_OF_X = ", ".join(f"x.{name}" for name in COLUMNS.split(", "))
_INSERTED = "seq, tenant_id, id, xact, stored_at, timestamp, version, body, lacks, origin, credential_id"
_TERM = ("term", "stored_at", "seq")
_MOST_PLACES = 500


_Written = tuple[list[NewStatement], list[Row], list[Row]]


class StatementLog:
    """One tenant's statements, within one transaction."""

    def __init__(self, driver: Driver, tenant_id: int) -> None:
        self._driver = driver
        self.tenant_id = tenant_id

    # ------------------------------------------------------------ writing

    def append(
        self,
        statements: Sequence[NewStatement],
        clock: Clock,
        *,
        credential_id: int | None = None,
        attachments: Iterable[Attachment] = (),
        origin: Origin | None = None,
    ) -> list[NewStatement]:
        """Add statements, each with an id of its own; those that the log has already are left as they are.

        Received ones that were erased with a person are not taken again, and nor are their attachments.

        Args:
            statements: in the order that they are to have.
            clock: asked once, after the transaction has been announced to readers.
            credential_id: with which they were received; None: they came in another way.
            attachments: the contents that came with them.
            origin: None: received with a credential, else ours.

        Returns:
            Those that were new.

        Raises:
            StatementConflict: the id of one stands for another statement already; nothing may be kept then.
        """
        if origin is None:
            origin = Origin.OURS if credential_id is None else Origin.RECEIVED
        new = self._without_known(statements) if self._driver.dialect == "sqlite" else list(statements)
        if self._driver.dialect == "sqlite" and origin is Origin.RECEIVED:
            erased = self.erased([one.id for one in new])
            new = [one for one in new if one.id not in erased]
        if new:
            xact, numbers = self._announced(len(new), clock)
            rows = self._rows(new, (xact, clock()), numbers, (int(origin), credential_id))
            new, rows, found = self._written(new, rows, credential_id)
            self._link(new, rows, found)
        contents = list(attachments)
        if contents and origin is Origin.RECEIVED:
            contents = _of_others(contents, statements, self.erased([one.id for one in statements]))
        self._add_attachments(contents)
        return new

    def _without_known(self, statements: Sequence[NewStatement]) -> list[NewStatement]:
        """The statements without those that the log has, which must be the same."""
        by_id = {one.id: one for one in self.by_ids([one.id for one in statements if one.is_named])}
        for one in statements:
            if one.id in by_id:
                _require_same(by_id[one.id], one)
        return [one for one in statements if one.id not in by_id]

    def _announced(self, count: int, clock: Clock) -> tuple[int, Sequence[int]]:
        """The transaction's number, of which readers now know that it writes, and numbers for new statements."""
        if self._driver.dialect == "sqlite":
            found = self._driver.rows("SELECT seq FROM sqlite_sequence WHERE name = '{statement}'")
            last = found[0][0] if found else 0
            return 0, range(last + 1, last + 1 + count)
        announced, parameters = announcement(clock)
        _, xact, numbers = self._driver.rows(
            f"SELECT {announced}, pg_current_xact_id()::text::bigint,"
            " ARRAY(SELECT nextval(pg_get_serial_sequence('{statement}', 'seq')) FROM generate_series(1, ?))",
            *parameters,
            count,
        )[0]
        return xact, sorted(numbers)

    def erased(self, ids: Sequence[UUID]) -> set[UUID]:
        """Those ids whose statements were erased with a person."""
        if self._driver.dialect == "postgresql":
            each = self._driver.for_each("bytea", "erased_statement", "x.tenant_id = ? AND x.id = one.value")
            rows = self._driver.rows(f"SELECT x.id {each}", [one.bytes for one in ids], self.tenant_id) if ids else []
        else:
            sql = "SELECT id FROM {erased_statement} WHERE tenant_id = ? AND id = ?"
            rows = [row for one in ids for row in self._driver.rows(sql, self.tenant_id, one.bytes)]
        return {UUID(bytes=bytes(row[0])) for row in rows}

    def _rows(
        self,
        new: Sequence[NewStatement],
        when: tuple[int, int],
        numbers: Sequence[int],
        whence: tuple[int, int | None],
    ) -> list[Row]:
        xact, stored_at = when
        return [
            (
                seq,
                self.tenant_id,
                one.id.bytes,
                xact,
                stored_at,
                _timestamp(one, stored_at),
                one.version.value,
                one.received.exact,
                int(one.lacks),
                *whence,
            )
            for seq, one in zip(numbers, new, strict=True)
        ]

    def _written(self, new: list[NewStatement], rows: list[Row], credential_id: int | None) -> _Written:
        """Insert statements and their terms: those that nobody else has inserted just now, and what refers to them."""
        terms = self._terms(new, rows, credential_id)
        references = self._references_to(new)
        if self._driver.dialect == "sqlite":  # whose only writer we are
            self._driver.insert("statement", tuple(_INSERTED.split(", ")), rows)
            self._driver.insert("statement_term", _TERM, terms)
            return new, rows, referring(self._driver, references)
        answer = self._driver.rows(_INSERTION, *_insertion(rows, terms, references))
        taken = {seq for term, _, seq in answer if term is None}
        if len(taken) < len(rows):
            self._without_known([one for one, row in zip(new, rows, strict=True) if row[0] not in taken])
        kept = [(one, row) for one, row in zip(new, rows, strict=True) if row[0] in taken]
        new = [one for one, _ in kept]
        references = self._references_to(new)
        found = [row for row in answer if row[0] in references]
        if any(is_reference(one.received.data) for one in new):  # the insertion does not see its own rows
            found = referring(self._driver, references)
        return new, [row for _, row in kept], found

    def _references_to(self, statements: Sequence[NewStatement]) -> list[int]:
        return references_to(self.tenant_id, [str(one.id) for one in statements if one.is_named])

    def _terms(self, new: Sequence[NewStatement], rows: Sequence[Row], credential_id: int | None) -> list[Row]:
        terms: list[Row] = []
        for one, row in zip(new, rows, strict=True):
            numbers = {term_number(self.tenant_id, *term) for term in terms_of(one.received.data)}
            if credential_id is not None:
                numbers.add(term_number(self.tenant_id, TermKind.CREDENTIAL, str(credential_id)))
            terms += [(number, row[4], row[0]) for number in numbers]
        # In the order of the table, which spares a database half of its searching.
        return sorted(terms)

    def _link(self, new: Sequence[NewStatement], rows: Sequence[Row], found: Sequence[Row]) -> None:
        stored = [Linked(row[0], row[4], str(one.id), one.received.data) for one, row in zip(new, rows, strict=True)]
        link(self._driver, self.tenant_id, stored, found)

    def _add_attachments(self, attachments: Iterable[Attachment]) -> None:
        rows = [(self.tenant_id, one.sha2.lower(), one.content_type, one.content) for one in attachments]
        self._driver.run_many(
            "INSERT INTO {statement_attachment} (tenant_id, sha2, content_type, content) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (tenant_id, sha2) DO NOTHING",
            rows,
        )

    # ------------------------------------------------------------ reading

    def by_id(self, statement_id: UUID) -> StoredStatement | None:
        """The statement of that id, voided or not."""
        return next(iter(self.by_ids([statement_id])), None)

    def by_ids(self, ids: Collection[UUID]) -> list[StoredStatement]:
        """The statements of those ids that the log has, in no order."""
        wanted = [one.bytes for one in ids]
        if self._driver.dialect == "postgresql":
            sql, parameters = self._of_ids(ids)
            return [_stored(row) for row in self._driver.rows(sql, *parameters)]
        found: list[StoredStatement] = []
        for start in range(0, len(wanted), _MOST_PLACES):
            part = wanted[start : start + _MOST_PLACES]
            part += part[-1:] * (_places(len(part)) - len(part))  # few texts of SQL, each prepared once
            places = ", ".join("?" * len(part))
            sql = f"SELECT {COLUMNS} FROM {{statement}} WHERE tenant_id = ? AND id IN ({places})"
            found += map(_stored, self._driver.rows(sql, self.tenant_id, *part))
        return found

    def _of_ids(self, ids: Collection[UUID]) -> tuple[str, Row]:
        each = self._driver.for_each("bytea", "statement", "x.tenant_id = ? AND x.id = one.value")
        return f"SELECT {_COLUMNS_OF_X} {each}", ([one.bytes for one in ids], self.tenant_id)

    def by_numbers(self, numbers: Collection[int]) -> list[StoredStatement]:
        """The statements of those numbers, in their order."""
        sql = f"SELECT {COLUMNS} FROM {{statement}} WHERE tenant_id = ? AND seq {{in}} ORDER BY seq"
        return [_stored(row) for row in self._rows_of(sql, self._driver.many(numbers))]

    def find(self, wanted: Filter, limit: int, after: Position | None = None) -> list[StoredStatement]:
        """The statements that fit, by when they were stored, without voided ones.

        Args:
            wanted: which, and in which direction.
            limit: how many at most.
            after: the last one that was given out before.
        """
        return [_stored(row) for row in search(self._driver, self.tenant_id, COLUMNS, wanted, limit, after)]

    def after(self, cursor: Cursor, limit: int) -> list[StoredStatement]:
        """The next statements behind a cursor that are settled, in an order in which nothing is added before them."""
        sql = (
            f"SELECT {COLUMNS} FROM {{statement}} WHERE tenant_id = ? AND (xact, seq) > (?, ?)"
            f"{and_settled(self._driver)} ORDER BY xact, seq LIMIT ?"
        )
        return [_stored(row) for row in self._driver.rows(sql, self.tenant_id, *cursor, limit)]

    def received(self, limit: int, after: Position) -> list[StoredStatement]:
        """The statements that others made, by when they were stored, voided ones among them.

        Args:
            limit: how many at most.
            after: the last one that was given out before; (a moment, 0): from that moment on.
        """
        sql = (
            f"SELECT {COLUMNS} FROM {{statement}} WHERE tenant_id = ? AND origin = ? AND (stored_at, seq) > (?, ?)"
            " ORDER BY stored_at, seq LIMIT ?"
        )
        return [_stored(row) for row in self._driver.rows(sql, self.tenant_id, int(Origin.RECEIVED), *after, limit)]

    def attachments(self, hashes: Collection[str]) -> list[Attachment]:
        """The contents of those hashes that the log has."""
        sql = "SELECT sha2, content_type, content FROM {statement_attachment} WHERE tenant_id = ? AND sha2 {in}"
        wanted = self._driver.many(sorted({one.lower() for one in hashes}))
        return [Attachment(sha2, kind, bytes(content)) for sha2, kind, content in self._rows_of(sql, wanted)]

    def _rows_of(self, sql: str, wanted: Any) -> list[Row]:
        return self._driver.rows(sql, self.tenant_id, wanted)


def _of_others(
    attachments: list[Attachment], statements: Sequence[NewStatement], erased: Collection[UUID]
) -> list[Attachment]:
    """Without those that only erased statements have."""
    if not erased:
        return attachments
    having = [one.received.data for one in statements if one.id not in erased]
    named = {
        one["sha2"].lower() for data in having for part in (data, data["object"]) for one in part.get("attachments", ())
    }
    return [one for one in attachments if one.sha2.lower() in named]


def _insertion(rows: Sequence[Row], terms: Sequence[Row], references: Sequence[int]) -> Row:
    """The parameters of `_INSERTION`; statements go in by their ids, so that two batches never wait for each other."""
    ordered = sorted(rows, key=lambda row: row[2])
    _, tenant_id, _, xact, stored_at, _, version, _, _, origin, credential_id = rows[0]
    return (
        *(tenant_id, xact, stored_at, version, origin, credential_id),
        *([row[place] for row in ordered] for place in (0, 2, 5, 7, 8)),
        *(origin, tenant_id),
        *(stored_at, [term for term, _, _ in terms], [seq for _, _, seq in terms]),
        references,
    )


_INSERTION = (
    f"WITH taken AS (INSERT INTO {{statement}} ({_INSERTED})"
    " SELECT s, ?, i, ?, ?, t, ?, b, l, ?, ? FROM unnest("
    "%b::bigint[], %b::bytea[], %b::bigint[], %b::bytea[], %b::smallint[]) AS n(s, i, t, b, l)"
    f" WHERE ? = {int(Origin.OURS)} OR NOT EXISTS"
    " (SELECT 1 FROM {erased_statement} e WHERE e.tenant_id = ? AND e.id = n.i)"
    " ON CONFLICT (tenant_id, id) DO NOTHING RETURNING seq),"
    " indexed AS (INSERT INTO {statement_term} (term, stored_at, seq)"
    " SELECT n.term, ?, n.seq FROM unnest(%b::bigint[], %b::bigint[]) AS n(term, seq) JOIN taken ON taken.seq = n.seq)"
    " SELECT NULL::bigint AS term, NULL::bigint AS stored_at, seq FROM taken UNION ALL"
    " SELECT x.term, x.stored_at, x.seq FROM unnest(%b::bigint[]) AS one(value) CROSS JOIN LATERAL"
    " (SELECT * FROM {statement_term} x WHERE x.term = one.value OFFSET 0) x"
)
"""Inserts on PostgreSQL the statements that are not there, nor erased, and the terms of those; answers their numbers,
and with a term those of the statements that refer to them.
"""


def _places(count: int) -> int:
    return next(size for size in (1, 10, 50, 100, _MOST_PLACES) if count <= size)


def _timestamp(one: NewStatement, stored_at: int) -> int:
    text = one.received.data.get("timestamp")
    return stored_at if text is None else to_micros(parse_timestamp(text, XapiVersion.V1))


def _require_same(known: StoredStatement, again: NewStatement) -> None:
    if known.body == again.received.exact:
        return
    different = differences(known.data, again.received.data)
    if different:
        raise StatementConflict(
            f"the statement {known.id} is stored already and differs in {', '.join(different[:5])}; "
            "a statement may not be changed, only voided"
        )


def _stored(row: Row) -> StoredStatement:
    seq, number, xact, stored_at, version, body, lacks, origin, credential_id, voided_by = row
    return StoredStatement(
        seq,
        UUID(bytes=bytes(number)),
        xact,
        stored_at,
        XapiVersion(version),
        bytes(body),
        Lacks(lacks),
        Origin(origin),
        credential_id,
        None if voided_by is None else UUID(bytes=bytes(voided_by)),
    )
