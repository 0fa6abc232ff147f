"""An LRS to pull from, which does all that LRSs do to those who read."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from attrs import define, field

from intake.school import Plain
from loopback import in_background
from reinforce.statements.timestamps import timestamp_text

START = datetime(2026, 4, 10, 9, tzinfo=UTC)


@define
class Upstream:
    """What the LRS has, and how it behaves.

    Attributes:
        statements: each with when it was stored.
        page_size: how many an answer holds, whatever is asked for.
        link: how it writes `more`: path, absolute, other port, query, elsewhere.
        ascending: whether it can.
        consistent: what it says of how far it is complete; None: nothing.
        troubles: by the number of the request, what happens instead of an answer: a status, "cut" or "garbage".
        retry_after: with which it answers 429 and 503.
        repeats: how many statements of a page it repeats on the next.
        requests: the queries that it was asked.
    """

    statements: list[tuple[datetime, Plain]] = field(factory=list)
    page_size: int = 3
    link: str = "path"
    ascending: bool = True
    consistent: datetime | None = None
    troubles: dict[int, Any] = field(factory=dict)
    retry_after: str = "0"
    repeats: int = 0
    forgets: bool = False
    requests: list[dict[str, str]] = field(factory=list)
    port: int = 0

    def add(self, *statements: Plain, seconds: Sequence[float] | None = None) -> None:
        """Store statements, a second after each other unless it is said when."""
        for place, one in enumerate(statements):
            after = len(self.statements) if seconds is None else seconds[place]
            self.store(START + timedelta(seconds=after), one)

    def store(self, stored: datetime, statement: Plain) -> None:
        """Store one, as an LRS does."""
        given = {"stored": timestamp_text(stored), "authority": {"mbox": "mailto:lrs@example.com"}, "version": "1.0.0"}
        self.statements.append((stored, {**statement, **given}))

    @property
    def endpoint(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}/data/xAPI"

    def answer(self, query: dict[str, str]) -> dict[str, Any]:
        """A page."""
        since = query.get("since")
        found = [(stored, data) for stored, data in self.statements if since is None or timestamp_text(stored) > since]
        found.sort(key=lambda pair: pair[0], reverse=not (self.ascending and query.get("ascending") == "true"))
        begin = int(query.get("from", "0"))
        end = begin + self.page_size
        page = [data for _, data in found[max(0, begin - self.repeats) : end]]
        more = self._link({**query, "from": str(end)}) if end < len(found) else ""
        return {"statements": page, "more": more}

    def _link(self, query: dict[str, str]) -> str:
        path = f"/data/xAPI/statements?{urlencode(query)}"
        return {
            "path": path,
            "absolute": f"http://127.0.0.1:{self.port}{path}",
            "other port": f"https://127.0.0.1:9{path}",
            "query": f"?{urlencode(query)}",
            "elsewhere": f"http://elsewhere.example{path}",
            "circle": f"/data/xAPI/statements?{urlencode({**query, 'from': '0'})}",
        }[self.link]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    lrs: Upstream

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path.endswith("/about"):
            self._say(200, b'{"version": ["1.0.3"]}')
            return
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.lrs.requests.append(query)
        trouble = self.lrs.troubles.pop(len(self.lrs.requests), None)
        if self.lrs.forgets and "from" in query:
            trouble = 404
        if trouble == "cut":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
            self.close_connection = True
        elif trouble == "garbage":
            self._say(200, b"<html>please log in</html>")
        elif trouble is not None:
            self._say(trouble, b"not now")
        elif self.headers["Authorization"] != "Basic cmVpbmZvcmNlOnMzY3JldHM=":
            self._say(401, b"who are you?")
        else:
            self._say(200, json.dumps(self.lrs.answer(query)).encode())

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if status in (429, 503):
            self.send_header("Retry-After", self.lrs.retry_after)
        if self.lrs.consistent is not None:
            self.send_header("X-Experience-API-Consistent-Through", timestamp_text(self.lrs.consistent))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- its name there
        """Say nothing."""


@contextmanager
def served(lrs: Upstream) -> Iterator[Upstream]:
    """The LRS, on a port of this machine."""
    handler = type("Handler", (_Handler,), {"lrs": lrs})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    lrs.port = server.server_address[1]
    with in_background(server):
        yield lrs
