"""What would happen: each rating next time, and each day without practice."""

import numpy as np

from reinforce.forgetting.curve import retrievability
from reinforce.forgetting.fold import due_days
from reinforce.forgetting.foresight import Seen, expected
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.states import States
from reinforce.forgetting.step import step
from reinforce.model.days import date_of
from reinforce.model.memory import WhatIf
from reinforce.model.practice import Rating


def next_time(
    forgetting: Forgetting, state: States, day: int, desired_retention: float, seed: int, seen: Seen | None = None
) -> tuple[WhatIf, ...]:
    """What each rating would do to a memory if the skill were practised on a calendar day.

    Args:
        forgetting: parameters and caps.
        state: of one pair; `States.unknown(1)` if it was never practised.
        day: days since 1970-01-01.
        desired_retention: of the skill.
        seed: of the pair.
        seen: how calibration sees the pair; None: the due days are FSRS's own.
    """
    count = len(Rating)
    after = step(
        forgetting,
        state.take(np.zeros(count, dtype=np.int64)),
        np.array(list(Rating)),
        np.full(count, day),
        np.ones(count),
    )
    seeds = np.full(count, seed, dtype=np.uint64)
    each = None if seen is None else Seen(seen.view, np.repeat(seen.learner, count), np.repeat(seen.skill, count))
    due = due_days(forgetting, after, np.full(count, desired_retention), seeds, each)
    columns = zip(Rating, after.stability.tolist(), after.difficulty.tolist(), due.tolist(), strict=True)
    return tuple(
        WhatIf(rating, stability, difficulty, date_of(due_day), due_day - day)
        for rating, stability, difficulty, due_day in columns
    )


def curve(forgetting: Forgetting, state: States, days: int, seen: Seen | None = None) -> list[float]:
    """The probability of recall of one pair on the day of practice and on each of so many days after it."""
    elapsed = np.arange(days + 1)
    if seen is None:
        return retrievability(elapsed, state.stability, forgetting.decay).tolist()  # type: ignore[no-any-return]
    return expected(seen.view, forgetting, seen.standing(state), elapsed).tolist()  # type: ignore[no-any-return]
