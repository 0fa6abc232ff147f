"""The file that bad rows land in, to be mended and imported again."""

import csv
import json
import os
from contextlib import ExitStack
from types import TracebackType
from typing import IO, Any, Self

from reinforce.errors import InvalidFile
from reinforce.exchange.atomic import written_whole
from reinforce.exchange.csv_records import csv_records
from reinforce.exchange.formats import FileFormat
from reinforce.exchange.lines import Line
from reinforce.exchange.rows import BadRow, Header

CSV_EXTRAS = ("reason", "line")
"""The columns that a CSV file of rejects has after those of the file that they come from."""

JSON_FIELDS = frozenset({"line", "reason", "raw"})
"""The fields of a line in a file of rejected JSON lines."""


class RejectsFile:
    """Writes bad rows with their reasons.

    Rejects of CSV are CSV in the same encoding with the same delimiter and columns, and the columns
    `reason` and `line` after them. A row that cannot be taken apart into those columns (a broken quote, a
    field too many) stands as a whole in the first of them. Rejects of rejects have those two columns once,
    written anew. Rejects of JSON lines are objects with the
    fields line, reason and raw. Either is read again with the settings of the file that they come from.

    The file appears when the `with` block ends without an error and there are bad rows, in one step, in
    place of an older one. Otherwise nothing is written.
    """

    def __init__(self, path: str | os.PathLike[str], file: FileFormat) -> None:
        self._path = path
        self._encoding = file.encoding
        self._closing = ExitStack()
        self._stream: IO[str] | None = None
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.__exit__(kind, error, trace)
        self._stream = None

    def add(self, row: BadRow) -> None:
        """Write one bad row.

        Raises:
            InvalidFile: the file cannot be written.
        """
        try:
            stream = self._opened(row.header)
            reason = row.reason.encode(self._encoding, "backslashreplace").decode(self._encoding)
            if row.header is not None:
                _writer(stream, row.header).writerow([*_cells(row, row.header), reason, row.line])
            else:
                line = {"line": row.line, "reason": reason, "raw": row.raw}
                stream.write(json.dumps(line, ensure_ascii=not row.raw.isprintable()) + "\n")
        except OSError as problem:
            raise InvalidFile(f"{os.fspath(self._path)}: rejects cannot be written: {problem.strerror}") from problem
        self.count += 1

    def _opened(self, header: Header | None) -> IO[str]:
        if self._stream is None:
            self._stream = self._closing.enter_context(
                written_whole(self._path, encoding=self._encoding, errors="surrogateescape")
            )
            if header is not None:
                _writer(self._stream, header).writerow([*header.own, *extra_columns(header.own)])
        return self._stream


def _writer(stream: IO[str], header: Header) -> Any:
    return csv.writer(stream, delimiter=header.delimiter, lineterminator="\n")


def _cells(row: BadRow, header: Header) -> list[str]:
    records = list(csv_records([Line(1, row.raw)], header.delimiter))
    if len(records) == 1 and len(records[0].cells) == len(header.columns):
        return records[0].cells[: len(header.own)]
    return [row.raw, *[""] * (len(header.own) - 1)]


def extra_columns(columns: tuple[str, ...]) -> tuple[str, ...]:
    """The names of the columns for reason and line, beside the names that are taken."""
    return tuple(_free(name, columns) for name in CSV_EXTRAS)


def _free(name: str, taken: tuple[str, ...]) -> str:
    number = 1
    free = name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free
