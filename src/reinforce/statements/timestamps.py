"""Moments as xAPI writes them.

1.0.3 takes ISO 8601's combined date and time, extended or basic, with or without a time zone; 2.0 takes RFC 3339, which
asks for seconds and a time zone. Both refuse the offset `-00:00`, which says that the time zone is unknown.
"""

import re
from datetime import UTC, datetime, timedelta, timezone

from reinforce.errors import InvalidValue
from reinforce.model.checks import require_aware
from reinforce.statements.versions import XapiVersion

LEAP_SECOND = 60

# Each form has the same groups: year, month, day, hour, minute, second, fraction, sign and offset.
_RFC_3339 = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)
_ISO_EXTENDED = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]+))?)?"
    r"(?:[Zz]|([+-])([0-9]{2})(?::?([0-9]{2}))?)?"
)
_ISO_BASIC = re.compile(
    r"([0-9]{4})([0-9]{2})([0-9]{2})[Tt]([0-9]{2})([0-9]{2})(?:([0-9]{2})(?:[.,]([0-9]+))?)?"
    r"(?:[Zz]|([+-])([0-9]{2})([0-9]{2})?)?"
)
_FORMS = {XapiVersion.V2: (_RFC_3339,), XapiVersion.V1: (_RFC_3339, _ISO_EXTENDED, _ISO_BASIC)}


def parse_timestamp(text: str, version: XapiVersion = XapiVersion.V2) -> datetime:
    """The moment in UTC; digits beyond the microsecond are cut off.

    >>> parse_timestamp("2026-03-31T11:00:00.250+02:00").isoformat()
    '2026-03-31T09:00:00.250000+00:00'

    Raises:
        InvalidValue: the text is none, or one that no calendar has.
    """
    for form in _FORMS[version]:
        found = form.fullmatch(text)
        if found is not None:
            return _moment(found, text)
    raise InvalidValue(f"a moment must be written like 2026-03-31T09:00:00.000Z, not {text[:60]!r}")


def _moment(found: re.Match[str], text: str) -> datetime:
    year, month, day, hour, minute, second, fraction, sign, ahead_hours, ahead_minutes = found.groups()
    try:
        zone = _zone(sign, int(ahead_hours or 0), int(ahead_minutes or 0)) if sign else UTC
        micros = int(fraction[:6].ljust(6, "0")) if fraction else 0
        seconds = int(second or 0)
        whole_seconds = LEAP_SECOND - 1 if seconds == LEAP_SECOND else seconds
        moment = datetime(int(year), int(month), int(day), int(hour), int(minute), whole_seconds, micros, zone)
        return moment.astimezone(UTC) if sign else moment
    except (ValueError, OverflowError) as problem:
        raise InvalidValue(f"there is no such moment as {text[:60]!r}: {problem}") from problem


def _zone(sign: str, hours: int, minutes: int) -> timezone:
    if minutes > 59:
        raise ValueError("an offset has less than 60 minutes")
    ahead = timedelta(hours=hours, minutes=minutes)
    if sign == "-" and not ahead:
        raise ValueError("the offset -00:00 says that the time zone is unknown; write Z or +00:00")
    return timezone(-ahead if sign == "-" else ahead)


def is_timestamp_in(version: XapiVersion, text: str) -> bool:
    """Whether the text is a moment in that version of xAPI."""
    try:
        parse_timestamp(text, version)
    except InvalidValue:
        return False
    return True


def timestamp_text(moment: datetime) -> str:
    """The moment as we write it: UTC, milliseconds (microseconds only where there are any), Z.

    >>> timestamp_text(datetime(2026, 3, 31, 9, tzinfo=UTC))
    '2026-03-31T09:00:00.000Z'
    """
    in_utc = require_aware(moment, "a timestamp").astimezone(UTC)
    precision = "microseconds" if in_utc.microsecond % 1000 else "milliseconds"
    return in_utc.isoformat(timespec=precision).replace("+00:00", "Z")
