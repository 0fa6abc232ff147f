"""Say in plain English why a refresher is given and why a skill is left out: facts about skills, none about people."""

from collections.abc import Sequence
from datetime import date

from attrs import frozen

from reinforce.planning.catalogue import Catalogue
from reinforce.planning.value import Want

MOST_NAMED = 3
"""A sentence names so many skills; what goes beyond is counted."""


def why_given(catalogue: Catalogue, lead: Want, others: Sequence[int], day: int) -> str:
    """The one sentence of an assignment.

    Args:
        catalogue: names the skills.
        lead: the skill that it is given for.
        others: the other skills that it refreshes, most valuable first.
        day: that it is given for.
    """
    facts = [_memory(catalogue, lead), _due(lead, day), _unlocks(catalogue, lead)]
    sentence = f"{catalogue.label(lead.skill)} {_listed([fact for fact in facts if fact])}"
    if others:
        sentence += f"; this also refreshes {_named(catalogue, others)}"
    return sentence + "."


def _memory(catalogue: Catalogue, want: Want) -> str:
    if want.retrievability is None:
        return "was never practised" if want.unlocks is not None else "was never practised and is needed in the role"
    percent, aim = round(want.retrievability * 100), round(want.aim * 100)
    if percent < aim:
        whose = " of the role" if want.aim > catalogue.desired_retention[want.skill] else ""
        return f"has fallen to {percent} % (aim{whose} {aim} %)"
    return f"is at {percent} % (aim {aim} %)"


def _due(want: Want, day: int) -> str:
    if want.due is None:
        return ""
    late = day - want.due
    if late > 0:
        return "was due yesterday" if late == 1 else f"was due {late} days ago"
    if late == 0:
        return "is due today"
    return "is due tomorrow" if late == -1 else f"is due in {-late} days"


def _unlocks(catalogue: Catalogue, want: Want) -> str:
    return "" if want.unlocks is None else f"is required for {catalogue.label(want.unlocks)}"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _named(catalogue: Catalogue, skills: Sequence[int]) -> str:
    named = [catalogue.label(skill) for skill in skills[:MOST_NAMED]]
    if len(skills) > MOST_NAMED:
        named.append(f"{len(skills) - MOST_NAMED} more")
    return _listed(named)


@frozen(order=True)
class Obstacle:
    """Why a refresher cannot be given; lower ones are nearer to being possible.

    Attributes:
        rank: 0 there was no room, 1 it is open, 2 it cools down, 3 it holds a locked skill, 4 it is too long,
            5 it is made for others.
        measure: compares obstacles of one rank.
        says: the reason.
    """

    rank: int
    measure: float
    says: str


NOT_IN_LIBRARY = "no refresher in the library practises it"
MADE_FOR_OTHERS = Obstacle(5, 0, "none of its refreshers is valid on this day for this role and language")


def no_room(budget: float, free_places: int, most: int) -> Obstacle:
    """The day is full."""
    if free_places > 0:
        return Obstacle(0, 0, f"does not fit into {budget:g} minutes")
    return Obstacle(0, 0, f"the day already holds {most} {'assignment' if most == 1 else 'assignments'}")


def still_open(title: str) -> Obstacle:
    """It was given before and is neither done nor expired."""
    return Obstacle(1, 0, f"{title} is open for it already")


def cools_down(until: date) -> Obstacle:
    """It was given too recently."""
    return Obstacle(2, until.toordinal(), f"cool-down until {until.isoformat()}")


def holds_locked(catalogue: Catalogue, locked: int, first: Sequence[int]) -> Obstacle:
    """It practises another skill that has to wait."""
    says = f"its refreshers also practise {catalogue.label(locked)}, which {waits_for(catalogue, first)}"
    return Obstacle(3, locked, says)


def too_long(minutes: float, budget: float) -> Obstacle:
    """It is longer than a whole day's budget."""
    return Obstacle(4, minutes, f"its refresher takes {minutes:g} minutes, more than the {budget:g} of a whole day")


def waits_for(catalogue: Catalogue, first: Sequence[int]) -> str:
    """Its prerequisites come first."""
    return f"waits for {_named(catalogue, first)}"


def moved_to(day: date) -> str:
    """It is taken on another day within its range."""
    return f"planned for {day.isoformat()} to even out the load"
