"""What was acknowledged is there, however the server ended."""

import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest

import postgres
from adapters.lrs_server.conftest import Caller, World, statement
from adapters.lrs_server.serving import free_port, started
from reinforce_adapters.lrs_server import LrsSettings

HEADERS = {"X-Experience-API-Version": "2.0.0"}


@pytest.fixture(params=["sqlite", "postgresql"])
def durable_url(request: pytest.FixtureRequest, sqlite_url: str) -> Iterator[str]:
    """A database that keeps what it has acknowledged: SQLite as we set it up, PostgreSQL with fsync."""
    if request.param == "sqlite":
        yield sqlite_url
        return
    request.getfixturevalue("postgres_server")  # which skips, or fails, where there are no programs
    programs = postgres.server_programs()
    if programs is None:  # the tests' server is somebody's
        yield request.getfixturevalue("postgres_url")
        return
    durable = postgres.SETTINGS | postgres.DURABLE
    with postgres.OwnServer(programs, durable) as server, postgres.fresh_database(server.url) as url:
        yield url


@pytest.mark.parametrize("round_number", range(2))
def test_a_killed_server_keeps_what_it_acknowledged(durable_url: str, tmp_path: Path, round_number: int) -> None:
    """Killed while several clients post batches, the server has each acknowledged batch after its next start, and of
    every other batch all or nothing.
    """
    world = World(durable_url, LrsSettings())
    caller = world.caller()
    port = free_port()
    acknowledged: list[list[str]] = []
    sent: list[list[str]] = []

    def post() -> None:
        with httpx2.Client(auth=(caller.key, caller.password), headers=HEADERS) as client:
            while True:
                batch = [statement(id=str(uuid4())) for _ in range(20)]
                ids = [one["id"] for one in batch]
                sent.append(ids)
                try:
                    answer = client.post(f"http://127.0.0.1:{port}/xapi/statements", json=batch)
                except httpx2.TransportError:
                    return
                assert answer.json() == ids
                acknowledged.append(ids)

    process = started(durable_url, port, tmp_path)
    clients = [threading.Thread(target=post) for _ in range(3)]
    for one in clients:
        one.start()
    while len(acknowledged) < 10 + 7 * round_number and any(one.is_alive() for one in clients):
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    for one in clients:
        one.join()

    process = started(durable_url, port, tmp_path)
    kept = kept_by(f"http://127.0.0.1:{port}", caller)
    process.terminate()
    process.wait()
    world.close()

    assert len(acknowledged) >= 10
    assert len(set(kept)) == len(kept)
    assert [ids for ids in acknowledged if not set(kept).issuperset(ids)] == []
    assert [ids for ids in sent if 0 < len(set(kept).intersection(ids)) < len(ids)] == []


def kept_by(server: str, caller: Caller) -> list[str]:
    """The ids of all statements that a server has, page by page."""
    with httpx2.Client(base_url=server, auth=(caller.key, caller.password), headers=HEADERS) as client:
        page = client.get("/xapi/statements").json()
        kept = [one["id"] for one in page["statements"]]
        while page["more"]:
            page = client.get(page["more"]).json()
            kept += [one["id"] for one in page["statements"]]
    return kept
