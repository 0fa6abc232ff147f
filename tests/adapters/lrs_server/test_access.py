"""Who gets in, how far, how often and with how much."""

import sqlite3
from collections.abc import Callable, Collection
from typing import Any
from uuid import uuid4

import pytest
from attrs import evolve
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from adapters.lrs_server.conftest import ANNA, PRICING, Caller, World, statement
from reinforce.errors import SchemaMissing
from reinforce.store.credentials import Credentials, Scope
from reinforce.store.driver import Driver
from reinforce.store.statements import NewStatement
from reinforce.tenants import remove_tenant
from reinforce_adapters.lrs_server import LrsSettings, app
from reinforcer.world import sizes

CONNECT = sqlite3.connect
AT_ONCE = LrsSettings(credential_seconds=0.0)


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Basic", "Basic !", "Basic bm9jb2xvbg==", "Basic /w==", "Bearer x", "Basic " + "QUFB" * 2000],
    ids=lambda text: str(text)[:20],
)
def test_no_key_no_entry(world: World, authorization: str | None) -> None:
    """Without a key, or with something that is none, every resource but about says 401 and asks for one."""
    headers = {"X-Experience-API-Version": "2.0.0"}
    if authorization is not None:
        headers["Authorization"] = authorization
    for resource in ("statements", "activities/state", "agents", "agents/profile", "activities", "activities/profile"):
        answer = world.client.get(f"/xapi/{resource}", headers=headers)

        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
        assert answer.json()["error"]


def test_wrong_passwords(world: World) -> None:
    """A wrong password is refused, and after ten of them so is every guess, for a while; whoever is known goes on."""
    caller = world.caller()
    assert caller.ask("GET", "statements").status_code == 200
    guesses = [evolve(caller, password=f"guess {number}").ask("GET", "statements") for number in range(12)]

    assert [one.status_code for one in guesses[:5]] == [401] * 5
    assert guesses[-1].status_code == 429
    assert int(guesses[-1].headers["Retry-After"]) >= 1
    assert caller.ask("GET", "statements").status_code == 200


def test_revoked_keys(world: World) -> None:
    """A revoked key opens nothing any more."""
    caller = world.caller()
    assert caller.ask("GET", "statements").status_code == 200
    with world.database.write() as connection:
        credentials = Credentials(Driver(connection, None))
        found = credentials.by_key(caller.key)
        assert found is not None
        credentials.revoke(found.tenant_id, caller.key, 1)

    assert caller.ask("GET", "statements").status_code == 401


STATE = {"activityId": PRICING, "agent": ANNA, "stateId": "s"}
PROFILE = {"activityId": PRICING, "profileId": "p"}
ATTEMPTS: dict[str, Callable[[Caller], int]] = {
    "write": lambda caller: caller.ask("POST", "statements", data=statement()).status_code,
    "put": lambda caller: (
        caller.ask("PUT", "statements", {"statementId": str(uuid4())}, data=statement(id=None)).status_code
    ),
    "read": lambda caller: caller.ask("GET", "statements").status_code,
    "state": lambda caller: caller.ask("POST", "activities/state", STATE, data={}).status_code,
    "profile": lambda caller: caller.ask("POST", "activities/profile", PROFILE, data={}).status_code,
}


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        (Scope.STATEMENTS_WRITE, {"write", "put"}),
        (Scope.STATEMENTS_READ, {"read"}),
        (Scope.STATEMENTS_READ_MINE, {"read"}),
        (Scope.STATE, {"state"}),
        (Scope.PROFILE, {"profile"}),
        (Scope.ALL, set(ATTEMPTS)),
    ],
)
def test_scopes(world: World, scope: Scope, allowed: set[str]) -> None:
    """A key may do what its scopes say, and is told which one it lacks for anything else."""
    caller = world.caller(scope)
    statuses = {name: attempt(caller) for name, attempt in ATTEMPTS.items()}

    assert {name for name, status in statuses.items() if status in (200, 204)} == allowed
    assert {status for name, status in statuses.items() if name not in allowed} <= {403}


