"""From an outcome to a rating.

A failure is always AGAIN. HARD is a *pass* with effort: it is given only where the policy has a band
for it, because using it for failures would lengthen every interval.
"""

from attrs import field, frozen
from attrs.validators import optional

from reinforce.errors import InvalidValue
from reinforce.model.checks import is_a, is_key, number, whole
from reinforce.model.practice import Outcome, OutcomeKind, Rating

_RATINGS = {int(rating): rating for rating in Rating}


@frozen
class Bands:
    """Where a number becomes a pass, and which pass.

    Attributes:
        passing: from here on it is GOOD; below it AGAIN.
        hard_below: a pass below this is HARD; None: no pass is HARD.
        easy_from: from here on it is EASY; None: nothing is EASY.
    """

    passing: float = field(validator=number(-100, 100))
    hard_below: float | None = field(default=None, validator=optional(number(-100, 100)))
    easy_from: float | None = field(default=None, validator=optional(number(-100, 100)))

    def __attrs_post_init__(self) -> None:
        steps = [step for step in (self.passing, self.hard_below, self.easy_from) if step is not None]
        if steps != sorted(steps):
            raise InvalidValue(f"bands must rise: passing ≤ hard_below ≤ easy_from, not {steps}")

    def rate(self, value: float) -> Rating:
        """The rating of a value."""
        if value < self.passing:
            return Rating.AGAIN
        if self.hard_below is not None and value < self.hard_below:
            return Rating.HARD
        if self.easy_from is not None and value >= self.easy_from:
            return Rating.EASY
        return Rating.GOOD


@frozen
class RatingPolicy:
    """How each kind of outcome becomes a rating.

    Outcomes are kept as they came, with the policy's name and version beside them, so a new policy can
    derive every rating again.

    Attributes:
        name: what the policy is called.
        version: raised with each change.
        scaled: bands over a scaled score, -1 to 1.
        rubric: bands over level / highest level, 0 to 1.
        grade: bands over SM-2's 0 to 5, in which 3 is the bare pass.
    """

    name: str = field(default="default", validator=is_key)
    version: int = field(default=1, validator=whole(1, 1_000_000))
    scaled: Bands = field(default=Bands(passing=0.6), validator=is_a(Bands))
    rubric: Bands = field(default=Bands(passing=0.5), validator=is_a(Bands))
    grade: Bands = field(default=Bands(passing=3, hard_below=4, easy_from=5), validator=is_a(Bands))

    @property
    def id(self) -> str:
        """Name and version, as kept beside each event."""
        return f"{self.name}/{self.version}"

    def rate(self, outcome: Outcome) -> Rating | None:
        """The rating of an outcome; None for an exposure, in which nothing was asked."""
        match outcome.kind:
            case OutcomeKind.RATING:
                return _RATINGS[int(outcome.value)]
            case OutcomeKind.EXPOSURE:
                return None
            case OutcomeKind.SUCCESS:
                return Rating.GOOD if outcome.value else Rating.AGAIN
            case OutcomeKind.SCALED:
                return self.scaled.rate(outcome.value)
            case OutcomeKind.RUBRIC:
                assert outcome.of is not None  # noqa: S101 -- Outcome's own rule
                return self.rubric.rate(outcome.value / outcome.of)
            case OutcomeKind.GRADE:
                return self.grade.rate(outcome.value)
