"""Facts become statements: pure functions, one for each kind of fact; the same fact gives the same bytes.

`tell` makes the statement of any fact. Each is valid in xAPI 1.0.3 and 2.0 alike, follows a template of our profile,
and has an id that is derived from the fact.
"""

from functools import singledispatch

from reinforce.errors import InvalidValue
from reinforce.model.people import Learner
from reinforce.statements import vocabulary
from reinforce.statements.activities import Verb
from reinforce.statements.contexts import Context, ContextActivities, Result, StatementRef
from reinforce.statements.conversion import unstructure
from reinforce.statements.facts import (
    Coached,
    Fact,
    Lapsed,
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
from reinforce.statements.formats import compact
from reinforce.statements.identity import REGISTRATIONS, derived_id, practice_id, statement_id
from reinforce.statements.outcomes import success_of, told_score
from reinforce.statements.parts import (
    extensions,
    memory_registration,
    model_values,
    refresher_activity,
    skill_activities,
    skill_activity,
    state_values,
    statement_of,
)
from reinforce.statements.reading import check_statement
from reinforce.statements.statement import Statement
from reinforce.statements.versions import XapiVersion
from reinforce.statements.voice import Voice


def serialise(statement: Statement) -> bytes:
    """The statement as the bytes that are stored and sent; the same statement gives the same bytes.

    Raises:
        InvalidStatement: it breaks a rule of xAPI 1.0.3 or 2.0.
    """
    data = unstructure(statement)
    for version in XapiVersion:
        check_statement(data, version)
    return compact(data)


@singledispatch
def tell(fact: Fact, voice: Voice) -> Statement:  # noqa: ARG001 -- those that are registered need it
    """The statement that tells a fact.

    Args:
        fact: what happened.
        voice: in whose name it is told.

    Raises:
        InvalidValue: it is no fact, or a learner lacks the identifier that the voice asks for.
    """
    raise InvalidValue(f"a {type(fact).__name__} is no fact that is told")


# ---------------------------------------------------------------- memory


@tell.register
def _practised(fact: Practised, voice: Voice) -> Statement:
    with_what = fact.refresher and refresher_activity(fact.refresher.key, fact.refresher.label, voice)
    how = extensions(
        voice,
        rating=fact.rating,
        weight=fact.outcome.weight,
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
        result=Result(told_score(fact.outcome.outcome), success_of(fact.rating), extensions=how),
        context=Context(
            memory_registration(fact.learner, fact.skill, voice),
            instructor=None if fact.assessor is None else voice.agent(fact.assessor),
            context_activities=ContextActivities(parent=(with_what,) if with_what else ()),
            extensions=extensions(voice, practice_kind=fact.event.kind.value, **model_values(fact.state)),
        ),
    )


@tell.register
def _lapsed(fact: Lapsed, voice: Voice) -> Statement:
    state = state_values(fact.state)
    how = extensions(voice, lapses=fact.state.lapses, retrievability=fact.retrievability, **state)
    return statement_of(
        fact,
        voice,
        fact.at,
        fact.learner,
        voice.words.lapsed,
        skill_activity(fact.skill, voice),
        result=Result(extensions=how),
        context=Context(
            memory_registration(fact.learner, fact.skill, voice),
            statement=StatementRef(fact.told_by or practice_id(voice.tenant, fact.event_id, fact.skill.key)),
            extensions=extensions(voice, **model_values(fact.state)),
        ),
    )


@tell.register
def _retention_dropped(fact: RetentionDropped, voice: Voice) -> Statement:
    how = extensions(voice, retrievability=fact.retrievability, **state_values(fact.state))
    return statement_of(
        fact,
        voice,
        fact.at,
        fact.learner,
        voice.words.retention_dropped,
        skill_activity(fact.skill, voice),
        result=Result(extensions=how),
        context=Context(
            memory_registration(fact.learner, fact.skill, voice),
            extensions=extensions(voice, desired_retention=fact.desired_retention, **model_values(fact.state)),
        ),
    )


@tell.register
def _mastered(fact: Mastered, voice: Voice) -> Statement:
    return statement_of(
        fact,
        voice,
        fact.at,
        fact.learner,
        vocabulary.MASTERED,
        skill_activity(fact.skill, voice),
        result=Result(success=True, extensions=extensions(voice, **state_values(fact.state))),
        context=Context(
            memory_registration(fact.learner, fact.skill, voice),
            extensions=extensions(voice, **model_values(fact.state)),
        ),
    )


@tell.register
def _skill_expired(fact: SkillExpired, voice: Voice) -> Statement:
    return statement_of(
        fact,
        voice,
        fact.at,
        fact.learner,
        vocabulary.EXPIRED,
        skill_activity(fact.skill, voice),
        context=Context(
            memory_registration(fact.learner, fact.skill, voice),
            extensions={vocabulary.EXPIRES: fact.expired_on.isoformat()},
        ),
    )


# ---------------------------------------------------------------- refreshers


@tell.register
def _refresher_assigned(fact: RefresherAssigned, voice: Voice) -> Statement:
    return _about_refresher(fact, voice, vocabulary.WAS_ASSIGNED)


@tell.register
def _refresher_done(fact: RefresherDone, voice: Voice) -> Statement:
    return _about_refresher(fact, voice, vocabulary.COMPLETED, Result(completion=True))


@tell.register
def _refresher_expired(fact: RefresherExpired, voice: Voice) -> Statement:
    return _about_refresher(fact, voice, vocabulary.EXPIRED)


def _about_refresher(
    fact: RefresherAssigned | RefresherDone | RefresherExpired, voice: Voice, verb: Verb, result: Result | None = None
) -> Statement:
    assignment = fact.assignment
    return statement_of(
        fact,
        voice,
        fact.at,
        fact.learner,
        verb,
        refresher_activity(assignment.refresher, assignment.title, voice),
        result=result,
        context=Context(
            derived_id(REGISTRATIONS, voice.tenant, "assignment", assignment.id),
            context_activities=ContextActivities(other=skill_activities(fact.skills, voice)),
            extensions={
                vocabulary.DUE_DATE: assignment.expires.isoformat(),
                **extensions(voice, reason=assignment.reason, minutes=assignment.minutes),
            },
        ),
    )


# ---------------------------------------------------------------- people


@tell.register
def _coached(fact: Coached, voice: Voice) -> Statement:
    return _about_person(fact, voice, fact.coach, vocabulary.COACHED)


@tell.register
def _observed(fact: Observed, voice: Voice) -> Statement:
    seen = None
    if len(fact.skills) == 1:
        seen = StatementRef(practice_id(voice.tenant, fact.event_id, fact.skills[0].key))
    return _about_person(fact, voice, fact.observer, vocabulary.OBSERVED, seen)


def _about_person(
    fact: Coached | Observed, voice: Voice, by: Learner, verb: Verb, seen: StatementRef | None = None
) -> Statement:
    return statement_of(
        fact,
        voice,
        fact.at,
        by,
        verb,
        voice.agent(fact.learner),
        result=Result(response=fact.note),
        context=Context(
            statement=seen, context_activities=ContextActivities(other=skill_activities(fact.skills, voice))
        ),
    )


@tell.register
def _reviewed(fact: Reviewed, voice: Voice) -> Statement:
    return statement_of(
        fact,
        voice,
        fact.at,
        fact.reviewer,
        vocabulary.REVIEWED,
        StatementRef(practice_id(voice.tenant, fact.event_id, fact.skill)),
        result=Result(response=fact.note),
        context=Context(),
    )


@tell.register
def _voided(fact: Voided, voice: Voice) -> Statement:
    return statement_of(
        fact,
        voice,
        fact.at,
        fact.by,
        vocabulary.VOIDED,
        StatementRef(statement_id(fact.fact, voice.tenant)),
        result=Result(response=fact.reason),
        context=Context(),
    )
