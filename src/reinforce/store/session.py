"""One tenant's part of a database, within one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from attrs import define, field
from sqlalchemy import Connection, ScalarSelect, select

from reinforce.errors import NotFound
from reinforce.forgetting.parameters import ALGORITHM, Forgetting
from reinforce.model.people import Learner
from reinforce.model.skills import Skill
from reinforce.store.course import Belief, Course
from reinforce.store.database import Database, Target
from reinforce.store.driver import Driver
from reinforce.store.locks import HELD, require_same_edition, with_lock
from reinforce.store.parameters import (
    JOIN_PRESENT,
    PRESENT,
    PRESENT_COLUMNS,
    Change,
    ParameterSet,
    Present,
    adopt,
    present_of,
)
from reinforce.store.postponing import end_postponements
from reinforce.store.schema import Tables
from reinforce.store.scope import Scope
from reinforce.store.tenants import ensure_tenant, require_tenant, unknown_tenant
from reinforce.store.transaction import OwnTransaction, Transaction
from reinforce.store.version import require_current

if TYPE_CHECKING:  # for start-up, see docs/decisions/0017-start-up.md
    from reinforce.store.catalogue import Catalogue
    from reinforce.store.plain_event import KnownTenant
    from reinforce.store.planning import Plans

NO_TENANT = 0
"""The number of a tenant for which nothing was ever kept: nothing is found with it."""


_NOBODY = NO_TENANT, Present(ParameterSet(0, ALGORITHM, Forgetting()), Course())


@define(eq=False)
class Session:
    """What the store's functions work with.

    What holds for all of the tenant is read when it is first asked for: a question that reads it with its answer, in
    one query, never asks.

    Attributes:
        transaction: that everything is done in.
        database: that it is a transaction of.
        driver: its driver's cursor.
        tenant: its key.
        creates_tenant: False: a tenant for which nothing was ever kept is refused.
        locked: learners whose memories nobody else can write any more.
    """

    transaction: Transaction
    database: Database
    driver: Driver
    tenant: str
    creates_tenant: bool
    locked: Collection[str] = ()
    _read: tuple[int, Present] | None = field(default=None, init=False)

    @property
    def tenant_id(self) -> int:
        """The tenant's number; `NO_TENANT` if nothing was ever kept for it.

        Raises:
            UnknownTenant: likewise, if the tenant is not to be created.
        """
        return self._of_tenant[0]

    @property
    def parameters(self) -> ParameterSet:
        """That the tenant's memories are made with."""
        return self._of_tenant[1].parameters

    @property
    def course(self) -> Course:
        """How far the tenant's calibration is."""
        return self._of_tenant[1].course

    @property
    def belief(self) -> Belief:
        """What the tenant's probabilities of recall are computed with."""
        return self._of_tenant[1].belief

    @property
    def _of_tenant(self) -> tuple[int, Present]:
        if self._read is None:
            self._read = self._found()
        return self._read

    def lock(self, learner: str | None) -> None:
        """Read what holds for all of the tenant, which nobody can remove then, and lock a person.

        Args:
            learner: the one person, if any, whose memories will be written.
        """
        self.locked = () if learner is None else (learner,)
        self._read = self._found(learner, HELD[self.driver.dialect])

    def _found(self, learner: str | None = None, held: str = "") -> tuple[int, Present]:
        locks, numbers = with_lock(self.driver, learner)
        rows = self.driver.rows(
            f"SELECT t.id, {PRESENT}{locks} FROM {{tenant}} t{JOIN_PRESENT} WHERE t.key = ?{held}",
            *numbers,
            self.tenant,
        )
        if rows:
            if locks:
                require_same_edition(self.driver, rows[0][0], rows[0])
            return rows[0][0], Present.of(rows[0][1 : 1 + PRESENT_COLUMNS])
        if not self.creates_tenant:
            require_tenant(self.connection, self.tables, self.tenant)
        return _NOBODY

    def require_tenant(self) -> None:
        """Refuse a tenant for which nothing was ever kept, if it is not to be created.

        Raises:
            UnknownTenant: it is so.
        """
        if not self.creates_tenant:
            _ = self.tenant_id

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

        return Catalogue(self.connection, self.tables, self._whose)

    @property
    def plans(self) -> Plans:
        """What the tenant's plans are made of, and its assignments."""
        from reinforce.store.planning import Plans

        return Plans(self.connection, self.tables, self.tenant_id)

    @property
    def _whose(self) -> int | ScalarSelect[int]:
        """The tenant's number, or what gives it within another query as long as it was not read."""
        if self._read is not None:
            return self.tenant_id
        table = self.tables.tenant
        return select(table.c.id).where(table.c.key == self.tenant).scalar_subquery()

    def scope(self, learner: str | None, skill: str | None) -> Scope:
        """The pairs of a learner, of a skill, or of everyone; a key that nothing is defined by is refused."""
        if learner is not None:
            self.catalogue.find(Learner, learner)
        if skill is not None:
            self.catalogue.find(Skill, skill)
        return Scope(self.tenant_id, learner, skill)

    def refresh(self) -> None:
        """Read parameters and course again once the tenant is locked: until then somebody could change them."""
        self._read = self.tenant_id, present_of(self.driver, self.tenant_id)

    def adopt(self, forgetting: Forgetting, change: Change) -> None:
        """Make memories with other parameters from now on; a replay is still to come."""
        before = self.parameters
        adopted = adopt(self.connection, self.tables, self.tenant_id, forgetting, change)
        if adopted.id != before.id:
            end_postponements(self.driver, self.tenant_id)
            # Imported here because learning adds 10 ms to an import of the package, and few processes learn.
            from reinforce.store import closes

            closes.relearn(self.driver, self.tenant_id, forgetting)
            self.refresh()


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
        self._was_there = False

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Ask questions.

        Raises:
            UnknownTenant: nothing was found, because nothing was ever kept for the tenant, which is not to be created.
        """
        self._check()
        with self.database.reading() as transaction, self._asking(transaction) as session:
            yield session

    @contextmanager
    def read_in_transaction(self) -> Iterator[Session]:
        """As `read`, in a transaction also on PostgreSQL, where something may be set until its end."""
        self._check()
        with self.database.read() as connection, self._asking(Transaction(connection)) as session:
            yield session

    @contextmanager
    def _asking(self, transaction: Transaction) -> Iterator[Session]:
        session = self._session(transaction)
        try:
            yield session
        except NotFound:
            session.require_tenant()
            raise

    @contextmanager
    def write(self, now: int, learner: str | None = None) -> Iterator[Session]:
        """Change something: all of it, or nothing.

        Args:
            now: in microseconds; a new tenant is created at this moment.
            learner: the one person whose memories will be written, who is then locked from the beginning.

        Raises:
            UnknownTenant: the tenant is not to be created, or was there and was removed.
        """
        self._check()
        with self.database.writing() as transaction:
            session = self._session(transaction)
            session.lock(learner)
            if session.tenant_id != NO_TENANT:
                self._was_there = not self.database.is_hosted  # a host may yet roll back what made it
            else:
                if self._was_there or self.known is not None:
                    raise unknown_tenant(self.tenant)
                ensure_tenant(session.connection, session.tables, self.tenant, now)
                session.lock(learner)
            yield session

    def alone(self) -> OwnTransaction | None:
        """A transaction for one event by itself; see `Database.alone`."""
        self._check()
        return self.database.alone()

    def _check(self) -> None:
        if not self._is_checked:
            require_current(self.database)
            self._is_checked = True

    def _session(self, transaction: Transaction) -> Session:
        driver = Driver(transaction, self.database.schema)
        return Session(transaction, self.database, driver, self.tenant, self.creates_tenant)
