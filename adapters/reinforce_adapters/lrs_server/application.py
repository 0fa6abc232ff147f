"""The LRS as an ASGI application, to be mounted in a host's or run by itself."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from functools import partial

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.requests import Request as WebRequest
from starlette.responses import Response
from starlette.routing import Route

from reinforce.intake.receiving import practice_of
from reinforce.store.database import Database, Target
from reinforce.store.version import require_current
from reinforce_adapters.lrs_server.authentication import Authenticator
from reinforce_adapters.lrs_server.bodies import Bodies
from reinforce_adapters.lrs_server.call import Lrs, Received
from reinforce_adapters.lrs_server.dispatch import Dispatcher
from reinforce_adapters.lrs_server.exchange import VERSION_HEADER, Answer, Refused, Request, query_parameters, refusal
from reinforce_adapters.lrs_server.rate import Buckets
from reinforce_adapters.lrs_server.settings import LrsSettings

METHODS = ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "TRACE"]
EXPOSED = [
    "ETag",
    "Last-Modified",
    "Retry-After",
    "X-Experience-API-Version",
    "X-Experience-API-Consistent-Through",
    "X-Experience-API-Hash",
]

BECOMES_PRACTICE: Received = practice_of()


def wall_clock() -> int:
    """What time it is, in epoch microseconds."""
    return time.time_ns() // 1000


def app(
    database: Target,
    *,
    schema: str | None = None,
    settings: LrsSettings | None = None,
    endpoint: str = "/xapi",
    clock: Callable[[], int] = wall_clock,
    received: Received | None = BECOMES_PRACTICE,
) -> Starlette:
    """The LRS over a database, for every tenant that has credentials there.

    Args:
        database: its URL, or an engine of the host's.
        schema: that holds the tables; None is the database's default.
        settings: limits and habits.
        endpoint: the path before `/statements`; a host that mounts the application may set it to "".
        clock: what time it is, in epoch microseconds.
        received: told what was received, within the transaction that stores it; by default it becomes practice, by
            the mappings of the tenant (`reinforce statements map`). None: it is only kept.

    Raises:
        SchemaMissing: the database has no tables of reinforce.
        SchemaOutdated: they need an upgrade.
    """
    habits = settings or LrsSettings()
    opened = Database(database, schema)
    try:
        require_current(opened)
    except Exception:
        opened.close()
        raise
    rate = habits.requests_per_second
    dispatcher = Dispatcher(
        Lrs(opened, habits, clock, received),
        Authenticator(opened, habits.credential_seconds),
        None if rate is None else Buckets(rate, habits.burst),
    )
    routes = [Route(f"{endpoint}/{{resource:path}}", _Endpoint(dispatcher, habits), methods=METHODS)]
    middleware = [_cors(habits.allowed_origins)] if habits.allowed_origins else []

    @asynccontextmanager
    async def closed_in_the_end(_: Starlette) -> AsyncIterator[None]:
        with closing(opened):
            yield

    return Starlette(routes=routes, middleware=middleware, lifespan=closed_in_the_end)


def _cors(origins: tuple[str, ...]) -> Middleware:
    return Middleware(
        CORSMiddleware,
        allow_origins=list(origins),
        allow_methods=["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS"],
        allow_headers=["*"],
        expose_headers=EXPOSED,
    )


class _Endpoint:
    """Takes a request in, and has it answered in a thread."""

    def __init__(self, dispatcher: Dispatcher, settings: LrsSettings) -> None:
        self._dispatcher = dispatcher
        self._bodies = Bodies(settings, dispatcher.authenticator.credential)
        self._threads = settings.threads
        self._limiter: CapacityLimiter | None = None

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        web = WebRequest(scope, receive)
        if self._limiter is None:
            self._limiter = CapacityLimiter(self._threads)
        try:
            async with self._bodies.admitted(web) as body:
                work = partial(self._dispatcher.answer, _request(web, body))
                answer = await to_thread.run_sync(work, limiter=self._limiter)
        except Refused as problem:
            version = web.headers.get(VERSION_HEADER)
            work = partial(self._dispatcher.completed, refusal(problem), _resource(web), version)
            answer = await to_thread.run_sync(work, limiter=self._limiter)
        except ClientDisconnect:
            return
        await _response(answer, web)(scope, receive, send)


def _request(web: WebRequest, body: bytes) -> Request:
    return Request(
        method=web.method,
        resource=_resource(web),
        address=web.url.path,
        parameters=query_parameters(web.url.query),
        headers={name.lower(): value for name, value in web.headers.items()},
        body=body,
    )


def _resource(web: WebRequest) -> str:
    return str(web.path_params["resource"]).strip("/")


def _response(answer: Answer, web: WebRequest) -> Response:
    is_head = web.method == "HEAD"
    response = Response(b"" if is_head else answer.body, answer.status)
    for name, value in answer.headers.items():
        response.headers[name] = value
    if is_head:
        response.headers["Content-Length"] = str(len(answer.body))
    if answer.status == 204:
        del response.headers["Content-Length"]
    if "wsgi_environ" in web.scope:  # WSGI lets nobody but the server speak of the connection (PEP 3333)
        del response.headers["Connection"]
    return response
