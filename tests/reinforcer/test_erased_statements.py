"""Erasing a person from the statement log, and from what an LRS keeps beside it."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from attrs import define
from sqlalchemy import LargeBinary, Text

from reinforce import IdentifierKind, Learner, Outcome, PracticeEvent, Reinforcer, XapiIdentifier
from reinforce.errors import NotFound
from reinforce.statements.feed import FeedFilter, Whose
from reinforce.statements.identity import STATEMENT_IDS, derived_id
from reinforce.statements.provenance import SOURCE
from reinforce.statements.reading import read_statement
from reinforce.statements.versions import XapiVersion
from reinforce.store.credentials import Credentials, Scope
from reinforce.store.lrs_documents import DocumentKind, LrsDocuments, Owner
from reinforce.store.schema import tables
from reinforce.store.statement_terms import Filter, agent_identifier
from reinforce.store.statements import Attachment, NewStatement, Origin, StatementLog
from reinforcer.world import MONDAY, NOW, opened, settle

Plain = dict[str, Any]

KEY, NAME, CARD = "Kat.Quast@example.org", 'Käthe "Kat" O\'Quast', "quast-4711"
HASH = hashlib.sha1(b"mailto:kat.quast@example.org", usedforsecurity=False).hexdigest()
OPAQUE = "8d2f00aa11bb22cc33dd44ee55ff6677"
IDENTIFIERS = (KEY, NAME, CARD, HASH, OPAQUE)
PERSON = Learner(KEY, name=NAME, xapi=XapiIdentifier(IdentifierKind.ACCOUNT, CARD, "https://crm.example"))

BY_CARD = {"objectType": "Agent", "name": NAME, "account": {"homePage": "https://crm.example", "name": CARD}}
BY_MAIL = {"mbox": f"mailto:{KEY}", "name": NAME}
BY_SHOUTED_MAIL = {"mbox": f"mailto:{KEY.upper()}"}
BY_HASH = {"mbox_sha1sum": HASH.upper()}
BY_ACCOUNT = {"account": {"homePage": "https://anywhere.example", "name": KEY}}
BY_OPAQUE = {"account": {"homePage": "https://lms.example", "name": OPAQUE}}
ANN = {"mbox": "mailto:ann@example.org", "name": "Ann Able"}
NAMESAKE = {"name": NAME, "account": {"homePage": "https://lms.example", "name": "1042"}}
SAME_CARD_ELSEWHERE = {"account": {"homePage": "https://other.example", "name": CARD}}

DID = {"id": "https://verbs.example/did"}
COURSE = {"id": "https://skills.example/course"}
LMS = {"objectType": "Agent", "account": {"homePage": "https://lms.example", "name": "lms"}}


@define
class World:
    """A tenant's statements and documents."""

    reinforcer: Reinforcer
    clock: int = 1_800_000_000_000_000

    def add(self, *statements: Plain, origin: Origin = Origin.RECEIVED, attachments: tuple[bytes, ...] = ()) -> int:
        """Store statements; how many were new."""
        with self.reinforcer._store.write(1) as session:
            log = StatementLog(session.driver, session.tenant_id)
            contents = [Attachment(hashlib.sha256(one).hexdigest(), "text/plain", one) for one in attachments]
            return len(log.append([new(one) for one in statements], self.tick, origin=origin, attachments=contents))

    def tick(self) -> int:
        self.clock += 1_000_000
        return self.clock

    def bodies(self) -> Mapping[str, bytes]:
        """Every statement of the tenant, by id."""
        with self.reinforcer._store.read() as session:
            found = StatementLog(session.driver, session.tenant_id).find(Filter(ascending=True), 1000)
        return {str(one.id): one.body for one in found}

    def found(self, **wanted: Any) -> set[str]:
        """The ids of the statements that fit."""
        with self.reinforcer._store.read() as session:
            found = StatementLog(session.driver, session.tenant_id).find(Filter(**wanted), 1000)
        return {str(one.id) for one in found}

    def cells(self) -> list[str]:
        """Every text of every table that holds one of the identifiers, JSON or not."""
        with self.reinforcer._store.database.read() as connection:
            return [
                f"{table.name}.{column.name}"
                for table in tables().metadata.sorted_tables
                for row in connection.execute(table.select())
                for column in table.c
                if isinstance(column.type, Text | LargeBinary) and names_the_person(getattr(row, column.name))
            ]


