"""Statements of the log into practice, within one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from attrs import evolve, frozen

from reinforce.errors import EventConflict
from reinforce.intake.readings import (
    TAKEN_BACK,
    Arrival,
    Fate,
    People,
    Plain,
    Reading,
    completed,
    newcomer,
    people_of,
    read,
)
from reinforce.model.checks import from_micros
from reinforce.model.people import Learner
from reinforce.publishing.publisher import Publisher
from reinforce.statements.actors import actor_key
from reinforce.statements.provenance import SOURCE
from reinforce.statements.timestamps import timestamp_text
from reinforce.statements.vocabulary import NAMESPACE
from reinforce.store import history, recording
from reinforce.store.driver import Driver
from reinforce.store.event_rows import Writing
from reinforce.store.locks import lock_learners, lock_tenant
from reinforce.store.named_learners import add_learners, learners_named
from reinforce.store.parameters import present_of
from reinforce.store.recorded import recorded_ids
from reinforce.store.scope import Scope
from reinforce.store.statement_links import voided_before
from reinforce.store.statement_mappings import AdoptedMapping
from reinforce.store.statements import NewStatement, Origin, StatementLog, StoredStatement

VOIDED_BECAUSE = "its statement was voided"


@frozen
class Intake:
    """What taking statements needs to know of its surroundings.

    Attributes:
        writing: of the tenant that takes them.
        mappings: in the order in which they are tried.
        publisher: tells what follows of the practice; None: nobody is told.
    """

    writing: Writing
    mappings: Sequence[AdoptedMapping]
    publisher: Publisher | None

    @property
    def namespace(self) -> str:
        """Where our own words stand."""
        return NAMESPACE if self.publisher is None else self.publisher.voice.namespace


def arrivals(stored: Iterable[StoredStatement], new: Iterable[NewStatement] = ()) -> list[Arrival]:
    """Statements of the log, ready to be understood.

    Args:
        stored: as the log has them.
        new: those whose data have been read already.
    """
    known = {one.id: one.received.data for one in new}
    return [stored_arrival(one, known.get(one.id)) for one in stored]


def stored_arrival(stored: StoredStatement, data: Plain | None = None) -> Arrival:
    """A statement of the log, ready to be understood.

    Args:
        stored: as the log has it.
        data: its own, if they have been read already.
    """
    # What comes with a key comes as it happens; what is imported or pulled happened some other time.
    happened = None if stored.credential_id is None else timestamp_text(from_micros(stored.stored_at))
    return Arrival(
        stored.id,
        completed(stored.data if data is None else data, stored.id, happened),
        is_voided=stored.voided_by is not None,
        is_ours=stored.origin is Origin.OURS,
    )


def preview(driver: Driver, intake: Intake, arrived: Sequence[Arrival]) -> list[Reading]:
    """What would become of statements; nothing is written."""
    people = _people(driver, intake, arrived)
    found = [read(one, intake.mappings, people, intake.namespace) for one in arrived]
    return _once(_checked(driver, intake, arrived, _without_known(driver, intake, found)))


def take(driver: Driver, intake: Intake, arrived: Sequence[Arrival]) -> list[Reading]:
    """Record what statements say that was not recorded before, and void what was taken back.

    Args:
        driver: within the transaction that stores them, or a later one.
        intake: the surroundings.
        arrived: in any order; each comes to what it would come to alone.

    Returns:
        One for each, in the same order.
    """
    tenant_id = intake.writing.tenant_id
    found = preview(driver, intake, arrived)
    if any(one.fate is Fate.VOIDING for one in found):
        lock_tenant(driver, tenant_id)  # who is recording what it takes back is waited for
    gone = _recorded_and_gone(driver, tenant_id, arrived, found)
    practising = {one.event.learner for one in found if one.fate is Fate.RECORDED and one.event is not None}
    if practising or gone:
        # All of them at once, so that two who take statements never wait for each other.
        lock_learners(driver, tenant_id, practising | set(gone.values()))
    if gone:
        present, _ = present_of(driver, tenant_id)
        _void(driver, evolve(intake, writing=evolve(intake.writing, parameters=present)), gone)
    return _recorded(driver, intake, _not_just_voided(driver, tenant_id, arrived, found))


def _not_just_voided(
    driver: Driver, tenant_id: int, arrived: Sequence[Arrival], found: Sequence[Reading]
) -> list[Reading]:
    """The readings, with those told apart that somebody took back while the learners' locks were waited for."""
    if driver.dialect == "sqlite":  # whose only writer we are
        return list(found)
    ids = [str(one.id) for one, reading in zip(arrived, found, strict=True) if reading.fate is Fate.RECORDED]
    gone = voided_before(driver, tenant_id, ids)
    return [
        evolve(reading, fate=Fate.VOIDED, reason=TAKEN_BACK)
        if reading.fate is Fate.RECORDED and str(one.id) in gone
        else reading
        for one, reading in zip(arrived, found, strict=True)
    ]


def _people(driver: Driver, intake: Intake, arrived: Sequence[Arrival]) -> People:
    named = [one.data["actor"] for one in arrived]
    named += [one.data["context"]["instructor"] for one in arrived if "instructor" in one.data.get("context", {})]
    keys = {actor_key(actor) for actor in named} - {None}
    return people_of(learners_named(driver, intake.writing.tenant_id, {one for one in keys if one is not None}))


