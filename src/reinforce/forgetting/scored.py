"""The reviews of a log that a prediction is judged by."""

import numpy as np
from attrs import frozen

from reinforce.forgetting.before import Before, before
from reinforce.forgetting.curve import Floats, Ints
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.practice_log import Log

FEWEST_LEARNERS = 10
"""With fewer learners a bootstrap draws calendar days instead."""


@frozen(eq=False)
class Scored:
    """The reviews that are scored, in the order of time: each on a day after the last review of its pair.

    Attributes:
        log: the practice.
        known: what was known before each of its reviews.
        places: which of these are scored.
        passed: 1 or 0, of the scored.
    """

    log: Log
    known: Before
    places: Ints
    passed: Floats

    @classmethod
    def of(cls, log: Log, forgetting: Forgetting | None = None) -> "Scored":
        """The scored reviews of a log, with what FSRS and these parameters (None: its own) knew before them."""
        known = before(forgetting or Forgetting(), log)
        places = np.flatnonzero(known.is_later)
        return cls(log, known, places, known.passed[places])

    def __len__(self) -> int:
        return len(self.places)

    @property
    def elapsed_days(self) -> Floats:
        """Days since the last review of the pair."""
        return self.known.elapsed_days[self.places].astype(np.float64)

    @property
    def passes(self) -> Floats:
        """How many reviews of the pair had passed."""
        return self.known.passes[self.places].astype(np.float64)

    @property
    def failures(self) -> Floats:
        """How many reviews of the pair had failed."""
        return (self.known.reviews - self.known.passes)[self.places].astype(np.float64)

    def clusters(self, places: Ints) -> tuple[Ints, str]:
        """What a bootstrap draws together: the reviews of a learner, or of a day; and which of these."""
        rows = self.known.rows[self.places[places]]
        learners = self.log.learner[rows]
        if len(np.unique(learners)) >= FEWEST_LEARNERS:
            return learners, "learners"
        return self.log.day[rows], "days"
