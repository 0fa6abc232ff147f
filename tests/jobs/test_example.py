"""examples/nightly_job.py, as a scheduler would start it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

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
    assert again == {"tenant": "acme", "day": str(MONDAY), "assignments": first["assignments"], "repeated": True}


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ((), 2, "usage: nightly_job.py [-h] URL [DATE]"),
        (("sqlite://", "tomorrow"), 2, "argument DATE: invalid fromisoformat value: 'tomorrow'"),
        (("practice.db",), 2, "nightly_job: 'practice.db' is no database URL"),
        (("sqlite:///practice.db",), 3, "nightly_job: sqlite:///practice.db has no tables of reinforce yet"),
    ],
)
def test_the_example_says_what_is_wrong(tmp_path: Path, arguments: tuple[str, ...], code: int, says: str) -> None:
    """Started wrongly, the program says how it is started, and ends as its page says."""
    done = subprocess.run(
        [sys.executable, str(EXAMPLE), *arguments], capture_output=True, text=True, check=False, cwd=tmp_path
    )

    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr
