"""Replaying whole histories from arrays, beside py-fsrs's `review_card` in the same run.

    python benchmarks/replay.py [--pairs 1000000] [--rounds 5]

Ten reviews a pair on average, geometrically spread, a seventh of them on the day of the last one. Rates are by
processor time, so that other work on the machine hardly touches them. Then a single pair of 200,000 reviews, what
memory a replay takes, and the retrievability of many states beside NumPy's bare `power`.

On two cores two processes fold half of the pairs each, as the shards of a nightly run do; what counts is the slower
one's processor time, and the clock's is beside it: on a quiet machine they agree.
"""

import argparse
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from statistics import median

import numpy as np
from attrs import frozen
from fsrs import Card, Rating, Scheduler
from measuring import table, verdict

from reinforce.forgetting.curve import retrievability
from reinforce.forgetting.fold import Histories, due_days, fold
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.states import States

FORGETTING = Forgetting(maximum_interval_days=36500, fuzz=False)
DAY_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
PEER_PAIRS = 10_000
STATES = 10_000_000
Clock = Callable[[], float]


@frozen
class Line:
    """A figure beside its target."""

    name: str
    value: str
    target: str
    is_reached: bool


def made_up(pairs: int, seed: int = 1) -> Histories:
    """Histories of ten reviews on average."""
    random = np.random.Generator(np.random.PCG64(seed))
    counts = random.geometric(0.1, pairs).astype(np.int64)
    reviews = int(counts.sum())
    rating = random.choice(np.arange(1, 5), reviews, p=[0.15, 0.1, 0.6, 0.15])
    day = np.cumsum(random.choice(np.array([0, 1, 2, 5, 12, 30, 80]), reviews))
    day -= np.repeat(day[np.cumsum(counts) - counts], counts) - 10_000
    return Histories(counts, rating, day, np.ones(reviews))


def first(histories: Histories, pairs: int) -> Histories:
    """The histories of the first pairs."""
    reviews = slice(int(histories.counts[:pairs].sum()))
    return Histories(
        histories.counts[:pairs], histories.rating[reviews], histories.day[reviews], histories.weight[reviews]
    )


def by_peer(histories: Histories) -> list[Card]:
    """The same with py-fsrs, card after card."""
    scheduler = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    cards, begin = [], 0
    ratings, days = histories.rating.tolist(), histories.day.tolist()
    for count in histories.counts.tolist():
        card = Card(card_id=1)
        for rating, day in zip(ratings[begin : begin + count], days[begin : begin + count], strict=True):
            card, _ = scheduler.review_card(card, Rating(rating), DAY_ZERO + timedelta(days=day))
        cards.append(card)
        begin += count
    return cards


def ours(histories: Histories) -> States:
    """States and due days from the histories."""
    states = fold(FORGETTING, histories)
    due_days(FORGETTING, states, np.full(len(states), 0.9), np.zeros(len(states), dtype=np.uint64))
    return states


def rate(clock: Clock, reviews: int, work: Callable[[], object]) -> float:
    """Reviews a second."""
    begin = clock()
    work()
    return reviews / (clock() - begin)


def worker(pairs: int, number: int, wire: Connection) -> None:
    """Fold histories of one's own whenever told to, in a process of its own; says at first how many reviews."""
    histories = made_up(pairs, seed=number)
    wire.send(len(histories.rating))
    while wire.recv():
        begin = time.process_time()
        ours(histories)
        wire.send(time.process_time() - begin)


