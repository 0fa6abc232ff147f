"""The log loss of FSRS-6's weights on a log, and its slope in each of the 21 of them.

Forward, the histories are folded in rounds, the n-th review of every pair at once, as `fold` does; backward, the
rounds are gone through again from the last to the first, and each adjoint is that of FSRS's own formula in `step`
(reverse-mode differentiation by hand). One gradient costs about as much as three folds, whatever the number of weights.
"""

import numpy as np
from attrs import frozen

from reinforce.forgetting.before import Pairs
from reinforce.forgetting.curve import STABILITY_RETENTION, Flags, Floats, Ints
from reinforce.forgetting.metrics import SUREST
from reinforce.forgetting.practice_log import Log
from reinforce.forgetting.step import AGAIN, DIFFICULTY_MAX, DIFFICULTY_MIN, EASY, HARD, STABILITY_MIN

STABILITY_MAX = 36500.0


@frozen(eq=False)
class Rounds:
    """The reviews that weights are fitted on, round after round, in each round the longest histories first.

    Attributes:
        ends: where each round ends.
        rating: 1 to 4.
        elapsed: days since that from which forgetting counts.
        weight: how far each review moves the memory.
        importance: how much each review counts in the loss; 0 where it is not scored.
        place: which of the scored reviews it is, in the order of time; -1 where it is not scored.
        pair: number of the pair.
    """

    ends: tuple[int, ...]
    rating: Ints
    elapsed: Floats
    weight: Floats
    importance: Floats
    place: Ints
    pair: Ints

    @classmethod
    def of(cls, log: Log, importance: Floats | None = None) -> "Rounds":
        """The reviews of a log that weights can be fitted on.

        Args:
            log: the practice.
            importance: of each scored review, in the order of time; None: all 1.
        """
        pairs = Pairs.of(log)
        rating, weight = log.rating[pairs.rows], log.weight[pairs.rows]
        number, between = pairs.number(), pairs.elapsed(log)
        scored = np.flatnonzero((number > 0) & (between > 0))
        place = np.full(len(rating), -1)
        place[scored[np.argsort(pairs.rows[scored], kind="stable")]] = np.arange(len(scored))
        counts = np.ones(len(scored)) if importance is None else importance
        pair = np.repeat(np.arange(len(pairs.counts)), pairs.counts)
        # What comes after the last scored review of a pair teaches nothing.
        last = np.full(len(pairs.counts), -1)
        np.maximum.at(last, pair[scored], number[scored])
        kept = np.flatnonzero(number <= last[pair])
        order = kept[np.lexsort((pair[kept], -last[pair[kept]], number[kept]))]
        ends = np.cumsum(np.bincount(number[order])) if len(order) else np.array([], dtype=np.int64)
        rounds = cls(
            tuple(ends.tolist()),
            rating[order],
            between[order].astype(np.float64),
            weight[order],
            np.where(place[order] >= 0, counts[np.maximum(place[order], 0)] if len(counts) else 0.0, 0.0),
            place[order],
            pair[order],
        )
        rounds._count_from_the_covered_day()
        return rounds

    def _count_from_the_covered_day(self) -> None:
        """After a review of weight below 1 forgetting counts from a day before it; see `step`."""
        if np.all(self.weight == 1.0):
            return
        begin = self.ends[0]
        left = np.zeros(begin)
        for end in self.ends[1:]:
            active = slice(begin, end)
            self.elapsed[active] += left[: end - begin]
            left[: end - begin] = self.elapsed[active] - np.floor(self.weight[active] * self.elapsed[active])
            begin = end

    def parts(self) -> list[slice]:
        """Where the reviews of each round lie."""
        return [slice(begin, end) for begin, end in zip((0, *self.ends), self.ends, strict=False)]

    def sample(self, which: Flags) -> "Rounds":
        """The rounds of some of the pairs."""
        kept = which[self.pair]
        ends = np.cumsum([int(kept[part].sum()) for part in self.parts()])
        ends = ends[: int(np.count_nonzero(np.diff(ends, prepend=0)))]
        return Rounds(
            tuple(ends.tolist()),
            self.rating[kept],
            self.elapsed[kept],
            self.weight[kept],
            self.importance[kept],
            self.place[kept],
            self.pair[kept],
        )


