"""The client of an LRS, row by row: repeated statements, refusals, versions, credentials, and what it never does."""

import json
import logging
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from attrs import evolve

from adapters.faulty_lrs import Fault, FaultyLrs, Kind, Reply, Request, running
from adapters.stories import (
    FAULTS,
    body_of,
    client,
    conflicting,
    invalid,
    otherwise_displayed,
    otherwise_timed,
    with_body,
)
from delivery.clockwork import run
from reinforce.delivery.outgoing import Attachment, Delivered, Outcome, Outgoing, Rejected
from reinforce.errors import DeliveryStopped, InvalidSettings, MissingExtra
from reinforce.testing import MemorySource, sample_statement
from reinforce_adapters.lrs import LRS, LrsSettings, credentials, make

CERTIFICATE = Path(__file__).parent / "data" / "loopback.pem"
"""Made for localhost by openssl, with its key, for these tests alone."""
every_kind = pytest.mark.parametrize("kind", Kind, ids=lambda kind: kind.value)
FOUR = [sample_statement(number) for number in range(4)]


@contextmanager
def lrs_with(stored: list[dict[str, Any]] | None = None, **attributes: Any) -> Iterator[tuple[FaultyLrs, LRS]]:
    """An LRS that has these statements, and a client of it."""
    lrs = FaultyLrs(stored={one["id"]: one for one in stored or []}, **attributes)
    with running(lrs), closing(client(lrs)) as adapter:
        yield lrs, adapter


def sent(adapter: LRS, batch: list[Outgoing]) -> tuple[list[Outcome], DeliveryStopped | None]:
    """What was told of a batch, and the stop that ended it."""
    told: list[Outcome] = []
    try:
        for outcome in adapter.send(batch):
            told.append(outcome)  # noqa: PERF402 -- kept when the next one is a stop
    except DeliveryStopped as stop:
        return told, stop
    return told, None


@every_kind
@pytest.mark.parametrize("before", [dict, otherwise_displayed, otherwise_timed], ids=["same", "display", "moment"])
@pytest.mark.parametrize("position", range(4))
def test_a_statement_that_is_there_already_is_delivered(kind: Kind, before: Any, position: int) -> None:
    """Identical, or different only where the specification lets it be: delivered, and its neighbours are stored."""
    with lrs_with([before(body_of(FOUR[position]))], kind=kind) as (lrs, adapter):
        told, stop = sent(adapter, FOUR)

    assert (told, stop) == ([Delivered(one.id) for one in FOUR], None)
    assert set(lrs.stored) == {str(one.id) for one in FOUR}


@every_kind
def test_a_statement_without_a_moment_is_compared_without(kind: Kind) -> None:
    """What the LRS added to a statement that had no timestamp is no difference."""
    bare = with_body(FOUR[0], {name: value for name, value in body_of(FOUR[0]).items() if name != "timestamp"})
    stored = {**body_of(bare), "timestamp": "2026-04-02T10:00:00.000Z"}

    with lrs_with([stored], kind=kind) as (_, adapter):
        assert sent(adapter, [bare, FOUR[1]]) == ([Delivered(bare.id), Delivered(FOUR[1].id)], None)


@every_kind
@pytest.mark.parametrize("position", range(4))
def test_another_statement_under_the_id_is_a_conflict(kind: Kind, position: int) -> None:
    """A conflict is a dead letter that says where the two differ, and its neighbours are stored."""
    with lrs_with([conflicting(body_of(FOUR[position]))], kind=kind) as (lrs, adapter):
        told, _ = sent(adapter, FOUR)

    assert [isinstance(one, Rejected) for one in told] == [number == position for number in range(4)]
    assert isinstance(letter := told[position], Rejected)
    assert "another statement under this id (409): they differ in $.result.score.scaled" in letter.reason
    assert len(lrs.stored) == 4


@pytest.mark.parametrize("kind", [Kind.XAPI_LRS, Kind.ADL_LRS], ids=lambda kind: kind.value)
def test_an_invalid_statement_is_found_by_halves(kind: Kind) -> None:
    """The bad statement of a batch becomes a dead letter with the LRS's reason, and all others are stored."""
    batch = [sample_statement(number) for number in range(100)]
    batch[63] = invalid(batch[63])

    with lrs_with(kind=kind) as (lrs, adapter):
        told, _ = sent(adapter, batch)

    assert told[63] == Rejected(batch[63].id, "the LRS answered 400: statement.verb: is required")
    assert len(lrs.stored) == 99
    assert sum(request.method == "POST" for request in lrs.requests) < 16


