"""The bad rows of an import: counted, with their reasons, and in a file where there is one for them."""

from collections.abc import Iterable

from attrs import define, field

from reinforce.exchange.rejects import RejectsFile
from reinforce.exchange.rows import BadRow

MOST_REASONS = 100_000
"""So many reasons are kept; the other rows are counted."""


@define
class BadRows:
    """Those of an import so far.

    Attributes:
        file: where they go; None: one of them, and nothing is imported.
    """

    file: RejectsFile | None
    count: int = 0
    reasons: list[str] = field(factory=list)

    def add(self, rows: Iterable[BadRow]) -> None:
        """Take in some more."""
        for row in sorted(rows, key=lambda row: row.line):
            self.count += 1
            if len(self.reasons) < MOST_REASONS:
                self.reasons.append(row.reason)
            if self.file is not None:
                self.file.add(row)

    @property
    def are_in_the_way(self) -> bool:
        """Whether there are some, and no file for them."""
        return self.count > 0 and self.file is None
