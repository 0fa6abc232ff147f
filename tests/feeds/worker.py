"""Processes that deliver feeds, and end in any way."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

WAIT = 120.0


def start(url: str, *options: str, environ: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """`reinforce feed deliver` in a process of its own, from its start to whenever it ends."""
    program = "from reinforce.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", program, "feed", "deliver", "--database", url, *options],
        env={**os.environ, **(environ or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


@contextmanager
def workers(url: str, count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """So many of them, each delivering again and again until the end."""
    running = [start(url, "--every", "0.1") for _ in range(count)]
    try:
        yield running
    finally:
        for one in running:
            with suppress(ProcessLookupError):
                one.kill()
            one.communicate()


def until(is_so: Callable[[], bool]) -> None:
    """Wait for something that other processes bring about."""
    deadline = time.monotonic() + WAIT
    while not is_so():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.01)
