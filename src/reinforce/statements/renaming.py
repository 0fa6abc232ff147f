"""Other names for the people in a finished statement; every other byte stays as it is."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from reinforce.statements.json_bytes import parse_at, skip_blanks

Rename = Callable[[Mapping[str, Any]], bytes | None]
"""Given the plain data of an Agent, the JSON that shall stand in its place; None: it stays."""


class _Part(NamedTuple):
    """A value within a text: where it begins and ends, under which name it stands in its object."""

    name: str
    value: Any
    start: int
    end: int


def renamed(exact: bytes, rename: Rename) -> bytes:
    """The statement with its actors named anew wherever it names one, also in groups and SubStatements.

    Args:
        exact: the text of a checked statement.
        rename: gives each actor its new JSON.
    """
    text = exact.decode()
    pieces: list[str] = []
    done = 0
    for part in _actors_of_statement(text, skip_blanks(text, 0)):
        new = rename(part.value)
        if new is not None:
            pieces += (text[done : part.start], new.decode())
            done = part.end
    return "".join((*pieces, text[done:])).encode() if pieces else exact


def _actors_of_statement(text: str, at: int) -> Iterator[_Part]:
    for part in _members(text, at):
        if part.name in ("actor", "authority"):
            yield from _actors(text, part)
        elif part.name == "context":
            yield from _actors_of_context(text, part.start)
        elif part.name == "object":
            kind = part.value.get("objectType")
            if kind == "SubStatement":
                yield from _actors_of_statement(text, part.start)
            elif kind in ("Agent", "Group"):
                yield from _actors(text, part)


def _actors_of_context(text: str, at: int) -> Iterator[_Part]:
    for part in _members(text, at):
        if part.name in ("instructor", "team"):
            yield from _actors(text, part)
        elif part.name in ("contextAgents", "contextGroups"):
            for entry in _elements(text, part.start):
                for inner in _members(text, entry.start):
                    if inner.name in ("agent", "group"):
                        yield from _actors(text, inner)


def _actors(text: str, part: _Part) -> Iterator[_Part]:
    """The Agent itself, or the members of a Group, which is nobody."""
    if part.value.get("objectType") != "Group":
        yield part
        return
    for inner in _members(text, part.start):
        if inner.name == "member":
            yield from _elements(text, inner.start)


def _members(text: str, at: int) -> Iterator[_Part]:
    """The members of the object that begins at a place."""
    at = skip_blanks(text, at + 1)
    while text[at] != "}":
        name, end = parse_at(text, at)
        start = skip_blanks(text, skip_blanks(text, end) + 1)
        value, end = parse_at(text, start)
        yield _Part(name, value, start, end)
        at = _next(text, end)


def _elements(text: str, at: int) -> Iterator[_Part]:
    """The elements of the array that begins at a place."""
    at = skip_blanks(text, at + 1)
    while text[at] != "]":
        value, end = parse_at(text, at)
        yield _Part("", value, at, end)
        at = _next(text, end)


def _next(text: str, end: int) -> int:
    """Where the next member begins, or the closing bracket stands."""
    at = skip_blanks(text, end)
    return skip_blanks(text, at + 1) if text[at] == "," else at
