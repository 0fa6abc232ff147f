"""Values to plain data and back, by our own cattrs converter.

Plain data is what JSON, TOML and YAML can hold. Fields at their defaults are left out. Structuring is
strict: an unknown field, a missing one or a wrong type is an error that names its place.
"""

import functools
import re
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum, IntEnum, StrEnum
from typing import Any, TypeVar

import attrs
import cattrs
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn

from reinforce.errors import InvalidValue, ReinforceError
from reinforce.model.checks import require_aware

T = TypeVar("T")


def _make_converter() -> cattrs.Converter:
    converter = cattrs.Converter(forbid_extra_keys=True, detailed_validation=True)
    converter.register_unstructure_hook(datetime, lambda moment: moment.isoformat().replace("+00:00", "Z"))
    converter.register_unstructure_hook(date, lambda day: day.isoformat())
    converter.register_structure_hook(datetime, _structure_datetime)
    converter.register_structure_hook(date, _structure_date)
    for plain in (str, int, float, bool):
        converter.register_structure_hook(plain, functools.partial(_structure_plain, plain))
    converter.register_structure_hook_func(lambda cls: cls == tuple[str, ...], _structure_texts)
    for enumeration in (StrEnum, IntEnum):
        converter.register_unstructure_hook(enumeration, lambda member: member.value)
        converter.register_structure_hook(enumeration, lambda value, cls: cls(value))
    converter.register_unstructure_hook_factory(
        attrs.has,
        lambda cls: make_dict_unstructure_fn(cls, converter, _cattrs_omit_if_default=True),
    )
    converter.register_structure_hook_factory(
        attrs.has,
        lambda cls: make_dict_structure_fn(cls, converter, _cattrs_forbid_extra_keys=True),
    )
    return converter


def _is_enum(cls: Any) -> bool:
    return isinstance(cls, type) and issubclass(cls, Enum)


def _structure_datetime(value: Any, _: type) -> datetime:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError as problem:
        raise InvalidValue(f"it must be a moment such as 2026-03-31T09:00:00+02:00, not {value!r}") from problem
    return require_aware(moment, "it")


def _structure_date(value: Any, _: type) -> date:
    if isinstance(value, datetime):
        raise InvalidValue(f"it must be a date without a time, not {value}")
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as problem:
        raise InvalidValue(f"it must be a date such as 2026-03-31, not {value!r}") from problem


def _structure_plain(plain: type, value: Any, _: type) -> Any:
    """Take a value as it is: nothing becomes text or a number that was not."""
    if type(value) is plain or (plain is float and type(value) is int):
        return value
    raise InvalidValue(f"it must be {_SPOKEN[plain]}, not {value!r}")


def _structure_texts(value: Any, _: type) -> tuple[str, ...]:
    """Take a list of texts; a lone text is refused, because it would fall apart into its characters."""
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise InvalidValue(f'it must be a list of texts such as ["a", "b"], not {value!r}')
    return tuple(value)


_SPOKEN = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
_converter = _make_converter()


def unstructure(value: Any) -> Any:
    """The plain data of a value.

    >>> from reinforce.model.skills import Skill
    >>> unstructure(Skill(key="pricing", title="Price objections"))
    {'key': 'pricing', 'title': 'Price objections'}
    """
    return _converter.unstructure(value)


def structure(data: Any, cls: type[T], where: str = "") -> T:
    """The value that plain data describes.

    Args:
        data: what `unstructure` gave, or a person wrote.
        cls: the class of the value.
        where: what to call the data in an error, such as a file and line.

    Raises:
        InvalidValue: names every field that is wrong and what would be right.
    """
    if attrs.has(cls) and not isinstance(data, Mapping):
        raise InvalidValue(f"{where or cls.__name__}: expected the fields of a {cls.__name__}, not {data!r}")
    try:
        return _converter.structure(data, cls)
    except (cattrs.BaseValidationError, cattrs.ForbiddenExtraKeysError, ValueError, TypeError, KeyError) as problem:
        faults = "; ".join(_faults(problem, cls))
        raise InvalidValue(f"{where or cls.__name__}: {faults}") from problem


def _faults(problem: BaseException, cls: Any, path: str = "") -> list[str]:
    """Every fault inside of a cattrs error, each with the path to it."""
    if isinstance(problem, cattrs.ClassValidationError):
        with_notes, others = problem.group_exceptions()
        return [
            fault
            for inner, note in with_notes
            for fault in _faults(inner, note.type, f"{path}.{note.name}" if path else note.name)
        ] + [fault for inner in others for fault in _faults(inner, cls, path)]
    if isinstance(problem, cattrs.IterableValidationError):
        with_positions, others = problem.group_exceptions()
        return [
            fault for inner, note in with_positions for fault in _faults(inner, note.type, f"{path}[{note.index}]")
        ] + [fault for inner in others for fault in _faults(inner, cls, path)]
    said = _say(problem, cls)
    return [f"{path}: {said}" if path else said]


def _say(problem: BaseException, cls: Any) -> str:
    if isinstance(problem, cattrs.ForbiddenExtraKeysError):
        known = ", ".join(a.name for a in attrs.fields(problem.cl))
        extra = ", ".join(repr(name) for name in sorted(problem.extra_fields, key=str))
        return f"there is no field {extra}; there are {known}"
    if isinstance(problem, ReinforceError):
        return str(problem)
    if isinstance(problem, KeyError):
        return f"the field {problem.args[0]!r} is missing"
    if _is_enum(cls):
        return f"{problem}; it must be one of {', '.join(repr(member.value) for member in cls)}"
    if isinstance(problem, AttributeError):
        names = f" with the fields of a {cls.__name__}" if attrs.has(cls) else ""
        return f"it must be a mapping{names}, not {_given(problem)}"
    if isinstance(problem, TypeError):
        return f"it must be a list, not {_given(problem)}"
    return str(problem) or type(problem).__name__


def _given(problem: AttributeError | TypeError) -> str:
    """What came instead, as far as Python's own error tells: "'int' object is not iterable"."""
    return (re.search(r"'\w+'", str(problem)) or ["that"])[0]
