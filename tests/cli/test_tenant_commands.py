"""`tenant`: who there is, and taking one out. What a removal leaves alone is in the tests of the library."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import Run

Golden = Callable[[str, Any], None]


@pytest.fixture
def two(team: Path, run: Run) -> Path:
    """A folder with two tenants, default and north."""
    for file in (("people.toml",), ("events.csv", "--mapping", "lms")):
        assert run("import", *file, "--tenant", "north").exit_code == 0
    return team


def keys(run: Run) -> list[str]:
    """The tenants that there are."""
    return [one["key"] for one in run("tenant", "list", "--json").document["tenants"]]


def test_list(two: Path, run: Run) -> None:
    """Each tenant is listed with how much is kept for it, whichever the settings name."""
    heading, *rows = run("tenant", "list", "--tenant", "north").stdout.splitlines()
    default, north = run("tenant", "list", "--json").document["tenants"]

    assert heading.split("\t") == ["tenant", "began", "learners", "events", "statements"]
    assert [row.split("\t")[0] for row in rows] == ["default", "north"]
    assert {name: north[name] for name in ("key", "learners", "events", "statements")} == {
        "key": "north",
        "learners": 2,
        "events": 5,
        "statements": 0,
    }
    assert list(default) == ["key", "began_at", "learners", "events", "statements"]


def test_nobody_yet(folder: Path, run: Run, terminal: Run) -> None:
    """Before anything was imported there is nobody, and people are told how that changes."""
    run("init")

    assert run("tenant", "list", "--json").document == {"tenants": []}
    assert "they come with what is imported" in terminal("tenant", "list").stdout


def test_remove(two: Path, run: Run) -> None:
    """A tenant goes with all that is its, which is said in words; the other stays."""
    answer = run("tenant", "remove", "north", "--yes")

    assert (answer.exit_code, answer.stderr) == (0, "")
    assert answer.stdout == "removed north: 2 learners, 3 skills, 3 refreshers, 5 events and 14 other rows\n"
    assert keys(run) == ["default"]
    assert run("due", "anna", "--tenant", "north").exit_code == 2
    assert run("replay", "--check").exit_code == 0


def test_removed_as_json(two: Path, run: Run, golden: Golden) -> None:
    """Programs are told of every table how many rows went."""
    golden("tenant_remove", run("tenant", "remove", "north", "--yes", "--json").document)


def test_nobody_to_ask(two: Path, run: Run) -> None:
    """In a pipe nobody can be asked, so nothing is removed without --yes."""
    answer = run("tenant", "remove", "north")

    assert (answer.exit_code, answer.stdout) == (2, "")
    assert "pass --yes" in answer.stderr
    assert keys(run) == ["default", "north"]


@pytest.mark.parametrize(("said", "exit_code", "left"), [("n\n", 130, ["default", "north"]), ("y\n", 0, ["default"])])
def test_asked(two: Path, run: Run, terminal: Run, said: str, exit_code: int, left: list[str]) -> None:
    """A person is asked, with what would go, and gets what they answer."""
    answer = terminal("tenant", "remove", "north", given=said)

    assert "Remove north, with 2 learners, 5 events and 0 statements, for good?" in answer.stdout
    assert (answer.exit_code, keys(run)) == (exit_code, left)


@pytest.mark.parametrize("flags", [("--yes",), ()])
def test_unknown(two: Path, run: Run, terminal: Run, flags: tuple[str, ...]) -> None:
    """A tenant that is not there is an error that names those that are, before anything is asked."""
    answer = terminal("tenant", "remove", "nroth", *flags)

    assert answer.exit_code == 2
    assert "there is no tenant 'nroth'; there are: default, north" in answer.stdout
    assert keys(run) == ["default", "north"]


def test_named_twice(two: Path, run: Run) -> None:
    """Two names for the one to remove are one too many."""
    answer = run("tenant", "remove", "north", "--tenant", "default", "--yes")

    assert answer.exit_code == 2
    assert "the tenant to remove is named once" in answer.stderr
    assert keys(run) == ["default", "north"]


def test_what_feeds_have_sent(two: Path, run: Run) -> None:
    """Statements that a feed has handed on stay where they are, and it is said where that is."""
    (two / "launched.jsonl").write_text(
        '{"actor": {"mbox": "mailto:anna@example.com"}, "verb": {"id": "http://adlnet.gov/expapi/verbs/launched"}, '
        '"object": {"id": "https://lms.example/units/pricing"}}\n'
    )
    for command in (
        ("feed", "add", "archive", "jsonl", "--set", "path=sent.jsonl", "--whose", "received", "--from-beginning"),
        ("statements", "import", "launched.jsonl"),
        ("feed", "deliver"),
    ):
        answer = run(*command, "--tenant", "north")
        assert answer.exit_code == 0, answer.stderr

    said = run("tenant", "remove", "north", "--yes").stdout.splitlines()

    assert said[1] == "feed archive has handed on 1 statement, which stays where it went"
