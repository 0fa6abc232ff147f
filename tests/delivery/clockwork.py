"""Time that passes only by sleeping, and a delivery that runs on it."""

import random
from datetime import UTC, datetime, timedelta

from attrs import define, field

from reinforce.delivery.adapter import Adapter
from reinforce.delivery.driver import Delivery, deliver
from reinforce.delivery.retry import RetryPolicy
from reinforce.delivery.source import Source

MORNING = datetime(2026, 3, 31, 9, 0, tzinfo=UTC)
PATIENT = RetryPolicy(patience_seconds=86400, most_rejected_in_a_row=1_000_000)


@define
class Clockwork:
    """A clock that stands still while nobody sleeps.

    Attributes:
        now: what time it is.
        naps: every sleep, in seconds.
    """

    now: datetime = MORNING
    naps: list[float] = field(factory=list)

    def clock(self) -> datetime:
        """What time it is."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.naps.append(seconds)
        self.now += timedelta(seconds=seconds)


def run(
    adapter: Adapter, source: Source, policy: RetryPolicy = PATIENT, clockwork: Clockwork | None = None, seed: int = 0
) -> Delivery:
    """Deliver on a clockwork, with chance that is the same each time."""
    works = clockwork or Clockwork()
    return deliver(adapter, source, policy, clock=works.clock, sleep=works.sleep, random=random.Random(seed).random)
