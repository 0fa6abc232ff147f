"""`statements source` and `statements pull`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import Run
from intake.school import passed
from intake.upstream_lrs import Upstream, served

MAPPING = 'ready = "cmi5"\n[skills]\n"https://content.acme.example/au/pricing/*" = "pricing"\n'


@pytest.fixture
def lrs(team: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Iterator[Upstream]:
    """An LRS that the team's statements are pulled from, as `school`."""
    monkeypatch.setenv("SCHOOL_PASSWORD", "s3crets")
    (team / "lms.toml").write_text(MAPPING)
    run("statements", "map", "lms.toml")
    with served(Upstream()) as made:
        flags = ["--set", f"endpoint={made.endpoint}", "--set", "auth=basic", "--set", "username=reinforce"]
        answer = run("statements", "source", "add", "school", "lrs", *flags, "--secret", "password=SCHOOL_PASSWORD")
        assert answer.exit_code == 0, answer.stderr
        yield made


def test_nothing_there_yet(team: Path, terminal: Run) -> None:
    """On a terminal an empty list says so, and what would fill it."""
    assert "reinforce statements source add --help" in terminal("statements", "source", "list").stdout
    assert "reinforce statements map --help" in terminal("statements", "mappings").stdout
    assert "reinforce lrs key add --help" in terminal("lrs", "key", "list").stdout
    assert "nothing that was not understood" in terminal("statements", "unmatched").stdout


def test_a_pull_says_what_has_come(lrs: Upstream, run: Run) -> None:
    """Recorded and there already are told apart, and the source says how far it has come."""
    lrs.add(*(passed("anna", day=day) for day in range(1, 6)), passed("anna", verb="launched"))
    first = run("statements", "pull")
    again = run("statements", "pull", "school", "--json")
    listed = run("statements", "source", "list", "--json").document["sources"]

    assert first.stdout == "6 statements: 5 recorded, 1 that no rule fits\n"
    assert "reinforce statements unmatched" in first.stderr
    assert again.exit_code == 0
    assert again.document["sources"][0]["counts"]["known"] == 5
    assert listed[0]["position"] == again.document["sources"][0]["position"] == "2026-04-10T09:00:05Z"
    assert listed[0]["variables"] == ["SCHOOL_PASSWORD"]
    assert "s3crets" not in json.dumps(listed)


def test_what_stops_a_pull_is_told(lrs: Upstream, run: Run) -> None:
    """The exit code asks for attention, what has come is told and kept, and the list shows the trouble."""
    lrs.add(*(passed("anna", day=day) for day in range(1, 6)))
    lrs.retry_after = "9999"
    lrs.troubles = {2: 429}
    answer = run("statements", "pull")
    listed = run("statements", "source", "list")

    assert answer.exit_code == 1
    assert answer.stdout == "3 statements: 3 recorded\n"
    assert "school: stopped: the LRS answered 429" in answer.stderr
    assert "429" in listed.stdout


def test_what_cannot_be_kept_is_written_down(lrs: Upstream, run: Run, team: Path) -> None:
    """Each bad statement with its reason; the others are taken."""
    lrs.add(passed("anna"), {**passed("anna"), "verb": {"id": "passed"}})
    answer = run("statements", "pull", "--rejects", "bad.jsonl")
    (bad,) = [json.loads(line) for line in (team / "bad.jsonl").read_text().splitlines()]

    assert answer.exit_code == 1
    assert answer.stdout.splitlines()[0] == "1 statement: 1 recorded"
    assert "$.verb.id" in bad["reason"]
    assert '"passed"' in bad["raw"]


def test_sources_come_and_go(lrs: Upstream, run: Run) -> None:
    """A name is taken once, an unknown one is an error that lists those there are, and no secret is taken as it is."""
    again = run("statements", "source", "add", "school", "lrs", "--set", "endpoint=https://lrs.example")
    told = run("statements", "source", "add", "x", "lrs", "--set", "endpoint=https://u.example", "--set", "token=abc")
    unknown = run("statements", "pull", "college")
    removed = run("statements", "source", "remove", "school")

    assert (again.exit_code, told.exit_code, unknown.exit_code, removed.exit_code) == (2, 2, 2, 0)
    assert "already" in again.stderr
    assert "holds a secret" in told.stderr
    assert "there are: school" in unknown.stderr
    assert "there are no sources yet" in run("statements", "pull").stderr


def test_the_doctor_sees_what_is_not_pulled(lrs: Upstream, run: Run) -> None:
    """A source whose pull was stopped, or that nobody pulls any more, is something to do; one that is pulled is not."""
    lrs.troubles = {1: 403}
    run("statements", "pull")
    stopped = _finding(run)
    run("statements", "pull")
    well = _finding(run)
    forgotten = _finding(run, "--at", "2099-01-01T00:00:00Z")

    assert (stopped["is_ok"], stopped["keys"], "403" in stopped["says"]) == (False, ["school"], True)
    assert (well["is_ok"], well["says"]) == (True, "1 source, and nothing in the way")
    assert (forgotten["is_ok"], "is it still pulled?" in forgotten["says"]) == (False, True)


def _finding(run: Run, *flags: str) -> dict[str, Any]:
    findings = run("doctor", *flags, "--json").document["findings"]
    (found,) = [one for one in findings if one["check"] == "sources"]
    return dict(found)
