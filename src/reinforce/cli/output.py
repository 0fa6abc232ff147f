"""What a command says: for people on a terminal, for programs in a pipe, as JSON where asked for.

Answers go to standard output; progress and messages go to standard error. In a pipe there are no colours,
no boxes and nothing is cut off: a table becomes tab-separated lines under a line of names.
"""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
from attrs import field, frozen
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text


def printable(text: str) -> str:
    """The text without characters that would move a terminal's cursor or break a line of a table."""
    return "".join(character if character.isprintable() else " " for character in text)


ALWAYS = object()


@frozen
class Column:
    """A column of a table.

    Attributes:
        name: what programs call it, in a pipe.
        heading: what people read.
        show: how a value looks on a terminal; in a pipe it is plain.
        is_number: whether it stands to the right.
        unless: what goes without saying: a column of nothing else is left out on a terminal.
    """

    name: str
    heading: str
    show: Callable[[Any], str] = field(default=str)
    is_number: bool = False
    unless: Any = ALWAYS


class Output:
    """Where a command's answer goes, and in which form.

    Attributes:
        is_json: whether the answer is one JSON document.
        is_terminal: whether a person looks at standard output.
    """

    def __init__(self, *, is_json: bool = False) -> None:
        self.is_json = is_json
        self._more: dict[str, Any] = {}
        self._console = Console(highlight=False)
        self.is_terminal: bool = self._console.is_terminal

    @property
    def width(self) -> int:
        """How many columns the terminal has."""
        return self._console.width

    @property
    def has_unicode(self) -> bool:
        """Whether standard output takes more than ASCII."""
        return (self._console.encoding or "ascii").lower().replace("-", "").startswith("utf")

    def document(self, content: Mapping[str, Any]) -> None:
        """The whole answer as one JSON document."""
        print(
            json.dumps(plain({**content, **self._more}), ensure_ascii=not self.has_unicode, indent=2, allow_nan=False)
        )

    def add(self, name: str, value: Any) -> None:
        """A field that the document has besides what makes up the answer."""
        self._more[name] = value

    def line(self, text: str = "") -> None:
        """One line of the answer."""
        print(printable(text))

    def raw(self, text: str) -> None:
        """Lines of the answer as they are."""
        print(text)

    def heading(self, text: str) -> None:
        """A line that helps a person and that a program would have to skip; said on terminals only."""
        if self.is_terminal:
            self._console.print(Text(printable(text), style="bold"))

    def section(self, text: str) -> None:
        """The heading of a further part of the answer; in a pipe, a blank line sets it off."""
        print()
        self.heading(text)

    def note(self, text: str) -> None:
        """A remark under a heading, for people."""
        if self.is_terminal:
            self._console.print(Padding(Text(printable(text), style="dim"), (0, 0, 0, 2)))

    def item(self, name: str, size: str, text: str) -> None:
        """A thing of a list, how large it is, and a sentence about it."""
        self._console.print(Padding(Text.assemble(printable(name), (f"  {size}", "dim")), (0, 0, 0, 2)))
        self._console.print(Padding(Text(printable(text), style="dim"), (0, 0, 0, 5)))

    def check(self, name: str, text: str, *, is_ok: bool) -> None:
        """Something that was looked at, and how it is."""
        if not self.is_terminal:
            print(f"{'ok' if is_ok else 'to do'}\t{name}\t{printable(text)}")
            return
        mark = ("✓", "✗")[not is_ok] if self.has_unicode else ("ok", "!!")[not is_ok]
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="green" if is_ok else "bold red", width=2)
        grid.add_column(style="dim", width=15)
        grid.add_column(overflow="fold")
        grid.add_row(mark, name, escape(printable(text)))
        self._console.print(grid)

    def drawing(self, lines: Iterable[Text]) -> None:
        """Lines whose every character has its place."""
        for line in lines:
            self._console.print(line, no_wrap=True, overflow="crop", crop=True)

    def facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Names and what they stand for, one a line."""
        if not self.is_terminal:
            for name, value in facts:
                print(f"{name}\t{printable(value)}")
            return
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="dim", no_wrap=True)
        grid.add_column(overflow="fold")
        for name, value in facts:
            grid.add_row(name, escape(printable(value)))
        self._console.print(Padding(grid, (0, 0, 0, 2)))

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[Any]], empty: str | None = None) -> None:
        """Rows of values, one value for each column; `empty` is what people are told where there are none."""
        if self.is_terminal:
            self._drawn_table(columns, rows)
            if empty is not None and not rows:
                self.note(empty)
            return
        print("\t".join(column.name for column in columns))
        for row in rows:
            print("\t".join(_cell(value) for value in row))

    def _drawn_table(self, columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> None:
        if not rows:
            return
        table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
        shown = [n for n, column in enumerate(columns) if any(row[n] != column.unless for row in rows)]
        for column in (columns[n] for n in shown):
            table.add_column(
                column.heading,
                justify="right" if column.is_number else "left",
                overflow="fold",
                no_wrap=column.is_number,
            )
        for row in rows:
            texts = (columns[n].show(row[n]) if row[n] is not None else "-" for n in shown)
            table.add_row(*(escape(printable(text)) for text in texts))
        self._console.print(Padding(table, (0, 0, 0, 2)))

    def message(self, text: str) -> None:
        """Something about the work, beside the answer."""
        print(printable(text), file=sys.stderr)


def plain(value: Any) -> Any:
    """The data of a value as JSON holds it, every field there, also those at their defaults."""
    if attrs.has(type(value)):
        return {one.name: plain(getattr(value, one.name)) for one in attrs.fields(type(value))}
    if isinstance(value, Mapping):
        return {str(key): plain(content) for key, content in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path | UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return value


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ",".join(_cell(one) for one in value)
    if isinstance(value, float):
        return f"{value:.6g}"
    return printable(str(plain(value)))


def percent(share: float) -> str:
    """A share of 1 in whole percent; what is not quite certain is never shown as 100 %.

    >>> percent(0.714), percent(0.9996), percent(1.0)
    ('71 %', '99 %', '100 %')
    """
    return f"{99 if 0.99 < share < 1.0 else round(share * 100)} %"


def days(count: int) -> str:
    """A number of days in words.

    >>> days(1), days(12)
    ('1 day', '12 days')
    """
    return counted(count, "day")


def counted(count: int, what: str, plural: str | None = None) -> str:
    """A number of things in words, with thousands set apart.

    >>> counted(1, "memory", "memories"), counted(12580, "event")
    ('1 memory', '12,580 events')
    """
    return f"{count:,} {what if count == 1 else plural or what + 's'}"


def when_due(overdue_days: int) -> str:
    """How long something has been due.

    >>> when_due(0), when_due(3), when_due(-1)
    ('today', '3 days ago', 'in 1 day')
    """
    if overdue_days == 0:
        return "today"
    return f"{days(overdue_days)} ago" if overdue_days > 0 else f"in {days(-overdue_days)}"


def moment(value: datetime) -> str:
    """A moment as people write it, in UTC."""
    return f"{value:%Y-%m-%d %H:%M} UTC"
