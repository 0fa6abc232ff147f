"""Statements are pulled out of other LRSs: none is missed, none counts twice, whatever the LRS does."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import httpx2
import pytest

from adapters.lrs_server.conftest import World
from adapters.lrs_server.serving import free_port, started
from intake.school import CMI5_MAPPING, NOW, Plain, incoming, passed, settle, voiding
from intake.upstream_lrs import START, Upstream, served
from reinforce import DeliveryStopped, InvalidSettings, InvalidValue, NotFound, Reinforcer
from reinforce.delivery.retry import RetryPolicy
from reinforce.intake.pulling import PulledPart
from reinforce.intake.readings import Fate
from reinforce.store.log_places import Position
from reinforce.store.statements import NewStatement, StatementLog
from reinforcer.world import log_and_memory, opened

PASSWORD = "s3crets"  # noqa: S105 -- of a test
TESTS = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """The password is where the source says that it is."""
    monkeypatch.setenv("LRS_PASSWORD", PASSWORD)


@pytest.fixture
def school(database_url: str) -> Iterator[Reinforcer]:
    """A tenant with Ada, the skill pricing, and a mapping for cmi5, on each of the databases."""
    with opened(database_url) as reinforcer:
        settle(reinforcer, CMI5_MAPPING)
        yield reinforcer


@pytest.fixture
def lite(sqlite_url: str) -> Iterator[Reinforcer]:
    """The same on SQLite alone, where it is about the other LRS."""
    with opened(sqlite_url) as reinforcer:
        settle(reinforcer, CMI5_MAPPING)
        yield reinforcer


def add_source(school: Reinforcer, endpoint: str, **more: Any) -> None:
    """Set up the source `lms`."""
    settings = {"endpoint": endpoint, "auth": "basic", "username": "reinforce", "password": {"env": "LRS_PASSWORD"}}
    school.statements.sources.add("lms", "lrs", settings, at=NOW, **more)


def pull(school: Reinforcer, slept: list[float] | None = None, **policy: Any) -> list[PulledPart]:
    """Pull to the end, without waiting for real."""
    sleep = (slept if slept is not None else []).append
    return list(
        school.statements.sources.pull(
            "lms", sleep=sleep, chance=lambda: 0.5, policy=RetryPolicy(**{"patience_seconds": 60, **policy}), at=NOW
        )
    )


def fates(parts: list[PulledPart]) -> list[Fate]:
    """What has come of each statement."""
    return [one.fate for one in chain.from_iterable(part.readings for part in parts)]


def reviews(school: Reinforcer) -> int:
    """How often Ada has practised, as her memory knows."""
    state = school.memory("ada", "pricing")
    return 0 if state is None else state.reviews


def bodies(school: Reinforcer) -> list[Plain]:
    """The statements of others in the log, as their bytes say."""
    with school._store.read() as session:
        found = StatementLog(session.driver, session.tenant_id).received(10_000, Position(0, 0))
    return [json.loads(one.body) for one in found]


def days(count: int) -> list[Plain]:
    """So many units that Ada has passed, each on a day of its own."""
    return [passed(day=day) for day in range(1, count + 1)]


@pytest.mark.parametrize("link", ["path", "absolute", "other port", "query"])
def test_every_page_is_pulled(school: Reinforcer, link: str) -> None:
    """However the LRS writes its links, all statements come, with their exact bytes; again, nothing has changed."""
    with served(Upstream(link=link)) as lrs:
        lrs.add(*days(8))
        add_source(school, lrs.endpoint)
        first = pull(school)
        again = pull(school)

        assert fates(first) == [Fate.RECORDED] * 8
        assert set(fates(again)) == {Fate.KNOWN}
        assert bodies(school) == [data for _, data in lrs.statements]
    assert reviews(school) == 8
    (source,) = school.statements.sources.all()
    assert source.position is not None
    assert source.trouble is None


def test_the_next_pull_begins_where_the_last_one_ended(lite: Reinforcer) -> None:
    """It asks for what was stored since then, and for the overlap, ascending."""
    with served(Upstream(page_size=100)) as lrs:
        lrs.add(*days(5))
        add_source(lite, lrs.endpoint, overlap_seconds=2)
        pull(lite)
        lrs.add(passed(day=9))
        found = pull(lite)

        assert "since" not in lrs.requests[0]
        assert lrs.requests[1]["since"] == "2026-04-10T09:00:02.000Z"
        assert lrs.requests[1]["ascending"] == "true"
        assert fates(found) == [Fate.KNOWN] * 2 + [Fate.RECORDED]


def test_a_pull_may_begin_later(lite: Reinforcer) -> None:
    """What was stored before a given moment is left out, but for the overlap."""
    with served(Upstream()) as lrs:
        lrs.add(*days(5), seconds=[0, 100, 200, 300, 400])
        add_source(lite, lrs.endpoint, since=START + timedelta(seconds=250), overlap_seconds=10)

        assert fates(pull(lite)) == [Fate.RECORDED] * 2


def test_equal_moments_over_the_end_of_a_page(lite: Reinforcer) -> None:
    """Statements that were stored in the same moment as the last one pulled are not taken for pulled."""
    with served(Upstream(page_size=2)) as lrs:
        lrs.add(*days(3), seconds=[1, 2, 2])
        add_source(lite, lrs.endpoint, overlap_seconds=0.001)
        parts = lite.statements.sources.pull("lms", at=NOW)
        next(parts)
        parts.close()  # cut off between two of the same moment
        assert fates(pull(lite)) == [Fate.KNOWN, Fate.RECORDED]


def test_what_appears_late_is_not_missed(lite: Reinforcer) -> None:
    """Where the LRS says that it is complete up to some moment, later pulls ask from there, whatever they have seen."""
    with served(Upstream(consistent=START + timedelta(seconds=10), page_size=2)) as lrs:
        lrs.add(*days(3), seconds=[1, 500, 600])
        add_source(lite, lrs.endpoint, overlap_seconds=1)
        pull(lite)
        lrs.add(passed(day=20), seconds=[11])  # by a transaction that took long
        lrs.consistent = START + timedelta(seconds=1000)
        assert fates(pull(lite)) == [Fate.RECORDED, Fate.KNOWN, Fate.KNOWN]
        pull(lite)

        assert lrs.requests[-1]["since"] == "2026-04-10T09:09:59.000Z"


def test_an_lrs_that_knows_no_order(lite: Reinforcer) -> None:
    """One that gives the newest first is pulled whole; cut off, it begins anew, because nothing was proved."""
    with served(Upstream(ascending=False)) as lrs:
        lrs.add(*days(8))
        add_source(lite, lrs.endpoint)
        parts = lite.statements.sources.pull("lms", at=NOW)
        next(parts)
        next(parts)
        parts.close()
        assert lite.statements.sources.all()[0].position is None
        assert sorted(fates(pull(lite))) == [Fate.KNOWN] * 6 + [Fate.RECORDED] * 2
        assert lite.statements.sources.all()[0].position is not None


def test_statements_on_two_pages(lite: Reinforcer) -> None:
    """An LRS that repeats statements from page to page tells nothing new with them."""
    with served(Upstream(repeats=2)) as lrs:
        lrs.add(*days(8))
        add_source(lite, lrs.endpoint)
        found = fates(pull(lite))

        assert found.count(Fate.RECORDED) == 8
        assert len(bodies(lite)) == 8


@pytest.mark.parametrize("trouble", [429, 503, 500, "cut", "garbage"])
def test_trouble_that_passes(lite: Reinforcer, trouble: Any) -> None:
    """It waits as long as the LRS asks for, or longer each time, and goes on with the same page."""
    with served(Upstream(retry_after="7")) as lrs:
        lrs.add(*days(8))
        lrs.troubles = {1: trouble, 3: trouble, 4: trouble}
        add_source(lite, lrs.endpoint)
        slept: list[float] = []

        assert fates(pull(lite, slept)) == [Fate.RECORDED] * 8
        assert slept == ([7.0] * 3 if trouble in (429, 503) else [0.75, 0.75, 1.5])
        assert [query.get("from") for query in lrs.requests] == [None, None, "3", "3", "3", "6"]


@pytest.mark.parametrize(
    ("settings", "requests", "said"),
    [
        ({"retry_after": "3600", "troubles": {2: 429}}, 2, "429"),
        ({"troubles": dict.fromkeys(range(2, 100), 503)}, 6, "503"),
        ({"troubles": {2: 403}, "page_size": 1}, 6, "403"),
        ({"link": "elsewhere"}, 1, "leads elsewhere: 'http://elsewhere.example/data"),
        ({"link": "circle"}, 2, "in a circle"),
    ],
)
def test_trouble_that_lasts(lite: Reinforcer, settings: Plain, requests: int, said: str) -> None:
    """The pull ends and the source keeps why; what has come is kept, and the next pull goes on behind it."""
    with served(Upstream(**settings)) as lrs:
        lrs.troubles.update(dict.fromkeys(range(3, 100), 403) if settings.get("page_size") == 1 else {})
        lrs.add(*days(8))
        add_source(lite, lrs.endpoint)
        with pytest.raises(DeliveryStopped, match=said):
            pull(lite)
        kept = len(bodies(lite))
        (source,) = lite.statements.sources.all()
        asked = len(lrs.requests)
        lrs.troubles, lrs.link = {}, "path"
        pull(lite)

        assert asked == requests
        assert kept in (1, 3, 6)
        assert said in (source.trouble or "")
        assert len(bodies(lite)) == reviews(lite) == 8
        assert lite.statements.sources.all()[0].trouble is None


def test_a_link_that_was_forgotten(lite: Reinforcer) -> None:
    """An LRS that knows its own link no longer is asked anew from what is proved; without progress that is an error."""
    with served(Upstream(forgets=True, page_size=5)) as lrs:
        lrs.add(*days(12))
        add_source(lite, lrs.endpoint, overlap_seconds=1.5)
        found = fates(pull(lite))
        assert found.count(Fate.RECORDED) == 12
        assert all("from" not in query or query["from"] == "5" for query in lrs.requests)
        lrs.ascending = False
        lrs.add(*(passed(day=day) for day in range(13, 25)))
        with pytest.raises(DeliveryStopped, match="forgotten"):
            pull(lite)


def test_wrong_credentials_are_told_at_once(lite: Reinforcer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is tried again, and no message or row shows the password."""
    with served(Upstream()) as lrs:
        add_source(lite, lrs.endpoint)
        monkeypatch.setenv("LRS_PASSWORD", "wr0ng-one")
        slept: list[float] = []
        with pytest.raises(DeliveryStopped, match="refuses the credentials") as stop:
            pull(lite, slept)

    assert slept == []
    assert "wr0ng" not in str(stop.value)
    assert "wr0ng" not in str(lite.statements.sources.all())


