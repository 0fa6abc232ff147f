"""Whose rows are whose, and what became of those of a tenant that left."""

from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen


@frozen
class Tenant:
    """A tenant, and how much is kept for it.

    Attributes:
        began_at: when something was first written for it.
        learners: without those who were erased.
        events: of practice, those that were taken back too.
        statements: of xAPI.
    """

    key: str
    began_at: datetime
    learners: int
    events: int
    statements: int


@frozen
class RemovedTenant:
    """What went with a tenant.

    Attributes:
        key: of the tenant.
        rows: how many by table, where there were any.
        feeds: how many statements each feed has handed on; they stay where they went.
    """

    key: str
    rows: Mapping[str, int] = field(hash=False)
    feeds: Mapping[str, int] = field(hash=False)
