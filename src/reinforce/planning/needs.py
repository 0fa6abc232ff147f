"""How much each skill matters to people of some roles."""

from collections.abc import Iterable

import numpy as np
from attrs import frozen

from reinforce.forgetting.curve import Floats
from reinforce.planning.catalogue import Catalogue

UNNAMED_WEIGHT = 0.5
"""What a practised skill weighs that none of the person's roles names, beside the skills that they name."""


@frozen(eq=False)
class Needs:
    """What a set of roles asks of a person, over all skills of the catalogue.

    The weight of a skill is the largest that one of the roles gives it. A skill that none of them names weighs
    `UNNAMED_WEIGHT`, or 1 if the roles name no skill at all, so a host without roles plans by importance alone.

    Attributes:
        weight: of each skill.
        aim: the retention that each skill should keep: its own, or a role's target if that is higher.
        target: the highest target that a role sets; 0 where none does.
        named: numbers of the skills that a role names, rising.
    """

    weight: Floats
    aim: Floats
    target: Floats
    named: tuple[int, ...]

    @classmethod
    def of(cls, catalogue: Catalogue, roles: Iterable[str]) -> "Needs":
        """The needs of these roles; a role without a profile asks nothing."""
        weight: dict[int, float] = {}
        target = np.zeros(len(catalogue.skills))
        for role in roles:
            if role not in catalogue.roles:
                continue
            for key, need in catalogue.roles[role].skills.items():
                skill = catalogue.skill_number[key]
                weight[skill] = max(need.weight, weight.get(skill, 0.0))
                target[skill] = max(need.target or 0.0, target[skill])
        weights = np.full(len(catalogue.skills), UNNAMED_WEIGHT if weight else 1.0)
        for skill, share in weight.items():
            weights[skill] = share
        return cls(weights, np.maximum(catalogue.desired_retention, target), target, tuple(sorted(weight)))