def test_what_was_taken_back_there_is_taken_back_here(school: Reinforcer) -> None:
    """A voiding statement comes like any other; also when what it takes back has never come."""
    first, second = days(2)
    with served(Upstream()) as lrs:
        lrs.add(first, second, voiding(passed()["id"]))
        add_source(school, lrs.endpoint)
        pull(school)
        assert reviews(school) == 2
        lrs.add(voiding(first["id"]))
        pull(school)

    assert reviews(school) == 1


def test_one_bad_statement_does_not_hold_up_the_others(lite: Reinforcer) -> None:
    """What breaks a rule or contradicts the log is told with its reason, and left where it is."""
    good = days(3)
    changed = {**passed(day=20), "id": good[0]["id"]}
    with served(Upstream()) as lrs:
        lrs.add(good[0], {**passed(), "verb": {"id": "passed"}}, good[1], {**passed(), "id": None}, changed, good[2])
        add_source(lite, lrs.endpoint)
        parts = pull(lite)

    assert fates(parts) == [Fate.RECORDED] * 3
    reasons = [one.reason for part in parts for one in part.bad]
    assert ["$.verb.id" in reasons[0], "$.id" in reasons[1], "differs in" in reasons[2]] == [True] * 3


def test_what_we_fed_it_comes_back_in_vain(school: Reinforcer) -> None:
    """From an LRS that we feed, our own statements come back, as it has changed them, and nothing counts twice."""
    ours = passed(day=7)
    with school._store.write(0) as session:
        (one,) = incoming(ours)
        sent = NewStatement(one.id, one.received, one.version)
        StatementLog(session.driver, session.tenant_id).append([sent], lambda: 1)
    with served(Upstream()) as lrs:
        lrs.add({**ours, "actor": {"mbox": "mailto:opaque@example.com"}}, passed(day=8))
        add_source(school, lrs.endpoint)
        assert fates(pull(school)) == [Fate.OURS, Fate.RECORDED]

    assert reviews(school) == 1


