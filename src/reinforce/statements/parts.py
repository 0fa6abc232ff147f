"""What the statements that we make are put together from."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from reinforce.model.checks import require_aware
from reinforce.model.memory import MemoryState
from reinforce.model.people import Learner
from reinforce.model.skills import Skill
from reinforce.statements.activities import Activity, ActivityDefinition, Verb
from reinforce.statements.contexts import Context, ContextActivities, Result
from reinforce.statements.facts import Fact
from reinforce.statements.identity import REGISTRATIONS, derived_id, statement_id
from reinforce.statements.outcomes import DIGITS
from reinforce.statements.statement import Statement, StatementObject
from reinforce.statements.vocabulary import COMPETENCY, PROFILE_TYPE, Vocabulary
from reinforce.statements.voice import Voice


def statement_of(
    fact: Fact,
    voice: Voice,
    at: datetime,
    actor: Learner | None,
    verb: Verb,
    of: StatementObject,
    *,
    result: Result | None = None,
    context: Context,
) -> Statement:
    """The statement that tells the fact: with its id, its moment to the millisecond, and our profile as category.

    Args:
        fact: whose id it gets.
        voice: in whose name it is told.
        at: when it happened.
        actor: who did it; None: the system.
        verb: what they did.
        of: to what.
        result: how it went.
        context: around what; without a registration it stands by itself.
    """
    own_id = statement_id(fact, voice.tenant)
    moment = require_aware(at, f"{type(fact).__name__}.at")
    activities = context.context_activities or ContextActivities()
    return Statement(
        id=own_id,
        actor=voice.system if actor is None else voice.agent(actor),
        verb=verb,
        object=of,
        result=result if result != Result() else None,
        context=Context(
            registration=context.registration or own_id,
            instructor=context.instructor,
            context_activities=ContextActivities(
                parent=activities.parent, category=_profile(voice.namespace), other=activities.other
            ),
            statement=context.statement,
            extensions=context.extensions,
        ),
        timestamp=moment.replace(microsecond=moment.microsecond // 1000 * 1000),
    )


@lru_cache(maxsize=16)
def _profile(namespace: str) -> tuple[Activity]:
    return (Activity(Vocabulary(namespace).profile_version, ActivityDefinition(type=PROFILE_TYPE)),)


def skill_activity(skill: Skill, voice: Voice) -> Activity:
    """A skill as an activity."""
    return _activity("skills", skill.key, COMPETENCY, skill.label, voice)


def skill_activities(skills: Iterable[Skill], voice: Voice) -> tuple[Activity, ...]:
    """Skills as activities."""
    return tuple(skill_activity(skill, voice) for skill in skills)


def refresher_activity(key: str, title: str, voice: Voice) -> Activity:
    """A refresher as an activity."""
    return _activity("refreshers", key, voice.words.refresher, title or key, voice)


@lru_cache(maxsize=65536)
def _activity(kind_of_iri: str, key: str, kind: str, title: str, voice: Voice) -> Activity:
    return Activity(voice.iri(kind_of_iri, key), ActivityDefinition(name={voice.language: title}, type=kind))


def memory_registration(learner: Learner, skill: Skill, voice: Voice) -> UUID:
    """The registration of all that happens to one person's memory of one skill."""
    return _memory_registration(voice.tenant, learner.key, skill.key)


@lru_cache(maxsize=65536)
def _memory_registration(tenant: str, learner: str, skill: str) -> UUID:
    return derived_id(REGISTRATIONS, tenant, "memory", learner, skill)


def extensions(voice: Voice, **values: Any) -> dict[str, Any]:
    """Our extensions of those names (with `_` for `-`) and values, without those that are None."""
    return {_extension(voice.namespace, name): _plain(value) for name, value in values.items() if value is not None}


@lru_cache(maxsize=256)
def _extension(namespace: str, name: str) -> str:
    return Vocabulary(namespace).extension(name.replace("_", "-"))


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, date):
        return value.isoformat()
    return int(value) if isinstance(value, int) else value


def state_values(state: MemoryState | None) -> dict[str, Any]:
    """What is told of a memory in a result."""
    if state is None:
        return {}
    return {
        "stability": state.stability,
        "difficulty": state.difficulty,
        "interval": (state.due - state.last_practised).days,
        "due": state.due,
    }


def model_values(state: MemoryState | None) -> dict[str, Any]:
    """What is told in a context of how the numbers of a memory were made."""
    return {} if state is None else {"algorithm": state.algorithm, "parameter_set": state.parameter_set}
