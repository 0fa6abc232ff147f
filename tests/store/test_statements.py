"""The statement log: kept byte for byte, found by what is in it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest

from reinforce.errors import StatementConflict
from reinforce.statements.reading import read_statement
from reinforce.statements.versions import XapiVersion
from reinforce.store.database import Database
from reinforce.store.driver import Driver
from reinforce.store.log_places import Cursor, Position
from reinforce.store.statement_terms import Filter
from reinforce.store.statements import (
    Attachment,
    NewStatement,
    Origin,
    StatementLog,
    StoredStatement,
)
from reinforce.store.tenants import ensure_tenant
from reinforce.store.upgrade import upgrade

Plain = dict[str, Any]

START = 1_800_000_000_000_000
ANNA = {"account": {"homePage": "https://crm.example", "name": "anna"}, "objectType": "Agent"}
BEN = {"mbox": "mailto:ben@example.com"}
TEAM = {"objectType": "Group", "mbox": "mailto:team@example.com", "member": [BEN]}
LMS = {"objectType": "Agent", "account": {"homePage": "https://lms.example", "name": "lms"}}
DID, SAW = "https://verbs.example/did", "https://verbs.example/saw"
VOIDED = "http://adlnet.gov/expapi/verbs/voided"
PRICING, COURSE = "https://skills.example/pricing", "https://skills.example/course"
REGISTRATION = "fd41c918-b88b-4b20-a0a5-a4c32391aaa0"


class Ticks:
    """A clock that goes on by a second with each look at it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        self.now += 1_000_000
        return self.now


