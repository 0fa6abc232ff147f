"""One batch on its way into an LRS, from left to right.

Whatever the LRS refuses as a whole is cut until it is clear which statements are meant. What becomes certain is told
at once, so that a stop loses nothing.
"""

import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from reinforce.delivery.outgoing import Delivered, Outcome, Outgoing, Rejected, Version
from reinforce.errors import DeliveryStopped
from reinforce_adapters.lrs.answer import Answer, Verdict, stop_for, verdict
from reinforce_adapters.lrs.lessons import TRIES_ALONE, Lessons
from reinforce_adapters.lrs.request_body import RequestBody, request_body, size_of
from reinforce_adapters.lrs.sameness import difference
from reinforce_adapters.lrs.versions import body_on_the_wire, version_on_the_wire

Portion = Sequence[Outgoing]
"""Neighbours of a batch that go in one request."""


MOST_HELD = 10
"""How many statements in a row may each seem to bring the LRS down, before it is the LRS that is down."""


class Lrs(Protocol):
    """What a walk needs of an LRS."""

    def offered(self) -> tuple[Version, ...]:
        """The versions that it speaks, the newest first."""
        ...

    def post(self, body: RequestBody, version: Version) -> Answer:
        """Its answer to statements."""
        ...

    def stored(self, statement: Outgoing, version: Version) -> dict[str, Any] | None:
        """The statement that it has under the same id."""
        ...


