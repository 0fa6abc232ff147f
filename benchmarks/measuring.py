"""What the benchmarks share: taking turns with the peer, databases to measure on, and printing.

The machine that a benchmark runs on is rarely its own. So ours and the peer do small batches in turn, each
round gives one ratio, and the median of the ratios is what counts; the rates beside it are medians too.
"""

import argparse
import contextlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

from attrs import frozen
from sqlalchemy import make_url

sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))
import postgres

Work = Callable[[], object]


@frozen
class Comparison:
    """How we did beside a peer that did the same.

    Attributes:
        name: what was done.
        ours: how many a second.
        peer: how many a second.
        ratio: ours / peer, the median over the rounds.
        target: what the ratio should be at least.
    """

    name: str
    ours: float
    peer: float
    ratio: float
    target: float


def seconds(work: Work) -> float:
    """How long something takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def compare(name: str, rounds: Sequence[tuple[Work, Work]], *, size: int, target: float) -> Comparison:
    """Do ours and the peer's share of each round in turn; who begins changes from round to round.

    Args:
        name: what is done.
        rounds: for each, our work and the peer's; the first of them only warms up.
        size: how many things each piece of work does.
        target: what the ratio should be at least.
    """
    ours, peers = [], []
    for number, (our_work, peer_work) in enumerate(rounds):
        if number % 2:
            ours.append(seconds(our_work))
            peers.append(seconds(peer_work))
        else:
            peers.append(seconds(peer_work))
            ours.append(seconds(our_work))
    ratios = [peer / our for our, peer in zip(ours[1:], peers[1:], strict=True)]
    return Comparison(name, size / median(ours[1:]), size / median(peers[1:]), median(ratios), target)


def table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows below each other, numbers to the right."""
    widths = [max(len(row[place]) for row in [heading, *rows]) for place in range(len(heading))]
    for row in [heading, *rows]:
        first, *rest = (
            text.ljust(width) if n == 0 else text.rjust(width)
            for n, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join([first, *rest]))


def print_comparisons(found: Sequence[Comparison]) -> None:
    """Print rates and ratios beside their targets."""
    rows = [
        (
            one.name,
            f"{one.ours:,.0f}/s",
            f"{one.peer:,.0f}/s",
            f"{one.ratio:.2f}",
            f"{one.target:.2f}",
            verdict(one.ratio >= one.target),
        )
        for one in found
    ]
    table(("", "ours", "peer", "ratio", "target", ""), rows)


def verdict(is_reached: bool) -> str:
    """A word for whether a target was reached."""
    return "reached" if is_reached else "MISSED"


def arguments(description: str | None) -> argparse.ArgumentParser:
    """The flags that every benchmark on databases takes."""
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="measure on one database")
    parser.add_argument(
        "--postgres", metavar="URL", help="a PostgreSQL server to make databases on (default: one of our own)"
    )
    return parser


Opener = Callable[[], contextlib.AbstractContextManager[str]]


@contextlib.contextmanager
def sqlite_files() -> Iterator[Opener]:
    """Opens new SQLite files in a temporary directory, by URL."""
    with tempfile.TemporaryDirectory(prefix="reinforce-benchmark-") as folder:
        numbers = iter(range(1_000_000))
        yield lambda: contextlib.nullcontext(f"sqlite:///{folder}/{next(numbers)}.db")


@contextlib.contextmanager
def postgres_databases(server: str | None, settings: Mapping[str, str] = postgres.SETTINGS) -> Iterator[Opener]:
    """Opens new databases on a PostgreSQL server, by URL; without one, on a server of our own of these settings."""
    if server is not None:
        yield lambda: postgres.fresh_database(make_url(server).set(drivername="postgresql+psycopg"))
        return
    programs = postgres.server_programs()
    if programs is None:
        raise SystemExit(f"{postgres.MISSING}: {postgres.HOW_TO_INSTALL}, or measure with --only sqlite")
    with postgres.OwnServer(programs, settings) as own:
        yield lambda: postgres.fresh_database(own.url)


def databases(given: argparse.Namespace, *, durable: bool = False) -> Iterator[tuple[str, Opener]]:
    """Each kind of database that was asked for, with what opens new ones.

    Args:
        given: the flags.
        durable: measure on a PostgreSQL that writes every commit to the disk, too, which the tests' own does not.
    """
    if given.only != "postgresql":
        with sqlite_files() as opener:
            yield "SQLite", opener
    if given.only != "sqlite":
        with postgres_databases(given.postgres) as opener:
            yield "PostgreSQL", opener
    if given.only != "sqlite" and durable and given.postgres is None:
        with postgres_databases(None, postgres.SETTINGS | postgres.DURABLE) as opener:
            yield "PostgreSQL with fsync", opener
