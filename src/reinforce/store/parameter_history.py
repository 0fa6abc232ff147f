"""The parameter sets of a tenant: which numbers made its memories, where they came from, and when they held."""

import json
from collections.abc import Sequence

from sqlalchemy import Connection, insert, select, update

from reinforce.errors import NotFound
from reinforce.forgetting.parameter_sets import Adoption, FitRecord, KnownParameters
from reinforce.model.checks import from_micros, to_micros
from reinforce.model.conversion import structure, unstructure
from reinforce.store.parameters import ParameterSet, parameter_set
from reinforce.store.schema import Tables


def keep_fit(connection: Connection, tables: Tables, tenant_id: int, number: int, record: FitRecord) -> None:
    """Store that a fit gave a parameter set, if that is not known yet."""
    document = json.dumps(unstructure(record), sort_keys=True)
    if (number, document) not in all_fits(connection, tables, tenant_id):
        connection.execute(
            insert(tables.parameter_fit).values(tenant_id=tenant_id, parameter_set_id=number, document=document)
        )


def all_fits(connection: Connection, tables: Tables, tenant_id: int) -> list[tuple[int, str]]:
    """Parameter set and document of every fit of a tenant, oldest first."""
    fit = tables.parameter_fit
    query = select(fit.c.parameter_set_id, fit.c.document).where(fit.c.tenant_id == tenant_id).order_by(fit.c.id)
    return [(number, document) for number, document in connection.execute(query)]


def known_parameters(connection: Connection, tables: Tables, tenant_id: int) -> list[KnownParameters]:
    """Every parameter set of a tenant, oldest first, with where it came from and when it was adopted."""
    table, tenant = tables.parameter_set, tables.tenant
    present = connection.execute(select(tenant.c.parameter_set_id).where(tenant.c.id == tenant_id)).scalar()
    fits = dict(all_fits(connection, tables, tenant_id))
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


def take_up_adoptions(connection: Connection, tables: Tables, tenant_id: int, history: Sequence[Adoption]) -> None:
    """Write adoptions of another database, oldest first; what is in force does not change."""
    connection.execute(
        insert(tables.parameter_adoption),
        [
            {
                "tenant_id": tenant_id,
                "parameter_set_id": one.parameter_set,
                "replaced_id": one.replaced,
                "adopted_at": to_micros(one.at),
                "adopted_by": one.by,
                "is_roll_back": int(one.is_roll_back),
            }
            for one in history
        ],
    )


def known_since(connection: Connection, tables: Tables, tenant_id: int, number: int, moment: int) -> None:
    """A parameter set was stored at that moment, in microseconds, unless it was before."""
    table = tables.parameter_set
    later = (table.c.tenant_id == tenant_id, table.c.id == number, table.c.created_at > moment)
    connection.execute(update(table).where(*later).values(created_at=moment))


def find_set(connection: Connection, tables: Tables, tenant_id: int, number: int) -> KnownParameters:
    """A parameter set of a tenant.

    Raises:
        NotFound: the tenant has none of that number.
    """
    for known in known_parameters(connection, tables, tenant_id):
        if known.id == number:
            return known
    raise NotFound(f"there is no parameter set {number}")


def all_sets(connection: Connection, tables: Tables, tenant_id: int) -> list[tuple[ParameterSet, str, int]]:
    """Every parameter set of a tenant, oldest first, with its document and when it was stored, in microseconds."""
    table = tables.parameter_set
    rows = connection.execute(select(table).where(table.c.tenant_id == tenant_id).order_by(table.c.id))
    return [(parameter_set(row.id, row.algorithm, row.document), row.document, row.created_at) for row in rows]
