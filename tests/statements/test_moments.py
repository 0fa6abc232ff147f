"""Timestamps and durations as xAPI writes them."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.errors import InvalidValue, NaiveDatetime
from reinforce.statements.durations import comparable_duration, is_duration
from reinforce.statements.timestamps import is_timestamp_in, parse_timestamp, timestamp_text
from reinforce.statements.versions import XapiVersion

NINE = datetime(2026, 3, 31, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-31T09:00:00Z", NINE),
        ("2026-03-31t09:00:00z", NINE),
        ("2026-03-31 09:00:00Z", NINE),
        ("2026-03-31T11:00:00+02:00", NINE),
        ("2026-03-30T23:30:00-09:30", NINE),
        ("2026-03-31T09:00:00.0000000001Z", NINE),
        ("2026-03-31T09:00:00.25Z", NINE + timedelta(milliseconds=250)),
        ("2026-03-31T09:00:00+00:00", NINE),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_moments_of_rfc_3339_are_read_in_utc(text: str, moment: datetime) -> None:
    """Both versions take RFC 3339, whatever its offset; a leap second is the one before it."""
    for version in XapiVersion:
        assert parse_timestamp(text, version) == moment
        assert parse_timestamp(text, version).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    ["2026-03-31T09:00:00", "2026-03-31T09:00Z", "2026-03-31T09:00", "20260331T090000Z", "20260331T1100+0200",
     "2026-03-31T11:00:00+02", "2026-03-31T11:00:00+0200", "2026-03-31T09:00:00,000Z"],
)  # fmt: skip
def test_other_moments_of_iso_8601_are_of_1_0_3(text: str) -> None:
    """Version 1.0.3 takes ISO 8601, in which a moment without a zone is one in UTC; 2.0 does not."""
    assert parse_timestamp(text, XapiVersion.V1) == NINE
    assert not is_timestamp_in(XapiVersion.V2, text)


@pytest.mark.parametrize(
    "text",
    ["", "2026", "2026-03-31", "31.03.2026", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-03-31T24:00:00Z",
     "2026-03-31T09:60:00Z", "2026-03-31T09:00:61Z", "2026-03-31T09:00:00.Z", "2026-03-31T09:00:00+24:00",
     "2026-03-31T09:00:00+01:60", "2026-03-31T09:00:00-00:00", "2026-03-31T09:00:00-0000", "2026-03-31T09:00:00-00",
     "2026-W14-2T09:00:00Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00",
     "2026-03-31T09:00:00Z\n", "٢٠٢٦-03-31T09:00:00Z"],
)  # fmt: skip
def test_what_is_no_moment_is_refused(text: str) -> None:
    """Neither version takes what no calendar has, nor the offset of an unknown time zone."""
    for version in XapiVersion:
        with pytest.raises(InvalidValue):
            parse_timestamp(text, version)


zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(
    moment=st.datetimes(
        min_value=datetime(1900, 1, 1),  # noqa: DTZ001 -- Hypothesis adds the zone
        max_value=datetime(9000, 1, 1),  # noqa: DTZ001 -- Hypothesis adds the zone
        timezones=zones,
    )
)
def test_moments_go_out_in_utc_and_come_back(moment: datetime) -> None:
    """Every moment is written in UTC with milliseconds at least, and is read as itself."""
    text = timestamp_text(moment)

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(\d{3})?Z", text)
    assert parse_timestamp(text) == moment


def test_naive_moments_do_not_go_out() -> None:
    """A moment without its time zone is refused with what to pass."""
    with pytest.raises(NaiveDatetime):
        timestamp_text(datetime(2026, 3, 31))  # noqa: DTZ001 -- that is the point


@pytest.mark.parametrize("text", ["P1Y", "P1M", "P1DT12H", "PT0S", "PT0.5S", "PT1,5S", "P1.5Y", "P0.5W", "PT36H"])
def test_durations_are_known(text: str) -> None:
    """The form with designators is taken, with a fraction in its last number."""
    assert is_duration(text)


@pytest.mark.parametrize(
    "text",
    ["", "P", "PT", "P1", "1H", "PT1D", "P1H", "P1DT", "P1W1D", "P1W2DT1H", "-PT1H", "PT-1H", "PT1S2M", "P1.5DT1H",
     "PT1.5H1S", "P0001-01-01T00:00:00", "pt1h", "PT1H ", "PT.5S", "P" + "1" * 200 + "Y"],
)  # fmt: skip
def test_what_is_no_duration_is_known(text: str) -> None:
    """The alternative form, weeks beside others, fractions before the end and empty ones are refused."""
    assert not is_duration(text)


@pytest.mark.parametrize(
    ("one", "other", "are_same"),
    [
        ("PT1.234S", "PT1.239S", True),
        ("PT1.2S", "PT1.20S", True),
        ("PT1M", "PT60S", False),
        ("PT1.23S", "PT1.24S", False),
        ("P1Y", "P12M", False),
    ],
)
def test_durations_are_compared_to_hundredths(one: str, other: str, are_same: bool) -> None:
    """What lies beyond 0.01 s is not compared; different units are different durations."""
    assert (comparable_duration(one) == comparable_duration(other)) is are_same


@given(text=st.text(max_size=20))
def test_comparing_never_fails(text: str) -> None:
    """What is no duration is compared as it is."""
    assert comparable_duration(text) == text or is_duration(text)