def _without_known(driver: Driver, intake: Intake, found: Sequence[Reading]) -> list[Reading]:
    """The readings, with those told apart that made an event before, whichever mapping read them then."""
    open_fates = (Fate.RECORDED, Fate.UNMATCHED, Fate.REFUSED)
    ids = {one.statement_id for one in found if one.fate in open_fates}
    known = recorded_ids(driver, intake.writing.tenant_id, SOURCE, ids)
    return [
        evolve(one, fate=Fate.KNOWN, reason="") if one.statement_id in known and one.fate in open_fates else one
        for one in found
    ]


def _checked(driver: Driver, intake: Intake, arrived: Sequence[Arrival], found: Sequence[Reading]) -> list[Reading]:
    """The readings, with those refused whose learner or skill there is not."""
    events = [one.event for one in found if one.fate is Fate.RECORDED and one.event is not None]
    if not events:
        return list(found)
    names = recording.names_of(driver, intake.writing.tenant_id, events)
    mappings = {one.name: one.mapping for one in intake.mappings}
    told: list[Reading] = []
    for one, reading in zip(arrived, found, strict=True):
        event = reading.event if reading.fate is Fate.RECORDED else None
        if event is None:
            told.append(reading)
            continue
        who = actor_key(one.data["actor"])
        comes = None
        if event.learner not in names.people:
            comes = newcomer(one.data["actor"], event.learner, mappings[reading.mapping or ""])
        skill = event.outcomes[0].skill
        if skill not in names.skills.by_key:
            reading = evolve(reading, fate=Fate.REFUSED, reason=f"there is no skill {skill!r}")
        elif event.learner not in names.people and comes is None:
            reading = evolve(reading, fate=Fate.REFUSED, reason=f"there is no learner {event.learner!r} ({who})")
        elif event.occurred_at > intake.writing.latest:
            when = event.occurred_at.isoformat()
            why = f"it has not happened yet, by the clock here: {when}; if that passes, understand it again"
            reading = evolve(reading, fate=Fate.REFUSED, reason=why)
        told.append(evolve(reading, newcomer=comes))
    return told


def _once(found: Sequence[Reading]) -> list[Reading]:
    """The readings, with those told apart that tell of what an earlier one of them tells of."""
    seen: set[str] = set()
    told: list[Reading] = []
    for one in found:
        is_again = one.fate is Fate.RECORDED and one.statement_id in seen
        told.append(evolve(one, fate=Fate.KNOWN) if is_again else one)
        if one.fate is Fate.RECORDED:
            seen.add(one.statement_id)
    return told


def _recorded(driver: Driver, intake: Intake, found: Sequence[Reading]) -> list[Reading]:
    """Record the practice that is to be recorded; with what somebody else has recorded just now told apart."""
    told = list(found)
    places = [place for place, one in enumerate(found) if one.fate is Fate.RECORDED]
    if not places:
        return told
    add_learners(driver, intake.writing.tenant_id, list({one.key: one for one in _newcomers(found)}.values()))
    events = [one.event for one in found if one.fate is Fate.RECORDED and one.event is not None]
    taken = recording.take(driver, intake.writing, events, [0] * len(events))
    if intake.publisher is not None:
        intake.publisher.recorded(events, taken)
    faults = dict(taken.faults)
    new = set(taken.new)
    for number, place in enumerate(places):
        fault = faults.get(number)
        if fault is not None and not isinstance(fault, EventConflict):
            told[place] = evolve(told[place], fate=Fate.REFUSED, reason=str(fault))
        elif number not in new:
            told[place] = evolve(told[place], fate=Fate.KNOWN)
    return told


def _newcomers(found: Sequence[Reading]) -> list[Learner]:
    return [one.newcomer for one in found if one.fate is Fate.RECORDED and one.newcomer is not None]


def _recorded_and_gone(
    driver: Driver, tenant_id: int, arrived: Sequence[Arrival], found: Sequence[Reading]
) -> dict[str, str]:
    """Events that were recorded from statements that have been taken back, each with its learner's key."""
    targets = {UUID(one.voids) for one in found if one.voids is not None}
    taken_back = [one for one in arrived if one.is_voided]
    if targets:
        stored = StatementLog(driver, tenant_id).by_ids(targets)
        taken_back += arrivals(stored)
    recorded = recorded_ids(driver, tenant_id, SOURCE, {one.key for one in taken_back})
    latest = {key: history.latest_revision(driver, tenant_id, SOURCE, key) for key in sorted(recorded)}
    return {key: learner for key, (_, learner, is_voided) in latest.items() if not is_voided}


def _void(driver: Driver, intake: Intake, gone: Mapping[str, str]) -> None:
    """Void events, after their learners were locked."""
    writing = intake.writing
    for key, learner in gone.items():
        row, _, is_voided = history.latest_revision(driver, writing.tenant_id, SOURCE, key)
        if not is_voided:
            pairs = history.void(driver, writing.tenant_id, row, reason=VOIDED_BECAUSE, now=writing.now)
            history.fold_again(driver, Scope(writing.tenant_id, learner), writing.parameters, pairs)
            if intake.publisher is not None:
                intake.publisher.voided(row.id, [skill for _, skill in pairs], from_micros(writing.now))
