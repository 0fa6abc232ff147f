"""`due`, `why`, `forecast` and `plan`, against a real database."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import AT, Run

Golden = Callable[[str, Any], None]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("due", ("due", "anna", "--at", AT)),
        ("due_within", ("due", "anna", "--at", AT, "--within", "14")),
        ("why", ("why", "anna", "pricing", "--at", AT, "--last", "1")),
        ("why_unknown", ("why", "ben", "security", "--at", AT)),
        ("forecast", ("forecast", "ben", "--on", "2026-04-15")),
        ("forecast_past", ("forecast", "anna", "--on", "2026-03-04")),
        ("forecast_team", ("forecast", "--team", "north", "--on", "2026-04-15")),
        ("plan", ("plan", "anna", "--on", "2026-03-16", "--at", AT)),
        ("plan_team", ("plan", "--team", "north", "--on", "2026-03-16", "--at", AT)),
    ],
)
def test_json(team: Path, run: Run, golden: Golden, name: str, arguments: tuple[str, ...]) -> None:
    """The JSON of each question has the keys that are documented, and nothing else is on standard output."""
    answer = run(*arguments, "--json")

    assert answer.exit_code == 0
    document = answer.document
    for event in document.get("why", {}).get("reviews", []):
        event["event_id"] = "(made when recorded)"
    golden(name, document)


def test_postgresql(team: Path, run: Run, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On PostgreSQL, named by the environment and in a schema, every question has the same answer."""
    questions = (
        ("due", "anna", "--at", AT, "--within", "30", "--json"),
        ("forecast", "--team", "north", "--on", "2026-04-15", "--json"),
        ("plan", "--team", "north", "--on", "2026-03-16", "--at", AT, "--json"),
        ("nightly", "--as-of", "2026-03-16", "--json"),
        ("replay", "--check", "--json"),
    )
    on_sqlite = [run(*question).document for question in questions]
    monkeypatch.setenv("REINFORCE_DATABASE", postgres_url)
    monkeypatch.setenv("REINFORCE_SCHEMA", "training")
    assert run("db", "upgrade").exit_code == 0
    assert run("import", "people.toml").exit_code == 0
    assert run("import", "events.csv", "--mapping", "lms").exit_code == 0

    assert [run(*question).document for question in questions] == on_sqlite


def test_a_forecast_of_the_past_is_explained(team: Path, terminal: Run) -> None:
    """People see what was practised after the day as unknown, and read why."""
    said = terminal("forecast", "anna", "--on", "2026-03-01").stdout

    assert "anna: nothing is known, 3 practised after that day" in said
    assert "100 %" not in said
    assert "what was left before the last practice cannot be told" in said


def test_plan_says_its_day(team: Path, run: Run) -> None:
    """Without --on, the JSON of a plan says which day it is for; where people's days differ, each plan does."""
    (team / "far.toml").write_text(
        '[[learners]]\nkey = "kai"\ntime_zone = "Pacific/Auckland"\nroles = ["seller"]\nteams = ["north"]\n'
    )
    late = "2026-03-16T18:00:00Z"

    alone = run("plan", "anna", "--at", late, "--json").document
    together = run("plan", "--team", "north", "--at", late, "--json").document
    assert run("import", "far.toml").exit_code == 0
    apart = run("plan", "--team", "north", "--at", late, "--json").document

    assert alone["on"] == together["on"] == "2026-03-16"
    assert apart["on"] is None
    assert {one["learner"]: one["day"] for one in apart["plans"]}["kai"] == "2026-03-17"


def test_left_over_on_a_terminal(team: Path, run: Run, terminal: Run) -> None:
    """What a plan leaves out is told with each reason said once."""
    (team / "new.toml").write_text(
        '[[skills]]\nkey = "negotiation"\n[[skills]]\nkey = "closing"\n'
        '[[roles]]\nkey = "seller"\nskills.negotiation = {}\nskills.closing = {}\n'
    )
    assert run("import", "new.toml").exit_code == 0

    said = " ".join(terminal("plan", "ben", "--on", "2026-03-16", "--at", AT).stdout.split())

    assert "closing, negotiation (no refresher" in said


