"""The rules that the values share: keys, moments, fractions, time zones.

Each check is an attrs validator or converter; each error names the class, the field, what was given
and what would be right.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import attrs

from reinforce.errors import InvalidValue, NaiveDatetime, UnknownTimeZone

KEY_MAX = 255

EARLIEST_YEAR = 1900

LATEST_YEAR = 9000
"""What is computed from the last moment or day there can be still lies before the year 10000."""

Check = Callable[[Any, "attrs.Attribute[Any]", Any], None]
E = TypeVar("E", bound=Enum)


def _where(instance: object, attribute: "attrs.Attribute[Any]") -> str:
    return f"{type(instance).__name__}.{attribute.name}"


def is_key(instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    """A key is 1 to 255 characters of text without control characters or blanks at its ends."""
    if (fault := _fault_of_key(value)) is not None:
        raise InvalidValue(f"{_where(instance, attribute)} {fault}")


def require_key(value: object, where: str) -> str:
    """The key itself, if it is one; see `is_key`."""
    if (fault := _fault_of_key(value)) is not None:
        raise InvalidValue(f"{where} {fault}")
    return str(value)


def _fault_of_key(value: object) -> str | None:
    if not isinstance(value, str) or not 0 < len(value) <= KEY_MAX:
        return f"must be text of 1 to {KEY_MAX} characters, not {value!r}"
    if not value.isprintable() or value != value.strip():
        return f"may not hold control characters or outer blanks: {value!r}"
    return None


def is_text(instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    """Text is a `str` that every database can store: no NUL character, no lone surrogate."""
    require_text(value, _where(instance, attribute))


def require_text(value: object, where: str) -> str:
    """The text itself, if it is one; see `is_text`."""
    if not isinstance(value, str):
        raise InvalidValue(f"{where} must be text, not {value!r}")
    if "\0" in value or any("\ud800" <= c <= "\udfff" for c in value):
        raise InvalidValue(f"{where} may not hold NUL characters or lone surrogates: {value!r}")
    return value


def storable(text: str, longest: int) -> str:
    """A text of others as every database can store it, see `is_text`; of so many characters at most."""
    return text[:longest].replace("\0", " ").encode("utf-8", "replace").decode()


def are_keys(instance: object, attribute: "attrs.Attribute[Any]", value: Iterable[str]) -> None:
    """Every element is a key and none comes twice."""
    if isinstance(value, str) or not isinstance(value, Collection):
        raise InvalidValue(f'{_where(instance, attribute)} must be a list of keys such as ["a", "b"], not {value!r}')
    seen: set[str] = set()
    for key in value:
        is_key(instance, attribute, key)
        if key in seen:
            raise InvalidValue(f"{_where(instance, attribute)} names {key!r} twice")
        seen.add(key)


def number(low: float, high: float, *, above: bool = False) -> Check:
    """The check that a number is within [low, high], or within (low, high] if `above`."""

    def check(instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
        fits = (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and (low < value <= high if above else low <= value <= high)
        )
        if not fits:
            bounds = f"{'above' if above else 'from'} {low:g} to {high:g}"
            raise InvalidValue(f"{_where(instance, attribute)} must be a number {bounds}, not {value!r}")

    return check


def whole(low: int, high: int) -> Check:
    """The check that a number is an integer within [low, high]."""

    def check(instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise InvalidValue(
                f"{_where(instance, attribute)} must be a whole number from {low} to {high}, not {value!r}"
            )

    return check


def require_count(value: object, name: str, most: int) -> None:
    """Refuse an argument of a call that is no whole number from 0 to `most`.

    Raises:
        InvalidValue: names the argument.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise InvalidValue(f"{name} must be a whole number from 0 to {most}, not {value!r}")


def require_date(value: date, name: str) -> date:
    """The argument of a call itself, if it is a calendar date that days can be counted from, back and forth.

    Raises:
        InvalidValue: names the argument.
    """
    if not isinstance(value, date) or isinstance(value, datetime):
        raise InvalidValue(f"{name} must be a date such as date(2026, 3, 31), not {value!r}")
    if not EARLIEST_YEAR <= value.year <= LATEST_YEAR:
        raise InvalidValue(f"{name} must lie in the years {EARLIEST_YEAR} to {LATEST_YEAR}, not at {value}")
    return value


def weights(low: float, high: float) -> Check:
    """The check of a mapping from keys to numbers within (low, high]."""
    check_number = number(low, high, above=True)

    def check(instance: object, attribute: "attrs.Attribute[Any]", value: Mapping[str, float]) -> None:
        if not isinstance(value, Mapping):
            raise InvalidValue(f"{_where(instance, attribute)} must map keys to numbers, not {value!r}")
        are_keys(instance, attribute, value)
        for weight in value.values():
            check_number(instance, attribute, weight)

    return check