def test_a_500_is_blamed_on_a_statement_only_while_others_are_taken() -> None:
    """Where a bad statement is answered with 500 it becomes a dead letter; where all are, nothing does."""
    batch = [sample_statement(number) for number in range(100)]
    batch[63] = invalid(batch[63])
    with lrs_with(kind=Kind.RALPH) as (_, adapter):
        run(adapter, source := MemorySource(batch))
    assert [one.id for one in source.dead_letters] == [batch[63].id]

    with lrs_with(plan=lambda request: FAULTS["500"] if request.method == "POST" else None) as (_, adapter):
        for _ in range(20):
            assert sent(adapter, batch)[0] == []


@pytest.mark.parametrize("name", sorted(set(FAULTS) - {"500", "500 and stored", "413"}))
def test_what_says_nothing_about_the_statements_stops(name: str) -> None:
    """Such an answer stops the feed with its reason; the next try sends the same bytes, and all arrive once."""
    faults = iter([None, FAULTS[name]])
    with lrs_with(plan=lambda _: next(faults, None)) as (lrs, adapter):
        told, stop = sent(adapter, FOUR)
        again, _ = sent(adapter, FOUR)
        posted = {request.body for request in lrs.requests if request.method == "POST"}

    assert told == []
    assert stop is not None
    assert not stop.is_permanent
    assert name[:3] in str(stop) or "cut" in str(stop) or "text/html" in str(stop)
    assert again == [Delivered(one.id) for one in FOUR]
    assert len(posted) == 1


def test_silence_stops() -> None:
    """An LRS that says nothing for longer than it may is given up for now."""
    lrs = FaultyLrs(plan=lambda request: Fault(seconds=0.5) if request.method == "POST" else None)
    with running(lrs), closing(client(lrs, read_seconds=0.05)) as adapter:
        assert "no answer from 127.0.0.1" in str(sent(adapter, FOUR)[1])


def test_nobody_there_stops() -> None:
    """An LRS that is not there is a stop like any other."""
    with closing(LRS(LrsSettings(endpoint="http://127.0.0.1:9/xapi"))) as adapter:
        assert "127.0.0.1:9 could not be made" in str(sent(adapter, FOUR)[1])


def test_an_lrs_that_takes_less_at_once_gets_less() -> None:
    """After a 413 requests are smaller, also in later batches; only what is too large alone is a dead letter."""
    batch = [sample_statement(number) for number in range(100)]
    batch[50] = with_body(batch[50], {**body_of(batch[50]), "result": {"response": "x" * 9000}})
    with lrs_with(most_bytes=8000) as (lrs, adapter):
        told, _ = sent(adapter, batch)
        refused = [len(request.body) > 8000 for request in lrs.requests]
        later = len(lrs.requests)
        sent(adapter, [sample_statement(number) for number in range(200, 220)])

    assert [one for one in told if isinstance(one, Rejected)] == [
        Rejected(batch[50].id, "the LRS answered 413: too large")
    ]
    assert sum(refused) <= 4
    assert all(len(request.body) <= 8000 for request in lrs.requests[later:])


def test_one_statement_a_request_is_possible() -> None:
    """A destination that takes one statement a call is served by the setting batch_size."""
    lrs = FaultyLrs()
    with running(lrs), closing(client(lrs, batch_size=1)) as adapter:
        sent(adapter, FOUR)

    assert sum(request.method == "POST" for request in lrs.requests) == 4


def test_conflicts_that_may_not_be_read_stop_with_what_is_missing() -> None:
    """Where nobody can see whether a repeated statement is ours, it is neither delivered nor dead."""

    def plan(request: Request) -> Fault | None:
        return Fault(status=403) if "statementId" in request.query else None

    with lrs_with([body_of(FOUR[0])], kind=Kind.ADL_LRS, plan=plan) as (_, adapter):
        told, stop = sent(adapter, FOUR)

    assert told == []
    assert "allow the credentials to read statements" in str(stop)


MODERN = evolve(
    FOUR[0],
    version="2.0.0",
    body=json.dumps(
        {
            **body_of(FOUR[0]),
            "version": "2.0.0",
            "context": {
                "platform": "crm",
                "contextAgents": [{"objectType": "contextAgent", "agent": {"mbox": "mailto:ann@crm.example"}}],
            },
        }
    ).encode(),
)


@pytest.mark.parametrize(
    ("versions", "headers"),
    [(("1.0.3", "2.0.0"), ["2.0.0", "1.0.3"]), (("1.0.0", "1.0.1"), ["1.0.3"]), (("2.0.0",), ["2.0.0"])],
    ids=["both", "old", "new"],
)
def test_the_version_is_negotiated(versions: tuple[str, ...], headers: list[str]) -> None:
    """Each statement goes in its own version where the LRS speaks it, and without what 1.0.3 lacks where it must."""
    with lrs_with(versions=versions) as (lrs, adapter):
        told, _ = sent(adapter, [MODERN, FOUR[1]])
        posts = [request for request in lrs.requests if request.method == "POST"]
        context = lrs.stored[str(MODERN.id)]["context"]

    assert len(told) == 2
    assert [request.headers["X-Experience-API-Version"] for request in posts] == headers
    assert ("contextAgents" in context) == ("2.0.0" in versions)
    assert context["platform"] == "crm"