@contextmanager
def workers(pairs: int) -> Iterator[tuple[int, Callable[[], float]]]:
    """Two processes with half of the pairs each: how many reviews they have, and what makes both fold them.

    The latter gives the processor time of the slower one.
    """
    context = get_context("spawn")
    wires = []
    for number in (1, 2):
        wire, far = context.Pipe()
        context.Process(target=worker, args=(pairs // 2, number, far), daemon=True).start()
        wires.append(wire)

    def work() -> float:
        for wire in wires:
            wire.send(True)
        return max(float(wire.recv()) for wire in wires)

    yield sum(wire.recv() for wire in wires), work
    for wire in wires:
        wire.send(False)


def line(cores: str, reviews: int, found: Sequence[tuple[float, float]], least: float) -> Line:
    """The median of the ratios of our rate to the peer's, round by round."""
    ratio = median(our_rate / peer_rate for our_rate, peer_rate in found)
    our_rate, peer_rate = (median(column) for column in zip(*found, strict=True))
    value = f"{our_rate / 1e6:.1f} M/s, py-fsrs {peer_rate:,.0f}/s: {ratio:.0f} x"
    return Line(f"replay of {reviews:,} reviews, {cores}", value, f"{least:.0f} x", ratio >= least)


def replays(histories: Histories, rounds: int) -> list[Line]:
    """Whole histories on one core and on two, in turns with the peer."""
    sample = first(histories, PEER_PAIRS)
    reviews, peers = len(histories.rating), len(sample.rating)
    cpu, clock = time.process_time, time.perf_counter
    alone = [
        (rate(cpu, reviews, lambda: ours(histories)), rate(cpu, peers, lambda: by_peer(sample))) for _ in range(rounds)
    ]
    with workers(len(histories.counts)) as (both, work):
        work()
        together = [(both / work(), rate(cpu, peers, lambda: by_peer(sample))) for _ in range(rounds)]
        by_clock = [(rate(clock, both, work), rate(clock, peers, lambda: by_peer(sample))) for _ in range(rounds)]
    return [
        line("1 core", reviews, alone, 150.0),
        line("2 cores", both, together, 280.0),
        line("2 cores by the clock", both, by_clock, 280.0),
    ]


def agreement(histories: Histories) -> Line:
    """How far the states are from py-fsrs's, on a sample."""
    sample = first(histories, PEER_PAIRS)
    cards = by_peer(sample)
    states = ours(sample)
    difference = max(
        float(np.max(np.abs(states.stability / np.array([card.stability for card in cards]) - 1.0))),
        float(np.max(np.abs(states.difficulty / np.array([card.difficulty for card in cards]) - 1.0))),
    )
    return Line("largest relative difference to py-fsrs", f"{difference:.1e}", "1e-9", difference <= 1e-9)


def longest() -> Line:
    """One pair whose history is long."""
    random = np.random.Generator(np.random.PCG64(3))
    reviews = 200_000
    history = Histories(
        np.array([reviews]),
        random.choice(np.arange(1, 5), reviews),
        np.cumsum(random.integers(0, 3, reviews)),
        np.ones(reviews),
    )
    begin = time.process_time()
    states = fold(FORGETTING, history)
    took = time.process_time() - begin
    is_whole = bool(states.reviews[0] == reviews and np.isfinite(states.stability[0]))
    return Line(f"one pair of {reviews:,} reviews", f"{took:.2f} s", "a finite state", is_whole)


def memory(histories: Histories) -> Line:
    """What a replay takes at most, with its input and its result, as a multiple of the input."""
    size = sum(column.nbytes for column in (histories.counts, histories.rating, histories.day, histories.weight))
    tracemalloc.start()
    fold(FORGETTING, histories)
    share = 1.0 + tracemalloc.get_traced_memory()[1] / size
    tracemalloc.stop()
    return Line("memory, of the input arrays", f"{share:.2f} x", "3 x", share <= 3.0)


def recall(rounds: int) -> Line:
    """The retrievability of many states beside a bare power of as many numbers."""
    random = np.random.Generator(np.random.PCG64(5))
    stability, elapsed = random.uniform(0.5, 300, STATES), random.integers(0, 400, STATES)
    decay = FORGETTING.decay
    bare, whole = [], []
    for _ in range(rounds + 1):
        begin = time.process_time()
        np.power(stability, -decay)
        bare.append(time.process_time() - begin)
        begin = time.process_time()
        retrievability(elapsed, stability, decay)
        whole.append(time.process_time() - begin)
    ratio = median(one / other for one, other in zip(whole[1:], bare[1:], strict=True))
    value = f"{median(whole) / STATES * 1e9:.1f} ns, power {median(bare) / STATES * 1e9:.1f} ns: {ratio:.2f} x"
    return Line(f"retrievability of {STATES:,} states", value, "2 x", ratio <= 2.0)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    histories = made_up(given.pairs)
    lines = replays(histories, given.rounds)
    lines += [agreement(histories), longest(), memory(histories), recall(given.rounds)]
    table(("", "measured", "target", ""), [(one.name, one.value, one.target, verdict(one.is_reached)) for one in lines])


if __name__ == "__main__":
    main()
