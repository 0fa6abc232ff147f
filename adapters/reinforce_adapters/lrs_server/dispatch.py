"""From a request to its answer: version, caller, resource, method."""

import logging
from collections.abc import Callable, Mapping

from attrs import define, evolve

from reinforce.errors import DatabaseLocked, InvalidStatement, InvalidValue, StatementConflict
from reinforce.statements.versions import XapiVersion
from reinforce.store.statement_watermark import consistent_through
from reinforce_adapters.lrs_server.activities import get_activity, get_person
from reinforce_adapters.lrs_server.authentication import Authenticator
from reinforce_adapters.lrs_server.call import Call, Lrs
from reinforce_adapters.lrs_server.documents import ACTIVITY_PROFILE, AGENT_PROFILE, STATE, document_resource
from reinforce_adapters.lrs_server.exchange import (
    CONSISTENT_THROUGH,
    VERSION_HEADER,
    Answer,
    Refused,
    Request,
    json_answer,
    moment_text,
    refusal,
    without_alternate_syntax,
)
from reinforce_adapters.lrs_server.parameters import Parameters
from reinforce_adapters.lrs_server.rate import Buckets
from reinforce_adapters.lrs_server.statements_read import get_statements
from reinforce_adapters.lrs_server.statements_write import post_statements, put_statement

logger = logging.getLogger(__name__)

Handler = Callable[[Call], Answer]
RESOURCES: Mapping[str, Mapping[str, Handler]] = {
    "statements": {"GET": get_statements, "PUT": put_statement, "POST": post_statements},
    "activities": {"GET": get_activity},
    "activities/state": document_resource(STATE),
    "activities/profile": document_resource(ACTIVITY_PROFILE),
    "agents": {"GET": get_person},
    "agents/profile": document_resource(AGENT_PROFILE),
}
SPOKEN = ["1.0.0", "1.0.1", "1.0.2", "1.0.3", "2.0.0"]


@define
class Dispatcher:
    """Answers requests; may be called by several threads at once."""

    lrs: Lrs
    authenticator: Authenticator
    buckets: Buckets | None

    def answer(self, request: Request) -> Answer:
        """The answer to a request; trouble is an answer too."""
        try:
            answer = self._answered(without_alternate_syntax(request))
        except Refused as problem:
            answer = refusal(problem)
        except InvalidStatement as problem:
            answer = refusal(Refused(400, str(problem), faults=problem.faults))
        except StatementConflict as problem:
            answer = refusal(Refused(409, f"{problem} (Communication 2.1)"))
        except InvalidValue as problem:
            answer = refusal(Refused(400, str(problem)))
        except DatabaseLocked:
            answer = refusal(
                Refused(503, "somebody else has been writing for too long; try again", {"Retry-After": "1"})
            )
        except Exception:
            logger.exception("a request to %s failed", request.resource)
            answer = refusal(Refused(500, "the LRS failed; its own log says why"))
        return self.completed(answer, request.resource, request.headers.get(VERSION_HEADER))

    def completed(self, answer: Answer, resource: str, version: str | None) -> Answer:
        """The answer with the headers that every answer has.

        Args:
            answer: to a request, or the refusal of one that could not even be read.
            resource: that was asked for.
            version: as the request named it.
        """
        headers = {"X-Experience-API-Version": _spoken(version).value, **answer.headers}
        if resource == "statements" and CONSISTENT_THROUGH not in headers:
            headers[CONSISTENT_THROUGH] = moment_text(consistent_through(self.lrs.database, self.lrs.clock))
        return evolve(answer, headers=headers)

    def _answered(self, request: Request) -> Answer:
        if request.resource == "about":
            return _about(request)
        methods = RESOURCES.get(request.resource)
        if methods is None:
            raise Refused(
                404, f"there is no resource {request.resource[:80]!r}; there are about, {', '.join(RESOURCES)}"
            )
        credential = self.authenticator.credential(request.headers.get("authorization"))
        version = _required_version(request)
        self._limit(credential.key)
        handler = methods.get("GET" if request.method == "HEAD" else request.method)
        if handler is None:
            allowed = ", ".join(["HEAD", *methods])
            raise Refused(405, f"{request.resource} takes {allowed}, not {request.method[:20]}", {"Allow": allowed})
        return handler(Call(self.lrs, request, version, credential))

    def _limit(self, key: str) -> None:
        wait = self.buckets.wait(key) if self.buckets is not None else 0.0
        if wait > 0:
            raise Refused(
                429, "too many requests; wait as long as Retry-After says", {"Retry-After": str(int(wait) + 1)}
            )


def _spoken(version: str | None) -> XapiVersion:
    """The version to answer in, whatever was asked: the older one for those who name none."""
    try:
        return XapiVersion.of_header(version or "")
    except InvalidValue:
        return XapiVersion.V1


def _required_version(request: Request) -> XapiVersion:
    header = request.headers.get(VERSION_HEADER)
    if header is None:
        raise Refused(400, "the header X-Experience-API-Version is missing (Communication 3.3)")
    try:
        version = XapiVersion.of_header(header)
    except InvalidValue as problem:
        raise Refused(400, f"{problem} (Communication 3.3)") from problem
    if version is XapiVersion.V2 and "x-alternate-syntax" in request.headers:
        raise Refused(400, "xAPI 2.0 has no alternate request syntax: there is no parameter 'method'")
    return version


def _about(request: Request) -> Answer:
    if request.method not in ("GET", "HEAD"):
        raise Refused(405, f"about takes GET, HEAD, not {request.method[:20]}", {"Allow": "GET, HEAD"})
    Parameters(request.parameters)
    return json_answer({"version": SPOKEN, "extensions": {}})