def test_an_lrs_of_another_age_waits_for_somebody() -> None:
    """An LRS that speaks no version of ours stops the feed until somebody looks."""
    with lrs_with(versions=("0.9", "0.95")) as (_, adapter):
        _, stop = sent(adapter, FOUR)

    assert stop is not None
    assert stop.is_permanent
    assert "0.9, 0.95" in str(stop)


def test_attachments_go_along() -> None:
    """Contents follow the statements as multipart/mixed with their hashes, each once, and arrive byte for byte."""
    content = b"\x00\r\n--reinforce\r\n\xff"
    attachment = Attachment("ab" * 32, "application/octet-stream", content)
    batch = [evolve(one, attachments=(attachment,)) for one in FOUR[:2]]

    with lrs_with() as (lrs, adapter):
        assert sent(adapter, batch) == ([Delivered(one.id) for one in batch], None)
        request = lrs.requests[-1]

    boundary = request.headers["Content-Type"].partition("boundary=")[2].strip('"').encode()
    _, first, second, end = request.body.split(b"--" + boundary)
    assert json.loads(first.partition(b"\r\n\r\n")[2]) == [body_of(one) for one in batch]
    assert b"X-Experience-API-Hash: " + b"ab" * 32 in second
    assert second.partition(b"\r\n\r\n")[2] == content + b"\r\n"
    assert end == b"--\r\n"


SECRET = "pa55-wörd"  # noqa: S105 -- it opens nothing
AUTHS: dict[str, dict[str, Any]] = {
    "basic": {"auth": "basic", "username": "crm", "password": SECRET},
    "bearer": {"auth": "bearer", "token": "t0ken-t0ken"},
}


@pytest.mark.parametrize(
    ("auth", "header"), [("basic", "Basic Y3JtOnBhNTUtd8O2cmQ="), ("bearer", "Bearer t0ken-t0ken")]
)
def test_credentials_are_shown(auth: str, header: str) -> None:
    """Basic in UTF-8, and Bearer."""
    lrs = FaultyLrs(authorization=header)
    with running(lrs), closing(client(lrs, **AUTHS[auth])) as adapter:
        assert len(sent(adapter, FOUR)[0]) == 4
        assert adapter.check().is_ok


@pytest.mark.parametrize("auth", sorted(AUTHS))
def test_no_secret_is_in_any_message(auth: str, caplog: pytest.LogCaptureFixture) -> None:
    """Not in reprs, not in stops, not in logs, not even when the LRS repeats what it was sent."""

    def plan(request: Request) -> Fault | None:
        given = request.headers["Authorization"]
        return Fault(status=503, body=f"{given} {SECRET} t0ken-t0ken".encode()) if request.method == "POST" else None

    lrs = FaultyLrs(plan=plan)
    with caplog.at_level(logging.DEBUG), running(lrs), closing(client(lrs, **AUTHS[auth])) as adapter:
        _, stop = sent(adapter, FOUR)
        said = f"{stop} {stop!r} {adapter.settings!r} {adapter.check()} {caplog.text}"

    wanted = {"basic": (SECRET, "Y3JtOnBhNTUtd8O2cmQ"), "bearer": ("t0ken-t0ken",)}
    assert "***" in said
    assert not any(secret in said for secret in wanted[auth])


def test_a_redirect_is_not_followed() -> None:
    """Neither statements nor credentials go to where a redirect points."""
    with running(FaultyLrs()) as elsewhere:
        points = Fault(status=307, headers={"Location": f"{elsewhere.endpoint}/statements?code=1"})
        lrs = FaultyLrs(plan=lambda request: points if request.method == "POST" else None)
        with running(lrs), closing(client(lrs, **AUTHS["basic"])) as adapter:
            _, stop = sent(adapter, FOUR)

    assert elsewhere.requests == []
    assert f"it points to {elsewhere.endpoint}/statements; redirects are not followed" in str(stop)


