"""How fast the embedded LRS is: over HTTP, server and client on this machine, statements of about 845 bytes.

    python benchmarks/lrs.py [DATABASE_URL] [--stored 1000000] [--workers 1]

Without a URL it uses an SQLite file in a temporary directory. In the end the same rows are written by the driver
alone, so that the share of the database and its disk is known.

The targets: POST in batches of 100 at 5,000 statements a second, single POST p50 below 3 ms, GET of 100 p50 below 5 ms,
and with a million stored statements each filter p50 below 10 ms. With `--stored` so many statements are stored first,
by the store itself and not over HTTP.
"""

import argparse
import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlencode
from uuid import UUID, uuid4

from bare_statements import milliseconds_of

from reinforce.statements.reading import ReceivedStatement
from reinforce.statements.versions import XapiVersion
from reinforce.store.credentials import Credentials, Scope
from reinforce.store.database import Database
from reinforce.store.driver import Driver
from reinforce.store.statements import NewStatement, StatementLog
from reinforce.store.tenants import ensure_tenant
from reinforce.store.upgrade import upgrade

LEARNERS, SKILLS, VERBS, COURSES = 20_000, 500, 8, 50
KEY, PASSWORD = "benchmark", "benchmark"
BATCH = 100
AUTHORITY = {"objectType": "Agent", "account": {"homePage": "https://lms.example", "name": "lms"}}


def agent(number: int) -> dict[str, object]:
    """One of the learners."""
    return {"objectType": "Agent", "account": {"homePage": "https://crm.example.com", "name": f"learner-{number:06}"}}


def statement() -> dict[str, object]:
    """A statement of about 845 bytes."""
    skill = random.randrange(SKILLS)
    return {
        "id": str(uuid4()),
        "actor": agent(random.randrange(LEARNERS)),
        "verb": {"id": f"http://adlnet.gov/expapi/verbs/verb-{random.randrange(VERBS)}", "display": {"en": "answered"}},
        "object": {
            "objectType": "Activity",
            "id": f"https://skills.example.com/{skill}",
            "definition": {
                "type": "http://adlnet.gov/expapi/activities/assessment",
                "name": {"en-US": f"Objection handling {skill}"},
                "description": {"en-US": "How to answer when the price is said to be too high."},
            },
        },
        "result": {"score": {"scaled": random.randrange(101) / 100}, "success": True, "duration": "PT35.2S"},
        "context": {
            "registration": str(UUID(int=random.getrandbits(30), version=4)),
            "contextActivities": {"parent": [{"id": f"https://courses.example.com/{random.randrange(COURSES)}"}]},
            "platform": "crm",
            "language": "en-US",
        },
        "timestamp": "2026-03-31T09:00:00.000Z",
    }


def filters() -> dict[str, dict[str, str]]:
    """Queries by each of the filters, with values that occur."""
    someone = json.dumps(agent(random.randrange(LEARNERS)))
    skill = f"https://skills.example.com/{random.randrange(SKILLS)}"
    verb = f"http://adlnet.gov/expapi/verbs/verb-{random.randrange(VERBS)}"
    course = f"https://courses.example.com/{random.randrange(COURSES)}"
    return {
        "none": {},
        "agent": {"agent": someone},
        "verb": {"verb": verb},
        "activity": {"activity": skill},
        "agent, related": {"agent": someone, "related_agents": "true"},
        "authority, related": {"agent": json.dumps(AUTHORITY), "related_agents": "true"},
        "activity, related": {"activity": course, "related_activities": "true"},
        "registration": {"registration": str(UUID(int=random.getrandbits(30), version=4))},
        "agent and verb": {"agent": someone, "verb": verb},
        "verb and activity": {"verb": verb, "activity": skill},
        "verb, ascending": {"verb": verb, "ascending": "true"},
        "since, until": {"since": MIDDLE, "until": END, "ascending": "true"},
        "verb, since": {"verb": verb, "since": MIDDLE, "ascending": "true"},
    }


MIDDLE = END = "2026-01-01T00:00:00Z"


