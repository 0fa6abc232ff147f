"""What memories are made with."""

from collections.abc import Mapping

from attrs import frozen

from reinforce.store.generation import Sight
from reinforce.store.parameters import ParameterSet
from reinforce.store.resolving import KnownSkill


@frozen(eq=False)
class Means:
    """What a fold needs beside the reviews.

    Attributes:
        parameters: the tenant's present ones.
        seeds: each learner's seed, by number.
        skills: by number.
        sight: what due days are solved with; None: they are FSRS's own.
    """

    parameters: ParameterSet
    seeds: Mapping[int, int]
    skills: Mapping[int, KnownSkill]
    sight: Sight | None
