"""An LRS on the loopback that behaves like those that there are, and fails as they do."""

import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from attrs import define, field, frozen

from loopback import in_background

Statement = dict[str, Any]


class Kind(Enum):
    """Whose answers to repeated statements are given; the table is that of the decision record."""

    XAPI_LRS = "xapi-lrs"
    ADL_LRS = "ADL_LRS"
    RALPH = "Ralph"


class Cut(Enum):
    """Where a connection ends."""

    BEFORE = "before anything is done"
    RESET = "before anything is done, by a reset"
    BEFORE_ANSWER = "when everything is stored, before the answer"
    WITHIN_ANSWER = "when everything is stored, within the answer"


@frozen
class Fault:
    """What goes wrong with one request.

    Attributes:
        cut: where the connection ends.
        status: that is answered instead.
        stores: whether the statements are stored all the same.
        headers: of the answer.
        body: of the answer.
        seconds: of silence before the answer.
    """

    cut: Cut | None = None
    status: int | None = None
    stores: bool = False
    headers: Mapping[str, str] = field(factory=dict)
    body: bytes = b""
    seconds: float = 0.0


@frozen
class Request:
    """What was asked."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@frozen
class Reply:
    """What is answered."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(factory=dict)


Plan = Callable[[Request], Fault | None]
"""Says what goes wrong with a request."""


@define
class FaultyLrs:
    """The statements of an LRS, and how it answers.

    Attributes:
        kind: whose answers are given.
        plan: what goes wrong with a request; None: nothing.
        versions: that `/about` lists.
        most_bytes: of a request, above which it answers 413.
        authorization: the header that it wants to see.
        stored: its statements by id, in the order in which they came.
        requests: each that it read to its end.
        faults: how many things went wrong.
        port: where it listens.
    """

    kind: Kind = Kind.XAPI_LRS
    plan: Plan | None = None
    versions: tuple[str, ...] = ("1.0.0", "1.0.3", "2.0.0")
    most_bytes: int = 2**30
    authorization: str | None = None
    keeps_requests: bool = True
    stored: dict[str, Statement] = field(factory=dict)
    requests: list[Request] = field(factory=list)
    faults: int = 0
    port: int = 0
    lock: threading.Lock = field(factory=threading.Lock)

    @property
    def endpoint(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}/xapi"

    def fault_for(self, request: Request) -> Fault:
        """What goes wrong with a request."""
        fault = self.plan(request) if self.plan is not None else None
        self.faults += fault is not None
        return fault or Fault()

    def reply(self, request: Request) -> Reply:
        """What it answers if nothing goes wrong."""
        with self.lock:
            if self.keeps_requests:
                self.requests.append(request)
            resource = request.path.rpartition("/")[2]
            if resource == "about":
                return Reply(200, json.dumps({"version": self.versions}).encode())
            if self.authorization is not None and request.headers.get("Authorization") != self.authorization:
                return Reply(401, b'{"error": "who are you?"}')
            if resource != "statements":
                return Reply(404, b"nothing here")
            return self._take(request) if request.method == "POST" else self._show(request)

    def _show(self, request: Request) -> Reply:
        if "voidedStatementId" in request.query:
            return Reply(404, b"no such voided statement")
        if "statementId" not in request.query:
            return Reply(200, json.dumps({"statements": [], "more": ""}).encode())
        found = self.stored.get(request.query["statementId"])
        if found is None:
            return Reply(200, b'{"statements": []}') if self.kind is Kind.RALPH else Reply(404, b"no such statement")
        shown = {**found, "stored": "2026-04-01T00:00:00.000Z", "authority": {"mbox": "mailto:lrs@lrs.example"}}
        return Reply(200, json.dumps({"statements": [shown]} if self.kind is Kind.RALPH else shown).encode())

    def _take(self, request: Request) -> Reply:
        if len(request.body) > self.most_bytes:
            return Reply(413, b"too large")
        statements = statements_of(request)
        ids = [one["id"] for one in statements]
        if len(set(ids)) < len(ids):
            return Reply(400, b"the same id twice")
        if not all("verb" in one for one in statements):
            return Reply(500) if self.kind is Kind.RALPH else Reply(400, b"statement.verb: is required")
        known = [one for one in statements if one["id"] in self.stored]
        if not all(self._accepts_again(one, self.stored[one["id"]]) for one in known):
            return Reply(409, b"there is a statement of that id")
        news = [one for one in statements if one["id"] not in self.stored]
        self.stored.update((one["id"], one) for one in news)
        if self.kind is Kind.RALPH:
            return Reply(200, json.dumps([one["id"] for one in news]).encode()) if news else Reply(204)
        return Reply(200, json.dumps(ids).encode())

    def _accepts_again(self, sent: Statement, stored: Statement) -> bool:
        if self.kind is Kind.ADL_LRS:
            return False
        if self.kind is Kind.RALPH:
            return sent == stored
        plain = [{**one, "timestamp": one.get("timestamp", "")[:16]} for one in (sent, stored)]
        return "timestamp" in sent and plain[0] == plain[1]


def statements_of(request: Request) -> list[Statement]:
    """The statements that a request carries, alone or with attachments behind them."""
    content_type = request.headers.get("Content-Type", "")
    if not content_type.startswith("multipart/mixed"):
        found = json.loads(request.body)
    else:
        boundary = content_type.partition("boundary=")[2].strip('"').encode()
        first = request.body.split(b"--" + boundary)[1]
        found = json.loads(first.partition(b"\r\n\r\n")[2])
    return found if isinstance(found, list) else [found]


@contextmanager
def running(lrs: FaultyLrs, tls: ssl.SSLContext | None = None) -> Iterator[FaultyLrs]:
    """The LRS, listening on the loopback, over TLS if there is a context for it."""

    class Handler(_Handler):
        served = lrs

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    lrs.port = server.server_address[1]
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with in_background(server):
        yield lrs


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 30
    served: FaultyLrs

    def handle(self) -> None:
        with suppress(ConnectionError, ssl.SSLError):  # it is for the client to say what went wrong
            super().handle()

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        self._serve(self.rfile.read(length))

    def _serve(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        request = Request(self.command, parts.path, query, dict(self.headers.items()), body)
        fault = self.served.fault_for(request)
        if fault.cut in (Cut.BEFORE, Cut.RESET):
            self._cut(is_reset=fault.cut is Cut.RESET)
            return
        failed = Reply(fault.status, fault.body, headers=fault.headers) if fault.status is not None else None
        reply = self.served.reply(request) if failed is None or fault.stores else failed
        time.sleep(fault.seconds)
        if fault.cut is Cut.BEFORE_ANSWER:
            self._cut()
        else:
            self._answer(failed or reply, is_cut=fault.cut is Cut.WITHIN_ANSWER)

    def _answer(self, reply: Reply, *, is_cut: bool) -> None:
        self.send_response_only(reply.status)
        self.send_header("X-Experience-API-Version", "1.0.3")
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("Content-Type", reply.headers.get("Content-Type", reply.content_type))
            self.send_header("Content-Length", str(len(reply.body) + (10 if is_cut else 0)))
        self.end_headers()
        self.wfile.write(reply.body)
        self.wfile.flush()
        if is_cut:
            self._cut()

    def _cut(self, *, is_reset: bool = False) -> None:
        self.close_connection = True
        if is_reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        else:
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name that it has above
        """Say nothing."""
