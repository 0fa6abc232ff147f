"""The parameter sets of a tenant: which numbers made its memories, where they came from, and when they held."""

import json

from sqlalchemy import Connection, insert, select

from reinforce.errors import NotFound
from reinforce.forgetting.parameter_sets import Adoption, FitRecord, KnownParameters
from reinforce.model.checks import from_micros
from reinforce.model.conversion import structure, unstructure
from reinforce.store.parameters import ParameterSet, parameter_set
from reinforce.store.schema import Tables


def keep_fit(connection: Connection, tables: Tables, tenant_id: int, number: int, record: FitRecord) -> None:
    """Store that a fit gave a parameter set."""
    document = json.dumps(unstructure(record), sort_keys=True)
    connection.execute(
        insert(tables.parameter_fit).values(tenant_id=tenant_id, parameter_set_id=number, document=document)
    )


def known_parameters(connection: Connection, tables: Tables, tenant_id: int) -> list[KnownParameters]:
    """Every parameter set of a tenant, oldest first, with where it came from and when it was adopted."""
    table, tenant, fit = tables.parameter_set, tables.tenant, tables.parameter_fit
    present = connection.execute(select(tenant.c.parameter_set_id).where(tenant.c.id == tenant_id)).scalar()
    query = select(fit.c.parameter_set_id, fit.c.document).where(fit.c.tenant_id == tenant_id).order_by(fit.c.id)
    fits = {row.parameter_set_id: row.document for row in connection.execute(query)}
    history = adoptions(connection, tables, tenant_id)
    rows = connection.execute(select(table).where(table.c.tenant_id == tenant_id).order_by(table.c.id))
    return [
        KnownParameters(
            id=row.id,
            algorithm=row.algorithm,
            forgetting=parameter_set(row.id, row.algorithm, row.document).forgetting,
            created_at=from_micros(row.created_at),
            is_present=row.id == present,
            fit=structure(json.loads(fits[row.id]), FitRecord) if row.id in fits else None,
            adoptions=tuple(one for one in history if one.parameter_set == row.id),
        )
        for row in rows
    ]


def adoptions(connection: Connection, tables: Tables, tenant_id: int) -> list[Adoption]:
    """Each time that a tenant's parameters were changed, oldest first."""
    table = tables.parameter_adoption
    rows = connection.execute(select(table).where(table.c.tenant_id == tenant_id).order_by(table.c.id))
    return [
        Adoption(
            row.parameter_set_id, row.replaced_id, from_micros(row.adopted_at), row.adopted_by, bool(row.is_roll_back)
        )
        for row in rows
    ]


def find_set(connection: Connection, tables: Tables, tenant_id: int, number: int) -> KnownParameters:
    """A parameter set of a tenant.

    Raises:
        NotFound: the tenant has none of that number.
    """
    for known in known_parameters(connection, tables, tenant_id):
        if known.id == number:
            return known
    raise NotFound(f"there is no parameter set {number}")


def all_sets(connection: Connection, tables: Tables, tenant_id: int) -> list[tuple[ParameterSet, str]]:
    """Every parameter set of a tenant, oldest first, with its document."""
    table = tables.parameter_set
    rows = connection.execute(
        select(table.c.id, table.c.algorithm, table.c.document)
        .where(table.c.tenant_id == tenant_id)
        .order_by(table.c.id)
    )
    return [(parameter_set(row.id, row.algorithm, row.document), row.document) for row in rows]