def test_keys_of_a_removed_tenant(world: World) -> None:
    """A key that is still trusted when its tenant is removed writes nothing any more."""
    trusting = app(world.engine, settings=LrsSettings(credential_seconds=3600))
    with TestClient(trusting, raise_server_exceptions=False) as client:
        caller = evolve(world.caller(), client=client)
        assert caller.ask("GET", "statements").status_code == 200
        remove_tenant(world.engine, caller.key)
        with world.engine.connect() as connection:
            before = sizes(connection)
        statuses = {name: attempt(caller) for name, attempt in ATTEMPTS.items() if name != "read"}
        state = caller.ask("DELETE", "activities/state", {"activityId": PRICING, "agent": ANNA}).status_code

    with world.engine.connect() as connection:
        assert sizes(connection) == before
    assert {*statuses.values(), state} == {401}


def test_mine(world: World) -> None:
    """With statements/read/mine a key sees what it has sent itself, by id, filter and reference."""
    everything = world.caller(tenant="shared")
    own = world.caller(Scope.STATEMENTS_READ_MINE, Scope.STATEMENTS_WRITE, tenant="shared")
    theirs, mine = everything.store(statement())[0], own.store(statement())[0]

    assert own.found() == own.found(agent=ANNA) == [mine]
    assert own.ask("GET", "statements", {"statementId": theirs}).status_code == 404
    assert everything.found() == [mine, theirs]


def test_tenants_do_not_cross(world: World) -> None:
    """Nothing of one tenant is found, changed, voided or even noticed by another."""
    one, other = world.caller(), world.caller()
    data = statement(object={"id": PRICING, "definition": {"name": {"en": "secret"}}}, actor={**ANNA, "name": "Secret"})
    number = one.store(data)[0]
    voiding = statement(
        verb={"id": "http://adlnet.gov/expapi/verbs/voided"}, object={"objectType": "StatementRef", "id": number}
    )
    other.store(voiding, statement(object={"objectType": "StatementRef", "id": number}))

    assert other.ask("GET", "statements", {"statementId": number}).status_code == 404
    assert other.ask("GET", "statements", {"voidedStatementId": number}).status_code == 404
    assert other.found(activity=PRICING, related_activities="true") == []
    assert "secret" not in other.ask("GET", "activities", {"activityId": PRICING}).text
    assert "Secret" not in other.ask("GET", "agents", {"agent": ANNA}).text
    assert other.store(statement(id=number)) == [number]
    assert one.found() == [number]


def test_unknown_resources_and_methods(lrs: Caller) -> None:
    """What there is not is 404; a method that a resource has not is 405, and says which it has."""
    assert lrs.ask("GET", "nothing").status_code == 404
    assert lrs.ask("GET", "statements/1").status_code == 404
    for method, resource in (("DELETE", "statements"), ("PATCH", "agents/profile"), ("POST", "agents")):
        answer = lrs.ask(method, resource)
        assert answer.status_code == 405
        assert "GET" in answer.headers["Allow"]


# ---------------------------------------------------------------- limits


def limited(world: World, **settings: Any) -> TestClient:
    """The same LRS with other settings."""
    return TestClient(app(world.engine, settings=LrsSettings(credential_seconds=0.0, **settings)))


def test_limits_of_size(world: World) -> None:
    """A request that is too large, in bytes or in statements, is answered with 413 and the limit; nothing is stored."""
    caller = world.caller()
    small = evolve(caller, client=limited(world, most_body_bytes=2000, most_statements=3))
    in_bytes = small.ask("POST", "statements", data=statement(result={"response": "x" * 2000}))
    in_statements = small.ask("POST", "statements", data=[statement(id=None) for _ in range(4)])

    assert (in_bytes.status_code, in_statements.status_code) == (413, 413)
    assert "2000" in in_bytes.json()["error"]
    assert in_bytes.headers["X-Experience-API-Version"] == "2.0.0"
    assert in_bytes.headers["X-Experience-API-Consistent-Through"]
    assert "3 statements" in in_statements.json()["error"]
    assert caller.found() == []


