"""What calibration says of days to come: the probability of recall, the due day, and what moved it."""

import numpy as np
from attrs import frozen

from reinforce.forgetting.calibration import EFFECTS, Calibration
from reinforce.forgetting.curve import Floats, Ints, retrievability
from reinforce.forgetting.features import NAMES, RETRIEVABILITY, later_features, probability
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.practice_log import NONE


@frozen(eq=False)
class Standing:
    """How pairs stand after their last review; all arrays have the same length.

    Attributes:
        stability: FSRS's, in days.
        difficulty: FSRS's, 1 to 10.
        reviews: of the pair so far, at least 1.
        passes: of the pair so far.
        days: calendar days on which it was practised so far.
        ids: for each of `EFFECTS` its numbers, or `NONE`, as in `Log`.
    """

    stability: Floats
    difficulty: Floats
    reviews: Ints
    passes: Ints
    days: Ints
    ids: tuple[Ints, ...]

    @classmethod
    def of(
        cls,
        stability: Floats,
        difficulty: Floats,
        reviews: Ints,
        passes: Ints,
        days: Ints,
        *,
        learner: Ints,
        skill: Ints,
        group: Ints | None = None,
    ) -> "Standing":
        """How pairs stand, to be asked by nobody in particular in no particular way."""
        nothing = np.full(len(stability), NONE)
        ids = (learner, skill, nothing if group is None else group, nothing, nothing)
        return cls(stability, difficulty, reviews, passes, days, ids)

    def __len__(self) -> int:
        return len(self.stability)


def expected(calibration: Calibration, forgetting: Forgetting, standing: Standing, elapsed_days: Ints) -> Floats:
    """The calibrated probability that each pair would pass after so many days without practice.

    On the day of the last practice it is asked as on the day after. What a learner showed lately is left out: it says
    little about a day that is not near.
    """
    elapsed = np.maximum(elapsed_days, 1)
    plain = retrievability(elapsed, standing.stability, forgetting.decay)
    logit = _features(standing, plain, elapsed) @ calibration.slopes[: len(NAMES)]
    logit += sum(_offsets(calibration, standing))
    trust = calibration.trust
    return np.asarray(trust * probability(logit) + (1.0 - trust) * plain)


def calibrated_interval_days(
    calibration: Calibration, forgetting: Forgetting, standing: Standing, desired_retention: Floats
) -> Ints:
    """The last day on which the calibrated probability is still at or above the desired retention.

    It falls with time, so that the day is found by halving; at least 1, at most `maximum_interval_days`.
    """
    low = np.ones(len(standing), dtype=np.int64)
    high = np.full(len(standing), forgetting.maximum_interval_days + 1)
    while (high - low).max(initial=0) > 1:
        middle = (low + high) // 2
        holds = expected(calibration, forgetting, standing, middle) >= desired_retention
        low, high = np.where(holds, middle, low), np.where(holds, high, middle)
    return low


@frozen
class Moved:
    """Why a calibrated probability differs from R, for one pair.

    Attributes:
        retrievability: FSRS's.
        expected: what is believed.
        trust: the share of calibration in that.
        history: what is added on log-odds for the tenant: what its slopes make of R, elapsed days and history.
        offsets: what is added for the learner, the skill, and the others of `EFFECTS`.
    """

    retrievability: float
    expected: float
    trust: float
    history: float
    offsets: dict[str, float]


def why_moved(calibration: Calibration, forgetting: Forgetting, standing: Standing, elapsed_days: int) -> Moved:
    """Which corrections moved the probability of the one pair in `standing`."""
    elapsed = np.maximum(np.array([elapsed_days]), 1)
    plain = retrievability(elapsed, standing.stability, forgetting.decay)
    columns = _features(standing, plain, elapsed)
    history = float((columns @ calibration.slopes[: len(NAMES)])[0] - columns[0, RETRIEVABILITY])
    offsets = _offsets(calibration, standing)
    return Moved(
        float(plain[0]),
        float(expected(calibration, forgetting, standing, elapsed)[0]),
        calibration.trust,
        history,
        {name: float(values[0]) for name, values in zip(EFFECTS, offsets, strict=True)},
    )


def _features(standing: Standing, plain: Floats, elapsed: Ints) -> Floats:
    return later_features(plain, elapsed, standing.difficulty, standing.reviews, standing.passes, standing.days)


def _offsets(calibration: Calibration, standing: Standing) -> list[Floats]:
    """The offset of each pair for each of `EFFECTS`; 0 for whom nothing is known of."""
    found = []
    for offsets, ids in zip(calibration.offsets, standing.ids, strict=True):
        values = np.append(offsets.value, 0.0)
        known = (ids >= 0) & (ids + 1 < len(offsets.value))
        found.append(np.asarray(values[np.where(known, ids + 1, -1)]))
    return found
