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

    The boundary hour is read from the learner's wall clock, so days keep their boundary through changes
    to and from daylight saving time. A later moment never has an earlier day: a day that has begun goes
    on when the clocks are put back over its boundary.
    """
    local = moment.astimezone(zone)
    number = local.toordinal() - EPOCH_ORDINAL - (local.hour < day_starts_at)
    if local.fold and start_of(date_of(number + 1), zone, day_starts_at) <= moment:
        return number + 1
    return number


def day_number(day: date) -> int:
    """Days from 1970-01-01 to `day`."""
    return day.toordinal() - EPOCH_ORDINAL


def date_of(number: int) -> date:
    """The date that many days after 1970-01-01."""
    return date.fromordinal(number + EPOCH_ORDINAL)


def start_of(day: date, zone: ZoneInfo, day_starts_at: int = DEFAULT_DAY_STARTS_AT) -> datetime:
    """The moment, in UTC, at which the learner's calendar day begins.

    If the clocks are put forward over the boundary, the day begins as they are; if they are put back over
    it, at the first of the two moments.
    """
    wall = datetime(day.year, day.month, day.day, day_starts_at, tzinfo=zone)
    begin = wall.astimezone(UTC)
    if begin.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return begin
    return _change_of_offset(wall.replace(fold=1).astimezone(UTC), begin, zone)


def _change_of_offset(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The moment between two others at which a zone's offset changes."""
    old = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after
