"""What an adapter must be able to do, and what it may be able to do beside it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from reinforce.delivery.outgoing import CheckReport, Outcome, Outgoing


class Adapter(Protocol):
    """Hands statements to one destination.

    `reinforce.testing.AdapterContract` holds an implementation to these words.
    """

    def send(self, batch: Sequence[Outgoing]) -> Iterable[Outcome]:
        """One outcome for each statement, in the order of the batch, told as soon as it is certain.

        The same statements come again after any stop, so sending must be harmless however often it happens; a
        statement that had arrived before is delivered. What was told before a stop stands.

        Raises:
            DeliveryStopped: the destination takes nothing at present; raised instead of the next outcome.
        """
        ...


@runtime_checkable
class Checks(Protocol):
    """Can say whether the destination would take what is sent."""

    def check(self) -> CheckReport:
        """Look without sending anything; trouble is a step that is not ok, and never raised."""
        ...


@runtime_checkable
class Closes(Protocol):
    """Holds something open between batches."""

    def close(self) -> None:
        """Let go of it; the adapter may be used again."""
        ...


class AdapterFactory(Protocol):
    """What stands in the entry-point group `reinforce.adapters`."""

    def __call__(self, settings: Mapping[str, Any]) -> Adapter:
        """The adapter for a destination.

        Args:
            settings: plain data that describe the destination; secrets stand in it as text.

        Raises:
            InvalidSettings: they make no sense.
            MissingExtra: they need a package that is not installed.
        """
        ...
