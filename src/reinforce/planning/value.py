"""What a minute of practice is worth.

**On a day on which everything due fits**, a refresher r is worth, per minute::

    v(r) = Σ over its skills s of  importance(s) · role weight(s) · (1 - R(s)) · w(r, s) · left(s)   /   minutes(r)

over the skills that are due or soon due. R(s) is the probability of recall on the day, so 1 - R is the retention that
practice regains; w(r, s) is the refresher's weight for the skill; left(s) is 1 until something chosen for the day, or
still open from a day before, practises s, which multiplies it by 1 - w. A refresher of several due skills therefore
beats one of them alone, and a second helping of one skill is worth little. What practises all that several of the
chosen do, in no more minutes, takes their place, whatever each of the skills is worth.

**In a backlog**, when more is due than the day's minutes or places hold, some skills have to wait for long, and what a
practice regains today counts less than what it leaves behind. The same sum then runs over the due skills only, and the
lasting gain takes the place of 1 - R(s): by how much one practice today is expected to raise the average retention of
the next 90 days (`lasting.py`). That is small for what has hardly been forgotten, and small again for what will most
likely fail and come back with a short stability.

A skill that was never practised has no retrievability. It is compared as if it had the planning rules'
`unknown_retrievability`, and is never shown with a number. In a backlog it counts a hundredth of that
(`NEW_IN_BACKLOG`): what is known is kept before something new is begun.

Ties go to the higher retrievability, then to the keys.
"""

from collections.abc import Mapping
from enum import Enum

from attrs import define

DIGITS = 12
"""Values and retrievabilities are compared after rounding to so many digits, so that ties are ties on every machine."""

ENOUGH_LEFT = 0.5
"""A skill of which this much of the gain or less is left gives no reason for another refresher on the same day."""


NEW_IN_BACKLOG = 0.01
"""What a never-practised skill counts in a backlog, beside what it counts on other days."""


class Worth(Enum):
    """What a minute is spent for."""

    REGAINED = "retention regained today"
    LASTING = "retention gained over the months that follow"


@define
class Want:
    """A skill that a person should refresh, and why.

    Attributes:
        skill: its number in the catalogue.
        retrievability: on the day; None: never practised, so unknown.
        assumed: the retrievability that it is compared with.
        lasting_gain: how much one practice adds to the average retention of the months that follow.
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
    lasting_gain: float
    importance: float
    role_weight: float
    aim: float
    due: int | None
    take_on: int
    is_due: bool
    unlocks: int | None = None

    def worth(self, by: Worth) -> float:
        """What practising it fully is worth, before it is divided by minutes."""
        matters = self.importance * self.role_weight
        if by is Worth.REGAINED:
            return matters * (1.0 - self.assumed)
        if self.retrievability is None:
            return matters * (1.0 - self.assumed) * NEW_IN_BACKLOG
        return matters * self.lasting_gain if self.is_due else 0.0


def most_valuable_first(wants: Mapping[int, Want], by: Worth) -> list[Want]:
    """Wants by falling worth, then falling retrievability, then key."""
    return sorted(
        wants.values(), key=lambda want: (-round(want.worth(by), DIGITS), -round(want.assumed, DIGITS), want.skill)
    )
