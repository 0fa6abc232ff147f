"""Delimited text to records, each with the line on which it begins and its own text.

Python's csv module forgets the text of a record, reads a quote that is never closed to the end of the
file and limits fields by a setting of the whole process; so the few rules of RFC 4180 are kept here. As in
the csv module, a quote in the middle of an unquoted field is an ordinary character.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from reinforce.exchange.lines import Line, without_end

FARTHEST_QUOTE = 2**20
"""A quote that is not closed within so many characters was never meant to stay open."""

_INSIDE = re.compile(r'[^"]*(?:""[^"]*)*')


class Record(NamedTuple):
    """A row of cells, or the reason why it is none.

    Attributes:
        line: the line on which it begins, from 1.
        raw: its text, without the line's end.
    """

    line: int
    raw: str
    cells: list[str]
    fault: str | None = None


class _Malformed(Exception):
    """The quotes do not fit together."""


def csv_records(lines: Iterable[Line], delimiter: str) -> Iterator[Record]:
    """Every record that is not blank.

    A record whose quotes do not fit together is bad by its first line alone, and reading goes on with
    the line after it: a forgotten quote costs one row and not the rest of the file.
    """
    pending: deque[Line] = deque()
    source = iter(lines)
    blank = f" \t{delimiter}"
    while (line := pending.popleft() if pending else next(source, None)) is not None:
        body = without_end(line.text)
        if not body.strip(blank):
            continue
        if '"' in body:
            record = _quoted_record(line, source, pending, delimiter)
        else:
            record = Record(line.number, body, body.split(delimiter), line.fault)
            if "\r" in body:
                record = record._replace(fault=line.fault or _LONE_RETURN)
        if "\0" in record.raw and record.fault is None:
            record = record._replace(fault="it holds a NUL character, which no text has; take it out")
        yield record


_LONE_RETURN = "a carriage return stands inside of a field without quotes; lines must end with LF or CR LF"


def _quoted_record(first: Line, source: Iterator[Line], pending: deque[Line], delimiter: str) -> Record:
    """The record that begins with `first`, taking further lines from `pending` and `source` as it needs them."""
    scanner = _Scanner(delimiter)
    taken = [first]
    size = 0
    try:
        while not scanner.feed(taken[-1].text):
            following = pending.popleft() if pending else next(source, None)
            if following is None or size > FARTHEST_QUOTE:
                if following is not None:
                    pending.appendleft(following)
                raise _Malformed(f"the quote that opens its field {scanner.place} is never closed")
            taken.append(following)
            size += len(following.text)
    except _Malformed as problem:
        pending.extendleft(reversed(taken[1:]))
        return Record(first.number, without_end(first.text), [], first.fault or str(problem))
    raw = without_end("".join(line.text for line in taken))
    return Record(first.number, raw, scanner.cells, next((line.fault for line in taken if line.fault), None))


class _Scanner:
    """Takes a record apart, line by line.

    Attributes:
        cells: those that are complete.
    """

    def __init__(self, delimiter: str) -> None:
        self.cells: list[str] = []
        self._delimiter = delimiter
        self._open: list[str] | None = None

    @property
    def place(self) -> int:
        """The number of the field that is being read, from 1."""
        return len(self.cells) + 1

    def feed(self, text: str) -> bool:
        """Take one more line; says whether the record is complete."""
        body = without_end(text)
        at: int | None = 0
        while at is not None:
            if self._open is not None:
                at = self._close(body, at)
                if self._open is not None:
                    self._open.append(text[len(body) :])
                    return False
            elif body.startswith('"', at):
                self._open = []
                at += 1
            else:
                at = self._plain(body, at)
        return True

    def _close(self, body: str, at: int) -> int | None:
        """Read on inside of quotes; gives where the next field begins, or None at the end of the line."""
        assert self._open is not None  # noqa: S101 -- as `feed` has seen
        inside = _INSIDE.match(body, at)
        assert inside is not None  # noqa: S101 -- it matches nothing, too
        self._open.append(inside.group())
        if inside.end() == len(body):
            return None
        at = inside.end() + 1
        if at < len(body) and body[at] != self._delimiter:
            raise _Malformed(
                f"in field {self.place} a closing quote is followed by {body[at]!r}; "
                "quotes inside of a quoted field must be doubled, and a quote that opens must be closed"
            )
        self.cells.append("".join(self._open).replace('""', '"'))
        self._open = None
        return at + 1 if at < len(body) else None

    def _plain(self, body: str, at: int) -> int | None:
        """Read a field without quotes; gives where the next one begins, or None at the end of the line."""
        end = body.find(self._delimiter, at)
        cell = body[at:] if end < 0 else body[at:end]
        if "\r" in cell:
            raise _Malformed(_LONE_RETURN)
        self.cells.append(cell)
        return None if end < 0 else end + 1
