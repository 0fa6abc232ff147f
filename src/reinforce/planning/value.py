"""What a minute of practice is worth.

**On a day on which everything due fits**, a refresher r is worth, per minute::

    v(r) = Σ over its skills s of  importance(s) · role weight(s) · (1 - R(s)) · w(r, s) · left(s)   /   minutes(r)

over the skills that are due or soon due. R(s) is the probability of recall on the day, so 1 - R is the retention that
practice regains; w(r, s) is the refresher's weight for the skill; left(s) is 1 until something chosen for the day, or
still open from a day before, practises s, which multiplies it by 1 - w. A refresher of several due skills therefore
beats one of them alone, and a second helping of one skill is worth little.

**In a backlog**, when more is due than the day's minutes or places hold, the same sum runs over the due skills only,
and the chance that one practice is enough, R(s), takes the place of the retention regained, 1 - R(s). What is nearly
gone must be learned anew: it takes more practice and comes back with a short stability, and while it does, what one
refresh would have kept is lost as well. Among equals this is the order "retrievability descending", which over a
simulated year took fewer minutes per remembered skill than the order of due dates; importance, role and minutes still
count.

A skill that was never practised has no retrievability. It is compared as if it had the planning rules'
`unknown_retrievability`, and is never shown with a number.

Ties go to the higher retrievability, then to the keys.
"""

from collections.abc import Mapping
from enum import Enum

from attrs import define

DIGITS = 12
"""Values and retrievabilities are compared after rounding to so many digits, so that ties are ties on every machine."""

ENOUGH_LEFT = 0.5
"""A skill of which this much of the gain or less is left gives no reason for another refresher on the same day."""


class Worth(Enum):
    """What a minute is spent for."""

    REGAIN = "regain what was forgotten"
    KEEP = "keep what one practice can keep"


@define
class Want:
    """A skill that a person should refresh, and why.

    Attributes:
        skill: its number in the catalogue.
        retrievability: on the day; None: never practised, so unknown.
        assumed: the retrievability that it is compared with.
        importance: of the skill.
        role_weight: how much it matters to this person's roles.
        aim: the retention that it should have.
        due: its due day; None: never practised.
        take_on: the day on which it should be taken.
        is_due: whether it is a reason to give a refresher today; otherwise it only adds to one that is given.
        unlocks: number of a skill that waits for this one; None: it is wanted for itself.
    """

    skill: int
    retrievability: float | None
    assumed: float
    importance: float
    role_weight: float
    aim: float
    due: int | None
    take_on: int
    is_due: bool
    unlocks: int | None = None

    def worth(self, by: Worth) -> float:
        """What practising it fully is worth, before it is divided by minutes."""
        if by is Worth.KEEP:
            return self.importance * self.role_weight * self.assumed if self.is_due else 0.0
        return self.importance * self.role_weight * (1.0 - self.assumed)


def most_valuable_first(wants: Mapping[int, Want], by: Worth) -> list[Want]:
    """Wants by falling worth, then falling retrievability, then key."""
    return sorted(
        wants.values(), key=lambda want: (-round(want.worth(by), DIGITS), -round(want.assumed, DIGITS), want.skill)
    )
