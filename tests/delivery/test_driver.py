"""The loop between a source and an adapter."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta

import pytest
from attrs import define, field

from delivery.clockwork import MORNING, PATIENT, Clockwork, run
from reinforce.delivery.outgoing import Delivered, Outcome, Outgoing, Rejected
from reinforce.delivery.retry import RetryPolicy
from reinforce.errors import DeliveryStopped
from reinforce.testing import MemorySource, sample_statement

STATEMENTS = [sample_statement(number) for number in range(250)]
IMPATIENT = RetryPolicy(patience_seconds=0)

Answer = Callable[[Sequence[Outgoing]], Iterable[Outcome]]


@define
class Scripted:
    """An adapter that answers each batch as its script says, and takes everything when that has ended.

    Attributes:
        script: an answer for each batch.
        batches: what it was given.
    """

    script: list[Answer] = field(factory=list)
    batches: list[Sequence[Outgoing]] = field(factory=list)

    def send(self, batch: Sequence[Outgoing]) -> Iterable[Outcome]:
        """Answer by the script."""
        self.batches.append(batch)
        return self.script.pop(0)(batch) if self.script else [Delivered(one.id) for one in batch]


def stops_after(count: int, stop: Exception) -> Answer:
    """Take so many statements and then stop."""

    def answer(batch: Sequence[Outgoing]) -> Iterator[Outcome]:
        yield from (Delivered(one.id) for one in batch[:count])
        raise stop

    return answer


def rejects_all(batch: Sequence[Outgoing]) -> Iterable[Outcome]:
    """Take nothing."""
    return [Rejected(one.id, "no verb") for one in batch]


def test_everything_leaves_in_order_and_in_batches() -> None:
    """The adapter is given all statements once, in order, in batches of the policy's size."""
    adapter, source = Scripted(), MemorySource(STATEMENTS)

    done = run(adapter, source)

    assert [len(batch) for batch in adapter.batches] == [100, 100, 50]
    assert [one for batch in adapter.batches for one in batch] == STATEMENTS
    assert (done.delivered, done.rejected, done.stall, source.cursor) == (250, 0, None, 250)


def test_what_was_told_before_a_stop_stands() -> None:
    """After a stop delivery goes on behind the last statement that was told."""
    adapter = Scripted([stops_after(30, DeliveryStopped("away"))])

    done = run(adapter, MemorySource(STATEMENTS))

    assert adapter.batches[1] == STATEMENTS[30:130]
    assert done.delivered == 250


def test_rejected_statements_become_dead_letters() -> None:
    """What is rejected is passed on with its reason, and the rest goes on."""

    def rejects_the_third(batch: Sequence[Outgoing]) -> Iterable[Outcome]:
        return [Rejected(one.id, "no verb") if i == 2 else Delivered(one.id) for i, one in enumerate(batch)]

    source = MemorySource(STATEMENTS)
    done = run(Scripted([rejects_the_third]), source)

    assert source.dead_letters == [Rejected(STATEMENTS[2].id, "no verb")]
    assert (done.delivered, done.rejected) == (249, 1)


def test_waits_double_and_progress_ends_them() -> None:
    """Each stop in a row doubles the wait; after anything was taken it is short again."""
    away = stops_after(0, DeliveryStopped("away"))
    clockwork, source = Clockwork(), MemorySource(STATEMENTS)

    run(Scripted([away, away, away, stops_after(1, DeliveryStopped("away"))]), source, PATIENT, clockwork)

    assert [stall.failures for stall in source.stalls] == [1, 2, 3, 1]
    for nap, most in zip(clockwork.naps, (1, 2, 4, 1), strict=True):
        assert most / 2 <= nap <= most


def test_failures_of_an_earlier_run_count() -> None:
    """A run that is started again and again does not begin with short waits each time."""
    source = MemorySource(STATEMENTS, failures=4)

    run(Scripted([stops_after(0, DeliveryStopped("away"))]), source)

    assert source.stalls[0].failures == 5


def test_a_long_wait_ends_the_run() -> None:
    """A run does not sleep longer than its patience: it ends, and the source knows why and until when."""
    asked = timedelta(minutes=7)
    source = MemorySource(STATEMENTS)
    clockwork = Clockwork()

    stop = DeliveryStopped("the LRS answered 429", retry_after=asked)
    done = run(Scripted([stops_after(5, stop)]), source, RetryPolicy(), clockwork)

    assert done.stall is not None
    assert (done.delivered, clockwork.naps) == (5, [])
    assert (done.stall.reason, done.stall.retry_at) == ("the LRS answered 429", MORNING + asked)
    assert source.stalls == [done.stall]


def test_a_permanent_stop_waits_for_somebody() -> None:
    """What no waiting mends is not tried again by itself."""
    source = MemorySource(STATEMENTS)

    done = run(Scripted([stops_after(0, DeliveryStopped("speaks 0.9", is_permanent=True))]), source)

    assert done.stall is not None
    assert done.stall.retry_at is None


def test_the_rate_is_kept() -> None:
    """With a rate set, so much time passes that it is not exceeded."""
    clockwork = Clockwork()

    run(Scripted(), MemorySource(STATEMENTS), RetryPolicy(per_second=50), clockwork)

    assert clockwork.now - MORNING >= timedelta(seconds=5)


def test_nothing_but_rejections_is_the_fault_of_something_else() -> None:
    """A destination that rejects one statement after another does not eat the log."""
    source = MemorySource(STATEMENTS)
    policy = RetryPolicy(batch_size=20, most_rejected_in_a_row=40)

    done = run(Scripted([rejects_all] * 100), source, policy)

    assert done.stall is not None
    assert (done.rejected, done.stall.retry_at) == (40, None)


def test_an_adapter_with_a_fault_stalls_its_feed_alone(caplog: pytest.LogCaptureFixture) -> None:
    """Any exception of an adapter is a stall of the feed, and its traceback is logged."""
    source = MemorySource(STATEMENTS)

    with caplog.at_level(logging.ERROR):
        done = run(Scripted([stops_after(3, KeyError("x"))]), source, IMPATIENT)

    assert done.stall is not None
    assert (done.delivered, done.stall.reason) == (3, "the adapter Scripted failed with KeyError")
    assert "KeyError" in caplog.text


@pytest.mark.parametrize(
    "answer",
    [
        lambda batch: [Delivered(one.id) for one in batch[:-1]],
        lambda batch: [Delivered(one.id) for one in [*batch, batch[0]]],
        lambda batch: [Delivered(one.id) for one in reversed(batch)],
        lambda _: [],
    ],
    ids=["too few", "too many", "another order", "none"],
)
def test_an_adapter_that_tells_nonsense_is_not_believed(answer: Answer) -> None:
    """Outcomes that are not those of the batch in its order stop the feed; no statement is skipped."""
    source = MemorySource(STATEMENTS)

    done = run(Scripted([answer]), source)

    assert done.stall is not None
    assert "the adapter Scripted told" in done.stall.reason
    assert source.cursor in (0, 99)


def test_a_source_that_fails_ends_the_run() -> None:
    """An error of the source is not taken for one of the destination."""

    class Failing(MemorySource):
        def advance(self, _: Sequence[Outcome]) -> None:
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        run(Scripted(), Failing(STATEMENTS))
