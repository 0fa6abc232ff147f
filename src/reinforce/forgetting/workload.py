"""How much there will be to practise in the weeks to come, if everything is practised on the day it is due."""

import numpy as np
from attrs import frozen

from reinforce.forgetting.curve import Floats, Ints, retrievability
from reinforce.forgetting.fold import due_days
from reinforce.forgetting.interval import Seeds, fractions
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.states import States
from reinforce.forgetting.step import AGAIN, GOOD, step

WEEK = 7
_OUTCOMES = np.uint64(0x5851F42D4C957F2D)
"""Turns a pair's seed, so that what it passes is not what its fuzz is drawn from."""


@frozen(eq=False)
class Ahead:
    """Memories, and what decides how they go on; all arrays have the same length.

    Attributes:
        states: now.
        due_day: on which each is due; from there on the parameters say.
        desired_retention: of each skill.
        seeds: of each pair.
        today: the learner's calendar day.
    """

    states: States
    due_day: Ints
    desired_retention: Floats
    seeds: Seeds
    today: Ints


def reviews_per_week(forgetting: Forgetting, ahead: Ahead, weeks: int) -> Ints:
    """How often each pair will be practised in each of the weeks from today on; shape (pairs, weeks).

    What is due is practised on that day, what is overdue today. It passes with the probability of recall, drawn by the
    pair's seed and number of reviews, so that the same memories always give the same numbers.
    """
    counts = np.zeros((len(ahead.states), weeks), dtype=np.int64)
    place = np.arange(len(ahead.states))
    states, due = ahead.states, np.maximum(ahead.due_day, ahead.today)
    while len(place):
        is_near = due < ahead.today[place] + WEEK * weeks
        place, due = place[is_near], due[is_near]
        if not len(place):
            break
        known = states.take(np.flatnonzero(is_near))
        counts[place, (due - ahead.today[place]) // WEEK] += 1
        recall = retrievability(due - known.last_day, known.stability, forgetting.decay)
        passed = fractions(ahead.seeds[place] ^ _OUTCOMES, known.reviews) < recall
        states = step(forgetting, known, np.where(passed, GOOD, AGAIN), due, np.ones(len(place)))
        due = due_days(forgetting, states, ahead.desired_retention[place], ahead.seeds[place])
    return counts


@frozen
class WeekOfWork:
    """What all learners together have to practise in a week, with the present parameters and with others.

    Attributes:
        week: 1 is the one that begins today.
    """

    week: int
    reviews_before: int
    reviews_after: int
    minutes_before: float
    minutes_after: float


@frozen
class LearnerLoad:
    """What one learner has to practise in all of the weeks, with the present parameters and with others.

    Attributes:
        learner: key.
        largest_day_before: the most skills that are due on one day from today on; what is overdue is due today.
        largest_day_after: the same with the other parameters, once the wall is spread.
    """

    learner: str
    reviews_before: int
    reviews_after: int
    minutes_before: float
    minutes_after: float
    largest_day_before: int
    largest_day_after: int


@frozen
class WorkloadChange:
    """What adopting a parameter set would change.

    Attributes:
        parameter_set: its id.
        replaces: id of the present one.
        learners: how many there are.
        memories: how many memories would have another due day.
        postponed: how many of these would be put on a later day than the set says, to spread a wall.
        largest_day: the most skills of one learner on one day: now, with the set, and with the wall spread.
        weeks: the weeks to come, the first begins today.
        jumps: the learners whose reviews would rise most, first the largest.
    """

    parameter_set: int
    replaces: int
    learners: int
    memories: int
    postponed: int
    largest_day: tuple[int, int, int]
    weeks: tuple[WeekOfWork, ...]
    jumps: tuple[LearnerLoad, ...]
