"""What calibration says of days to come: the probability of recall, and the day on which it has fallen to a wish.

For a pair that is asked after t days, R(t) being FSRS's retrievability::

    p(t) = trust / (1 + exp(-z)) + (1 - trust) · R(t)
    z    = own + recall · ln(R / (1 - R)) + elapsed · ln(1 + t)

`own` is what does not change while nobody practises: the slopes of difficulty and history, and the offsets of learner,
skill and the usual kind of practice. What a learner showed lately is left out, because it says little about a day
that is not near, and so are assessors, because nobody knows who will judge.
"""

from math import exp, log, log1p
from typing import NamedTuple

import numpy as np
from attrs import frozen

from reinforce.forgetting.calibration import EFFECTS, Calibration, Offsets
from reinforce.forgetting.curve import Floats, Ints, curve_factor, retrievability
from reinforce.forgetting.odds import MOST_LOG_ODDS, SUREST_RECALL, log_odds, probability
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.states import States

MOST_LONGER = 3
MOST_SHORTER = 3
"""However well people did, nothing is due after more than so many times FSRS's own interval."""
LATER, MEANS = 0, 6
"""Where the column of later reviews stands in `calibration.FEATURES`, and how many of a `View` come after."""
CLOSE = 1e-9
"""The C library's results differ from NumPy's by less; where that could decide, NumPy does."""


@frozen
class View:
    """What a calibration makes of R for whoever is asked: the part that all pairs of a tenant share.

    Attributes:
        trust: the share of calibration in what is believed; the rest is R.
        tenant: what is added for everybody.
        recall: the slope of the log-odds of R.
        elapsed: that of ln(1 + days), never above 0.
        difficulty: that of (difficulty - 5) / 5.
        passes: that of ln(1 + passes).
        failures: that of ln(1 + failures).
        days: that of ln(days practised).
        kind: what is added for the kind of practice that is usual: the mean of the kinds, each weighing as much as
            was learned from it.
        means: of what the slopes from `recall` to `days` are multiplied with, over the reviews that taught them.
    """

    trust: float
    tenant: float
    recall: float
    elapsed: float
    difficulty: float
    passes: float
    failures: float
    days: float
    kind: float
    means: tuple[float, ...] = (0.0,) * MEANS

    @classmethod
    def of(cls, calibration: Calibration) -> "View":
        """How a calibration sees the days after it."""
        kinds = calibration.offsets[EFFECTS.index("kind")]
        usual = _usual(kinds, calibration.tuning.half_life_days)
        tenant, recall, elapsed, difficulty, passes, failures, days, *_ = calibration.slopes.tolist()
        means = _means(calibration)
        return cls(calibration.trust, tenant, recall, elapsed, difficulty, passes, failures, days, usual, means)


def _means(calibration: Calibration) -> tuple[float, ...]:
    """The information of the slopes holds the sums of what they are multiplied with: beside the 1 of later reviews."""
    prior = np.eye(len(calibration.slopes)) * calibration.tuning.prior_information
    seen, *sums = (calibration.information - prior)[LATER, : MEANS + 1].tolist()
    return tuple(one / seen if seen > 0 else 0.0 for one in sums)


def _usual(kinds: Offsets, half_life_days: float) -> float:
    weight = kinds.information * 0.5 ** ((kinds.day.max(initial=0) - kinds.day) / half_life_days)
    total = float(np.sum(weight))
    return float(np.sum(weight * kinds.value)) / total if total > 0 else 0.0


@frozen(eq=False)
class Standing:
    """How pairs stand after their last review; all arrays have the same length.

    Attributes:
        stability: FSRS's, in days.
        difficulty: FSRS's, 1 to 10.
        reviews: of the pair so far, at least 1.
        passes: of the pair so far.
        days: days on which it was practised so far.
        learner: the offset of each pair's learner; 0 of whom nothing is known.
        skill: that of its skill.
    """

    stability: Floats
    difficulty: Floats
    reviews: Ints
    passes: Ints
    days: Ints
    learner: Floats
    skill: Floats

    def __len__(self) -> int:
        return len(self.stability)


