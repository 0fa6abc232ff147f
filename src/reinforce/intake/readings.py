"""What each statement comes to, before anything is written: pure, so that a preview and the real thing agree."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from attrs import evolve, frozen

from reinforce.errors import InvalidValue
from reinforce.model.people import Learner
from reinforce.model.practice import PracticeEvent
from reinforce.statements.actors import actor_key, identifier_of
from reinforce.statements.mapping import StatementMapping
from reinforce.statements.provenance import SOURCE
from reinforce.statements.understanding import Understood, content_id, is_ours, understood
from reinforce.statements.voiding import voids
from reinforce.store.statement_mappings import AdoptedMapping

Plain = Mapping[str, Any]

TAKEN_BACK = "another statement has taken it back"


class Fate(StrEnum):
    """What a statement comes to."""

    RECORDED = "recorded"
    """It is recorded as practice."""
    KNOWN = "known"
    """It was recorded as practice before, and nothing changes."""
    VOIDING = "voiding"
    """It takes another statement back, and with it the practice that this told of."""
    VOIDED = "voided"
    """It was taken back, so it is no practice."""
    OURS = "ours"
    """We made it ourselves, and it has come back."""
    CONFLICT = "conflict"
    """The log has another statement of the same id, so it is not even kept."""
    ERASED = "erased"
    """It was erased with the person whose it was, and is not kept again."""
    UNMATCHED = "unmatched"
    """No rule of a mapping fits it."""
    REFUSED = "refused"
    """A rule fits it, and something is missing to record it."""


@frozen
class Arrival:
    """A statement on its way to become practice.

    Attributes:
        id: its id in the log.
        data: its plain data, with an id and, if it is known when it happened, a timestamp.
        is_voided: whether another statement has taken it back.
        is_ours: whether it is one of ours that came back.
    """

    id: UUID
    data: Plain
    is_voided: bool = False
    is_ours: bool = False

    @property
    def key(self) -> str:
        """The external id of its event."""
        return str(self.data["id"]).lower()


@frozen
class Reading:
    """What one statement comes to.

    Attributes:
        statement_id: its own, or one made of its content; the external id of its event.
        event: the practice that it tells of, also if it cannot be recorded; None: none.
        mapping: the name of the mapping by which it was read; None: none fits.
        version: of that mapping.
        rule: the rule that fits; None: none does.
        newcomer: who becomes a learner by it; None: nobody.
        voids: the id of the statement that it takes back; None: none.
        reason: why it is not recorded; empty: it is, or was before.
        verb: its verb's id.
        activity: its object's id; empty: it is about no activity.
        activity_type: of that activity, as far as the statement says.
    """

    statement_id: str
    fate: Fate
    event: PracticeEvent | None = None
    mapping: str | None = None
    version: int | None = None
    rule: str | None = None
    newcomer: Learner | None = None
    voids: str | None = None
    reason: str = ""
    verb: str = ""
    activity: str = ""
    activity_type: str = ""


def completed(data: Plain, statement_id: UUID, stored: str | None) -> Plain:
    """A statement's data with what is needed to understand it.

    Without an id of its own it is known by one made of its content, so that what is sent again counts once;
    without a moment, too, two of the same content may be two practices, and the log's id tells them apart.

    Args:
        data: as they came.
        statement_id: in the log.
        stored: the moment at which it was stored, if that is when it happened; None: it came later.
    """
    missing: dict[str, Any] = {}
    if "id" not in data:
        missing["id"] = content_id(data) if "timestamp" in data else str(statement_id)
    if "timestamp" not in data and stored is not None:
        missing["timestamp"] = stored
    return {**data, **missing} if missing else data


@frozen
class People:
    """Whom actors stand for.

    Attributes:
        named: the key of the learner by the actor key that stands for them.
        several: the keys of all by the actor keys that stand for more than one.
    """

    named: Mapping[str, str]
    several: Mapping[str, Sequence[str]]


def people_of(found: Mapping[str, Sequence[str]]) -> People:
    """Whom actors stand for, by what was found for each actor key."""
    return People(
        {actor: keys[0] for actor, keys in found.items() if len(keys) == 1},
        {actor: sorted(keys) for actor, keys in found.items() if len(keys) > 1},
    )


def read(arrived: Arrival, mappings: Sequence[AdoptedMapping], people: People, namespace: str) -> Reading:
    """What a statement says, by the first mapping of which a rule fits.

    Args:
        arrived: the statement.
        mappings: in the order in which they are tried.
        people: whom the actors stand for.
        namespace: of our own vocabulary.
    """
    reading = described(arrived)
    target = voids(arrived.data)
    if target is not None:
        return evolve(reading, fate=Fate.VOIDING, voids=target)
    if arrived.is_ours or is_ours(arrived.data, namespace):
        return evolve(reading, fate=Fate.OURS)
    reason = "there is no mapping"
    for adopted in mappings:
        told = understood(arrived.data, adopted.mapping, people.named, namespace)
        if told.rule is not None:
            matched = evolve(reading, mapping=adopted.name, version=adopted.version, rule=told.rule)
            return _judged(matched, told, arrived, people)
        reason = told.reason
    return evolve(reading, reason=reason)


def described(arrived: Arrival, fate: Fate = Fate.UNMATCHED, reason: str = "") -> Reading:
    """A statement by what it is about, before it is read."""
    target = arrived.data["object"]
    is_activity = target.get("objectType", "Activity") == "Activity"
    return Reading(
        arrived.key,
        fate,
        reason=reason,
        verb=arrived.data["verb"]["id"],
        activity=target["id"] if is_activity else "",
        activity_type=target.get("definition", {}).get("type", "") if is_activity else "",
    )


def _judged(reading: Reading, told: Understood, arrived: Arrival, people: People) -> Reading:
    if arrived.is_voided:
        return evolve(reading, fate=Fate.VOIDED, reason=TAKEN_BACK)
    several = people.several.get(actor_key(arrived.data["actor"]) or "", ())
    if several:
        return evolve(reading, fate=Fate.REFUSED, reason=f"its actor stands for {' and '.join(several)}")
    if told.event is None:
        return evolve(reading, fate=Fate.REFUSED, reason=told.reason)
    made_by = {"mapping": reading.mapping or "", "mapping_version": str(reading.version), "rule": reading.rule or ""}
    event = evolve(told.event, source=SOURCE, context={**told.event.context, **made_by})
    return evolve(reading, fate=Fate.RECORDED, event=event)


def newcomer(actor: Plain, key: str, mapping: StatementMapping) -> Learner | None:
    """The learner who an unknown person becomes; None: by this mapping nobody does.

    Who has nothing but an account is known by its name, which may be somebody else's on another system: so only a
    system that the mapping names can bring new people.
    """
    if not mapping.creates_learners or ("account" in actor and not mapping.home_pages):
        return None
    try:
        return Learner(key=key, name=actor.get("name", ""), time_zone=mapping.time_zone, xapi=identifier_of(actor))
    except InvalidValue:  # a name with characters that no database holds
        return None
