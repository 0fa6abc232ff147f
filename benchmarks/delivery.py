"""How fast statements reach an LRS on the same machine: our client beside bare `requests`, over one minimal server.

    python benchmarks/delivery.py [STATEMENTS]

The server is a process of its own that reads each request to its end and answers `[]`, so what is measured is the
client. Statements have 845 bytes, which is what ours have on average.
"""

import json
import multiprocessing
import random
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection

import requests
from attrs import evolve

from reinforce.delivery.driver import deliver
from reinforce.delivery.outgoing import Outgoing
from reinforce.delivery.retry import RetryPolicy
from reinforce.testing import MemorySource, sample_statement
from reinforce_adapters.lrs import LRS
from reinforce_adapters.lrs.settings import read_settings

BYTES = 845
BATCH = 100
ROUNDS = 3
BENCH = {"auth": "basic", "username": "bench", "password": "bench"}


class Minimal(BaseHTTPRequestHandler):
    """Takes everything and says so."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        """Say which versions there are."""
        self._answer(b'{"version": ["1.0.3"]}')

    def do_POST(self) -> None:
        """Read the statements."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(b"[]")

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name that it has above
        """Say nothing."""


def serve(to_parent: Connection) -> None:
    """Serve until killed, after telling the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Minimal)
    to_parent.send(server.server_address[1])
    server.serve_forever()


def padded(statement: Outgoing) -> Outgoing:
    """The statement with as many bytes as ours have."""
    body = json.loads(statement.body)
    body["result"]["response"] = "x" * (BYTES - len(statement.body) - len(',"response":""'))
    return evolve(statement, body=json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())


def with_ours(endpoint: str, statements: Sequence[Outgoing]) -> None:
    """Deliver with the client and the loop."""
    with closing(LRS(read_settings({"endpoint": endpoint, **BENCH}))) as adapter:
        done = deliver(
            adapter,
            MemorySource(statements),
            RetryPolicy(batch_size=BATCH),
            clock=lambda: datetime.now(UTC),
            sleep=time.sleep,
            random=random.random,
        )
    assert done.delivered == len(statements)


def with_requests(endpoint: str, statements: Sequence[Outgoing]) -> None:
    """Post the same bytes without any care."""
    with requests.Session() as session:
        for start in range(0, len(statements), BATCH):
            body = b"[" + b",".join(one.body for one in statements[start : start + BATCH]) + b"]"
            session.post(f"{endpoint}/statements", data=body, auth=("bench", "bench"), timeout=60).raise_for_status()


def rate(send: Callable[[str, Sequence[Outgoing]], None], endpoint: str, statements: Sequence[Outgoing]) -> float:
    """Statements a second."""
    start = time.perf_counter()
    send(endpoint, statements)
    return len(statements) / (time.perf_counter() - start)


def main(count: int) -> None:
    """Measure one after the other, several times, and print the best of each."""
    statements = [padded(sample_statement(number)) for number in range(count)]
    assert {len(one.body) for one in statements} == {BYTES}
    ours, theirs = multiprocessing.Pipe(duplex=False)
    server = multiprocessing.Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    try:
        endpoint = f"http://127.0.0.1:{ours.recv()}/xapi"
        rates: dict[str, list[float]] = {"bare requests": [], "reinforce": []}
        for _ in range(ROUNDS):
            rates["bare requests"].append(rate(with_requests, endpoint, statements))
            rates["reinforce"].append(rate(with_ours, endpoint, statements))
    finally:
        server.terminate()
    for name, found in rates.items():
        print(f"{name:14} {max(found):9,.0f} statements/s of {BYTES} bytes in batches of {BATCH}; all: {found}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
