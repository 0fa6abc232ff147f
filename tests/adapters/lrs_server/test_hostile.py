"""Whatever comes, the LRS answers in its own words: never with a failure of its own, never without a reason."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adapters.lrs_server.conftest import ANNA, DID, PRICING, Caller, World, statement
from reinforce_adapters.lrs_server import LrsSettings

RESOURCES = [
    "statements",
    "activities",
    "activities/state",
    "activities/profile",
    "agents",
    "agents/profile",
    "about",
    "nothing",
]
NAMES = [
    "statementId",
    "voidedStatementId",
    "agent",
    "verb",
    "activity",
    "registration",
    "since",
    "until",
    "limit",
    "format",
    "attachments",
    "ascending",
    "related_agents",
    "more",
    "method",
    "activityId",
    "stateId",
    "profileId",
    "content",
]
HEADERS = ("Content-Type", "If-Match", "If-None-Match", "Accept-Language", "X-Experience-API-Version")
TYPES = ("application/json", "multipart/mixed; boundary=b", "application/x-www-form-urlencoded", "text/plain", "")

any_text = st.text(max_size=40)
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | any_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(any_text, inner, max_size=4),
    max_leaves=12,
)
values = any_text | any_json.map(json.dumps) | st.sampled_from([json.dumps(ANNA), DID, PRICING, "true", "2026-03-31"])
headers = st.dictionaries(
    st.sampled_from(HEADERS),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30) | st.sampled_from(TYPES),
    max_size=4,
)


_WHOLE = statement(
    result={"score": {"scaled": 0.5}, "duration": "PT1S"},
    context={"contextActivities": {"parent": [{"id": PRICING}]}, "instructor": ANNA},
    attachments=[],
    timestamp="2026-03-31T09:00:00Z",
)


@st.composite
def almost_statements(draw: st.DrawFn) -> Any:
    """A statement with something else somewhere."""
    one: Any = deepcopy(_WHOLE)
    one["id"] = draw(st.uuids().map(str))
    place = one
    for _ in range(draw(st.integers(0, 3))):
        below = [name for name, value in place.items() if isinstance(value, dict)]
        if below:
            place = place[draw(st.sampled_from(below))]
    place[draw(st.sampled_from(sorted(place)) | any_text)] = draw(any_json)
    return one


bodies = (
    st.binary(max_size=300)
    | any_json.map(lambda value: json.dumps(value).encode())
    | almost_statements().map(lambda one: json.dumps(one).encode())
    | st.lists(almost_statements(), max_size=3).map(lambda batch: json.dumps(batch).encode())
    | st.binary(max_size=100).map(lambda part: b"--b\r\nContent-Type: application/json\r\n\r\n" + part + b"\r\n--b--")
)


@pytest.fixture(scope="module")
def caller(world: World) -> Caller:
    """Somebody who may do everything."""
    return world.caller()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(
    method=st.sampled_from(["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH"]),
    resource=st.sampled_from(RESOURCES),
    parameters=st.dictionaries(st.sampled_from(NAMES) | any_text, values, max_size=4),
    told=headers,
    body=bodies,
)
@example("POST", "statements", {}, {}, b"[" * 100_000)
@example("GET", "statements", {"more": "W10"}, {}, b"")
@example("GET", "statements", {"more": "W3t9LDFlOTk5LDFd"}, {}, b"")
@example("GET", "statements", {"agent": '{"mbox":"mailto:\\ud800@x.y"}'}, {}, b"")
@example("PUT", "agents/profile", {"agent": json.dumps(ANNA), "profileId": "\0"}, {}, b"")
def test_no_request_makes_it_fail(
    caller: Caller, method: str, resource: str, parameters: dict[str, str], told: dict[str, str], body: bytes
) -> None:
    """No request is answered with 5xx, and each refusal says why."""
    version = {"X-Experience-API-Version": "2.0.0", "Content-Type": "application/json"}
    answer = caller.client.request(
        method,
        f"/xapi/{resource}",
        params={name: text.encode("utf-8", "surrogatepass") for name, text in parameters.items()},
        content=body,
        headers={**version, **told},
        auth=(caller.key, caller.password),
    )

    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400 and method != "HEAD":
        assert answer.json()["error"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(one=almost_statements())
def test_what_is_taken_can_be_got(caller: Caller, one: dict[str, Any]) -> None:
    """Whatever statement is taken is given out again with everything that it said, in each format."""
    one.pop("id", None)
    answer = caller.ask(
        "POST", "statements", content=json.dumps(one).encode(), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in (200, 400)
    if answer.status_code == 400:
        return
    for form in ("exact", "ids", "canonical"):
        got = caller.ask("GET", "statements", {"statementId": answer.json()[0], "format": form})
        assert got.status_code == 200, got.text
        if form == "exact":
            told = got.json()
            given_by_us = ("stored", "authority", "timestamp")
            assert {name: told[name] for name in one if name not in given_by_us} == {
                name: value for name, value in one.items() if name not in given_by_us
            }


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """An LRS that takes 20 kB at once."""
    folder: Path = tmp_path_factory.mktemp("small")
    made = World(f"sqlite:///{folder}/lrs.db", LrsSettings(most_body_bytes=20_000))
    yield made
    made.close()


def test_a_body_without_end(small: World) -> None:
    """A request that never says how long it is, and goes on and on, is cut off at the limit."""

    def endless() -> Iterator[bytes]:
        for _ in range(1000):
            yield b"x" * 1000

    caller = small.caller()
    answer = small.client.post(
        "/xapi/statements",
        content=endless(),
        headers={"X-Experience-API-Version": "2.0.0", "Content-Type": "application/json"},
        auth=(caller.key, caller.password),
    )

    assert answer.status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":' * 2500 + b"1" + b"}" * 2500,
        b'{"x":' + b"9" * 15_000 + b"}",
        b"{" + b",".join(b'"%d":1' % number for number in range(1500)) + b"}",
        b'{"a":"' + b"\\ud800" * 3000 + b'"}',
        b"--b\r\n" * 4000,
    ],
    ids=["deep", "long number", "many names", "surrogates", "boundaries"],
)
@pytest.mark.parametrize("kind", ["application/json", "multipart/mixed; boundary=b"])
def test_bombs(small: World, body: bytes, kind: str) -> None:
    """What is made to be costly is refused like anything else."""
    answer = small.caller().ask("POST", "statements", content=body, headers={"Content-Type": kind})

    assert answer.status_code == 400
    assert len(answer.content) < 20_000
