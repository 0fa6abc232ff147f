"""States, agent profiles, activity profiles; and what is known of agents, activities and the LRS itself."""

import hashlib
from typing import Any
from uuid import uuid4

import pytest
from attrs import evolve

from adapters.lrs_server.conftest import ANNA, PRICING, Caller, Plain, World, statement

REGISTRATION = str(uuid4())
RESOURCES: dict[str, Plain] = {
    "activities/state": {"activityId": PRICING, "agent": ANNA, "stateId": "place"},
    "agents/profile": {"agent": ANNA, "profileId": "place"},
    "activities/profile": {"activityId": PRICING, "profileId": "place"},
}
each_resource = pytest.mark.parametrize("resource", RESOURCES)
NEW = {"If-None-Match": "*"}


@each_resource
@pytest.mark.parametrize("kind", ["application/json", "text/plain; charset=utf-8", "application/octet-stream"])
def test_a_document_is_kept_as_it_came(lrs: Caller, resource: str, kind: str) -> None:
    """A document is given out byte for byte, with its type, its SHA-1 as ETag, and when it was changed."""
    content = b' {"a" : 1.0} '
    put = lrs.ask("PUT", resource, RESOURCES[resource], content=content, headers={"Content-Type": kind, **NEW})
    got = lrs.ask("GET", resource, RESOURCES[resource])
    head = lrs.ask("HEAD", resource, RESOURCES[resource])

    assert (put.status_code, put.content) == (204, b"")
    assert (got.status_code, got.content, got.headers["Content-Type"]) == (200, content, kind)
    assert got.headers["ETag"] == f'"{hashlib.sha1(content).hexdigest()}"'  # noqa: S324 -- as xAPI asks
    assert got.headers["Last-Modified"].endswith("GMT")
    assert (head.content, head.headers["ETag"]) == (b"", got.headers["ETag"])


@each_resource
def test_posting_merges(lrs: Caller, resource: str) -> None:
    """Posting JSON to JSON replaces its members one by one; anything else cannot be merged and changes nothing."""
    place = RESOURCES[resource]
    assert lrs.ask("POST", resource, place, data={"a": 1, "b": {"c": 1}}).status_code == 204
    assert lrs.ask("POST", resource, place, data={"b": 2, "d": 3}).status_code == 204
    text = lrs.ask("POST", resource, place, content=b"x", headers={"Content-Type": "text/plain"})
    array = lrs.ask("POST", resource, place, data=[1])
    broken = lrs.ask("POST", resource, place, content=b"{", headers={"Content-Type": "application/json"})

    assert [one.status_code for one in (text, array, broken)] == [400, 400, 400]
    assert lrs.ask("GET", resource, place).json() == {"a": 1, "b": 2, "d": 3}


@each_resource
def test_deleting(lrs: Caller, resource: str) -> None:
    """What was deleted is not found any more; deleting what is not there is no error."""
    lrs.ask("POST", resource, RESOURCES[resource], data={"a": 1})

    assert lrs.ask("DELETE", resource, RESOURCES[resource]).status_code == 204
    assert lrs.ask("DELETE", resource, RESOURCES[resource]).status_code == 204
    assert lrs.ask("GET", resource, RESOURCES[resource]).status_code == 404


@each_resource
def test_listing(lrs: Caller, resource: str) -> None:
    """Without the key of a document, the keys are listed, or those of documents changed after a moment."""
    place = dict(RESOURCES[resource])
    key = "stateId" if "stateId" in place else "profileId"
    for name in ("b", "a"):
        lrs.ask("POST", resource, {**place, key: name}, data={})
    moment = lrs.ask("GET", resource, {**place, key: "b"}).headers["X-Updated-At"]
    del place[key]

    assert lrs.ask("GET", resource, place).json() == ["a", "b"]
    assert lrs.ask("GET", resource, {**place, "since": moment}).json() == ["a"]
    assert lrs.ask("PUT", resource, place, data={}, headers=NEW).status_code == 400


@each_resource
@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_preconditions(lrs: Caller, resource: str, method: str) -> None:
    """With the ETag of another content, or If-None-Match where there is a document, nothing is changed."""
    place = RESOURCES[resource]
    lrs.ask("POST", resource, place, data={"a": 1})
    tag = lrs.ask("GET", resource, place).headers["ETag"]

    def change(**headers: str) -> int:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return lrs.ask(method, resource, place, data={"a": 2}, headers=told).status_code

    assert change(If_Match='"1234"') == 412
    assert change(If_None_Match="*") == 412
    assert change(If_None_Match=tag) == 412
    assert lrs.ask("GET", resource, place).json() == {"a": 1}
    assert change(If_Match=f'"1234", {tag}') == 204


