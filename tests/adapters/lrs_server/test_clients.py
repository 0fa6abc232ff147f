"""Clients that other people wrote, against `reinforce serve`: they find an LRS as they know it.

The programs that use the JavaScript ones lie in tests/clients, with what each of them asks and expects.
"""

import json
import shutil
import subprocess
import warnings
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

import clients
from adapters.lrs_server.conftest import ANNA, PRICING, Caller, World
from adapters.lrs_server.serving import free_port, started
from loopback import in_background
from reinforce.store.credentials import Scope

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of its own, about Python's older ways
    import tincan

PROGRAMS = Path(clients.__file__).parent
REGISTRATION = str(uuid4())
LEARNER = {**ANNA, "name": "Anna"}


@pytest.fixture(scope="module")
def endpoint(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where `reinforce serve` answers, over the database of the world."""
    port = free_port()
    process = started(world.url, port, tmp_path_factory.mktemp("served"))
    yield f"http://127.0.0.1:{port}/xapi/"
    process.terminate()
    process.wait()


@pytest.fixture
def caller(world: World) -> Caller:
    """Whose key the client uses, and who looks afterwards at what it stored."""
    return world.caller(Scope.ALL, version="1.0.3")


def run(program: str, endpoint: str, caller: Caller, **more: str) -> list[str]:
    """Run a program of the JavaScript clients; the ids of what it says that it stored."""
    missing = clients.missing()
    if missing is not None:
        clients.skip_or_fail(missing)
    told = {"endpoint": endpoint, "key": caller.key, "password": caller.password, **more}
    done = subprocess.run(
        [shutil.which("node") or "node", program],
        cwd=PROGRAMS,
        env=clients.environment() | {"LRS_OF_THE_TEST": json.dumps(told)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    ids: list[str] = json.loads(done.stdout)
    return ids


@pytest.mark.parametrize("program", ["xapi.cjs", "tincan.cjs", "adl.cjs"])
def test_javascript_clients(endpoint: str, caller: Caller, program: str) -> None:
    """What each of them stores, asks for, replaces and deletes is as it expects, and what it stored is there once."""
    ids = run(program, endpoint, caller)

    assert len(ids) >= 3
    assert sorted(caller.found()) == sorted(ids)


# ---------------------------------------------------------------- a launch of cmi5


@contextmanager
def fetch_url(caller: Caller) -> Iterator[str]:
    """The URL at which an LMS hands out the token of a launch, once."""
    token = b64encode(f"{caller.key}:{caller.password}".encode()).decode()
    handed_out: list[str] = []

    class Fetch(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = {"error-code": "1", "error-text": "already in use"} if handed_out else {"auth-token": token}
            handed_out.append(token)
            content = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the library's name
            pass

    server = HTTPServer(("127.0.0.1", 0), Fetch)
    with in_background(server):
        yield f"http://127.0.0.1:{server.server_port}/fetch"


def test_a_launch_of_cmi5(endpoint: str, world: World) -> None:
    """A course that is launched with a key for one's own statements and states runs from its fetch URL to its end."""
    caller = world.caller(
        Scope.STATEMENTS_WRITE, Scope.STATEMENTS_READ_MINE, Scope.STATE, Scope.PROFILE, version="1.0.3"
    )
    prepare_launch(caller)
    with fetch_url(caller) as fetch:
        ids = run("cmi5.cjs", endpoint, caller, fetch=fetch, registration=REGISTRATION)

    stored = caller.ask("GET", "statements", {"registration": REGISTRATION, "ascending": "true"}).json()["statements"]
    assert [one["id"] for one in stored] == ids
    assert [one["verb"]["id"].rpartition("/")[2] for one in stored] == [
        "initialized",
        "answered",
        "passed",
        "completed",
        "terminated",
    ]
    assert stored[2]["result"]["score"]["scaled"] == 0.9
    assert all(
        one["context"]["extensions"]["https://w3id.org/xapi/cmi5/context/extensions/sessionid"] for one in stored
    )


def prepare_launch(caller: Caller) -> None:
    """Write what an LMS writes before it launches a course: the data of the launch, and what the learner likes."""
    template = {
        "contextActivities": {"grouping": [{"id": "https://courses.example/selling"}]},
        "extensions": {"https://w3id.org/xapi/cmi5/context/extensions/sessionid": "session-1"},
    }
    launch = {"contextTemplate": template, "launchMode": "Normal", "masteryScore": 0.7, "moveOn": "Passed"}
    place = {"activityId": PRICING, "agent": LEARNER, "registration": REGISTRATION, "stateId": "LMS.LaunchData"}
    preferences = {"languagePreference": "en", "audioPreference": "off"}
    assert caller.ask("PUT", "activities/state", place, data=launch).status_code == 204
    kept = caller.ask(
        "PUT",
        "agents/profile",
        {"agent": LEARNER, "profileId": "cmi5LearnerPreferences"},
        data=preferences,
        headers={"If-None-Match": "*"},
    )
    assert kept.status_code == 204


# ---------------------------------------------------------------- Python


def told(response: Any) -> Any:
    """What an answer holds; the client says by a flag, which is easily forgotten, that a request failed."""
    assert response.success, response.data
    return response.content


def test_the_python_client_stores_and_asks(endpoint: str, caller: Caller) -> None:
    """Tincan stores statements, finds them page by page, and gets one by its id, also a voided one."""
    lrs = tincan.RemoteLRS(endpoint=endpoint, version="1.0.1", username=caller.key, password=caller.password)
    ids = [str(uuid4()) for _ in range(3)]
    agent = tincan.Agent(account=tincan.AgentAccount(home_page="https://crm.example", name="anna"))
    activity = tincan.Activity(id=PRICING)
    made = [
        tincan.Statement(id=one, actor=agent, verb=tincan.Verb(id="https://verbs.example/did"), object=activity)
        for one in ids
    ]

    told(lrs.save_statement(made[0]))
    told(lrs.save_statements(made[1:]))
    first = told(lrs.query_statements({"agent": agent, "activity": activity, "limit": 2}))
    rest = told(lrs.more_statements(first.more))
    assert sorted(str(one.id) for one in [*first.statements, *rest.statements]) == sorted(ids)
    assert told(lrs.retrieve_statement(ids[0])).object.id == PRICING
    voiding = tincan.Statement(
        actor=agent, verb=tincan.Verb(id="http://adlnet.gov/expapi/verbs/voided"), object=tincan.StatementRef(id=ids[1])
    )
    told(lrs.save_statement(voiding))
    assert str(told(lrs.retrieve_voided_statement(ids[1])).id) == ids[1]
    assert sorted(caller.found()) == sorted([ids[0], ids[2], str(voiding.id)])


def test_the_python_client_keeps_states(endpoint: str, caller: Caller) -> None:
    """Tincan keeps, reads, replaces, lists and deletes states."""
    lrs = tincan.RemoteLRS(endpoint=endpoint, version="1.0.1", username=caller.key, password=caller.password)
    whose = {"activity": tincan.Activity(id=PRICING), "agent": tincan.Agent(mbox="mailto:anna@crm.example")}
    for page in ("page 1", "page 2"):
        told(lrs.save_state(tincan.StateDocument(id="bookmark", content=page, content_type="text/plain", **whose)))
        assert told(lrs.retrieve_state(**whose, state_id="bookmark")).content.decode() == page

    assert told(lrs.retrieve_state_ids(**whose)) == ["bookmark"]
    told(lrs.delete_state(tincan.StateDocument(id="bookmark", **whose)))
    assert told(lrs.retrieve_state_ids(**whose)) == []


@pytest.mark.parametrize("kind", ["activity", "agent"])
def test_the_python_client_keeps_profiles(endpoint: str, caller: Caller, kind: str) -> None:
    """Tincan reads, lists, replaces and deletes profiles; it cannot make one, because it never sends If-None-Match."""
    lrs = tincan.RemoteLRS(endpoint=endpoint, version="1.0.1", username=caller.key, password=caller.password)
    owner = tincan.Activity(id=PRICING) if kind == "activity" else tincan.Agent(mbox="mailto:anna@crm.example")
    place = {"activityId": PRICING} if kind == "activity" else {"agent": {"mbox": "mailto:anna@crm.example"}}
    resource, named = ("activities/profile" if kind == "activity" else "agents/profile"), {**place, "profileId": "p"}
    document = (tincan.ActivityProfileDocument if kind == "activity" else tincan.AgentProfileDocument)(
        id="p", content="second", content_type="text/plain", **{kind: owner}
    )
    assert getattr(lrs, f"save_{kind}_profile")(document).response.status == 400
    caller.ask("PUT", resource, named, content=b"first", headers={"If-None-Match": "*", "Content-Type": "text/plain"})

    assert told(getattr(lrs, f"retrieve_{kind}_profile")(owner, "p")).content.decode() == "first"
    document.etag = caller.ask("GET", resource, named).headers["ETag"]
    told(getattr(lrs, f"save_{kind}_profile")(document))
    assert getattr(lrs, f"save_{kind}_profile")(document).response.status == 412
    assert told(getattr(lrs, f"retrieve_{kind}_profile")(owner, "p")).content.decode() == "second"
    assert told(getattr(lrs, f"retrieve_{kind}_profile_ids")(owner)) == ["p"]
    document.etag = None
    told(getattr(lrs, f"delete_{kind}_profile")(document))
    assert told(getattr(lrs, f"retrieve_{kind}_profile_ids")(owner)) == []