def recall(w: Floats, rounds: Rounds) -> Floats:
    """The retrievability before each review, in the order of the rounds; 1 before a first one."""
    return np.concatenate([np.ones(rounds.ends[0]), *(one.recall for one in _forward(w, rounds))])


def loss_and_slope(w: Floats, rounds: Rounds) -> tuple[float, Floats]:
    """The sum of importance times log loss over the scored reviews, and its slope in each weight."""
    total, slope = 0.0, np.zeros(21)
    parts = rounds.parts()
    stability, difficulty = np.zeros(0), np.zeros(0)
    for one, part in zip(reversed(_forward(w, rounds)), reversed(parts[1:]), strict=True):
        total += one.backward(w, rounds, part, stability, difficulty, slope)
        stability, difficulty = one.by_stability, one.by_difficulty
    if parts:
        _first_backward(w, rounds, parts[0], stability, difficulty, slope)
    return total, slope


def _first_backward(
    w: Floats, rounds: Rounds, part: slice, by_stability: Floats, by_difficulty: Floats, slope: Floats
) -> None:
    count = len(by_stability)
    rating, weight = rounds.rating[part][:count], rounds.weight[part][:count]
    slope[:4] += np.bincount(rating - 1, by_stability * weight, 4)
    grade = rating - 1.0
    exponential = np.exp(w[5] * grade)
    free = _within(w[4] - exponential + 1.0)
    slope[4] += by_difficulty @ free
    slope[5] -= (by_difficulty * free) @ (grade * exponential)


def _within(difficulty: Floats) -> Flags:
    return np.asarray((difficulty > DIFFICULTY_MIN) & (difficulty < DIFFICULTY_MAX))


def _forward(w: Floats, rounds: Rounds) -> "list[_Round]":
    """All rounds after the first, with what their way back needs."""
    parts = rounds.parts()
    if not parts:
        return []
    rating = rounds.rating[parts[0]]
    stability = np.clip(w[rating - 1] * rounds.weight[parts[0]], STABILITY_MIN, STABILITY_MAX)
    difficulty = np.clip(w[4] - np.exp(w[5] * (rating - 1.0)) + 1.0, DIFFICULTY_MIN, DIFFICULTY_MAX)
    forward = []
    for part in parts[1:]:
        count = part.stop - part.start
        one = _Round(w, rounds, part, stability[:count], difficulty[:count])
        stability, difficulty = one.after_stability, one.after_difficulty
        forward.append(one)
    return forward


