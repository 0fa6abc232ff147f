"""The load is spread within FSRS's ranges, and stays where it was put."""

from collections import Counter
from datetime import date
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.forgetting.postponing import QUIET_DAY
from reinforce.model.days import date_of, day_number
from reinforce.model.people import Calendar
from reinforce.planning.balance import LONGEST_MOVED, LOOK_BACK, REACH, Due, ranges, spread

MONDAY = day_number(date(2026, 3, 2))
THURSDAY = MONDAY + 3
WORKDAYS = Calendar("office", holidays=(date(2026, 3, 4),))
EVERY_DAY = Calendar("shop", working_days=tuple(range(7)))
OFFICE = Calendar("office without holidays")


def open_days(day: int, calendar: Calendar = OFFICE) -> list[int]:
    """The open days around a day."""
    return [each for each in range(day - LOOK_BACK, day + REACH + 1) if calendar.is_open(date_of(each))]


def dues(rows: list[tuple[int, int, int]]) -> list[Due]:
    """What `spread` takes, for rows (last day, due day, seed)."""
    last = np.array([row[0] for row in rows], dtype=np.int64)
    due = np.array([row[1] for row in rows], dtype=np.int64)
    low, high = ranges(last, due, 365)
    return [Due(row[1], int(a), int(b), row[2]) for row, a, b in zip(rows, low, high, strict=True)]


def wall(count: int, due: int, interval: int = 30) -> list[Due]:
    """Many skills that are all due on one day."""
    return dues([(due - interval, due, seed * 0x9E3779B97F4A7C15) for seed in range(count)])


rows = st.lists(
    st.tuples(st.integers(1, 120), st.integers(-20, 30), st.integers(0, 2**64 - 1)).map(
        lambda row: (MONDAY + row[1] - row[0], MONDAY + row[1], row[2])
    ),
    max_size=40,
    unique_by=lambda row: row[2],
)
calendars = st.builds(
    Calendar,
    key=st.just("any"),
    working_days=st.lists(st.integers(0, 6), min_size=1, max_size=7, unique=True).map(lambda days: tuple({*days, 0})),
    holidays=st.lists(st.integers(1, 30).map(lambda n: date_of(MONDAY + n)), max_size=6, unique=True).map(tuple),
)


def test_a_wall_is_flattened_over_its_range() -> None:
    """Sixty skills due on one Thursday with intervals of 30 days are taken twelve a day, Monday to Friday."""
    taken = Counter(spread(wall(60, THURSDAY), MONDAY, open_days(MONDAY), 3))

    assert {MONDAY + n: 12 for n in range(5)} == taken


