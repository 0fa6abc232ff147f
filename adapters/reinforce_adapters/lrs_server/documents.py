"""The document resources: states, agent profiles and activity profiles."""

import json
from collections.abc import Callable
from typing import Any

from attrs import frozen

from reinforce.errors import InvalidStatement
from reinforce.statements.json_bytes import parse_json
from reinforce.statements.versions import XapiVersion
from reinforce.store.credentials import Scope
from reinforce.store.lrs_documents import Change, Document, DocumentKind, LrsDocuments, Owner
from reinforce.store.statement_terms import agent_identifier
from reinforce_adapters.lrs_server.bodies import require_few_values
from reinforce_adapters.lrs_server.call import Call
from reinforce_adapters.lrs_server.exchange import Answer, Refused, http_date, json_answer, moment_text
from reinforce_adapters.lrs_server.parameters import Parameters

_MERGE_RULE = "(Communication 2.2)"
_ETAG_RULE = "(Communication 3.1)"
_JSON = "application/json"


@frozen
class _Kind:
    """One of the three resources.

    Attributes:
        key: the parameter that names a document.
        owner: the parameters that say whose documents they are.
        optional: further ones.
    """

    kind: DocumentKind
    key: str
    owner: tuple[str, ...]
    scope: Scope
    optional: tuple[str, ...] = ()


STATE = _Kind(DocumentKind.STATE, "stateId", ("activityId", "agent"), Scope.STATE, ("registration",))
AGENT_PROFILE = _Kind(DocumentKind.AGENT_PROFILE, "profileId", ("agent",), Scope.PROFILE)
ACTIVITY_PROFILE = _Kind(DocumentKind.ACTIVITY_PROFILE, "profileId", ("activityId",), Scope.PROFILE)


@frozen
class _Asked:
    """What a request is about."""

    owner: Owner
    key: str | None
    registration: str | None
    since: int | None


def document_resource(kind: _Kind) -> dict[str, Callable[[Call], Answer]]:
    """What the methods of a document resource do."""
    return {
        "GET": lambda call: _get(call, kind),
        "PUT": lambda call: _put(call, kind),
        "POST": lambda call: _post(call, kind),
        "DELETE": lambda call: _delete(call, kind),
    }


def _asked(call: Call, kind: _Kind, *more: str) -> _Asked:
    call.require(kind.scope)
    parameters = Parameters(call.request.parameters, *kind.owner, kind.key, *kind.optional, *more)
    identifiers = []
    agent_id = None
    if "activityId" in kind.owner:
        identifiers.append(parameters.required("activityId", parameters.iri))
    if "agent" in kind.owner:
        agent = parameters.required("agent", parameters.agent)
        agent_id = agent_identifier(agent) or ""
        identifiers.append(agent_id)
    registration = parameters.uuid("registration")
    return _Asked(
        Owner(kind.kind, tuple(identifiers), agent_id),
        parameters.text(kind.key),
        None if registration is None else str(registration),
        parameters.moment("since"),
    )


def _get(call: Call, kind: _Kind) -> Answer:
    asked = _asked(call, kind, "since")
    with call.lrs.read() as driver:
        documents = LrsDocuments(driver, call.tenant_id)
        if asked.key is None:
            return _listed(documents.keys(asked.owner, asked.registration, asked.since))
        found = documents.get(asked.owner, asked.key, asked.registration or "")
    if found is None:
        raise Refused(404, f"there is no document {asked.key[:80]!r}")
    headers = {
        "Content-Type": found.content_type,
        "ETag": found.etag,
        "Last-Modified": http_date(found.updated_at),
        "X-Updated-At": moment_text(found.updated_at),
    }
    return Answer(200, found.content, headers)


def _listed(keys: list[tuple[str, int]]) -> Answer:
    newest = max((updated_at for _, updated_at in keys), default=None)
    headers = {} if newest is None else {"Last-Modified": http_date(newest)}
    return json_answer([key for key, _ in keys], headers=headers)


