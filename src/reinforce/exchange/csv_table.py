"""The header of a CSV file: what stands between its columns, and whether those that are needed are among them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import chain
from typing import NamedTuple

from reinforce.errors import InvalidFile
from reinforce.exchange.csv_records import Record, csv_records
from reinforce.exchange.formats import FileFormat
from reinforce.exchange.lines import Line
from reinforce.exchange.rejects import CSV_EXTRAS, extra_columns
from reinforce.exchange.rows import Header

DELIMITERS: Mapping[str, str] = {",": "commas", ";": "semicolons", "\t": "tabs"}
"""What spreadsheets put between columns, and the names of these in errors."""


class CsvTable(NamedTuple):
    """A CSV file that has been read past its header."""

    header: Header
    records: Iterator[Record]


def read_table(lines: Iterator[Line], file: FileFormat, needed: Sequence[str], name: str) -> CsvTable:
    """The header of a CSV file, and the records after it.

    Args:
        lines: those of the file.
        file: how it is written; without a delimiter, the header tells it.
        needed: the columns that must be there.
        name: what errors call the file.

    Raises:
        InvalidFile: the file is empty, its header is broken or lacks a needed column, or does not tell the delimiter.
    """
    delimiter = file.delimiter
    if delimiter is None and file.columns:
        delimiter = ","
    elif delimiter is None:
        beginning: list[Line] = []
        delimiter = _told(list(_first_records(beginning, lines)), needed, name)
        lines = chain(beginning, lines)
    records = csv_records(lines, delimiter)
    columns, first = _read_columns(records, file.columns, needed, name)
    header = Header(columns, delimiter, _added(columns, needed))
    return CsvTable(header, records if first is None else chain([first], records))


# --- The delimiter -------------------------------------------------------------------------------


def _first_records(beginning: list[Line], lines: Iterator[Line]) -> Iterator[tuple[str, Record]]:
    """Each delimiter with the first record that it gives; the lines that were read for it are kept in `beginning`."""
    for delimiter in DELIMITERS:
        if (record := next(csv_records(_read_on(beginning, lines), delimiter), None)) is not None:
            yield delimiter, record


def _read_on(beginning: list[Line], lines: Iterator[Line]) -> Iterator[Line]:
    yield from beginning
    for line in lines:
        beginning.append(line)
        yield line


def _told(firsts: Iterable[tuple[str, Record]], needed: Sequence[str], name: str) -> str:
    """The delimiter that parts the header; of several, the one that gives the needed columns."""
    parting = {delimiter: record for delimiter, record in firsts if len(record.cells) > 1}
    if len(parting) > 1:
        giving = [delimiter for delimiter, record in parting.items() if set(needed) <= set(_names(record))]
        if len(giving) != 1:
            raise InvalidFile(_untold(parting, needed, name))
        return giving[0]
    return next(iter(parting), ",")


def _untold(parting: Mapping[str, Record], needed: Sequence[str], name: str) -> str:
    record = next(iter(parting.values()))
    return (
        f"{name}, line {record.line}: it cannot be told what stands between the columns: in the header there are "
        f"{' and '.join(DELIMITERS[delimiter] for delimiter in parting)}, and not one of them alone gives what is "
        f"needed, {', '.join(map(repr, needed))}; use one of them, or set the delimiter; the header is: {record.raw}"
    )


# --- The columns ---------------------------------------------------------------------------------


def _names(record: Record) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in record.cells)


def _read_columns(
    records: Iterator[Record], named: tuple[str, ...], needed: Sequence[str], name: str
) -> tuple[tuple[str, ...], Record | None]:
    """The names of the columns, and the first record if it turned out to be no header.

    Args:
        records: those of the file; the first is taken.
        named: the columns of a file without a header; its rejects have one all the same.
        needed: the columns that must be there.
        name: what errors call the file.
    """
    first = next(records, None)
    if first is None and not named:
        raise InvalidFile(f"{name}: it is empty; the first line must name the columns: {', '.join(needed)}")
    if named and (first is None or tuple(first.cells) != named + extra_columns(named)):
        _check(named, needed, f"{name}: the columns named for it")
        return named, first
    assert first is not None  # noqa: S101 -- there are no names, or it equals them
    if first.fault is not None:
        raise InvalidFile(f"{name}, line {first.line}: the header cannot be read: {first.fault}")
    columns = _names(first)
    _check(columns, needed, f"{name}, line {first.line}: the columns")
    return columns, None


def _added(columns: tuple[str, ...], needed: Sequence[str]) -> int:
    """How many columns, at the end, are those that rejects have beside the file's own, and that nobody reads."""
    extras = extra_columns(columns[: -len(CSV_EXTRAS)])
    return len(extras) if columns[-len(extras) :] == extras and not set(extras) & set(needed) else 0


def _check(columns: tuple[str, ...], needed: Sequence[str], where: str) -> None:
    missing = [column for column in needed if column not in columns]
    if missing:
        spare = [column for column in columns if column not in needed]
        lacking = ", ".join(_with_near(column, spare) for column in missing)
        there = ", ".join(map(repr, columns))
        raise InvalidFile(f"{where} lack {lacking}; there are {there}{_other_delimiter(columns)}")
    twice = [column for column in needed if columns.count(column) > 1]
    if twice:
        raise InvalidFile(f"{where} have {', '.join(map(repr, twice))} more than once; which one is meant?")


def _other_delimiter(columns: tuple[str, ...]) -> str:
    """A hint at what separates the columns, if all of them stand in one."""
    found = max(";\t|,", key=columns[0].count) if len(columns) == 1 else ""
    return f"; they seem to be separated by {found!r}: is that the delimiter?" if found and found in columns[0] else ""


def _with_near(column: str, spare: list[str]) -> str:
    by_lower = {one.lower(): one for one in spare}
    near = get_close_matches(column.lower(), by_lower, n=1)
    return f"{column!r} (is it {by_lower[near[0]]!r}?)" if near else repr(column)
