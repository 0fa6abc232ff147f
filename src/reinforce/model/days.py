"""Calendar days of a learner, as whole numbers since 1970-01-01.

A learner's day begins at a boundary hour of their own clock (04:00 by default), so practice at one in
the morning still belongs to the evening before. Forgetting counts these days and never 24-hour spans:
most next-day practice happens less than 24 hours after the last.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
DEFAULT_DAY_STARTS_AT = 4


def day_of(moment: datetime, zone: ZoneInfo, day_starts_at: int = DEFAULT_DAY_STARTS_AT) -> int:
    """The learner's calendar day of an aware moment, in days since 1970-01-01.

    The boundary hour is taken off the learner's wall clock, so days keep their boundary through
    changes to and from daylight saving time.
    """
    local = moment.astimezone(zone)
    return local.toordinal() - EPOCH_ORDINAL - (local.hour < day_starts_at)


def day_number(day: date) -> int:
    """Days from 1970-01-01 to `day`."""
    return day.toordinal() - EPOCH_ORDINAL


def date_of(number: int) -> date:
    """The date that many days after 1970-01-01."""
    return date.fromordinal(number + EPOCH_ORDINAL)


def start_of(day: date, zone: ZoneInfo, day_starts_at: int = DEFAULT_DAY_STARTS_AT) -> datetime:
    """The moment, in UTC, at which the learner's calendar day begins."""
    return datetime(day.year, day.month, day.day, day_starts_at, tzinfo=zone).astimezone(UTC)


def each_day(first: date, last: date) -> list[date]:
    """Every date from `first` to `last`, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