def _put(call: Call, kind: _Kind) -> Answer:
    content_type, content = _content(call)

    def replace(found: Document | None) -> tuple[str, bytes]:
        _check_preconditions(call, found)
        _require_precondition(call, kind, found)
        return content_type, content

    return _changed(call, kind, replace)


def _require_precondition(call: Call, kind: _Kind, found: Document | None) -> None:
    """Refuse to write over what the client may not have seen; of states, 1.0.3 does not ask that."""
    is_old_state = kind.kind is DocumentKind.STATE and call.version is XapiVersion.V1
    if is_old_state or "if-match" in call.request.headers or "if-none-match" in call.request.headers:
        return
    if found is not None:
        raise Refused(
            409,
            "the document exists: get it, look at it, then send If-Match with its ETag, "
            f"or If-None-Match: * to write only where there is none {_ETAG_RULE}",
        )
    if call.version is XapiVersion.V1:
        raise Refused(400, f"PUT needs If-Match with the document's ETag, or If-None-Match: * {_ETAG_RULE}")


def _post(call: Call, kind: _Kind) -> Answer:
    content_type, content = _content(call)
    is_json = content_type.partition(";")[0].strip().lower() == _JSON
    posted = _object(content, "what is posted") if is_json else None

    def merge(found: Document | None) -> tuple[str, bytes]:
        _check_preconditions(call, found)
        if found is None:
            return content_type, content
        if posted is None or found.content_type.partition(";")[0].strip().lower() != _JSON:
            raise Refused(400, f"only JSON can be merged, and both documents must be {_JSON} {_MERGE_RULE}")
        known = _object(found.content, "the document that is there")
        return _JSON, json.dumps({**known, **posted}, ensure_ascii=False, separators=(",", ":")).encode()

    return _changed(call, kind, merge)


def _changed(call: Call, kind: _Kind, change: Change) -> Answer:
    asked = _asked(call, kind)
    if asked.key is None:
        raise Refused(400, f"the parameter {kind.key} is missing")
    with call.write() as driver:
        documents = LrsDocuments(driver, call.tenant_id)
        documents.change(asked.owner, asked.key, asked.registration or "", change, call.lrs.clock())
    return Answer(204)


def _delete(call: Call, kind: _Kind) -> Answer:
    asked = _asked(call, kind)
    if asked.key is None and kind.kind is DocumentKind.STATE:
        with call.write() as driver:
            LrsDocuments(driver, call.tenant_id).remove_all(asked.owner, asked.registration)
        return Answer(204)

    def remove(found: Document | None) -> None:
        _check_preconditions(call, found)

    return _changed(call, kind, remove)


def _content(call: Call) -> tuple[str, bytes]:
    content_type = call.request.headers.get("content-type", "application/octet-stream")
    if content_type.partition(";")[0].strip().lower() == _JSON:
        require_few_values(call.request.body, call.lrs.settings.most_values)
        try:
            parse_json(call.request.body)
        except InvalidStatement as problem:
            raise Refused(400, f"a document that says it is {_JSON} must be JSON: {problem}") from problem
    return content_type, call.request.body


def _object(content: bytes, what: str) -> dict[str, Any]:
    try:
        value = parse_json(content)
    except InvalidStatement as problem:
        raise Refused(400, f"{what} must be JSON to be merged: {problem} {_MERGE_RULE}") from problem
    if not isinstance(value, dict):
        raise Refused(400, f"{what} must be a JSON object to be merged {_MERGE_RULE}")
    return value


def _check_preconditions(call: Call, found: Document | None) -> None:
    """Refuse a change of what is not, or not any more, as the client believes."""
    if_match = call.request.headers.get("if-match")
    if_none_match = call.request.headers.get("if-none-match")
    if if_match is not None and (found is None or not _names(if_match, found.etag)):
        raise Refused(412, f"If-Match names another ETag than the document's {_ETAG_RULE}")
    if if_none_match is not None and found is not None and _names(if_none_match, found.etag):
        raise Refused(412, f"the document exists, which If-None-Match rules out {_ETAG_RULE}")


def _names(header: str, etag: str) -> bool:
    tags = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return "*" in tags or etag in tags or etag.strip('"') in tags