@frozen(eq=False)
class Seen:
    """Pairs as calibration sees them.

    Attributes:
        view: of the tenant.
        learner: the offset of each pair's learner.
        skill: that of its skill.
    """

    view: View
    learner: Floats
    skill: Floats

    def standing(self, states: States) -> Standing:
        """How the pairs stand, their states being these."""
        history = (states.reviews, states.passes, states.days)
        return Standing(states.stability, states.difficulty, *history, self.learner, self.skill)


def own(view: View, standing: Standing) -> Floats:
    """What is added to the log-odds of each pair, however long nobody practises."""
    everybody = np.ones(len(standing))
    parts = (
        view.tenant * everybody,
        view.difficulty * ((standing.difficulty - 5.0) / 5.0),
        view.passes * np.log1p(standing.passes),
        view.failures * np.log1p(standing.reviews - standing.passes),
        view.days * np.log(np.maximum(standing.days, 1)),
        view.kind * everybody,
        standing.skill,
        standing.learner,
    )
    return sum(parts, np.zeros(len(standing)))


def expected(view: View, forgetting: Forgetting, standing: Standing, elapsed_days: Floats | Ints) -> Floats:
    """The probability that each pair would pass after so many days without practice; on the day of practice it is 1."""
    return _believed(view, forgetting, standing.stability, own(view, standing), elapsed_days)


def _believed(view: View, forgetting: Forgetting, stability: Floats, own: Floats, elapsed: Floats | Ints) -> Floats:
    plain = retrievability(elapsed, stability, forgetting.decay)
    logit = own + view.recall * log_odds(plain) + view.elapsed * np.log1p(np.maximum(elapsed, 0))
    return np.where(np.asarray(elapsed) > 0, view.trust * probability(logit) + (1.0 - view.trust) * plain, plain)


