"""Statements from a file or another LRS, beside what the log has already."""

from collections.abc import Collection, Sequence
from uuid import UUID

from attrs import evolve, frozen

from reinforce.intake.readings import Arrival, Fate, Reading, completed, described
from reinforce.intake.taking import stored_arrival
from reinforce.statements.comparison import differences
from reinforce.statements.persons import NOBODY
from reinforce.statements.reading import ReceivedStatement
from reinforce.statements.understanding import content_id
from reinforce.statements.versions import XapiVersion
from reinforce.statements.voiding import voided_ids
from reinforce.store.driver import Driver
from reinforce.store.statement_links import voided_before
from reinforce.store.statements import NewStatement, Origin, StatementLog, StoredStatement


@frozen
class Incoming:
    """A checked statement from a file or another LRS.

    Attributes:
        received: its data and exact bytes.
        version: of xAPI that it is written in.
    """

    received: ReceivedStatement
    version: XapiVersion

    @property
    def id(self) -> UUID:
        """Its own id, or one made of its content."""
        return UUID(content_id(self.received.data))


@frozen
class Sorting:
    """Statements, sorted by what the log has already.

    Attributes:
        statements: all of them.
        conflicts: why those at these places cannot be kept.
        new: those that the log does not have, each once.
        known: those that it has, by id.
        erased: ids of those that it had, until a person was erased.
    """

    statements: Sequence[Incoming]
    conflicts: dict[int, str]
    new: Sequence[NewStatement]
    known: dict[UUID, StoredStatement]
    erased: Collection[UUID] = ()

    @property
    def kept(self) -> list[Incoming]:
        """Those that the log has, or is to have."""
        return [one for place, one in enumerate(self.statements) if self._left_out(place, one) is None]

    def _left_out(self, place: int, one: Incoming) -> tuple[Fate, str] | None:
        """Why a statement is not kept; None: it is."""
        if place in self.conflicts:
            return Fate.CONFLICT, self.conflicts[place]
        return (Fate.ERASED, "the person whose it was has been erased") if one.id in self.erased else None

    def arrival(self, one: Incoming) -> Arrival:
        """A statement, ready to be understood whether the log has it or not."""
        stored = self.known.get(one.id)
        if stored is not None:
            return stored_arrival(stored, one.received.data)
        return Arrival(one.id, completed(one.received.data, one.id, None))

    def voided(self, driver: Driver, tenant_id: int, arrived: Sequence[Arrival]) -> list[Arrival]:
        """The arrivals, with those marked that another of them, or one of the log, takes back."""
        gone = voided_ids(one.data for one in arrived)
        gone |= voided_before(driver, tenant_id, [str(one.id) for one in self.new])
        return [evolve(one, is_voided=one.is_voided or str(one.id) in gone) for one in arrived]

    def with_the_rest(self, readings: Sequence[Reading]) -> list[Reading]:
        """One reading for each statement, in their order.

        Args:
            readings: of those that are kept.
        """
        rest = iter(readings)
        left_out = [self._left_out(place, one) for place, one in enumerate(self.statements)]
        return [
            next(rest) if why is None else described(self.arrival(one), *why)
            for one, why in zip(self.statements, left_out, strict=True)
        ]


def sort_out(log: StatementLog, statements: Sequence[Incoming]) -> Sorting:
    """Sort statements by what the log has already.

    One of ours that comes back is ours, however an LRS or a feed has changed it on its way. One in which nobody stands
    in an erased person's place comes back with the person, and stays as it is.
    """
    known = {one.id: one for one in log.by_ids({one.id for one in statements})}
    erased = log.erased(sorted({one.id for one in statements} - known.keys()))
    conflicts: dict[int, str] = {}
    new: dict[UUID, NewStatement] = {}
    for place, one in enumerate(statements):
        stored, earlier = known.get(one.id), new.get(one.id)
        different: Sequence[str] = ()
        if stored is not None and _must_be_the_same(stored) and stored.body != one.received.exact:
            different = differences(stored.data, one.received.data)
        elif earlier is not None:
            different = differences(earlier.received.data, one.received.data)
        elif stored is None and one.id not in erased:
            new[one.id] = NewStatement(one.id, one.received, one.version)
        if different:
            conflicts[place] = f"there is a statement {one.id} already, which differs in {', '.join(different[:5])}"
    return Sorting(statements, conflicts, list(new.values()), known, erased)


def _must_be_the_same(stored: StoredStatement) -> bool:
    return stored.origin is not Origin.OURS and NOBODY.encode() not in stored.body
