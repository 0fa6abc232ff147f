"""JSON from elsewhere: bytes to plain data, and refused wherever two readers could read two things.

What RFC 8259 leaves open is an error here: a name twice in an object, NaN and Infinity, a byte order mark, text that is
no UTF-8, lone surrogates, numbers that no double can hold, and nesting without end.
"""

import json
import math
import re
from typing import Any, NoReturn

from reinforce.errors import InvalidStatement, StatementFault

DEEPEST = 64
LONGEST_NUMBER = 330
"""Digits of a number, which is more than a double can hold."""

_TOO_DEEP = f"JSON may be nested {DEEPEST} levels deep here, and no deeper"
_SECTION = "RFC 8259"
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{}]', re.DOTALL)
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


def refuse(rule: str, path: str = "$", section: str = _SECTION) -> NoReturn:
    """Refuse the whole, because of one rule.

    Raises:
        InvalidStatement: always.
    """
    raise InvalidStatement(faults=[StatementFault(path, rule, section)])


def text_of(data: bytes) -> str:
    """The text of the bytes.

    Raises:
        InvalidStatement: they are no UTF-8, or begin with a byte order mark.
    """
    if data.startswith(b"\xef\xbb\xbf"):
        refuse("JSON may not begin with a byte order mark", section="RFC 8259, 8.1")
    try:
        text = data.decode()
    except UnicodeDecodeError as problem:
        refuse(f"JSON must be UTF-8; byte {problem.start} is not", section="RFC 8259, 8.1")
    return text


def _check_depth(text: str, start: int, end: int) -> None:
    """Refuse JSON that is nested deeper than `DEEPEST`."""
    if text.count("{", start, end) + text.count("[", start, end) <= DEEPEST:
        return
    depth = 0
    for found in _STRING_OR_BRACKET.finditer(text, start, end):
        mark = found[0]
        if mark in "{[":
            depth += 1
            if depth > DEEPEST:
                refuse(_TOO_DEEP, section="RFC 8259, 9")
        elif mark in "}]":
            depth -= 1


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        refuse(f"an object has {twice[:80]!r} twice", section="RFC 8259, 4; xAPI 1.0.3, Data 2.2")
    return members


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        refuse("a number has too many digits", section="RFC 8259, 6")
    value = int(digits)
    if len(digits) > 308 and math.isinf(_as_float(value)):
        refuse("a number is too large", section="RFC 8259, 6")
    return value


def _as_float(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _decimal(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        refuse("a number is too large", section="RFC 8259, 6")
    return value


def _no_constant(name: str) -> NoReturn:
    refuse(f"{name} is no JSON", section="RFC 8259, 6")


_decoder = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_integer, parse_float=_decimal, parse_constant=_no_constant
)


def parse_at(text: str, start: int) -> tuple[Any, int]:
    """The value that begins at `start`, and where it ends.

    Raises:
        InvalidStatement: there is none.
    """
    try:
        value, end = _decoder.raw_decode(text, start)
    except json.JSONDecodeError as problem:
        refuse(f"it is no JSON: {problem.msg} at line {problem.lineno}, column {problem.colno}")
    except RecursionError:
        refuse(_TOO_DEEP, section="RFC 8259, 9")
    _check_depth(text, start, end)
    if _SURROGATE_ESCAPE.search(text, start, end):
        _check_surrogates(value)
    return value, end


def _check_surrogates(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        refuse("text may not hold half of a surrogate pair", section="RFC 8259, 8.2")


_is_blank = re.compile(r"[ \t\n\r]*").match


def skip_blanks(text: str, start: int) -> int:
    """Where the blanks that begin at `start` end."""
    found = _is_blank(text, start)
    return found.end() if found else start


def parse_json(data: bytes) -> Any:
    """The plain data of bytes that hold one JSON value and nothing more.

    Raises:
        InvalidStatement: they do not.
    """
    text = text_of(data)
    value, end = parse_at(text, skip_blanks(text, 0))
    if skip_blanks(text, end) != len(text):
        refuse(f"there is more after the JSON: {text[end : end + 20]!r}")
    return value


def check_plain(data: Any) -> None:
    """Refuse data that no JSON text stands for: other types, NaN, lone surrogates, circles.

    Raises:
        InvalidStatement: it is such.
    """
    todo = [(data, 0)]
    while todo:
        value, depth = todo.pop()
        if depth > DEEPEST:
            refuse(_TOO_DEEP, section="RFC 8259, 9")
        if type(value) is dict:
            todo.extend((inner, depth + 1) for pair in value.items() for inner in (_name(pair[0]), pair[1]))
        elif type(value) is list:
            todo.extend((inner, depth + 1) for inner in value)
        else:
            _check_scalar(value)


def _name(name: Any) -> str:
    if type(name) is not str:
        refuse(f"the names in an object must be text, not a {type(name).__name__}")
    return name


def _check_scalar(value: Any) -> None:
    if type(value) is str:
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            refuse("text may not hold half of a surrogate pair", section="RFC 8259, 8.2")
    elif type(value) is float:
        if not math.isfinite(value):
            refuse("NaN and Infinity are no JSON", section="RFC 8259, 6")
    elif type(value) is int:
        if math.isinf(_as_float(value)):
            refuse("a number is too large", section="RFC 8259, 6")
    elif value is not None and type(value) is not bool:
        refuse(f"it must be plain data as from JSON, not a {type(value).__name__}")
