"""Whole histories of many pairs, folded into memory states."""

import numpy as np
from attrs import frozen

from reinforce.forgetting.curve import Floats, Ints
from reinforce.forgetting.interval import Seeds, fuzzed, interval_days
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.states import States
from reinforce.forgetting.step import step


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


def due_days(forgetting: Forgetting, states: States, desired_retention: Floats, seeds: Seeds) -> Ints:
    """The calendar day on which each pair is due, in days since 1970-01-01."""
    interval = interval_days(states.stability, desired_retention, forgetting)
    if forgetting.fuzz:
        interval = fuzzed(interval, seeds, states.reviews, forgetting.maximum_interval_days)
    return states.last_day + interval