def test_an_endless_answer_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers are bounded in size."""
    monkeypatch.setattr("reinforce_adapters.lrs.connection.MOST_ANSWER_BYTES", 2**20)
    with lrs_with(plan=lambda _: Fault(status=200, body=b" " * 2**22)) as (_, adapter):
        assert "more than 1 MiB" in str(sent(adapter, FOUR)[1])


class Tokens(FaultyLrs):
    """An LRS with a token endpoint, whose tokens hold for some requests only."""

    given = 0
    answer: bytes | None = None

    def reply(self, request: Request) -> Reply:
        """Give tokens, and take only the last one."""
        if not request.path.endswith("/token"):
            return super().reply(request)
        form = parse_qs(request.body.decode())
        assert form["grant_type"] == ["client_credentials"]
        assert request.headers["Authorization"] == "Basic Y3JtOnMzY3JldC1zM2NyZXQ="
        if self.answer is not None:
            return Reply(401, self.answer)
        self.given += 1
        self.authorization = f"Bearer token-{self.given}"
        return Reply(200, json.dumps({"access_token": f"token-{self.given}", "token_type": "Bearer"}).encode())


CLIENT = {"client_id": "crm", "client_secret": "s3cret-s3cret"}


def oauth_client(lrs: FaultyLrs) -> LRS:
    """A client with OAuth 2 client credentials."""
    return client(lrs, auth="oauth2", token_url=f"{lrs.endpoint}/token", **CLIENT)


def test_a_token_is_fetched_and_renewed_once_it_is_refused() -> None:
    """OAuth 2: one token serves many requests; when it is refused, another is fetched and the request repeated."""
    lrs = Tokens()
    with running(lrs), closing(oauth_client(lrs)) as adapter:
        assert len(sent(adapter, FOUR[:2])[0]) == 2
        assert lrs.given == 1
        lrs.authorization = "Bearer revoked"
        assert len(sent(adapter, FOUR[2:])[0]) == 2
        assert lrs.given == 2


def test_credentials_that_the_token_endpoint_refuses_stop() -> None:
    """The reason is the error's name and never the secret."""
    lrs = Tokens()
    lrs.answer = b'{"error": "invalid_client", "error_description": "s3cret-s3cret is wrong"}'
    with running(lrs), closing(oauth_client(lrs)) as adapter:
        _, stop = sent(adapter, FOUR)

    assert str(stop) == "the token endpoint answered 401: invalid_client"


def test_oauth_without_its_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing oauthlib is noticed when the adapter is made."""
    monkeypatch.setattr(credentials, "HAS_OAUTH", False)

    with pytest.raises(MissingExtra, match=r"reinforce-engine\[oauth\]"):
        oauth_client(FaultyLrs())


def test_certificates_are_verified() -> None:
    """An unknown certificate is refused before anything is sent, and trusted with a bundle that knows it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    with running(FaultyLrs(), context) as lrs:
        endpoint = f"https://localhost:{lrs.port}/xapi"
        with closing(LRS(LrsSettings(endpoint=endpoint, **AUTHS["basic"]))) as adapter:
            told, stop = sent(adapter, FOUR)
        assert told == []
        assert "no trusted connection to localhost" in str(stop)
        assert "self-signed certificate" in str(stop)
        assert lrs.requests == []

        with closing(LRS(LrsSettings(endpoint=endpoint, ca_bundle=str(CERTIFICATE)))) as adapter:
            assert len(sent(adapter, FOUR)[0]) == 4


def test_a_check_says_what_is_missing() -> None:
    """The check ends with the first thing that is not as it should be, and stores nothing."""
    lrs = FaultyLrs(authorization="Basic x")
    with running(lrs), closing(client(lrs)) as adapter:
        report = adapter.check()

    assert [(step.name, step.is_ok) for step in report.steps] == [("about", True), ("read", False)]
    assert "401: it refuses the credentials" in report.steps[-1].detail
    assert lrs.stored == {}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"endpoint": "lrs.example"}, "endpoint must be a URL"),
        ({"endpoint": "https://[::1"}, "endpoint must be a URL"),
        ({"endpoint": "https://ann:pw@lrs.example"}, "credentials have their own keys"),
        ({"endpoint": "http://lrs.example/xapi"}, "not encrypted"),
        ({"endpoint": "https://lrs.example/xapi/statements/"}, "before /statements"),
        ({"auth": "basic", "username": "crm"}, "password is missing"),
        ({"auth": "digest"}, "auth must be one of none, basic, bearer, oauth2"),
        ({"auth": "bearer", "token": "a\r\nX-Evil: 1"}, "cannot be printed"),
        ({"version": "1.0"}, "version must be one of"),
        ({"batch_size": 0}, "batch_size"),
        ({"password": 12345}, "password must be text"),
        ({"ca_bundle": "/no/such/file"}, "ca_bundle"),
        ({"endpont": "https://lrs.example"}, "endpont"),
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any], said: str) -> None:
    """Each message names the key and what would be right, and shows no secret."""
    with pytest.raises(InvalidSettings, match=said) as caught:
        make({"endpoint": "https://lrs.example/xapi", **wrong})

    assert "12345" not in str(caught.value)
