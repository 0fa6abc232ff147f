"""From our log to our own LRS, which is a process of its own: what was told there is what stands here."""

import json
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
from attrs import frozen

from adapters.lrs_server.serving import free_port, started
from feeds.world import AT, IMPATIENT, fill, keep, opened, samples
from reinforce import FeedActors, FeedFilter, Learner, Outcome, PracticeEvent, Skill
from reinforce.feeds.working import RunEnd
from reinforce.statements.json_bytes import parse_json
from reinforce.statements.reading import ReceivedStatement
from reinforce.statements.versions import XapiVersion
from reinforce.store.credentials import Credentials, Scope
from reinforce.store.log_places import Cursor
from reinforce.store.statements import Attachment, NewStatement, Origin, StatementLog, StoredStatement

PASSWORD = "open sesame"  # noqa: S105 -- of a test


@frozen
class Lrs:
    """`reinforce serve` over a database of its own."""

    url: str
    endpoint: str

    def stored(self) -> list[StoredStatement]:
        """Its statements, in the order in which it took them."""
        with opened(self.url) as reinforcer, reinforcer._store.read() as session:
            return StatementLog(session.driver, session.tenant_id).after(Cursor(), 100_000)


@pytest.fixture
def lrs(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lrs]:
    """The LRS, and the password to it in the environment."""
    monkeypatch.setenv("LRS_PASSWORD", PASSWORD)
    url, port = f"{sqlite_url}.lrs", free_port()
    with opened(url) as reinforcer, reinforcer._store.write(1) as session:
        credentials = Credentials(session.driver)
        agent = {"account": {"homePage": "https://crm.example", "name": "reinforce"}}
        credentials.put(session.tenant_id, "feed", PASSWORD, frozenset({Scope.ALL}), agent, "", 1)
    process = started(url, port, tmp_path)
    yield Lrs(url, f"http://127.0.0.1:{port}/xapi")
    process.kill()
    process.wait()


def settings(lrs: Lrs) -> dict[str, object]:
    """The LRS as a destination."""
    secret = {"env": "LRS_PASSWORD"}
    return {"endpoint": lrs.endpoint, "auth": "basic", "username": "feed", "password": secret}


def practice(number: int) -> PracticeEvent:
    """One of many events."""
    at, outcome = AT - timedelta(hours=number), Outcome.success(number % 3 > 0)
    return PracticeEvent("anna", at, {"price": outcome}, source="crm", external_id=str(number))


def test_practice_arrives_byte_for_byte(database_url: str, lrs: Lrs) -> None:
    """All that was told of practice is in the LRS, in order and once, as the bytes of our log; it adds what it must."""
    with opened(database_url) as reinforcer:
        reinforcer.feeds.add("lrs", "lrs", settings(lrs), from_beginning=True, at=AT)
        reinforcer.define(Learner("anna"), Skill("price"), at=AT)
        reinforcer.record_many([practice(number) for number in range(200)], at=AT)
        reinforcer.void("crm", "7", reason="twice", at=AT)
        assert reinforcer.feeds.test("lrs").is_ok
        (run,) = reinforcer.feeds.deliver()
        reinforcer.feeds.backfill("lrs")
        (again,) = reinforcer.feeds.deliver()
        with reinforcer._store.read() as session:
            ours = StatementLog(session.driver, session.tenant_id).after(Cursor(), 100_000)

    theirs = lrs.stored()
    assert (run.end, run.delivered, again.delivered) == (RunEnd.DONE, len(ours), len(ours))
    assert len(ours) > 200
    assert [one.body for one in theirs] == [one.body for one in ours]
    assert [one.voided_by for one in theirs] == [one.voided_by for one in ours]
    shown = httpx2.get(
        f"{lrs.endpoint}/statements",
        params={"statementId": str(ours[0].id)},
        auth=("feed", PASSWORD),
        headers={"X-Experience-API-Version": "1.0.3"},
    )
    assert shown.content.endswith(ours[0].body[1:])
    added = parse_json(shown.content).keys() - parse_json(ours[0].body).keys()
    assert added == {"stored", "authority", "version"}


