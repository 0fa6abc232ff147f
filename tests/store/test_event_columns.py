"""The rows of a batch by columns, held against the same rows one event after the other."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from reinforce import PracticeEvent, RatingPolicy
from reinforce.forgetting.parameters import ALGORITHM, Forgetting
from reinforce.model.checks import to_micros
from reinforce.model.days import day_of
from reinforce.store.course import Course
from reinforce.store.event_columns import days_by, event_columns
from reinforce.store.event_rows import EventRows, Names, Writing
from reinforce.store.parameters import ParameterSet
from reinforce.store.resolving import KnownSkill, Person, Skills
from reinforcer.world import KEYS, PEOPLE, logs, practice

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kathmandu")
PERSONS = {key: Person(number, ZoneInfo(ZONES[number]), 4, number) for number, key in enumerate(PEOPLE)}
DEAL, PITCH, PRICE, LISTEN = range(4)
IMPLICIT = {DEAL: ((PITCH, 0.5), (PRICE, 1.0)), PITCH: ((LISTEN, 0.4),)}
BY_ID = {number: KnownSkill(number, key, 0.9, number, IMPLICIT.get(number, ())) for number, key in enumerate(KEYS)}
NAMES = Names(PERSONS, Skills({skill.key: skill for skill in BY_ID.values()}, BY_ID), {"leaflet": 7}, None)
MOMENTS = st.integers(0, 2**31).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
"""From 1970 to 2038."""


def _around(begin: datetime) -> st.SearchStrategy[datetime]:
    return st.integers(0, 14 * 24 * 4).map(lambda quarter: begin + timedelta(minutes=15 * quarter))


CHANGES = [_around(datetime(year, month, 25, tzinfo=UTC)) for year in (2020, 2025) for month in (3, 10)]
"""Two weeks in which the clocks change in Berlin, and in autumn in New York: a day may begin twice, or not at all."""
LATEST = datetime(2030, 1, 1, tzinfo=UTC)
WRITING = Writing(1, ParameterSet(1, ALGORITHM, Forgetting()), Course(open_close=7), RatingPolicy(), 0, LATEST)


@given(logs(), st.sampled_from([None, "leaflet"]))
def test_columns_are_the_rows_of_each_event(log: list[PracticeEvent], refresher: str | None) -> None:
    """Every column of every row is the same as that of its event alone, and the rows are in the order of their keys."""
    batch = [evolve(event, refresher=refresher) if place % 2 else event for place, event in enumerate(log)]
    found = event_columns(WRITING, NAMES, batch)
    rows_of = EventRows(WRITING, NAMES)
    rows = [rows_of.event(event, 0) for event in batch]
    reviews = [review for event, row in zip(batch, rows, strict=True) for review in rows_of.reviews(event, row[0])]

    assert found is not None
    assert found.ids == [row[0] for row in rows]
    assert list(zip(*found.events, strict=True)) == sorted(rows)
    assert list(found.reviews) == sorted(reviews)


@pytest.mark.parametrize(
    "fault",
    [
        practice("nobody", id="2"),
        practice(skill="nothing", id="2"),
        practice(assessor="nobody", id="2"),
        practice(refresher="nothing", id="2"),
        practice(at=LATEST + timedelta(seconds=1), id="2"),
        practice(id="1"),
    ],
    ids=["learner", "skill", "assessor", "refresher", "future", "twice"],
)
def test_a_fault_is_left_to_whoever_can_name_it(fault: PracticeEvent) -> None:
    """A batch in which one event is faulty, or comes twice, has no columns."""
    assert event_columns(WRITING, NAMES, [practice(id="1"), fault]) is None


@given(
    st.lists(MOMENTS, min_size=1) | st.sampled_from(CHANGES).flatmap(lambda around: st.lists(around, min_size=1)),
    st.sampled_from([*ZONES, "Australia/Lord_Howe"]),
    st.integers(0, 6),
)
def test_days_of_many_moments_are_the_days_of_each(moments: list[datetime], zone: str, day_starts_at: int) -> None:
    """The calendar days of moments are what each has alone, across all changes of the clocks."""
    in_order, clock = sorted(moments), ZoneInfo(zone)
    found = days_by(np.array([to_micros(moment) for moment in in_order]), clock, day_starts_at)

    assert found.tolist() == [day_of(moment, clock, day_starts_at) for moment in in_order]
