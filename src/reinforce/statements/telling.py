"""Facts become statements: pure functions, one for each kind of fact; the same fact gives the same bytes.

`told` makes the plain data of the statement of any fact. Each is valid in xAPI 1.0.3 and 2.0 alike, follows a template
of our profile, and has an id that is derived from the fact.
"""

from functools import lru_cache, singledispatch
from uuid import UUID

from reinforce.errors import InvalidValue
from reinforce.model.people import Learner
from reinforce.model.practice import Outcome
from reinforce.statements import vocabulary
from reinforce.statements.activities import Verb
from reinforce.statements.actors import Account, Agent
from reinforce.statements.conversion import unstructure
from reinforce.statements.facts import (
    Coached,
    Fact,
    Lapsed,
    LearnerErased,
    Mastered,
    Observed,
    Practised,
    RefresherAssigned,
    RefresherDone,
    RefresherExpired,
    RetentionDropped,
    Reviewed,
    SkillExpired,
    Voided,
)
from reinforce.statements.identity import REGISTRATIONS, derived_id, practice_id, statement_id
from reinforce.statements.outcomes import success_of, told_score
from reinforce.statements.parts import (
    Plain,
    around,
    extensions,
    memory_registration,
    model_values,
    outcome,
    person,
    reference,
    refresher_activity,
    skill_activities,
    skill_activity,
    state_values,
    statement_of,
)
from reinforce.statements.voice import Voice


@singledispatch
def told(fact: Fact, voice: Voice) -> Plain:  # noqa: ARG001 -- those that are registered need it
    """The plain data of the statement that tells a fact, unchecked; parts of it are shared and not to be changed.

    Args:
        fact: what happened.
        voice: in whose name it is told.

    Raises:
        InvalidValue: it is no fact, or a learner lacks the identifier that the voice asks for.
    """
    raise InvalidValue(f"a {type(fact).__name__} is no fact that is told")


# ---------------------------------------------------------------- memory


@told.register
def _practised(fact: Practised, voice: Voice) -> Plain:
    refresher = fact.refresher
    how = extensions(
        voice,
        rating=fact.rating,
        weight=float(fact.outcome.weight),
        retrievability=fact.retrievability,
        **state_values(fact.state),
    )
    return statement_of(
        fact,
        voice,
        fact.event.occurred_at,
        fact.learner,
        vocabulary.EXPERIENCED if fact.rating is None else vocabulary.ATTEMPTED,
        skill_activity(fact.skill, voice),
        result=outcome(score=_score(fact.outcome.outcome), success=success_of(fact.rating), extensions=how),
        context=around(
            voice,
            memory_registration(fact.learner, fact.skill, voice),
            instructor=fact.assessor,
            parent=None if refresher is None else refresher_activity(refresher.key, refresher.label, voice),
            extensions=extensions(voice, practice_kind=fact.event.kind.value, **model_values(fact.state)),
        ),
    )


@lru_cache(maxsize=4096)
def _score(of: Outcome) -> Plain | None:
    score = told_score(of)
    if score is None:
        return None
    plain: Plain = unstructure(score)
    return plain


@told.register
def _lapsed(fact: Lapsed, voice: Voice) -> Plain:
    how = extensions(voice, lapses=fact.state.lapses, retrievability=fact.retrievability, **state_values(fact.state))
    return _about_memory(
        fact,
        voice,
        voice.words.lapsed,
        outcome(extensions=how),
        refers_to=fact.told_by or practice_id(voice.tenant, fact.event_id, fact.skill.key),
        more=extensions(voice, **model_values(fact.state)),
    )


@told.register
def _retention_dropped(fact: RetentionDropped, voice: Voice) -> Plain:
    how = extensions(voice, retrievability=fact.retrievability, **state_values(fact.state))
    more = extensions(voice, desired_retention=fact.desired_retention, **model_values(fact.state))
    return _about_memory(fact, voice, voice.words.retention_dropped, outcome(extensions=how), more=more)


@told.register
def _mastered(fact: Mastered, voice: Voice) -> Plain:
    result = outcome(success=True, extensions=extensions(voice, **state_values(fact.state)))
    return _about_memory(fact, voice, vocabulary.MASTERED, result, more=extensions(voice, **model_values(fact.state)))