def names_the_person(cell: str | bytes | None) -> bool:
    """Whether one of the identifiers stands in a cell, or in the texts of JSON in it."""
    text = (cell or "") if isinstance(cell, str | None) else cell.decode(errors="replace")
    with suppress(ValueError):
        text += json.dumps(json.loads(text), ensure_ascii=False).replace('\\"', '"')
    return any(one.lower() in text.lower() for one in IDENTIFIERS)


def new(data: Plain) -> NewStatement:
    received = read_statement(json.dumps(data).encode())
    return NewStatement(UUID(data["id"]), received, XapiVersion.V2)


def statement(actor: Plain = ANN, thing: Plain = COURSE, **more: Any) -> Plain:
    """A statement of somebody's."""
    return {"id": str(uuid4()), "actor": actor, "verb": DID, "object": thing, **more}


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """A tenant with the person in it, and another tenant that knows them too."""
    with opened(database_url) as reinforcer:
        settle(reinforcer)
        reinforcer.define(PERSON)
        yield World(reinforcer)


@pytest.mark.parametrize("actor", [BY_CARD, BY_MAIL, BY_SHOUTED_MAIL, BY_HASH, BY_ACCOUNT], ids=str)
def test_own_statements_go(world: World, actor: Plain) -> None:
    """Whatever identifies the person as the actor, alone or as the only member, no statement of theirs is left."""
    others = statement()
    world.add(statement(actor), statement({"objectType": "Group", "member": [actor]}), others)
    erased = world.reinforcer.erase(KEY, at=NOW)
    assert (erased.rows["statement"], erased.rewritten, erased.mentions) == (2, 0, ())
    assert list(world.bodies()) == [others["id"]]
    assert world.cells() == []
    assert world.found(agent=actor) == set()


@pytest.mark.parametrize(
    "more",
    [
        {"context": {"instructor": BY_CARD}},
        {"context": {"team": {"objectType": "Group", "name": "north", "member": [ANN, BY_MAIL]}}},
        {"context": {"contextAgents": [{"objectType": "contextAgent", "agent": BY_HASH}]}},
        {"thing": {"objectType": "Agent", **BY_MAIL}},
        {"thing": {"objectType": "SubStatement", "actor": BY_CARD, "verb": DID, "object": COURSE}},
        {"actor": {"objectType": "Group", "member": [BY_CARD, ANN]}},
        {"authority": BY_MAIL},
        {"result": {"extensions": {"https://x.example/graded-by": {"mbox": f"mailto:{KEY}", "weight": 1.50}}}},
    ],
    ids=lambda more: "/".join(more),
)
def test_nobody_stands_for_them(world: World, more: Plain) -> None:
    """Where others' statements name the person nobody does now, and the rest of the statement is as it was."""
    theirs = statement(**more)
    world.add(theirs, statement())
    before = world.bodies()
    erased = world.reinforcer.erase(KEY, at=NOW)
    after = world.bodies()
    assert (erased.rows["statement"], erased.rewritten, erased.mentions) == (1, 1, ())
    assert world.cells() == []
    assert [name for name in before if before[name] != after[name]] == [theirs["id"]]
    told = read_statement(after[theirs["id"]]).data
    assert told["verb"] == DID
    assert b"https://w3id.org/xapi/reinforce/erased" in after[theirs["id"]]
    assert world.found(agent=BY_MAIL, related_agents=True) == set()
    assert theirs["id"] in world.found(verb=DID["id"])


