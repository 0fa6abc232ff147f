"""The log folded again: what it gives, and the reviews that another policy makes of its outcomes."""

from reinforce.model.memory import MemoryState, Replayed
from reinforce.model.rating_policy import RatingPolicy
from reinforce.store import history
from reinforce.store.event_rows import Effect, review_rows
from reinforce.store.logged import skill_outcomes
from reinforce.store.pair_rows import ReviewRow
from reinforce.store.reading import memory_state
from reinforce.store.resolving import Skills
from reinforce.store.session import Session


def replayed(session: Session, learner: str | None, skill: str | None, *, write: bool) -> Replayed:
    """See `Reinforcer.replay`."""
    return history.replay(session.driver, session.scope(learner, skill), session.parameters, write=write)


def rederive_reviews(session: Session, policy: RatingPolicy) -> None:
    """Make all reviews again from the raw outcomes; memories are still to be replayed."""
    by_id = history.known_skills(session.driver, session.tenant_id)
    known = Skills({skill.key: skill for skill in by_id.values()}, by_id)

    def derive(effect: Effect) -> list[ReviewRow]:
        return review_rows(known, policy, skill_outcomes(effect.row.outcomes), effect)

    history.rederive(session.driver, session.tenant_id, derive, policy.id)


def remembered(session: Session, learner: str, skill: str) -> MemoryState | None:
    """See `Reinforcer.remembered`."""
    row = history.remembered(session.driver, session.scope(learner, skill), session.parameters)
    return memory_state(row, session.parameters.algorithm) if row else None
