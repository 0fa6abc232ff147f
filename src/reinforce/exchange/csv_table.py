"""The header of a CSV file: which columns there are, and whether those that are needed are among them."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from reinforce.errors import InvalidFile
from reinforce.exchange.csv_records import Record
from reinforce.exchange.rejects import extra_columns


def read_header(
    records: Iterator[Record], named: tuple[str, ...], needed: Sequence[str], name: str
) -> tuple[tuple[str, ...], Record | None]:
    """The names of the columns, and the first record if it turned out to be no header.

    Args:
        records: those of the file; the first is taken.
        named: the columns of a file without a header; its rejects have one all the same.
        needed: the columns that must be there.
        name: what errors call the file.

    Raises:
        InvalidFile: the file is empty, or its header is broken or lacks a needed column.
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
    header = tuple(cell.strip() for cell in first.cells)
    _check(header, needed, f"{name}, line {first.line}: the columns")
    return header, None


def _check(header: tuple[str, ...], needed: Sequence[str], where: str) -> None:
    missing = [column for column in needed if column not in header]
    if missing:
        spare = [column for column in header if column not in needed]
        lacking = ", ".join(_with_near(column, spare) for column in missing)
        raise InvalidFile(f"{where} lack {lacking}; there are {', '.join(map(repr, header))}{_other_delimiter(header)}")
    twice = [column for column in needed if header.count(column) > 1]
    if twice:
        raise InvalidFile(f"{where} have {', '.join(map(repr, twice))} more than once; which one is meant?")


def _other_delimiter(header: tuple[str, ...]) -> str:
    """A hint at what separates the columns, if all of them stand in one."""
    found = max(";\t|,", key=header[0].count) if len(header) == 1 else ""
    return f"; they seem to be separated by {found!r}: is that the delimiter?" if found and found in header[0] else ""


def _with_near(column: str, spare: list[str]) -> str:
    by_lower = {one.lower(): one for one in spare}
    near = get_close_matches(column.lower(), by_lower, n=1)
    return f"{column!r} (is it {by_lower[near[0]]!r}?)" if near else repr(column)
