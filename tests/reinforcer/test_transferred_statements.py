"""The statement log of a tenant, out of one database and into another."""

import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from reinforce import InvalidFile, Learner, Reinforcer
from reinforce.errors import StatementConflict
from reinforce.statements.reading import read_statement
from reinforce.statements.versions import XapiVersion
from reinforce.store.credentials import Credentials, Scope
from reinforce.store.lrs_documents import DocumentKind, LrsDocuments, Owner
from reinforce.store.statement_terms import Filter
from reinforce.store.statements import Attachment, NewStatement, Origin, StatementLog, StoredStatement
from reinforcer.world import NOW, opened, settle

Plain = dict[str, Any]

ANN = {"mbox": "mailto:ann@example.org"}
LMS = {"objectType": "Agent", "account": {"homePage": "https://lms.example", "name": "lms"}}
VOIDED = "http://adlnet.gov/expapi/verbs/voided"
CONTENT = bytes(range(256)) * 40


def statement(actor: Plain = ANN, **more: Any) -> Plain:
    """A statement of somebody's."""
    verb, thing = {"id": "https://verbs.example/did"}, {"id": "https://skills.example/course"}
    return {"id": str(uuid4()), "actor": actor, "verb": verb, "object": thing, **more}


def add(reinforcer: Reinforcer, *bodies: str, at: int, **options: Any) -> None:
    """Store statements, as the bytes that they are, at a moment in microseconds."""
    with reinforcer._store.write(1) as session:
        new = [
            NewStatement(UUID(json.loads(one)["id"]), read_statement(one.encode()), XapiVersion.V2) for one in bodies
        ]
        StatementLog(session.driver, session.tenant_id).append(new, lambda: at, **options)


def log(reinforcer: Reinforcer) -> list[StoredStatement]:
    """Every statement, voided or not, in order."""
    with reinforcer._store.read() as session:
        numbers = session.driver.rows("SELECT seq FROM {statement} WHERE tenant_id = ?", session.tenant_id)
        return StatementLog(session.driver, session.tenant_id).by_numbers([row[0] for row in numbers])


def told(reinforcer: Reinforcer) -> list[tuple[object, ...]]:
    """What of each statement is the same in every database."""
    return [
        (one.id, one.body, one.stored_at, one.version, one.lacks, one.origin, one.voided_by) for one in log(reinforcer)
    ]


def exported(reinforcer: Reinforcer) -> str:
    """The export as text."""
    stream = io.StringIO()
    reinforcer.export(stream)
    return stream.getvalue()


def kept_beside(reinforcer: Reinforcer) -> Mapping[str, object]:
    """What the tenant's LRS keeps beside the statements."""
    with reinforcer._store.read() as session:
        return {
            "attachments": session.driver.rows(
                "SELECT sha2, content_type, content FROM {statement_attachment} WHERE tenant_id = ?", session.tenant_id
            ),
            "documents": list(LrsDocuments(session.driver, session.tenant_id).all()),
            "erased": session.driver.rows("SELECT id FROM {erased_statement} WHERE tenant_id = ?", session.tenant_id),
        }


@pytest.fixture
def source(database_url: str) -> Iterator[Reinforcer]:
    """A log of ours and of others', with a statement taken back, attachments, documents, and an erased person."""
    with opened(database_url, tenant="from") as reinforcer:
        settle(reinforcer)
        reinforcer.define(Learner("kat@example.org"))
        with reinforcer._store.write(1) as session:
            credential, _ = Credentials(session.driver).add(session.tenant_id, frozenset({Scope.ALL}), LMS, "moodle", 1)
            documents = LrsDocuments(session.driver, session.tenant_id)
            owner = Owner(DocumentKind.STATE, ("https://skills.example/course", "mbox\0mailto:ann@example.org"), "ann")
            documents.change(owner, "bookmark", "", lambda _found: ("application/octet-stream", CONTENT), 7_000_001)
        first, attached = statement(), statement()
        attached["attachments"] = [
            {
                "usageType": "https://usages.example/note",
                "display": {"en": "a note"},
                "contentType": "application/octet-stream",
                "length": len(CONTENT),
                "sha2": hashlib.sha256(CONTENT).hexdigest(),
            }
        ]
        note = Attachment(hashlib.sha256(CONTENT).hexdigest(), "application/octet-stream", CONTENT)
        odd = json.dumps(statement(), indent=1).replace("did", "d\\u0069d")
        taken_back = {**statement(LMS), "verb": {"id": VOIDED}}
        taken_back["object"] = {"objectType": "StatementRef", "id": first["id"]}
        add(reinforcer, json.dumps(first), odd, at=1_000_001, origin=Origin.OURS)
        add(reinforcer, json.dumps(attached), at=2_000_002, credential_id=credential.id, attachments=[note])
        add(reinforcer, json.dumps(taken_back), at=3_000_003, origin=Origin.RECEIVED)
        add(reinforcer, json.dumps(statement({"mbox": "mailto:kat@example.org"})), at=4, origin=Origin.RECEIVED)
        reinforcer.erase("kat@example.org", at=NOW)
        yield reinforcer


