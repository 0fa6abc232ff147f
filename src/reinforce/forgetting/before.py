"""What was known before each review: the memory and the counts from which its outcome is predicted."""

import numpy as np
from attrs import astuple, frozen

from reinforce.forgetting.curve import Flags, Floats, Ints, retrievability
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.practice_log import EXPOSURE, Log
from reinforce.forgetting.states import States
from reinforce.forgetting.step import AGAIN, step


@frozen(eq=False)
class Pairs:
    """The reviews of a log, learner-skill pair after pair, each pair's in the order of the calendar.

    Exposures are left out: nothing was asked in them, so nothing can be predicted, and they move no memory.

    Attributes:
        rows: the log's rows in this order; length = reviews.
        counts: how many reviews each pair has, at least 1; length = pairs.
        offsets: where each pair's reviews begin.
    """

    rows: Ints
    counts: Ints
    offsets: Ints

    @classmethod
    def of(cls, log: Log) -> "Pairs":
        """The pairs of a log."""
        asked = np.flatnonzero(log.rating != EXPOSURE)
        learner, skill = log.learner[asked], log.skill[asked]
        by_pair = np.lexsort((skill, learner))
        learner, skill = learner[by_pair], skill[by_pair]
        begins = np.ones(len(asked), dtype=bool)
        begins[1:] = (learner[1:] != learner[:-1]) | (skill[1:] != skill[:-1])
        offsets = np.flatnonzero(begins)
        return cls(asked[by_pair], np.diff(np.append(offsets, len(asked))), offsets)

    def number(self) -> Ints:
        """How many reviews of the same pair come before each review."""
        return np.arange(len(self.rows)) - np.repeat(self.offsets, self.counts)

    def elapsed(self, log: Log) -> Ints:
        """Calendar days between each review and the one before it of the same pair; 0 for the first."""
        day = log.day[self.rows]
        days = np.diff(day, prepend=day[:1])
        days[self.offsets] = 0
        return days


@frozen(eq=False)
class Before:
    """What was known before each review of a log, in the log's order without its exposures.

    Attributes:
        rows: which rows of the log these are.
        passed: whether the review went well: any rating but AGAIN.
        elapsed_days: calendar days since the pair's last review; 0 for its first.
        retrievability: FSRS's probability of recall; 1 where no day has passed; meaningless for a first review.
        difficulty: FSRS's, 1 to 10; meaningless for a first review.
        reviews: of the pair so far.
        passes: of the pair so far.
        days: calendar days on which the pair was practised so far.
    """

    rows: Ints
    passed: Floats
    elapsed_days: Ints
    retrievability: Floats
    difficulty: Floats
    reviews: Ints
    passes: Ints
    days: Ints

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, which: Ints) -> "Before":
        """Only these reviews; `which` rises."""
        return Before(*(column[which] for column in astuple(self, recurse=False)))

    @property
    def is_first(self) -> Flags:
        """Whether the pair was never reviewed before."""
        return np.asarray(self.reviews == 0)

    @property
    def is_later(self) -> Flags:
        """Whether the pair was reviewed on an earlier day: the reviews that a score counts."""
        return np.asarray((self.reviews > 0) & (self.elapsed_days > 0))


def before(forgetting: Forgetting, log: Log, elapsed: Ints | None = None) -> Before:
    """What was known before each review.

    Works in rounds, the n-th review of every pair at once.

    Args:
        forgetting: parameters and caps.
        log: the practice.
        elapsed: days between the reviews, in the order of `Pairs.of(log)`, counted in another way than by the
            calendar; None: calendar days.
    """
    pairs = Pairs.of(log)
    days_between = pairs.elapsed(log) if elapsed is None else elapsed
    rating, weight = log.rating[pairs.rows], log.weight[pairs.rows]
    known = _memory(forgetting, pairs, rating, days_between, weight)
    in_order = np.argsort(pairs.rows, kind="stable")
    return Before(
        rows=pairs.rows[in_order],
        passed=(rating > AGAIN).astype(np.float64)[in_order],
        elapsed_days=days_between[in_order],
        retrievability=known.retrievability[in_order],
        difficulty=known.states.difficulty[in_order],
        reviews=known.states.reviews[in_order],
        passes=known.states.passes[in_order],
        days=known.states.days[in_order],
    )


@frozen(eq=False)
class _Memory:
    """Retrievability and state before each review, pair after pair."""

    retrievability: Floats
    states: States


def _memory(forgetting: Forgetting, pairs: Pairs, rating: Ints, days_between: Ints, weight: Floats) -> _Memory:
    days_passed = np.cumsum(days_between)
    day = days_passed - np.repeat(days_passed[pairs.offsets], pairs.counts)
    longest_first = np.argsort(-pairs.counts, kind="stable")
    counts, offsets = pairs.counts[longest_first], pairs.offsets[longest_first]
    states = States.unknown(len(counts))
    recall, before_each = np.ones(len(rating)), States.unknown(len(rating))
    for number in range(int(counts[0]) if len(counts) else 0):
        active = slice(int(np.searchsorted(-counts, -number, side="left")))
        reviews = offsets[active] + number
        known = states.take(active)
        recall[reviews] = retrievability(day[reviews] - known.last_day, known.stability, forgetting.decay)
        before_each.put(reviews, known)
        states.put(active, step(forgetting, known, rating[reviews], day[reviews], weight[reviews]))
    return _Memory(recall, before_each)
