"""Spread a learner's load: on which day each due skill should be taken, so that no day is a wall.

FSRS does not care on which day of its fuzz range an interval ends. That freedom is used here: a skill due soon is
taken on its due day while there is room and otherwise on another open day of its range. What counts as room is a
*level*: as if every skill were spread evenly over the open days of its range, water filled on top of what cannot be
moved, and never below `QUIET_DAY`. So 60 skills due on one Thursday, each within a range of Monday to Friday, are
taken twelve a day.

Which other day it is, each skill decides for itself: its seed puts the days of its range in an order, and the first
day with room is taken (rendezvous hashing with bounded loads). Days that pass and skills that were practised leave
everybody else's order as it was; so, while people take what was placed on each day, a skill stays where it was put.

The rules that hold whatever the load is:

- a skill is never taken before its range begins, nor postponed beyond the day on which it ends;
- a skill past its range is taken today;
- where no day of the range is open, there is nothing to choose: the last open day before the range if it lies within
  `soon_days` of the due day, else the first open day after it;
- intervals above `LONGEST_MOVED` days stay on their due day, because so few fall on one day that moving them gains
  nothing (Anki's limit).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np
from attrs import frozen

from reinforce.forgetting.curve import Ints
from reinforce.forgetting.interval import fuzz_range, mixed
from reinforce.forgetting.postponing import QUIET_DAY

LONGEST_MOVED = 90
"""Days; a longer interval is not moved."""

HORIZON = 14
"""Ranges that begin more than so many days ahead cannot touch one that holds today, and are not looked at."""

REACH = HORIZON + 21
"""For so many days ahead one needs to know which are open; the widest range is 13 days."""

LOOK_BACK = 14
"""For so many days back one needs to know which were open."""

_ROUNDING = 1e-9


@frozen
class Due:
    """A skill that is due, or soon will be.

    Attributes:
        due: the day on which it is due.
        low: the first day of its range.
        high: the last day of its range.
        seed: orders the days of its range; its own for each learner, skill and last practice.
    """

    due: int
    low: int
    high: int
    seed: int


def ranges(last_day: Ints, due_day: Ints, maximum_interval_days: int) -> tuple[Ints, Ints]:
    """The first and last day on which each skill may be taken, for many rows at once."""
    interval = np.maximum(due_day - last_day, 1)
    low, high = fuzz_range(interval, maximum_interval_days)
    moves = (interval <= LONGEST_MOVED) & (due_day > last_day)
    first = np.where(moves, np.minimum(last_day + low, due_day), due_day)
    return first, np.where(moves, np.maximum(last_day + high, due_day), due_day)


def spread(skills: Sequence[Due], day: int, open_days: Sequence[int], soon_days: int) -> list[int]:
    """The day on which to take each skill, in the order of the skills.

    Args:
        skills: all that the learner has due or soon due, in any order.
        day: today, an open day.
        open_days: the learner's open days, rising, from `LOOK_BACK` days before today to `REACH` days after.
        soon_days: how long before its due day a skill may be taken whose range holds no open day.
    """
    ahead = open_days[bisect_left(open_days, day) :]
    placed = [0] * len(skills)
    load: dict[int, int] = dict.fromkeys(ahead, 0)
    movable: list[tuple[int, Sequence[int]]] = []
    for n, skill in enumerate(skills):
        window = _within(ahead, skill)
        if len(window) > 1:
            movable.append((n, window))
        else:
            placed[n] = window[0] if window else _beside(skill, day, ahead, soon_days)
            load[placed[n]] = load.get(placed[n], 0) + 1
    movable.sort(key=lambda each: (skills[each[0]].high, skills[each[0]].low, skills[each[0]].seed))
    levels = _levels([window for _, window in movable], load)
    for (n, window), level in zip(movable, levels, strict=True):
        placed[n] = _choose(skills[n], window, _own_day(skills[n], _within(open_days, skills[n])), load, level)
        load[placed[n]] += 1
    return placed


def _within(open_days: Sequence[int], skill: Due) -> Sequence[int]:
    return open_days[bisect_left(open_days, skill.low) : bisect_right(open_days, skill.high)]


def _beside(skill: Due, day: int, open_days: Sequence[int], soon_days: int) -> int:
    """The day for a skill whose range holds no open day from today on."""
    if skill.high <= day:
        return day
    after = bisect_right(open_days, skill.high)
    before = open_days[bisect_left(open_days, skill.low) - 1]
    if skill.due - before <= soon_days:
        return before
    return open_days[after] if after < len(open_days) else open_days[-1] + 1


def _levels(windows: Sequence[Sequence[int]], fixed: dict[int, int]) -> list[int]:
    """For each window, how many skills a day of it may hold before another day is looked for."""
    share: dict[int, float] = {}
    for window in windows:
        for day in window:
            share[day] = share.get(day, 0.0) + 1.0 / len(window)
    known: dict[tuple[int, int], int] = {}
    for window in windows:
        bounds = (window[0], window[-1])
        if bounds not in known:
            water = sum(share[day] for day in window)
            known[bounds] = max(QUIET_DAY, _water_level([fixed[day] for day in window], water))
    return [known[window[0], window[-1]] for window in windows]


def _water_level(heights: list[int], water: float) -> int:
    """How high water stands over ground of these heights, rounded up."""
    heights.sort()
    below = 0
    for count, height in enumerate(heights, 1):
        below += height
        level = (below + water) / count
        if count == len(heights) or level <= heights[count]:
            return int(np.ceil(level - _ROUNDING))
    raise AssertionError("a window holds at least one day")  # pragma: no cover


def _own_day(skill: Due, window: Sequence[int]) -> int:
    """The due day or, if that is closed, the open day of the whole range that is nearest to it."""
    return min(window, key=lambda day: (abs(day - skill.due), day))


def _choose(skill: Due, window: Sequence[int], own_day: int, load: dict[int, int], level: int) -> int:
    """The day of the window for a skill.

    An own day that has passed is a reason to hurry only while days are quiet. In a wall the skill's order of days
    says where it goes, so that what was put on a later day yesterday does not come back today.
    """
    first = window[0] if own_day < window[0] and level <= QUIET_DAY else own_day
    if load.get(first, level) < level:
        return first
    preferred = sorted(window, key=lambda day: mixed(skill.seed, day))
    for day in preferred:
        if load[day] < level:
            return day
    return min(preferred, key=lambda day: load[day])
