"""Plan a day for everyone, spread over this machine's processors: what a scheduler would start every night.

    python nightly_job.py sqlite:///practice.db
    python nightly_job.py postgresql://planner@db.example.org/app 2026-03-31

It writes one line of JSON for each tenant, and ends as docs/nightly.md says. Run it again after anything that went
wrong: it goes on where it was.
"""

import argparse
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import date

from reinforce import ReinforceError, StoreError, unstructure
from reinforce.jobs import exit_code, nightly


def main(url: str, as_of: date | None) -> int:
    """Run the job and tell what it did.

    Args:
        url: of the database; the worker processes are sent it.
        as_of: the date to plan; None: the day that begins.
    """
    try:
        with ProcessPoolExecutor(os.cpu_count()) as executor:
            summaries = nightly(url, as_of=as_of, executor=executor)
    except ReinforceError as problem:
        print(f"nightly_job: {problem}", file=sys.stderr)
        return 3 if isinstance(problem, StoreError) else 2
    for summary in summaries:
        print(json.dumps({"tenant": summary.tenant, "day": str(summary.day), **unstructure(summary)}))
    return exit_code(summaries)


# Worker processes import this file: without the guard each would start the job again.
if __name__ == "__main__":
    asked = argparse.ArgumentParser(description="Plan a day for everyone.")
    asked.add_argument("url", metavar="URL", help="of the database, such as sqlite:///practice.db")
    asked.add_argument("as_of", metavar="DATE", nargs="?", type=date.fromisoformat, help="such as 2026-03-31")
    sys.exit(main(**vars(asked.parse_args())))
