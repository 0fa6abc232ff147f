"""The log folded again: what it gives, and the reviews that another policy makes of its outcomes."""

from reinforce.model.memory import MemoryState, Replayed
from reinforce.model.rating_policy import RatingPolicy
from reinforce.store import history
from reinforce.store.event_rows import Occasion, review_rows
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
    known = Skills.all_of(history.known_skills(session.driver, session.tenant_id))

    def derive(occasion: Occasion) -> list[ReviewRow]:
        return review_rows(known, policy, skill_outcomes(occasion.row.outcomes), occasion)

    history.rederive(session.driver, session.tenant_id, derive, policy.id)


def remembered(session: Session, learner: str, skill: str) -> MemoryState | None:
    """See `Reinforcer.remembered`."""
    row = history.remembered(session.driver, session.scope(learner, skill), session.parameters)
    return memory_state(row, session.parameters.algorithm) if row else None
