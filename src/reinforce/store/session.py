"""One tenant's part of a database, within one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from attrs import define
from sqlalchemy import Connection

from reinforce.forgetting.parameters import ALGORITHM, Forgetting
from reinforce.model.people import Learner
from reinforce.model.skills import Skill
from reinforce.store.course import COURSE, JOIN_CALIBRATION, Belief, Course
from reinforce.store.database import Database, Target
from reinforce.store.driver import Driver
from reinforce.store.locks import with_lock
from reinforce.store.parameters import Change, ParameterSet, adopt, parameter_set, present_of
from reinforce.store.postponing import end_postponements
from reinforce.store.schema import Tables
from reinforce.store.scope import Scope
from reinforce.store.tenants import ensure_tenant, require_tenant
from reinforce.store.transaction import OwnTransaction, Transaction
from reinforce.store.version import require_current

if TYPE_CHECKING:  # for start-up, see docs/decisions/0017-start-up.md
    from reinforce.store.catalogue import Catalogue
    from reinforce.store.plain_event import KnownTenant
    from reinforce.store.planning import Plans

NO_TENANT = 0
"""The number of a tenant for which nothing was ever kept: nothing is found with it."""


@define(eq=False)
class Session:
    """What the store's functions work with.

    Attributes:
        transaction: that everything is done in.
        database: that it is a transaction of.
        driver: its driver's cursor.
        tenant_id: `NO_TENANT` if nothing was ever kept for the tenant.
        parameters: that the tenant's memories are made with.
        course: how far its calibration is.
        locked: learners whose memories nobody else can write any more.
    """

    transaction: Transaction
    database: Database
    driver: Driver
    tenant_id: int
    parameters: ParameterSet
    course: Course
    locked: Collection[str] = ()

    @property
    def connection(self) -> Connection:
        """SQLAlchemy's connection, in this transaction."""
        return self.transaction.sqlalchemy

    @property
    def tables(self) -> Tables:
        """The tables, for SQLAlchemy."""
        return self.database.tables

    @property
    def catalogue(self) -> Catalogue:
        """The tenant's definitions."""
        from reinforce.store.catalogue import Catalogue

        return Catalogue(self.connection, self.tables, self.tenant_id)

    @property
    def plans(self) -> Plans:
        """What the tenant's plans are made of, and its assignments."""
        from reinforce.store.planning import Plans

        return Plans(self.connection, self.tables, self.tenant_id)

    @property
    def belief(self) -> Belief:
        """What the tenant's probabilities of recall are computed with."""
        return Belief(self.parameters.forgetting, self.course.stamp)

    def scope(self, learner: str | None, skill: str | None) -> Scope:
        """The pairs of a learner, of a skill, or of everyone; a key that nothing is defined by is refused."""
        if learner is not None:
            self.catalogue.find(Learner, learner)
        if skill is not None:
            self.catalogue.find(Skill, skill)
        return Scope(self.tenant_id, learner, skill)

    def refresh(self) -> None:
        """Read parameters and course again once the tenant is locked: until then somebody could change them."""
        self.parameters, self.course = present_of(self.driver, self.tenant_id)

    def adopt(self, forgetting: Forgetting, change: Change) -> None:
        """Make memories with other parameters from now on; a replay is still to come."""
        before = self.parameters.id
        self.parameters = adopt(self.connection, self.tables, self.tenant_id, forgetting, change)
        if self.parameters.id != before:
            end_postponements(self.driver, self.tenant_id)
            # Imported here because learning adds 10 ms to an import of the package, and few processes learn.
            from reinforce.store import closes

            closes.relearn(self.driver, self.tenant_id, forgetting)
            self.refresh()


_NO_PARAMETERS = ParameterSet(0, ALGORITHM, Forgetting())


class Store:
    """Opens transactions for one tenant.

    Attributes:
        database: where the tables are.
        tenant: the tenant's key.
        creates_tenant: False: a tenant for which nothing was ever kept is refused.
    """

    def __init__(self, target: Target, schema: str | None, tenant: str, *, creates_tenant: bool = True) -> None:
        self.database = Database(target, schema)
        self.tenant = tenant
        self.creates_tenant = creates_tenant
        self.known: KnownTenant | None = None
        self._is_checked = False

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Ask questions."""
        self._check()
        with self.database.read() as connection:
            yield self._session(Transaction(connection))

    @contextmanager
    def write(self, now: int, learner: str | None = None) -> Iterator[Session]:
        """Change something: all of it, or nothing.

        Args:
            now: in microseconds; a new tenant is created at this moment.
            learner: the one person whose memories will be written, who is then locked from the beginning.
        """
        self._check()
        with self.database.writing() as transaction:
            session = self._session(transaction, learner)
            if session.tenant_id == NO_TENANT:
                ensure_tenant(session.connection, session.tables, self.tenant, now)
                session = self._session(transaction, learner)
            yield session

    def alone(self) -> OwnTransaction | None:
        """A transaction for one event by itself; see `Database.alone`."""
        self._check()
        return self.database.alone()

    def _check(self) -> None:
        if not self._is_checked:
            require_current(self.database)
            self._is_checked = True

    def _session(self, transaction: Transaction, learner: str | None = None) -> Session:
        driver = Driver(transaction, self.database.schema)
        locks, numbers = with_lock(driver, learner)
        rows = driver.rows(
            f"SELECT t.id, p.id, p.algorithm, p.document, {COURSE}{locks} FROM {{tenant}} t"
            f" JOIN {{parameter_set}} p ON p.id = t.parameter_set_id{JOIN_CALIBRATION} WHERE t.key = ?",
            *numbers,
            self.tenant,
        )
        if not rows:
            if not self.creates_tenant:
                require_tenant(transaction.sqlalchemy, self.database.tables, self.tenant)
            return Session(transaction, self.database, driver, NO_TENANT, _NO_PARAMETERS, Course())
        number, parameter_set_id, algorithm, document, *course = rows[0][: 4 + len(Course._fields)]
        parameters = parameter_set(parameter_set_id, algorithm, document)
        locked = () if learner is None else (learner,)
        return Session(transaction, self.database, driver, number, parameters, Course(*course), locked)