def test_all_else_is_the_same_bytes(world: World) -> None:
    """Of a statement in which nobody stands for the person, every other value is the bytes that came."""
    before = (
        '{"id":"1b8a7d1c-0c37-4a3b-9f46-0a5f6f0b7c11","actor":{ "mbox" : "mailto:ann@example.org" },'
        '"verb":{"id":"https:\\/\\/verbs.example\\/did"},"object":{"id":"https://skills.example/course"},'
        '"result":{"score":{"scaled":0.10,"raw":1e1},"response":"K\\u00e4se"},"context":{"language":"de","instructor":'
    )
    received = read_statement(f'{before}{{"name":"K\\u00e4the","mbox":"mailto:{KEY}"}}}}}}'.encode())
    with world.reinforcer._store.write(1) as session:
        one = NewStatement(UUID(received.id), received, XapiVersion.V2)
        StatementLog(session.driver, session.tenant_id).append([one], world.tick)
    world.reinforcer.erase(KEY, at=NOW)
    (body,) = world.bodies().values()
    assert body.decode().startswith(before)
    nobody = json.loads(body)["context"]["instructor"]["account"]
    assert nobody["homePage"] == "https://w3id.org/xapi/reinforce/erased"


def test_identifiers_are_learnt(world: World) -> None:
    """An account that the learner's own practice came from is the learner's wherever else it stands."""
    practised = statement(BY_OPAQUE)
    world.add(practised, statement(BY_OPAQUE), statement(context={"instructor": BY_OPAQUE}), statement())
    event = PracticeEvent(KEY, MONDAY, {"price": Outcome.rated(3)}, source=SOURCE, external_id=practised["id"])
    world.reinforcer.record(event, at=NOW)
    erased = world.reinforcer.erase(KEY, at=NOW)
    assert (erased.rows["statement"], erased.rewritten) == (3, 1)
    assert world.cells() == []
    assert len(world.bodies()) == 2


def test_what_we_told_goes(world: World) -> None:
    """Statements that told of the person's practice and plans go, and teach by which opaque account they named them."""
    recorded = world.reinforcer.record(PracticeEvent(KEY, MONDAY, {"price": Outcome.rated(1)}), at=NOW)
    told = [
        {**statement(BY_OPAQUE), "id": str(derived_id(STATEMENT_IDS, "default", kind, recorded.event_id, "price"))}
        for kind in ("practised", "lapsed")
    ]
    observed = {
        **statement(ANN, {"objectType": "Agent", **BY_OPAQUE}),
        "id": str(derived_id(STATEMENT_IDS, "default", "observed", recorded.event_id)),
    }
    dropped, others = statement(BY_OPAQUE), statement()
    world.add(*told, observed, dropped, others, origin=Origin.OURS)
    assert world.reinforcer.erase(KEY, at=NOW).rows["statement"] == 4
    assert list(world.bodies()) == [others["id"]]
    assert world.cells() == []


def test_a_correction_teaches_nothing(world: World) -> None:
    """Practice that was somebody else's after all makes nobody else's statements the person's."""
    anns = statement(ANN)
    world.add(anns, statement(ANN))
    wrong = PracticeEvent("ann", MONDAY, {"price": Outcome.rated(3)}, source=SOURCE, external_id=anns["id"])
    right = PracticeEvent(KEY, MONDAY, {"price": Outcome.rated(3)}, source=SOURCE, external_id=anns["id"])
    world.reinforcer.record(wrong, at=NOW)
    world.reinforcer.void(SOURCE, anns["id"], reason="typed in for a colleague", replacement=right, at=NOW)
    assert world.reinforcer.erase(KEY, at=NOW).rows.get("statement", 0) == 0
    assert len(world.bodies()) == 2


