"""What each learner of a shard should refresh: the part that runs over all rows at once, and each one's share of it."""

from collections.abc import Sequence

import numpy as np
from attrs import frozen

from reinforce.forgetting.curve import Floats
from reinforce.forgetting.interval import pair_seed
from reinforce.forgetting.parameters import Forgetting
from reinforce.model.plans import PlanningRules
from reinforce.planning.balance import HORIZON, Due, ranges, spread
from reinforce.planning.catalogue import Catalogue
from reinforce.planning.lasting import lasting_gain
from reinforce.planning.needs import Needs
from reinforce.planning.rows import MemoryRows
from reinforce.planning.value import DIGITS, Want

PREREQUISITE_SLACK = 0.1
"""A prerequisite is met while its retrievability is at most this much below its desired retention."""


@frozen(eq=False)
class Outlook:
    """The memory rows of a shard on a day, by learner and skill, as plain columns.

    Attributes:
        day: that it was made for.
        starts: the first row of each learner, and the number of rows at the end.
        skill: number of the skill.
        retrievability: on the day, rounded.
        lasting_gain: what one practice on the day adds, for rows that are due; 0 for others.
        due: the due day.
        low: the first day on which it may be taken.
        high: the last such day.
        last_day: what forgetting counts from.
        is_met: whether skills that require this one may be planned.
        near: numbers of the rows that can matter for the day, rising.
        near_starts: the first of `near` of each learner, and its length.
    """

    day: int
    starts: list[int]
    skill: list[int]
    retrievability: list[float]
    lasting_gain: list[float]
    due: list[int]
    low: list[int]
    high: list[int]
    last_day: list[int]
    is_met: list[bool]
    near: list[int]
    near_starts: list[int]

    @classmethod
    def of(
        cls,
        catalogue: Catalogue,
        memory: MemoryRows,
        needs: Sequence[Needs],
        day: int,
        forgetting: Forgetting,
    ) -> "Outlook":
        """The outlook on a day.

        Args:
            catalogue: numbers the skills.
            memory: rows in any order.
            needs: of each learner of the shard; people of the same roles share one.
            day: in days since 1970-01-01.
            forgetting: the parameters that made the rows.
        """
        rows = memory.sorted(len(needs), len(catalogue.skills))
        recall = rows.recall_on(day, forgetting).round(DIGITS)
        low, high = ranges(rows.last_day, rows.due_day, forgetting.maximum_interval_days)
        is_below = recall < _targets(needs, rows)
        near = np.flatnonzero((low <= day + HORIZON) | is_below)
        due_now = np.flatnonzero((low <= day) | is_below)
        gain = np.zeros(len(rows))
        gain[due_now] = lasting_gain(rows.take(due_now), day, forgetting).round(DIGITS)
        learners = np.arange(len(needs) + 1)
        return cls(
            day=day,
            starts=np.searchsorted(rows.learner, learners).tolist(),
            skill=rows.skill.tolist(),
            retrievability=recall.tolist(),
            lasting_gain=gain.tolist(),
            due=rows.due_day.tolist(),
            low=low.tolist(),
            high=high.tolist(),
            last_day=rows.last_day.tolist(),
            is_met=(recall >= catalogue.desired_retention[rows.skill] - PREREQUISITE_SLACK).tolist(),
            near=near.tolist(),
            near_starts=np.searchsorted(rows.learner[near], learners).tolist(),
        )

    def near_rows(self, learner: int) -> list[int]:
        """The rows of a learner that can matter for the day."""
        return self.near[self.near_starts[learner] : self.near_starts[learner + 1]]

    def practised(self, learner: int) -> dict[int, int]:
        """For each skill that the learner ever practised, its row."""
        start, end = self.starts[learner], self.starts[learner + 1]
        return dict(zip(self.skill[start:end], range(start, end), strict=True))


def _targets(needs: Sequence[Needs], rows: MemoryRows) -> Floats:
    """The target that the learner's roles set for the skill of each row; 0 where none does."""
    kinds = {id(need): need for need in needs}
    place = {key: n for n, key in enumerate(kinds)}
    kind_of = np.array([place[id(need)] for need in needs], dtype=np.int64)
    if not kinds:
        return np.zeros(len(rows))
    targets = np.stack([need.target for need in kinds.values()])
    return np.asarray(targets[kind_of[rows.learner], rows.skill])


