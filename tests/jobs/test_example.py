"""examples/nightly_job.py, as a scheduler would start it."""

import json
import subprocess
import sys
from pathlib import Path

from jobs.builder import MONDAY, build

EXAMPLE = Path(__file__).parents[2] / "examples" / "nightly_job.py"


def test_the_example_plans_and_can_be_run_again(sqlite_url: str) -> None:
    """The program that people copy plans everyone over several processes, and does nothing the second time."""
    build(sqlite_url)
    command = [sys.executable, str(EXAMPLE), sqlite_url, str(MONDAY)]
    outputs = [subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(2)]
    first, again = [json.loads(output.stdout) for output in outputs]

    assert [output.stderr for output in outputs] == ["", ""]
    assert (first["tenant"], first["day"], first["learners"]) == ("acme", str(MONDAY), 36)
    assert again == {"tenant": "acme", "day": str(MONDAY), "assignments": first["assignments"]}
