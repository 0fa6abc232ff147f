"""How fast a feed takes statements from the database to an LRS on the same machine, beside the client alone.

    python benchmarks/from_store.py [--statements COUNT] [--only sqlite|postgresql]

Three feeds deliver the same log of 845-byte statements to a minimal server, which is a process of its own: one as the
bytes are, one that looks inside each statement, and one that names people its own way. The peer is the same client and
loop over statements in memory. With `--lrs` the destination is the embedded LRS over a database of its own.
"""

import contextlib
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import requests
from measuring import arguments, databases, table, verdict

from delivery import BENCH, padded, rate, serve, with_ours
from reinforce import FeedActors, FeedFilter, Learner, Reinforcer
from reinforce.delivery.outgoing import Outgoing
from reinforce.model.checks import to_micros
from reinforce.statements.reading import ReceivedStatement
from reinforce.statements.settings import XapiSettings
from reinforce.statements.versions import XapiVersion
from reinforce.store.credentials import Credentials, Scope
from reinforce.store.statements import NewStatement, StatementLog
from reinforce.testing import sample_statement

TARGET = 5_000
ROUNDS = 3
AT = datetime(2026, 4, 1, tzinfo=UTC)
PEOPLE = [Learner(f"learner-{number} Zoë") for number in range(7)]
XAPI = XapiSettings("https://skills.example/", home_page="https://crm.example", is_opaque=False)
FEEDS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "filtered": {"filter": FeedFilter(verbs=("http://adlnet.gov/expapi/verbs/*",))},
    "renamed": {"actors": FeedActors(kind="account", home_page="https://lms.example", is_opaque=False)},
}


def fill(reinforcer: Reinforcer, statements: Sequence[Outgoing]) -> None:
    """Put statements into the log."""
    for start in range(0, len(statements), 1000):
        batch = [
            NewStatement(one.id, ReceivedStatement(json.loads(one.body), one.body), XapiVersion.V1)
            for one in statements[start : start + 1000]
        ]
        with reinforcer._store.write(to_micros(AT)) as session:
            StatementLog(session.driver, session.tenant_id).append(batch, lambda: to_micros(AT))


def delivered(reinforcer: Reinforcer, name: str, count: int) -> float:
    """Statements a second of one whole delivery."""
    reinforcer.feeds.backfill(name)
    start = time.perf_counter()
    (run,) = reinforcer.feeds.deliver(name)
    taken = time.perf_counter() - start
    assert run.delivered == count, run
    return count / taken


@contextlib.contextmanager
def minimal() -> Iterator[dict[str, Any]]:
    """The settings of a minimal server, which takes everything."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    server = multiprocessing.Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    try:
        yield {"endpoint": f"http://127.0.0.1:{ours.recv()}/xapi", **BENCH, "password": {"env": "BENCH"}}
    finally:
        server.terminate()


@contextlib.contextmanager
def embedded(url: str) -> Iterator[dict[str, Any]]:
    """The settings of `reinforce serve` over a database."""
    with Reinforcer(url) as there:
        there.upgrade()
        with there._store.write(1) as session:
            Credentials(session.driver).put(
                session.tenant_id, "bench", "bench", frozenset({Scope.ALL}), {"mbox": "mailto:b@example.com"}, "", 1
            )
    program = "import sys; from reinforce.cli import main; main()"
    port = 18_543
    process = subprocess.Popen(
        [sys.executable, "-c", program, "serve", "--port", str(port)],
        env={**os.environ, "REINFORCE_DATABASE": url},
        stdout=subprocess.DEVNULL,
    )
    endpoint = f"http://127.0.0.1:{port}/xapi"
    try:
        for _ in range(600):
            with contextlib.suppress(requests.ConnectionError):
                requests.get(f"{endpoint}/about", timeout=5)
                break
            time.sleep(0.1)
        yield {"endpoint": endpoint, **BENCH, "password": {"env": "BENCH"}}
    finally:
        process.kill()
        process.wait()


def row(database: str, feed: str, ours: float, peer: float | None) -> tuple[str, ...]:
    """A row of the table."""
    alone = "" if peer is None else f"{peer:,.0f}/s"
    return database, feed, f"{ours:,.0f}/s", alone, f"{TARGET:,}/s", verdict(ours >= TARGET)


def main() -> None:
    """Measure each kind of feed on each database, in turn with the peer."""
    parser = arguments(__doc__)
    parser.add_argument("--statements", type=int, default=20_000, metavar="COUNT")
    parser.add_argument("--lrs", action="store_true", help="deliver to the embedded LRS")
    given = parser.parse_args()
    os.environ["BENCH"] = "bench"
    statements = [padded(sample_statement(number)) for number in range(given.statements)]
    rows: list[tuple[str, ...]] = []
    for name, opener in databases(given):
        with opener() as url, opener() as other, Reinforcer(url, xapi=XAPI) as reinforcer:
            reinforcer.upgrade()
            reinforcer.define(*PEOPLE)
            fill(reinforcer, statements)
            if given.lrs:
                with embedded(other) as settings:
                    reinforcer.feeds.add("first", "lrs", settings)
                    found = delivered(reinforcer, "first", given.statements)
                    rows.append(
                        (name, "to the embedded LRS", f"{found:,.0f}/s", "", f"{TARGET:,}/s", verdict(found >= TARGET))
                    )
                continue
            with minimal() as settings:
                for feed, options in FEEDS.items():
                    reinforcer.feeds.add(feed, "lrs", settings, **options)
                    rounds = [
                        (
                            delivered(reinforcer, feed, given.statements),
                            rate(with_ours, settings["endpoint"], statements),
                        )
                        for _ in range(ROUNDS)
                    ]
                    ours, peers = (median(one) for one in zip(*rounds, strict=True))
                    rows.append(row(name, feed, ours, peers))
    table(("", "feed", "ours", "client alone", "target", ""), rows)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(Path(folder))
        main()
