"""Requests and answers, as plain values: nothing here knows of a web framework."""

import json
from collections.abc import Mapping, Sequence
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qsl

from attrs import evolve, field, frozen

from reinforce.errors import StatementFault
from reinforce.model.checks import from_micros
from reinforce.statements.timestamps import timestamp_text

FORM_TYPE = "application/x-www-form-urlencoded"
VERSION_HEADER = "x-experience-api-version"
CONSISTENT_THROUGH = "X-Experience-API-Consistent-Through"
_HEADERS_IN_FORM = frozenset(
    {
        "authorization",
        VERSION_HEADER,
        "content-type",
        "content-length",
        "if-match",
        "if-none-match",
        "accept",
        "accept-encoding",
        "accept-language",
    }
)
MOST_PARAMETERS = 100
_SECOND = 1_000_000


class Refused(Exception):
    """A request that is answered with an error.

    Attributes:
        status: of HTTP.
        rule: which rule was broken, and what would be right.
        headers: of the answer.
        faults: each rule that a statement breaks.
    """

    def __init__(
        self,
        status: int,
        rule: str,
        headers: Mapping[str, str] | None = None,
        faults: Sequence[StatementFault] = (),
    ) -> None:
        super().__init__(rule)
        self.status = status
        self.rule = rule
        self.headers = dict(headers or {})
        self.faults = tuple(faults)


@frozen
class Request:
    """A request to a resource.

    Attributes:
        method: in capitals.
        resource: the path below the endpoint, such as `activities/state`.
        address: the whole path as the client wrote it.
        parameters: of the query.
        headers: by their names in lower case.
        body: its content.
    """

    method: str
    resource: str
    address: str
    parameters: Mapping[str, str]
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def content_type(self) -> str:
        """The media type of the body without its parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@frozen
class Answer:
    """What a request is answered with."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(factory=dict)


def json_answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer that holds JSON."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(status, body, {"Content-Type": "application/json", **(headers or {})})


def http_date(micros: int) -> str:
    """A moment as HTTP writes it."""
    return formatdate(micros / _SECOND, usegmt=True)


def moment_text(micros: int) -> str:
    """A moment as xAPI writes it."""
    return timestamp_text(from_micros(micros))


def refusal(problem: Refused) -> Answer:
    """The answer that tells why a request was refused."""
    told: dict[str, Any] = {"error": problem.rule}
    if problem.faults:
        told["faults"] = [
            {"path": fault.path, "rule": fault.rule, "section": fault.section} for fault in problem.faults
        ]
    return json_answer(told, problem.status, problem.headers)


def query_parameters(query: str) -> dict[str, str]:
    """The parameters of a query or form, each of which may be there once.

    Raises:
        Refused: one is there twice, or it is not URL-encoded UTF-8.
    """
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except ValueError as problem:
        raise Refused(400, f"parameters must be URL-encoded UTF-8, at most {MOST_PARAMETERS} of them") from problem
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise Refused(400, "a parameter may be given once only")
    return parameters


def without_alternate_syntax(request: Request) -> Request:
    """The request that a form stands for (xAPI 1.0.3, Communication 1.3), or the request as it is.

    Raises:
        Refused: the form breaks the rules of that syntax.
    """
    if request.method != "POST" or "method" not in request.parameters:
        return request
    method = request.parameters["method"]
    if method not in ("GET", "PUT", "POST", "DELETE", "HEAD"):
        raise Refused(400, "the parameter method must be GET, PUT, POST, DELETE or HEAD (Communication 1.3)")
    if len(request.parameters) > 1:
        raise Refused(400, "beside method, all parameters belong into the form (Communication 1.3)")
    if request.content_type != FORM_TYPE:
        raise Refused(400, f"a request with the parameter method must be a form, {FORM_TYPE} (Communication 1.3)")
    return _of_form(request, method)


def _of_form(request: Request, method: str) -> Request:
    try:
        form = query_parameters(request.body.decode("ascii"))
    except UnicodeDecodeError as problem:
        raise Refused(400, "a form must be URL-encoded (Communication 1.3)") from problem
    headers = {name: value for name, value in request.headers.items() if name not in ("content-type", "content-length")}
    headers |= {name.lower(): value for name, value in form.items() if name.lower() in _HEADERS_IN_FORM}
    parameters = {name: value for name, value in form.items() if name.lower() not in _HEADERS_IN_FORM}
    content = parameters.pop("content", None)
    if method in ("PUT", "POST"):
        if content is None:
            raise Refused(400, "the form must have the content in its field content (Communication 1.3)")
        headers.setdefault("content-type", "application/json")
    return evolve(
        request,
        method=method,
        parameters=parameters,
        headers={**headers, "x-alternate-syntax": "true"},
        body=(content or "").encode(),
    )
