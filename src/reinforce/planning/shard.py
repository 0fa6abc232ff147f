"""Plan a day for many learners at once, or for one.

The plan of a learner depends on nothing but the catalogue, the learner, the learner's own rows and history, the day,
the rules and the parameters: it is the same in every shard and in whatever order rows come.
"""

import uuid
from collections.abc import Sequence
from datetime import date, timedelta

from attrs import define, field

from reinforce.forgetting.interval import key_seed
from reinforce.forgetting.parameters import Forgetting
from reinforce.model.days import date_of, day_number
from reinforce.model.people import Learner
from reinforce.model.plans import Assignment, Plan, PlanningRules
from reinforce.planning.access import Access
from reinforce.planning.balance import LOOK_BACK, REACH
from reinforce.planning.catalogue import Catalogue
from reinforce.planning.choice import Chosen, choose
from reinforce.planning.needs import Needs
from reinforce.planning.outlook import Outlook, Wanted, Wishes
from reinforce.planning.reasons import why_given
from reinforce.planning.rows import History, MemoryRows
from reinforce.planning.value import DIGITS

ASSIGNMENT_IDS = uuid.UUID("6f1d3c52-5b0e-5a5e-9d0c-3f0b8f1f7a11")
"""The UUIDv5 name space of assignments."""


def plan_shard(
    catalogue: Catalogue,
    learners: Sequence[Learner],
    memory: MemoryRows,
    history: History,
    day: date,
    rules: PlanningRules,
    parameters: Forgetting,
) -> list[Plan]:
    """The plan of each learner for a day, in the order of the learners.

    Args:
        catalogue: of their tenant.
        learners: whose plans are made; people who are not active get an empty one.
        memory: their memory rows, in any order.
        history: what they were given before this day.
        day: the calendar day of all these learners.
        rules: of the tenant.
        parameters: that made the memory rows.
    """
    planner = _Planner(catalogue, history, day, rules)
    needs = [planner.needs_of(learner) for learner in learners]
    outlook = Outlook.of(catalogue, memory, needs, planner.today, parameters)
    wishes = Wishes(catalogue, outlook, rules)
    return [planner.plan(wishes, n, learner) for n, learner in enumerate(learners)]


def plan_day(
    catalogue: Catalogue,
    learner: Learner,
    memory: MemoryRows,
    history: History,
    day: date,
    rules: PlanningRules,
    parameters: Forgetting,
) -> Plan:
    """The plan of one learner for a day; the rows' learner is 0. See `plan_shard`."""
    return plan_shard(catalogue, [learner], memory, history, day, rules, parameters)[0]


def assignment_id(tenant: str, learner: str, refresher: str, day: date) -> str:
    """32 hex digits, the same whenever the same refresher is given to the same person for the same day."""
    return uuid.uuid5(ASSIGNMENT_IDS, "\n".join((tenant, learner, refresher, day.isoformat()))).hex


@define(eq=False)
class _Planner:
    """Plans one learner after another; what several have in common is worked out once."""

    catalogue: Catalogue
    history: History
    day: date
    rules: PlanningRules
    today: int = field(init=False)
    _needs: dict[frozenset[str], Needs] = field(init=False, factory=dict)
    _fitting: dict[tuple[frozenset[str], str | None], frozenset[int]] = field(init=False, factory=dict)
    _open_days: dict[str | None, list[int]] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        self.today = day_number(self.day)

    def needs_of(self, learner: Learner) -> Needs:
        """What the learner's roles ask."""
        roles = frozenset(learner.roles)
        if roles not in self._needs:
            self._needs[roles] = Needs.of(self.catalogue, roles)
        return self._needs[roles]

    def plan(self, wishes: Wishes, n: int, learner: Learner) -> Plan:
        """The plan of the learner at a position of the shard."""
        open_days = self._open_days_of(learner) if learner.is_active else []
        if self.today not in open_days:
            return Plan(learner.key, self.day)
        budget = float(self.rules.daily_minutes if learner.daily_minutes is None else learner.daily_minutes)
        wanted = wishes.of(n, key_seed(learner.key), self.needs_of(learner), open_days)
        if not (wanted.wants or wanted.waiting or wanted.later):
            return Plan(learner.key, self.day, budget=budget)
        access = Access(
            wishes=wishes,
            wanted=wanted,
            fitting=self._fitting_for(learner),
            open=self.history.open.get(learner.key, frozenset()),
            last_given=self.history.last_given.get(learner.key, {}),
            budget=budget,
        )
        chosen, filled = choose(
            wanted.wants, access.offers(), access.left_by_open(), budget, self.rules.most_assignments
        )
        given = [self._assignment(wanted, learner, each) for each in chosen]
        return Plan(
            learner=learner.key,
            day=self.day,
            assignments=tuple(given),
            left_over=tuple(access.left_over(chosen, filled)),
            minutes=sum(each.minutes for each in given),
            budget=budget,
        )

    def _fitting_for(self, learner: Learner) -> frozenset[int]:
        """The refreshers that are made for the learner and valid on the day."""
        audience = (frozenset(learner.roles), learner.language)
        if audience not in self._fitting:
            self._fitting[audience] = self.catalogue.fitting(*audience, self.day)
        return self._fitting[audience]

    def _open_days_of(self, learner: Learner) -> list[int]:
        if learner.calendar not in self._open_days:
            calendar = self.catalogue.calendar(learner.calendar)
            days = range(self.today - LOOK_BACK, self.today + REACH + 1)
            self._open_days[learner.calendar] = [day for day in days if calendar.is_open(date_of(day))]
        open_days = self._open_days[learner.calendar]
        if not learner.absences:
            return open_days
        return [day for day in open_days if not any(date_of(day) in absence for absence in learner.absences)]

    def _assignment(self, wanted: Wanted, learner: Learner, chosen: Chosen) -> Assignment:
        refresher = self.catalogue.refreshers[chosen.offer.refresher]
        lead, *others = chosen.skills
        return Assignment(
            id=assignment_id(self.catalogue.tenant, learner.key, refresher.key, self.day),
            learner=learner.key,
            refresher=refresher.key,
            title=refresher.label,
            day=self.day,
            expires=self.day + timedelta(days=self.rules.open_days),
            skills=tuple(self.catalogue.skills[skill].key for skill in chosen.skills),
            minutes=refresher.minutes,
            reason=why_given(self.catalogue, wanted.wants[lead], others, self.today),
            value=round(chosen.value, DIGITS),
        )
