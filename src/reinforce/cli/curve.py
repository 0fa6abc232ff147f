"""The forgetting curve of one memory, drawn in characters.

Braille characters hold two by four dots each, so that the curve is smooth; where the terminal has ASCII
only, stars do.
"""

from datetime import date
from itertools import groupby

import numpy as np
from attrs import frozen
from rich.text import Text

from reinforce.forgetting.curve import retrievability

BRAILLE = 0x2800
DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # by row, then column, of one character
ROWS = 10
MARGIN = 1.25
"""The drawing goes on for a quarter longer than to the last day that it marks."""


@frozen
class Curve:
    """What is drawn.

    Attributes:
        last_practised: the day at the left end, on which recall is certain.
        stability: days until recall falls to 0.9.
        decay: FSRS-6's w20.
        desired_retention: the recall at which the skill is due, a horizontal line.
        due: a vertical line.
        today: another, which ends in the point on the curve.
        believed: the recall on each day from `last_practised` on, if it is not what stability and decay say.
    """

    last_practised: date
    stability: float
    decay: float
    desired_retention: float
    due: date
    today: date
    believed: tuple[float, ...] = ()

    def recall(self, days: float) -> float:
        """The probability of recall so many days after the last practice."""
        if self.believed:
            return float(np.interp(days, np.arange(len(self.believed)), self.believed))
        return float(retrievability(days, self.stability, self.decay))

    @property
    def span_days(self) -> int:
        """How many days the drawing shows."""
        last = max(self.due, self.today)
        return max(2, int((last - self.last_practised).days * MARGIN + 0.5))


@frozen
class _Frame:
    """Where days and recall lie in a grid of characters."""

    columns: int
    rows: int
    span_days: int
    lowest: float

    def column(self, days: float) -> int:
        return min(max(int(days / self.span_days * (self.columns * 2 - 1) + 0.5) // 2, 0), self.columns - 1)

    def row(self, recall: float) -> int:
        return min(int(self._depth(recall) * self.rows), self.rows - 1)

    def dot_row(self, recall: float) -> int:
        return min(int(self._depth(recall) * self.rows * 4), self.rows * 4 - 1)

    def _depth(self, recall: float) -> float:
        return max((1.0 - recall) / (1.0 - self.lowest), 0.0)


def draw(curve: Curve, width: int, *, unicode: bool = True) -> list[Text]:
    """The lines of the drawing, at most `width` characters each."""
    lowest = min(curve.recall(curve.span_days), curve.desired_retention)
    frame = _Frame(
        columns=max(min(width - 10, 72), 20),
        rows=ROWS,
        span_days=curve.span_days,
        lowest=max(np.floor(lowest * 10 - 0.25) / 10, 0.0),
    )
    cells = _cells(curve, frame, unicode)
    labels = _recall_labels(curve, frame)
    tick, corner = ("┤", "└") if unicode else ("|", "+")
    lines = [
        Text.assemble((f"{labels.get(row, ''):>7} {tick}", "dim"), *line) for row, line in enumerate(_styled(cells))
    ]
    for line in lines:
        line.rstrip()
    axis = ("─" if unicode else "-") * frame.columns
    return [*lines, Text(f"{'':>7} {corner}{axis}", style="dim"), *_day_labels(curve, frame)]


def _cells(curve: Curve, frame: _Frame, unicode: bool) -> list[list[str]]:
    cells = [[" "] * frame.columns for _ in range(frame.rows)]
    level, upright, point = ("╌", "┊", "●") if unicode else ("-", ":", "o")
    desired = frame.row(curve.desired_retention)
    cells[desired] = [level] * frame.columns
    for day in (curve.due, curve.today):
        elapsed = (day - curve.last_practised).days
        for row in range(frame.row(curve.recall(elapsed)), frame.rows):
            cells[row][frame.column(elapsed)] = upright
    if unicode:
        _braille(curve, frame, cells)
    else:
        _stars(curve, frame, cells)
    today = (curve.today - curve.last_practised).days
    if today >= 0:
        cells[frame.row(curve.recall(today))][frame.column(today)] = point
    return cells


def _braille(curve: Curve, frame: _Frame, cells: list[list[str]]) -> None:
    dots = [[0] * frame.columns for _ in range(frame.rows)]
    above = 0
    for x in range(frame.columns * 2):
        here = frame.dot_row(curve.recall(x / (frame.columns * 2 - 1) * frame.span_days))
        for y in range(min(above + 1, here), here + 1):
            dots[y // 4][x // 2] |= DOTS[y % 4][x % 2]
        above = here
    for row, line in enumerate(dots):
        for column, pattern in enumerate(line):
            if pattern:
                cells[row][column] = chr(BRAILLE | pattern)


def _stars(curve: Curve, frame: _Frame, cells: list[list[str]]) -> None:
    for column in range(frame.columns):
        days = column / (frame.columns - 1) * frame.span_days
        cells[frame.row(curve.recall(days))][column] = "*"


def _styled(cells: list[list[str]]) -> list[list[tuple[str, str]]]:
    """Each row as its longest parts of one style."""
    return [[("".join(part), style) for style, part in groupby(row, _style)] for row in cells]


def _style(cell: str) -> str:
    if cell in "●o":
        return "bold yellow"
    return "dim" if cell in "╌┊-: " else "cyan"


def _recall_labels(curve: Curve, frame: _Frame) -> dict[int, str]:
    labels = {0: "100 %", frame.rows - 1: f"{frame.lowest * 100:.0f} %"}
    labels[frame.row(curve.desired_retention)] = f"{curve.desired_retention * 100:.0f} %"
    return labels


def _day_labels(curve: Curve, frame: _Frame) -> list[Text]:
    """What the left end and the vertical lines are, on as few lines as hold them side by side."""
    named = [(curve.last_practised, "last practised"), (curve.due, "due"), (curve.today, "today")]
    if curve.due == curve.today:
        named = [named[0], (curve.today, "due today")]
    lines: list[str] = []
    for day, name in sorted(named, key=lambda one: one[0]):
        column = frame.column((day - curve.last_practised).days)
        label = f"{name} {day.isoformat()}"
        start = column if column + len(label) <= frame.columns else max(column - len(label) + 1, 0)
        _place(lines, start, label)
    return [Text(f"{'':>9}{line}", style="dim") for line in lines]


def _place(lines: list[str], start: int, label: str) -> None:
    for number, line in enumerate(lines):
        if len(line) + 2 <= start:
            lines[number] = line.ljust(start) + label
            return
    lines.append(" " * start + label)
