"""How much reviews may teach that were judged together.

A sitting is what one assessor judged of one skill on one day; what nobody judged is one sitting, too. Whoever passes a
whole team unseen, imports a list, or has a bad day moves all of a sitting's reviews alike, so they are no witnesses
each of its own. Each sitting's log-odds are taken to be off by something that nobody knows, and its assessor's by what
is not known of him yet. With the information I of the sitting (the sum of p · (1 - p)) and the variance V of what is
unknown, its reviews teach the skill, the tenant and the kind of practice 1 / (1 + I · V) of what they show: the design
effect of cluster sampling. A sitting of one review loses next to nothing, one of a thousand teaches as much as 1 / V.

A sitting that is further from what was expected than chance explains teaches no more than one at the edge of chance.
"""

import numpy as np
from attrs import frozen

from reinforce.forgetting.calibration import Offsets, Tuning
from reinforce.forgetting.curve import Floats, Ints
from reinforce.forgetting.groups import Groups

BELIEVED_SURPRISE = 2.0
"""So many unexpected outcomes of a sitting are believed as they are; beyond them one standard deviation more."""


def sitting_order(day: Ints, skill: Ints, assessor: Ints) -> Ints:
    """The places of reviews by day and sitting."""
    return np.lexsort((skill, assessor, day))


@frozen(eq=False)
class Shares:
    """How much of what each review shows counts, 0 to 1.

    Attributes:
        skill: for its skill, or group of skills.
        everybody: for what all of the tenant share: the slopes, the kinds of practice.
        assessor: for who judged it.
        trust: for whether R as it is or the calibrated probability is right.
    """

    skill: Floats
    everybody: Floats
    assessor: Floats
    trust: Floats


def shares(
    tuning: Tuning,
    assessors: Offsets,
    sittings: tuple[Ints, Ints, Ints],
    residual: Floats,
    information: Floats,
    is_later: Floats,
    today: int,
) -> Shares:
    """How much the reviews of a day count.

    Args:
        tuning: gives the variances.
        assessors: what was known of each in the morning; number 0 stands for nobody.
        sittings: the reviews' places by sitting, and of each review its skill and its assessor.
        residual: of each review.
        information: of each review.
        is_later: 1 for each review that is scored, 0 for the others.
        today: the day.
    """
    order, skill, assessor = sittings
    groups = Groups.of((assessor << 32 | skill)[order])
    surprise, known = np.abs(groups.sums(residual[order])), groups.sums(information[order])
    scored = np.maximum(groups.sums(is_later[order]), 1.0)
    judge = assessor[order[groups.begins]]
    unknown = _unknown(tuning, assessors, judge, today)

    alone = 1.0 / (1.0 + known * tuning.sitting_variance)
    chance = np.sqrt(known * (1.0 + known * (tuning.sitting_variance + unknown)))
    believed = np.minimum(1.0, (BELIEVED_SURPRISE + chance) / np.maximum(surprise, BELIEVED_SURPRISE))
    judges = Groups.of(judge)
    of_judge = judges.spread(judges.sums(known * alone))
    by_sitting = (
        believed / (1.0 + known * (tuning.sitting_variance + unknown)),
        believed * alone / (1.0 + of_judge * unknown),
        alone,
        believed / (1.0 + (scored - 1.0) * tuning.sitting_likeness),
    )
    by_review = np.empty((4, len(order)))
    for share, values in zip(by_review, by_sitting, strict=True):
        share[order] = groups.spread(values)
    return Shares(*by_review)


def _unknown(tuning: Tuning, assessors: Offsets, judge: Ints, today: int) -> Floats:
    """The variance of what is not known yet of each sitting's assessor; 0 for nobody."""
    kept = 0.5 ** ((today - assessors.day[judge]) / tuning.half_life_days)
    information = tuning.assessor_shrinkage + assessors.information[judge] * kept
    return np.where(judge > 0, 1.0 / information, 0.0)
