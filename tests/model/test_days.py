"""Calendar days of a learner."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import values
from reinforce.model.days import date_of, day_number, day_of, start_of

TICK = timedelta(microseconds=1)
hours = st.integers(0, 12)

# Clocks that are changed near a boundary: (zone, moment just after the change).
CHANGES = [
    ("Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),  # 02:00 → 03:00
    ("Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)),  # 03:00 → 02:00
    ("America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),  # 02:00 → 03:00
    ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),  # 02:00 → 01:00
    ("America/Sao_Paulo", datetime(2018, 11, 4, 3, tzinfo=UTC)),  # 00:00 → 01:00
    ("America/Sao_Paulo", datetime(2018, 2, 18, 2, tzinfo=UTC)),  # 00:00 → 23:00 of the day before
    ("America/St_Johns", datetime(2010, 11, 7, 2, 31, tzinfo=UTC)),  # 00:01 → 23:01 of the day before
    ("America/Havana", datetime(2025, 11, 2, 5, tzinfo=UTC)),  # 01:00 → 00:00
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),  # 02:00 → 01:30
    ("Antarctica/Troll", datetime(2026, 10, 25, 1, tzinfo=UTC)),  # 03:00 → 01:00
    ("Antarctica/Casey", datetime(2018, 3, 10, 17, tzinfo=UTC)),  # 04:00 → 01:00
    ("Antarctica/Casey", datetime(2019, 10, 3, 19, tzinfo=UTC)),  # 03:00 → 06:00
    ("Asia/Hong_Kong", datetime(1979, 10, 20, 18, 30, tzinfo=UTC)),  # 03:30 → 02:30
    ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),  # leaves out 30 December 2011
]


@pytest.mark.parametrize(
    ("zone", "moment", "expected"),
    [
        ("Europe/Berlin", "2026-03-31T01:59:59+00:00", date(2026, 3, 30)),  # 03:59:59: still the evening before
        ("Europe/Berlin", "2026-03-31T02:00:00+00:00", date(2026, 3, 31)),  # 04:00
        ("Europe/Berlin", "2026-03-29T01:59:59+00:00", date(2026, 3, 28)),  # the day on which clocks go forward
        ("Europe/Berlin", "2026-03-29T02:00:00+00:00", date(2026, 3, 29)),
        ("Europe/Berlin", "2026-10-25T02:59:59+00:00", date(2026, 10, 24)),  # the day on which they go back
        ("Europe/Berlin", "2026-10-25T03:00:00+00:00", date(2026, 10, 25)),
        ("America/New_York", "2026-11-01T08:59:59+00:00", date(2026, 10, 31)),
        ("America/New_York", "2026-11-01T09:00:00+00:00", date(2026, 11, 1)),
        ("Asia/Kathmandu", "2026-03-30T22:14:59+00:00", date(2026, 3, 30)),
        ("Asia/Kathmandu", "2026-03-30T22:15:00+00:00", date(2026, 3, 31)),
        ("Pacific/Kiritimati", "2026-03-30T14:00:00+00:00", date(2026, 3, 31)),
        ("UTC", "2026-03-31T03:59:59.999999+00:00", date(2026, 3, 30)),
        ("UTC", "2026-03-31T04:00:00+00:00", date(2026, 3, 31)),
    ],
)
def test_a_day_begins_at_four_on_the_learners_clock(zone: str, moment: str, expected: date) -> None:
    """Practice before 04:00 belongs to the evening before, in every zone and on days of 23 and 25 hours."""
    assert date_of(day_of(datetime.fromisoformat(moment), ZoneInfo(zone))) == expected


def test_practice_on_the_next_morning_is_a_day_later() -> None:
    """Eighteen hours from an afternoon to the next morning are one day, and not none."""
    berlin = ZoneInfo("Europe/Berlin")
    afternoon, morning = datetime(2026, 3, 30, 15, tzinfo=berlin), datetime(2026, 3, 31, 9, tzinfo=berlin)

    assert day_of(morning, berlin) - day_of(afternoon, berlin) == 1


@pytest.mark.parametrize(("name", "change"), CHANGES, ids=lambda value: str(value))
def test_days_are_whole_around_a_change_of_clocks(name: str, change: datetime) -> None:
    """Around a change of clocks each moment lies in its day and no later moment has an earlier day."""
    zone = ZoneInfo(name)
    moments = [change + timedelta(minutes=15) * n for n in range(-120, 120)] + [change - TICK]
    for hour in range(13):
        days = [day_of(moment, zone, hour) for moment in sorted(moments)]

        assert days == sorted(days)
        for moment, day in zip(sorted(moments), days, strict=True):
            assert start_of(date_of(day), zone, hour) <= moment < start_of(date_of(day + 1), zone, hour)


@given(moment=values.moments, zone=values.zones, hour=hours)
@example(moment=datetime(2018, 3, 10, 17, tzinfo=UTC), zone=ZoneInfo("Antarctica/Casey"), hour=3)
def test_every_moment_lies_within_its_day(moment: datetime, zone: ZoneInfo, hour: int) -> None:
    """A day holds the moments from its start to the next day's, in every zone."""
    day = date_of(day_of(moment, zone, hour))

    assert start_of(day, zone, hour) <= moment < start_of(day + timedelta(days=1), zone, hour)


@given(first=values.moments, second=values.moments, zone=values.zones, hour=hours)
def test_a_later_moment_never_has_an_earlier_day(first: datetime, second: datetime, zone: ZoneInfo, hour: int) -> None:
    """Days never run backwards, so no elapsed time is negative."""
    earlier, later = sorted([first, second])

    assert day_of(earlier, zone, hour) <= day_of(later, zone, hour)


@given(day=values.dates, zone=values.zones, hour=hours)
def test_the_moment_before_a_day_is_on_the_day_before(day: date, zone: ZoneInfo, hour: int) -> None:
    """A day's start is its first moment: a microsecond earlier it was not that day yet."""
    start = start_of(day, zone, hour)

    assert day_of(start - TICK, zone, hour) < day_number(day) <= day_of(start, zone, hour)


@given(day=values.dates)
def test_a_day_number_is_its_date(day: date) -> None:
    """Numbers and dates of days are the same thing."""
    assert date_of(day_number(day)) == day


def test_days_are_counted_from_1970() -> None:
    """Day 0 is 1 January 1970."""
    assert (day_number(date(1970, 1, 1)), day_number(date(1969, 12, 31))) == (0, -1)
