"""People, their teams and their calendars."""

from datetime import date, timedelta

from hypothesis import given

import values
from reinforce.model.library import Refresher
from reinforce.model.people import Calendar, DateRange

MONDAY = date(2026, 3, 30)


@given(span=values.date_ranges, day=values.dates)
def test_a_range_has_both_its_ends(span: DateRange, day: date) -> None:
    """The first and the last day are in a range, the days around it are not."""
    one = timedelta(days=1)

    assert span.since in span
    assert span.until in span
    assert span.since - one not in span
    assert span.until + one not in span
    assert (day in span) == (span.since <= day <= span.until)


def test_a_calendar_is_closed_on_days_off() -> None:
    """Nothing is planned on weekends, holidays and blackout days."""
    calendar = Calendar(
        "office",
        holidays=(MONDAY + timedelta(days=1),),
        blackouts=(DateRange(MONDAY + timedelta(days=2), MONDAY + timedelta(days=3)),),
    )

    assert [calendar.is_open(MONDAY + timedelta(days=n)) for n in range(8)] == [True] + [False] * 3 + [True] + [
        False
    ] * 2 + [True]


def test_a_refresher_is_valid_to_its_last_day() -> None:
    """Both ends of a refresher's time belong to it; an open end has no limit."""
    limited = Refresher("case", skills={"pricing": 1}, valid_from=MONDAY, valid_until=MONDAY)
    endless = Refresher("quiz", skills={"pricing": 1})

    assert [limited.is_valid_on(MONDAY + timedelta(days=n)) for n in (-1, 0, 1)] == [False, True, False]
    assert endless.is_valid_on(date.max)
