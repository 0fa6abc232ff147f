"""Whole histories of many pairs, folded into memory states."""

import numpy as np
from attrs import frozen

from reinforce.forgetting.curve import BLOCK, Floats, Ints
from reinforce.forgetting.foresight import Seen, calibrated_interval_days
from reinforce.forgetting.interval import Seeds, fuzzed, interval_days
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.single import FEW_PAIRS, Single, step_single
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

    Pairs are put in order of length, so that the pairs of a round lie side by side, and folded in blocks that the
    processor's cache holds.

    Args:
        forgetting: parameters and caps.
        histories: the reviews.
        start: the states before the first of these reviews; None: nothing was known.
    """
    longest_first = _longest_first(histories.counts)
    offsets = np.cumsum(histories.counts) - histories.counts
    states = States.unknown(len(histories.counts))
    # Where all weights are 1, as they mostly are, looking each up costs a tenth of all the time.
    same_weight = np.ones(BLOCK) if (histories.weight == 1.0).all() else None
    for begin in range(0, len(longest_first), BLOCK):
        pairs = longest_first[begin : begin + BLOCK]
        block = States.unknown(len(pairs)) if start is None else start.take(pairs)
        _fold_block(forgetting, histories, block, offsets[pairs], histories.counts[pairs], same_weight)
        states.put(pairs, block)
    return states


def _longest_first(counts: Ints) -> Ints:
    shorter_by = counts.max(initial=0) - counts
    # NumPy sorts 16 bits by their digits, six times as fast.
    narrow = shorter_by.astype(np.uint16) if shorter_by.max(initial=0) < 2**16 else shorter_by
    return np.asarray(np.argsort(narrow, kind="stable"))


def _fold_block(
    forgetting: Forgetting,
    histories: Histories,
    states: States,
    offsets: Ints,
    counts: Ints,
    same_weight: Floats | None,
) -> None:
    """Fold pairs, of which the longest histories come first, in place.

    Works in rounds, the n-th review of every pair at once.
    """
    active_in_round = np.searchsorted(-counts, -np.arange(int(counts[0])), side="left")
    for number, active in enumerate(active_in_round.tolist()):
        if active < FEW_PAIRS:
            _finish(forgetting, histories, states, offsets[:active], counts[:active], number)
            break
        reviews = offsets[:active] + number
        after = step(
            forgetting,
            states.take(slice(active)),
            histories.rating[reviews],
            histories.day[reviews],
            histories.weight[reviews] if same_weight is None else same_weight[:active],
        )
        states.put(slice(active), after)


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


def due_days(
    forgetting: Forgetting, states: States, desired_retention: Floats, seeds: Seeds, seen: Seen | None = None
) -> Ints:
    """The calendar day on which each pair is due, in days since 1970-01-01.

    Args:
        forgetting: parameters and caps.
        states: of the pairs.
        desired_retention: of each pair.
        seeds: of each pair.
        seen: how calibration sees them; None: the due days are FSRS's own.
    """
    interval = interval_days(states.stability, desired_retention, forgetting)
    if seen is not None:
        interval = calibrated_interval_days(seen.view, forgetting, seen.standing(states), desired_retention, interval)
    if forgetting.fuzz:
        interval = fuzzed(interval, seeds, states.reviews, forgetting.maximum_interval_days)
    return states.last_day + interval
