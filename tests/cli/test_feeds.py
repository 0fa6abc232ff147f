"""`feed`: what people see of feeds, and how scripts find out that something is wrong."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.faulty_lrs import Fault, FaultyLrs, running
from cli.conftest import Run
from reinforce import Outcome, PracticeEvent, Reinforcer
from reinforce.cli.command import now
from reinforce.cli.feeds import age
from reinforce.statements.settings import XapiSettings

EVENTS = 5


@pytest.fixture
def lrs() -> Iterator[FaultyLrs]:
    """An LRS."""
    with running(FaultyLrs()) as served:
        yield served


@pytest.fixture
def told(team: Path, run: Run, lrs: FaultyLrs, monkeypatch: pytest.MonkeyPatch) -> FaultyLrs:
    """The team with a feed to the LRS, and practice that has been told since."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    assert run("feed", "add", "lms", "lrs", "--set", f"endpoint={lrs.endpoint}").exit_code == 0
    with Reinforcer("sqlite:///reinforce.db", xapi=XapiSettings("https://x.example/")) as reinforcer:
        for number in range(EVENTS):
            event = PracticeEvent("anna", now(), {"pricing": Outcome.success(True)}, external_id=f"new-{number}")
            reinforcer.record(event)
    return lrs


def test_a_feed_delivers(run: Run, told: FaultyLrs) -> None:
    """What has been told since the feed was set up is listed as waiting, leaves, and is then listed as delivered."""
    before = run("feed", "list", "--json").document["feeds"][0]
    delivered = run("feed", "deliver", "--json")
    after = run("feed", "list", "--json").document["feeds"][0]

    count = len(told.stored)
    assert count >= EVENTS
    assert (before["behind"], before["delivered"], before["state"]) == (count, 0, "running")
    assert before["oldest"] is not None
    assert delivered.exit_code == 0
    assert delivered.document["is_ok"] is True
    assert delivered.document["runs"][0]["delivered"] == count
    assert (after["behind"], after["oldest"], after["delivered"]) == (0, None, count)