def test_each_tenant_pulls_for_itself(database_url: str) -> None:
    """Sources of one tenant are not seen by another, and two may have the same name."""
    with opened(database_url, "a") as a, opened(database_url, "b") as b, served(Upstream()) as lrs:
        settle(a, CMI5_MAPPING)
        settle(b, CMI5_MAPPING)
        lrs.add(*days(4))
        add_source(a, lrs.endpoint)
        with pytest.raises(NotFound, match="there are: none"):
            pull(b)
        add_source(b, lrs.endpoint)
        pull(b)

        assert (reviews(a), reviews(b)) == (0, 4)
        assert a.statements.sources.all()[0].position is None


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        (
            {"endpoint": "https://lrs.example", "auth": "basic", "username": "u", "password": "plain"},
            InvalidSettings,
            "secret",
        ),
        ({"endpoint": "lrs.example"}, InvalidSettings, "endpoint must be a URL"),
        ({"endpont": "https://lrs.example"}, InvalidSettings, "endpont"),
    ],
)
def test_a_source_that_makes_no_sense(lite: Reinforcer, settings: Plain, error: type[Exception], said: str) -> None:
    """It is refused when it is set up, and nothing is kept."""
    with pytest.raises(error, match=said):
        lite.statements.sources.add("lms", "lrs", settings)
    assert lite.statements.sources.all() == []


