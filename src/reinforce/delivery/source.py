"""Where statements come from while they are delivered, and where it is told what became of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from attrs import frozen

from reinforce.delivery.outgoing import Outcome, Outgoing


@frozen
class Stall:
    """Why nothing leaves at present.

    Attributes:
        reason: in words for whoever looks after the feed.
        retry_at: the moment of the next try; None: when somebody says so.
        failures: how many stops in a row there were without anything settled in between, this one included.
    """

    reason: str
    retry_at: datetime | None
    failures: int


class Source(Protocol):
    """A feed as delivery sees it: a cursor over a log.

    No transaction may be open between its calls, because requests lie in between.
    """

    @property
    def failures(self) -> int:
        """The `failures` of the stall that was told last; 0 once something was settled since."""
        ...

    def next_batch(self, limit: int) -> Sequence[Outgoing]:
        """The next statements behind the cursor, at most `limit`, in order; none: everything has left."""
        ...

    def advance(self, outcomes: Sequence[Outcome]) -> None:
        """Move the cursor past these and keep what was rejected as dead letters, in one transaction.

        Args:
            outcomes: of the first statements of the last batch, in order, without gaps.
        """
        ...

    def stalled(self, stall: Stall) -> None:
        """Keep why nothing leaves, for those who look."""
        ...
