"""Due days that a move pulls to one day, spread so that nobody stands before a wall; see `forgetting.postponing`."""

import numpy as np

from reinforce.forgetting.curve import Ints
from reinforce.forgetting.groups import Groups
from reinforce.forgetting.postponing import QUIET_DAY, postponed


def spread(learner: Ints, today: Ints, before: Ints, after: Ints) -> Ints:
    """The due days after a move; only of learners for whom it would make a wall are others than `after`.

    Args:
        learner: number of each memory's learner; as all columns in any order, and of one length.
        today: their calendar day, in days since 1970-01-01, as all days here.
        before: when each was due until now.
        after: when each is to be due.
    """
    days = after.copy()
    by_learner = np.lexsort((np.maximum(after, today), learner))
    crowded = _crowded(learner[by_learner], today[by_learner], before[by_learner], after[by_learner])
    sorted_learners = learner[by_learner]
    for one in crowded.tolist():
        begin, end = np.searchsorted(sorted_learners, [one, one + 1])
        places = by_learner[begin:end]
        days[places] = postponed(int(today[places[0]]), before[places].tolist(), after[places].tolist())
    return days


def _crowded(learner: Ints, today: Ints, before: Ints, after: Ints) -> Ints:
    """The learners of whom something is pulled to a day that holds more than is quiet; sorted by learner and day."""
    lands = np.maximum(after, today)
    days = Groups.of(learner << 32 | lands)
    pulled = ((after < before) & (before > today)).astype(np.float64)
    return np.unique(learner[days.begins[(days.sizes > QUIET_DAY) & (days.sums(pulled) > 0)]])