class Walk:
    """One batch on its way."""

    def __init__(self, lrs: Lrs, lessons: Lessons, batch: Sequence[Outgoing], batch_size: int) -> None:
        self._lrs = lrs
        self._lessons = lessons
        self._batch_size = batch_size
        self._waiting: deque[Portion] = deque([batch] if batch else [])
        self._held: list[Outgoing | Outcome] = []
        self._neighbour_tries = 0
        self._is_searching = False

    def outcomes(self) -> Iterator[Outcome]:
        """What becomes of each statement, in order.

        Raises:
            DeliveryStopped: nothing is taken at present; what was told stands.
        """
        react: dict[Verdict, Callable[[Portion, Answer], Iterator[Outcome]]] = {
            Verdict.TAKEN: self._taken,
            Verdict.CONFLICT: self._compare,
            Verdict.INVALID: self._invalid,
            Verdict.TOO_LARGE: self._too_large,
            Verdict.BROKEN: self._broken,
        }
        while self._waiting:
            portion = self._next_portion()
            answer = self._post(portion)
            yield from react[verdict(answer)](portion, answer)
        if self._held:
            raise DeliveryStopped(
                "the LRS answers 500 to the last statement that there is: it may be that statement, or the LRS"
            )

    def _next_portion(self) -> Portion:
        """As many neighbours as go in one request; the rest waits."""
        portion = self._waiting.popleft()
        count = self._fitting(portion)
        if count < len(portion):
            self._waiting.appendleft(portion[count:])
        return portion[:count]

    def _fitting(self, portion: Portion) -> int:
        first, offered = portion[0], self._lrs.offered()
        most = 1 if self._held else self._lessons.size_to_try(first.id) or self._batch_size
        version = version_on_the_wire(first, offered)
        room = self._lessons.most_bytes - size_of(first) - 1
        for count, one in enumerate(portion[1:], start=1):
            room -= size_of(one)
            if count >= most or room < 0 or version_on_the_wire(one, offered) != version:
                return count
        return len(portion)

    def _post(self, portion: Portion) -> Answer:
        version = version_on_the_wire(portion[0], self._lrs.offered())
        return self._lrs.post(request_body(portion, version), version)

    def _tell(self, outcome: Outcome) -> Iterator[Outcome]:
        """Tell an outcome, unless an earlier statement's is still open."""
        if self._held:
            self._held.append(outcome)
        else:
            yield outcome

    def _halve(self, portion: Portion) -> None:
        middle = (len(portion) + 1) // 2
        self._waiting.extendleft((portion[middle:], portion[:middle]))

    def _taken(self, portion: Portion, _: Answer) -> Iterator[Outcome]:
        """All are stored, whatever ids the answer lists."""
        self._lessons.taken()
        yield from self._judge_held()
        for one in portion:
            yield Delivered(one.id)

    def _invalid(self, portion: Portion, answer: Answer) -> Iterator[Outcome]:
        """Nothing is stored because of at least one of them."""
        if len(portion) > 1:
            self._halve(portion)
            return
        yield from self._tell(_rejected(portion[0], answer))

    def _too_large(self, portion: Portion, answer: Answer) -> Iterator[Outcome]:
        """Nothing is stored because there is too much of it."""
        if len(portion) > 1:
            self._lessons.too_large(sum(map(size_of, portion)))
            self._halve(portion)
            return
        yield from self._tell(_rejected(portion[0], answer))

    def _compare(self, portion: Portion, _: Answer) -> Iterator[Outcome]:
        """Nothing is stored because it has at least one of them: look which, and whether they are the same."""
        known = 0
        for one in portion:
            version = version_on_the_wire(one, self._lrs.offered())
            theirs = self._lrs.stored(one, version)
            if theirs is None:
                break
            known += 1
            yield from self._tell(_compared(one, theirs, version))
        rest = portion[known:]
        if known and rest:
            self._waiting.appendleft(rest)
        elif len(rest) > 1:
            self._halve(rest)
        elif rest:
            yield from self._tell(self._absent(rest[0]))

    def _absent(self, statement: Outgoing) -> Outcome:
        """It has the statement and does not show it: it may not have got round to it yet, so look again later."""
        if self._lessons.is_absent(statement.id):
            return Rejected(statement.id, "the LRS answered 409, and has no statement of that id that it would show")
        raise DeliveryStopped(f"the LRS answered 409 to the statement {statement.id}, and does not show what it has")

    def _broken(self, portion: Portion, answer: Answer) -> Iterator[Outcome]:
        """It fell over: the first time by itself, for all that we know; then look for the statement."""
        if self._held:
            self._hold_or_retry(portion, answer)
            return
        suspicion = self._lessons.suspect(portion[0].id, len(portion))
        if len(portion) > 1 and (suspicion.is_strong or self._is_searching):
            self._is_searching = True
            self._halve(portion)
            self._lessons.suspicion = None
        elif suspicion.is_strong:
            self._held.append(portion[0])
        else:
            raise stop_for(answer)
        yield from ()

    def _hold_or_retry(self, portion: Portion, answer: Answer) -> None:
        """It fell over the neighbour too: see whether it does so each time, and leave that one open as well."""
        self._neighbour_tries += 1
        if self._neighbour_tries < TRIES_ALONE:
            self._waiting.appendleft(portion)
            return
        self._neighbour_tries = 0
        if sum(isinstance(one, Outgoing) for one in self._held) >= MOST_HELD:
            raise stop_for(answer)
        self._held.append(portion[0])

    def _judge_held(self) -> Iterator[Outcome]:
        """Try again, now that the LRS takes statements, what it fell over: who is refused now is at fault."""
        held, self._held = self._held, []
        self._neighbour_tries = 0
        for one in held:
            if isinstance(one, Outgoing):
                yield from self._judge(one)
            else:
                yield one

    def _judge(self, statement: Outgoing) -> Iterator[Outcome]:
        answer = self._post([statement])
        found = verdict(answer)
        if found is Verdict.TAKEN:
            yield Delivered(statement.id)
        elif found is Verdict.CONFLICT:
            yield from self._compare([statement], answer)
        else:
            yield _rejected(statement, answer)


def _rejected(statement: Outgoing, answer: Answer) -> Rejected:
    return Rejected(statement.id, f"the LRS answered {answer.status}: {answer.quote or 'without a reason'}")


def _compared(statement: Outgoing, theirs: dict[str, Any], version: Version) -> Outcome:
    differs = difference(json.loads(body_on_the_wire(statement, version)), theirs)
    if differs is None:
        return Delivered(statement.id)
    return Rejected(statement.id, f"the LRS has another statement under this id (409): {differs}")
