"""A log of practice: what it takes and what it refuses."""

from typing import Any

import numpy as np
import pytest

from forgetting.py_fsrs import ScalarMemory
from reinforce.errors import InvalidValue
from reinforce.forgetting.before import Pairs, before
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.practice_log import EXPOSURE, Log


def test_a_log_is_put_in_the_order_of_the_calendar() -> None:
    """A clock that was put back does no harm: each row counts on its day, rows of a day keep their order."""
    log = Log.of([0, 0, 0, 0], [1, 2, 3, 4], [5, 7, 5, 6], [3, 3, 3, 3])

    assert log.day.tolist() == [5, 5, 6, 7]
    assert log.skill.tolist() == [1, 3, 4, 2]


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("rating", 5, "rating must be from 0 to 4, not 5 .row 2."),
        ("rating", -1, "rating must be from 0 to 4"),
        ("rating", 2.5, "rating must hold whole numbers, not 2.5"),
        ("rating", "good", "rating must hold numbers"),
        ("day", float("nan"), "day must hold finite numbers"),
        ("day", 10**9, "day must be from"),
        ("learner", -1, "learner must be from 0"),
        ("weight", 0.0, "weight must be above 0 to 1"),
        ("weight", 1.5, "weight must be above 0 to 1"),
    ],
)
def test_what_makes_no_sense_is_refused(column: str, value: Any, says: str) -> None:
    """A rating outside of 1 to 4, a day that is no number, a weight of 0: each is refused with its name."""
    columns: dict[str, Any] = {name: [1, 1, 1] for name in ("learner", "skill", "day", "rating", "weight")}
    columns[column] = [1, value, 1]

    with pytest.raises(InvalidValue, match=says):
        Log.of(**columns)


def test_columns_of_different_lengths_are_refused() -> None:
    """A column that is too short is named."""
    with pytest.raises(InvalidValue, match="skill has 1 rows, but day has 2"):
        Log.of([0, 0], [0], [1, 2], [3, 3])


def test_what_was_known_before_is_what_fsrs_says() -> None:
    """Retrievability and difficulty before each review are py-fsrs's, review by review."""
    day, rating = [0, 0, 3, 10, 11, 30], [3, 1, 3, 4, 2, 1]
    known = before(Forgetting(), Log.of([0] * 6, [0] * 6, day, rating))

    memory = ScalarMemory(Forgetting())
    for place in range(6):
        if place:
            recall = memory.retrievability(day[place])
            assert recall is not None
            assert known.retrievability[place] == pytest.approx(recall, rel=1e-12)
            assert known.difficulty[place] == pytest.approx(memory.difficulty, rel=1e-12)
        memory.review(rating[place], day[place])


def test_counts_before_each_review() -> None:
    """Reviews, passes and days are counted for each pair, and exposures are left out."""
    log = Log.of([0, 0, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0], [1, 1, 1, 2, 3, 3], [3, 1, 3, EXPOSURE, 3, 3])

    known = before(Forgetting(), log)

    assert known.rows.tolist() == [0, 1, 2, 4, 5]
    assert known.reviews.tolist() == [0, 1, 0, 2, 3]
    assert known.passes.tolist() == [0, 1, 0, 1, 2]
    assert known.days.tolist() == [0, 1, 0, 1, 2]
    assert known.elapsed_days.tolist() == [0, 0, 0, 2, 0]
    assert known.is_later.tolist() == [False, False, False, True, False]


def test_a_log_of_nothing() -> None:
    """No rows, or exposures only, give no reviews and no error."""
    assert len(before(Forgetting(), Log.of([], [], [], []))) == 0
    assert len(Pairs.of(Log.of([0], [0], [0], [EXPOSURE])).rows) == 0
    assert np.isfinite(before(Forgetting(), Log.of([0], [0], [0], [3])).retrievability).all()
