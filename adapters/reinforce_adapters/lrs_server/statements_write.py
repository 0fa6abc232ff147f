"""Statements that come: PUT and POST on the resource `statements`."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from reinforce.statements.reading import ReceivedStatement, read_statements
from reinforce.store.credentials import Scope
from reinforce.store.statement_watermark import watermark
from reinforce.store.statements import Attachment, NewStatement
from reinforce_adapters.lrs_server.bodies import require_few_values
from reinforce_adapters.lrs_server.call import Call
from reinforce_adapters.lrs_server.exchange import CONSISTENT_THROUGH, Answer, Refused, json_answer, moment_text
from reinforce_adapters.lrs_server.multipart import attachments_of, parse
from reinforce_adapters.lrs_server.parameters import Parameters
from reinforce_adapters.lrs_server.signatures import check_signatures

_ATTACHMENTS_RULE = "(xAPI 1.0.3, Data 2.4.11; xAPI 2.0, 4.2.2.6)"


def put_statement(call: Call) -> Answer:
    """Store one statement under the id that the client gives it."""
    call.require(Scope.STATEMENTS_WRITE)
    parameters = Parameters(call.request.parameters, "statementId")
    statement_id = parameters.required("statementId", parameters.uuid)
    received, attachments = _content(call)
    if len(received) != 1 or call.request.body.lstrip()[:1] == b"[":
        raise Refused(400, "PUT takes one statement, which is an object (Communication 2.1.1)")
    if received[0].id not in (None, str(statement_id)):
        raise Refused(400, "the statement's id must be the parameter statementId (Communication 2.1.1)")
    return Answer(204, headers=_stored(call, [NewStatement(statement_id, received[0], call.version)], attachments))


def post_statements(call: Call) -> Answer:
    """Store one statement or several: all of them, or none."""
    call.require(Scope.STATEMENTS_WRITE)
    Parameters(call.request.parameters)
    received, attachments = _content(call)
    statements = [_named(one, call) for one in received]
    headers = _stored(call, statements, attachments)
    return json_answer([str(one.id) for one in statements], headers=headers)


def _named(received: ReceivedStatement, call: Call) -> NewStatement:
    if received.id is None:
        return NewStatement(uuid4(), received, call.version, is_named=False)
    return NewStatement(UUID(received.id), received, call.version)


def _stored(call: Call, statements: Sequence[NewStatement], attachments: Sequence[Attachment]) -> dict[str, str]:
    """Store what came; the headers that say up to when the log is complete with it."""
    with call.write() as driver:
        new = call.log(driver).append(
            statements, call.lrs.clock, credential_id=call.credential.id, attachments=attachments
        )
        if new and call.lrs.received is not None:
            call.lrs.received(driver, call.tenant_id, new)
        return {CONSISTENT_THROUGH: moment_text(watermark(driver, call.lrs.clock))}


def _content(call: Call) -> tuple[Sequence[ReceivedStatement], list[Attachment]]:
    """The statements and attachments of a request, checked."""
    kind = call.request.content_type
    attachments: list[Attachment] = []
    if kind == "application/json":
        received = _statements(call, call.request.body)
    elif kind == "multipart/mixed":
        received, attachments = _parts(call)
    else:
        raise Refused(400, "statements come as application/json or multipart/mixed (Communication 1.5)")
    contents = {one.sha2: one.content for one in attachments}
    _require_contents(received, frozenset(contents))
    for one in received:
        if "attachments" in one.data:
            check_signatures(one.data, contents, call.version)
    return received, attachments


def _statements(call: Call, body: bytes) -> Sequence[ReceivedStatement]:
    require_few_values(body, call.lrs.settings.most_values)
    received = read_statements(body, call.version)
    if len(received) > call.lrs.settings.most_statements:
        raise Refused(413, f"a request may hold {call.lrs.settings.most_statements} statements; send them in several")
    return received


def _parts(call: Call) -> tuple[Sequence[ReceivedStatement], list[Attachment]]:
    parts = parse(call.request.headers["content-type"], call.request.body)
    first = parts[0].headers.get("content-type", "").partition(";")[0].strip().lower()
    if first != "application/json":
        raise Refused(400, "the first part must be the statements, application/json (Communication 1.5.2)")
    return _statements(call, parts[0].content), attachments_of(parts[1:])


def _require_contents(received: Sequence[ReceivedStatement], contents: frozenset[str]) -> None:
    """Each content belongs to an attachment, and each attachment has its content or says where it is."""
    named = set()
    for one in received:
        for attachment in _attachments_of(one):
            sha2 = attachment["sha2"].lower()
            named.add(sha2)
            if sha2 not in contents and "fileUrl" not in attachment:
                raise Refused(400, f"the content of attachment {sha2} is missing {_ATTACHMENTS_RULE}")
    stray = sorted(contents - named)
    if stray:
        raise Refused(400, f"no statement has an attachment with the hash {stray[0]} {_ATTACHMENTS_RULE}")


def _attachments_of(statement: ReceivedStatement) -> Sequence[dict[str, str]]:
    own = statement.data.get("attachments", ())
    return [*own, *statement.data["object"].get("attachments", ())]