def test_much_left_over_on_a_terminal(team: Path, run: Run, terminal: Run) -> None:
    """However much a plan leaves out, a person is told some of it and how much more there is."""
    keys = [f"new-{number}" for number in range(13)]
    skills = "".join(f'[[skills]]\nkey = "{key}"\n' for key in keys)
    needs = "".join(f"skills.{key} = {{}}\n" for key in keys)
    (team / "new.toml").write_text(f'{skills}[[roles]]\nkey = "seller"\n{needs}')
    assert run("import", "new.toml").exit_code == 0

    said = terminal("plan", "ben", "--on", "2026-03-16", "--at", AT).stdout

    assert "and 3 more (no refresher" in " ".join(re.sub(r"\x1b\[[0-9;]*m", "", said).split())


def test_due_in_a_pipe(team: Path, run: Run) -> None:
    """In a pipe what is due comes as tab-separated lines under a line of names, least remembered first."""
    lines = [line.split("\t") for line in run("due", "anna", "--at", AT, "--within", "7").stdout.splitlines()]

    assert lines[0] == ["skill", "title", "retrievability", "due", "overdue_days"]
    assert [line[0] for line in lines[1:]] == ["discovery", "security", "pricing"]
    assert [line[1] for line in lines[1:]] == ["Discovery questions", "Security basics", "Price objections"]


def test_long_keys_stay_whole(team: Path, run: Run) -> None:
    """However long a key is, a pipe gets all of it on one line."""
    key = "k" * 200
    (team / "skills.csv").write_text(f"key\n{key}\n")
    (team / "more.jsonl").write_text(
        f'{{"learner": "anna", "occurred_at": "2026-03-01T08:00:00Z", "outcomes": '
        f'[{{"skill": "{key}", "outcome": {{"kind": "success"}}}}]}}\n'
    )
    assert run("import", "skills.csv").exit_code == 0
    assert run("import", "more.jsonl").exit_code == 0

    assert f"{key}\t" in run("due", "anna", "--at", AT).stdout


def test_why_in_a_pipe(team: Path, run: Run) -> None:
    """In a pipe `why` gives names and values, and draws only if it is asked to."""
    plain = run("why", "anna", "pricing", "--at", AT).stdout
    drawn = run("why", "anna", "pricing", "--at", AT, "--curve").stdout

    assert "due\t2026-" in plain
    assert "┤" not in plain
    assert "┤" in drawn
    assert "last practised 2026-03-05" in drawn


def test_why_of_what_was_never_practised(team: Path, run: Run) -> None:
    """What was never practised is unknown, and not forgotten."""
    assert "unknown: never practised" in run("why", "ben", "security", "--at", AT).stdout


def test_plan_says_why(team: Path, run: Run) -> None:
    """Each line of a plan in a pipe names the refresher and ends in its reason."""
    lines = [line.split("\t") for line in run("plan", "anna", "--on", "2026-03-16", "--at", AT).stdout.splitlines()]

    assert lines[0] == ["learner", "day", "refresher", "title", "minutes", "skills", "reason"]
    assert "call-review" in [line[2] for line in lines[1:]]
    assert all(line[-1].endswith(".") for line in lines[1:])


def test_clock_of_the_caller(team: Path, run: Run) -> None:
    """The same moment in another time zone is the same question."""
    there = run("due", "anna", "--at", AT, "--json").document["due"]
    utc = run("due", "anna", "--at", "2026-03-16T08:00:00Z", "--json").document["due"]

    assert there == utc


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("due", "anna", "--at", "2026-03-16T09:00"), "names no time zone: write 2026-03-31T09:00:00+02:00"),
        (("due", "anna", "--at", "yesterday"), "is no moment"),
        (("forecast", "anna", "--on", "16.3.2026"), "is no date"),
        (("plan", "anna", "--on", "9999-12-31"), "must lie in the years 1900 to 9000"),
        (("forecast",), "name either a learner or, with --team, a team"),
        (("plan", "anna", "--team", "north"), "name either a learner or, with --team, a team"),
        (("due", "carl"), "there is no learner 'carl'"),
        (("why", "anna", "cooking"), "there is no skill 'cooking'"),
        (("forecast", "--team", "south"), "there is no team 'south'"),
    ],
)
def test_bad_questions(team: Path, run: Run, arguments: tuple[str, ...], complaint: str) -> None:
    """What makes no sense ends with 2 and one line on standard error that says what would."""
    answer = run(*arguments)

    assert answer.exit_code == 2
    assert complaint in answer.stderr
    assert answer.stdout == ""
    assert "Traceback" not in answer.stderr
