"""Which refreshers a learner may be given on a day, and why the others may not."""

from collections.abc import Iterable, Mapping

from attrs import frozen

from reinforce.model.days import date_of
from reinforce.model.plans import LeftOver, PlanningRules
from reinforce.planning import reasons
from reinforce.planning.catalogue import Catalogue, quoted
from reinforce.planning.choice import ROUNDING, Chosen, Day, Offer, claim
from reinforce.planning.outlook import Wanted, Wishes
from reinforce.planning.reasons import Obstacle
from reinforce.planning.value import ENOUGH_LEFT, most_valuable_first


@frozen(eq=False)
class Access:
    """The library as one learner may use it on a day.

    Attributes:
        wishes: knows which prerequisites are met.
        wanted: what the learner should refresh.
        fitting: refreshers that are made for the learner and valid on the day.
        open: keys of the refreshers that are open for the learner.
        last_given: the last day on which the learner was given each refresher's key.
        budget: minutes.
    """

    wishes: Wishes
    wanted: Wanted
    fitting: frozenset[int]
    open: frozenset[str]
    last_given: Mapping[str, int]
    budget: float

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue that numbers skills and refreshers."""
        return self.wishes.catalogue

    @property
    def rules(self) -> PlanningRules:
        """The planning rules."""
        return self.wishes.rules

    def left_by_open(self) -> dict[int, float]:
        """For each wanted skill, the share of its worth that open assignments have not claimed."""
        left = dict.fromkeys(self.wanted.wants, 1.0)
        for key in sorted(self.open):
            if key in self.catalogue.refresher_number:
                claim(left, self.catalogue.practises[self.catalogue.refresher_number[key]])
        return left

    def offers(self) -> list[Offer]:
        """Every refresher that may be given and practises a skill that is due."""
        wants = self.wanted.wants
        candidates = {
            refresher
            for skill, want in wants.items()
            if want.is_due
            for refresher in self.catalogue.practised_by[skill]
            if refresher in self.fitting
        }
        return [
            Offer(
                refresher,
                self.catalogue.refreshers[refresher].minutes,
                tuple(pair for pair in self.catalogue.practises[refresher] if pair[0] in wants),
            )
            for refresher in sorted(candidates)
            if self.obstacle(refresher) is None
        ]

    def obstacle(self, refresher: int) -> Obstacle | None:
        """Why a refresher may not be given; None: it may."""
        item = self.catalogue.refreshers[refresher]
        if item.key in self.open:
            return reasons.still_open(quoted(item.label))
        if refresher not in self.fitting:
            return reasons.MADE_FOR_OTHERS
        if item.key in self.last_given:
            cool_down = self.rules.cool_down_days if item.cool_down_days is None else item.cool_down_days
            free_again = self.last_given[item.key] + cool_down
            if free_again > self.wishes.outlook.day:
                return reasons.cools_down(date_of(free_again))
        for skill, _ in self.catalogue.practises[refresher]:
            if unmet := self.wishes.unmet(skill, self.wanted.practised):
                return reasons.holds_locked(self.catalogue, skill, self._first_of(unmet))
        if item.minutes > self.budget + ROUNDING:
            return reasons.too_long(item.minutes, self.budget)
        return None

    def left_over(self, chosen: Iterable[Chosen], filled: Day) -> list[LeftOver]:
        """Every skill that is due and not in the plan, most valuable first; those that wait come last.

        Args:
            chosen: the plan.
            filled: the day after it was chosen.
        """
        planned = {skill for each in chosen for skill in each.skills}
        says: dict[int, str] = {}
        for want in most_valuable_first(self.wanted.wants, filled.by):
            if want.skill in planned:
                continue
            if want.is_due:
                says[want.skill] = self._why_left_over(want.skill, filled)
            elif want.skill in self.wanted.later:
                says[want.skill] = reasons.moved_to(date_of(self.wanted.later[want.skill]))
        for skill in sorted(self.wanted.waiting):
            says[skill] = reasons.waits_for(self.catalogue, self._first_of(self.wanted.waiting[skill]))
        return [LeftOver(self.catalogue.skills[skill].key, reason) for skill, reason in says.items()]

    def _why_left_over(self, skill: int, filled: Day) -> str:
        refreshers = self.catalogue.practised_by[skill]
        if not refreshers:
            return reasons.NOT_IN_LIBRARY
        if filled.left[skill] <= ENOUGH_LEFT:  # it is not in the plan, so it is what is open that claims it
            titles = (self.catalogue.refreshers[each] for each in refreshers)
            return next(reasons.still_open(quoted(each.label)).says for each in titles if each.key in self.open)
        full = reasons.no_room(self.budget, filled.places, self.rules.most_assignments)
        return min(self.obstacle(refresher) or full for refresher in refreshers).says

    def _first_of(self, unmet: frozenset[int]) -> list[int]:
        """Those of unmet prerequisites that wait for no other."""
        return sorted(skill for skill in unmet if self.catalogue.prerequisites[skill].isdisjoint(unmet))
