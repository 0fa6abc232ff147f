"""Whatever an LRS does, each statement is there once and in order, and only the bad ones are dead letters."""

import random
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.faulty_lrs import Fault, FaultyLrs, Kind, Request, running
from adapters.stories import FAULTS, STORING, ByChance, client, story
from delivery.clockwork import Clockwork, run
from reinforce.testing import MemorySource

MANY = 100_000
every_kind = pytest.mark.parametrize("kind", Kind, ids=lambda kind: kind.value)


def often_and_rarely(kind: Kind) -> list[str]:
    """The faults, those that cost many requests less often than the others."""
    costly = {"413"} | (STORING if kind is Kind.ADL_LRS else set())  # it must show each statement that it has
    return [name for name in FAULTS if name not in costly] * 6 + sorted(costly)


@every_kind
def test_a_hundred_thousand_statements_through_a_thousand_faults(kind: Kind) -> None:
    """100,000 statements arrive exactly once and in order while many a request fails, one way or another."""
    chance = random.Random(20260331)
    odd = chance.sample(range(MANY - 1), 90)
    told = story(MANY, invalid_at=odd[:30], conflict_at=odd[30:60], same_at=odd[60:])
    faults = ByChance(chance, 0.15, often_and_rarely(kind))
    source = MemorySource(told.statements)
    lrs = FaultyLrs(kind, faults, keeps_requests=False, stored=dict(told.had_before))

    with running(lrs), closing(client(lrs)) as adapter:
        done = run(adapter, source)

    told.holds_after(lrs, source)
    assert (done.delivered, done.rejected) == (MANY - 60, 60)
    assert lrs.faults >= 1000
    assert set(faults.happened) == set(FAULTS)


# All but the last: a bad one at the end cannot be told from an LRS that is down, where both are answered with 500.
positions = st.lists(st.integers(0, 38), unique=True, max_size=8)


@settings(max_examples=60)
@given(kind=st.sampled_from(Kind), data=st.data(), odd=positions, cuts=st.tuples(st.integers(0, 8), st.integers(0, 8)))
def test_any_sequence_of_faults_is_survived(
    kind: Kind, data: st.DataObject, odd: list[int], cuts: tuple[int, int]
) -> None:
    """Whichever faults follow one another, over whichever statements, nothing is lost, doubled or disordered."""
    first, second = sorted(cuts)
    told = story(40, invalid_at=odd[:first], conflict_at=odd[first:second], same_at=odd[second:])
    names = data.draw(st.lists(st.none() | st.sampled_from(sorted(FAULTS)), max_size=40))
    script = iter(names)
    chance = ByChance(random.Random(0), 1.0)

    def plan(request: Request) -> Fault | None:
        name = next(script, None)
        chance.names = (name,) if name is not None else ()
        return chance(request) if name is not None else None

    source = MemorySource(told.statements)
    lrs = FaultyLrs(kind, plan, stored=dict(told.had_before))
    with running(lrs), closing(client(lrs, batch_size=data.draw(st.integers(1, 40)))) as adapter:
        run(adapter, source)

    told.holds_after(lrs, source)


@every_kind
def test_nothing_is_asked_before_its_time(kind: Kind) -> None:
    """After a 429 no request comes before the time that the LRS asked for."""
    clockwork = Clockwork()
    asked_at = []

    def plan(_: Request) -> Fault | None:
        asked_at.append(clockwork.now)
        return FAULTS["429 by date"] if len(asked_at) in (2, 3) else None

    lrs = FaultyLrs(kind, plan)
    with running(lrs), closing(client(lrs)) as adapter:
        run(adapter, MemorySource(story(150).statements), clockwork=clockwork)

    assert (asked_at[2] - asked_at[1]).total_seconds() == 60
    assert len(lrs.stored) == 150
