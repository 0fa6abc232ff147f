"""Plan a day for everyone, spread over this machine's processors: what a scheduler would start every night.

    python nightly_job.py sqlite:///practice.db
    python nightly_job.py postgresql://planner@db.example.org/app 2026-03-31

It writes one line of JSON for each tenant, and ends as docs/nightly.md says. Run it again after anything that went
wrong: it goes on where it was.
"""

import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import date

from reinforce import unstructure
from reinforce.jobs import exit_code, nightly


def main(url: str, as_of: str | None = None) -> int:
    """Run the job and tell what it did.

    Args:
        url: of the database; the worker processes are sent it.
        as_of: the date to plan; None: the day that begins.
    """
    with ProcessPoolExecutor(os.cpu_count()) as executor:
        summaries = nightly(url, as_of=date.fromisoformat(as_of) if as_of else None, executor=executor)
    for summary in summaries:
        print(json.dumps({"tenant": summary.tenant, "day": str(summary.day), **unstructure(summary)}))
    return exit_code(summaries)


# Worker processes import this file: without the guard each would start the job again.
if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
