"""A team as it stands on the day before a simulation begins."""

import numpy as np
from attrs import frozen

from reinforce.errors import InvalidValue
from reinforce.forgetting.curve import Flags, Floats
from reinforce.forgetting.states import States


@frozen(eq=False)
class PresentTeam:
    """What people need to know, and what they remember of it. Pairs lie learner after learner, skill by skill.

    Attributes:
        skills: how many.
        is_needed: for each pair, whether the learner needs the skill, or has practised it.
        states: for each pair; the last days are counted from the first day of the scenario, so they lie below 0.
        minutes: how long one practice of each skill takes.
    """

    skills: int
    is_needed: Flags
    states: States
    minutes: Floats

    @property
    def learners(self) -> int:
        """How many people."""
        return len(self.is_needed) // self.skills

    @property
    def practice_minutes(self) -> float:
        """How long one practice takes on average over the pairs that are needed.

        Raises:
            InvalidValue: nobody needs anything.
        """
        if not self.is_needed.any():
            raise InvalidValue("the team needs no skill and has practised none: give its people roles that name skills")
        return float(np.tile(self.minutes, self.learners)[self.is_needed].mean())

    def joined_by(self, hires: int) -> "PresentTeam":
        """The team with so many people more, who know nothing and need whatever anyone in it needs."""
        needed = self._by_learner(self.is_needed).any(axis=0)
        return PresentTeam(
            self.skills,
            np.concatenate([self.is_needed, np.tile(needed, hires)]),
            _together([self.states, States.unknown(hires * self.skills)]),
            self.minutes,
        )

    def launching(self, skills: int) -> "PresentTeam":
        """The team with so many skills more, which everyone needs and nobody knows."""
        columns = self.skills + skills
        place = (np.arange(self.learners)[:, None] * columns + np.arange(self.skills)[None, :]).ravel()
        states = States.unknown(self.learners * columns)
        states.put(place, self.states)
        is_needed = np.ones(self.learners * columns, dtype=np.bool_)
        is_needed[place] = self.is_needed
        minutes = np.concatenate([self.minutes, np.full(skills, self.practice_minutes)])
        return PresentTeam(columns, is_needed, states, minutes)

    def of(self, learners: slice) -> "PresentTeam":
        """Some of the people, with states of their own to be changed."""
        places = np.arange(learners.start * self.skills, learners.stop * self.skills)
        return PresentTeam(self.skills, self.is_needed[places], self.states.take(places), self.minutes)

    def _by_learner(self, flags: Flags) -> Flags:
        return flags.reshape(self.learners, self.skills)


def _together(parts: list[States]) -> States:
    return States(
        np.concatenate([part.stability for part in parts]),
        np.concatenate([part.difficulty for part in parts]),
        np.concatenate([part.last_day for part in parts]),
        np.concatenate([part.reviews for part in parts]),
        np.concatenate([part.lapses for part in parts]),
        np.concatenate([part.passes for part in parts]),
        np.concatenate([part.days for part in parts]),
    )