def test_limits_of_pages(world: World) -> None:
    """No page holds more than the LRS allows, whatever limit is asked for."""
    caller = world.caller()
    caller.store(*(statement() for _ in range(5)))
    small = evolve(caller, client=limited(world, page_size=2))

    for parameters in ({}, {"limit": "0"}, {"limit": "5"}):
        page = small.ask("GET", "statements", parameters).json()
        assert (len(page["statements"]), bool(page["more"])) == (2, True)


def test_limits_of_rate(world: World) -> None:
    """A key that comes too often is asked to wait, and told how long; another key is not."""
    client = limited(world, requests_per_second=0.5, burst=3)
    caller, other = (evolve(world.caller(), client=client) for _ in range(2))
    answers = [caller.ask("GET", "statements") for _ in range(4)]

    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert int(answers[3].headers["Retry-After"]) in (1, 2)
    assert other.ask("GET", "statements").status_code == 200


# ---------------------------------------------------------------- hosts


def test_it_is_mounted(world: World) -> None:
    """A host mounts it wherever it likes; `more` leads there."""
    lrs = app(world.engine, settings=AT_ONCE, endpoint="")
    host = TestClient(Starlette(routes=[Mount("/learning/lrs", lrs)]))
    caller = evolve(world.caller(), client=host, endpoint="/learning/lrs")
    caller.store(statement(), statement())
    page = caller.ask("GET", "statements", {"limit": "1"}).json()

    assert page["more"].startswith("/learning/lrs/statements?more=")


def test_browsers(world: World) -> None:
    """A page of an allowed origin may call it and read its headers; another may not."""
    client = limited(world, allowed_origins=("https://lms.example",))
    asked = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-experience-api-version"}
    allowed = client.options("/xapi/statements", headers={"Origin": "https://lms.example", **asked})
    refused = client.options("/xapi/statements", headers={"Origin": "https://evil.example", **asked})
    got = client.get("/xapi/about", headers={"Origin": "https://lms.example"})

    assert allowed.status_code == 200
    assert allowed.headers["Access-Control-Allow-Origin"] == "https://lms.example"
    assert refused.status_code == 400
    assert "X-Experience-API-Consistent-Through" in got.headers["Access-Control-Expose-Headers"]


def test_the_host_is_told_within_the_transaction(world: World) -> None:
    """What was received is told to the host before it is acknowledged; if that fails, it is not stored."""
    told: list[int] = []

    def received(_driver: Driver, _tenant_id: int, statements: Collection[NewStatement]) -> None:
        told.append(len(statements))
        if len(told) > 1:
            raise RuntimeError("the mapping failed")

    lrs = app(world.engine, settings=AT_ONCE, received=received)
    caller = evolve(world.caller(), client=TestClient(lrs, raise_server_exceptions=False))
    first = statement()
    caller.store(first)
    caller.store(first)

    assert caller.ask("POST", "statements", data=[statement(), statement()]).status_code == 500
    assert told == [1, 2]
    assert caller.found() == [first["id"]]


def test_a_database_without_tables(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An LRS over a database that was never set up says so at once, and lets go of it."""
    opened: list[sqlite3.Connection] = []

    def connect(*given: Any, **options: Any) -> sqlite3.Connection:
        opened.append(CONNECT(*given, **options))
        return opened[-1]

    monkeypatch.setattr(sqlite3.dbapi2, "connect", connect)
    with pytest.raises(SchemaMissing):
        app(sqlite_url)

    assert opened
    for connection in opened:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("SELECT 1")
