"""What an LMS pushes to the embedded LRS is practice at once."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest

from adapters.lrs_server.conftest import Caller, World
from adapters.lrs_server.serving import free_port, started
from intake.school import CMI5_MAPPING, Plain, passed, settle, voiding
from reinforce import Reinforcer
from reinforcer.world import opened


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """An LRS on each of the databases."""
    made = World(database_url)
    yield made
    made.close()


@pytest.fixture
def school(world: World) -> Iterator[Reinforcer]:
    """The tenant that the LRS is for."""
    with Reinforcer(world.engine) as reinforcer:
        settle(reinforcer, CMI5_MAPPING)
        yield reinforcer


@pytest.fixture
def lms(world: World, school: Reinforcer) -> Caller:
    """An LMS with a key to the LRS."""
    return world.caller(tenant="default")


def reviews(school: Reinforcer) -> int:
    """How often Ada has practised, as her memory knows."""
    state = school.memory("ada", "pricing")
    return 0 if state is None else state.reviews


def test_practice_that_an_lms_pushes_changes_what_is_due_at_once(database_url: str, tmp_path: Path) -> None:
    """A cmi5 unit that was passed, posted to `reinforce serve`, makes its skill due; one taken back no longer."""
    world = World(database_url)
    caller = world.caller(tenant="default")
    with opened(database_url) as reinforcer:
        settle(reinforcer, CMI5_MAPPING)
        assert reinforcer.due("ada", within_days=10_000) == []
        port = free_port()
        process = started(database_url, port, tmp_path)
        try:
            with httpx2.Client(
                auth=(caller.key, caller.password), headers={"X-Experience-API-Version": "1.0.3"}
            ) as client:
                address = f"http://127.0.0.1:{port}/xapi/statements"
                statement = passed()
                assert client.post(address, json=[statement]).json() == [statement["id"]]
                due = reinforcer.due("ada", within_days=10_000)
                assert client.post(address, json=[voiding(statement["id"])]).status_code == 200
                afterwards = reinforcer.due("ada", within_days=10_000)
        finally:
            process.kill()
            process.wait()
    world.close()

    assert [one.skill for one in due] == ["pricing"]
    assert afterwards == []


@pytest.mark.parametrize(
    "statement",
    [
        passed("nobody"),
        passed(object={"id": "https://content.acme.example/au/unknown/1"}),
        passed(verb="launched"),
        passed(timestamp="2999-01-01T00:00:00Z"),
        passed("a\u0000b"),
        {
            **passed(),
            "object": {"objectType": "SubStatement", **{name: passed()[name] for name in ("actor", "verb", "object")}},
        },
        voiding(str(uuid4())),
    ],
)
def test_what_is_not_understood_is_taken_all_the_same(lms: Caller, school: Reinforcer, statement: Plain) -> None:
    """No statement is refused because a mapping does not know what it is about, nor does it hold up its neighbours."""
    first, last = passed(day=1), passed(day=2)

    assert lms.store(first, statement, last) == [first["id"], statement["id"], last["id"]]
    assert reviews(school) == 2
    assert len([one for part in school.statements.review() for one in part]) == 3


def test_the_same_without_an_id_counts_once(lms: Caller, school: Reinforcer) -> None:
    """An LMS that knows no ids and sends again after a time-out has two statements in the log, and one practice."""
    statement = passed(id=None)
    ids = lms.store(statement) + lms.store(statement)
    lms.store(passed(id=None, day=2))

    assert len(set(ids)) == 2
    assert reviews(school) == 2
    lms.store(voiding(ids[0]))
    assert reviews(school) == 1


def test_what_says_no_moment_happened_when_it_came(lms: Caller, school: Reinforcer) -> None:
    """The LRS sets the timestamp, and each is a practice of its own: nothing says that two are the same."""
    statement = passed(id=None, timestamp=None)
    lms.store(statement)
    lms.store(statement)

    assert reviews(school) == 2
    events = school.why("ada", "pricing").events
    page = lms.ask("GET", "statements", {"ascending": True}).json()["statements"]
    assert {one.occurred_at for one in events} == {datetime.fromisoformat(one["timestamp"]) for one in page}


def test_a_put_is_practice_too(lms: Caller, school: Reinforcer) -> None:
    """The same whichever way a client stores; the answer to the same again is as it was, and nothing changes."""
    statement = passed()
    for _ in range(2):
        answer = lms.ask("PUT", "statements", {"statementId": statement["id"]}, data=statement)
        assert answer.status_code == 204

    assert reviews(school) == 1


def test_without_a_mapping_nothing_is_practice(lms: Caller, school: Reinforcer) -> None:
    """Statements are kept; what was practice before and is taken back afterwards is void all the same."""
    first = passed()
    lms.store(first)
    school.statements.retire("cmi5")
    lms.store(passed(day=2))
    assert reviews(school) == 1
    lms.store(voiding(first["id"]))
    assert reviews(school) == 0
