"""Documents that clients of the LRS keep: states, agent profiles and activity profiles."""

from collections.abc import Callable, Collection, Iterator, Sequence
from enum import IntEnum
from hashlib import blake2b, sha1

from attrs import frozen

from reinforce.store.driver import Driver, Row
from reinforce.store.statement_tables import OWNER_BYTES


class DocumentKind(IntEnum):
    """What a document is kept about."""

    STATE = 0
    AGENT_PROFILE = 1
    ACTIVITY_PROFILE = 2


@frozen
class Owner:
    """What documents are kept about.

    Attributes:
        kind: of the documents.
        identifiers: of the activity, the agent or both, each in its one canonical form.
        agent: the agent's among them; None: they are no agent's.
    """

    kind: DocumentKind
    identifiers: tuple[str, ...]
    agent: str | None = None

    @property
    def number(self) -> bytes:
        """The bytes that stand for it."""
        return _number("\0\0".join(self.identifiers))

    @property
    def agent_number(self) -> bytes | None:
        """The bytes that stand for the agent alone."""
        return None if self.agent is None else _number(self.agent)


def _number(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=OWNER_BYTES, person=b"reinforce").digest()


@frozen
class Document:
    """A document as it is kept.

    Attributes:
        etag: a hash of its content, with the quotes that HTTP asks for.
        updated_at: in epoch microseconds.
    """

    content_type: str
    content: bytes
    etag: str
    updated_at: int


Change = Callable[[Document | None], tuple[str, bytes] | None]
"""Told what is there, gives the content type and content that shall be there; None: nothing shall."""


COLUMNS = ("kind", "owner", "registration", "key", "content_type", "content", "updated_at", "agent")
_AT_ONCE = 10


class LrsDocuments:
    """One tenant's documents, within one transaction."""

    def __init__(self, driver: Driver, tenant_id: int) -> None:
        self._driver = driver
        self._tenant_id = tenant_id

    def get(self, owner: Owner, key: str, registration: str = "") -> Document | None:
        """The document of that key."""
        rows = self._driver.rows(
            "SELECT content_type, content, etag, updated_at FROM {lrs_document}"
            " WHERE tenant_id = ? AND kind = ? AND owner = ? AND registration = ? AND key = ?",
            *self._place(owner, key, registration),
        )
        return _document(rows[0]) if rows else None

    def change(self, owner: Owner, key: str, registration: str, change: Change, now: int) -> None:
        """Write or remove a document, depending on what is there; nobody else changes it meanwhile."""
        place = self._place(owner, key, registration)
        self._lock(place)
        wanted = change(self.get(owner, key, registration))
        if wanted is None:
            self._driver.run(
                "DELETE FROM {lrs_document}"
                " WHERE tenant_id = ? AND kind = ? AND owner = ? AND registration = ? AND key = ?",
                *place,
            )
            return
        content_type, content = wanted
        self._driver.run(
            "INSERT INTO {lrs_document}"
            " (tenant_id, kind, owner, registration, key, content_type, content, etag, updated_at, agent)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (tenant_id, kind, owner, registration, key) DO UPDATE SET"
            " content_type = excluded.content_type, content = excluded.content, etag = excluded.etag,"
            " updated_at = excluded.updated_at, agent = excluded.agent",
            *place,
            content_type,
            content,
            etag_of(content),
            now,
            owner.agent_number,
        )

    def keys(self, owner: Owner, registration: str | None = None, since: int | None = None) -> list[tuple[str, int]]:
        """The keys of an owner's documents and when each was changed last.

        Args:
            owner: whose.
            registration: only those that are kept for it.
            since: only those changed after this moment.
        """
        condition, parameters = self._owned(owner, registration)
        if since is not None:
            condition += " AND updated_at > ?"
            parameters = (*parameters, since)
        sql = f"SELECT key, max(updated_at) FROM {{lrs_document}} WHERE {condition} GROUP BY key ORDER BY key"
        return [(key, updated_at) for key, updated_at in self._driver.rows(sql, *parameters)]

    def remove_all(self, owner: Owner, registration: str | None = None) -> None:
        """Remove all of an owner's documents, or those of a registration."""
        condition, parameters = self._owned(owner, registration)
        self._driver.run(f"DELETE FROM {{lrs_document}} WHERE {condition}", *parameters)

    def remove_agents(self, agents: Collection[str]) -> int:
        """Remove the states and profiles of some agents, by their identifiers; how many there were."""
        sql = "DELETE FROM {lrs_document} WHERE tenant_id = ? AND agent = ?"
        return sum(self._driver.run(sql, self._tenant_id, _number(one)) for one in agents)

    def all(self) -> Iterator[Row]:
        """Every document as a row of `COLUMNS`, in constant memory."""
        last: Row = (-1, b"", "", "")
        while True:
            rows = self._driver.rows(
                f"SELECT {', '.join(COLUMNS)} FROM {{lrs_document}}"
                " WHERE tenant_id = ? AND (kind, owner, registration, key) > (?, ?, ?, ?)"
                f" ORDER BY kind, owner, registration, key LIMIT {_AT_ONCE}",
                *(self._tenant_id, *last),
            )
            if not rows:
                return
            yield from rows
            last = rows[-1][:4]

    def take_up(self, rows: Sequence[Row]) -> None:
        """Keep documents of another database, as rows of `COLUMNS`, unless there is one that was changed later."""
        names = ("tenant_id", *COLUMNS, "etag")
        self._driver.run_many(
            f"INSERT INTO {{lrs_document}} AS d ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
            " ON CONFLICT (tenant_id, kind, owner, registration, key) DO UPDATE SET"
            " content_type = excluded.content_type, content = excluded.content, etag = excluded.etag,"
            " updated_at = excluded.updated_at, agent = excluded.agent WHERE d.updated_at < excluded.updated_at",
            [(self._tenant_id, *row, etag_of(row[COLUMNS.index("content")])) for row in rows],
        )

    def _owned(self, owner: Owner, registration: str | None) -> tuple[str, Row]:
        condition = "tenant_id = ? AND kind = ? AND owner = ?"
        parameters: Row = (self._tenant_id, int(owner.kind), owner.number)
        if registration is None:
            return condition, parameters
        return f"{condition} AND registration = ?", (*parameters, registration)

    def _place(self, owner: Owner, key: str, registration: str) -> tuple[int, int, bytes, str, str]:
        return self._tenant_id, int(owner.kind), owner.number, registration, key

    def _lock(self, place: Sequence[object]) -> None:
        """On PostgreSQL; SQLite has one writer anyway. A row lock would not do: the document may not be there yet."""
        if self._driver.dialect == "postgresql":
            digest = blake2b(repr(place).encode(), digest_size=8, person=b"reinforce").digest()
            self._driver.rows("SELECT pg_advisory_xact_lock(?::bigint)", int.from_bytes(digest, "big", signed=True))


def etag_of(content: bytes) -> str:
    """The entity tag of a content: xAPI 1.0.3 asks for its SHA-1 in hex, in quotes."""
    return f'"{sha1(content, usedforsecurity=False).hexdigest()}"'


def _document(row: Row) -> Document:
    content_type, content, etag, updated_at = row
    return Document(content_type, bytes(content), etag, updated_at)