def calibrated_interval_days(
    view: View, forgetting: Forgetting, standing: Standing, desired_retention: Floats, plain_days: Ints
) -> Ints:
    """Whole days until the calibrated probability falls to the desired retention, to the nearest day as FSRS counts.

    It falls with time, so that the day is found by halving. Where calibration is not believed at all, it is FSRS's
    own interval.

    Args:
        view: of the tenant.
        forgetting: gives the curve and the cap.
        standing: of the pairs.
        desired_retention: of each.
        plain_days: FSRS's own interval of each; `MOST_LONGER` times that is the most, and a `MOST_SHORTER`th the least.
    """
    fixed = own(view, standing)
    low = -(-plain_days // MOST_SHORTER)
    high = np.minimum(plain_days * MOST_LONGER, forgetting.maximum_interval_days) + 1
    while (high - low).max(initial=0) > 1:
        middle = (low + high) // 2
        holds = _believed(view, forgetting, standing.stability, fixed, middle - 0.5) >= desired_retention
        low, high = np.where(holds, middle, low), np.where(holds, high, middle)
    return low


class SingleStanding(NamedTuple):
    """The `Standing` of one pair in plain numbers; `offset` is that of the learner and of the skill."""

    stability: float
    difficulty: float
    reviews: int
    passes: int
    days: int
    offset: float


def calibrated_interval_single(
    view: View, forgetting: Forgetting, standing: SingleStanding, desired_retention: float, plain_days: int
) -> int:
    """What `calibrated_interval_days` gives for one pair, without arrays: they would take thirty times as long."""
    trust, recall, elapsed, decay = view.trust, view.recall, view.elapsed, forgetting.decay
    fixed = _own_single(view, standing)
    factor = curve_factor(decay) / standing.stability
    low = -(-plain_days // MOST_SHORTER)
    high = min(plain_days * MOST_LONGER, forgetting.maximum_interval_days) + 1
    nearest = 1.0
    while high - low > 1:
        middle = (low + high) // 2
        days = middle - 0.5
        plain = (1.0 + factor * days) ** -decay
        kept = min(max(plain, SUREST_RECALL), 1.0 - SUREST_RECALL)
        logit = fixed + recall * log(kept / (1.0 - kept)) + elapsed * log1p(days)
        logit = min(max(logit, -MOST_LOG_ODDS), MOST_LOG_ODDS)
        above = trust / (1.0 + exp(-logit)) + (1.0 - trust) * plain - desired_retention
        nearest = min(nearest, abs(above))
        if above >= 0:
            low = middle
        else:
            high = middle
    if nearest < CLOSE:
        one = Standing(
            np.array([standing.stability]),
            np.array([standing.difficulty]),
            np.array([standing.reviews]),
            np.array([standing.passes]),
            np.array([standing.days]),
            learner=np.array([standing.offset]),
            skill=np.zeros(1),
        )
        retention, plain_interval = np.array([desired_retention]), np.array([plain_days])
        return int(calibrated_interval_days(view, forgetting, one, retention, plain_interval)[0])
    return low


def expected_single(view: View, forgetting: Forgetting, standing: SingleStanding, elapsed_days: int) -> float:
    """What `expected` gives for one pair, but for the last digits: they are the C library's and not NumPy's."""
    plain: float = (
        1.0 + curve_factor(forgetting.decay) / standing.stability * max(elapsed_days, 0)
    ) ** -forgetting.decay
    if elapsed_days <= 0:
        return plain
    kept = min(max(plain, SUREST_RECALL), 1.0 - SUREST_RECALL)
    logit = _own_single(view, standing) + view.recall * log(kept / (1.0 - kept)) + view.elapsed * log1p(elapsed_days)
    logit = min(max(logit, -MOST_LOG_ODDS), MOST_LOG_ODDS)
    return view.trust / (1.0 + exp(-logit)) + (1.0 - view.trust) * plain


def _own_single(view: View, standing: SingleStanding) -> float:
    _, difficulty, reviews, passes, days, offset = standing
    history = view.passes * log1p(passes) + view.failures * log1p(reviews - passes) + view.days * log(max(days, 1))
    return view.tenant + view.difficulty * ((difficulty - 5.0) / 5.0) + history + view.kind + offset


@frozen
class Moved:
    """Why a calibrated probability differs from R, for one pair.

    Attributes:
        retrievability: FSRS's.
        expected: what is believed.
        trust: the share of calibration in that.
        corrections: what each part adds on log-odds, and how many of the points between the two it makes: they add
            up to `expected - retrievability`. The parts are "everybody", "waiting", "practice", "skill" and "learner".
    """

    retrievability: float
    expected: float
    trust: float
    corrections: dict[str, tuple[float, float]]


def why_moved(view: View, forgetting: Forgetting, standing: Standing, elapsed_days: int) -> Moved:
    """Which corrections moved the probability of the one pair in `standing`, at least a day after its practice.

    What is so of the mean review is put down to everybody, and what differs from it to the pair's waiting and practice:
    else large numbers would stand beside each other that take each other away.
    """
    elapsed = np.array([max(elapsed_days, 1)])
    plain = retrievability(elapsed, standing.stability, forgetting.decay)
    odds = float(log_odds(plain)[0])
    usual_odds, usual_elapsed, *_ = view.means
    waiting = (view.recall - 1.0) * (odds - usual_odds) + view.elapsed * (log1p(int(elapsed[0])) - usual_elapsed)
    skill, learner = float(standing.skill[0]), float(standing.learner[0])
    total = float(own(view, standing)[0]) + (view.recall - 1.0) * odds + view.elapsed * log1p(int(elapsed[0]))
    slopes = (view.recall - 1.0, view.elapsed, view.difficulty, view.passes, view.failures, view.days)
    everybody = view.tenant + view.kind + sum(slope * mean for slope, mean in zip(slopes, view.means, strict=True))
    added = {
        "everybody": everybody,
        "waiting": waiting,
        "practice": total - everybody - waiting - skill - learner,
        "skill": skill,
        "learner": learner,
    }
    believed, left = float(expected(view, forgetting, standing, elapsed)[0]), float(plain[0])
    # Along the straight line between the two, so that the parts add up.
    points = (believed - left) / total if abs(total) > CLOSE else 0.0
    return Moved(left, believed, view.trust, {name: (one, one * points) for name, one in added.items()})
