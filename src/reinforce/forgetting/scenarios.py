"""What is simulated: a team, its skills, its working days, and what befalls it."""

from typing import Any

import numpy as np
from attrs import field, frozen
from attrs.validators import optional

from reinforce.errors import InvalidValue
from reinforce.forgetting.curve import Flags, Floats, Ints
from reinforce.forgetting.interval import Seeds
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.present_team import PresentTeam
from reinforce.forgetting.states import States
from reinforce.model.checks import is_a, number, plain_tuple, whole

NEVER = 2**40
"""A day after every horizon."""

BEFORE = -1
"""The day of a teaching that was over when the scenario began."""

DAYS_OF_WEEK = 7


def _are_weekdays(_instance: object, _attribute: Any, value: tuple[int, ...]) -> None:
    fits = isinstance(value, tuple) and all(type(day) is int and 0 <= day < DAYS_OF_WEEK for day in value)
    if not fits or not value or len(set(value)) != len(value):
        raise InvalidValue(
            f"Scenario.working_days must be different numbers from 0 (Monday) to 6 (Sunday), not {value!r}"
        )


def _are_shares(count: int) -> Any:
    def check(_instance: object, attribute: Any, value: tuple[float, ...]) -> None:
        fits = isinstance(value, tuple) and len(value) == count
        fits = fits and all(isinstance(share, int | float) and 0 <= share <= 1 for share in value)
        if not fits or abs(sum(value) - 1) > 1e-6:
            raise InvalidValue(f"Scenario.{attribute.name} must be {count} shares that add up to 1, not {value!r}")

    return check


@frozen
class Launch:
    """A product launch: a new set of skills, taught to everyone on one day.

    Attributes:
        day: of the teaching, 0 being the first; a day off moves it to the next working day.
        skills: how many of the scenario's skills belong to it; the last ones.
    """

    day: int = field(validator=whole(0, 3649))
    skills: int = field(validator=whole(1, 10_000))


@frozen
class Absence:
    """Days without practice: an illness, a leave, the end of a quarter.

    Attributes:
        day: the first, 0 being the first of the scenario.
        days: how many.
        share: of the team that is away, the first learners.
    """

    day: int = field(validator=whole(0, 3649))
    days: int = field(validator=whole(1, 3650))
    share: float = field(default=1.0, validator=number(0, 1, above=True))


@frozen
class Variation:
    """How much people and skills differ from what the scheduler assumes of all of them.

    What a first practice and a practice after a lapse leave behind is the stability of FSRS-6 times
    exp(a + b), a being normal with mean 0 and a standard deviation of `learners`, b of `skills`. How stability grows
    from there is FSRS's own.

    Attributes:
        learners: 0: people are alike.
        skills: 0: skills are alike.
    """

    learners: float = field(default=0.0, validator=number(0, 2))
    skills: float = field(default=0.0, validator=number(0, 2))