def test_a_wall_beside_days_off_is_flattened_over_the_open_days() -> None:
    """Sixty skills due on a Saturday lie on the open days of their range, none on the weekend or the holiday."""
    saturday = MONDAY + 5
    taken = Counter(spread(wall(60, saturday, 40), MONDAY, open_days(MONDAY, WORKDAYS), 3))
    low, high = min(each.low for each in wall(1, saturday, 40)), max(each.high for each in wall(1, saturday, 40))
    usable = [day for day in open_days(MONDAY, WORKDAYS) if low <= day <= high]

    assert set(usable) == set(taken)
    assert MONDAY + 2 not in taken
    assert max(taken.values()) == -(-60 // len(usable))


def test_a_wall_avoids_what_cannot_be_moved() -> None:
    """A day that holds a backlog already gets nothing more of a wall until the other days are as full."""
    backlog = dues([(MONDAY - 20, MONDAY - 10, 7 + seed) for seed in range(40)])
    taken = Counter(spread([*backlog, *wall(60, THURSDAY)], MONDAY, open_days(MONDAY), 3))

    assert taken == {MONDAY: 40} | {MONDAY + n: 15 for n in range(1, 5)}


def test_quiet_days_are_left_alone() -> None:
    """A few skills due on one open day are taken on it, though other days of their range are empty."""
    assert spread(wall(QUIET_DAY, THURSDAY), MONDAY, open_days(MONDAY), 3) == [THURSDAY] * QUIET_DAY


def test_what_was_missed_on_a_quiet_day_is_taken_today() -> None:
    """A lone skill that was due yesterday isn't put off, although its range goes on."""
    assert spread(wall(1, THURSDAY - 1), THURSDAY, open_days(THURSDAY), 3) == [THURSDAY]


@given(rows, calendars)
def test_a_skill_stays_within_its_range(rows: list[tuple[int, int, int]], calendar: Calendar) -> None:
    """No skill is taken before its range begins or after it ends, if a day of it is open; past it, it's taken today."""
    days = open_days(MONDAY, calendar)
    ahead = [day for day in days if day >= MONDAY]
    skills = dues(rows)

    for skill, taken in zip(skills, spread(skills, MONDAY, days, 3), strict=True):
        window = [day for day in ahead if skill.low <= day <= skill.high]
        if window:
            assert taken in window
        elif skill.high < MONDAY:
            assert taken == MONDAY
        else:
            assert skill.due - 3 <= taken < skill.low or taken > skill.high


@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_rows_makes_no_difference(rows: list[tuple[int, int, int]], random: Random) -> None:
    """The same rows in another order are put on the same days."""
    skills = dues(rows)
    shuffled = list(skills)
    random.shuffle(shuffled)
    days = open_days(MONDAY)

    expected = dict(zip(skills, spread(skills, MONDAY, days, 3), strict=True))

    assert expected == dict(zip(shuffled, spread(shuffled, MONDAY, days, 3), strict=True))


@pytest.mark.parametrize(("missed", "most_moved"), [(0.0, 0.02), (0.1, 0.04), (0.5, 0.08)])
def test_skills_stay_where_they_were_put(missed: float, most_moved: float) -> None:
    """From night to night few skills of a wall change their day, also when a part of them is missed each day."""
    random = Random(5)
    moved = stayed = 0
    for _ in range(40):
        left = wall(random.randrange(20, 100), MONDAY + random.randrange(9), random.randrange(10, LONGEST_MOVED))
        placed: dict[Due, int] = {}
        for day in [day for day in open_days(MONDAY) if MONDAY <= day < MONDAY + 14]:
            taken = dict(zip(left, spread(left, day, open_days(day), 3), strict=True))
            later = [skill for skill in left if placed.get(skill, 0) >= day]
            moved += sum(taken[skill] != placed[skill] for skill in later)
            stayed += sum(taken[skill] == placed[skill] for skill in later)
            placed = taken
            left = [skill for skill in left if taken[skill] > day or random.random() < missed]

    assert moved / (moved + stayed) < most_moved


def test_what_is_missed_moves_little_else() -> None:
    """When nobody practises on the first day of a wall, at most a quarter of the later skills changes its day."""
    skills = wall(60, THURSDAY)
    before = dict(zip(skills, spread(skills, MONDAY, open_days(MONDAY), 3), strict=True))
    after = dict(zip(skills, spread(skills, MONDAY + 1, open_days(MONDAY + 1), 3), strict=True))
    later = [skill for skill in skills if before[skill] > MONDAY]

    moved = sum(before[skill] != after[skill] for skill in later)

    assert max(Counter(after.values()).values()) == 15
    assert moved <= len(later) / 4


@given(rows)
def test_no_day_is_fuller_than_the_fullest_due_day(rows: list[tuple[int, int, int]]) -> None:
    """Spreading never makes a wall higher than the one that due days alone would have made."""
    skills = dues(rows)
    days = open_days(MONDAY, EVERY_DAY)
    unmoved = Counter(max(skill.due, MONDAY) if skill.high >= MONDAY else MONDAY for skill in skills)
    taken = Counter(spread(skills, MONDAY, days, 3))

    assert max(taken.values(), default=0) <= max(QUIET_DAY, max(unmoved.values(), default=0))


def test_long_intervals_stay_on_their_day() -> None:
    """An interval above ninety days is not moved for the sake of the load."""
    assert spread(wall(20, THURSDAY, 120), MONDAY, open_days(MONDAY), 3) == [THURSDAY] * 20


def test_what_falls_on_days_off_is_taken_just_before() -> None:
    """A skill whose whole range is closed is taken on the last open day before, if that is soon enough."""
    saturday = MONDAY + 5
    skill = dues([(saturday - 2, saturday, 1)])
    friday = MONDAY + 4

    assert spread(skill, friday, open_days(friday), 3) == [friday]
    assert spread(skill, friday, open_days(friday), 0) == [MONDAY + 7]
