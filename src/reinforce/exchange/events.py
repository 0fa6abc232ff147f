"""Practice events out of files: CSV, JSON lines of any shape, and JSON lines of our own."""

from collections.abc import Callable, Iterator
from typing import Any

import attrs

from reinforce.errors import InvalidFile, InvalidSettings, InvalidValue, NaiveDatetime
from reinforce.exchange.csv_table import read_table
from reinforce.exchange.event_builder import EventBuilder, content_id
from reinforce.exchange.formats import FileFormat, FormatName
from reinforce.exchange.json_text import parse_object
from reinforce.exchange.lines import Line, Source, name_of, opened, read_lines, without_end
from reinforce.exchange.mapping import ColumnMapping
from reinforce.exchange.rejects import JSON_FIELDS
from reinforce.exchange.rows import BadCell, BadRow, GoodRow, Header, Row
from reinforce.model.conversion import structure
from reinforce.model.practice import PracticeEvent


def read_events(source: Source, file: FileFormat, mapping: ColumnMapping | None = None) -> Iterator[Row]:
    """Every row of a file, as the event that it tells of or as a bad row with its reason.

    The file is read as the rows are asked for, in constant memory. Blank rows are left out.

    Args:
        source: a path, or a stream of text or bytes, which is left open.
        file: how it is written.
        mapping: which column holds what; None for our own shape.

    Raises:
        InvalidFile: it cannot be read at all: it is missing, empty, of another encoding or without the
            columns of the mapping.
        NaiveDatetime: the first moment in it needs a time zone that nobody named. After a good row, one
            that needs it is a bad row.
        InvalidSettings: the encoding is unknown, or there is no mapping where one is needed.
    """
    if (mapping is None) != (file.format is FormatName.EVENTS):
        raise InvalidSettings("csv and jsonl need a mapping of columns; our own shape, 'events', takes none")
    name = name_of(source)
    with opened(source) as stream:
        lines = read_lines(stream, name, file.encoding)
        if mapping is None:
            yield from _json_rows(lines, name, _own_event)
        elif file.format is FormatName.JSONL:
            yield from _json_rows(lines, name, _mapped_event(mapping))
        else:
            yield from _csv_rows(lines, file, mapping, name)


class _Attempts:
    """Builds events out of rows, and bad rows out of what goes wrong."""

    def __init__(self, name: str, build: Callable[[Any], PracticeEvent], header: Header | None = None) -> None:
        self._name = name
        self._build = build
        self._header = header
        self._has_events = False

    def good_or_bad(self, line: int, raw: str, content: Any) -> Row:
        """The row of that content."""
        try:
            event = self._build(content)
        except NaiveDatetime as problem:
            if not self._has_events:
                raise NaiveDatetime(f"{self._name}, line {line}: {problem}") from problem
            return self.bad(line, raw, str(problem))
        except BadCell as problem:
            return self.bad(line, raw, str(problem), problem.column)
        self._has_events = True
        return GoodRow(line, event, raw, self._header)

    def bad(self, line: int, raw: str, why: str, column: str | None = None) -> BadRow:
        """A bad row."""
        place = f"line {line}" if column is None else f"line {line}, column {column!r}"
        return BadRow(line, raw, f"{place}: {why}", column, self._header)


def _csv_rows(lines: Iterator[Line], file: FileFormat, mapping: ColumnMapping, name: str) -> Iterator[Row]:
    header, records = read_table(lines, file, mapping.columns, name)
    attempts = _Attempts(name, EventBuilder(mapping), header)
    width = len(header.columns)
    wanted = [header.columns.index(column) for column in mapping.columns]
    for line, raw, cells, fault in records:
        if fault is not None:
            yield attempts.bad(line, raw, fault)
        elif len(cells) != width:
            yield attempts.bad(line, raw, f"it has {len(cells)} fields, and the header has {width}")
        else:
            yield attempts.good_or_bad(line, raw, [cells[at] for at in wanted])


def _json_rows(lines: Iterator[Line], name: str, build: Callable[[dict[str, Any]], PracticeEvent]) -> Iterator[Row]:
    attempts = _Attempts(name, build)
    is_first = True
    for number, text, fault in lines:
        raw = without_end(text)
        if not raw or raw.isspace():
            continue
        if is_first and raw.lstrip().startswith("["):
            raise InvalidFile(f"{name}, line {number}: this is a JSON array; JSON lines hold one object a line")
        is_first = False
        if fault is not None:
            yield attempts.bad(number, raw, fault)
            continue
        try:
            content = parse_object(raw)
            if content.keys() == JSON_FIELDS and isinstance(content["raw"], str):
                raw = content["raw"]
                content = parse_object(raw)
        except ValueError as problem:
            yield attempts.bad(number, raw, str(problem))
        else:
            yield attempts.good_or_bad(number, raw, content)


def _own_event(content: dict[str, Any]) -> PracticeEvent:
    try:
        event = structure(content, PracticeEvent, "practice event")
    except InvalidValue as problem:
        raise BadCell(None, str(problem)) from problem
    return event if event.external_id is not None else attrs.evolve(event, external_id=content_id(event))


def _mapped_event(mapping: ColumnMapping) -> Callable[[dict[str, Any]], PracticeEvent]:
    build = EventBuilder(mapping)
    paths = [(column, column.split(".")) for column in mapping.columns]
    return lambda content: build([_at_path(content, column, path) for column, path in paths])


def _at_path(content: dict[str, Any], column: str, path: list[str]) -> object:
    """The field of that name, or the inner one at the path; None if there is neither."""
    if column in content:
        return content[column]
    inner: Any = content
    for name in path:
        if not isinstance(inner, dict):
            return None
        inner = inner.get(name)
    return inner
