"""What adopting a parameter set would change, before anybody does it."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import numpy as np

from reinforce.forgetting.curve import Floats, Ints
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.scenarios import Scenario
from reinforce.forgetting.workload import LearnerLoad, WeekOfWork, WorkloadChange, reviews_per_week
from reinforce.model.library import Refresher
from reinforce.store.adopting import Changed, ahead, changes
from reinforce.store.history import known_skills
from reinforce.store.pair_rows import MemoryRow
from reinforce.store.parameters import ParameterSet
from reinforce.store.session import Session

WEEKS = 8
MOST_JUMPS = 10


def preview(session: Session, parameters: ParameterSet, at: datetime) -> WorkloadChange:
    """How the workload of the next weeks would change; nothing is written."""
    sums = _Sums(session, parameters)
    for changed in changes(session.driver, session.tenant_id, parameters, at):
        sums.add(changed)
    return sums.told()


def mean_minutes_of_practice(refreshers: Sequence[Refresher]) -> dict[str, float]:
    """How long it takes to practise each skill once, by key.

    The mean over the refreshers that practise it, where each shares its minutes among its skills by weight.
    """
    shares: dict[str, list[float]] = {}
    for refresher in refreshers:
        total = sum(refresher.skills.values())
        for skill, weight in refresher.skills.items():
            shares.setdefault(skill, []).append(refresher.minutes * weight / total)
    return {skill: sum(minutes) / len(minutes) for skill, minutes in shares.items()}


class _Sums:
    """What was seen so far, chunk after chunk."""

    def __init__(self, session: Session, parameters: ParameterSet) -> None:
        self._present = session.parameters
        self._parameters = parameters
        self._skills = known_skills(session.driver, session.tenant_id)
        known = mean_minutes_of_practice(session.catalogue.all(Refresher))
        usual = Scenario().practice_minutes
        self._minutes = {number: known.get(skill.key, usual) for number, skill in self._skills.items()}
        self._weeks = np.zeros((4, WEEKS))
        self._largest = [0, 0, 0]
        self._jumps: list[LearnerLoad] = []
        self._learners = self._memories = self._postponed = 0

    def add(self, changed: Changed) -> None:
        """Take up some learners."""
        after = list(changed.after)
        before = [old or new for old, new in zip(changed.before, after, strict=True)]
        days_before, days_after = [row.due_day for row in before], [row.due_day for row in after]
        self._learners += len(changed.people)
        self._memories += sum(old != new for old, new in zip(days_before, changed.due, strict=True))
        self._postponed += sum(spread > day for spread, day in zip(changed.due, days_after, strict=True))
        if not after:
            return
        minutes = np.array([self._minutes[row.skill_id] for row in after])
        old = self._counted(changed, self._present.forgetting, before, days_before)
        new = self._counted(changed, self._parameters.forgetting, after, changed.due)
        per_week = (old.sum(axis=0), new.sum(axis=0), minutes @ old, minutes @ new)
        self._weeks += np.array(per_week)
        largest = [_largest_days(changed, after, days) for days in (days_before, days_after, changed.due)]
        self._largest = [max(seen, *days.values()) for seen, days in zip(self._largest, largest, strict=True)]
        self._add_jumps(changed, after, minutes, (old.sum(axis=1), new.sum(axis=1)), (largest[0], largest[2]))

    def _counted(self, changed: Changed, forgetting: Forgetting, rows: list[MemoryRow], due: Sequence[int]) -> Ints:
        return reviews_per_week(forgetting, ahead(changed.people, self._skills, rows, due), WEEKS)

    def _add_jumps(
        self,
        changed: Changed,
        rows: Sequence[MemoryRow],
        minutes: Floats,
        reviews: tuple[Ints, Ints],
        largest: tuple[dict[int, int], dict[int, int]],
    ) -> None:
        numbers, place = np.unique([row.learner_id for row in rows], return_inverse=True)
        sums = [np.bincount(place, counts * each) for each in (np.ones(len(rows)), minutes) for counts in reviews]
        found = [
            LearnerLoad(
                changed.people[number].key, int(old), int(new), float(minutes_before), float(minutes_after),
                largest[0][number], largest[1][number],
            )
            for number, old, new, minutes_before, minutes_after in zip(numbers.tolist(), *sums, strict=True)
        ]  # fmt: skip
        rising = [one for one in found if one.reviews_after > one.reviews_before]
        self._jumps = sorted(
            self._jumps + rising, key=lambda one: (one.reviews_before - one.reviews_after, one.learner)
        )[:MOST_JUMPS]

    def told(self) -> WorkloadChange:
        """All of it."""
        now, set_alone, spread = self._largest
        return WorkloadChange(
            parameter_set=self._parameters.id,
            replaces=self._present.id,
            learners=self._learners,
            memories=self._memories,
            postponed=self._postponed,
            largest_day=(now, set_alone, spread),
            weeks=tuple(
                WeekOfWork(number + 1, int(old), int(new), float(minutes_before), float(minutes_after))
                for number, (old, new, minutes_before, minutes_after) in enumerate(self._weeks.T.tolist())
            ),
            jumps=tuple(self._jumps),
        )


def _largest_days(changed: Changed, rows: Sequence[MemoryRow], due: Sequence[int]) -> dict[int, int]:
    """The most skills that each learner has due on one day from today on."""
    counts = Counter(
        (row.learner_id, max(day, changed.people[row.learner_id].today)) for row, day in zip(rows, due, strict=True)
    )
    largest: dict[int, int] = {}
    for (learner, _), count in counts.items():
        largest[learner] = max(largest.get(learner, 0), count)
    return largest
