"""The parameters that a tenant's memories are made with: reading them, and putting others in their place."""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple, Self

from attrs import frozen
from sqlalchemy import Connection, insert, select, update

from reinforce.forgetting.parameters import ALGORITHM, Forgetting
from reinforce.model.conversion import structure, unstructure
from reinforce.store.course import COURSE, JOIN_CALIBRATION, Belief, Course
from reinforce.store.driver import Driver
from reinforce.store.schema import Tables


@frozen
class ParameterSet:
    """Parameters with their number in the database."""

    id: int
    algorithm: str
    forgetting: Forgetting


class Present(NamedTuple):
    """What a tenant's memories are made with at present: its parameters, and how far its calibration is."""

    parameters: ParameterSet
    course: Course

    @classmethod
    def of(cls, row: Sequence[Any]) -> Self:
        """From the columns `PRESENT`."""
        return cls(parameter_set(*row[:3]), Course(*row[3:]))

    @property
    def belief(self) -> Belief:
        """What the tenant's probabilities of recall are computed with."""
        return Belief(self.parameters.forgetting, self.course.stamp)


PRESENT = f"p.id, p.algorithm, p.document, {COURSE}"
"""The columns of `Present` in a query of a tenant `t` that joins `JOIN_PRESENT`."""
PRESENT_COLUMNS = 5
JOIN_PRESENT = f" JOIN {{parameter_set}} p ON p.id = t.parameter_set_id{JOIN_CALIBRATION}"


def document_of(forgetting: Forgetting) -> str:
    """The JSON that stands for parameters in the database and in an export."""
    return json.dumps(unstructure(forgetting), sort_keys=True)


@lru_cache(maxsize=256)
def parameter_set(number: int, algorithm: str, document: str) -> ParameterSet:
    """The parameter set of a row; kept, because every record asks for it."""
    return ParameterSet(number, algorithm, forgetting_of(document))


@lru_cache(maxsize=256)
def forgetting_of(document: str) -> Forgetting:
    """The parameters that a document stands for."""
    return structure(json.loads(document), Forgetting)


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


def present_of(driver: Driver, tenant_id: int) -> Present:
    """What the tenant's memories are made with at present."""
    return Present.of(driver.rows(f"SELECT {PRESENT} FROM {{tenant}} t{JOIN_PRESENT} WHERE t.id = ?", tenant_id)[0])
