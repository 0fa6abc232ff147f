"""What was acknowledged is there, however the server ended."""

import json
import signal
import threading
import time
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest

from adapters.lrs_server.conftest import World, statement
from adapters.lrs_server.serving import free_port, started
from reinforce_adapters.lrs_server import LrsSettings

HEADERS = {"X-Experience-API-Version": "2.0.0"}


@pytest.mark.parametrize("round_number", range(2))
def test_a_killed_server_keeps_what_it_acknowledged(database_url: str, tmp_path: Path, round_number: int) -> None:
    """Killed while several clients post batches, the server has each acknowledged batch after its next start, and of
    every other batch all or nothing.
    """
    world = World(database_url, LrsSettings())
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

    process = started(database_url, port, tmp_path)
    clients = [threading.Thread(target=post) for _ in range(3)]
    for one in clients:
        one.start()
    while len(acknowledged) < 10 + 7 * round_number and any(one.is_alive() for one in clients):
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    for one in clients:
        one.join()

    kept: set[str] = set()
    page = caller.ask("GET", "statements").json()
    kept.update(one["id"] for one in page["statements"])
    while page["more"]:
        page = json.loads(caller.client.get(page["more"], headers=HEADERS, auth=(caller.key, caller.password)).content)
        kept.update(one["id"] for one in page["statements"])
    world.close()

    assert len(acknowledged) >= 10
    assert [ids for ids in acknowledged if not kept.issuperset(ids)] == []
    assert [ids for ids in sent if 0 < len(kept.intersection(ids)) < len(ids)] == []