class World:
    """A database with one tenant's statement log."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        upgrade(self.database)
        self.clock = Ticks()
        with self.database.write() as connection:
            self.tenant_id = ensure_tenant(connection, self.database.tables, "a", 1)
            self.other_id = ensure_tenant(connection, self.database.tables, "b", 1)

    @contextmanager
    def writing(self, tenant_id: int | None = None) -> Iterator[StatementLog]:
        """The log, in a transaction that is kept."""
        with self.database.write() as connection:
            yield StatementLog(Driver(connection, None), tenant_id or self.tenant_id)

    @contextmanager
    def reading(self, tenant_id: int | None = None) -> Iterator[StatementLog]:
        """The log, to be read."""
        with self.database.read() as connection:
            yield StatementLog(Driver(connection, None), tenant_id or self.tenant_id)

    def add(self, *statements: Plain, credential_id: int | None = None) -> list[NewStatement]:
        """Store statements in one transaction."""
        with self.writing() as log:
            return log.append([new(one) for one in statements], self.clock, credential_id=credential_id)

    def found(self, **wanted: Any) -> list[str]:
        """The names that the found statements were given by `statement`."""
        with self.reading() as log:
            return [name_of(one) for one in log.find(Filter(**wanted), 100)]


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """An empty log on each of the databases."""
    made = World(database_url)
    yield made
    made.database.close()


def statement(name: str, actor: Plain = ANNA, verb: str = DID, thing: Any = PRICING, **more: Any) -> Plain:
    """A statement with a name by which a test knows it again."""
    target = {"id": thing} if isinstance(thing, str) else thing
    return {
        "id": str(uuid4()),
        "actor": actor,
        "verb": {"id": verb},
        "object": target,
        "result": {"response": name},
        **more,
    }


def new(data: Plain) -> NewStatement:
    received = read_statement(json.dumps(data).encode())
    identity = UUID(received.id) if received.id else uuid4()
    return NewStatement(identity, received, XapiVersion.V2, is_named=received.id is not None)


def name_of(stored: StoredStatement) -> str:
    return str(stored.data["result"]["response"])


def refers(name: str, to: str, verb: str = SAW) -> Plain:
    return statement(name, BEN, verb, {"objectType": "StatementRef", "id": to})


# ---------------------------------------------------------------- what is kept


def test_whence_a_statement_came(world: World) -> None:
    """What came without a credential is ours unless it is said to have been received."""
    ours, theirs, pushed = statement("ours"), statement("theirs"), statement("pushed")
    world.add(ours)
    world.add(pushed, credential_id=7)
    with world.writing() as log:
        log.append([new(theirs)], world.clock, origin=Origin.RECEIVED)

    with world.reading() as log:
        found = {name_of(one): (one.origin, one.credential_id) for one in log.find(Filter(), 10)}

    assert found == {
        "ours": (Origin.OURS, None),
        "theirs": (Origin.RECEIVED, None),
        "pushed": (Origin.RECEIVED, 7),
    }


def test_the_bytes_are_kept(world: World) -> None:
    """A statement is kept as the bytes that came, blanks and the spelling of numbers included."""
    exact = (
        b'{ "actor":{"mbox":"mailto:a@example.com"}, "verb" :{"id":"https://v.example/did"},'
        b'"object":{"id":"https://o.example/1"},"result":{"score":{"raw":1.50e1}} }'
    )
    one = NewStatement(uuid4(), read_statement(exact), XapiVersion.V1)
    with world.writing() as log:
        log.append([one], world.clock)
    with world.reading() as log:
        stored = log.by_id(one.id)

    assert stored is not None
    assert stored.body == exact
    assert (stored.origin, stored.version, stored.voided_by) == (Origin.OURS, XapiVersion.V1, None)


def test_what_the_lrs_sets_is_set(world: World) -> None:
    """Given out, a statement has an id, both times, its authority and version, and its own bytes beside them."""
    exact = (
        b'{"actor":{"mbox":"mailto:a@example.com"},"verb":{"id":"x:y"},"object":{"id":"x:o"},"result":{"success":true}}'
    )
    one = NewStatement(uuid4(), read_statement(exact), XapiVersion.V2)
    with world.writing() as log:
        log.append([one], world.clock)
    with world.reading() as log:
        stored = log.by_id(one.id)

    assert stored is not None
    text = stored.completed(LMS)
    data = json.loads(text)
    assert exact[1:] in text
    assert data["id"] == str(one.id)
    assert data["stored"] == data["timestamp"]
    assert (data["authority"], data["version"]) == (LMS, "2.0.0")


@pytest.mark.parametrize("count", [1, 3, 120])
def test_the_same_again_changes_nothing(world: World, count: int) -> None:
    """What the log has already is left as it is, in any mixture with new statements."""
    first = [statement(str(number)) for number in range(count)]
    world.add(*first)
    added = world.add(*first, statement("new"))

    assert [one.received.data["result"]["response"] for one in added] == ["new"]
    assert len(world.found()) == min(count + 1, 100)


def test_another_statement_with_the_same_id_is_refused(world: World) -> None:
    """An id stands for one statement for ever; of a batch with a conflict nothing is kept, and the path is told."""
    one = statement("first")
    world.add(one)
    with pytest.raises(StatementConflict, match=r"result\.response"):
        world.add(statement("second"), {**one, "result": {"response": "changed"}})

    assert world.found() == ["first"]


def test_attachments_are_found_by_their_hash(world: World) -> None:
    """The content of an attachment is kept once, and found whatever the case of its hash."""
    with world.writing() as log:
        for _ in range(2):
            log.append(
                [new(statement("x"))], world.clock, attachments=[Attachment("ab" * 32, "text/plain", b"\0hello")]
            )
    with world.reading() as log:
        assert log.attachments({"AB" * 32, "cd" * 32}) == [Attachment("ab" * 32, "text/plain", b"\0hello")]
    with world.reading(world.other_id) as log:
        assert log.attachments({"ab" * 32}) == []


# ---------------------------------------------------------------- what is found

IN_CONTEXT = {
    "registration": REGISTRATION,
    "instructor": BEN,
    "contextActivities": {"parent": [{"id": COURSE}]},
}
PLANNED = {"objectType": "SubStatement", "actor": BEN, "verb": {"id": SAW}, "object": {"id": COURSE}}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["f", "e", "d", "c", "b", "a"]),
        ({"ascending": True}, ["a", "b", "c", "d", "e", "f"]),
        ({"agent": ANNA}, ["d", "b", "a"]),
        ({"agent": {**ANNA, "name": "Anna"}}, ["d", "b", "a"]),
        ({"agent": BEN}, ["f", "e", "c"]),
        ({"agent": {"objectType": "Group", "mbox": "mailto:team@EXAMPLE.com"}}, ["f", "e"]),
        ({"agent": BEN, "related_agents": True}, ["f", "e", "d", "c", "b"]),
        ({"agent": LMS, "related_agents": True, "authority_ids": (7,)}, ["f", "e", "d", "c", "b", "a"]),
        ({"agent": LMS, "related_agents": True}, []),
        ({"verb": SAW}, ["f", "c"]),
        ({"verb": "https://verbs.example/never"}, []),
        ({"activity": COURSE}, ["c"]),
        ({"activity": COURSE, "related_activities": True}, ["d", "c", "b"]),
        ({"registration": REGISTRATION.upper()}, ["b"]),
        ({"agent": ANNA, "verb": DID, "activity": PRICING}, ["b", "a"]),
        ({"agent": BEN, "verb": DID}, ["e"]),
        ({"agent": BEN, "related_agents": True, "activity": COURSE, "related_activities": True}, ["d", "c", "b"]),
        ({"verb": DID, "ascending": True}, ["a", "b", "d", "e"]),
        ({"credential_id": 7, "verb": SAW}, ["f", "c"]),
        ({"credential_id": 8}, []),
    ],
    ids=str,
)
def test_filters(world: World, wanted: Plain, found: list[str]) -> None:
    """Each filter finds what it should and nothing else, alone and together with others."""
    for one in (
        statement("a"),
        statement("b", context=IN_CONTEXT),
        statement("c", BEN, SAW, COURSE),
        statement("d", thing=PLANNED),
        statement("e", TEAM),
        statement("f", TEAM, SAW, {"objectType": "Agent", **BEN}),
    ):
        world.add(one, credential_id=7)

    assert world.found(**wanted) == found


def test_since_and_until(world: World) -> None:
    """`since` leaves its moment out, `until` takes it in, with and without another filter."""
    for name in "abcd":
        world.add(statement(name))
    with world.reading() as log:
        moments = {name_of(one): one.stored_at for one in log.find(Filter(), 10)}

    for further in ({}, {"verb": DID}):
        assert world.found(since=moments["b"], **further) == ["d", "c"]
        assert world.found(until=moments["b"], **further) == ["b", "a"]
        assert world.found(since=moments["a"], until=moments["c"], **further) == ["c", "b"]


@pytest.mark.parametrize("is_ascending", [True, False])
@pytest.mark.parametrize("wanted", [{}, {"verb": DID}, {"agent": ANNA, "related_agents": True, "verb": DID}], ids=str)
def test_pages_are_stable(world: World, wanted: Plain, is_ascending: bool) -> None:
    """Page after page gives each statement once, in order, also of one batch and while others are being stored."""
    world.add(*(statement(f"{number:03}") for number in range(60)))
    asked = Filter(**wanted, ascending=is_ascending)
    names: list[str] = []
    place: Position | None = None
    while True:
        with world.reading() as log:
            page = log.find(asked, 7, place)
        if not page:
            break
        names += [name_of(one) for one in page]
        place = Position(page[-1].stored_at, page[-1].seq)
        if len(names) < 30:
            world.add(statement("late"))

    expected = sorted((f"{number:03}" for number in range(60)), reverse=not is_ascending)
    assert [name for name in names if name != "late"] == expected
    assert names.count("late") == (4 if is_ascending else 0)


def test_a_tenant_sees_its_own(world: World) -> None:
    """Nothing that one tenant stores is found by another, by id, filter or cursor; both may use the same id."""
    one = statement("mine")
    world.add(one)
    with world.reading(world.other_id) as log:
        assert log.by_id(UUID(one["id"])) is None
        assert log.find(Filter(agent=ANNA), 10) == log.find(Filter(), 10) == log.after(Cursor(), 10) == []
    with world.writing(world.other_id) as log:
        log.append([new({**one, "verb": {"id": SAW}})], world.clock)

    assert world.found() == ["mine"]


# ---------------------------------------------------------------- references and voiding

Order = Callable[[list[Plain]], list[Plain]]
in_any_order = pytest.mark.parametrize("order", [lambda all_of: all_of, lambda all_of: all_of[::-1]], ids=["", "back"])
in_one_batch = pytest.mark.parametrize("is_one_batch", [True, False])


@in_any_order
@in_one_batch
def test_references_are_followed(world: World, order: Order, is_one_batch: bool) -> None:
    """A statement is found by what the one that it refers to is found by, over several steps, whichever came first."""
    target = statement("target", context=IN_CONTEXT)
    first = refers("first", target["id"])
    second = refers("second", first["id"])
    batch = order([target, first, second, statement("other", BEN, thing=COURSE)])
    if is_one_batch:
        world.add(*batch)
    else:
        for one in batch:
            world.add(one)

    for wanted in ({"agent": ANNA}, {"activity": PRICING}, {"registration": REGISTRATION}):
        assert sorted(world.found(**wanted)) == ["first", "second", "target"]
    assert sorted(world.found(agent=ANNA, verb=SAW)) == ["first", "second"]


@in_any_order
@in_one_batch
def test_voided_statements_are_not_found(world: World, order: Order, is_one_batch: bool) -> None:
    """A voided statement is found by its id alone, the voiding one by filters too, whichever came first."""
    target = statement("target")
    voiding = refers("voiding", target["id"], VOIDED)
    batch = order([target, voiding])
    if is_one_batch:
        world.add(*batch)
    else:
        for one in batch:
            world.add(one)

    assert world.found() == world.found(agent=ANNA) == ["voiding"]
    with world.reading() as log:
        found = log.by_id(UUID(target["id"]))
        assert found is not None
        assert found.voided_by == UUID(voiding["id"])


@in_any_order
def test_voiding_cannot_be_voided(world: World, order: Order) -> None:
    """A statement that voids another stays, whatever claims to void it."""
    target = statement("target")
    voiding = refers("voiding", target["id"], VOIDED)
    for one in order([target, voiding, refers("again", voiding["id"], VOIDED)]):
        world.add(one)

    assert sorted(world.found()) == ["again", "voiding"]


def test_circles_of_references_end(world: World) -> None:
    """Statements that refer to each other in a circle are stored and found like others."""
    one, other = str(uuid4()), str(uuid4())
    world.add({**refers("one", other), "id": one})
    world.add({**refers("other", one), "id": other})

    assert sorted(world.found(agent=BEN)) == ["one", "other"]
