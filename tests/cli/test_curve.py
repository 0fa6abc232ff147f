"""The forgetting curve as a drawing."""

from datetime import date

import pytest

from reinforce.cli.curve import Curve, draw

CURVE = Curve(
    last_practised=date(2026, 3, 1),
    stability=9.2,
    decay=0.1542,
    desired_retention=0.9,
    due=date(2026, 3, 10),
    today=date(2026, 3, 31),
)


def _lines(curve: Curve, width: int, *, unicode: bool) -> list[str]:
    return [line.plain for line in draw(curve, width, unicode=unicode)]


def test_ascii() -> None:
    """On a terminal of ASCII the curve, the desired retention, the due day and today are all there."""
    lines = _lines(CURVE, 60, unicode=False)

    assert all(line.isascii() for line in lines)
    assert lines[0].startswith("  100 % |*")
    assert lines[3].startswith("   90 % |-")
    assert sum(line.count("o") for line in lines[:10]) == 1
    labels = " ".join(lines[11:])
    assert [part in labels for part in ("last practised 2026-03-01", "due 2026-03-10", "today 2026-03-31")] == [
        True
    ] * 3


def test_curve_falls() -> None:
    """From left to right the curve never rises."""
    lines = _lines(CURVE, 80, unicode=True)[:10]
    first = [
        next((row for row, line in enumerate(lines) if len(line) > column and _is_curve(line[column])), None)
        for column in range(9, 79)
    ]

    assert None not in first
    assert first == sorted(row for row in first if row is not None)


def _is_curve(character: str) -> bool:
    return 0x2800 < ord(character) < 0x2900 or character == "●"


@pytest.mark.parametrize("width", [20, 40, 80, 200])
@pytest.mark.parametrize("stability", [0.001, 0.5, 9.2, 30000.0])
@pytest.mark.parametrize("today", [date(2026, 2, 1), date(2026, 3, 1), date(2026, 3, 10), date(2030, 1, 1)])
@pytest.mark.parametrize("unicode", [True, False])
def test_any_memory_can_be_drawn(width: int, stability: float, today: date, unicode: bool) -> None:
    """Whatever is remembered, whenever it is asked and however narrow the terminal: no line is too long."""
    curve = Curve(date(2026, 3, 1), stability, 0.1542, 0.9, date(2026, 3, 10), today)

    lines = _lines(curve, width, unicode=unicode)

    assert max(map(len, lines)) <= max(width, 80 if width < 36 else width)
    assert any("due" in line for line in lines)


def test_due_today() -> None:
    """A skill that is due today has one line for both."""
    curve = Curve(date(2026, 3, 1), 9.2, 0.1542, 0.9, date(2026, 3, 10), date(2026, 3, 10))

    assert _lines(curve, 80, unicode=True)[-1].endswith("due today 2026-03-10")
