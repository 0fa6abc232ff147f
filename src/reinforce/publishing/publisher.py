"""Facts into the statement log."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from attrs import frozen

from reinforce.model.checks import to_micros
from reinforce.model.plans import Assignment
from reinforce.model.practice import PracticeEvent
from reinforce.publishing.forgotten import facts_of_drops
from reinforce.publishing.practice import facts_of_practice
from reinforce.publishing.refreshers import Kind, facts_of_assignments
from reinforce.statements.facts import Fact, LearnerErased, RefresherDone, Voided
from reinforce.statements.formats import compact
from reinforce.statements.identity import statement_id
from reinforce.statements.settings import XapiSettings
from reinforce.statements.telling import told
from reinforce.statements.told import told_of_practice
from reinforce.statements.voice import Voice
from reinforce.store.driver import Driver
from reinforce.store.labels import labels
from reinforce.store.own_statements import OwnStatement, append_own, standing_ids
from reinforce.store.planning import Definitions, LearnerRows
from reinforce.store.recording import Taken
from reinforce.store.statement_terms import term_number, terms_of
from reinforce.store.statement_watermark import Clock


@frozen(eq=False)
class Publisher:
    """Tells a tenant's facts within a transaction.

    Attributes:
        driver: of the transaction.
        tenant_id: whose facts they are.
        voice: in whose name they are told.
        mastered_days: see `XapiSettings`.
        clock: says when a statement is stored.
    """

    driver: Driver
    tenant_id: int
    voice: Voice
    mastered_days: int
    clock: Clock

    def tell(self, facts: Iterable[Fact]) -> int:
        """Write the statements of facts in their order; how many were not told before."""
        told = (own_statement(fact, self.voice, self.tenant_id) for fact in facts)
        return append_own(self.driver, self.tenant_id, told, self.clock)

    def recorded(self, events: Sequence[PracticeEvent], taken: Taken) -> None:
        """Tell what is new in a batch of events."""
        self.tell(facts_of_practice(self.driver, events, taken, self.mastered_days))

    def voided(self, event_id: bytes, skills: Collection[int], at: datetime) -> None:
        """Take back each statement of an event that was told and still stands.

        Args:
            event_id: of the event.
            skills: numbers of those that it was a review of.
            at: when it was voided.
        """
        known = labels(self.driver, (), skills).skills
        told = told_of_practice(event_id.hex(), [known[number].key for number in skills])
        facts = {statement_id(one, self.voice.tenant): one for one in told}
        standing = standing_ids(self.driver, self.tenant_id, [number.bytes for number in facts])
        self.tell(Voided(at, one) for number, one in facts.items() if number.bytes in standing)

    def refreshers(self, kind: Kind, assignments: Sequence[Assignment], at: datetime) -> None:
        """Tell what became of assignments."""
        self.tell(facts_of_assignments(self.driver, self.tenant_id, kind, assignments, at))

    def done(self, assignments: Sequence[Assignment], at: datetime) -> None:
        """Tell that assignments were done."""
        self.refreshers(RefresherDone, assignments, at)

    def erased(self, learner: str, at: datetime) -> None:
        """Tell that a person of that key is no more, by their pseudonym alone."""
        self.tell([LearnerErased(at, self.voice.actors.pseudonym(self.voice.tenant, learner))])

    def dropped(self, known: Definitions, rows: LearnerRows, day: int, at: datetime) -> None:
        """Tell which memories have fallen below their desired retention, see `facts_of_drops`."""
        tenant = (self.tenant_id, self.voice.tenant)
        self.tell(facts_of_drops(self.driver, tenant, known, rows, day, at))


def publisher(driver: Driver, tenant: tuple[int, str], settings: XapiSettings | None, clock: Clock) -> Publisher | None:
    """Who tells a tenant's facts; None: nobody does.

    Args:
        driver: of the transaction.
        tenant: number and key.
        settings: None: facts are not told.
        clock: says when a statement is stored.
    """
    if settings is None:
        return None
    number, key = tenant
    return Publisher(driver, number, settings.voice(key), settings.mastered_days, clock)


def own_statement(fact: Fact, voice: Voice, tenant_id: int) -> OwnStatement:
    """The statement of a fact as the log takes it; it is not checked here, but for each kind of fact in the tests."""
    data = told(fact, voice)
    return OwnStatement(
        bytes.fromhex(data["id"].replace("-", "")),
        to_micros(datetime.fromisoformat(data["timestamp"])),
        compact(data),
        tuple(term_number(tenant_id, *term) for term in terms_of(data)),
        data if data["object"]["objectType"] == "StatementRef" else None,
    )