@frozen(eq=False)
class Wanted:
    """What one learner should refresh on a day.

    Attributes:
        wants: by number of the skill: due today, or soon and worth taking along.
        waiting: skills that are due but have prerequisites which are not met, with these.
        later: skills that are due but are taken on a later day, with that day.
        practised: for each skill that the learner ever practised, its row in the outlook.
    """

    wants: dict[int, Want]
    waiting: dict[int, frozenset[int]]
    later: dict[int, int]
    practised: dict[int, int]


@frozen(eq=False)
class Wishes:
    """Works out what one learner after another should refresh."""

    catalogue: Catalogue
    outlook: Outlook
    rules: PlanningRules

    def of(self, learner: int, seed: int, needs: Needs, open_days: Sequence[int]) -> Wanted:
        """What a learner should refresh.

        Args:
            learner: position in the shard.
            seed: that stands for the learner's key.
            needs: of the learner's roles.
            open_days: as `balance.spread` asks for.
        """
        wanted = Wanted({}, {}, {}, self.outlook.practised(learner))
        self._add_practised(wanted, learner, seed, needs, open_days)
        self._add_never_practised(wanted, needs)
        self._put_prerequisites_first(wanted, needs)
        return wanted

    def unmet(self, skill: int, practised: dict[int, int]) -> frozenset[int]:
        """The prerequisites of a skill, theirs included, that are not met."""
        required = self.catalogue.prerequisites[skill]
        if not required:
            return required
        is_met = self.outlook.is_met
        return frozenset(each for each in required if each not in practised or not is_met[practised[each]])

    def _add_practised(self, wanted: Wanted, learner: int, seed: int, needs: Needs, open_days: Sequence[int]) -> None:
        outlook, day = self.outlook, self.outlook.day
        rows = outlook.near_rows(learner)
        dues = []
        for row in rows:
            is_below = outlook.retrievability[row] < needs.target[outlook.skill[row]]
            low, high = (day, day) if is_below else (outlook.low[row], outlook.high[row])
            own = pair_seed(seed, self.catalogue.seeds[outlook.skill[row]]) ^ outlook.last_day[row]
            dues.append(Due(min(outlook.due[row], high), low, high, own))
        for row, take_on in zip(rows, spread(dues, day, open_days, self.rules.soon_days), strict=True):
            skill, due = outlook.skill[row], outlook.due[row]
            if take_on <= day or due <= day + self.rules.soon_days:
                wanted.wants[skill] = self._want(skill, row, needs, take_on)
            if due <= day < take_on:
                wanted.later[skill] = take_on

    def _add_never_practised(self, wanted: Wanted, needs: Needs) -> None:
        if self.rules.unknown_retrievability is not None:
            for skill in needs.named:
                if skill not in wanted.practised:
                    wanted.wants[skill] = self._want(skill, None, needs, self.outlook.day)

    def _want(self, skill: int, row: int | None, needs: Needs, take_on: int) -> Want:
        recall = None if row is None else self.outlook.retrievability[row]
        assumed = self.rules.unknown_retrievability if recall is None else recall
        return Want(
            skill=skill,
            retrievability=recall,
            assumed=assumed or 0.0,
            lasting_gain=0.0 if row is None else self.outlook.lasting_gain[row],
            importance=float(self.catalogue.importance[skill]),
            role_weight=float(needs.weight[skill]),
            aim=float(needs.aim[skill]),
            due=None if row is None else self.outlook.due[row],
            take_on=take_on,
            is_due=take_on <= self.outlook.day,
        )

    def _put_prerequisites_first(self, wanted: Wanted, needs: Needs) -> None:
        """Take out what has to wait, and put in what it waits for, as weighty as the weightiest that waits."""
        for skill in sorted(wanted.wants):
            if unmet := self.unmet(skill, wanted.practised):
                wanted.waiting[skill] = unmet
        locked = {skill: wanted.wants.pop(skill) for skill in wanted.waiting}
        for skill, want in locked.items():
            if not want.is_due:
                del wanted.waiting[skill]
                continue
            for first in sorted(wanted.waiting[skill]):
                if not self.unmet(first, wanted.practised):
                    self._want_first(wanted, first, want, needs)

    def _want_first(self, wanted: Wanted, skill: int, waiting: Want, needs: Needs) -> None:
        row = wanted.practised.get(skill)
        if row is None and self.rules.unknown_retrievability is None:
            return
        want = wanted.wants.setdefault(skill, self._want(skill, row, needs, self.outlook.day))
        want.take_on, want.is_due = self.outlook.day, True
        want.role_weight = max(want.role_weight, waiting.role_weight)
        want.unlocks = waiting.skill if want.unlocks is None else want.unlocks
        wanted.later.pop(skill, None)
