"""Which part of a tenant's log is meant."""

from attrs import frozen


@frozen
class Scope:
    """Which part of a tenant's log is folded.

    Attributes:
        learner: key; None is everyone.
        skill: key; None is every skill.
    """

    tenant_id: int
    learner: str | None = None
    skill: str | None = None
