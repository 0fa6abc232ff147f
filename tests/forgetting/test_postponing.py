"""After a change of parameters nobody stands before a wall."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from reinforce.forgetting.postponing import QUIET_DAY, postponed

TODAY = 20_000
days = st.integers(TODAY - 30, TODAY + 60)
few_days = st.integers(TODAY - 3, TODAY + 3)
changes = st.lists(st.tuples(days, days), max_size=60) | st.lists(st.tuples(few_days, few_days), max_size=60)


def is_pulled(old: int, new: int) -> bool:
    """Whether the change brings forward what was not due yet."""
    return new < old and old > TODAY


def loads(due: list[int]) -> Counter[int]:
    """How many are due on each day from today on; what is overdue is due today."""
    return Counter(max(day, TODAY) for day in due)


@given(changes)
def test_bounds(change: list[tuple[int, int]]) -> None:
    """Nothing is due before its new day or after its old one; what was not brought forward stays."""
    before, after = [old for old, _ in change], [new for _, new in change]
    for old, new, day in zip(before, after, postponed(TODAY, before, after), strict=True):
        if is_pulled(old, new):
            assert max(new, TODAY) <= day <= old
        else:
            assert day == new


@given(changes)
def test_no_wall(change: list[tuple[int, int]]) -> None:
    """No day holds more than a quiet day, than what is not moved, or than if all had stayed on their old days."""
    before, after = [old for old, _ in change], [new for _, new in change]
    fixed = loads([new for old, new in change if not is_pulled(old, new)])
    as_before = fixed + loads([old for old, new in change if is_pulled(old, new)])
    allowed = max([QUIET_DAY, *fixed.values(), *as_before.values()])
    assert max(loads(postponed(TODAY, before, after)).values(), default=0) <= allowed


@given(changes)
def test_lowest_level(change: list[tuple[int, int]]) -> None:
    """No lower level than the one that was found has room for all that was brought forward."""
    before, after = [old for old, _ in change], [new for _, new in change]
    found = postponed(TODAY, before, after)
    fixed = loads([new for old, new in change if not is_pulled(old, new)])
    held = loads([day for day, (old, new) in zip(found, change, strict=True) if is_pulled(old, new)])
    level = max((fixed[day] + held[day] for day in held), default=0)
    if level > QUIET_DAY:
        # Hall's condition: between some two days there is more to do than the level below has room for.
        moved = [(max(new, TODAY), old) for old, new in change if is_pulled(old, new)]
        assert any(
            sum(first <= begin and end <= last for begin, end in moved)
            > sum(max(level - 1 - fixed[day], 0) for day in range(first, last + 1))
            for first, _ in moved
            for _, last in moved
        )


def test_a_wall_is_spread() -> None:
    """Sixty skills that the change makes overdue, each due on another day before, are taken three a day."""
    before = [TODAY + 1 + number for number in range(60)]
    assert sorted(loads(postponed(TODAY, before, [TODAY - 5] * 60)).items()) == [
        (TODAY + number, QUIET_DAY) for number in range(20)
    ]


def test_who_would_have_been_due_first_is_first() -> None:
    """The days are filled in the order of the old due days."""
    before = [TODAY + 9, TODAY + 2, TODAY + 5, TODAY + 7]
    assert postponed(TODAY, before, [TODAY - 1] * 4) == [TODAY + 1, TODAY, TODAY, TODAY]


def test_a_backlog_takes_its_room() -> None:
    """Where today is full of what was overdue already, what is brought forward begins tomorrow."""
    before = [TODAY - 1] * 10 + [TODAY + 5] * 3
    assert postponed(TODAY, before, [TODAY - 2] * 13) == [TODAY - 2] * 10 + [TODAY + 1] * 3