def test_strangers_are_left_and_told(world: World) -> None:
    """Somebody of the same name, or account name elsewhere, stays as they are; that they are there is told."""
    kept = [statement(NAMESAKE), statement(SAME_CARD_ELSEWHERE), statement(result={"response": f"thanks, {NAME}!"})]
    world.add(*kept, statement(BY_MAIL))
    before = world.bodies()
    erased = world.reinforcer.erase(KEY, at=NOW)
    assert erased.mentions == ("reinforce_statement.body: 3",)
    after = world.bodies()
    assert after == {one["id"]: before[one["id"]] for one in kept}


def test_escapes_hide_nobody(world: World) -> None:
    """A person is found in JSON however their letters are escaped there."""
    data = json.dumps(statement(context={"extensions": {"https://x.example/by": {"mbox": f"mailto:{KEY}"}}}))
    hidden = data.replace("Kat.Quast", "".join(f"\\u{ord(letter):04x}" for letter in "Kat.Quast"))
    received = read_statement(hidden.encode())
    with world.reinforcer._store.write(1) as session:
        one = NewStatement(UUID(received.id), received, XapiVersion.V2)
        StatementLog(session.driver, session.tenant_id).append([one], world.tick)
    erased = world.reinforcer.erase(KEY, at=NOW)
    assert erased.rewritten == 1
    assert world.cells() == []


def test_erased_statements_do_not_come_back(world: World) -> None:
    """A source that sends an erased statement again is not refused, and nothing is kept of it; what is new is kept."""
    own, others = statement(BY_MAIL), statement()
    diary = b"what Kat.Quast@example.org wrote"
    own["attachments"] = [attachment(diary)]
    world.add(own, others, attachments=(diary,))
    world.reinforcer.erase(KEY, at=NOW)
    assert world.cells() == []
    assert world.add(own, others, statement(), attachments=(diary,)) == 1
    assert world.cells() == []
    assert own["id"] not in world.bodies()


def test_whoever_has_the_key_later_is_told_of(world: World) -> None:
    """A statement of ours is written even if one of its id was erased: the host has recorded it anew."""
    own = statement(BY_MAIL)
    world.add(own, origin=Origin.OURS)
    world.reinforcer.erase(KEY, at=NOW)
    assert world.add(own, origin=Origin.OURS) == 1


def attachment(content: bytes, usage: str = "https://usages.example/note") -> Plain:
    is_signature = usage.endswith("signature")
    return {
        "usageType": usage,
        "display": {"en": "a file"},
        "contentType": "application/octet-stream" if is_signature else "text/plain",
        "length": len(content),
        "sha2": hashlib.sha256(content).hexdigest(),
    }


def test_attachments_go_with_their_last_statement(world: World) -> None:
    """Contents that only the person's statements had are gone, and so are signatures over what is not so any more."""
    mine, shared, kept, signature = b"mine", b"shared", b"kept", b"eyJ0.signed.x"
    signed = statement(context={"instructor": BY_MAIL})
    signed["attachments"] = [
        attachment(signature, "http://adlnet.gov/expapi/attachments/signature"),
        attachment(kept),
    ]
    world.add(
        statement(BY_MAIL, attachments=[attachment(mine), attachment(shared)]),
        statement(attachments=[attachment(shared)]),
        signed,
        attachments=(mine, shared, kept, signature),
    )
    assert world.reinforcer.erase(KEY, at=NOW).rows["statement_attachment"] == 2
    with world.reinforcer._store.read() as session:
        rows = session.driver.rows("SELECT content FROM {statement_attachment}")
    assert {bytes(row[0]) for row in rows} == {shared, kept}
    told = read_statement(world.bodies()[signed["id"]]).data
    assert [one["sha2"] for one in told["attachments"]] == [hashlib.sha256(kept).hexdigest()]