@told.register
def _skill_expired(fact: SkillExpired, voice: Voice) -> Plain:
    more = {vocabulary.EXPIRES: fact.expired_on.isoformat()}
    return _about_memory(fact, voice, vocabulary.EXPIRED, more=more)


def _about_memory(
    fact: Lapsed | RetentionDropped | Mastered | SkillExpired,
    voice: Voice,
    verb: Verb,
    result: Plain | None = None,
    *,
    refers_to: UUID | None = None,
    more: Plain,
) -> Plain:
    """What happened to a learner's memory of a skill; `more` are extensions of the context."""
    registration = memory_registration(fact.learner, fact.skill, voice)
    return statement_of(
        fact,
        voice,
        fact.at,
        fact.learner,
        verb,
        skill_activity(fact.skill, voice),
        result=result,
        context=around(voice, registration, refers_to=refers_to, extensions=more),
    )


# ---------------------------------------------------------------- refreshers


@told.register
def _refresher_assigned(fact: RefresherAssigned, voice: Voice) -> Plain:
    return _about_refresher(fact, voice, vocabulary.WAS_ASSIGNED)


@told.register
def _refresher_done(fact: RefresherDone, voice: Voice) -> Plain:
    return _about_refresher(fact, voice, vocabulary.COMPLETED, outcome(completion=True))


@told.register
def _refresher_expired(fact: RefresherExpired, voice: Voice) -> Plain:
    return _about_refresher(fact, voice, vocabulary.EXPIRED)


def _about_refresher(
    fact: RefresherAssigned | RefresherDone | RefresherExpired, voice: Voice, verb: Verb, result: Plain | None = None
) -> Plain:
    assignment = fact.assignment
    return statement_of(
        fact,
        voice,
        fact.at,
        fact.learner,
        verb,
        refresher_activity(assignment.refresher, assignment.title, voice),
        result=result,
        context=around(
            voice,
            str(derived_id(REGISTRATIONS, voice.tenant, "assignment", assignment.id)),
            other=skill_activities(fact.skills, voice),
            extensions={
                vocabulary.DUE_DATE: assignment.expires.isoformat(),
                **extensions(voice, reason=assignment.reason, minutes=assignment.minutes),
            },
        ),
    )


# ---------------------------------------------------------------- people


@told.register
def _coached(fact: Coached, voice: Voice) -> Plain:
    return _about_person(fact, voice, fact.coach, vocabulary.COACHED)


@told.register
def _observed(fact: Observed, voice: Voice) -> Plain:
    seen = None
    if len(fact.skills) == 1:
        seen = practice_id(voice.tenant, fact.event_id, fact.skills[0].key)
    return _about_person(fact, voice, fact.observer, vocabulary.OBSERVED, seen)


def _about_person(fact: Coached | Observed, voice: Voice, by: Learner, verb: Verb, seen: UUID | None = None) -> Plain:
    return statement_of(
        fact,
        voice,
        fact.at,
        by,
        verb,
        person(fact.learner, voice),
        result=outcome(response=fact.note),
        context=around(voice, other=skill_activities(fact.skills, voice), refers_to=seen),
    )


@told.register
def _reviewed(fact: Reviewed, voice: Voice) -> Plain:
    return statement_of(
        fact,
        voice,
        fact.at,
        fact.reviewer,
        vocabulary.REVIEWED,
        reference(practice_id(voice.tenant, fact.event_id, fact.skill)),
        result=outcome(response=fact.note),
        context=around(voice),
    )


@told.register
def _learner_erased(fact: LearnerErased, voice: Voice) -> Plain:
    account = Account(voice.actors.home_page, fact.pseudonym)
    whom = unstructure(Agent(account=account))
    return statement_of(fact, voice, fact.at, None, voice.words.erased, whom, context=around(voice))


@told.register
def _voided(fact: Voided, voice: Voice) -> Plain:
    return statement_of(
        fact,
        voice,
        fact.at,
        fact.by,
        vocabulary.VOIDED,
        reference(statement_id(fact.fact, voice.tenant)),
        result=outcome(response=fact.reason),
        context=around(voice),
    )