@frozen
class Scenario:
    """A team, its skills, and what befalls it. Day 0 is a Monday.

    Attributes:
        learners: how many people.
        skills: how many each of them is taught.
        days: how long it goes on.
        working_days: weekdays from 0 (Monday) to 6 (Sunday) on which people are taught and practise.
        onboarding_days: over how many first days the teaching is spread, as for a new hire; 0: all on the first.
        daily_minutes: the budget of a person and a working day; None: whatever it takes.
        practice_minutes: how long one practice of one skill takes.
        failure_minutes: how much longer a failed one takes.
        first_ratings: how the teaching ends: shares of AGAIN, HARD, GOOD, EASY. The default is that of the simulator in
            fsrs-rs (`first_rating_prob`), measured on users of Anki.
        passed_ratings: how a passed practice is rated: shares of HARD, GOOD, EASY; fsrs-rs's `review_rating_prob`.
        launch: a new set of skills.
        absence: days without practice.
        variation: how the truth differs from the scheduler's view, from person to person and skill to skill.
        memory: how people forget in truth.
        scheduler: what the scheduler takes for the truth; None: the truth.
    """

    learners: int = field(default=100, validator=whole(1, 100_000))
    skills: int = field(default=20, validator=whole(1, 10_000))
    days: int = field(default=364, validator=whole(1, 3650))
    working_days: tuple[int, ...] = field(default=(0, 1, 2, 3, 4), converter=plain_tuple, validator=_are_weekdays)
    onboarding_days: int = field(default=0, validator=whole(0, 3650))
    daily_minutes: float | None = field(default=None, validator=optional(number(0, 24 * 60, above=True)))
    practice_minutes: float = field(default=3.0, validator=number(0, 480, above=True))
    failure_minutes: float = field(default=2.0, validator=number(0, 480))
    first_ratings: tuple[float, ...] = field(
        default=(0.24, 0.094, 0.495, 0.171), converter=plain_tuple, validator=_are_shares(4)
    )
    passed_ratings: tuple[float, ...] = field(
        default=(0.224, 0.631, 0.145), converter=plain_tuple, validator=_are_shares(3)
    )
    launch: Launch | None = field(default=None, validator=optional(is_a(Launch)))
    absence: Absence | None = field(default=None, validator=optional(is_a(Absence)))
    variation: Variation = field(factory=Variation, validator=is_a(Variation))
    memory: Forgetting = field(factory=Forgetting, validator=is_a(Forgetting))
    scheduler: Forgetting | None = field(default=None, validator=optional(is_a(Forgetting)))

    def __attrs_post_init__(self) -> None:
        if self.launch and self.launch.skills > self.skills:
            raise InvalidValue(f"the launch has {self.launch.skills} skills, but the scenario only {self.skills}")
        if self.daily_minutes is not None and self.daily_minutes < self.longest_practice:
            raise InvalidValue(
                f"Scenario.daily_minutes must allow for one failed practice, "
                f"{self.longest_practice:g} minutes, but it is {self.daily_minutes:g}"
            )

    @property
    def longest_practice(self) -> float:
        """The minutes of a failed practice."""
        return self.practice_minutes + self.failure_minutes

    def minutes(self, practices: Ints, failures: Ints) -> Floats:
        """How long so many practices take, of which so many fail."""
        return np.asarray(practices * self.practice_minutes + failures * self.failure_minutes, dtype=np.float64)

    @property
    def weeks(self) -> int:
        """How many weeks are begun."""
        return -(-self.days // DAYS_OF_WEEK)

    @property
    def is_as_scheduled(self) -> bool:
        """Whether the scheduler knows the truth about every memory."""
        return self.scheduler in (None, self.memory) and self.variation == Variation()

    def open_days(self, *, away: bool = False) -> Flags:
        """Whether people work, for each day and for a week beyond the horizon.

        Args:
            away: whether it is about those who are absent in the absence.
        """
        days = np.arange(self.days + DAYS_OF_WEEK)
        is_open = np.isin(days % DAYS_OF_WEEK, self.working_days)
        if away and self.absence:
            is_open &= (days < self.absence.day) | (days >= self.absence.day + self.absence.days)
        return is_open

    def absent(self) -> Flags:
        """Whether each learner is away in the absence."""
        count = round(self.absence.share * self.learners) if self.absence else 0
        return np.arange(self.learners) < count


def next_open(is_open: Flags) -> Ints:
    """For each day the first working day from it on; NEVER if there is none."""
    days = np.where(is_open, np.arange(len(is_open)), NEVER)
    return np.asarray(np.minimum.accumulate(days[::-1])[::-1])


@frozen(eq=False)
class World:
    """Some learners of a scenario, their pairs side by side, learner after learner.

    Attributes:
        learners: how many.
        states: what is remembered when it begins.
        begin: the day on which each pair is taught; NEVER: not within the horizon.
        first_rating: how the teaching ends.
        factor: of each pair's stability, see `Variation`.
        fuzz: a seed for each pair, for the scheduler's fuzz.
        luck: a seed for each pair: whether its next practice would pass at a given probability of recall, whatever day
            it falls on. So ways of reinforcing are compared with the same people and the same luck.
        ease: a seed for each pair: how a passed practice is rated.
        is_away: whether its learner is absent in the absence.
    """

    learners: int
    states: States
    begin: Ints
    first_rating: Ints
    factor: Floats
    fuzz: Seeds
    luck: Seeds
    ease: Seeds
    is_away: Flags

    @classmethod
    def of(
        cls,
        scenario: Scenario,
        team: PresentTeam | None,
        learners: slice,
        skill_factor: Floats,
        chance: np.random.Generator,
    ) -> "World":
        """The world of some learners of a scenario.

        Args:
            scenario: what is simulated.
            team: how it stands when the scenario begins; None: nobody knows anything.
            learners: which of its learners.
            skill_factor: the logarithm of each skill's factor.
            chance: of these learners only.
        """
        away = scenario.absent()[learners]
        count, pairs = len(away), len(away) * scenario.skills
        is_away = np.repeat(away, scenario.skills)
        begins = [taught_on(scenario, away=one) for one in (False, True)]
        of_learner = chance.normal(0.0, scenario.variation.learners, count)
        fuzz, luck, ease = (chance.integers(0, 2**64, pairs, dtype=np.uint64) for _ in range(3))
        begin = np.where(is_away, np.tile(begins[True], count), np.tile(begins[False], count))
        states = States.unknown(pairs)
        if team:
            part = team.of(learners)
            states = part.states
            begin = np.where(states.reviews > 0, BEFORE, np.where(part.is_needed, begin, NEVER))
        return cls(
            count,
            states,
            begin,
            1 + drawn(scenario.first_ratings, chance.random(pairs)),
            np.exp(of_learner[:, None] + skill_factor[None, :]).ravel(),
            fuzz,
            luck,
            ease,
            is_away,
        )


def taught_on(scenario: Scenario, *, away: bool) -> Ints:
    """The day on which each skill is taught, NEVER if that is beyond the horizon."""
    launched = scenario.launch.skills if scenario.launch else 0
    first = scenario.skills - launched
    days = np.arange(first) * scenario.onboarding_days // max(first, 1)
    if scenario.launch:
        days = np.append(days, np.full(launched, scenario.launch.day))
    open_from = next_open(scenario.open_days(away=away))
    day = np.where(days < scenario.days, open_from[np.minimum(days, scenario.days)], NEVER)
    return np.asarray(np.where(day < scenario.days, day, NEVER))


def drawn(shares: tuple[float, ...], uniform: Floats) -> Ints:
    """The number of the share that each uniform number in [0, 1) falls into."""
    ends = np.cumsum(shares)[:-1]
    return np.asarray(np.searchsorted(ends, uniform, side="right"), dtype=np.int64)
