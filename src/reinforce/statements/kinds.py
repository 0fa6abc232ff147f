"""Which kind of fact a statement of ours tells, seen by its verb and what it is about."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from reinforce.statements import vocabulary


class FactKind(StrEnum):
    """What our statements tell, by the names of their templates."""

    PRACTISED = "practised"
    EXPOSED = "exposed"
    LAPSED = "lapsed"
    RETENTION_DROPPED = "retention-dropped"
    MASTERED = "mastered"
    SKILL_EXPIRED = "skill-expired"
    REFRESHER_ASSIGNED = "refresher-assigned"
    REFRESHER_DONE = "refresher-done"
    REFRESHER_EXPIRED = "refresher-expired"
    COACHED = "coached"
    OBSERVED = "observed"
    REVIEWED = "reviewed"
    LEARNER_ERASED = "learner-erased"
    VOIDED = "voided"


_BY_VERB = {
    vocabulary.ATTEMPTED.id: FactKind.PRACTISED,
    vocabulary.EXPERIENCED.id: FactKind.EXPOSED,
    vocabulary.MASTERED.id: FactKind.MASTERED,
    vocabulary.WAS_ASSIGNED.id: FactKind.REFRESHER_ASSIGNED,
    vocabulary.COMPLETED.id: FactKind.REFRESHER_DONE,
    vocabulary.COACHED.id: FactKind.COACHED,
    vocabulary.OBSERVED.id: FactKind.OBSERVED,
    vocabulary.REVIEWED.id: FactKind.REVIEWED,
    vocabulary.VOIDED.id: FactKind.VOIDED,
}
_BY_ENDING = {
    "verbs/lapsed": FactKind.LAPSED,
    "verbs/retention-dropped": FactKind.RETENTION_DROPPED,
    "verbs/erased": FactKind.LEARNER_ERASED,
}
"""These verbs stand under a namespace that a host may have changed since."""


def kind_of(statement: Mapping[str, Any]) -> FactKind | None:
    """The kind of fact that a statement of ours tells; None: none that is known here."""
    verb: str = statement["verb"]["id"]
    if verb == vocabulary.EXPIRED.id:
        about_skill = statement["object"].get("definition", {}).get("type") == vocabulary.COMPETENCY
        return FactKind.SKILL_EXPIRED if about_skill else FactKind.REFRESHER_EXPIRED
    ending = "/".join(verb.rsplit("/", 2)[-2:])
    return _BY_VERB.get(verb) or _BY_ENDING.get(ending)
