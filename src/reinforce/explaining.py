"""Why a skill is due when it is, put together from the evidence."""

from datetime import datetime

from reinforce.forgetting.foresight import why_moved
from reinforce.forgetting.interval import key_seed, pair_seed
from reinforce.forgetting.preview import curve, next_time
from reinforce.forgetting.states import States
from reinforce.model.calibration import Corrected, Correction
from reinforce.model.days import date_of
from reinforce.model.memory import Why
from reinforce.store.evidence import Evidence, evidence
from reinforce.store.logged import logged_event, review_of
from reinforce.store.many_pairs import states_of
from reinforce.store.reading import memory_state
from reinforce.store.resolving import skill_seed
from reinforce.store.session import Session

CURVE_DAYS_PAST_DUE = 2.0
"""How far a forgetting curve is drawn: so many times as long as it takes until the skill is due."""


def explanation(session: Session, learner: str, skill: str, at: datetime, last: int) -> Why:
    """What is known of a learner's skill at a moment, with its last events.

    Raises:
        UnknownLearner, UnknownSkill: the tenant has none of that key.
    """
    found = evidence(session.driver, session.tenant, learner, skill, at, last)
    forgetting, memory = found.parameters.forgetting, found.memory
    states = states_of([memory])
    seed = pair_seed(key_seed(learner), skill_seed(skill))
    seen = None if found.sight is None else found.sight.seen([found.pair])
    left = None
    drawn: list[float] = []
    if memory is not None:
        elapsed = found.today - memory.last_day
        left = curve(forgetting, states, max(elapsed, 0), seen)[-1]
        until_due = (memory.due_day - memory.last_day) * CURVE_DAYS_PAST_DUE
        drawn = curve(forgetting, states, int(max(until_due, elapsed)), seen)
    return Why(
        learner=learner,
        skill=skill,
        title=found.title,
        day=date_of(found.today),
        state=memory_state(memory, found.parameters.algorithm) if memory else None,
        retrievability=left,
        desired_retention=found.desired_retention,
        events=tuple(logged_event(row) for row, _ in found.logged),
        reviews=tuple(review_of(row, skill, effect) for row, effect in found.logged),
        next_time=next_time(forgetting, states, found.today, found.desired_retention, seed, seen),
        parameters=forgetting.weights,
        curve=tuple((date_of(memory.last_day + n), left) for n, left in enumerate(drawn)) if memory else (),
        corrected=_corrected(found, states),
    )


def _corrected(found: Evidence, states: States) -> Corrected | None:
    """What moved the probability of recall; None: nothing did."""
    if found.memory is None or found.sight is None:
        return None
    view, standing = found.sight.generation.view, found.sight.seen([found.pair]).standing(states)
    moved = why_moved(view, found.parameters.forgetting, standing, found.today - found.memory.last_day)
    corrections = [Correction(name, added, points) for name, (added, points) in moved.corrections.items()]
    return Corrected(
        before=moved.retrievability,
        after=moved.expected,
        trust=moved.trust,
        generation=found.sight.generation.number,
        corrections=tuple(sorted(corrections, key=lambda one: (-abs(one.points), one.name))),
    )
