"""Definitions out of TOML, YAML and CSV files."""

import os
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from reinforce.errors import InvalidFile, InvalidValue
from reinforce.exchange.csv_table import read_table
from reinforce.exchange.definition_cells import CELLS, plain_row
from reinforce.exchange.definitions import TABLES, Definitions, Placed, definitions_of, faults_of
from reinforce.exchange.documents import DOCUMENT_SUFFIXES, read_document
from reinforce.exchange.formats import FileFormat
from reinforce.exchange.lines import opened, read_lines
from reinforce.model.conversion import structure

NOTHING_KNOWN = Definitions()


def read_definitions(
    *paths: str | os.PathLike[str],
    known: Definitions = NOTHING_KNOWN,
    table: str | None = None,
    file: FileFormat | None = None,
) -> Definitions:
    """What files define, read together and checked as a whole.

    TOML and YAML hold any of the tables learners, teams, calendars, skills, models, roles and refreshers,
    each as an array of tables or as a table of tables by key. CSV holds one of them, which the file's name
    tells (`skills.csv`).

    Args:
        paths: files that may refer to each other.
        known: what the tenant has already; files may refer to it, and replace it by key.
        table: which one CSV files hold, whatever they are called.
        file: how CSV files are written.

    Raises:
        InvalidFile: names every fault with its file, table and key, one a line.
        MissingExtra: a file is YAML, and PyYAML is not installed.
    """
    reading = _Reading(file or FileFormat())
    for path in map(Path, paths):
        reading.take(path, table)
    faults = reading.faults
    if reading.is_whole:
        faults = [*faults, *faults_of(reading.placed, known, reading.broken)]
    if faults:
        raise InvalidFile("\n".join(faults))
    return definitions_of(reading.placed)


class _Reading:
    """What was read so far, and what was wrong with it.

    Attributes:
        broken: tables and keys of what could not be read.
        is_whole: whether nothing besides those is missing, so that references can be judged.
    """

    def __init__(self, file: FileFormat) -> None:
        self.placed: list[Placed] = []
        self.faults: list[str] = []
        self.broken: set[tuple[str, str]] = set()
        self.is_whole = True
        self._file = file

    def take(self, path: Path, table: str | None) -> None:
        """Read one file."""
        try:
            if path.suffix.lower() == ".csv" or (table is not None and path.suffix.lower() not in DOCUMENT_SUFFIXES):
                self._take_csv(path, table or path.stem)
            elif path.suffix.lower() in DOCUMENT_SUFFIXES:
                self._take_document(path)
            else:
                raise InvalidFile(f"{path}: definitions are read from .toml, .yaml, .yml and .csv files")
        except InvalidFile as problem:
            self._miss(str(problem))

    def _miss(self, fault: str) -> None:
        """Note a fault that hides an unknown number of values."""
        self.faults.append(fault)
        self.is_whole = False

    def _take_document(self, path: Path) -> None:
        for table, content in read_document(path).items():
            if table not in TABLES:
                self._miss(f"{path}: {_no_table(table)}")
                continue
            try:
                rows = list(_rows(content))
            except ValueError as problem:
                self._miss(f"{path}: {table}: {problem}")
                continue
            for place, row in rows:
                self._take_row(f"{path}: {table} {place}", table, row)

    def _take_csv(self, path: Path, table: str) -> None:
        if table not in TABLES:
            raise InvalidFile(f"{path}: {_no_table(table)}; name the table that this CSV file holds")
        with opened(path) as stream:
            lines = read_lines(stream, str(path), self._file.encoding)
            header, records = read_table(lines, self._file, ("key",), str(path))
            columns = header.columns
            self._check_columns(path, table, columns)
            for record in records:
                place = f"{path}: {table}, line {record.line}"
                if record.fault is not None or len(record.cells) != len(columns):
                    why = record.fault or f"it has {len(record.cells)} fields, and the header has {len(columns)}"
                    self._miss(f"{place}: {why}")
                    continue
                try:
                    row = plain_row(table, dict(zip(columns, record.cells, strict=True)))
                except ValueError as problem:
                    self._miss(f"{place}: {problem}")
                else:
                    self._take_row(place, table, row)

    def _check_columns(self, path: Path, table: str, columns: tuple[str, ...]) -> None:
        unknown = [column for column in columns if column not in CELLS[table]]
        if unknown:
            known = ", ".join(CELLS[table])
            raise InvalidFile(f"{path}: {table} have no column {', '.join(map(repr, unknown))}; there are {known}")
        twice = [column for n, column in enumerate(columns) if column in columns[:n]]
        if twice:
            raise InvalidFile(f"{path}: the column {twice[0]!r} comes twice")

    def _take_row(self, place: str, table: str, row: Mapping[str, Any]) -> None:
        try:
            self.placed.append(Placed(place, table, structure(row, TABLES[table], place)))
        except InvalidValue as problem:
            self.faults.append(str(problem))
            self.broken.add((table, str(row.get("key"))))


def _rows(content: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The rows of a table with the place of each: its key, or its number where it has none."""
    if isinstance(content, list):
        for number, row in enumerate(content, start=1):
            if not isinstance(row, dict):
                raise ValueError(f"number {number} must be a table of fields, not {row!r}")
            key = row.get("key")
            yield repr(key) if isinstance(key, str) else f"number {number}", row
        return
    if not isinstance(content, dict):
        raise ValueError(f"it must hold tables of fields, such as [[skills]] or [skills.KEY], not {content!r}")
    for key, row in content.items():
        if not isinstance(key, str):
            raise ValueError(f"the key {key!r} must be text: put it in quotes")
        if not isinstance(row, dict):
            raise ValueError(f"{key!r} must be a table of fields, not {row!r}")
        if row.get("key", key) != key:
            raise ValueError(f"{key!r} says of itself that its key is {row['key']!r}")
        yield repr(key), {**row, "key": key}


def _no_table(name: object) -> str:
    near = get_close_matches(str(name), TABLES, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(TABLES)}"
    return f"there is no table {name!r}; {hint}"
