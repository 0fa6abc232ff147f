"""The part of an export that holds statements, and what an LRS keeps beside them.

Keys of the LRS do not travel: whoever takes over an LRS hands out its own. Of each, only the authority goes along
with the statements that were received with it.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from reinforce.exchange.logged_statements import (
    ErasedStatement,
    LoggedAttachment,
    LoggedDocument,
    LoggedStatement,
    base64_text,
    bytes_of,
)
from reinforce.model.checks import from_micros, to_micros
from reinforce.statements.versions import XapiVersion
from reinforce.store.driver import Row
from reinforce.store.lrs_documents import LrsDocuments
from reinforce.store.session import Session
from reinforce.store.statement_transfer import (
    STATEMENTS_AT_ONCE,
    Arriving,
    StatementsArriving,
    attachments,
    erased_ids,
    logged_statements,
)
from reinforce.store.statements import Attachment, Origin, StoredStatement

ExportedStatement = ErasedStatement | LoggedStatement | LoggedAttachment | LoggedDocument


def exported_statements(session: Session) -> Iterator[ExportedStatement]:
    """What there is, one after the other: what was erased, statements, their attachments, documents."""
    driver, tenant_id = session.driver, session.tenant_id
    for number in erased_ids(driver, tenant_id):
        yield ErasedStatement(str(number))
    for stored, authority in logged_statements(driver, tenant_id):
        yield _logged(stored, None if authority is None else dict(authority))
    for one in attachments(driver, tenant_id):
        yield LoggedAttachment(one.sha2, one.content_type, base64_text(one.content))
    for row in LrsDocuments(driver, tenant_id).all():
        yield _document(row)


def _logged(stored: StoredStatement, authority: dict[str, Any] | None) -> LoggedStatement:
    return LoggedStatement(
        str(stored.id),
        stored.body.decode(),
        stored.version.value,
        from_micros(stored.stored_at),
        stored.origin is Origin.OURS,
        authority,
        None if stored.voided_by is None else str(stored.voided_by),
    )


def _document(row: Row) -> LoggedDocument:
    kind, owner, registration, key, content_type, content, updated_at, agent = row
    return LoggedDocument(
        kind,
        bytes(owner).hex(),
        key,
        content_type,
        base64_text(bytes(content)),
        from_micros(updated_at),
        registration,
        None if agent is None else bytes(agent).hex(),
    )


class ArrivingStatements:
    """The lines of an export that hold statements, on their way into a tenant; some hundreds are held at once."""

    def __init__(self, session: Session, now: int) -> None:
        self._arriving = StatementsArriving(session.driver, session.tenant_id, now)
        self._documents = LrsDocuments(session.driver, session.tenant_id)
        self._waiting: list[Arriving] = []

    def take(self, line: ExportedStatement) -> None:
        """Take one up.

        Raises:
            InvalidValue: its content is no base64, or its version is none of xAPI.
            InvalidStatement: it breaks a rule of xAPI.
            StatementConflict: it is there already with different content.
        """
        match line:
            case ErasedStatement():
                self._arriving.keep_erased([UUID(line.id)])
            case LoggedStatement():
                self._waiting.append(_arriving(line))
                if len(self._waiting) >= STATEMENTS_AT_ONCE:
                    self.finish()
            case LoggedAttachment():
                self._arriving.keep_attachments([Attachment(line.sha2, line.content_type, bytes_of(line.content))])
            case LoggedDocument():
                self._documents.take_up([_row(line)])

    def finish(self) -> None:
        """Write what is left."""
        self._arriving.take(self._waiting)
        self._waiting = []


def _arriving(line: LoggedStatement) -> Arriving:
    return Arriving(
        UUID(line.id),
        line.body.encode(),
        XapiVersion.of_header(line.version),
        to_micros(line.stored_at),
        line.is_ours,
        line.authority,
        None if line.voided_by is None else UUID(line.voided_by),
    )


def _row(line: LoggedDocument) -> Row:
    return (
        line.kind,
        bytes.fromhex(line.owner),
        line.registration,
        line.key,
        line.content_type,
        bytes_of(line.content),
        to_micros(line.updated_at),
        None if line.agent is None else bytes.fromhex(line.agent),
    )