@pytest.mark.parametrize("elsewhere", ["another tenant", "another database"])
def test_elsewhere(source: Reinforcer, database_url: str, tmp_path: Path, elsewhere: str) -> None:
    """Statements come in as their bytes, in their order, with when they were stored, and taken back if they were."""
    url = database_url if elsewhere == "another tenant" else f"sqlite:///{tmp_path / 'to.db'}"
    with opened(url, tenant="to") as target:
        target.import_(io.StringIO(exported(source)), at=NOW)

        assert told(target) == told(source)
        assert [one.voided_by is not None for one in log(target)] == [True, False, False, False]
        assert kept_beside(target) == kept_beside(source)
        with target._store.read() as session:
            statements = StatementLog(session.driver, session.tenant_id)
            assert len(statements.find(Filter(agent=ANN), 10)) == 3


def test_who_vouches_travels_and_keys_do_not(source: Reinforcer, tmp_path: Path) -> None:
    """What was received with a key has its authority again; nobody can use a key of the other database."""
    text = exported(source)
    with source._store.read() as session:
        (key,) = Credentials(session.driver).of_tenant(session.tenant_id)
    assert key.key not in text
    assert key.secret not in text
    with opened(f"sqlite:///{tmp_path / 'to.db'}", tenant="to") as target:
        target.import_(io.StringIO(text), at=NOW)
        with target._store.read() as session:
            (made,) = Credentials(session.driver).of_tenant(session.tenant_id)
        received = [one for one in log(target) if one.credential_id is not None]
    assert [one.credential_id for one in received] == [made.id]
    assert made.authority == LMS
    assert made.revoked_at is not None
    assert json.loads(received[0].completed(made.authority)) == json.loads(log(source)[2].completed(key.authority))


def test_twice_and_on_top(source: Reinforcer, tmp_path: Path) -> None:
    """The same export again, and one that has grown, brings in each statement once; what is there stays."""
    with opened(f"sqlite:///{tmp_path / 'to.db'}", tenant="to") as target:
        add(target, json.dumps(statement()), at=9)
        target.import_(io.StringIO(exported(source)), at=NOW)
        once = exported(target)
        target.import_(io.StringIO(exported(source)), at=NOW)
        assert exported(target) == once

        add(source, json.dumps(statement()), at=5_000_005, origin=Origin.RECEIVED)
        target.import_(io.StringIO(exported(source)), at=NOW)
        assert told(target)[1:] == told(source)


def test_erased_elsewhere_or_here(source: Reinforcer, tmp_path: Path) -> None:
    """An old export does not bring erased statements back, and what was erased there is not taken here either."""
    with opened(f"sqlite:///{tmp_path / 'to.db'}", tenant="to") as target:
        mine = statement({"mbox": "mailto:ann@example.org"})
        add(source, json.dumps(mine), at=6_000_006, origin=Origin.OURS)
        source.define(Learner("ann@example.org"))
        before = exported(source)
        target.import_(io.StringIO(before), at=NOW)
        target.erase("ann@example.org", at=NOW)
        left = told(target)
        target.import_(io.StringIO(before), at=NOW)
        assert told(target) == left
        assert mine["id"] not in {str(one.id) for one in log(target)}


def test_another_statement_of_the_same_id(source: Reinforcer, tmp_path: Path) -> None:
    """A statement that is there already and says something else is told, and nothing is taken."""
    with opened(f"sqlite:///{tmp_path / 'to.db'}", tenant="to") as target:
        add(target, json.dumps(statement(id=str(log(source)[0].id), timestamp="2026-01-01T00:00:00Z")), at=1)
        other = json.loads(log(source)[0].body) | {"verb": {"id": "https://verbs.example/saw"}}
        with opened(f"sqlite:///{tmp_path / 'third.db'}", tenant="to") as third:
            add(third, json.dumps(other), at=1)
            with pytest.raises((InvalidFile, StatementConflict), match="may not be changed"):
                third.import_(io.StringIO(exported(source)), at=NOW)
            assert len(log(third)) == 1


@pytest.mark.parametrize(
    ("was", "becomes"),
    [('"sha2":"', '"sha2":"?'), ('"version":"2.0.0"', '"version":"9"')],
)
def test_broken_lines_are_refused(source: Reinforcer, tmp_path: Path, was: str, becomes: str) -> None:
    """A line that was damaged is named, and nothing of the export is taken."""
    text = exported(source)
    assert was in text
    with opened(f"sqlite:///{tmp_path / 'to.db'}", tenant="to") as target:
        with pytest.raises(InvalidFile, match="line "):
            target.import_(io.StringIO(text.replace(was, becomes, 1)), at=NOW)
        assert log(target) == []