class Client:
    """One connection to the LRS."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        token = b64encode(f"{KEY}:{PASSWORD}".encode()).decode()
        self._headers = {
            "Authorization": f"Basic {token}",
            "X-Experience-API-Version": "1.0.3",
            "Content-Type": "application/json",
        }

    def ask(self, method: str, parameters: dict[str, str] | None = None, body: bytes | None = None) -> bytes:
        """The content of an answer, which must be 200."""
        path = f"/xapi/statements?{urlencode(parameters or {})}"
        self._connection.request(method, path, body, self._headers)
        answer = self._connection.getresponse()
        content = answer.read()
        assert answer.status == 200, content[:500]
        return content


@contextmanager
def server(url: str, workers: int) -> Iterator[int]:
    """A running `reinforce serve`; its port."""
    port = 18_700 + os.getpid() % 1000
    command = [sys.executable, "-m", "reinforce.cli", "serve", "--port", str(port), "--workers", str(workers)]
    program = f"import sys; from reinforce.cli import main; sys.argv = {['reinforce', *command[3:]]!r}; main()"
    with subprocess.Popen(
        [sys.executable, "-c", program], env=os.environ | {"REINFORCE_DATABASE": url}, stdout=subprocess.DEVNULL
    ) as process:
        try:
            _wait_for(port)
            yield port
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            http.client.HTTPConnection("127.0.0.1", port).request("GET", "/xapi/about")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server did not start")


def milliseconds(times: int, work: Callable[[], object]) -> tuple[float, float]:
    """p50 and p95 of doing something."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken), statistics.quantiles(taken, n=20)[-1]


def fill(database: Database, tenant_id: int, credential_id: int, count: int) -> None:
    """Store statements by the store itself, spread over a day."""
    now = time.time_ns() // 1000
    step = 86_400_000_000 // max(count, 1) * 1000
    for start in range(0, count, 1000):
        batch = []
        for _ in range(min(1000, count - start)):
            data = statement()
            received = ReceivedStatement(data, json.dumps(data).encode())
            batch.append(NewStatement(UUID(str(data["id"])), received, XapiVersion.V1, is_named=False))
        moment = now - 86_400_000_000 + start // 1000 * step
        with database.write() as connection:
            log = StatementLog(Driver(connection, None), tenant_id)
            log.append(batch, lambda moment=moment: moment, credential_id=credential_id)  # type: ignore[misc]
    if database.dialect == "postgresql":
        with database.write() as connection:
            connection.exec_driver_sql("ANALYZE")


def set_up(url: str, count: int) -> None:
    """Make the tables and a key, and store statements."""
    global MIDDLE, END
    database = Database(url)
    upgrade(database)
    with database.write() as connection:
        tenant_id = ensure_tenant(connection, database.tables, "benchmark", 1)
        credentials = Credentials(Driver(connection, None))
        if credentials.by_key(KEY) is None:
            credentials.put(tenant_id, KEY, PASSWORD, frozenset({Scope.ALL}), AUTHORITY, "", 1)
        made = credentials.by_key(KEY)
        assert made is not None
    began = time.perf_counter()
    fill(database, tenant_id, made.id, count)
    if count:
        print(f"stored {count:,} by the store: {count / (time.perf_counter() - began):,.0f} statements/s")
    database.close()
    MIDDLE = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 43_200))
    END = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3_600))


def measure(client: Client, batches: int, is_full: bool) -> None:
    """Print what was measured."""
    bodies = [json.dumps([statement() for _ in range(BATCH)]).encode() for _ in range(batches)]
    singles = iter([json.dumps(statement()).encode() for _ in range(300)])
    client.ask("POST", body=next(singles))
    print(f"{len(bodies[0]) / BATCH:.0f} bytes a statement")
    waiting = iter(bodies)
    began = time.perf_counter()
    p50, p95 = milliseconds(batches, lambda: client.ask("POST", body=next(waiting)))
    rate = batches * BATCH / (time.perf_counter() - began)
    print(f"POST of {BATCH}: {rate:,.0f} statements/s, p50 {p50:.1f} ms, p95 {p95:.1f} ms (target 5,000/s)")
    p50, p95 = milliseconds(250, lambda: client.ask("POST", body=next(singles)))
    print(f"POST of one: p50 {p50:.2f} ms, p95 {p95:.2f} ms (target 3 ms)")
    p50, p95 = milliseconds(200, lambda: client.ask("GET", {"limit": "100"}))
    print(f"GET of 100: p50 {p50:.2f} ms, p95 {p95:.2f} ms (target 5 ms)")
    if is_full:
        for name in filters():
            p50, p95 = milliseconds(60, lambda name=name: client.ask("GET", {**filters()[name], "limit": "100"}))  # type: ignore[misc]
            print(f"GET by {name}: p50 {p50:.2f} ms, p95 {p95:.2f} ms (target 10 ms)")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", nargs="?")
    parser.add_argument("--stored", type=int, default=0)
    parser.add_argument("--batches", type=int, default=200)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    random.seed(1)
    with tempfile.TemporaryDirectory() as folder:
        url = options.url or f"sqlite:///{folder}/lrs.db"
        set_up(url, options.stored)
        with server(url, options.workers) as port:
            measure(Client(port), options.batches, options.stored > 0)
        for size, times in ((1, 250), (BATCH, 50)):
            p50 = milliseconds_of(url, statement, size, times)
            print(f"the driver alone, {size} in a transaction: p50 {p50:.2f} ms")


if __name__ == "__main__":
    main()
