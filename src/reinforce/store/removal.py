"""Taking a whole tenant out: every row that is its, in one transaction.

Numbers are never given twice, so that whoever still knows one of a tenant that is gone finds nothing by it.
"""

from collections.abc import Iterator, Mapping

from sqlalchemy import ColumnElement, Connection, Table, delete, select

from reinforce.model.tenants import RemovedTenant
from reinforce.store.driver import Driver
from reinforce.store.locks import require_latest
from reinforce.store.schema import Tables
from reinforce.store.table_parts import PREFIX
from reinforce.store.tenants import unknown_tenant
from reinforce.store.transaction import Transaction

_BY_ANOTHER: Mapping[str, tuple[str, str, str]] = {
    "review": ("learner_id", "learner", "id"),
    "memory": ("learner_id", "learner", "id"),
    "postponement": ("learner_id", "learner", "id"),
    "team_member": ("learner_id", "learner", "id"),
    "implicit_practice": ("skill_id", "skill", "id"),
    "job_shard": ("run_id", "job_run", "id"),
    "statement_term": ("seq", "statement", "seq"),
}
"""The tables that name no tenant: the column that says whose a row is, and what it is in another table."""


def remove(connection: Connection, tables: Tables, key: str) -> RemovedTenant:
    """Remove a tenant and all that is its.

    On PostgreSQL this waits for whoever is writing for the tenant, and whoever begins to meanwhile waits for this and
    then finds none: every transaction that writes for a tenant holds its row, see `locks.hold_tenant`.

    Args:
        connection: of a transaction that writes.
        tables: that are there.
        key: of the tenant.

    Raises:
        UnknownTenant: there is none of that key.
        InvalidSettings: the transaction does not see what was committed since it began.
    """
    require_latest(Driver(Transaction(connection), tables.metadata.schema))
    tenant = tables.tenant.c
    number = connection.execute(select(tenant.id).where(tenant.key == key).with_for_update()).scalar()
    if number is None:
        raise unknown_tenant(key)
    feed = tables.feed.c
    delivered = select(feed.name, feed.delivered).where(feed.tenant_id == number, feed.delivered > 0)
    feeds = {row.name: row.delivered for row in connection.execute(delivered.order_by(feed.name))}
    counts = {
        table.name.removeprefix(PREFIX): connection.execute(delete(table).where(is_its)).rowcount
        for table, is_its in rows_of(tables, number)
    }
    return RemovedTenant(key, {name: count for name, count in sorted(counts.items()) if count}, feeds)


def rows_of(tables: Tables, tenant_id: int) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """Every table, with what holds for the rows of a tenant, in an order in which they can be deleted."""
    for name, (column, other, numbered) in _BY_ANOTHER.items():
        owner: Table = getattr(tables, other)
        table: Table = getattr(tables, name)
        yield table, table.c[column].in_(select(owner.c[numbered]).where(owner.c.tenant_id == tenant_id))
    for table in reversed(tables.metadata.sorted_tables):
        if "tenant_id" in table.c:
            yield table, table.c.tenant_id == tenant_id
    yield tables.tenant, tables.tenant.c.id == tenant_id
