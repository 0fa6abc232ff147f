"""Outcomes as xAPI tells them, and as it told them."""

from reinforce.model.practice import Outcome, OutcomeKind, Rating
from reinforce.statements.contexts import Score

DIGITS = 6
"""Decimal places of the numbers that are told."""

_HIGHEST_GRADE = 5


def told_score(outcome: Outcome) -> Score | None:
    """The score that tells an outcome; None: it is told by success or by its rating alone.

    >>> told_score(Outcome.rubric(3, of=4))
    Score(scaled=0.75, raw=3, min=0, max=4)
    """
    if outcome.kind is OutcomeKind.SCALED:
        return Score(scaled=round(float(outcome.value), DIGITS))
    highest = outcome.of if outcome.kind is OutcomeKind.RUBRIC else _HIGHEST_GRADE
    if outcome.kind not in (OutcomeKind.RUBRIC, OutcomeKind.GRADE) or highest is None:
        return None
    return Score(scaled=round(outcome.value / highest, DIGITS), raw=int(outcome.value), min=0, max=highest)


def success_of(rating: Rating | None) -> bool | None:
    """Whether a rating is a success; None: nothing was asked."""
    return None if rating is None else rating is not Rating.AGAIN
