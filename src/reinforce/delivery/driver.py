"""The loop that takes statements from a source to an adapter until nothing is left or nothing is taken."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import islice, takewhile

from attrs import define, evolve, frozen

from reinforce.delivery.adapter import Adapter
from reinforce.delivery.outgoing import Outcome, Outgoing, Rejected
from reinforce.delivery.retry import Random, RetryPolicy
from reinforce.delivery.source import Source, Stall
from reinforce.errors import DeliveryStopped

logger = logging.getLogger(__name__)


@frozen
class Delivery:
    """What a run did.

    Attributes:
        delivered: how many statements the destination has.
        rejected: how many became dead letters.
        stall: why it ended before everything had left; None: everything has.
    """

    delivered: int = 0
    rejected: int = 0
    stall: Stall | None = None


def deliver(
    adapter: Adapter,
    source: Source,
    policy: RetryPolicy | None = None,
    *,
    clock: Callable[[], datetime],
    sleep: Callable[[float], object],
    random: Random,
) -> Delivery:
    """Hand over what the source has, in order, until nothing is left or the wait would be too long.

    Killed at any moment and run again, it goes on where it was: what was handed over but not yet told to the source
    is handed over again, by the same ids and bytes.

    Args:
        adapter: hands statements to the destination.
        source: gives them, and is told what became of them.
        policy: how big, how fast and how patiently.
        clock: what time it is.
        sleep: waits for some seconds.
        random: the source of chance for waits.
    """
    return _Run(adapter, source, policy or RetryPolicy(), clock, sleep, random).to_the_end()


@define
class _Run:
    adapter: Adapter
    source: Source
    policy: RetryPolicy
    clock: Callable[[], datetime]
    sleep: Callable[[float], object]
    random: Random
    done: Delivery = Delivery()
    failures: int = 0
    rejected_in_a_row: int = 0

    def to_the_end(self) -> Delivery:
        self.failures = self.source.failures
        while batch := self.source.next_batch(self.policy.batch_size):
            outcomes, stop = _sent(self.adapter, batch)
            self._settle(outcomes)
            stop = stop or self._distrust()
            if stop is not None and not self._wait_for(stop):
                break
            if pause := self.policy.pause_seconds(len(outcomes)):
                self.sleep(pause)
        return self.done

    def _settle(self, outcomes: Sequence[Outcome]) -> None:
        if not outcomes:
            return
        self.source.advance(outcomes)
        self.failures = 0
        rejected = sum(isinstance(outcome, Rejected) for outcome in outcomes)
        delivered = len(outcomes) - rejected
        self.done = evolve(self.done, delivered=self.done.delivered + delivered, rejected=self.done.rejected + rejected)
        before = 0 if delivered else self.rejected_in_a_row
        self.rejected_in_a_row = before + _rejected_at_the_end(outcomes)

    def _distrust(self) -> DeliveryStopped | None:
        """The stop that is due when statement after statement is rejected: then something else is wrong."""
        if self.rejected_in_a_row < self.policy.most_rejected_in_a_row:
            return None
        return DeliveryStopped(
            f"the last {self.rejected_in_a_row} statements were all rejected: look at the reasons of the dead "
            "letters, then deliver again",
            is_permanent=True,
        )

    def _wait_for(self, stop: DeliveryStopped) -> bool:
        """Tell the source why nothing leaves and sleep it out; False: that would take too long."""
        self.failures += 1
        wait = self.policy.wait(self.failures, self.random, stop.retry_after)
        retry_at = None if stop.is_permanent else self.clock() + wait
        stall = Stall(str(stop), retry_at, self.failures)
        self.source.stalled(stall)
        if stop.is_permanent or wait > timedelta(seconds=self.policy.patience_seconds):
            self.done = evolve(self.done, stall=stall)
            return False
        self.sleep(wait.total_seconds())
        return True


def _sent(adapter: Adapter, batch: Sequence[Outgoing]) -> tuple[list[Outcome], DeliveryStopped | None]:
    """The outcomes that an adapter told, and why it told no more."""
    name = type(adapter).__name__
    outcomes: list[Outcome] = []
    stop: DeliveryStopped | None = None
    try:
        for outcome in islice(adapter.send(batch), len(batch) + 1):
            outcomes.append(outcome)  # noqa: PERF402 -- what was told before an error must not be lost
    except DeliveryStopped as problem:
        stop = problem
    except Exception as problem:  # another's code may fail in any way; the feed shows it, the others go on
        logger.exception("The adapter %s failed", name)
        stop = DeliveryStopped(f"the adapter {name} failed with {type(problem).__name__}")
    if [outcome.id for outcome in outcomes] != [statement.id for statement in batch[: len(outcomes)]]:
        broken = f"the adapter {name} told outcomes of other statements than it was given, or in another order"
        return [], DeliveryStopped(broken, is_permanent=True)
    if stop is None and len(outcomes) < len(batch):
        broken = f"the adapter {name} told {len(outcomes)} outcomes for {len(batch)} statements"
        stop = DeliveryStopped(broken, is_permanent=True)
    return outcomes, stop


def _rejected_at_the_end(outcomes: Sequence[Outcome]) -> int:
    return sum(1 for _ in takewhile(lambda outcome: isinstance(outcome, Rejected), reversed(outcomes)))
