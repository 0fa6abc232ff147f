"""JSON as we read and write it: strict, one object a line, the same bytes for the same data."""

import json
from typing import Any


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"it holds the field {twice!r} twice")
    return fields


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


_decoder = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse_constant)
_encoder = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def parse_object(text: str) -> dict[str, Any]:
    """The one object that a text holds.

    Raises:
        ValueError: it is no JSON, no object, or holds a field twice.
    """
    try:
        value = _decoder.decode(text)
    except json.JSONDecodeError as problem:
        raise ValueError(f"it is no JSON: {problem.msg} at character {problem.pos + 1}") from problem
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError(f'it must be a JSON object such as {{"learner": …}}, not {text[:40]}')
    return value


def compact(data: Any) -> str:
    """The JSON of plain data on one line: sorted, without blanks, in the letters that it has."""
    return _encoder.encode(data)