def test_put_without_a_precondition(world: World) -> None:
    """Writing over a document unseen is refused; 1.0.3 wants a precondition for every profile, and none for states."""
    newer = world.caller()
    older = evolve(newer, version="1.0.3")

    def put(caller: Caller, resource: str) -> tuple[int, str]:
        answer = caller.ask("PUT", resource, RESOURCES[resource], data={})
        return answer.status_code, answer.text

    for resource in ("agents/profile", "activities/profile"):
        assert put(older, resource)[0] == 400
        assert put(newer, resource)[0] == 204
        assert put(newer, resource)[0] == put(older, resource)[0] == 409
        assert "If-Match" in put(newer, resource)[1]
    assert [put(older, "activities/state")[0] for _ in range(2)] == [204, 204]
    assert put(newer, "activities/state")[0] == 409


def test_states_of_registrations(lrs: Caller) -> None:
    """A registration has states of its own; without one, all are listed and deleted."""
    resource, place = "activities/state", RESOURCES["activities/state"]
    everything = {name: value for name, value in place.items() if name != "stateId"}
    lrs.ask("POST", resource, place, data={"of": "none"})
    lrs.ask("POST", resource, {**place, "stateId": "other", "registration": REGISTRATION}, data={"of": "one"})

    assert lrs.ask("GET", resource, {**place, "registration": REGISTRATION}).status_code == 404
    assert lrs.ask("GET", resource, {**everything, "registration": REGISTRATION}).json() == ["other"]
    assert lrs.ask("GET", resource, everything).json() == ["other", "place"]
    assert lrs.ask("DELETE", resource, {**everything, "registration": REGISTRATION}).status_code == 204
    assert lrs.ask("GET", resource, everything).json() == ["place"]
    assert lrs.ask("DELETE", resource, everything).status_code == 204
    assert lrs.ask("GET", resource, everything).json() == []


@pytest.mark.parametrize(
    ("resource", "change", "rule"),
    [
        ("activities/state", {"activityId": None}, "activityId is missing"),
        ("activities/state", {"agent": None}, "agent is missing"),
        ("activities/state", {"agent": "anna"}, "agent: "),
        ("activities/state", {"activityId": "no iri"}, "activityId must be an IRI"),
        ("activities/state", {"registration": "1"}, "registration must be a UUID"),
        ("activities/state", {"StateId": "x"}, "no parameter 'StateId'"),
        ("activities/state", {"stateId": "a\0b"}, "NUL"),
        ("agents/profile", {"agent": {"name": "x"}}, "mbox"),
        ("agents/profile", {"activityId": PRICING}, "no parameter 'activityId'"),
        ("activities/profile", {"since": "yesterday"}, "since: "),
        ("activities/profile", {"activityId": None}, "activityId is missing"),
    ],
)
def test_bad_parameters(lrs: Caller, resource: str, change: Plain, rule: str) -> None:
    """A parameter that is missing, unknown or makes no sense is refused, and the answer names the rule."""
    place: dict[str, Any] = {
        name: value for name, value in {**RESOURCES[resource], **change}.items() if value is not None
    }
    answer = lrs.ask("GET", resource, place)

    assert answer.status_code == 400
    assert rule in answer.json()["error"]


def test_tenants_have_documents_of_their_own(world: World) -> None:
    """The same document of two tenants are two documents."""
    one, other = world.caller(), world.caller()
    for resource, place in RESOURCES.items():
        one.ask("POST", resource, place, data={"whose": "one"})

        assert other.ask("GET", resource, place).status_code == 404
        other.ask("DELETE", resource, place)
        assert one.ask("GET", resource, place).json() == {"whose": "one"}


def test_activities(lrs: Caller) -> None:
    """An activity has what all statements together say of it, and without any at least its id."""
    for definition in ({"name": {"en": "Price"}}, {"name": {"de": "Preis"}, "type": "https://types.example/t"}):
        lrs.store(statement(object={"id": PRICING, "definition": definition}))
    known = lrs.ask("GET", "activities", {"activityId": PRICING}).json()
    unknown = lrs.ask("GET", "activities", {"activityId": "https://skills.example/unknown"}).json()

    assert known["definition"] == {"name": {"en": "Price", "de": "Preis"}, "type": "https://types.example/t"}
    assert unknown == {"objectType": "Activity", "id": "https://skills.example/unknown"}
    assert lrs.ask("GET", "activities").status_code == 400


def test_persons(lrs: Caller) -> None:
    """A Person has every name that was used with the identifier."""
    for name in ("Anna", "Anna Berg"):
        lrs.store(statement(actor={**ANNA, "name": name}))
    person = lrs.ask("GET", "agents", {"agent": ANNA}).json()

    assert person == {"objectType": "Person", "name": ["Anna Berg", "Anna"], "account": [ANNA["account"]]}
    assert lrs.ask("GET", "agents").status_code == 400


def test_about(world: World) -> None:
    """The versions that are spoken are told to anybody, in any version."""
    answer = world.client.get("/xapi/about")

    assert {"1.0.3", "2.0.0"} <= set(answer.json()["version"])
    assert answer.headers["X-Experience-API-Version"]
    assert world.client.get("/xapi/about", params={"x": "1"}).status_code == 400
