"""Statements that LRSs disagree about, and faults by chance."""

import json
import random
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from attrs import define, evolve, field

from adapters.faulty_lrs import Cut, Fault, FaultyLrs, Request
from reinforce.delivery.outgoing import Outgoing
from reinforce.testing import MemorySource, sample_statement
from reinforce_adapters.lrs import LRS, LrsSettings

Body = dict[str, Any]


def body_of(statement: Outgoing) -> Body:
    """The statement as data."""
    found: Body = json.loads(statement.body)
    return found


def with_body(statement: Outgoing, body: Body) -> Outgoing:
    """The statement with other data."""
    return evolve(statement, body=json.dumps(body, ensure_ascii=False).encode())


def invalid(statement: Outgoing) -> Outgoing:
    """The statement without its verb, which no LRS takes."""
    return with_body(statement, {name: value for name, value in body_of(statement).items() if name != "verb"})


def conflicting(body: Body) -> Body:
    """Another statement under the same id."""
    return {**body, "result": {"score": {"scaled": -1}}}


def otherwise_displayed(body: Body) -> Body:
    """The same statement, whose verb shows itself in other words."""
    return {**body, "verb": {**body["verb"], "display": {"de": "hat geantwortet"}}}


def otherwise_timed(body: Body) -> Body:
    """The same statement, whose moment is written in another time zone and without milliseconds."""
    return {**body, "timestamp": body["timestamp"].replace("T09:", "T11:").replace(".000Z", "+02:00")}


@define
class Story:
    """Statements to deliver, some of which are bad, and what an LRS had before.

    Attributes:
        statements: in order.
        bad: the ids of those that must become dead letters.
        had_before: what the LRS stores from the beginning.
    """

    statements: list[Outgoing]
    bad: list[str] = field(factory=list)
    had_before: dict[str, Body] = field(factory=dict)

    def holds_after(self, lrs: FaultyLrs, source: MemorySource) -> None:
        """Each statement is there exactly once and in order, and the dead letters are exactly the bad ones."""
        arrived = [identity for identity in lrs.stored if identity not in self.had_before]
        wanted = [str(one.id) for one in self.statements if str(one.id) not in {*self.bad, *self.had_before}]

        assert source.cursor == len(self.statements)
        assert [str(one.id) for one in source.dead_letters] == self.bad
        assert arrived == wanted
        assert {name: lrs.stored[name] for name in self.had_before} == self.had_before


def story(
    count: int, *, invalid_at: Sequence[int] = (), conflict_at: Sequence[int] = (), same_at: Sequence[int] = ()
) -> Story:
    """So many statements, of which some are invalid, some in conflict, and some there already in other words."""
    told = Story([sample_statement(number) for number in range(count)])
    for position in invalid_at:
        told.statements[position] = invalid(told.statements[position])
    for position in conflict_at:
        told.had_before[str(told.statements[position].id)] = conflicting(body_of(told.statements[position]))
    for position in same_at:
        body = body_of(told.statements[position])
        told.had_before[str(body["id"])] = (otherwise_displayed, otherwise_timed)[position % 2](body)
    told.bad = [str(told.statements[position].id) for position in sorted({*invalid_at, *conflict_at})]
    return told


HTTP_DATE = format_datetime(datetime(2026, 3, 31, 9, 0, 0, tzinfo=UTC), usegmt=True)
IN_A_MINUTE = format_datetime(datetime(2026, 3, 31, 9, 1, 0, tzinfo=UTC), usegmt=True)

FAULTS: dict[str, Fault] = {
    "cut before": Fault(Cut.BEFORE),
    "cut by a reset": Fault(Cut.RESET),
    "cut before the answer": Fault(Cut.BEFORE_ANSWER),
    "cut within the answer": Fault(Cut.WITHIN_ANSWER),
    "401": Fault(status=401, body=b"who are you?"),
    "403": Fault(status=403),
    "404": Fault(status=404, body=b"<h1>Not found</h1>"),
    "408": Fault(status=408),
    "429": Fault(status=429, headers={"Retry-After": "30"}),
    "429 by date": Fault(status=429, headers={"Retry-After": IN_A_MINUTE, "Date": HTTP_DATE}),
    "500": Fault(status=500, body=b"oops"),
    "500 and stored": Fault(status=500, stores=True),
    "502": Fault(status=502, body=b"<h1>Bad gateway</h1>"),
    "503": Fault(status=503, headers={"Retry-After": "5"}),
    "504 and stored": Fault(status=504, stores=True),
    "302 to a login": Fault(status=302, headers={"Location": "https://login.example/?next=xapi"}),
    "200 of a login page": Fault(status=200, body=b"<html>Please log in</html>", headers={"Content-Type": "text/html"}),
    "413": Fault(status=413),
}
STORING = {name for name, fault in FAULTS.items() if fault.stores or "answer" in name}


@define
class ByChance:
    """Faults by chance: a plan for an LRS.

    Attributes:
        chance: where it comes from.
        share: of requests that go wrong.
        names: of the faults that happen.
        happened: how often each did.
    """

    chance: random.Random
    share: float
    names: Sequence[str] = tuple(FAULTS)
    happened: Counter[str] = field(factory=Counter)
    fell_over: Counter[bytes] = field(factory=Counter)

    def __call__(self, request: Request) -> Fault | None:
        """What goes wrong with a request."""
        if self.chance.random() >= self.share:
            return None
        name = self.chance.choice(self.names)
        if name.startswith("500") and not self._may_fall_over(request):
            return None
        if name == "413" and len(request.body) < 2000:  # nobody is told that one small statement is too large
            return None
        self.happened[name] += 1
        return FAULTS[name]

    def _may_fall_over(self, request: Request) -> bool:
        """Twice over the same at most: three times alone, while others are taken, is what a bad statement does."""
        beginning = request.body[:60]
        self.fell_over[beginning] += 1
        return self.fell_over[beginning] <= 2


def client(lrs: FaultyLrs, **settings: Any) -> LRS:
    """A client of it."""
    return LRS(LrsSettings(endpoint=lrs.endpoint, **settings))