def test_a_feed_of_what_is_not_told(team: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who sets up a feed of our statements where none are told learns of it at once, and how to mend it."""
    settings = ("jsonl", "--set", "path=out.jsonl")

    untold = run("feed", "add", "ours", *settings)
    received = run("feed", "add", "received", *settings, "--whose", "received")
    monkeypatch.setenv("REINFORCE_XAPI_BASE", "https://learning.example.com/xapi/")
    told = run("feed", "add", "told", *settings)

    assert untold.stderr == "nothing of ours is told yet, so none of it leaves: see [xapi] in reinforce.toml\n"
    assert (untold.exit_code, received.exit_code, told.exit_code) == (0, 0, 0)
    assert received.stderr == told.stderr == ""


def test_a_name_that_is_taken(run: Run, told: FaultyLrs) -> None:
    """Who sets a feed up again under its name is told the flag that changes it."""
    refused = run("feed", "add", "lms", "lrs", "--set", f"endpoint={told.endpoint}/other")

    assert refused.exit_code == 2
    assert "there is a feed 'lms' already" in refused.stderr
    assert "--replace" in refused.stderr


def test_a_stalled_feed_shows_everywhere(run: Run, told: FaultyLrs) -> None:
    """While an LRS is away, `deliver` ends with 1 again and again, and `list`, `show` and `doctor` say why."""
    told.plan = lambda _: Fault(status=410, body=b"moved away")
    first, second = run("feed", "deliver"), run("feed", "deliver")

    assert (first.exit_code, second.exit_code) == (1, 1)
    assert "stalled: the LRS answered 410" in first.stdout
    assert "waiting: the LRS answered 410" in second.stdout
    assert "reinforce feed retry lms" in second.stdout
    assert "410" in run("feed", "list").stdout
    assert "410" in run("feed", "show", "lms").stdout
    doctor = run("doctor", "--json")
    found = {one["check"]: one for one in doctor.document["findings"]}["feeds"]
    assert doctor.exit_code == 1
    assert (found["is_ok"], found["keys"]) == (False, ["lms"])
    assert "reinforce feed retry lms" in found["says"]
    told.plan = None
    assert run("feed", "retry", "lms").exit_code == 0
    assert run("feed", "deliver").exit_code == 0
    assert "410" not in run("feed", "list").stdout
    assert {one["check"]: one for one in run("doctor", "--json").document["findings"]}["feeds"]["is_ok"]


def test_dead_letters_show_everywhere(run: Run, told: FaultyLrs) -> None:
    """Statements that an LRS refuses are counted, listed with reasons, found by `doctor`, and can be forgotten."""
    told.plan = lambda request: Fault(status=400, body=b"not like that") if request.method == "POST" else None
    delivered = run("feed", "deliver", "--json")
    shown = run("feed", "show", "lms", "--json").document

    count = shown["feed"]["dead_letters"]
    assert delivered.exit_code == 1
    assert delivered.document["runs"][0]["rejected"] == count >= EVENTS
    assert len(shown["letters"]) == count
    assert "not like that" in shown["letters"][0]["reason"]
    assert "not like that" in run("feed", "show", "lms").stdout
    findings = {one["check"]: one for one in run("doctor", "--json").document["findings"]}
    assert f"lms has {count} dead letters" in findings["feeds"]["says"]
    assert run("feed", "retry", "lms").exit_code == 1
    assert run("feed", "retry", "lms", "--forget").stdout == f"feed lms: {count} dead letters forgotten\n"
    assert run("feed", "deliver").exit_code == 0


def test_what_nobody_delivers_is_found(run: Run, told: FaultyLrs) -> None:
    """Two days later `doctor` asks whether the feed is still delivered; a paused one is left alone."""
    later = ("--at", f"{now().year + 1}-06-01T00:00:00Z", "--json")
    findings = {one["check"]: one for one in run("doctor", *later).document["findings"]}
    assert "is it still delivered?" in findings["feeds"]["says"]
    assert run("feed", "pause", "lms").exit_code == 0
    findings = {one["check"]: one for one in run("doctor", *later).document["findings"]}
    assert findings["feeds"]["is_ok"]


def test_a_feed_is_tested(run: Run, told: FaultyLrs) -> None:
    """`feed test` sends nothing, says what would leave, and ends with 1 if the LRS would not take it."""
    fine = run("feed", "test", "lms", "--json")
    assert fine.exit_code == 0
    assert [step["name"] for step in fine.document["steps"]] == ["settings", "about", "read", "write", "batch"]
    assert told.stored == {}
    told.authorization = "Basic somebody-else"
    assert run("feed", "test", "lms").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("add", "x", "pigeon"), "there is no adapter 'pigeon'; installed are: jsonl, lrs"),
        (("add", "x", "jsonl"), "path of a file"),
        (("add", "x", "jsonl", "--set", "path"), "--set path: write --set SETTING=VALUE"),
        (("add", "x", "jsonl", "--set", "path=a", "--secret", "path=B"), "it was set before"),
        (("add", "x", "jsonl", "--set", "path=a", "--home-page", "urn:x"), "add --actors"),
        (("add", "x", "jsonl", "--set", "path=a", "--actors", "nickname"), "nickname"),
        (("add", "x", "jsonl", "--set", "path=a", "--actors", "account"), "home_page"),
        (("add", "x", "jsonl", "--set", "path=a", "--kind", "flown"), "flown"),
        (("add", "x", "jsonl", "--set", "path=a", "--team", "south"), "south"),
        (("add", "x", "jsonl", "--set", "path=a", "--since", "yesterday"), "--since 'yesterday'"),
        (("add", "x", "jsonl", "--set", "path=a", "--since", "2026-03-01T00:00"), "--since"),
        (("add", "x", "jsonl", "--set", "path=a", "--replace", "--from-beginning"), "feed backfill"),
        (("add", "x", "lrs", "--set", "endpoint=https://l.example", "--set", "password=geheim"), "holds a secret"),
        (("deliver", "x"), "there is no feed 'x'; there are: none"),
        (("show", "x"), "there is no feed 'x'"),
        (("deliver", "--every", "1", "--json"), "--every"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_makes_no_sense_is_refused(run: Run, team: Path, arguments: tuple[str, ...], says: str) -> None:
    """What cannot be meant ends with 2, says what would be right, and sets up nothing."""
    answer = run("feed", *arguments)

    assert answer.exit_code == 2
    assert says in answer.stderr
    assert "geheim" not in answer.stderr
    assert run("feed", "list", "--json").document == {"feeds": []}


def test_removing_asks(run: Run, terminal: Run, told: FaultyLrs) -> None:
    """A feed is forgotten after a yes; in a pipe, where nobody can be asked, it needs --yes."""
    assert "pass --yes" in run("feed", "remove", "lms").stderr
    assert terminal("feed", "remove", "lms", given="n\n").exit_code == 130
    assert len(run("feed", "list", "--json").document["feeds"]) == 1
    assert terminal("feed", "remove", "lms", given="y\n").exit_code == 0
    assert run("feed", "list", "--json").document == {"feeds": []}


def test_every_tenant_is_delivered(run: Run, team: Path) -> None:
    """Without a tenant all tenants' feeds are delivered, with one only its own."""
    for tenant in ("default", "other"):
        added = run("feed", "add", "file", "jsonl", "--set", f"path={tenant}.jsonl", "--tenant", tenant)
        assert added.exit_code == 0

    everybody = run("feed", "deliver", "--json").document["runs"]
    one = run("feed", "deliver", "--json", "--tenant", "other").document["runs"]
    assert [each["tenant"] for each in everybody] == ["default", "other"]
    assert [each["tenant"] for each in one] == ["other"]


def test_secrets_are_shown_by_the_names_of_their_variables(run: Run, team: Path) -> None:
    """What is set by a variable is shown as such, and a variable that is not set here is told."""
    settings = ("--set", "endpoint=https://lrs.example/xapi", "--set", "auth=bearer")
    added = run("feed", "add", "lms", "lrs", *settings, "--secret", "token=NOT_SET_ANYWHERE")

    assert "NOT_SET_ANYWHERE is not set here" in added.stderr
    assert "token = (from the environment variable NOT_SET_ANYWHERE)" in run("feed", "show", "lms").stdout
    assert json.loads(run("feed", "show", "lms", "--json").stdout)["feed"]["settings"]["token"] == {
        "env": "NOT_SET_ANYWHERE"
    }


def test_a_terminal_sees_a_table(terminal: Run, run: Run, told: FaultyLrs) -> None:
    """On a terminal the list fits into 80 columns and leaves out what goes without saying."""
    run("feed", "deliver")
    shown = re.sub(r"\x1b\[[0-9;]*m", "", terminal("feed", "list").stdout)

    assert shown.split()[:8] == ["feed", "to", "state", "behind", "delivered", "last", "lms", "lrs"]
    assert max(map(len, shown.splitlines())) <= 80


def test_ages_are_one_short_word() -> None:
    """How long ago something was is told in the unit that says enough."""
    at = now()
    ages = [age(at.fromtimestamp(at.timestamp() - seconds, at.tzinfo), at) for seconds in (5, 119, 120, 7200, 172_800)]
    assert ages == ["5 s", "119 s", "2 min", "2 h", "2 days"]
    assert age(None, at) is None


@pytest.mark.parametrize("flag", ["--whose", "--kind", "--actors"])
def test_words_that_are_none(run: Run, flag: str) -> None:
    """A value that a flag does not know is refused by the flag's name, with the values that it knows."""
    run("init")
    answer = run("feed", "add", "archive", "jsonl", "--set", "path=out.jsonl", flag, "nope")

    assert answer.exit_code == 2
    assert answer.stderr.startswith(f"reinforce: {flag} nope: it must be one of ")
