"""Memories that are made many at once, held against each alone."""

import tempfile
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce import Reinforcer
from reinforce.forgetting.single import FEW_PAIRS
from reinforce.store.folding import fold
from reinforce.store.means import Means
from reinforce.store.pair_rows import MemoryRow, Pair, ReviewRow
from reinforce.store.resolving import KnownSkill
from reinforce.store.session import Store

SEEDS = {learner: 1000 + learner for learner in range(8)}
SKILL_OF = {skill: KnownSkill(skill, f"skill-{skill}", 0.8 + skill / 50, 77 * skill) for skill in range(8)}
PAIRS = st.tuples(st.sampled_from(sorted(SEEDS)), st.sampled_from(sorted(SKILL_OF)))


@pytest.fixture(scope="module")
def means() -> Iterator[Means]:
    """Those of a new tenant."""
    with tempfile.TemporaryDirectory() as place:
        url = f"sqlite:///{place}/empty.db"
        with Reinforcer(url) as reinforcer:
            reinforcer.upgrade()
        store = Store(url, None, "default")
        with closing(store.database), store.write(0) as session:
            yield Means(session.parameters, SEEDS, SKILL_OF, None)


@st.composite
def reviews(draw: st.DrawFn, pair: Pair, first: int) -> list[ReviewRow]:
    """Reviews of a pair in order, of which a number tells when each came."""
    count = draw(st.integers(1, 4))
    return [
        ReviewRow(
            *pair,
            (first + place).to_bytes(16, "big"),
            20_000 + first + place,
            draw(st.integers(1, 4)),
            draw(st.sampled_from([1.0, 0.5])),
            0,
            draw(st.integers(1, 5)),
        )
        for place in range(count)
    ]


@given(st.data(), st.sets(PAIRS, min_size=FEW_PAIRS))
def test_many_memories_are_made_as_each_alone(means: Means, data: st.DataObject, pairs: set[Pair]) -> None:
    """Every column of a memory is the same whether its pair is folded alone or in arrays, known before or not."""
    earlier = {pair: data.draw(reviews(pair, 0)) for pair in sorted(pairs)[:: data.draw(st.integers(1, 3))]}
    before = {row[:2]: row for row in _each_alone(means, earlier, {})}
    later = {pair: data.draw(reviews(pair, 10)) for pair in pairs}

    assert fold(means, later, before) == _each_alone(means, later, before)


def _each_alone(means: Means, by_pair: dict[Pair, list[ReviewRow]], before: dict[Pair, MemoryRow]) -> list[MemoryRow]:
    return [row for pair, rows in by_pair.items() for row in fold(means, {pair: rows}, before)]
