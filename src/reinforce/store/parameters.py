"""The parameter sets of a tenant: which numbers made its memories."""

import json
from functools import lru_cache

from attrs import frozen
from sqlalchemy import Connection, insert, select, update

from reinforce.forgetting.parameters import ALGORITHM, Forgetting
from reinforce.model.conversion import structure, unstructure
from reinforce.store.driver import Driver
from reinforce.store.schema import Tables


@frozen
class ParameterSet:
    """Parameters with their number in the database."""

    id: int
    algorithm: str
    forgetting: Forgetting


def document_of(forgetting: Forgetting) -> str:
    """The JSON that stands for parameters in the database and in an export."""
    return json.dumps(unstructure(forgetting), sort_keys=True)


@lru_cache(maxsize=256)
def parameter_set(number: int, algorithm: str, document: str) -> ParameterSet:
    """The parameter set of a row; kept, because every record asks for it."""
    return ParameterSet(number, algorithm, structure(json.loads(document), Forgetting))


def adopt(connection: Connection, tables: Tables, tenant_id: int, forgetting: Forgetting, now: int) -> ParameterSet:
    """Store parameters as the tenant's present ones; memories are not touched."""
    table = tables.parameter_set
    document = document_of(forgetting)
    known = connection.execute(
        select(table.c.id).where(
            table.c.tenant_id == tenant_id, table.c.algorithm == ALGORITHM, table.c.document == document
        )
    ).scalar()
    number = (
        known
        or connection.execute(
            insert(table)
            .values(tenant_id=tenant_id, algorithm=ALGORITHM, document=document, created_at=now)
            .returning(table.c.id)
        ).scalar_one()
    )
    connection.execute(update(tables.tenant).where(tables.tenant.c.id == tenant_id).values(parameter_set_id=number))
    return parameter_set(number, ALGORITHM, document)


def present_set_of(driver: Driver, tenant_id: int) -> ParameterSet:
    """The parameters that the tenant's memories are made with."""
    rows = driver.rows(
        "SELECT p.id, p.algorithm, p.document FROM {tenant} t"
        " JOIN {parameter_set} p ON p.id = t.parameter_set_id WHERE t.id = ?",
        tenant_id,
    )
    return parameter_set(*rows[0])


def present_set(connection: Connection, tables: Tables, tenant_id: int) -> ParameterSet:
    """The parameters that the tenant's memories are made with."""
    table = tables.parameter_set
    row = connection.execute(
        select(table.c.id, table.c.algorithm, table.c.document)
        .join(tables.tenant, tables.tenant.c.parameter_set_id == table.c.id)
        .where(tables.tenant.c.id == tenant_id)
    ).one()
    return parameter_set(row.id, row.algorithm, row.document)


def all_sets(connection: Connection, tables: Tables, tenant_id: int) -> list[tuple[ParameterSet, str]]:
    """Every parameter set of a tenant, oldest first, with its document."""
    table = tables.parameter_set
    rows = connection.execute(
        select(table.c.id, table.c.algorithm, table.c.document)
        .where(table.c.tenant_id == tenant_id)
        .order_by(table.c.id)
    )
    return [(parameter_set(row.id, row.algorithm, row.document), row.document) for row in rows]
