"""The work of the weeks to come is counted, and always the same."""

import numpy as np

from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.states import States
from reinforce.forgetting.workload import Ahead, reviews_per_week

TODAY = 20_000


def ahead(stability: list[float], due: list[int]) -> Ahead:
    """Memories of such stabilities, last practised a month ago and due on such days from today."""
    count = len(stability)
    states = States(
        np.array(stability),
        np.full(count, 5.0),
        np.full(count, TODAY - 30),
        np.full(count, 4),
        np.zeros(count, dtype=np.int64),
        np.full(count, 4),
        np.full(count, 4),
    )
    return Ahead(
        states,
        np.array(due) + TODAY,
        np.full(count, 0.9),
        np.arange(count).astype(np.uint64) * np.uint64(7919),
        np.full(count, TODAY),
    )


def test_weeks() -> None:
    """What is overdue is practised this week, what is due in ten days next week, what is due later never."""
    counts = reviews_per_week(Forgetting(), ahead([1e4, 1e4, 1e4], [-9, 10, 56]), 8)
    assert counts[:, :2].tolist() == [[1, 0], [0, 1], [0, 0]]
    assert counts[2].sum() == 0


def test_what_is_failed_comes_again() -> None:
    """Of 2,000 memories that are due at 90 %, about a tenth fails and is practised again within days."""
    counts = reviews_per_week(Forgetting(), ahead([30.0] * 2000, [0] * 2000), 1)
    again = (counts[:, 0] > 1).mean()
    assert 0.08 < again < 0.12


def test_the_same_again() -> None:
    """The same memories give the same numbers, alone as among others."""
    many = ahead([1.0, 5.0, 30.0, 200.0] * 50, [0, 3, 5, 40] * 50)
    counts = reviews_per_week(Forgetting(), many, 8)
    assert counts.sum() > 500
    one = ahead([1.0, 5.0, 30.0, 200.0], [0, 3, 5, 40])
    assert np.array_equal(counts[:4], reviews_per_week(Forgetting(), one, 8))


def test_the_present_is_not_changed() -> None:
    """Looking ahead leaves the memories as they were."""
    given = ahead([5.0] * 10, [0] * 10)
    reviews_per_week(Forgetting(), given, 8)
    assert given.states.stability.tolist() == [5.0] * 10
    assert given.states.reviews.tolist() == [4] * 10