def is_date(instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    """A day is a `date` and no `datetime`."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise InvalidValue(f"{_where(instance, attribute)} must be a date without a time, not {value!r}")


def is_moment(instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    """A moment is a `datetime` with its time zone."""
    require_aware(value, _where(instance, attribute))


def is_flag(instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    """A flag is True or False and nothing that merely counts as one."""
    if not isinstance(value, bool):
        raise InvalidValue(f"{_where(instance, attribute)} must be True or False, not {value!r}")


def is_a(cls: type, such_as: str | None = None) -> Check:
    """The check that a value is one of that class; `such_as` shows how one is made."""
    article = "an" if cls.__name__[0] in "AEIOU" else "a"
    wanted = f"{article} {cls.__name__}{f' such as {such_as}' if such_as else '(...)'}"

    def check(instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
        if not isinstance(value, cls):
            raise InvalidValue(f"{_where(instance, attribute)} must be {wanted}, not {value!r}")

    return check


def are_all(check_one: Check, *, key: str | None = None) -> Check:
    """The check that every element of a tuple passes `check_one`, and that no two share the attribute `key`."""

    def check(instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
        if not isinstance(value, tuple):
            raise InvalidValue(f"{_where(instance, attribute)} must be a list, not {value!r}")
        for one in value:
            check_one(instance, attribute, one)
        if key is not None:
            are_keys(instance, attribute, tuple(getattr(one, key) for one in value))

    return check


def member(cls: type[E], value: Any) -> E:
    """The member of an enumeration that is `value`, or whose value it is.

    Raises:
        InvalidValue: it has none.
    """
    if type(value) is cls:
        return value
    try:
        return cls(value)
    except ValueError as problem:
        known = ", ".join(repr(one.value) for one in cls)
        article = "an" if cls.__name__[0] in "AEIOU" else "a"
        raise InvalidValue(f"{article} {cls.__name__} must be one of {known}, not {value!r}") from problem


def require_aware(value: object, where: str) -> datetime:
    """The moment itself, if it is one with its time zone.

    Raises:
        NaiveDatetime: it has no time zone.
        InvalidValue: it is no `datetime`.
    """
    if not isinstance(value, datetime):
        raise InvalidValue(f"{where} must be a datetime with its time zone, not {value!r}")
    if value.tzinfo is None or value.utcoffset() is None:
        raise NaiveDatetime(
            f"{where} is {value.isoformat()}, a moment without its time zone: "
            "pass datetime(..., tzinfo=UTC) or datetime(..., tzinfo=ZoneInfo('Europe/Berlin')), "
            "or as text 2026-03-31T09:00:00Z or 2026-03-31T09:00:00+02:00"
        )
    return value


def in_utc(value: Any) -> Any:
    """The same moment in UTC; what is no aware datetime is left for `require_aware` to refuse."""
    if not isinstance(value, datetime) or value.tzinfo is UTC:
        return value
    if value.utcoffset() is not None:
        try:
            return value.astimezone(UTC)
        except (OverflowError, ValueError) as problem:
            raise InvalidValue(f"{value!r} lies outside of the years 1 to 9999 in UTC") from problem
    return value


_OF_THE_MACHINE = frozenset({"localtime", "posixrules"})
"""Files beside the time zones' that hold another one on each machine."""


@lru_cache(maxsize=1024)
def time_zone(name: str) -> ZoneInfo:
    """The IANA time zone of that name.

    Raises:
        UnknownTimeZone: there is none.
    """
    try:
        if name in _OF_THE_MACHINE:
            raise KeyError(name)
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError, TypeError) as problem:
        raise UnknownTimeZone(
            f"there is no time zone {name!r}: use an IANA name such as 'Europe/Berlin', 'America/New_York' or 'UTC'"
        ) from problem


def is_time_zone(instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    """The name is in the IANA database."""
    if not isinstance(value, str):
        raise InvalidValue(f"{_where(instance, attribute)} must be the name of a time zone, not {value!r}")
    try:
        time_zone(value)
    except UnknownTimeZone as problem:
        raise UnknownTimeZone(f"{_where(instance, attribute)}: {problem}") from problem


def plain_dict(value: Any) -> Any:
    """A copy of a mapping, so that nobody changes it under a frozen value."""
    return dict(value) if isinstance(value, Mapping) else value


def plain_tuple(value: Any) -> Any:
    """A tuple of an iterable; a lone string is left for the validator to refuse."""
    return value if isinstance(value, str) or not isinstance(value, Iterable) else tuple(value)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970-01-01T00:00Z of an aware moment."""
    return (moment - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    """The moment in UTC, that many microseconds after 1970-01-01T00:00Z."""
    return EPOCH + timedelta(microseconds=micros)
