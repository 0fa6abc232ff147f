"""How long `import reinforce` takes, in fresh processes, and which modules take it.

The peer imports what we can't do without, NumPy and SQLAlchemy, and nothing of ours. Everything is measured compiled,
as pip installs it; ours also with its own files compiled anew by each process, as where an editable install may not
write what it compiled. What the import leaves for later is counted by the last row: a process that also records and
asks. On a busy machine look at the processor's time of our import, which is the clock's where nobody else works;
NumPy's threads make it longer than the clock's.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from attrs import frozen
from measuring import sqlite_files, table, verdict

from reinforce import Learner, Reinforcer, Skill

ROUNDS = 21
TARGET_MS = 250
OURS = "import reinforce"
PEER = "import numpy, sqlalchemy"
NEVER_EARLY = ("alembic", "numpy", "requests", "psycopg", "typer", "rich", "yaml")
"""Only what needs these may wait for them."""

TIMED = """
from time import perf_counter, process_time
begin = perf_counter(), process_time()
{}
print((perf_counter() - begin[0]) * 1000, (process_time() - begin[1]) * 1000)
"""
DEFINED = (Learner("anna"), Skill("price", "Price"))
WORK = """
import os
from datetime import UTC, datetime
from reinforce import Outcome, PracticeEvent, Reinforcer
now = datetime.now(UTC)
with Reinforcer({url!r}) as reinforcer:
    reinforcer.record(PracticeEvent("anna", now, {{"price": Outcome.scaled(0.8)}}, external_id=os.urandom(8).hex()))
    reinforcer.due("anna", within_days=400)
    reinforcer.why("anna", "price")
"""


@frozen
class Measured:
    """A statement that fresh processes run.

    Attributes:
        name: what it is.
        statement: in Python.
        environment: in which they run.
        target: in milliseconds; None: it only stands beside the others.
    """

    name: str
    statement: str
    environment: Mapping[str, str]
    target: float | None = None

    def milliseconds(self) -> tuple[float, float]:
        """How long it takes in one process, by the clock and of the processor, without the interpreter's own start."""
        elapsed, worked = map(float, _output(self.environment, TIMED.format(self.statement)).split())
        return elapsed, worked

    def row(self, times: Sequence[tuple[float, float]]) -> tuple[str, ...]:
        """What is printed of it."""
        elapsed, worked = zip(*times, strict=True)
        shown = (f"{each:.0f} ms" for each in (median(elapsed), min(elapsed), median(worked)))
        target = ("", "") if self.target is None else (f"{self.target} ms", verdict(median(elapsed) < self.target))
        return (self.name, *shown, *target)


def _output(environment: Mapping[str, str], program: str, *flags: str) -> str:
    command = [sys.executable, *flags, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return done.stdout or done.stderr


def compiled(folder: Path) -> dict[str, str]:
    """The environment of processes that find everything compiled, in a folder."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(folder)
    for statement in (OURS, PEER):
        _output(environment, statement)
    return environment


def compiling(folder: Path) -> dict[str, str]:
    """The environment of processes that find everything compiled but our own files, and do not write it."""
    environment = compiled(folder)
    (ours,) = folder.rglob("reinforce/reinforcer.*.pyc")
    shutil.rmtree(ours.parent)
    return environment | {"PYTHONDONTWRITEBYTECODE": "1"}


def early(environment: Mapping[str, str]) -> list[str]:
    """Which of the modules that may wait are imported all the same."""
    loaded = _output(environment, f"{OURS}\nimport sys; print(*sys.modules)").split()
    return [name for name in NEVER_EARLY if name in loaded]


def costliest(environment: Mapping[str, str], count: int) -> list[tuple[str, str]]:
    """The packages that take longest, by what their own modules take."""
    own: dict[str, int] = {}
    for line in _output(environment, OURS, "-X", "importtime").splitlines():
        micros, _, name = (part.strip() for part in line.removeprefix("import time:").split("|"))
        if micros.isdigit():
            package = name.partition(".")[0]
            own[package] = own.get(package, 0) + int(micros)
    found = sorted(own.items(), key=lambda item: -item[1])[:count]
    return [(name, f"{micros / 1000:.0f} ms") for name, micros in found]


def main() -> None:
    """Measure, and print."""
    argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0]).parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="reinforce-benchmark-") as folder,
        sqlite_files() as opener,
        opener() as url,
    ):
        with Reinforcer(url) as reinforcer:
            reinforcer.upgrade()
            reinforcer.define(*DEFINED)
        ready, unready = compiled(Path(folder, "all")), compiling(Path(folder, "others"))
        measured = [
            Measured(OURS, OURS, ready, TARGET_MS),
            Measured("the same, compiling it", OURS, unready, TARGET_MS),
            Measured(PEER, PEER, ready),
            Measured("import, record, due, why", WORK.format(url=url), ready),
        ]
        times = [[one.milliseconds() for one in measured] for _ in range(ROUNDS + 1)][1:]
        columns = zip(measured, zip(*times, strict=True), strict=True)
        table(("", "median", "fastest", "processor", "target", ""), [one.row(column) for one, column in columns])
        print(f"\nimported too early: {', '.join(early(ready)) or 'nothing'}")
        print("\nwhat takes the time (with the profiler's own):")
        table(("package", "its modules"), costliest(ready, 10))


if __name__ == "__main__":
    main()
