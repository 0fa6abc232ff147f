"""What reading a file of events yields: good rows and bad ones, none left out."""

from attrs import frozen

from reinforce.errors import InvalidValue
from reinforce.model.practice import PracticeEvent


class BadCell(InvalidValue):
    """A cell cannot be read as what its column is mapped to.

    Attributes:
        column: the column, as the file calls it; None: the row as a whole.
    """

    def __init__(self, column: str | None, message: str) -> None:
        super().__init__(message)
        self.column = column


@frozen
class Header:
    """How the rows of a CSV file are laid out.

    Attributes:
        columns: their names, in their order.
        delimiter: what stands between them.
        added: how many of them, at the end, a file of rejects has added; its rejects have them anew.
    """

    columns: tuple[str, ...]
    delimiter: str = ","
    added: int = 0

    @property
    def own(self) -> tuple[str, ...]:
        """The columns without those of a file of rejects."""
        return self.columns[: len(self.columns) - self.added]


@frozen
class BadRow:
    """A row that cannot become an event.

    Attributes:
        line: the line of the file on which it begins, from 1.
        raw: the row's own text, exactly, without the line's end; bytes that could not be decoded are
            lone surrogates, as Python's `surrogateescape` makes them.
        reason: names the line, the column and what would be right.
        column: the column at fault; None: the row as a whole.
        header: that of a CSV file; None: JSON lines, which have none.
    """

    line: int
    raw: str
    reason: str
    column: str | None = None
    header: Header | None = None


@frozen
class GoodRow:
    """A row that became an event; `line`, `raw` and `header` are as in `BadRow`."""

    line: int
    event: PracticeEvent
    raw: str
    header: Header | None = None

    def rejected(self, reason: str) -> BadRow:
        """The row as a bad one, for a reason that only shows later, such as an unknown learner."""
        return BadRow(self.line, self.raw, f"line {self.line}: {reason}", None, self.header)


Row = GoodRow | BadRow
