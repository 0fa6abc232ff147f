"""Whole histories of many pairs, folded into memory states."""

import numpy as np
from attrs import frozen

from reinforce.forgetting.curve import Floats, Ints
from reinforce.forgetting.interval import Seeds, fuzzed, interval_days
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.single import Single, step_single
from reinforce.forgetting.states import States
from reinforce.forgetting.step import step

FEW_PAIRS = 12
"""With fewer pairs in a round, plain numbers are quicker than arrays, and give the same bits."""


@frozen(eq=False)
class Histories:
    """The reviews of many pairs, pair after pair, each in its order of time.

    Attributes:
        counts: how many reviews each pair has, at least 1; length = pairs.
        rating: 1 to 4; length = reviews.
        day: days since 1970-01-01; length = reviews.
        weight: above 0 to 1; length = reviews.
    """

    counts: Ints
    rating: Ints
    day: Ints
    weight: Floats


def fold(forgetting: Forgetting, histories: Histories, start: States | None = None) -> States:
    """The memory states that the histories lead to, in the order of the pairs.

    Works in rounds, the n-th review of every pair at once; pairs are put in order of length so that the
    pairs of a round lie side by side.

    Args:
        forgetting: parameters and caps.
        histories: the reviews.
        start: the states before the first of these reviews; None: nothing was known.
    """
    counts = histories.counts
    longest_first = np.argsort(-counts, kind="stable")
    offsets = (np.cumsum(counts) - counts)[longest_first]
    states = States.unknown(len(counts)) if start is None else start.take(longest_first)
    sorted_counts = counts[longest_first]
    rounds = int(sorted_counts[0]) if len(counts) else 0
    active_in_round = np.searchsorted(-sorted_counts, -np.arange(rounds), side="left")
    for number, active in enumerate(active_in_round.tolist()):
        if active < FEW_PAIRS:
            _finish(forgetting, histories, states, offsets[:active], sorted_counts[:active], number)
            break
        reviews = offsets[:active] + number
        after = step(
            forgetting,
            states.take(slice(active)),
            histories.rating[reviews],
            histories.day[reviews],
            histories.weight[reviews],
        )
        states.put(slice(active), after)
    back = np.empty_like(longest_first)
    back[longest_first] = np.arange(len(longest_first))
    return states.take(back)


def _finish(
    forgetting: Forgetting, histories: Histories, states: States, offsets: Ints, counts: Ints, done: int
) -> None:
    """Fold the last reviews of the few pairs with the longest histories, one pair after the other, in place."""
    for place, (offset, count) in enumerate(zip(offsets.tolist(), counts.tolist(), strict=True)):
        state = Single(
            float(states.stability[place]),
            float(states.difficulty[place]),
            int(states.last_day[place]),
            int(states.reviews[place]),
            int(states.lapses[place]),
            int(states.passes[place]),
            int(states.days[place]),
        )
        rest = slice(offset + done, offset + count)
        for rating, day, weight in zip(
            histories.rating[rest].tolist(), histories.day[rest].tolist(), histories.weight[rest].tolist(), strict=True
        ):
            state = step_single(forgetting, state, rating, day, weight)
        states.stability[place] = state.stability
        states.difficulty[place] = state.difficulty
        states.last_day[place] = state.last_day
        states.reviews[place] = state.reviews
        states.lapses[place] = state.lapses
        states.passes[place] = state.passes
        states.days[place] = state.days


def due_days(forgetting: Forgetting, states: States, desired_retention: Floats, seeds: Seeds) -> Ints:
    """The calendar day on which each pair is due, in days since 1970-01-01."""
    interval = interval_days(states.stability, desired_retention, forgetting)
    if forgetting.fuzz:
        interval = fuzzed(interval, seeds, states.reviews, forgetting.maximum_interval_days)
    return states.last_day + interval
