"""The parameters that a tenant's memories are made with: reading them, and putting others in their place."""

import json
from functools import lru_cache

from attrs import frozen
from sqlalchemy import Connection, insert, select, update

from reinforce.forgetting.parameters import ALGORITHM, Forgetting
from reinforce.model.conversion import structure, unstructure
from reinforce.store.course import COURSE, JOIN_CALIBRATION, Course
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


@frozen
class Change:
    """Why and when a tenant's parameters change.

    Attributes:
        now: in microseconds.
        by: who changes them; None: not told.
        is_roll_back: whether it takes back an adoption.
        is_told: whether it is an adoption to be kept; one that came with its history is there already.
    """

    now: int
    by: str | None = None
    is_roll_back: bool = False
    is_told: bool = True


def adopt(
    connection: Connection, tables: Tables, tenant_id: int, forgetting: Forgetting, change: Change
) -> ParameterSet:
    """Store parameters as the tenant's present ones, and that they were adopted; memories are not touched."""
    chosen = keep(connection, tables, tenant_id, forgetting, change.now)
    tenant = tables.tenant
    replaced = connection.execute(select(tenant.c.parameter_set_id).where(tenant.c.id == tenant_id)).scalar()
    if replaced is not None and replaced != chosen.id and change.is_told:
        connection.execute(
            insert(tables.parameter_adoption).values(
                tenant_id=tenant_id,
                parameter_set_id=chosen.id,
                replaced_id=replaced,
                adopted_at=change.now,
                adopted_by=change.by,
                is_roll_back=int(change.is_roll_back),
            )
        )
    connection.execute(update(tenant).where(tenant.c.id == tenant_id).values(parameter_set_id=chosen.id))
    return chosen


def keep(connection: Connection, tables: Tables, tenant_id: int, forgetting: Forgetting, now: int) -> ParameterSet:
    """Store parameters, if the tenant doesn't have them yet."""
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
    return parameter_set(number, ALGORITHM, document)


def present_of(driver: Driver, tenant_id: int) -> tuple[ParameterSet, Course]:
    """The parameters that the tenant's memories are made with, and how far its calibration is."""
    rows = driver.rows(
        f"SELECT p.id, p.algorithm, p.document, {COURSE} FROM {{tenant}} t"
        f" JOIN {{parameter_set}} p ON p.id = t.parameter_set_id{JOIN_CALIBRATION} WHERE t.id = ?",
        tenant_id,
    )
    return parameter_set(*rows[0][:3]), Course(*rows[0][3:])


def present_set(connection: Connection, tables: Tables, tenant_id: int) -> ParameterSet:
    """The parameters that the tenant's memories are made with."""
    table = tables.parameter_set
    row = connection.execute(
        select(table.c.id, table.c.algorithm, table.c.document)
        .join(tables.tenant, tables.tenant.c.parameter_set_id == table.c.id)
        .where(tables.tenant.c.id == tenant_id)
    ).one()
    return parameter_set(row.id, row.algorithm, row.document)
