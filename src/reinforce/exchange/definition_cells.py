"""Cells of a CSV file of definitions to plain data: lists, weights, ranges of dates and the rest."""

import re
from collections.abc import Callable, Mapping
from typing import Any

Parse = Callable[[str], Any]

_ROLE_SKILL = re.compile(r"(?P<skill>.*?)(?::(?P<weight>[0-9.]+))?(?::(?P<target>[0-9.]+))?")
_YES = frozenset({"true", "yes", "1"})
_NO = frozenset({"false", "no", "0"})


def _list(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _number(cell: str) -> Any:
    """The number that a cell holds; other text is left for the value to refuse."""
    for read in (int, float):
        try:
            return read(cell)
        except ValueError:
            continue
    return cell


def _truth(cell: str) -> Any:
    word = cell.lower()
    return word in _YES if word in _YES | _NO else cell


def _numbers(cell: str) -> list[Any]:
    return [_number(part) for part in _list(cell)]


def _weights(cell: str) -> dict[str, Any]:
    """`a:0.5;b` to weights; a key alone weighs 1."""
    pairs = [part.rpartition(":") if ":" in part else (part, ":", "1") for part in _list(cell)]
    _refuse_twice([key.strip() for key, _, _ in pairs])
    return {key.strip(): _number(weight.strip()) for key, _, weight in pairs}


def _role_skills(cell: str) -> dict[str, Any]:
    """`skill`, `skill:weight` or `skill:weight:target`, to what a role needs."""
    needs = {}
    parts = [match for part in _list(cell) if (match := _ROLE_SKILL.fullmatch(part))]
    _refuse_twice([match["skill"].strip() for match in parts])
    for match in parts:
        numbers = {name: _number(match[name]) for name in ("weight", "target") if match[name] is not None}
        needs[match["skill"].strip()] = numbers
    return needs


def _ranges(cell: str) -> list[dict[str, str]]:
    """`2026-01-01/2026-01-05;2026-02-02` to ranges; a day alone is a range of one."""
    ends = [part.partition("/") for part in _list(cell)]
    return [{"since": since.strip(), "until": until.strip() or since.strip()} for since, _, until in ends]


def _refuse_twice(keys: list[str]) -> None:
    twice = [key for n, key in enumerate(keys) if key in keys[:n]]
    if twice:
        raise ValueError(f"{twice[0]!r} comes twice")


def _text(cell: str) -> str:
    return cell


CELLS: Mapping[str, Mapping[str, Parse]] = {
    "learners": {
        "key": _text,
        "name": _text,
        "time_zone": _text,
        "day_starts_at": _number,
        "roles": _list,
        "teams": _list,
        "language": _text,
        "calendar": _text,
        "absences": _ranges,
        "daily_minutes": _number,
        "xapi_kind": _text,
        "xapi_value": _text,
        "xapi_home_page": _text,
        "is_active": _truth,
    },
    "teams": {"key": _text, "name": _text, "parent": _text, "manager": _text, "coaches": _list},
    "calendars": {"key": _text, "working_days": _numbers, "holidays": _list, "blackouts": _ranges},
    "skills": {
        "key": _text,
        "title": _text,
        "description": _text,
        "kind": _text,
        "parent": _text,
        "prerequisites": _list,
        "encompasses": _weights,
        "importance": _number,
        "desired_retention": _number,
        "version": _number,
    },
    "models": {"key": _text, "title": _text, "kind": _text, "version": _number, "skills": _list},
    "roles": {"key": _text, "title": _text, "skills": _role_skills},
    "refreshers": {
        "key": _text,
        "title": _text,
        "kind": _text,
        "skills": _weights,
        "roles": _list,
        "minutes": _number,
        "language": _text,
        "launch_url": _text,
        "valid_from": _text,
        "valid_until": _text,
        "cool_down_days": _number,
    },
}
"""How each column of each table's CSV is read. Criteria and stages of models need TOML or YAML."""


def plain_row(table: str, cells: Mapping[str, str]) -> dict[str, Any]:
    """The plain data of a row; an empty cell leaves its field out.

    Raises:
        ValueError: names the column and what is wrong with its cell.
    """
    row: dict[str, Any] = {}
    for column, cell in cells.items():
        if text := cell.strip():
            try:
                row[column] = CELLS[table][column](text)
            except ValueError as problem:
                raise ValueError(f"{column}: {problem}") from problem
    xapi = {name.removeprefix("xapi_"): row.pop(name) for name in list(row) if name.startswith("xapi_")}
    return {**row, "xapi": xapi} if xapi else row
