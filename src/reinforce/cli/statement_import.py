"""Statements out of files into the log, and into practice: all of them, or with a file for the bad ones, the good."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import IO

from attrs import define, field

from reinforce.cli.bad_rows import BadRows
from reinforce.cli.statement_report import Report
from reinforce.errors import ImportRejected
from reinforce.exchange.rows import BadRow
from reinforce.exchange.statement_files import GoodStatement, Row, read_statement_file
from reinforce.intake.door import StatementsIn
from reinforce.intake.incoming import Incoming
from reinforce.intake.readings import Fate
from reinforce.statements.mapping import StatementMapping

BATCH = 500


@define
class StatementImport:
    """Takes the statements of files, or shows what would become of them.

    Attributes:
        door: takes them, within a transaction that is rolled back if an error leaves `take`.
        bad: the statements that cannot be kept.
        at: the present moment.
        is_preview: whether nothing is to be written.
        mapping: one to be tried in a preview in place of those that count.
    """

    door: StatementsIn
    bad: BadRows
    at: datetime
    is_preview: bool = False
    mapping: StatementMapping | None = None
    report: Report = field(factory=Report)

    def take(self, stream: IO[bytes], name: str) -> Iterator[int]:
        """Take the statements of a stream; after each batch, how many there have been."""
        done = 0
        rows = read_statement_file(stream, name)
        while batch := list(islice(rows, BATCH)):
            self._take(batch)
            done += len(batch)
            yield done

    def require_all(self) -> None:
        """Refuse to go on with some bad statements and no file for them.

        Raises:
            ImportRejected: there are some.
        """
        if self.bad.are_in_the_way and not self.is_preview:
            raise ImportRejected(
                f"{self.bad.count:,} of {self.bad.count + self.report.total:,} statements are bad, so nothing was "
                "imported; mend them, or pass --rejects FILE to import the others",
                self.bad.reasons,
            )

    def _take(self, batch: list[Row]) -> None:
        good = [row for row in batch if isinstance(row, GoodStatement)]
        statements = [Incoming(one.received, one.version) for one in good]
        if self.is_preview:
            readings = self.door.preview(statements, mapping=self.mapping, at=self.at)
        else:
            readings = self.door.take(statements, at=self.at)
        bad = [row for row in batch if isinstance(row, BadRow)]
        for row, reading in zip(good, readings, strict=True):
            if reading.fate is Fate.CONFLICT:
                bad.append(row.rejected(reading.reason))
        self.report.add(one for one in readings if one.fate is not Fate.CONFLICT)
        self.bad.add(bad)
