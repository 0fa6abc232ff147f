"""Requests that are made to cost: each is answered, soon, and all together take no more memory than they may."""

import socket
import threading
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from attrs import frozen

from adapters.lrs_server.conftest import Caller, World
from adapters.lrs_server.serving import free_port, peak_megabytes, started
from reinforce_adapters.lrs_server import LrsSettings, app

MOST = LrsSettings().most_body_bytes
MOST_MEGABYTES = 600
"""A process begins at 80; of five times 16 MB, four are let in at once here and looked at."""

HEADERS = {"X-Experience-API-Version": "2.0.0", "Content-Type": "application/json"}
ACTOR = (
    b'{"actor":{"mbox":"mailto:a@b.example"},"verb":{"id":"http://v.example/v"},"object":{"id":"http://t.example/t"}'
)


def repeated(before: bytes, unit: bytes, after: bytes = b"") -> bytes:
    """As much of a unit as a request may hold, between two other texts."""
    return before + unit * ((MOST - len(before) - len(after)) // len(unit)) + after


BOMBS = {
    "deep": (repeated(b"", b"["), 413),
    "wide": (repeated(b"[0", b",0", b"]"), 413),
    "objects": (repeated(b"[{}", b",{}", b"]"), 413),
    "one name": (repeated(b'{"a":1', b',"a":1', b"}"), 413),
    "huge number": (repeated(b'{"a":', b"9", b"}"), 400),
    "escapes": (repeated(b'{"a":"', b"\\u0041", b'"}'), 400),
    "surrogates": (repeated(b'{"a":"', b"\\ud800", b'"}'), 400),
    "no UTF-8": (repeated(b"", b"\xff"), 400),
    "blanks": (repeated(b"", b" "), 400),
    "extension": (repeated(ACTOR + b',"result":{"extensions":{"http://e.example/e":[0', b",0", b"]}}}"), 413),
    "activities": (
        repeated(ACTOR + b',"context":{"contextActivities":{"other":[{"id":"http://t.example/t"}',
                 b',{"id":"http://t.example/u"}', b"]}}}"),
        413,
    ),
}  # fmt: skip
PARTS = {
    "boundaries": (repeated(b"", b"--b\r\n\r\n"), 413),
    "no end": (repeated(b"--b\r\nContent-Type: application/json\r\n\r\n", b"x"), 400),
    "long header": (repeated(b"--b\r\nContent-Type: ", b"x", b"\r\n\r\n{}\r\n--b--"), 400),
}


@frozen
class Served:
    """A running `reinforce serve`, and a key to it."""

    process: Any
    port: int
    caller: Caller

    def post(self, content: bytes, kind: str = "application/json") -> httpx2.Response:
        """Send statements; a minute is as good as never."""
        return httpx2.post(
            f"http://127.0.0.1:{self.port}/xapi/statements",
            content=content,
            headers={**HEADERS, "Content-Type": kind},
            auth=(self.caller.key, self.caller.password),
            timeout=60,
        )

    def raw(self, *pieces: bytes) -> bytes:
        """Send bytes as they are; the first line that comes back."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as opened:
            for piece in pieces:
                opened.sendall(piece)
            return opened.recv(65536).partition(b"\r\n")[0]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server on SQLite, with a key that may do everything."""
    folder: Path = tmp_path_factory.mktemp("bodies")
    made = World(f"sqlite:///{folder}/lrs.db", LrsSettings())
    port = free_port()
    process = started(made.url, port, folder)
    yield Served(process, port, made.caller())
    process.terminate()
    process.wait()
    made.close()


@pytest.mark.parametrize(("bomb", "status"), BOMBS.values(), ids=BOMBS)
def test_bombs_of_full_size(served: Served, bomb: bytes, status: int) -> None:
    """JSON as large as it may be, five times at once, is refused with a reason, in bounded memory."""
    answers: list[httpx2.Response] = []
    senders = [threading.Thread(target=lambda: answers.append(served.post(bomb))) for _ in range(5)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()

    assert [answer.status_code for answer in answers] == [status] * 5
    assert all(answer.json()["error"] for answer in answers)
    assert peak_megabytes(served.process) < MOST_MEGABYTES


@pytest.mark.parametrize(("bomb", "status"), PARTS.values(), ids=PARTS)
def test_parts_of_full_size(served: Served, bomb: bytes, status: int) -> None:
    """So is what only looks like a multipart content."""
    answer = served.post(bomb, "multipart/mixed; boundary=b")

    assert answer.status_code == status
    assert answer.json()["error"]
    assert peak_megabytes(served.process) < MOST_MEGABYTES


def test_a_statement_of_full_size_is_taken(served: Served) -> None:
    """What is large without being many is stored, and given out again."""
    answer = served.post(repeated(ACTOR + b',"result":{"response":"', b"x", b'"}}'))

    assert answer.status_code == 200, answer.text


REQUEST = b"POST /xapi/statements HTTP/1.1\r\nHost: lrs\r\nX-Experience-API-Version: 2.0.0\r\n"


@pytest.mark.parametrize("key", [b"", b"Authorization: Basic " + b64encode(b"nobody:knows") + b"\r\n"])
@pytest.mark.parametrize("length", [b"Content-Length: 10000000", b"Transfer-Encoding: chunked"])
def test_strangers_are_refused_before_they_are_read(served: Served, key: bytes, length: bytes) -> None:
    """Who has no key gets the answer to a large request without having sent any of it."""
    assert served.raw(REQUEST + key + length + b"\r\n\r\n") == b"HTTP/1.1 401 Unauthorized"


@pytest.mark.parametrize(
    "head",
    [
        b"GET /xapi/about HTTP/1.1\r\nHost: lrs\r\nX-Long: " + b"x" * 200_000,
        b"GET /xapi/about HTTP/1.1\r\nHost: lrs\r\n" + b"X-Many: x\r\n" * 20_000,
        b"GET /xapi/statements?agent=" + b"x" * 200_000,
        b"\xff\x00 nonsense\r\n\r\n",
        REQUEST + b"Content-Length: -5\r\n\r\n",
        REQUEST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
        REQUEST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nhello",
    ],
    ids=["long header", "many headers", "long query", "nonsense", "negative", "two lengths", "length and chunks"],
)
def test_heads_without_measure(served: Served, head: bytes) -> None:
    """What HTTP does not allow, or too much of it, is refused."""
    assert served.raw(head).startswith(b"HTTP/1.1 4")


# ---------------------------------------------------------------- as the application sees them


async def sent(application: Any, caller: Caller, receive: Any) -> int:
    """The status of the answer to a large request whose content comes by `receive`."""
    token = b64encode(f"{caller.key}:{caller.password}".encode())
    headers = [
        (b"authorization", b"Basic " + token),
        (b"x-experience-api-version", b"2.0.0"),
        (b"content-type", b"application/json"),
        (b"transfer-encoding", b"chunked"),
    ]
    scope = {
        "type": "http", "method": "POST", "path": "/xapi/statements", "query_string": b"", "headers": headers,
        "root_path": "", "scheme": "http", "server": ("lrs", 80),
    }  # fmt: skip
    statuses: list[int] = []

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await application(scope, receive, send)
    return statuses[0]


def test_a_content_that_never_comes(sqlite_url: str) -> None:
    """A large request whose content does not arrive in time is refused, and no longer in the way of others."""
    world = World(sqlite_url, LrsSettings())
    application = app(world.engine, settings=LrsSettings(body_seconds=0.05))

    async def never() -> Any:
        await anyio.sleep_forever()

    assert anyio.run(sent, application, world.caller(), never) == 408
    world.close()


def test_only_some_are_large_at_once(sqlite_url: str) -> None:
    """Beyond so many, the content of a large request is not asked for until another one is answered."""
    world = World(sqlite_url, LrsSettings())
    application = app(world.engine, settings=LrsSettings(large_at_once=2))
    caller = world.caller()
    most = open_now = 0

    async def content() -> Any:
        nonlocal most, open_now
        open_now += 1
        most = max(most, open_now)
        await anyio.sleep(0.05)
        open_now -= 1
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def several() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(6):
                group.start_soon(sent, application, caller, content)

    anyio.run(several)
    world.close()

    assert most == 2
