"""Stamps become moments."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.errors import InvalidValue, NaiveDatetime
from reinforce.exchange.stamps import stamp_reader
from reinforce.model.checks import EPOCH

SEVEN = datetime(2026, 3, 31, 7, tzinfo=UTC)
BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("cell", "time_format", "zone", "moment"),
    [
        ("2026-03-31T07:00:00Z", "iso", None, SEVEN),
        ("2026-03-31 09:00+02:00", "iso", None, SEVEN),
        ("20260331T090000+0200", "iso", None, SEVEN),
        ("2026-03-31T07:00:00Z", "iso", BERLIN, SEVEN),
        (" 2026-03-31 09:00 ", "iso", BERLIN, SEVEN),
        ("2026-01-31 08:00", "iso", BERLIN, datetime(2026, 1, 31, 7, tzinfo=UTC)),
        ("1774940400", "epoch_s", None, SEVEN),
        ("1774940400.25", "epoch_s", None, SEVEN.replace(microsecond=250_000)),
        ("1774940400001", "epoch_ms", None, SEVEN.replace(microsecond=1000)),
        (1774940400, "epoch_s", None, SEVEN),
        ("31.03.2026 09:00", "%d.%m.%Y %H:%M", BERLIN, SEVEN),
        ("31.03.2026 09:00 +0200", "%d.%m.%Y %H:%M %z", None, SEVEN),
        ("3/31/26 9:00 AM", "%m/%d/%y %I:%M %p", BERLIN, SEVEN),
    ],
)
def test_ways_to_write_a_moment(cell: object, time_format: str, zone: str | None, moment: datetime) -> None:
    """ISO 8601, epoch numbers and strptime formats are read; a zone in the stamp goes before the named one."""
    assert stamp_reader(time_format, zone)(cell) == moment


@pytest.mark.parametrize(("cell", "time_format"), [("2026-03-31", "iso"), ("31.03.2026", "%d.%m.%Y")])
def test_a_date_is_noon(cell: str, time_format: str) -> None:
    """A date alone means noon, so that it stays on its day wherever the learner's day begins."""
    assert stamp_reader(time_format, BERLIN)(cell) == datetime(2026, 3, 31, 10, tzinfo=UTC)


def test_midnight_is_midnight() -> None:
    """A time of 00:00 that is written out is taken as it is."""
    assert stamp_reader("iso", BERLIN)("2026-03-31T00:00") == datetime(2026, 3, 30, 22, tzinfo=UTC)


def test_a_time_that_comes_twice_is_the_earlier() -> None:
    """When clocks are set back, a local time in the hour that is repeated is the first of the two."""
    assert stamp_reader("iso", BERLIN)("2026-10-25 02:30") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_time_that_never_was_is_refused() -> None:
    """When clocks are set forward, a local time in the hour that is left out is an error."""
    with pytest.raises(InvalidValue, match="2026-03-29 02:30:00 never was in Europe/Berlin"):
        stamp_reader("iso", BERLIN)("2026-03-29 02:30")


@pytest.mark.parametrize("time_format", ["iso", "%Y-%m-%d %H:%M"])
def test_a_zone_must_be_named(time_format: str) -> None:
    """A moment without a zone is never guessed; a format without one is refused before the first row."""
    with pytest.raises(NaiveDatetime, match="set time_zone, such as 'Europe/Berlin' or 'UTC'"):
        stamp_reader(time_format, None)("2026-03-31 09:00")


@pytest.mark.parametrize(
    ("cell", "time_format", "said"),
    [
        (
            "31.03.2026",
            "iso",
            "'31.03.2026' is no moment in ISO 8601, such as .*; for others set time_format, such as %d.%m.%Y %H:%M",
        ),
        ("", "iso", "'' is no moment"),
        (None, "iso", "None is no moment"),
        ("2026-02-30", "iso", "is no moment"),
        ("1_000", "epoch_s", "is no number of seconds since 1970"),
        ("nan", "epoch_s", "is no number of seconds"),
        ("1774940400000000", "epoch_s", "is no number of seconds .* time_format may be"),
        (True, "epoch_ms", "True is no number of milliseconds"),
        (float("inf"), "epoch_ms", "inf is no number of milliseconds"),
        ("2026-03-31", "%d.%m.%Y", "'2026-03-31' does not fit the time format '%d.%m.%Y'"),
        ("0001-01-01 00:00", "iso", "outside of the years 1 to 9999"),
    ],
)
def test_what_is_no_moment(cell: object, time_format: str, said: str) -> None:
    """What cannot be read is told as it was written, with what would be right."""
    with pytest.raises(InvalidValue, match=said):
        stamp_reader(time_format, BERLIN)(cell)


def test_unknown_formats() -> None:
    """A time format that is none is refused with the ones that there are."""
    with pytest.raises(InvalidValue, match="must be 'iso', 'epoch_s', 'epoch_ms' or a strptime format"):
        stamp_reader("unix", None)


@given(st.integers(min_value=-(10**12), max_value=10**14))
def test_milliseconds_are_exact(millis: int) -> None:
    """Epoch milliseconds become exactly the moment that they count to."""
    assert stamp_reader("epoch_ms", None)(str(millis)) == EPOCH + timedelta(milliseconds=millis)
