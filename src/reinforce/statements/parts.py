"""What the statements that we make are put together from, as plain data.

What stands in many statements (people, skills, verbs) is made once and shared; nobody changes it.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from reinforce.model.checks import require_aware
from reinforce.model.memory import MemoryState
from reinforce.model.people import Learner
from reinforce.model.skills import Skill
from reinforce.statements.activities import Activity, ActivityDefinition, Verb
from reinforce.statements.conversion import unstructure
from reinforce.statements.facts import Fact
from reinforce.statements.identity import REGISTRATIONS, derived_id, statement_id
from reinforce.statements.outcomes import DIGITS
from reinforce.statements.timestamps import timestamp_text
from reinforce.statements.vocabulary import COMPETENCY, PROFILE_TYPE, Vocabulary
from reinforce.statements.voice import Voice

Plain = dict[str, Any]


def statement_of(
    fact: Fact,
    voice: Voice,
    at: datetime,
    actor: Learner | None,
    verb: Verb,
    of: Plain,
    *,
    result: Plain | None = None,
    context: Plain,
) -> Plain:
    """The statement that tells the fact: with its id, its moment to the millisecond, and our profile as category.

    Args:
        fact: whose id it gets.
        voice: in whose name it is told.
        at: when it happened.
        actor: who did it; None: the system.
        verb: what they did.
        of: to what.
        result: how it went.
        context: around what, see `around`; without a registration it stands by itself.
    """
    own_id = str(statement_id(fact, voice.tenant))
    moment = require_aware(at, f"{type(fact).__name__}.at")
    statement: Plain = {
        "actor": _system(voice) if actor is None else person(actor, voice),
        "verb": _verb(verb),
        "object": of,
        "id": own_id,
    }
    if result:
        statement["result"] = result
    statement["context"] = {"registration": own_id, **context}
    statement["timestamp"] = timestamp_text(moment.replace(microsecond=moment.microsecond // 1000 * 1000))
    return statement


def around(
    voice: Voice,
    registration: str | None = None,
    *,
    instructor: Learner | None = None,
    parent: Plain | None = None,
    other: Sequence[Plain] = (),
    refers_to: UUID | None = None,
    extensions: Plain | None = None,
) -> Plain:
    """A statement's context.

    Args:
        voice: in whose name it is told.
        registration: what it belongs to; None: it stands by itself.
        instructor: who judged it.
        parent: the activity that it was a part of.
        other: further activities.
        refers_to: the id of the statement that it follows from.
        extensions: by their IRIs.
    """
    activities: Plain = {} if parent is None else {"parent": [parent]}
    activities["category"] = _profile(voice.namespace)
    if other:
        activities["other"] = list(other)
    context: Plain = {} if registration is None else {"registration": registration}
    if instructor is not None:
        context["instructor"] = person(instructor, voice)
    context["contextActivities"] = activities
    if refers_to is not None:
        context["statement"] = reference(refers_to)
    if extensions:
        context["extensions"] = extensions
    return context


def outcome(
    *,
    score: Plain | None = None,
    success: bool | None = None,
    completion: bool | None = None,
    response: str | None = None,
    extensions: Plain | None = None,
) -> Plain:
    """A statement's result, without what is None or empty."""
    told = {"score": score, "success": success, "completion": completion, "response": response}
    result = {name: value for name, value in told.items() if value is not None}
    if extensions:
        result["extensions"] = extensions
    return result


def reference(statement: UUID) -> Plain:
    """Another statement."""
    return {"objectType": "StatementRef", "id": str(statement)}


@lru_cache(maxsize=65536)
def person(learner: Learner, voice: Voice) -> Plain:
    """A learner as an Agent."""
    return _plain(voice.agent(learner))


@lru_cache(maxsize=4096)
def _system(voice: Voice) -> Plain:
    return _plain(voice.system)


@lru_cache(maxsize=256)
def _verb(verb: Verb) -> Plain:
    return _plain(verb)


@lru_cache(maxsize=16)
def _profile(namespace: str) -> list[Plain]:
    return [_plain(Activity(Vocabulary(namespace).profile_version, ActivityDefinition(type=PROFILE_TYPE)))]


def _plain(value: Any) -> Plain:
    found: Plain = unstructure(value)
    return found


def skill_activity(skill: Skill, voice: Voice) -> Plain:
    """A skill as an activity."""
    return _activity("skills", skill.key, COMPETENCY, skill.label, voice)


def skill_activities(skills: Iterable[Skill], voice: Voice) -> list[Plain]:
    """Skills as activities."""
    return [skill_activity(skill, voice) for skill in skills]


def refresher_activity(key: str, title: str, voice: Voice) -> Plain:
    """A refresher as an activity."""
    return _activity("refreshers", key, voice.words.refresher, title or key, voice)


@lru_cache(maxsize=65536)
def _activity(kind_of_iri: str, key: str, kind: str, title: str, voice: Voice) -> Plain:
    return _plain(Activity(voice.iri(kind_of_iri, key), ActivityDefinition(name={voice.language: title}, type=kind)))


def memory_registration(learner: Learner, skill: Skill, voice: Voice) -> str:
    """The registration of all that happens to one person's memory of one skill."""
    return _memory_registration(voice.tenant, learner.key, skill.key)


@lru_cache(maxsize=65536)
def _memory_registration(tenant: str, learner: str, skill: str) -> str:
    return str(derived_id(REGISTRATIONS, tenant, "memory", learner, skill))


def extensions(voice: Voice, **values: Any) -> Plain:
    """Our extensions of those names (with `_` for `-`) and values, without those that are None."""
    return {_extension(voice.namespace, name): _number(value) for name, value in values.items() if value is not None}


@lru_cache(maxsize=256)
def _extension(namespace: str, name: str) -> str:
    return Vocabulary(namespace).extension(name.replace("_", "-"))


def _number(value: Any) -> Any:
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
