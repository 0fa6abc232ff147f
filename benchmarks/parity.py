"""Our step beside py-fsrs's, on random reviews of all kinds: how far the two differ, and whether a due day does.

    python benchmarks/parity.py [--reviews 1000000]

Ten reviews a pair; a third of them on the day of the last one, all ratings, gaps of up to two years; one pair in three
has reviews of less than full weight. py-fsrs knows none of these: what it makes of the full review is moved part of the
way by the formula of decision record 10, in plain Python, before it goes on.
"""

import argparse
import math
from datetime import UTC, datetime, timedelta

import numpy as np
from fsrs import Card, Rating, Scheduler, State
from measuring import table, verdict

from reinforce.forgetting.curve import Floats, Ints
from reinforce.forgetting.fold import due_days
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.states import States
from reinforce.forgetting.step import step

FORGETTING = Forgetting(maximum_interval_days=36500, fuzz=False)
DAY_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
ROUNDS = 10
LARGEST = 1e-9
RETENTION = 0.9


def round_of(random: np.random.Generator, pairs: int, last_day: Ints) -> tuple[Ints, Ints, Floats]:
    """One review of each pair: rating, day, and weight."""
    gap = np.where(random.random(pairs) < 1 / 3, 0, np.ceil(np.exp(random.uniform(0.0, np.log(730.0), pairs))))
    weight = np.where(np.arange(pairs) % 3 == 0, random.uniform(0.01, 1.0, pairs), 1.0)
    return random.integers(1, 5, pairs), last_day + gap.astype(np.int64), weight


def by_peer(scheduler: Scheduler, card: Card, rating: int, day: int, weight: float) -> tuple[Card, int]:
    """The card after a review, moved part of the way if its weight is below 1; and the day on which it is due."""
    before = card
    at = DAY_ZERO + timedelta(days=day)
    card, _ = scheduler.review_card(card, Rating(rating), at)
    if weight == 1.0:
        return card, (card.due - DAY_ZERO).days
    assert card.stability is not None
    assert card.difficulty is not None
    if before.stability is None or before.difficulty is None or before.last_review is None:
        card.stability = max(card.stability * weight, 0.001)
    else:
        elapsed = max((at - before.last_review).days, 0)
        card.stability = math.exp((1.0 - weight) * math.log(before.stability) + weight * math.log(card.stability))
        card.difficulty = before.difficulty + weight * (card.difficulty - before.difficulty)
        card.last_review = before.last_review + timedelta(days=math.floor(weight * elapsed))
    assert card.last_review is not None
    return card, (card.last_review - DAY_ZERO).days + interval(card.stability)


def interval(stability: float) -> int:
    """FSRS-6's interval for the retention that is aimed at, as py-fsrs rounds it."""
    decay = FORGETTING.decay
    factor = 0.9 ** (-1.0 / decay) - 1.0
    days: int = round(stability / factor * (RETENTION ** (-1.0 / decay) - 1.0))
    return min(max(days, 1), FORGETTING.maximum_interval_days)


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--reviews", type=int, default=1_000_000)
    pairs = parser.parse_args().reviews // ROUNDS
    random = np.random.Generator(np.random.PCG64(20261122))
    scheduler = Scheduler(
        learning_steps=(),
        relearning_steps=(),
        maximum_interval=36500,
        enable_fuzzing=False,
        desired_retention=RETENTION,
    )
    cards = [Card(card_id=1, state=State.Learning) for _ in range(pairs)]
    states, retention, seeds = States.unknown(pairs), np.full(pairs, RETENTION), np.zeros(pairs, dtype=np.uint64)
    last_day = np.full(pairs, 20_000)
    largest = {"stability": 0.0, "difficulty": 0.0}
    other_days = same_day = partly = 0
    for number in range(ROUNDS):
        rating, day, weight = round_of(random, pairs, last_day)
        same_day += 0 if number == 0 else int((day == states.last_day).sum())
        partly += int((weight < 1.0).sum())
        states = step(FORGETTING, states, rating, day, weight)
        ours = due_days(FORGETTING, states, retention, seeds)
        theirs = np.empty(pairs, dtype=np.int64)
        for place, given in enumerate(zip(rating.tolist(), day.tolist(), weight.tolist(), strict=True)):
            cards[place], theirs[place] = by_peer(scheduler, cards[place], *given)
        for name in largest:
            reference = np.array([getattr(card, name) for card in cards])
            difference = float(np.max(np.abs(getattr(states, name) / reference - 1.0)))
            largest[name] = max(largest[name], difference)
        other_days += int((ours != theirs).sum())
        last_day = states.last_day
    print(f"{pairs * ROUNDS:,} reviews, {same_day:,} on the day of the last one, {partly:,} of less than full weight")
    rows = [
        (f"largest relative difference of {name}", f"{value:.1e}", f"{LARGEST:.0e}", verdict(value <= LARGEST))
        for name, value in largest.items()
    ]
    table(
        ("", "measured", "target", ""), [*rows, ("due on another day", f"{other_days}", "0", verdict(not other_days))]
    )


if __name__ == "__main__":
    main()