def test_what_others_sent_arrives_whole(database_url: str, lrs: Lrs) -> None:
    """A received statement leaves with its attachments, and with the id and the moment that our log gave it."""
    content = b"a certificate"
    sha2 = sha256(content).hexdigest()
    body = {
        "actor": {"mbox": "mailto:anna@example.com"},
        "verb": {"id": "https://verbs.example/did"},
        "object": {"id": "https://skills.example/pricing"},
        "attachments": [
            {
                "usageType": "https://attachments.example/certificate",
                "display": {"en": "certificate"},
                "contentType": "text/plain",
                "length": len(content),
                "sha2": sha2,
            }
        ],
    }
    exact, number = json.dumps(body).encode(), uuid4()
    with opened(database_url) as reinforcer:
        reinforcer.feeds.add(
            "lrs", "lrs", settings(lrs), from_beginning=True, filter=FeedFilter(whose="received"), at=AT
        )
        with reinforcer._store.write(1) as session:
            StatementLog(session.driver, session.tenant_id).append(
                [NewStatement(number, ReceivedStatement(body, exact), XapiVersion.V1)],
                lambda: 1_800_000_000_000_000,
                origin=Origin.RECEIVED,
                attachments=[Attachment(sha2, "text/plain", content)],
            )
        fill(reinforcer, 0, 3)
        for _ in range(2):
            (run,) = reinforcer.feeds.deliver()
            assert (run.delivered, run.rejected, run.reason) == (1, 0, None)
            reinforcer.feeds.backfill("lrs")

    (there,) = lrs.stored()
    assert (there.id, there.data["timestamp"]) == (number, "2027-01-15T08:00:00.000Z")
    assert there.body.endswith(exact[1:])
    with opened(lrs.url) as other, other._store.read() as session:
        (kept,) = StatementLog(session.driver, session.tenant_id).attachments([sha2])
    assert kept.content == content


def test_a_feed_whose_address_was_wrong_is_mended(database_url: str, lrs: Lrs) -> None:
    """Sent to the right address, a feed that was stalled goes on, with nothing missing and nothing twice."""
    with opened(database_url) as reinforcer:
        wrong = {**settings(lrs), "endpoint": f"http://127.0.0.1:{free_port()}/xapi"}
        reinforcer.feeds.add("lrs", "lrs", wrong, from_beginning=True, at=AT)
        told = fill(reinforcer, 0, 250)
        (run,) = reinforcer.feeds.deliver(policy=IMPATIENT)
        assert run.end is RunEnd.STALLED
        reinforcer.feeds.add("lrs", "lrs", settings(lrs), replace=True, at=AT)
        assert reinforcer.feeds.retry("lrs").end is RunEnd.DONE
        assert reinforcer.feeds.deliver()[0].delivered == 250

    assert [one.body for one in lrs.stored()] == [one.body for one in told]


def test_other_names_arrive(database_url: str, lrs: Lrs) -> None:
    """Statements that leave under other names arrive so, and leave the log as it was."""
    with opened(database_url) as reinforcer:
        people = [Learner(f"learner-{number} Zoë") for number in range(7)]
        reinforcer.define(*people, at=AT)
        actors = FeedActors(kind="account", home_page="https://lms.example", is_opaque=False)
        reinforcer.feeds.add("lrs", "lrs", settings(lrs), from_beginning=True, actors=actors, at=AT)
        told = samples(0, 120)
        keep(reinforcer, [one.body for one in told])
        (run,) = reinforcer.feeds.deliver()

    assert (run.delivered, run.rejected) == (120, 0)
    wanted = [one.body.replace(b"https://crm.example", b"https://lms.example") for one in told]
    assert [one.body for one in lrs.stored()] == wanted
