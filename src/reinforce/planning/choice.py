"""Choose refreshers for a day: greedily by value per minute, within the minutes and places that there are.

What matters most is taken first, by what does it quickest. So a day may begin with a refresher of one skill, and then
need a second one for another, though a third practises both in less time than the two: it takes their place.
"""

from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush

from attrs import define, frozen

from reinforce.planning.value import DIGITS, ENOUGH_LEFT, Want, Worth

ROUNDING = 1e-9
"""Minutes that add up to the budget but for this much are within it."""


@frozen(order=True)
class Offer:
    """A refresher that may be given.

    Attributes:
        refresher: its number in the catalogue.
        minutes: how long it takes.
        skills: numbers of those of its skills that are wanted, with its weight for each.
    """

    refresher: int
    minutes: float
    skills: tuple[tuple[int, float], ...]


@frozen
class Chosen:
    """An offer that was taken.

    Attributes:
        value: per minute, at the moment of choosing.
        skills: what it is for, most valuable first; the first is due.
    """

    offer: Offer
    value: float
    skills: tuple[int, ...]


@define
class Day:
    """A day that is being filled.

    Attributes:
        wants: by number of the skill.
        left: for each wanted skill, the share of its worth that nothing has claimed yet.
        minutes: that are still free.
        places: for assignments that are still free.
        by: what minutes are spent for.
    """

    wants: Mapping[int, Want]
    left: dict[int, float]
    minutes: float
    places: int
    by: Worth

    def again(self) -> "Day":
        """The same day, to be filled in another way."""
        return Day(self.wants, dict(self.left), self.minutes, self.places, self.by)

    def needs(self, skill: int) -> bool:
        """Whether the skill is a reason to give another refresher today."""
        want = self.wants.get(skill)
        return want is not None and want.is_due and self.left[skill] > ENOUGH_LEFT

    def fill(self, offers: Sequence[Offer]) -> list[Chosen]:
        """Take the best offer that fits, again and again."""
        worth = {skill: want.worth(self.by) for skill, want in self.wants.items()}
        ranked = [(rank, offer) for offer in offers if (rank := self._rank(offer, worth))]
        heapify(ranked)
        chosen = []
        while ranked and self.places > 0:
            rank, offer = heappop(ranked)
            now = self._rank(offer, worth)
            if now is None or offer.minutes > self.minutes + ROUNDING:
                continue
            if now > rank:  # a rank only ever falls, so it is enough to look again at what comes first
                heappush(ranked, (now, offer))
                continue
            chosen.append(Chosen(offer, -rank[0], self._in_order(offer, worth)))
            self._take(offer)
        return chosen

    def _rank(self, offer: Offer, worth: Mapping[int, float]) -> tuple[float, float, int] | None:
        """Lower is better: value per minute, then retrievability, then key; None: it is not needed."""
        value, surest, is_needed = 0.0, 0.0, False
        for skill, weight in offer.skills:
            value += worth[skill] * weight * self.left[skill]
            if self.needs(skill):
                is_needed = True
                surest = max(surest, self.wants[skill].assumed)
        return (-round(value / offer.minutes, DIGITS), -surest, offer.refresher) if is_needed else None

    def _in_order(self, offer: Offer, worth: Mapping[int, float]) -> tuple[int, ...]:
        ranked = sorted(
            (not self.needs(skill), -round(worth[skill] * weight * self.left[skill], DIGITS), skill)
            for skill, weight in offer.skills
            if self.left[skill] > 0.0
        )
        return tuple(skill for _, _, skill in ranked)

    def _take(self, offer: Offer) -> None:
        self.minutes -= offer.minutes
        self.places -= 1
        claim(self.left, offer.skills)


def claim(left: dict[int, float], skills: Sequence[tuple[int, float]]) -> None:
    """Lower what is left of each wanted skill by its weight."""
    for skill, weight in skills:
        if skill in left:
            left[skill] *= 1.0 - weight


def choose(
    wants: Mapping[int, Want],
    offers: Sequence[Offer],
    claimed: Mapping[int, float],
    budget: float,
    places: int,
) -> tuple[list[Chosen], Day]:
    """The choice for a day, in the order in which it should be taken, and the day as it was left.

    First for the retention that is regained. If that leaves out a due skill for want of minutes or places,
    the day has a backlog, and the choice is made again for the retention that lasts.

    Args:
        wants: the wanted skills.
        offers: refreshers that may be given; none is longer than the budget.
        claimed: for each wanted skill, the share that open assignments leave.
        budget: minutes.
        places: how many assignments the day may hold.
    """
    chosen, day = _filled(Day(wants, dict(claimed), budget, places, Worth.REGAINED), offers)
    if any(day.needs(skill) for offer in _others(offers, chosen) for skill, _ in offer.skills):
        chosen, day = _filled(Day(wants, dict(claimed), budget, places, Worth.LASTING), offers)
    return chosen, day


def _filled(empty: Day, offers: Sequence[Offer]) -> tuple[list[Chosen], Day]:
    """The best offers, again and again; where one that was left does what several do, it takes their place."""
    day = empty.again()
    chosen = day.fill(offers)
    for _ in offers:
        swap = _one_for_several(chosen, offers)
        if swap is None:
            break
        one, several = swap
        day = empty.again()
        kept = [one, *(each.offer for each in chosen if each.offer not in several)]
        chosen = day.fill(kept)
        chosen += day.fill(_others(offers, chosen))
        day = empty.again()
        # Once more, because what the spared minutes were spent for may come before what they were spared by.
        chosen = day.fill([each.offer for each in chosen])
    return chosen, day


def _one_for_several(chosen: Sequence[Chosen], offers: Sequence[Offer]) -> tuple[Offer, list[Offer]] | None:
    """The offer that practises all that two or more of the chosen do in no more minutes, with those; None: none does.

    Of several such offers the one that spares the most minutes.
    """
    best, spared = None, -ROUNDING
    for one in _others(offers, chosen):
        several = _done_by(dict(one.skills), chosen) if len(one.skills) > 1 else []
        now = sum(offer.minutes for offer in several) - one.minutes
        if len(several) > 1 and (now >= spared if best is None else now > spared + ROUNDING):
            best, spared = (one, several), now
    return best


def _done_by(weights: Mapping[int, float], chosen: Sequence[Chosen]) -> list[Offer]:
    """Those of the chosen that, all together, practise no skill more than these weights do, the longest first."""
    several: list[Offer] = []
    left = dict.fromkeys(weights, 1.0)
    for offer in sorted((each.offer for each in chosen), key=lambda offer: (-offer.minutes, offer.refresher)):
        after = dict(left)
        claim(after, offer.skills)
        if all(skill in weights and after[skill] >= 1.0 - weights[skill] - ROUNDING for skill, _ in offer.skills):
            several.append(offer)
            left = after
    return several


def _others(offers: Sequence[Offer], chosen: Sequence[Chosen]) -> list[Offer]:
    taken = {each.offer.refresher for each in chosen}
    return [offer for offer in offers if offer.refresher not in taken]
