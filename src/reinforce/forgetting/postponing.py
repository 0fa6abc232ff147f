"""After a change of parameters: postpone what it made due all at once, so that nobody stands before a wall.

Other parameters move every due day. What moves to later needs nothing. What the change *pulls* to earlier, at times
into the past, may be dozens of skills of one person on one day. For each of these there are two days: the new due day
(or today, if that is past) and the old one, on which it would have been due anyway. It is put on a day between the two,
both included, so it is never taken later than without the change.

How many a day may hold is the *level*: the smallest number, but at least `QUIET_DAY`, with which all of the person's
pulled skills find a day. What is not pulled stays where it is and takes its room. The days are filled from today on,
on each those first whose old due day comes first (earliest deadline first, which finds a place for all if there is
one); ties are taken by new due day, then by the order in which they are given. So no day holds more than the largest of

- `QUIET_DAY`,
- a day of what is not pulled, and
- what any day would hold if everything pulled stayed on its old due day,

and the same memories always give the same days.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from heapq import heappop, heappush

QUIET_DAY = 3
"""Skills; a day that holds no more is no wall."""


def postponed(today: int, before: Sequence[int], after: Sequence[int]) -> list[int]:
    """The day on which each skill of one person is due after a change of parameters.

    Args:
        today: days since 1970-01-01, as all days here.
        before: the due day of each skill until now.
        after: the due day that the new parameters give.

    Returns:
        `after` for what was not pulled to earlier, or was due already; else a day from max(after, today) to `before`.
    """
    pulled = [place for place, (old, new) in enumerate(zip(before, after, strict=True)) if new < old and old > today]
    days = list(after)
    if not pulled:
        return days
    is_pulled = set(pulled)
    taken = Counter(max(day, today) for place, day in enumerate(after) if place not in is_pulled)
    waiting = sorted((max(after[place], today), before[place], after[place], place) for place in pulled)
    on_old_days = Counter(before[place] for place in pulled)
    low, high = QUIET_DAY, max(taken[day] + count for day, count in on_old_days.items())
    found = _placed(waiting, taken, low)
    if found is None:
        found = _lowest(waiting, taken, low, high)
    for place, day in found.items():
        days[place] = day
    return days


Waiting = tuple[int, int, int, int]
"""The first and last day on which a skill may be taken, its new due day, and its place."""


def _lowest(waiting: Sequence[Waiting], taken: Mapping[int, int], too_low: int, enough: int) -> dict[int, int]:
    """The days with the lowest level that has room for all; the highest one given has, with all on their old days."""
    found: dict[int, int] | None = None
    while enough - too_low > 1 or found is None:
        level = (too_low + enough) // 2 if enough - too_low > 1 else enough
        days = _placed(waiting, taken, level)
        if days is None:
            too_low = level
        else:
            found, enough = days, level
    return found


def _placed(waiting: Sequence[Waiting], taken: Mapping[int, int], level: int) -> dict[int, int] | None:
    """The day of each place if no day may hold more than the level; None: there is no room for all."""
    days: dict[int, int] = {}
    open_ones: list[tuple[int, int, int]] = []
    day, next_one = waiting[0][0], 0
    while len(days) < len(waiting):
        if not open_ones and waiting[next_one][0] > day:
            day = waiting[next_one][0]
        while next_one < len(waiting) and waiting[next_one][0] <= day:
            heappush(open_ones, waiting[next_one][1:])
            next_one += 1
        for _ in range(min(len(open_ones), level - taken.get(day, 0))):
            last_day, _, place = heappop(open_ones)
            if last_day < day:
                return None
            days[place] = day
        if open_ones and open_ones[0][0] <= day:
            return None
        day += 1
    return days
