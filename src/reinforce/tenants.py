"""All tenants of a database, for whoever runs all of them; a `Reinforcer` sees its own alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from reinforce.model.tenants import RemovedTenant, Tenant
from reinforce.store.database import Database, Target
from reinforce.store.removal import remove
from reinforce.store.tenants import described
from reinforce.store.version import require_current

__all__ = ["all_tenants", "remove_tenant"]


def all_tenants(database: Target, *, schema: str | None = None) -> list[Tenant]:
    """Every tenant, by key, with how much is kept for it.

    Args:
        database: a URL, an engine or the host's open connection.
        schema: that holds the tables.

    Raises:
        SchemaMissing: the database has no tables; or SchemaOutdated, SchemaTooNew.
    """
    with _opened(database, schema) as opened, opened.read() as connection:
        return described(connection, opened.tables)


def remove_tenant(database: Target, key: str, *, schema: str | None = None) -> RemovedTenant:
    """Remove a tenant and every row that is its, for good: all of it, or nothing.

    It waits for whoever is writing for the tenant. Whoever wants to write for it later is refused, or begins a new
    tenant of that key, of which nothing old is known.

    Args:
        database: a URL, an engine or the host's open connection. A connection is neither committed nor rolled back.
        key: of the tenant.
        schema: that holds the tables.

    Raises:
        UnknownTenant: there is none of that key.
        SchemaMissing: the database has no tables; or SchemaOutdated, SchemaTooNew.
        InvalidSettings: the connection is in REPEATABLE READ or SERIALIZABLE, and does not see what was written since.
    """
    with _opened(database, schema) as opened, opened.write() as connection:
        return remove(connection, opened.tables, key)


@contextmanager
def _opened(database: Target, schema: str | None) -> Iterator[Database]:
    with closing(Database(database, schema)) as opened:
        require_current(opened)
        yield opened
