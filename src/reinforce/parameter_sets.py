"""The door to a tenant's parameters: fit them, look at them, adopt them and roll back."""

from datetime import datetime

from attrs import evolve

from reinforce.errors import NotEnoughEvidence, NotFound
from reinforce.forgetting.fitting import fit
from reinforce.forgetting.parameter_sets import Adoption, FitRecord, KnownParameters, before_present
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.workload import WorkloadChange
from reinforce.model.checks import to_micros
from reinforce.model.days import date_of
from reinforce.model.memory import Replayed
from reinforce.moments import present, present_micros
from reinforce.previewing import preview
from reinforce.store.adopting import write_changes
from reinforce.store.history import replay
from reinforce.store.locks import lock_tenant
from reinforce.store.log_columns import tenant_log
from reinforce.store.parameter_history import adoptions, find_set, keep_fit, known_parameters
from reinforce.store.parameters import Change, ParameterSet, keep
from reinforce.store.scope import Scope
from reinforce.store.session import Session, Store


class Parameters:
    """The parameter sets of one tenant; reached by `Reinforcer.parameters`.

    A moment `at` is the present one unless it is given, and `by` is whoever is to be named for it.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> list[KnownParameters]:
        """Every parameter set that the tenant has or had, oldest first."""
        with self._store.read() as session:
            return known_parameters(session.connection, session.tables, session.tenant_id)

    def find(self, parameter_set: int) -> KnownParameters:
        """A parameter set by its id.

        Raises:
            NotFound: the tenant has none of that id.
        """
        with self._store.read() as session:
            return find_set(session.connection, session.tables, session.tenant_id, parameter_set)

    def adoptions(self) -> list[Adoption]:
        """Each time that the parameters were changed, oldest first."""
        with self._store.read() as session:
            return adoptions(session.connection, session.tables, session.tenant_id)

    def fit(self, *, by: str | None = None, seed: int = 0, at: datetime | None = None) -> KnownParameters:
        """Fit weights to the tenant's log, and see on held-out later reviews what they are worth.

        The set is stored with that, and not adopted. Others may record meanwhile: the log is read at once, fitted
        outside of any transaction, and only the result is written.

        Raises:
            NotEnoughEvidence: there are too few reviews on a later day, or all of them passed or failed.
        """
        now = present(at)
        with self._store.read() as session:
            in_force, is_calibrated = session.parameters, session.course.stamp is not None
            log = tenant_log(session.driver, session.tenant_id)
        found = fit(log, in_force=in_force.forgetting.weights, is_calibrated=is_calibrated, seed=seed)
        record = FitRecord.of(
            found,
            compared_with=in_force.id,
            fitted_at=now,
            fitted_by=by,
            since=date_of(int(log.day[0])),
            until=date_of(int(log.day[-1])),
        )
        with self._store.write(to_micros(now)) as session:
            forgetting = evolve(in_force.forgetting, weights=found.weights)
            chosen = keep(session.connection, session.tables, session.tenant_id, forgetting, to_micros(now))
            keep_fit(session.connection, session.tables, session.tenant_id, chosen.id, record)
            return find_set(session.connection, session.tables, session.tenant_id, chosen.id)

    def preview(self, parameter_set: int, *, at: datetime | None = None) -> WorkloadChange:
        """How adopting a set would change the work of the next eight weeks; nothing is written.

        Raises:
            NotFound: the tenant has none of that id.
        """
        with self._store.read() as session:
            return preview(session, _chosen(session, parameter_set), present(at))

    def adopt(
        self, parameter_set: int, *, by: str | None = None, anyway: bool = False, at: datetime | None = None
    ) -> Replayed:
        """Make memories with a set from now on: replay the log with it, and spread what would be due all at once.

        All of it or nothing, whatever happens meanwhile.

        Args:
            parameter_set: its id.
            by: who adopts it.
            anyway: also if its fit was not better than the present set.
            at: the present moment.

        Raises:
            NotFound: the tenant has none of that id.
            NotEnoughEvidence: it was never shown to be better than the present set, and not `anyway`.
        """
        now = present(at)
        with self._store.write(to_micros(now)) as session:
            lock_tenant(session.driver, session.tenant_id)
            session.refresh()
            known = find_set(session.connection, session.tables, session.tenant_id, parameter_set)
            if not anyway and not known.is_present:
                _require_better(known, session.parameters, is_calibrated=session.course.stamp is not None)
            return _adopted(session, known.forgetting, Change(to_micros(now), by), now)

    def roll_back(self, *, by: str | None = None, at: datetime | None = None) -> Replayed:
        """Adopt what was in force before the last adoption; again, what was in force before that.

        Raises:
            NotFound: nothing was adopted that could be taken back.
        """
        now = present(at)
        with self._store.write(to_micros(now)) as session:
            lock_tenant(session.driver, session.tenant_id)
            session.refresh()
            number = before_present(adoptions(session.connection, session.tables, session.tenant_id))
            if number is None:
                raise NotFound("there is nothing to roll back: no parameter set was adopted that is still in force")
            known = find_set(session.connection, session.tables, session.tenant_id, number)
            return _adopted(session, known.forgetting, Change(to_micros(now), by, is_roll_back=True), now)

    def adopt_as_they_are(self, forgetting: Forgetting, *, at: datetime | None = None) -> Replayed:
        """Make memories with parameters that need not be known yet; due days are those that they give, unspread."""
        now = present_micros(at)
        with self._store.write(now) as session:
            lock_tenant(session.driver, session.tenant_id)
            session.refresh()
            session.adopt(forgetting, Change(now))
            return replay(session.driver, Scope(session.tenant_id), session.parameters, write=True)


def _chosen(session: Session, number: int) -> ParameterSet:
    known = find_set(session.connection, session.tables, session.tenant_id, number)
    return ParameterSet(known.id, known.algorithm, known.forgetting)


def _adopted(session: Session, forgetting: Forgetting, change: Change, now: datetime) -> Replayed:
    if session.parameters.forgetting == forgetting:
        return replay(session.driver, Scope(session.tenant_id), session.parameters, write=True)
    session.adopt(forgetting, change)
    return write_changes(session.driver, session.tenant_id, session.parameters, now)


def _require_better(known: KnownParameters, in_force: ParameterSet, *, is_calibrated: bool) -> None:
    if known.adoptions and known.fit is None:
        return
    if known.fit is None:
        raise NotEnoughEvidence(
            f"not enough evidence: parameter set {known.id} was never compared with others; adopt it anyway, or fit one"
        )
    if known.fit.compared_with != in_force.id:
        raise NotEnoughEvidence(
            f"not enough evidence: parameter set {known.id} was compared with parameter set {known.fit.compared_with}, "
            f"and {in_force.id} is in force now; fit again, or adopt it anyway"
        )
    if is_calibrated != (known.fit.gained_calibrated is not None):
        without, now = ("without", "one is") if is_calibrated else ("with", "none is")
        raise NotEnoughEvidence(
            f"not enough evidence: parameter set {known.id} was compared {without} a calibration, and {now} in force "
            "now; fit again, or adopt it anyway"
        )
    if not known.fit.is_better:
        raise NotEnoughEvidence(f"parameter set {known.id} is not adopted: {known.fit.verdict}")
