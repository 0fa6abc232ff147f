"""How long `import reinforce` takes, in fresh processes, and which modules take it.

The peer imports what we can't do without, NumPy and SQLAlchemy, and nothing of ours.
"""

import argparse
import subprocess
import sys
from statistics import median

from measuring import table, verdict

ROUNDS = 21
TARGET_MS = 250
OURS = "import reinforce"
PEER = "import numpy, sqlalchemy"
NEVER_EARLY = ("alembic", "requests", "psycopg", "typer", "rich", "yaml")
"""Only what needs these may wait for them."""

TIMED = "import time; begin = time.perf_counter()\n{}\nprint((time.perf_counter() - begin) * 1000)"


def milliseconds(statement: str) -> float:
    """How long a statement takes in a fresh process, without the interpreter's own start."""
    return float(_output(TIMED.format(statement)))


def _output(program: str, *flags: str) -> str:
    done = subprocess.run([sys.executable, *flags, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout or done.stderr


def early() -> list[str]:
    """Which of the modules that may wait are imported all the same."""
    loaded = _output(f"{OURS}\nimport sys; print(*sys.modules)").split()
    return [name for name in NEVER_EARLY if name in loaded]


def costliest(count: int) -> list[tuple[str, str]]:
    """The packages that take longest, by what their own modules take."""
    own: dict[str, int] = {}
    for line in _output(OURS, "-X", "importtime").splitlines():
        micros, _, name = (part.strip() for part in line.removeprefix("import time:").split("|"))
        if micros.isdigit():
            package = name.partition(".")[0]
            own[package] = own.get(package, 0) + int(micros)
    found = sorted(own.items(), key=lambda item: -item[1])[:count]
    return [(name, f"{micros / 1000:.0f} ms") for name, micros in found]


def main() -> None:
    """Measure, and print."""
    argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0]).parse_args()
    times = [(milliseconds(OURS), milliseconds(PEER)) for _ in range(ROUNDS)]
    ours, peer = (median(column) for column in zip(*times, strict=True))
    table(
        ("", "median", "fastest", "target", ""),
        [
            (
                OURS,
                f"{ours:.0f} ms",
                f"{min(time for time, _ in times):.0f} ms",
                f"{TARGET_MS} ms",
                verdict(ours < TARGET_MS),
            ),
            (PEER, f"{peer:.0f} ms", f"{min(time for _, time in times):.0f} ms", "", ""),
        ],
    )
    print(f"\nimported too early: {', '.join(early()) or 'nothing'}\n\nwhat takes the time (with the profiler's own):")
    table(("package", "its modules"), costliest(10))


if __name__ == "__main__":
    main()
