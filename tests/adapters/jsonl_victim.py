"""A program that delivers to a file until it is killed: its arguments are the file and the cursor's file."""

import sys
from collections.abc import Sequence
from pathlib import Path

from delivery.clockwork import run
from reinforce.delivery.outgoing import Outcome
from reinforce.testing import MemorySource, sample_statement
from reinforce_adapters.jsonl import JsonLines

COUNT = 3000


class KeptSource(MemorySource):
    """A source whose cursor outlives the process."""

    kept: Path

    def advance(self, outcomes: Sequence[Outcome]) -> None:
        """Keep the cursor as it is after these."""
        super().advance(outcomes)
        unfinished = self.kept.with_suffix(".new")
        unfinished.write_text(str(self.cursor), encoding="utf-8")
        unfinished.replace(self.kept)


def main(path: str, kept: str) -> None:
    """Deliver from where the cursor is to the end."""
    source = KeptSource([sample_statement(number) for number in range(COUNT)])
    source.kept = Path(kept)
    source.cursor = int(source.kept.read_text(encoding="utf-8")) if source.kept.exists() else 0
    print("ready", flush=True)  # noqa: T201 -- the test waits for it
    run(JsonLines(path), source)


if __name__ == "__main__":
    main(*sys.argv[1:])
