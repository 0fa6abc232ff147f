"""Whether a feed would deliver, and what, without sending anything."""

from collections.abc import Iterator

from reinforce.delivery.adapter import Checks
from reinforce.delivery.outgoing import CheckReport, CheckStep
from reinforce.errors import ReinforceError
from reinforce.feeds.source import LogSource
from reinforce.feeds.working import Worker
from reinforce.store.feeds import Feed

NOBODY = ""


def examination(worker: Worker, feed: Feed) -> CheckReport:
    """What the adapter finds out about its destination, whether everybody can be named, and the next batch."""
    return CheckReport((*_of_destination(worker, feed), *_of_statements(worker, feed)))


def _of_destination(worker: Worker, feed: Feed) -> Iterator[CheckStep]:
    try:
        with worker.adapter(feed) as adapter:
            yield CheckStep("settings", True, f"the adapter {feed.adapter} understands them")
            if isinstance(adapter, Checks):
                yield from adapter.check().steps
    except ReinforceError as problem:
        yield CheckStep("settings", False, worker.mask(feed)(str(problem)))


def _of_statements(worker: Worker, feed: Feed) -> Iterator[CheckStep]:
    try:
        rendering = worker.rendering(feed)
        source = LogSource(worker.store, feed, NOBODY, rendering, worker.clock, worker.mask(feed))
        with worker.store.read() as session:
            source.look(session, feed, worker.policy.batch_size)
    except ReinforceError as problem:
        yield CheckStep("people", False, str(problem))
        return
    if feed.actors is not None:
        yield _naming(rendering.without_name(), feed.actors.kind.value)
    ready = source.batch
    kilobytes = sum(len(one.body) for one in ready) / 1000
    plural = "" if len(ready) == 1 else "s"
    says = f"the next one has {len(ready):,} statement{plural}, {kilobytes:,.1f} kB" if ready else "nothing waits"
    yield CheckStep("batch", True, says)


def _naming(missing: dict[str, str], kind: str) -> CheckStep:
    if not missing:
        return CheckStep("people", True, f"everybody has a name of the kind {kind}")
    return CheckStep("people", False, f"{len(missing):,} cannot be named: {next(iter(missing.values()))}")