class _Round:
    """One review of each of many pairs, forward at once and backward on demand.

    Attributes:
        recall: retrievability before the reviews.
        after_stability: after them, as `after_difficulty`.
        by_stability: slope of the loss in the stability before them, as `by_difficulty`; known after `backward`.
    """

    def __init__(self, w: Floats, rounds: Rounds, part: slice, stability: Floats, difficulty: Floats) -> None:
        self.stability, self.difficulty = stability, difficulty
        self.rating, self.elapsed = rounds.rating[part], rounds.elapsed[part]
        self.factor = STABILITY_RETENTION ** (-1.0 / w[20]) - 1.0
        self.log_stability = np.log(stability)
        self.waited = self.factor * self.elapsed / stability
        self.recall = np.exp(-w[20] * np.log1p(self.waited))
        self.grade = self.rating - 3.0
        is_same_day = self.elapsed < 1
        is_lapse = self.rating == AGAIN
        self.same = np.flatnonzero(is_same_day)
        self.lapsed = np.flatnonzero(is_lapse & ~is_same_day)
        self.recalled = np.flatnonzero(~is_lapse & ~is_same_day)
        full = np.empty_like(stability)
        full[self.same] = self._same_day(w)
        full[self.recalled] = self._after_recall(w)
        full[self.lapsed] = self._after_lapse(w)
        self.full_stability = np.maximum(full, STABILITY_MIN)
        self.inner = difficulty - (10.0 - difficulty) * w[6] * self.grade / 9.0
        self.easiest = w[4] - np.exp(3.0 * w[5]) + 1.0
        self.raw_difficulty = w[7] * self.easiest + (1.0 - w[7]) * self.inner
        full_difficulty = np.clip(self.raw_difficulty, DIFFICULTY_MIN, DIFFICULTY_MAX)
        self.weight = rounds.weight[part]
        self.all_of_the_way = bool(np.all(self.weight == 1.0))
        if self.all_of_the_way:
            moved, self.after_difficulty = self.full_stability, full_difficulty
        else:
            moved = np.exp((1.0 - self.weight) * self.log_stability + self.weight * np.log(self.full_stability))
            self.after_difficulty = difficulty + self.weight * (full_difficulty - difficulty)
        self.after_stability = np.clip(moved, STABILITY_MIN, STABILITY_MAX)

    def _same_day(self, w: Floats) -> Floats:
        at = self.same
        rise = np.exp(w[17] * (self.grade[at] + w[18]) - w[19] * self.log_stability[at])
        self.held = (self.rating[at] >= HARD) & (rise < 1.0)
        self.rise = np.where(self.held, 1.0, rise)
        return np.asarray(self.stability[at] * self.rise)

    def _after_recall(self, w: Floats) -> Floats:
        at = self.recalled
        self.forgotten_factor = np.exp((1.0 - self.recall[at]) * w[10])
        bonus = np.where(self.rating[at] == HARD, w[15], np.where(self.rating[at] == EASY, w[16], 1.0))
        self.scale = np.exp(w[8] - w[9] * self.log_stability[at]) * (11.0 - self.difficulty[at]) * bonus
        self.growth = self.scale * (self.forgotten_factor - 1.0)
        return np.asarray(self.stability[at] * (1.0 + self.growth))

    def _after_lapse(self, w: Floats) -> Floats:
        at = self.lapsed
        self.log_more = np.log1p(self.stability[at])
        self.lapse_scale = w[11] * np.exp((1.0 - self.recall[at]) * w[14] - w[12] * np.log(self.difficulty[at]))
        self.power = np.exp(w[13] * self.log_more)
        self.long_term = self.lapse_scale * (self.power - 1.0)
        self.ceiling = self.stability[at] / np.exp(w[17] * w[18])
        self.is_capped = self.long_term >= self.ceiling
        return np.asarray(np.minimum(self.long_term, self.ceiling))

    def backward(
        self, w: Floats, rounds: Rounds, part: slice, after_s: Floats, after_d: Floats, slope: Floats
    ) -> float:
        """Add this round's part to the slope, set `by_stability` and `by_difficulty`, and give its loss."""
        count, later = len(self.stability), len(after_s)
        by_after, by_after_difficulty = np.zeros(count), np.zeros(count)
        by_after[:later], by_after_difficulty[:later] = after_s, after_d
        by_after *= (self.after_stability > STABILITY_MIN) & (self.after_stability < STABILITY_MAX)
        by_stability, by_difficulty = np.zeros(count), np.zeros(count)
        by_full, by_full_difficulty = by_after, by_after_difficulty
        if not self.all_of_the_way:
            by_stability += by_after * (1.0 - self.weight) * self.after_stability / self.stability
            by_full = by_after * self.weight * self.after_stability / self.full_stability
            by_difficulty += by_after_difficulty * (1.0 - self.weight)
            by_full_difficulty = by_after_difficulty * self.weight
        by_full = by_full * (self.full_stability > STABILITY_MIN)
        by_recall = np.zeros(count)
        self._same_day_backward(w, by_full[self.same], by_stability, slope)
        self._recall_backward(w, by_full[self.recalled], by_stability, by_difficulty, by_recall, slope)
        self._lapse_backward(w, by_full[self.lapsed], by_stability, by_difficulty, by_recall, slope)
        self._difficulty_backward(w, by_full_difficulty, by_difficulty, slope)
        loss = self._loss_backward(rounds.importance[part], by_recall)
        self._curve_backward(w, by_recall, by_stability, slope)
        self.by_stability, self.by_difficulty = by_stability, by_difficulty
        return loss

    def _same_day_backward(self, w: Floats, by: Floats, by_stability: Floats, slope: Floats) -> None:
        at = self.same
        free = ~self.held
        by_stability[at] += by * np.where(free, self.rise * (1.0 - w[19]), 1.0)
        each = by * free * self.stability[at] * self.rise
        slope[17] += each @ (self.grade[at] + w[18])
        slope[18] += each.sum() * w[17]
        slope[19] -= each @ self.log_stability[at]

    def _recall_backward(
        self, w: Floats, by: Floats, by_stability: Floats, by_difficulty: Floats, by_recall: Floats, slope: Floats
    ) -> None:
        at = self.recalled
        stability, rating = self.stability[at], self.rating[at]
        grown = by * stability * self.growth
        by_forgotten = by * stability * self.scale * self.forgotten_factor
        by_stability[at] += by * (1.0 + self.growth * (1.0 - w[9]))
        by_difficulty[at] -= grown / (11.0 - self.difficulty[at])
        by_recall[at] -= by_forgotten * w[10]
        slope[8] += grown.sum()
        slope[9] -= grown @ self.log_stability[at]
        slope[10] += by_forgotten @ (1.0 - self.recall[at])
        slope[15] += grown[rating == HARD].sum() / w[15]
        slope[16] += grown[rating == EASY].sum() / w[16]

    def _lapse_backward(
        self, w: Floats, by: Floats, by_stability: Floats, by_difficulty: Floats, by_recall: Floats, slope: Floats
    ) -> None:
        at = self.lapsed
        capped, free = by * self.is_capped, by * ~self.is_capped
        lost = free * self.long_term
        by_power = free * self.lapse_scale * self.power
        by_stability[at] += by_power * w[13] / (self.stability[at] + 1.0) + capped / np.exp(w[17] * w[18])
        by_difficulty[at] -= lost * w[12] / self.difficulty[at]
        by_recall[at] -= lost * w[14]
        slope[11] += lost.sum() / w[11]
        slope[12] -= lost @ np.log(self.difficulty[at])
        slope[13] += by_power @ self.log_more
        slope[14] += lost @ (1.0 - self.recall[at])
        held = float(capped @ self.ceiling)
        slope[17] -= held * w[18]
        slope[18] -= held * w[17]

    def _difficulty_backward(self, w: Floats, by_full: Floats, by_difficulty: Floats, slope: Floats) -> None:
        by = by_full * _within(self.raw_difficulty)
        by_difficulty += by * (1.0 - w[7]) * (1.0 + w[6] * self.grade / 9.0)
        slope[4] += by.sum() * w[7]
        slope[5] -= by.sum() * w[7] * 3.0 * np.exp(3.0 * w[5])
        slope[6] -= (1.0 - w[7]) * float(by @ ((10.0 - self.difficulty) * self.grade)) / 9.0
        slope[7] += by @ (self.easiest - self.inner)

    def _loss_backward(self, importance: Floats, by_recall: Floats) -> float:
        passed = self.rating > AGAIN
        p = np.clip(self.recall, SUREST, 1.0 - SUREST)
        happened = np.where(passed, p, 1.0 - p)
        free = (self.recall > SUREST) & (self.recall < 1.0 - SUREST)
        by_recall += importance * free * np.where(passed, -1.0, 1.0) / happened
        return float(-(importance @ np.log(happened)))

    def _curve_backward(self, w: Floats, by_recall: Floats, by_stability: Floats, slope: Floats) -> None:
        """R = (1 + f t / S)^-d, where f = 0.9^(-1/d) - 1."""
        fallen = by_recall * self.recall
        share = self.waited / (1.0 + self.waited)
        by_stability += fallen * w[20] * share / self.stability
        by_factor = (self.factor + 1.0) * np.log(STABILITY_RETENTION) / w[20] ** 2
        slope[20] -= fallen @ np.log1p(self.waited) + w[20] * by_factor / self.factor * float(fallen @ share)
