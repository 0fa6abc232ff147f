"""The statement log of a tenant as it leaves for another database, and as it comes in from one."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from attrs import define, field, frozen

from reinforce.statements.reading import read_statement
from reinforce.statements.versions import XapiVersion
from reinforce.store.credentials import Credentials, Scope
from reinforce.store.driver import Driver, Row
from reinforce.store.statements import Attachment, NewStatement, Origin, StatementLog, StoredStatement

STATEMENTS_AT_ONCE = 500
CONTENTS_AT_ONCE = 10

Authority = Mapping[str, Any]


def logged_statements(driver: Driver, tenant_id: int) -> Iterator[tuple[StoredStatement, Authority | None]]:
    """Every statement of a tenant by its number, with whoever vouches for it; in constant memory."""
    authorities = {one.id: one.authority for one in Credentials(driver).of_tenant(tenant_id)}
    log = StatementLog(driver, tenant_id)
    last = 0
    while True:
        sql = f"SELECT seq FROM {{statement}} WHERE tenant_id = ? AND seq > ? ORDER BY seq LIMIT {STATEMENTS_AT_ONCE}"
        numbers = [row[0] for row in driver.rows(sql, tenant_id, last)]
        if not numbers:
            return
        for one in log.by_numbers(numbers):
            yield one, None if one.credential_id is None else authorities.get(one.credential_id)
        last = numbers[-1]


def attachments(driver: Driver, tenant_id: int) -> Iterator[Attachment]:
    """Every attachment of a tenant, by its hash."""
    columns = "sha2, content_type, content"
    for sha2, content_type, content in _by_key(driver, tenant_id, "statement_attachment", "sha2", columns, ""):
        yield Attachment(sha2, content_type, bytes(content))


def erased_ids(driver: Driver, tenant_id: int) -> Iterator[UUID]:
    """The ids of the statements that were erased with people."""
    for (number,) in _by_key(driver, tenant_id, "erased_statement", "id", "id", b""):
        yield UUID(bytes=bytes(number))


def _by_key(driver: Driver, tenant_id: int, table: str, key: str, columns: str, first: Any) -> Iterator[Row]:
    last = first
    while True:
        place = f"tenant_id = ? AND {key} > ? ORDER BY {key} LIMIT {CONTENTS_AT_ONCE}"
        rows = driver.rows(f"SELECT {columns} FROM {{{table}}} WHERE {place}", tenant_id, last)
        if not rows:
            return
        yield from rows
        last = rows[-1][0]


@frozen
class Arriving:
    """A statement of another log.

    Attributes:
        stored_at: when it came into that log, in epoch microseconds.
        authority: who vouches for it; None: it is ours, or came without a key.
        voided_by: the statement that took it back.
    """

    id: UUID
    body: bytes
    version: XapiVersion
    stored_at: int
    is_ours: bool
    authority: Authority | None
    voided_by: UUID | None

    @property
    def whence(self) -> tuple[int, str, bool, str]:
        """What those have in common that are written together."""
        return self.stored_at, self.version.value, self.is_ours, json.dumps(self.authority, sort_keys=True)


@define
class StatementsArriving:
    """Takes up the statements of another log in their order, each once, with the moment at which that log stored them.

    Attributes:
        now: in epoch microseconds.
    """

    driver: Driver
    tenant_id: int
    now: int
    _credentials: dict[str, int] = field(factory=dict, init=False)

    def take(self, statements: Sequence[Arriving]) -> int:
        """Write some hundreds of statements; how many were new. Those that were erased here stay erased.

        Raises:
            InvalidStatement: one breaks a rule of xAPI.
            StatementConflict: one is there already with different content.
        """
        log = StatementLog(self.driver, self.tenant_id)
        erased = log.erased([one.id for one in statements])
        coming = [one for one in statements if one.id not in erased]
        known = {one.id for one in log.by_ids([one.id for one in coming])}
        count = 0
        for _, group in groupby(coming, lambda one: (one.whence, one.id in known)):
            together = list(group)
            count += len(self._append(log, together, is_known=together[0].id in known))
        self.driver.run_many(
            "UPDATE {statement} SET voided_by = ? WHERE tenant_id = ? AND id = ? AND voided_by IS NULL",
            [(one.voided_by.bytes, self.tenant_id, one.id.bytes) for one in coming if one.voided_by is not None],
        )
        return count

    def _append(self, log: StatementLog, statements: Sequence[Arriving], *, is_known: bool) -> Sequence[NewStatement]:
        first = statements[0]
        new = [NewStatement(one.id, read_statement(one.body, one.version), one.version) for one in statements]
        return log.append(
            new,
            _always(first.stored_at),
            credential_id=None if is_known or first.authority is None else self._credential(first.authority),
            origin=Origin.OURS if first.is_ours else Origin.RECEIVED,
        )

    def _credential(self, authority: Authority) -> int:
        """A key with that authority; a new one opens nothing."""
        text = json.dumps(authority, sort_keys=True)
        if text not in self._credentials:
            keys = Credentials(self.driver)
            same = [one.id for one in keys.of_tenant(self.tenant_id) if one.authority == authority]
            self._credentials[text] = same[0] if same else self._new_credential(keys, authority)
        return self._credentials[text]

    def _new_credential(self, keys: Credentials, authority: Authority) -> int:
        scopes = frozenset({Scope.STATEMENTS_READ_MINE})
        made, _ = keys.add(self.tenant_id, scopes, authority, "of imported statements", self.now)
        keys.revoke(self.tenant_id, made.key, self.now)
        return made.id

    def keep_erased(self, ids: Sequence[UUID]) -> None:
        """Let statements that another log has erased not come here either."""
        rows = [(self.tenant_id, one.bytes) for one in ids]
        if rows:
            self.driver.upsert("erased_statement", ("tenant_id", "id"), rows, "(tenant_id, id) DO NOTHING")

    def keep_attachments(self, contents: Sequence[Attachment]) -> None:
        """Keep contents that are not there yet."""
        StatementLog(self.driver, self.tenant_id).append([], _always(self.now), attachments=contents)


def _always(moment: int) -> Callable[[], int]:
    return lambda: moment
