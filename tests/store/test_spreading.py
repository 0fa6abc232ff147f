"""Due days spread after a move: only for those before whom it would build a wall."""

import numpy as np

from reinforce.store.spreading import spread

TODAY = 20_000


def test_only_walls_are_spread() -> None:
    """Of two people, the one before whom there would be a wall gets three skills a day; the other's stay as solved."""
    walled, quiet = 7, 3
    learner = np.array([walled] * 9 + [quiet] * 3)
    before = np.arange(12) + TODAY + 5
    after = np.full(12, TODAY - 4)
    order = np.array([11, 0, 5, 9, 1, 7, 10, 2, 3, 8, 4, 6])
    days = spread(learner[order], np.full(12, TODAY), before[order], after[order])

    assert sorted(days[learner[order] == walled].tolist()) == [TODAY + day for day in (0, 0, 0, 1, 1, 1, 2, 2, 2)]
    assert (days[learner[order] == quiet] == TODAY - 4).all()


def test_what_is_due_already_or_later_stays() -> None:
    """A backlog, and what moves to later, are as solved, however many are due on one day."""
    learner, today = np.full(8, 1), np.full(8, TODAY)
    before = np.array([TODAY] * 4 + [TODAY + 2] * 4)
    after = np.array([TODAY - 9] * 4 + [TODAY + 6] * 4)

    assert np.array_equal(spread(learner, today, before, after), after)
