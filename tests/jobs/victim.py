"""A program that plans nights when it is told to, so that tests can kill it.

Each line of its input is a date to plan; it answers each with what came of it, as JSON. `fork` among its arguments
has it use a pool of forked processes, which outlive it when it is killed.
"""

import json
import multiprocessing
import sys
import warnings
from concurrent.futures import Executor, ProcessPoolExecutor
from datetime import date

from jobs.builder import AT_NIGHT
from reinforce.jobs import nightly
from reinforce.model.conversion import unstructure


def main(url: str, shard_size: int, *options: str) -> None:
    """Answer until the input ends."""
    warnings.simplefilter("ignore", ResourceWarning)
    pool: Executor | None = None
    if "fork" in options:
        pool = ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork"))
    say("ready")
    for line in sys.stdin:
        summaries = nightly(
            url,
            as_of=date.fromisoformat(line.strip()),
            at=AT_NIGHT,
            shard_size=shard_size,
            executor=pool,
            on_progress=say if "tell" in options else None,
        )
        say(json.dumps([unstructure(summary) for summary in summaries]))


def say(*words: object) -> None:
    """Write a line that is read at once."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
