"""Stamps to moments: ISO 8601, epoch numbers or a strptime format, in a named time zone where they name none.

A local time that comes twice, when clocks are set back, is taken as the earlier of the two; one that
never was, when clocks are set forward, is refused. A date without a time means noon of that day, so that
it stays on the day that it names wherever the learner's day begins.
"""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from reinforce.errors import InvalidValue, NaiveDatetime
from reinforce.model.checks import EPOCH, time_zone

ReadStamp = Callable[[object], datetime]

_PER_UNIT = {"epoch_s": 1_000_000, "epoch_ms": 1_000}
_TIME_DIRECTIVES = ("%H", "%I", "%c", "%X")
LONGEST_DATE = len("2026-03-31")


def check_time_format(time_format: str, zone: str | None) -> None:
    """Refuse a format that is none, or that names no time zone while nothing else does.

    Raises:
        InvalidValue: it is neither "iso", "epoch_s", "epoch_ms" nor a strptime format.
        NaiveDatetime: a strptime format without %z needs a time zone.
    """
    if time_format == "iso" or time_format in _PER_UNIT:
        return
    if "%" not in time_format:
        raise InvalidValue(
            f"time_format must be 'iso', 'epoch_s', 'epoch_ms' or a strptime format such as '%d.%m.%Y %H:%M', "
            f"not {time_format!r}"
        )
    if "%z" not in time_format and zone is None:
        raise NaiveDatetime(
            f"stamps in the format {time_format!r} name no time zone: set time_zone, such as 'Europe/Berlin' or 'UTC'"
        )


def stamp_reader(time_format: str, zone: str | None) -> ReadStamp:
    """What makes a moment of a cell; it raises InvalidValue, or NaiveDatetime where a time zone is needed."""
    check_time_format(time_format, zone)
    place = None if zone is None else time_zone(zone)
    if time_format == "iso":
        return lambda cell: _aware(*_parse_iso(cell), place)
    if time_format in _PER_UNIT:
        per_unit = _PER_UNIT[time_format]
        return lambda cell: _parse_epoch(cell, per_unit)
    has_time = any(directive in time_format for directive in _TIME_DIRECTIVES)
    return lambda cell: _aware(*_parse_format(cell, time_format, has_time), place)


def _parse_iso(cell: object) -> tuple[datetime, bool]:
    """The moment as written, and whether it holds a time of day."""
    try:
        if isinstance(cell, str):
            text = cell.strip()
            return datetime.fromisoformat(text), len(text) > LONGEST_DATE
    except ValueError:
        pass
    raise InvalidValue(
        f"{cell!r} is no moment in ISO 8601, such as 2026-03-31T09:15:00+02:00 or 2026-03-31 09:15; "
        "for others set time_format, such as %d.%m.%Y %H:%M"
    )


def _parse_format(cell: object, time_format: str, has_time: bool) -> tuple[datetime, bool]:
    try:
        if isinstance(cell, str):
            return datetime.strptime(cell.strip(), time_format), has_time  # noqa: DTZ007 -- `_aware` sees to it
    except ValueError:
        pass
    raise InvalidValue(f"{cell!r} does not fit the time format {time_format!r}")


def _parse_epoch(cell: object, per_unit: int) -> datetime:
    unit = "seconds" if per_unit == 1_000_000 else "milliseconds"
    try:
        if isinstance(cell, str) and "_" not in cell:
            cell = float(cell) if "." in cell else int(cell)
        if isinstance(cell, int | float) and not isinstance(cell, bool) and math.isfinite(cell):
            return EPOCH + timedelta(microseconds=round(cell * per_unit))
    except (ValueError, OverflowError):
        pass
    raise InvalidValue(
        f"{cell!r} is no number of {unit} since 1970 within the years 1 to 9999; time_format may be 'epoch_s' or "
        "'epoch_ms'"
    )


def _aware(written: datetime, has_time: bool, zone: ZoneInfo | None) -> datetime:
    if written.tzinfo is not None:
        return written
    if zone is None:
        raise NaiveDatetime(
            f"{written.isoformat(' ')} names no time zone: set time_zone, such as 'Europe/Berlin' or 'UTC'"
        )
    if not has_time:
        written = written.replace(hour=12)
    if zone.key == "UTC":
        return written.replace(tzinfo=UTC)
    try:
        moment = written.replace(tzinfo=zone).astimezone(UTC)
        is_gap = moment.astimezone(zone).replace(tzinfo=None) != written
    except OverflowError:
        raise InvalidValue(f"{written} lies outside of the years 1 to 9999 in UTC") from None
    if is_gap:
        raise InvalidValue(
            f"{written} never was in {zone.key}, because clocks were set forward over it: is the time zone right?"
        )
    return moment
