"""Why a skill is due when it is, put together from the evidence."""

from datetime import datetime

from reinforce.forgetting.curve import retrievability
from reinforce.forgetting.interval import key_seed, pair_seed
from reinforce.forgetting.preview import curve, next_time
from reinforce.model.days import date_of
from reinforce.model.memory import Why
from reinforce.store import reading
from reinforce.store.folding import states_of
from reinforce.store.logged import logged_event, review_of
from reinforce.store.resolving import skill_seed
from reinforce.store.session import Session

CURVE_DAYS_PAST_DUE = 2.0
"""How far a forgetting curve is drawn: so many times as long as it takes until the skill is due."""


def explanation(session: Session, learner: str, skill: str, at: datetime, last: int) -> Why:
    """What is known of a learner's skill at a moment, with its last events.

    Raises:
        UnknownLearner, UnknownSkill: the tenant has none of that key.
    """
    found = reading.evidence(session.driver, session.tenant_id, learner, skill, at, last)
    forgetting, memory = found.parameters.forgetting, found.memory
    states = states_of([memory])
    seed = pair_seed(key_seed(learner), skill_seed(skill))
    left = None
    drawn: list[float] = []
    if memory is not None:
        left = float(retrievability(found.today - memory.last_day, memory.stability, forgetting.decay))
        until_due = (memory.due_day - memory.last_day) * CURVE_DAYS_PAST_DUE
        drawn = curve(forgetting, memory.stability, int(max(until_due, found.today - memory.last_day)))
    return Why(
        learner=learner,
        skill=skill,
        title=found.title,
        day=date_of(found.today),
        state=reading.memory_state(memory, found.parameters.algorithm) if memory else None,
        retrievability=left,
        desired_retention=found.desired_retention,
        events=tuple(logged_event(row) for row, _ in found.logged),
        reviews=tuple(review_of(row, skill, effect) for row, effect in found.logged),
        next_time=next_time(forgetting, states, found.today, found.desired_retention, seed),
        parameters=forgetting.weights,
        curve=tuple((date_of(memory.last_day + n), left) for n, left in enumerate(drawn)) if memory else (),
    )
