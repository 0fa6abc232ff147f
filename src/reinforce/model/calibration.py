"""What is told of the calibration of a tenant's due days."""

from datetime import datetime

from attrs import frozen


@frozen
class CalibrationClose:
    """What was learned at once, and how well it was predicted before; the means are over what was scored.

    Attributes:
        number: from 1.
        closed_at: when it was made.
        reviews: how many were learned.
        scored: how many of them were on a later day than the last of the same learner and skill.
        passed: the share of the scored ones that passed; None: none was scored.
        expected: the mean probability that they were given on the morning of their day.
        log_loss: of these probabilities; lower is better.
        plain_log_loss: that of FSRS alone.
        noise: one standard error of `passed`, if the probabilities are right.
        digest: 32 hex digits that stand for all that was learned up to it.
    """

    number: int
    closed_at: datetime
    reviews: int
    scored: int
    passed: float | None
    expected: float | None
    log_loss: float | None
    plain_log_loss: float | None
    noise: float | None
    digest: str


@frozen
class CalibrationState:
    """Where a tenant's calibration stands.

    Attributes:
        is_on: whether it learns, and may move due days.
        is_used: whether due days are solved with it: it is on, and has learned enough.
        closes: how many there were.
        scored: how many reviews with a prediction were learned.
        enough: how many it takes until due days are moved.
        trust: its share in what is believed; the rest is FSRS's.
        is_moving: whether due days are still to be moved, because a close was cut off.
    """

    is_on: bool
    is_used: bool
    closes: int
    scored: int
    enough: int
    trust: float
    is_moving: bool


@frozen
class Correction:
    """One of the parts that moved a probability of recall away from FSRS's.

    Attributes:
        name: what it is about: "everybody" (how the mean review here goes), "waiting" (for longer or shorter than
            before that one), "practice" (more, fewer or other reviews than before that one), "skill", or "learner".
        log_odds: what it adds to ln(p / (1 - p)).
        points: its part of the difference, in probability; those of all parts add up to it.
    """

    name: str
    log_odds: float
    points: float


@frozen
class Corrected:
    """How a probability of recall was corrected.

    Attributes:
        before: FSRS's retrievability.
        after: what is believed.
        trust: the share of calibration in that.
        generation: number of the close that it was learned by.
        corrections: what moved it, the largest first.
    """

    before: float
    after: float
    trust: float
    generation: int
    corrections: tuple[Correction, ...]
