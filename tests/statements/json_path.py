"""Looking values up by JSONPath, as far as xAPI Profiles use it.

Children by name or in brackets, `*` for all, unions by comma, several paths by `|`; no filters and no scripts.
"""

import re
from typing import Any

from reinforce.errors import InvalidValue

_STEP = re.compile(r"\.(?P<name>[A-Za-z_][\w-]*|\*)|\[(?P<inside>(?:'[^']*'|\"[^\"]*\"|[^\[\]'\"])+)\]")
_PART = re.compile(r"\s*(?:'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\"|(?P<bare>\*|\d+))\s*(?:,|$)")
_ALTERNATIVE = re.compile(r"((?:'[^']*'|\"[^\"]*\"|[^|'\"])+)(?:\||$)")


def look_up(data: Any, path: str) -> list[Any]:
    """All values at the path; none if there is nothing.

    >>> look_up({"a": [{"b": 1}, {"b": 2}], "c": 3}, "$.a[*].b | $['c','d']")
    [1, 2, 3]

    Raises:
        InvalidValue: it is no path that a profile may use.
    """
    return [value for one in _alternatives(path) for value in _walk([data], one)]


def _alternatives(path: str) -> list[str]:
    found = _ALTERNATIVE.findall(path)
    if "|".join(found) != path:
        raise _no_path(path)
    return [one.strip() for one in found]


def _walk(values: list[Any], path: str) -> list[Any]:
    at = 1 if path.startswith("$") else 0
    if at == 0:
        path = f".{path}" if not path.startswith(("[", ".")) else path
    if not path[at:]:
        return values
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            raise _no_path(path)
        at = step.end()
        keys = [step["name"]] if step["name"] else _parts(step["inside"], path)
        values = [inner for value in values for key in keys for inner in _children(value, key)]
    return values


def _parts(inside: str, path: str) -> list[str | int]:
    keys: list[str | int] = []
    at = 0
    while at < len(inside):
        part = _PART.match(inside, at)
        if part is None:
            raise _no_path(path)
        text = part["single"] if part["single"] is not None else part["double"]
        bare = part["bare"]
        keys.append(text if text is not None else "*" if bare == "*" else int(bare))
        at = part.end()
    return keys


def _children(value: Any, key: str | int) -> list[Any]:
    if key == "*":
        return list(value.values()) if isinstance(value, dict) else list(value) if isinstance(value, list) else []
    if isinstance(value, dict):
        return [value[key]] if key in value else []
    return [value[key]] if isinstance(value, list) and isinstance(key, int) and key < len(value) else []


def _no_path(path: str) -> InvalidValue:
    return InvalidValue(f"{path!r} is no JSONPath that a profile may use, such as $.context.extensions['http://…']")
