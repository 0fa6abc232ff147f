"""What FSRS gets wrong about these people and skills: the model and what was learned of it.

FSRS's retrievability R goes into a logistic model whose every number is learned online::

    ln(p / (1 - p)) = slopes · features                      one vector for the tenant; R is one feature of several
                    + learner + skill + group + kind + assessor   an offset each, shrunk toward 0
                    + what the learner, and the skill, showed lately beyond that

Each calendar day is one batch. All of its reviews are predicted from the state of the morning and, for the last line,
from the day's earlier reviews; then the day is learned, once. So nothing depends on the order in which learners are
looked at, each review is worked on once, a day is a handful of array operations, and a replay gives the same bits.

The slopes move by one Newton step of Bayesian logistic regression a day (their posterior of yesterday is today's
prior), the offsets by the same step in one dimension: residuals / (shrinkage + information). What one day may teach is
bounded, so that a burst, a bulk pass or a lazy assessor moves little: reviews that were judged together count as the
few witnesses that they are (see `sittings`), each sum of information is capped and so is each step. Information halves
in a year, so that the model can still move when people or material change.

Beside the calibrated probability R stands as it is, and both are mixed as their past predictions deserve, so that
where calibration does harm, as it may with the first few reviews, it is not believed.
"""

import numpy as np
from attrs import evolve, frozen

from reinforce.forgetting.curve import Floats, Ints

EFFECTS = ("learner", "skill", "group", "kind", "assessor")
ENOUGH = 64
"""With fewer scored reviews than this behind it, a calibration is learned but not used."""
FEATURES = (
    "later",
    "log-odds of retrievability",
    "elapsed days",
    "difficulty",
    "passes",
    "failures",
    "days practised",
    "first",
    "same day",
    "same day: passes",
    "same day: failures",
)
"""What is looked at in each review besides what was shown lately; counts and elapsed days enter as logarithms."""
SHOWN = ("reviews today", "learner lately", "skill today")
WIDTH = len(FEATURES) + len(SHOWN)


@frozen
class Tuning:
    """How fast calibration learns; the defaults were chosen on logs of six kinds, see decision record 13.

    Attributes:
        shrinkage: of each of `EFFECTS`: the information at which half of what is seen is believed.
        lately_shrinkage: the same for what a learner, and a skill, showed lately.
        lately_kept: how much of what a learner showed lately is left a day later.
        lately_weight: how much a first review, one on the same day, and one on a later day say about lately.
        prior: slopes before the first review.
        prior_information: how firmly each slope holds to it, in reviews' worth of information.
        half_life_days: after so many days information counts half.
        day_information: the information that one day may add to an offset.
        day_share: the information that one day may add to the slopes, as a share of what they have.
        largest_step: the most that a day may move an offset or a slope.
        trust_rate: how fast the better of plain and calibrated is found.
        head_start: the log loss by which plain is ahead before the first review.
        sitting_variance: of what moves all reviews of a sitting alike, on the scale of log-odds; see `sittings`.
        sitting_likeness: how alike two reviews of a sitting are in whether plain or calibrated is nearer.
    """

    shrinkage: tuple[float, ...] = (3.0, 4.0, 10.0, 10.0, 4.0)
    lately_shrinkage: tuple[float, float] = (10.0, 20.0)
    lately_kept: float = 0.4
    lately_weight: tuple[float, float, float] = (0.5, 0.1, 1.0)
    prior: tuple[float, ...] = (0.5, 0.5, -0.3, -0.35, 0.4, 0.0, 0.5, -0.9, 0.9, 0.85, -0.7, 0.1, 1.0, 0.6)
    prior_information: float = 10.0
    half_life_days: float = 365.0
    day_information: float = 50.0
    day_share: float = 0.5
    largest_step: float = 0.7
    trust_rate: float = 0.5
    head_start: float = 2.0
    sitting_variance: float = 0.1
    sitting_likeness: float = 0.3

    @property
    def assessor_shrinkage(self) -> float:
        """That of the offsets of assessors."""
        return self.shrinkage[EFFECTS.index("assessor")]


@frozen(eq=False)
class Offsets:
    """One learned offset for each learner, skill, group, kind or assessor.

    Attributes:
        value: on the scale of log-odds.
        information: how much evidence it rests on.
        day: the day on which that was last brought up to date.
    """

    value: Floats
    information: Floats
    day: Ints

    @classmethod
    def none(cls, count: int) -> "Offsets":
        """Offsets of which nothing is known."""
        return cls(np.zeros(count), np.zeros(count), np.zeros(count, dtype=np.int64))

    def copied(self) -> "Offsets":
        """The same, in arrays of its own."""
        return Offsets(self.value.copy(), self.information.copy(), self.day.copy())

    def grown(self, count: int) -> "Offsets":
        """The same, with room for so many."""
        more = max(count - len(self.value), 0)
        return Offsets(np.pad(self.value, (0, more)), np.pad(self.information, (0, more)), np.pad(self.day, (0, more)))


@frozen(eq=False)
class Calibration:
    """What was learned up to the end of a day.

    Attributes:
        tuning: how fast it learns.
        day: the last day that was learned; None: none yet.
        slopes: one for each feature.
        information: of the slopes, a square matrix; includes the prior's.
        offsets: in the order of `EFFECTS`.
        lately: what each learner showed lately: sums of residuals (`value`) and of information.
        losses: what R as it is, and the calibrated probability, have lost so far.
        scored: how many reviews, each on a later day than its pair's last, these are from.
    """

    tuning: Tuning
    day: int | None
    slopes: Floats
    information: Floats
    offsets: tuple[Offsets, ...]
    lately: Offsets
    losses: Floats
    scored: int

    @classmethod
    def new(cls, tuning: Tuning | None = None) -> "Calibration":
        """A calibration that has learned nothing: R as it is, but for the prior."""
        chosen = tuning or Tuning()
        return cls(
            chosen,
            None,
            np.array(chosen.prior),
            np.eye(WIDTH) * chosen.prior_information,
            tuple(Offsets.none(0) for _ in EFFECTS),
            Offsets.none(0),
            np.array([0.0, chosen.head_start]),
            0,
        )

    @property
    def has_enough(self) -> bool:
        """Whether it has seen so much that it may move due days."""
        return self.scored >= ENOUGH

    @property
    def trust(self) -> float:
        """The share of the calibrated probability in what is predicted; the rest is R as it is."""
        plain, calibrated = self.losses * self.tuning.trust_rate
        return float(1.0 / (1.0 + np.exp(np.clip(calibrated - plain, -60.0, 60.0))))

    def copied(self) -> "Calibration":
        """The same, in arrays of its own."""
        return evolve(self, offsets=tuple(one.copied() for one in self.offsets), lately=self.lately.copied())

    def with_room(self, counts: tuple[int, ...]) -> "Calibration":
        """The same, with room for so many of each of `EFFECTS`."""
        offsets = tuple(one.grown(count) for one, count in zip(self.offsets, counts, strict=True))
        return evolve(self, offsets=offsets, lately=self.lately.grown(counts[0]))