def test_documents_of_the_person_go(world: World) -> None:
    """States and profiles of the person are gone, of others they are not; what mentions the person is told."""
    with world.reinforcer._store.write(1) as session:
        documents = LrsDocuments(session.driver, session.tenant_id)
        for agent in (BY_CARD, BY_HASH, ANN):
            identifier = agent_identifier(agent) or ""
            state = Owner(DocumentKind.STATE, (COURSE["id"], identifier), identifier)
            profile = Owner(DocumentKind.AGENT_PROFILE, (identifier,), identifier)
            for owner in (state, profile):
                documents.change(owner, "bookmark", "", lambda _found: ("text/plain", b"page 7"), 1)
        about = Owner(DocumentKind.ACTIVITY_PROFILE, (COURSE["id"],))
        documents.change(about, "seen", "", lambda _found: ("application/json", json.dumps(BY_MAIL).encode()), 1)
    erased = world.reinforcer.erase(KEY, at=NOW)
    assert erased.rows["lrs_document"] == 4
    assert erased.mentions == ("reinforce_lrs_document.content: 1",)
    with world.reinforcer._store.read() as session:
        assert session.driver.rows("SELECT count(*) FROM {lrs_document}") == [(3,)]


def test_keys_of_the_person_open_nothing(world: World) -> None:
    """An LRS key whose authority is the person is revoked and says nothing of them; others stay as they are."""
    with world.reinforcer._store.write(1) as session:
        keys = Credentials(session.driver)
        for key, authority in ((KEY, BY_MAIL), ("lms", LMS)):
            keys.put(session.tenant_id, key, "secret", frozenset({Scope.ALL}), authority, key, 1)
        mine, lms = keys.of_tenant(session.tenant_id)
    assert world.reinforcer.erase(KEY, at=NOW).rows["lrs_credential"] == 1
    assert world.cells() == []
    with world.reinforcer._store.write(1) as session:
        keys = Credentials(session.driver)
        left = keys.of_tenant(session.tenant_id)
        with pytest.raises(NotFound):
            keys.revoke(session.tenant_id, KEY, 2)
    assert left[1] == lms
    assert left[0].revoked_at is not None
    assert (left[0].id, left[0].label) == (mine.id, "")


def test_what_refers_to_them_is_not_found_by_them(world: World) -> None:
    """A statement that voids or refers to an erased one is found by its own actor, and by the person no more."""
    own = statement(BY_MAIL)
    refers = statement(LMS, {"objectType": "StatementRef", "id": own["id"]})
    world.add(own, refers)
    assert refers["id"] in world.found(agent=BY_MAIL)
    world.reinforcer.erase(KEY, at=NOW)
    assert world.found(agent=BY_MAIL) == set()
    assert world.found(agent=LMS) == {refers["id"]}


def test_who_else_has_got_them_is_told(world: World, tmp_path: Path) -> None:
    """The answer names the feeds that have handed on statements about the person, and how many."""
    feeds = world.reinforcer.feeds
    everything = FeedFilter(whose=Whose.ALL)
    world.add(statement(BY_MAIL), statement(context={"instructor": BY_CARD}), statement())
    for name in ("files", "later"):
        feeds.add(name, "jsonl", {"path": str(tmp_path / name)}, filter=everything, from_beginning=name == "files")
    feeds.deliver()
    world.add(statement(BY_MAIL))
    erased = world.reinforcer.erase(KEY, at=NOW)
    assert erased.feeds == {"files": 2}
    assert erased.rows["statement"] == 3


def test_other_tenants_keep_theirs(world: World, database_url: str) -> None:
    """The same person, known to another tenant by the same statements, stays there."""
    own = statement(BY_MAIL)
    world.add(own)
    with opened(database_url, "other") as door:
        door.define(PERSON)
        other = World(door)
        other.add(own, statement(context={"instructor": BY_CARD}))
        before = other.bodies()
        world.reinforcer.erase(KEY, at=NOW)
        assert other.bodies() == before
        assert other.found(agent=BY_MAIL) == {own["id"]}


def test_sqlite_overwrites(sqlite_url: str) -> None:
    """On connections that we open, SQLite overwrites what is deleted."""
    with opened(sqlite_url) as reinforcer, reinforcer._store.read() as session:
        assert session.driver.rows("PRAGMA secure_delete") == [(1,)]
