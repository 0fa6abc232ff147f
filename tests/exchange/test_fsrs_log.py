"""Reviews as a log that py-fsrs loads, to the same memory."""

import io
import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import fsrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.exchange.events import read_events
from reinforce.exchange.formats import ANKI
from reinforce.exchange.fsrs_log import FsrsLog, card_id, normalised, write_fsrs_log
from reinforce.exchange.rows import GoodRow
from reinforce.model.days import date_of, day_of
from reinforce.model.practice import Rating, Review

EXCERPT = Path(__file__).parent / "data" / "anki_excerpt.csv"
BERLIN = ZoneInfo("Europe/Berlin")
SCHEDULER = fsrs.Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)


def review(moment: datetime, rating: Rating | None = Rating.GOOD, weight: float = 1, skill: str = "a") -> Review:
    """A review on the calendar day that people in Berlin had."""
    return Review("0" * 32, skill, moment, date_of(day_of(moment, BERLIN)), rating, weight)


def logs(reviews: list[Review]) -> list[fsrs.ReviewLog]:
    """What py-fsrs loads of the log of these reviews."""
    stream = io.StringIO()
    write_fsrs_log(stream, [("ann", one) for one in reviews])
    return [fsrs.ReviewLog.from_json(line) for line in stream.getvalue().splitlines()]


def on_calendar_days(reviews: list[Review]) -> fsrs.Card:
    """The card that FSRS makes of reviews at midnight of each calendar day."""
    card = fsrs.Card(card_id=1)
    for one in reviews:
        assert one.rating is not None
        midnight = datetime.combine(one.day, time(), UTC)
        card, _ = SCHEDULER.review_card(card, fsrs.Rating(one.rating), midnight)
    return card


def rescheduled(reviews: list[Review]) -> fsrs.Card:
    """The card that py-fsrs makes of the log, in whatever order it is."""
    loaded = logs(reviews)
    Random(1).shuffle(loaded)
    return SCHEDULER.reschedule_card(fsrs.Card(card_id=card_id("ann", "a")), loaded)


moments = st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- the strategy adds UTC
near = st.lists(st.tuples(st.integers(1, 40 * 3600), st.sampled_from(Rating)), min_size=1, max_size=12)


@given(moments, near)
def test_the_same_memory(start: datetime, steps: list[tuple[int, Rating]]) -> None:
    """py-fsrs makes of the log exactly the stability and difficulty that FSRS gives on calendar days."""
    reviews = []
    for seconds, rating in steps:
        start += timedelta(seconds=seconds)
        reviews.append(review(start, rating))
    ours, theirs = on_calendar_days(reviews), rescheduled(reviews)

    assert (theirs.stability, theirs.difficulty) == (ours.stability, ours.difficulty)


def test_a_real_log() -> None:
    """Every card of a real log gets the same memory from our log as from FSRS on calendar days."""
    by_skill: dict[str, list[Review]] = {}
    for row in read_events(EXCERPT, ANKI.file, ANKI.mapping):
        assert isinstance(row, GoodRow)
        (one,) = row.event.outcomes
        by_skill.setdefault(one.skill, []).append(review(row.event.occurred_at, Rating(int(one.outcome.value))))

    assert max(map(len, by_skill.values())) > 1
    for reviews in by_skill.values():
        ours, theirs = on_calendar_days(reviews), rescheduled(reviews)
        assert (theirs.stability, theirs.difficulty) == (ours.stability, ours.difficulty)


def test_an_evening_and_the_next_morning() -> None:
    """Ten hours over a night are a day, and a whole day on one date is none."""
    evening = datetime(2026, 3, 30, 20, tzinfo=UTC)
    gaps = [logs([review(evening), review(evening + timedelta(hours=hours))]) for hours in (10, 4)]

    assert [(second.review_datetime - first.review_datetime).days for first, second in gaps] == [1, 0]
    assert [second.review_datetime.date() for _, second in gaps] == [date(2026, 3, 31), date(2026, 3, 30)]


@given(moments, st.integers(0, 10**9))
def test_days_and_order(start: datetime, seconds: int) -> None:
    """Whole days between two reviews are calendar days, and the later one is never earlier."""
    first, second = review(start), review(start + timedelta(seconds=seconds))

    assert (normalised(second) - normalised(first)).days == (second.day - first.day).days
    assert normalised(first) <= normalised(second)
    assert normalised(first).tzinfo is UTC


@pytest.mark.parametrize("year", [1969, 2100, 2500])
def test_far_away_years(year: int) -> None:
    """A review outside of the years 1970 to 2100 is on its day all the same."""
    one = review(datetime(year, 6, 1, 12, tzinfo=UTC))

    assert normalised(one).date() == date(year, 6, 1)


def test_what_fsrs_cannot_say_is_counted() -> None:
    """Exposures and reviews of less than full weight are left out, and counted."""
    moment = datetime(2026, 3, 31, tzinfo=UTC)
    stream = io.StringIO()
    said = write_fsrs_log(
        stream, [("ann", review(moment)), ("ann", review(moment, None)), ("ann", review(moment, weight=0.5))]
    )

    assert said == FsrsLog(written=1, left_out=2)
    assert len(stream.getvalue().splitlines()) == 1


def test_cards_are_pairs() -> None:
    """A card is one learner and one skill, which each line names beside it with the true moment."""
    moment = datetime(2026, 3, 31, 7, tzinfo=UTC)
    stream = io.StringIO()
    write_fsrs_log(stream, [(who, review(moment, skill=what)) for who in ("ann", "bob") for what in ("a", "b")])
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]

    assert [(line["learner"], line["skill"]) for line in lines] == [
        ("ann", "a"),
        ("ann", "b"),
        ("bob", "a"),
        ("bob", "b"),
    ]
    assert len({line["card_id"] for line in lines}) == 4
    assert all(0 <= line["card_id"] < 2**63 for line in lines)
    assert {line["occurred_at"] for line in lines} == {"2026-03-31T07:00:00+00:00"}
