"""One request on its way through the LRS: who asks, in which version, and what there is to answer with."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import Any

from attrs import define, field, frozen

from reinforce.errors import UnknownTenant
from reinforce.statements.versions import XapiVersion
from reinforce.store.credentials import Credential, Credentials, Scope
from reinforce.store.database import Database
from reinforce.store.driver import Driver
from reinforce.store.locks import hold_tenant
from reinforce.store.statement_watermark import consistent_through, watermark
from reinforce.store.statements import NewStatement, StatementLog, StoredStatement
from reinforce_adapters.lrs_server.exchange import Refused, Request
from reinforce_adapters.lrs_server.settings import LrsSettings

_BY_INDEX = ", ".join(
    f"set_config('{name}', '{value}', true)"
    for name, value in {
        "enable_seqscan": "off",
        "enable_bitmapscan": "off",
        "enable_sort": "off",
        "enable_hashjoin": "off",
        "enable_mergejoin": "off",
        "join_collapse_limit": "1",
        "jit": "off",  # what is switched off above counts as costly, and would be compiled
    }.items()
)
"""Until the end of the transaction, look along indexes, in the order of the query. Every query here is made for that,
and a PostgreSQL that has not analysed a growing table yet would read and sort all of it instead.
"""

Clock = Callable[[], int]
Received = Callable[[Driver, int, Collection[NewStatement]], None]
"""Told what was received, within the transaction that stores it: the driver, the tenant's number, the statements."""


@define
class Lrs:
    """What all requests share.

    Attributes:
        clock: what time it is, in epoch microseconds.
        received: told of each new statement before it is acknowledged.
    """

    database: Database
    settings: LrsSettings
    clock: Clock
    received: Received | None = None
    _authorities: dict[int, Mapping[str, Any]] = field(factory=dict)
    _lock: Lock = field(factory=Lock)

    @contextmanager
    def read(self) -> Iterator[Driver]:
        """Ask the database."""
        with self.database.read() as connection:
            driver = Driver(connection, self.database.schema)
            if driver.dialect == "postgresql":
                driver.rows(f"SELECT {_BY_INDEX}")
            yield driver

    @contextmanager
    def read_consistently(self) -> Iterator[tuple[Driver, int]]:
        """Ask the database for statements; also the moment up to which what it answers is complete.

        The moment is asked first: what is stored between the two is then found rather than missed.
        """
        if self.database.dialect == "sqlite":
            through = consistent_through(self.database, self.clock)
            with self.read() as driver:
                yield driver, through
            return
        with self.database.read() as connection:
            driver = Driver(connection, self.database.schema)
            yield driver, watermark(driver, self.clock, _BY_INDEX)

    @contextmanager
    def write(self) -> Iterator[Driver]:
        """Change something in the database: all of it, or nothing."""
        with self.database.write() as connection:
            yield Driver(connection, self.database.schema)

    def authority(self, driver: Driver, statement: StoredStatement, tenant_id: int) -> Mapping[str, Any]:
        """The Agent who vouches for a statement; that of a credential never changes."""
        number = statement.credential_id
        if number is None:
            return self.settings.authority
        if number not in self._authorities:
            found = {one.id: one.authority for one in Credentials(driver).of_tenant(tenant_id)}
            with self._lock:
                self._authorities.update(found)
        return self._authorities[number]


@frozen
class Call:
    """A request of a known caller."""

    lrs: Lrs
    request: Request
    version: XapiVersion
    credential: Credential

    @property
    def tenant_id(self) -> int:
        """Whose data it is about."""
        return self.credential.tenant_id

    def require(self, *scopes: Scope) -> None:
        """Refuse callers without one of the scopes."""
        if not self.credential.allows(*scopes):
            names = " or ".join(scope.value for scope in scopes)
            raise Refused(403, f"this needs the scope {names} or all (Communication 4.0)")

    @contextmanager
    def write(self) -> Iterator[Driver]:
        """Change something of the caller's tenant: all of it, or nothing.

        Raises:
            Refused: the tenant was removed since the credential was read.
        """
        with self.lrs.write() as driver:
            try:
                hold_tenant(driver, self.tenant_id)
            except UnknownTenant as problem:
                raise Refused(401, "this key is nobody's any more") from problem
            yield driver

    def log(self, driver: Driver) -> StatementLog:
        """The caller's statement log."""
        return StatementLog(driver, self.tenant_id)