def test_sources_have_names_of_their_own(lite: Reinforcer, tmp_path: Path) -> None:
    """A name is taken once; an adapter that only writes is none to pull from; what is removed is gone."""
    add_source(lite, "https://lrs.example/xapi")
    with pytest.raises(InvalidValue, match="already"):
        add_source(lite, "https://lrs.example/xapi")
    with pytest.raises(InvalidSettings, match="only writes"):
        lite.statements.sources.add("file", "jsonl", {"path": str(tmp_path / "x")})
    lite.statements.sources.remove("lms")
    with pytest.raises(NotFound):
        lite.statements.sources.remove("lms")


def test_pulling_from_our_own_lrs(school: Reinforcer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `reinforce serve` was sent comes into another database with its bytes, its voids and its practice."""
    world = World(f"sqlite:///{tmp_path / 'upstream.db'}")
    caller = world.caller(tenant="default")
    port = free_port()
    process = started(world.url, port, tmp_path)
    statements = [*days(9), passed(day=11, id=None)]
    try:
        with httpx2.Client(auth=(caller.key, caller.password), headers={"X-Experience-API-Version": "2.0.0"}) as client:
            address = f"http://127.0.0.1:{port}/xapi"
            assert client.post(f"{address}/statements", json=statements).status_code == 200
            settings = {
                "endpoint": address,
                "auth": "basic",
                "username": caller.key,
                "password": {"env": "LRS_PASSWORD"},
                "batch_size": 4,
            }
            monkeypatch.setenv("LRS_PASSWORD", caller.password)
            school.statements.sources.add("lms", "lrs", settings, overlap_seconds=0.001)
            first = fates(pull(school))
            client.post(f"{address}/statements", json=[voiding(statements[0]["id"]), passed(day=12)])
            second = fates(pull(school))
    finally:
        process.kill()
        process.wait()
        world.close()

    assert first == [Fate.RECORDED] * 10
    assert (second.count(Fate.VOIDING), second.count(Fate.RECORDED)) == (1, 1)
    assert reviews(school) == 10


KILLED = """
import sys
from reinforce import Reinforcer
from intake.school import NOW
with Reinforcer(sys.argv[1]) as school:
    print("ready", flush=True)
    for part in school.statements.sources.pull("lms", at=NOW):
        print(len(part.readings), flush=True)
"""


def test_a_pull_that_is_killed(database_url: str, tmp_path: Path) -> None:
    """Killed again and again in the midst of pages, it ends with what one that nobody disturbed gives."""
    statements = [passed(day=1 + number % 28, verb=("passed", "failed")[number % 3 == 0]) for number in range(240)]
    with (
        served(Upstream(page_size=6)) as lrs,
        opened(database_url) as school,
        opened(f"sqlite:///{tmp_path / 'undisturbed.db'}") as undisturbed,
    ):
        lrs.add(*statements)
        for one in (school, undisturbed):
            settle(one, CMI5_MAPPING)
            add_source(one, lrs.endpoint, overlap_seconds=1)
        expected = fates(pull(undisturbed)).count(Fate.RECORDED)
        for kill in range(6):
            with subprocess.Popen(
                [sys.executable, "-c", KILLED, database_url],
                cwd=TESTS,
                env=os.environ | {"PYTHONPATH": os.pathsep.join([*sys.path, str(TESTS)])},
                stdout=subprocess.PIPE,
                text=True,
            ) as process:
                assert process.stdout is not None
                for _ in range(2 + kill):
                    process.stdout.readline()
                time.sleep(kill * 0.003)
                process.send_signal(signal.SIGKILL)
        before = len(bodies(school))
        assert 0 < before < 240
        rest = pull(school)

        assert expected == len(bodies(school)) == 240
        assert school.statements.sources.all()[0].position == undisturbed.statements.sources.all()[0].position
        assert fates(rest).count(Fate.RECORDED) == 240 - before
        with school._store.database.read() as mine, undisturbed._store.database.read() as theirs:
            for name in ("review", "memory", "practice_event"):
                assert log_and_memory(mine, "default")[name] == log_and_memory(theirs, "default")[name]
