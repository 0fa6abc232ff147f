"""Statements out of another LRS, page by page, each page kept before the next is asked for.

Where a pull is cut off, the next one begins with what was not proved to be complete; what comes twice is known by its
id and changes nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from attrs import define, field, frozen

from reinforce.delivery.retry import Random, RetryPolicy
from reinforce.delivery.upstream import Upstream, UpstreamPage
from reinforce.errors import DeliveryStopped, InvalidStatement
from reinforce.intake.incoming import Incoming
from reinforce.intake.places import Progress
from reinforce.intake.readings import Fate, Reading
from reinforce.statements.reading import ReceivedStatement, check_statement
from reinforce.statements.versions import version_of

T = TypeVar("T")

PATIENCE = RetryPolicy(patience_seconds=120)
MOST_TRIES = 5
"""So many times in a row a page is asked for, before the pull ends."""

MOST_EMPTY = 100
"""So many pages without a statement may follow each other."""

Sleep = Callable[[float], None]


@frozen
class BadStatement:
    """A statement that an LRS gave, and that cannot be kept.

    Attributes:
        reason: which rule it breaks, or how it differs from what is there.
        raw: its text.
    """

    reason: str
    raw: str


@frozen
class PulledPart:
    """What has become of a page.

    Attributes:
        readings: of the statements that are kept.
        bad: those that are not.
        position: up to which moment of the LRS everything has been pulled, in epoch microseconds; None: not known yet.
    """

    readings: Sequence[Reading]
    bad: Sequence[BadStatement]
    position: int | None


Keep = Callable[[Sequence[Incoming], int | None], list[Reading]]
"""Keeps the statements of a page, and how far that has come, in one transaction."""


@define
class Pull:
    """One pull on its way.

    Attributes:
        upstream: where the statements are.
        since: the moment to ask from; None: from the beginning.
        keep: keeps what has come.
        policy: how it behaves when the LRS has trouble.
        sleep: waits some seconds.
        random: the source of chance.
    """

    upstream: Upstream
    since: Callable[[], datetime | None]
    keep: Keep
    policy: RetryPolicy
    sleep: Sleep
    random: Random
    _progress: Progress = field(factory=Progress)
    _seen: set[str] = field(factory=set)
    _empty: int = 0

    def parts(self) -> Iterator[PulledPart]:
        """Pull to the end; what has become of each page.

        Raises:
            DeliveryStopped: the LRS gives nothing at present; what was told is kept.
        """
        page = self._begin()
        while True:
            yield self._kept(page)
            if not page.more:
                return
            page = self._next(page)

    def _begin(self) -> UpstreamPage:
        self._progress, self._seen, self._empty = Progress(), set(), 0
        return self._patiently(lambda: self.upstream.first_page(self.since()))

    def _next(self, page: UpstreamPage) -> UpstreamPage:
        self._empty = 0 if page.statements else self._empty + 1
        if page.more in self._seen or self._empty > MOST_EMPTY:
            raise DeliveryStopped("the LRS's links to more statements go in a circle", is_permanent=True)
        self._seen.add(page.more)
        found = self._patiently(lambda: self.upstream.next_page(page.more))
        if found is not None:
            return found
        if self._progress.position(is_end=False) is None:
            raise DeliveryStopped("the LRS has forgotten its link to more statements; ask for fewer at once")
        return self._begin()  # from what is proved

    def _patiently(self, ask: Callable[[], T]) -> T:
        """The answer, after some waits if need be."""
        failures = 0
        while True:
            try:
                return ask()
            except DeliveryStopped as stop:
                failures += 1
                wait = self.policy.wait(failures, self.random, stop.retry_after).total_seconds()
                if stop.is_permanent or failures >= MOST_TRIES or wait > self.policy.patience_seconds:
                    raise
                self.sleep(wait)

    def _kept(self, page: UpstreamPage) -> PulledPart:
        good, bad = _sorted_out(page)
        self._progress.add(page)
        position = self._progress.position(is_end=not page.more)
        readings = self.keep(good, position)
        conflicts = [
            BadStatement(reading.reason, one.received.exact.decode())
            for one, reading in zip(good, readings, strict=True)
            if reading.fate is Fate.CONFLICT
        ]
        return PulledPart([one for one in readings if one.fate is not Fate.CONFLICT], [*bad, *conflicts], position)


def _sorted_out(page: UpstreamPage) -> tuple[list[Incoming], list[BadStatement]]:
    good: list[Incoming] = []
    bad: list[BadStatement] = []
    for data, exact in page.statements:
        try:
            if not isinstance(data, dict) or "id" not in data:
                raise InvalidStatement("an LRS gives each statement an id, and this one has none")
            version = version_of(data)
            check_statement(data, version)
            good.append(Incoming(ReceivedStatement(data, exact), version))
        except InvalidStatement as problem:
            bad.append(BadStatement(str(problem), exact.decode()))
    return good, bad
