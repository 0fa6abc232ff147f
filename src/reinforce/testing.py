"""For the tests of those who write adapters: the contract that each must pass, and a feed in memory.

Inherit the contract in a test class of your own, say how your adapter is made and what has arrived, and run pytest::

    class TestPigeons(AdapterContract):
        def make_adapter(self) -> Adapter:
            return Pigeons({"loft": "north"})

        def arrived(self) -> list[dict[str, Any]]:
            return [json.loads(letter) for letter in loft("north").letters()]

Nothing of pytest is imported here, so any runner will do that makes a new object for each test.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from attrs import define, field

from reinforce.delivery.adapter import Adapter, Checks
from reinforce.delivery.outgoing import Delivered, Outcome, Outgoing, Rejected
from reinforce.delivery.source import Stall


def sample_statement(number: int) -> Outgoing:
    """A small valid statement; the same number gives the same bytes, and every number another id."""
    identity = uuid5(NAMESPACE_URL, f"https://reinforce.example/statements/{number}")
    body = {
        "id": str(identity),
        "actor": {
            "objectType": "Agent",
            "account": {"homePage": "https://crm.example", "name": f"learner-{number % 7} Zoë"},
        },
        "verb": {"id": "http://adlnet.gov/expapi/verbs/answered", "display": {"en": "answered"}},
        "object": {"id": f"https://skills.example/{number % 11}", "objectType": "Activity"},
        "result": {"score": {"scaled": number % 5 / 4}},
        "timestamp": f"2026-03-31T09:{number // 60 % 60:02}:{number % 60:02}.000Z",
    }
    return Outgoing(identity, "1.0.3", json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())


@define
class MemorySource:
    """A feed over statements in memory, for tests: what a `Source` must do, without a database.

    Attributes:
        statements: all of them, in order.
        cursor: how many of them are settled.
        dead_letters: what was rejected.
        stalls: every stall that was told.
        failures: stops in a row.
    """

    statements: Sequence[Outgoing]
    cursor: int = 0
    dead_letters: list[Rejected] = field(factory=list)
    stalls: list[Stall] = field(factory=list)
    failures: int = 0

    def next_batch(self, limit: int) -> Sequence[Outgoing]:
        """The next statements behind the cursor."""
        return self.statements[self.cursor : self.cursor + limit]

    def advance(self, outcomes: Sequence[Outcome]) -> None:
        """Move the cursor past these."""
        self.cursor += len(outcomes)
        self.dead_letters += [outcome for outcome in outcomes if isinstance(outcome, Rejected)]
        self.failures = 0

    def stalled(self, stall: Stall) -> None:
        """Keep the stall."""
        self.stalls.append(stall)
        self.failures = stall.failures


class AdapterContract(ABC):
    """What every adapter promises; each test begins with an empty destination."""

    @abstractmethod
    def make_adapter(self) -> Adapter:
        """A new adapter for the destination of this test; it is called more than once in some tests."""

    @abstractmethod
    def arrived(self) -> list[dict[str, Any]]:
        """The statements that the destination of this test has, in the order in which it took them."""

    def test_a_batch_arrives_whole_and_in_order(self) -> None:
        """Every statement of a batch arrives once, as it was written, in order, and each is told."""
        batch = [sample_statement(number) for number in range(25)]

        outcomes = list(self.make_adapter().send(batch))

        _expect(outcomes, [Delivered(one.id) for one in batch], "the outcomes of a batch that was taken")
        self._expect_arrived(batch)

    def test_batches_follow_one_another(self) -> None:
        """One adapter takes batch after batch, of any size."""
        adapter = self.make_adapter()
        statements = [sample_statement(number) for number in range(31)]
        rest = iter(statements)

        for size in (1, 20, 3, 7):
            batch = list(islice(rest, size))
            _expect(_ids(adapter.send(batch)), [one.id for one in batch], f"the outcomes of a batch of {size}")

        self._expect_arrived(statements)

    def test_what_was_sent_may_be_sent_again(self) -> None:
        """A batch that comes again, as after a cut, changes nothing and is delivered."""
        adapter = self.make_adapter()
        batch = [sample_statement(number) for number in range(12)]
        list(adapter.send(batch))

        outcomes = list(adapter.send(batch))

        _expect(outcomes, [Delivered(one.id) for one in batch], "the outcomes of a batch that had arrived before")
        self._expect_arrived(batch)

    def test_another_process_goes_on(self) -> None:
        """A new adapter, as after a crash, knows what arrived before: a batch that overlaps arrives once."""
        statements = [sample_statement(number) for number in range(30)]
        list(self.make_adapter().send(statements[:20]))

        outcomes = list(self.make_adapter().send(statements[10:]))

        _expect(outcomes, [Delivered(one.id) for one in statements[10:]], "the outcomes of an overlapping batch")
        self._expect_arrived(statements)

    def test_an_empty_batch_is_nothing(self) -> None:
        """No statements have no outcomes."""
        _expect(list(self.make_adapter().send([])), [], "the outcomes of an empty batch")
        self._expect_arrived([])

    def test_a_check_sends_nothing(self) -> None:
        """An adapter that can check its destination finds this one in order, and leaves it as it was."""
        adapter = self.make_adapter()
        if isinstance(adapter, Checks):
            report = adapter.check()
            _expect([step for step in report.steps if not step.is_ok], [], "the steps that are not ok")

        self._expect_arrived([])

    def _expect_arrived(self, statements: Sequence[Outgoing]) -> None:
        wanted = [json.loads(one.body) for one in statements]
        found = self.arrived()
        _expect([one.get("id") for one in found], [one["id"] for one in wanted], "the ids that arrived")
        for one, other in zip(found, wanted, strict=True):
            _expect({name: one.get(name) for name in other}, other, "a statement that arrived")


def _ids(outcomes: Iterable[Outcome]) -> list[Any]:
    return [outcome.id for outcome in outcomes]


def _expect(found: object, wanted: object, what: str) -> None:
    """Assert in a way that neither `python -O` nor a missing assertion rewriting takes the message away."""
    if found != wanted:
        raise AssertionError(f"{what} should be\n  {wanted!r}\nbut are\n  {found!r}")
