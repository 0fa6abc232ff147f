"""A pooler between clients and PostgreSQL: each transaction gets the connection to the server that has rested longest.

PgBouncer does the same in its mode "transaction", but prefers the connection that was used last.
"""

import os
import select
import socket
import struct
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from queue import Queue
from socketserver import BaseRequestHandler, ThreadingMixIn, UnixStreamServer
from typing import Any

from attrs import frozen
from sqlalchemy import URL, make_url

import postgres
from loopback import in_background

STATUS = (
    "server_version",
    "client_encoding",
    "standard_conforming_strings",
    "integer_datetimes",
    "DateStyle",
    "TimeZone",
)
_ENDS_A_TURN = (b"Q", b"S")
"""What a client says last before the server says that it is ready: a query, or Sync after others."""
_BEGINS_A_COPY = (b"G", b"S")
"""What the server says to a Sync that comes before the rows; to that it will not say that it is ready."""
_ENDS_A_COPY = (b"c", b"f")
_IS_MISSING = b"C26000\0"
Message = tuple[bytes, bytes]


@contextmanager
def pooled(url: str, *, renames: bool = False) -> Iterator[str]:
    """The URL of a pooler before a database.

    Args:
        url: of the database.
        renames: give prepared statements a name that no client knows, and end a client that asks for one that is not
            there. They are found again because each client keeps its connection, of which there are ten; otherwise
            there are two for all.
    """
    direct = make_url(url).update_query_dict({"sslmode": "disable"})
    with ExitStack() as stack:
        # Not in TMPDIR, because a socket's path has 104 to 108 characters at most.
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="reinforce-pooler-", dir="/tmp"))
        servers: Queue[socket.socket] = Queue()
        status: dict[str, str] = {}
        for _ in range(10 if renames else 2):
            connection = stack.enter_context(closing(postgres.connect(direct)))
            status = {name: connection.info.parameter_status(name) or "" for name in STATUS}
            servers.put(stack.enter_context(socket.socket(fileno=os.dup(connection.pgconn.socket))))
        stack.enter_context(in_background(_Door(str(Path(folder, ".s.PGSQL.5432")), _Pool(servers, status, renames))))
        there = URL.create(direct.drivername, direct.username, database=direct.database, query={"host": folder})
        yield there.render_as_string(hide_password=False)


@frozen
class _Pool:
    """What its clients share.

    Attributes:
        servers: connections that nobody uses.
        status: what a client is told of the server.
        renames: see `pooled`.
    """

    servers: Queue[socket.socket]
    status: dict[str, str]
    renames: bool


class _Door(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True
    request_queue_size = 100

    def __init__(self, path: str, pool: _Pool) -> None:
        super().__init__(path, _Client)
        self.pool = pool


class _Client(BaseRequestHandler):
    """A client, from its hello to its end."""

    server: Any

    def handle(self) -> None:
        pool: _Pool = self.server.pool
        self._greet(pool)
        held: socket.socket | None = None
        owed = 0  # so many times the server has yet to say that it is ready
        last = b""
        with suppress(ConnectionError):
            while True:
                readable, _, _ = select.select([self.request, *([held] if held else [])], [], [])
                if self.request in readable:
                    last, body = _received(self.request)
                    if last == b"X":
                        break
                    held = held or pool.servers.get()
                    held.setblocking(True)
                    _send(held, last, _renamed(last, body) if pool.renames else body)
                    owed += last in _ENDS_A_TURN
                elif held is not None:
                    kind, body = _received(held)
                    if pool.renames and kind == b"E" and _IS_MISSING in body:
                        break  # as PgBouncer does
                    _send(self.request, kind, body)
                    owed -= kind == b"Z" or (kind, last) == _BEGINS_A_COPY
                    is_over = (kind, body, owed) == (b"Z", b"I", 0) and last in _ENDS_A_TURN + _ENDS_A_COPY
                    if is_over and not pool.renames:
                        pool.servers.put(held)
                        held = None
        if held is not None:
            _clean(held, owed)
            pool.servers.put(held)

    def _greet(self, pool: _Pool) -> None:
        _received(self.request, kind_size=0)
        _send(self.request, b"R", struct.pack("!I", 0))  # it may come in
        for name, value in pool.status.items():
            _send(self.request, b"S", f"{name}\0{value}\0".encode())
        _send(self.request, b"K", os.urandom(8))  # number of the process, and key to cancel: the pooler's own
        _send(self.request, b"Z", b"I")


def _clean(server: socket.socket, owed: int) -> None:
    """Leave nothing of a client that has gone."""
    _send(server, b"S", b"")
    _send(server, b"Q", b"ROLLBACK\0")
    _send(server, b"Q", b"DEALLOCATE ALL\0")
    for _ in range(owed + 3):
        while _received(server)[0] != b"Z":
            pass


def _renamed(kind: bytes, body: bytes) -> bytes:
    """A message with another name of the prepared statement, if it names one."""
    if kind == b"B":
        portal, name, rest = body.split(b"\0", 2)
        return b"\0".join([portal, _another(name), rest])
    if kind == b"P":
        name, rest = body.split(b"\0", 1)
        return b"\0".join([_another(name), rest])
    return b"S" + _another(body[1:]) if kind in (b"D", b"C") and body[:1] == b"S" else body


def _another(name: bytes) -> bytes:
    return b"pooler_" + name if name.strip(b"\0") else name


def _received(connection: socket.socket, kind_size: int = 1) -> Message:
    kind = _exactly(connection, kind_size)
    (size,) = struct.unpack("!I", _exactly(connection, 4))
    return kind, _exactly(connection, size - 4)


def _exactly(connection: socket.socket, size: int) -> bytes:
    parts = []
    while size:
        part = connection.recv(size)
        if not part:
            raise ConnectionError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _send(connection: socket.socket, kind: bytes, body: bytes) -> None:
    connection.sendall(kind + struct.pack("!I", len(body) + 4) + body)
