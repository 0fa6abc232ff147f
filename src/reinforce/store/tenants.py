"""Tenants: whose rows are whose."""

from sqlalchemy import ColumnElement, Connection, ScalarSelect, Table, func, insert, select
from sqlalchemy.exc import IntegrityError

from reinforce.errors import UnknownTenant
from reinforce.forgetting.parameters import Forgetting
from reinforce.model.checks import from_micros
from reinforce.model.tenants import Tenant
from reinforce.store.driver import Driver
from reinforce.store.parameters import Change, adopt
from reinforce.store.schema import Tables


def tenant_id(connection: Connection, tables: Tables, key: str) -> int | None:
    """The tenant's number; None: nothing was ever kept for it."""
    return connection.execute(select(tables.tenant.c.id).where(tables.tenant.c.key == key)).scalar()


def key_of_tenant(driver: Driver, number: int) -> str:
    """The key of the tenant of that number."""
    return str(driver.rows("SELECT key FROM {tenant} WHERE id = ?", number)[0][0])


def ensure_tenant(connection: Connection, tables: Tables, key: str, now: int) -> int:
    """The tenant's number; a new tenant begins with FSRS's own parameters."""
    known = tenant_id(connection, tables, key)
    if known is not None:
        return known
    try:
        with connection.begin_nested():
            number = connection.execute(
                insert(tables.tenant).values(key=key, created_at=now).returning(tables.tenant.c.id)
            ).scalar_one()
            adopt(connection, tables, number, Forgetting(), Change(now))
    except IntegrityError:  # somebody else was first
        known = tenant_id(connection, tables, key)
        if known is None:  # and a REPEATABLE READ, which began before, does not see it
            raise
        return known
    return int(number)


def all_tenants(connection: Connection, tables: Tables) -> list[tuple[int, str]]:
    """Number and key of every tenant, by key."""
    rows = connection.execute(select(tables.tenant.c.id, tables.tenant.c.key).order_by(tables.tenant.c.key))
    return [(row.id, row.key) for row in rows]


def described(connection: Connection, tables: Tables) -> list[Tenant]:
    """Every tenant, by key, with how much is kept for it."""
    tenant, learner = tables.tenant, tables.learner

    def count(table: Table, *which: ColumnElement[bool]) -> ScalarSelect[int]:
        return select(func.count()).select_from(table).where(table.c.tenant_id == tenant.c.id, *which).scalar_subquery()

    rows = connection.execute(
        select(
            tenant.c.key,
            tenant.c.created_at,
            count(learner, learner.c.erased_at.is_(None)),
            count(tables.practice_event),
            count(tables.statement),
        ).order_by(tenant.c.key)
    )
    return [Tenant(key, from_micros(began_at), *counts) for key, began_at, *counts in rows]


def require_tenant(connection: Connection, tables: Tables, key: str) -> None:
    """Refuse a tenant that is not there.

    Raises:
        UnknownTenant: it says nothing of other tenants.
    """
    if tenant_id(connection, tables, key) is None:
        raise unknown_tenant(key)


def unknown_tenant(key: str) -> UnknownTenant:
    """What is wrong where a tenant is not there."""
    return UnknownTenant(f"there is no tenant {key!r}: nothing is kept for it")
