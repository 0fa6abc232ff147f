"""What memories are made with, and how a pair's are made of its reviews."""

from collections.abc import Mapping, Sequence

from attrs import frozen

from reinforce.forgetting.interval import pair_seed
from reinforce.forgetting.single import UNKNOWN, due_day_single, step_single
from reinforce.store.generation import Sight
from reinforce.store.pair_rows import MemoryRow, Pair, ReviewRow
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

    def after(self, review: ReviewRow, before: MemoryRow | None) -> MemoryRow | None:
        """The memory that one review more leads to; None: it changes nothing, or the pair must be folded again."""
        if not review.moves_memory or (before is not None and self.is_late(before, review)):
            return None
        return self.step(review, before)

    def step(self, review: ReviewRow, before: MemoryRow | None) -> MemoryRow:
        """The memory that one review more, which moves memory and comes after all others, leads to."""
        return self.fold_one(review[:2], [review], before)

    def fold_one(self, pair: Pair, reviews: Sequence[ReviewRow], before: MemoryRow | None) -> MemoryRow:
        """The memory that a pair's reviews, in their order, lead to."""
        forgetting = self.parameters.forgetting
        state = UNKNOWN if before is None else before.state
        for row in reviews:
            state = step_single(forgetting, state, row.rating or 0, row.day, row.weight)
        skill = self.skills[pair[1]]
        seed = pair_seed(self.seeds[pair[0]], skill.seed)
        sight = self.sight
        seen = None if sight is None else (sight.generation.view, sight.offset(*pair))
        due = due_day_single(forgetting, state, skill.desired_retention, seed, seen)
        last_event, generation = reviews[-1].event_id, _generation(reviews, before)
        return MemoryRow._make(
            (*pair, *state[:3], due, *state[3:5], last_event, self.parameters.id, *state[5:], generation)
        )

    def is_late(self, memory: MemoryRow, first: ReviewRow) -> bool:
        """Whether a pair must be folded again from its first review to take up another one."""
        return first.event_id <= memory.last_event or memory.parameter_set_id != self.parameters.id


def _generation(reviews: Sequence[ReviewRow], before: MemoryRow | None) -> int:
    """The last close that learns from the pair."""
    latest = max([row.generation for row in reviews])
    return latest if before is None or before.generation < latest else before.generation
