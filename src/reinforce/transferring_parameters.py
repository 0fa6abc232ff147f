"""The part of an export that holds parameters: the sets, the fits with their proofs, and when each was adopted.

Numbers of sets belong to a database. In a file the sets are numbered from 1; what comes in is given the numbers that
the same parameters have here.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve

from reinforce.errors import InvalidFile
from reinforce.exchange.logged_parameters import LoggedAdoption, LoggedFit, LoggedParameters
from reinforce.forgetting.parameter_sets import Adoption, FitRecord
from reinforce.forgetting.parameters import Forgetting
from reinforce.model.checks import from_micros, to_micros
from reinforce.model.conversion import structure
from reinforce.store.parameter_history import adoptions, all_fits, all_sets, keep_fit, known_since, take_up_adoptions
from reinforce.store.parameters import Change, keep
from reinforce.store.session import Session

ExportedParameters = LoggedParameters | LoggedFit | LoggedAdoption


def exported_parameters(session: Session) -> Iterator[ExportedParameters]:
    """Every set, then every fit, then every adoption, each the oldest first."""
    of_tenant = (session.connection, session.tables, session.tenant_id)
    numbers: dict[int, int] = {}
    for number, (known, document, created_at) in enumerate(all_sets(*of_tenant), 1):
        numbers[known.id] = number
        is_present = known.id == session.parameters.id
        yield LoggedParameters(number, known.algorithm, json.loads(document), is_present, from_micros(created_at))
    for of, document in all_fits(*of_tenant):
        record = json.loads(document)
        yield LoggedFit(numbers[of], record | {"compared_with": numbers[record["compared_with"]]})
    for one in adoptions(*of_tenant):
        yield LoggedAdoption(numbers[one.parameter_set], numbers[one.replaced], one.at, one.by, one.is_roll_back)


class ArrivingParameters:
    """Parameters on their way into a tenant.

    Fits are kept beside those that are there. A tenant that has adopted something itself keeps its own history, and
    the set that is in force in the file becomes one more adoption of its own.
    """

    def __init__(self, session: Session, now: int) -> None:
        self._session = session
        self._of_tenant = (session.connection, session.tables, session.tenant_id)
        self._now = now
        self._present: Forgetting | None = None
        self._numbers: dict[int, int] = {}
        self._adoptions: list[Adoption] = []

    def take(self, value: ExportedParameters) -> None:
        """Take up one of them; the sets come first.

        Raises:
            InvalidValue: it is not what it should be.
            InvalidFile: it names a set that has not come.
        """
        match value:
            case LoggedParameters():
                self._take_set(value)
            case LoggedFit():
                self._take_fit(value.parameters, value.document)
            case LoggedAdoption():
                of, replaced = self._number(value.parameters), self._number(value.replaced)
                self._adoptions.append(Adoption(of, replaced, value.at, value.by, value.is_roll_back))

    def finish(self) -> None:
        """Put the set in force that is in the file; the log is still to be replayed."""
        has_own = bool(adoptions(*self._of_tenant))
        if self._adoptions and not has_own:
            take_up_adoptions(*self._of_tenant, self._adoptions)
        if self._present is not None:
            change = Change(self._now, is_told=has_own or not self._adoptions)
            self._session.adopt(self._present, change)

    def _take_set(self, value: LoggedParameters) -> None:
        forgetting = structure(value.document, Forgetting)
        created_at = self._now if value.created_at is None else to_micros(value.created_at)
        number = keep(*self._of_tenant, forgetting, created_at).id
        known_since(*self._of_tenant, number, created_at)
        self._numbers[value.number] = number
        if value.is_present:
            self._present = forgetting

    def _take_fit(self, parameters: int, document: Mapping[str, Any]) -> None:
        record = structure(dict(document), FitRecord)
        record = evolve(record, compared_with=self._number(record.compared_with))
        keep_fit(*self._of_tenant, self._number(parameters), record)

    def _number(self, number: int) -> int:
        if number not in self._numbers:
            raise InvalidFile(f"there is no parameter set {number} before it: was a line taken out?")
        return self._numbers[number]
