"""How far a tenant's calibration is: what every record must know of it."""

from typing import NamedTuple

from reinforce.forgetting.parameters import Forgetting

FIRST_CLOSE = 1
COURSE = f"COALESCE(k.open_close, {FIRST_CLOSE}), k.stamp"
"""Its columns in a query that joins `JOIN_CALIBRATION`."""
JOIN_CALIBRATION = " LEFT JOIN {calibration} k ON k.tenant_id = t.id"


class Course(NamedTuple):
    """How far a tenant's calibration is.

    Attributes:
        open_close: number of the close that will learn what is recorded now.
        stamp: of the generation that due days are solved with; None: they are FSRS's own.
    """

    open_close: int = FIRST_CLOSE
    stamp: bytes | None = None


class Belief(NamedTuple):
    """What probabilities of recall are computed with.

    Attributes:
        forgetting: gives the curve.
        stamp: of the generation that corrects it, see `Course`.
    """

    forgetting: Forgetting
    stamp: bytes | None
