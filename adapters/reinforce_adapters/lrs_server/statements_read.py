"""Statements that are asked for: GET on the resource `statements`."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve

from reinforce.statements.downgrade import to_1_0_3
from reinforce.statements.formats import as_canonical, as_ids, compact
from reinforce.statements.languages import accepted_languages
from reinforce.statements.versions import XapiVersion
from reinforce.store.credentials import Credentials, Scope
from reinforce.store.driver import Driver
from reinforce.store.log_places import Position
from reinforce.store.statement_terms import Filter, agent_identifier
from reinforce.store.statements import Attachment, StoredStatement
from reinforce_adapters.lrs_server.activities import definitions_of
from reinforce_adapters.lrs_server.call import Call
from reinforce_adapters.lrs_server.exchange import (
    CONSISTENT_THROUGH,
    Answer,
    Refused,
    Request,
    http_date,
    moment_text,
)
from reinforce_adapters.lrs_server.multipart import written
from reinforce_adapters.lrs_server.parameters import Parameters

_FILTERS = (
    "agent",
    "verb",
    "activity",
    "registration",
    "related_activities",
    "related_agents",
    "since",
    "until",
    "limit",
    "ascending",
)
_ANSWERED_AS = ("format", "attachments")
_ONE = ("statementId", "voidedStatementId")


def get_statements(call: Call) -> Answer:
    """One statement by its id, or those that fit a filter."""
    call.require(Scope.STATEMENTS_READ, Scope.STATEMENTS_READ_MINE)
    call, after = _continued(call)
    parameters = Parameters(call.request.parameters, *_ONE, *_FILTERS, *_ANSWERED_AS)
    shown = parameters.word("format", "exact", "ids", "canonical")
    wants_attachments = parameters.flag("attachments")
    asked = [name for name in _ONE if name in parameters]
    with call.lrs.read_consistently() as (driver, through):
        if asked:
            one = _one(call, driver, parameters, asked)
            body = _shown(call, driver, [one], shown)[0]
            found = [one]
        else:
            found, body = _page(call, driver, parameters, shown, after)
        attachments = _attachments(call, driver, found) if wants_attachments else []
    headers = {CONSISTENT_THROUGH: moment_text(through)}
    if found:
        headers["Last-Modified"] = http_date(max(one.stored_at for one in found))
    if wants_attachments:
        content_type, body = written(body, attachments)
        return Answer(200, body, {**headers, "Content-Type": content_type})
    return Answer(200, body, {**headers, "Content-Type": "application/json"})


# ---------------------------------------------------------------- one


def _one(call: Call, driver: Driver, parameters: Parameters, asked: Sequence[str]) -> StoredStatement:
    strangers = sorted(parameters.names() - set(asked[:1]) - set(_ANSWERED_AS))
    if strangers:
        raise Refused(400, f"{asked[0]} may not come with {strangers[0]} (Communication 2.1.3)")
    statement_id = parameters.required(asked[0], parameters.uuid)
    found = call.log(driver).by_id(statement_id)
    is_voided_asked = asked[0] == "voidedStatementId"
    if found is None or not _may_see(call, found) or (found.voided_by is not None) != is_voided_asked:
        raise Refused(404, f"there is no {'voided ' if is_voided_asked else ''}statement {statement_id}")
    return found


def _may_see(call: Call, statement: StoredStatement) -> bool:
    return call.credential.allows(Scope.STATEMENTS_READ) or statement.credential_id == call.credential.id


# ---------------------------------------------------------------- many


def _page(
    call: Call, driver: Driver, parameters: Parameters, shown: str, after: Position | None
) -> tuple[list[StoredStatement], bytes]:
    limit = parameters.whole("limit") or call.lrs.settings.page_size
    limit = min(limit, call.lrs.settings.page_size)
    found = call.log(driver).find(_filter(call, driver, parameters), limit + 1, after)
    page = found[:limit]
    more = _more(call.request, page[-1]) if len(found) > limit else ""
    statements = b",".join(_shown(call, driver, page, shown))
    return page, b'{"statements":[' + statements + b'],"more":' + compact(more) + b"}"


def _filter(call: Call, driver: Driver, parameters: Parameters) -> Filter:
    agent = parameters.agent("agent")
    related = parameters.flag("related_agents")
    registration = parameters.uuid("registration")
    return Filter(
        agent=agent,
        verb=parameters.iri("verb"),
        activity=parameters.iri("activity"),
        registration=None if registration is None else str(registration),
        related_agents=related,
        related_activities=parameters.flag("related_activities"),
        since=parameters.moment("since"),
        until=parameters.moment("until"),
        ascending=parameters.flag("ascending"),
        credential_id=None if call.credential.allows(Scope.STATEMENTS_READ) else call.credential.id,
        authority_ids=_authorities(call, driver, agent) if related and agent is not None else (),
    )


def _authorities(call: Call, driver: Driver, agent: Mapping[str, Any]) -> list[int]:
    """The credentials whose authority is the agent."""
    wanted = agent_identifier(agent)
    return [
        one.id for one in Credentials(driver).of_tenant(call.tenant_id) if agent_identifier(one.authority) == wanted
    ]


def _more(request: Request, last: StoredStatement) -> str:
    """Where the rest is: the question and the last place, so that nothing need be remembered for it."""
    token = json.dumps([dict(request.parameters), last.stored_at, last.seq], separators=(",", ":"))
    return f"{request.address}?more={urlsafe_b64encode(token.encode()).decode().rstrip('=')}"


def _continued(call: Call) -> tuple[Call, Position | None]:
    """The question that a `more` goes on with, and where."""
    token = call.request.parameters.get("more")
    if token is None:
        return call, None
    try:
        parameters, stored_at, seq = json.loads(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        position = Position(int(stored_at), int(seq))
        question = {str(name): str(value) for name, value in parameters.items() if name not in _ONE}
    except (ValueError, TypeError, AttributeError, RecursionError) as problem:
        raise Refused(400, "more must be followed as it was given (Communication 2.1.3)") from problem
    if len(call.request.parameters) > 1 or max(map(abs, position)) >= 1 << 63:
        raise Refused(400, "more must be followed as it was given, without other parameters (Communication 2.1.3)")
    return evolve(call, request=evolve(call.request, parameters=question)), position


# ---------------------------------------------------------------- how they are shown


def _shown(call: Call, driver: Driver, statements: Sequence[StoredStatement], shown: str) -> list[bytes]:
    exact = [one.completed(call.lrs.authority(driver, one, call.tenant_id)) for one in statements]
    if shown == "exact":
        return [
            compact(to_1_0_3(json.loads(text))) if _is_too_new(call, one) else text
            for one, text in zip(statements, exact, strict=True)
        ]
    datas = [json.loads(text) for text in exact]
    datas = [to_1_0_3(data) if _is_too_new(call, one) else data for one, data in zip(statements, datas, strict=True)]
    if shown == "ids":
        return [compact(as_ids(data)) for data in datas]
    accepted = accepted_languages(call.request.headers.get("accept-language", ""))
    definitions = definitions_of(call.log(driver), datas)
    return [compact(as_canonical(data, definitions.get, accepted=accepted)) for data in datas]


def _is_too_new(call: Call, statement: StoredStatement) -> bool:
    return call.version is XapiVersion.V1 and statement.version is XapiVersion.V2


def _attachments(call: Call, driver: Driver, statements: Sequence[StoredStatement]) -> list[Attachment]:
    hashes: set[str] = set()
    for one in statements:
        data = one.data
        for attachment in [*data.get("attachments", ()), *data["object"].get("attachments", ())]:
            hashes.add(attachment["sha2"].lower())
    return call.log(driver).attachments(hashes) if hashes else []
