"""What is said to people, and what to programs."""

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from attrs import frozen

from cli.conftest import AT, EVENTS, Run
from reinforce.cli.output import plain, printable
from reinforce.model.people import Learner
from reinforce.model.practice import Rating

ANSI = re.compile(r"\x1b[\[\]()]")
QUESTIONS = [
    ("due", "anna", "--at", AT),
    ("why", "anna", "pricing", "--at", AT, "--curve"),
    ("plan", "--team", "north", "--on", "2026-03-16"),
    ("nightly", "--as-of", "2026-03-16"),
    ("doctor", "--at", AT),
    ("import", "events.csv", "--mapping", "lms"),
    ("--help",),
]


@pytest.mark.parametrize("arguments", QUESTIONS, ids=" ".join)
def test_pipe(team: Path, pipe: Run, arguments: tuple[str, ...]) -> None:
    """In a pipe there are no colours, no moving cursor and no progress bar."""
    answer = pipe(*arguments)

    assert not ANSI.search(answer.stdout + answer.stderr)
    assert "\r" not in answer.stdout + answer.stderr
    assert "━" not in answer.stdout + answer.stderr
    assert answer.stdout


@pytest.mark.parametrize("arguments", QUESTIONS[:-1], ids=" ".join)
def test_json(team: Path, run: Run, arguments: tuple[str, ...]) -> None:
    """With --json there is one JSON document on standard output and nothing beside it, whatever the command."""
    answer = run(*arguments, "--json")

    assert isinstance(json.loads(answer.stdout), dict)
    assert answer.stderr == ""


@pytest.mark.parametrize("arguments", QUESTIONS, ids=" ".join)
def test_terminal(team: Path, terminal: Run, arguments: tuple[str, ...]) -> None:
    """On a terminal no line is wider than the terminal."""
    answer = terminal(*arguments)

    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", answer.stdout).replace("\r", "\n").splitlines()
    assert max(len(line.rstrip()) for line in lines) <= 80
    assert ANSI.search(answer.stdout) or arguments[0] == "import"


def test_progress_bar(team: Path, terminal: Run) -> None:
    """On a terminal an import and a nightly run show how far they are, and take the bar away in the end."""
    (team / "many.csv").write_text(
        EVENTS + "".join(f"ben,pricing,2026-03-04T10:00:{n % 60:02}Z,no,m{n}\n" for n in range(30_000))
    )

    imported = terminal("import", "many.csv", "--mapping", "lms")
    planned = terminal("nightly", "--as-of", "2026-03-16")

    assert "importing many.csv" in imported.stdout
    assert "━" in imported.stdout
    assert (
        imported.stdout.rstrip().splitlines()[-1].endswith("30,005 rows: 30,000 recorded, 5 there already, 0 rejected")
    )
    assert "planning" in planned.stdout


def test_why_on_a_terminal(team: Path, terminal: Run) -> None:
    """On a terminal `why` draws the curve with today, the due day and the desired retention."""
    drawn = terminal("why", "anna", "pricing", "--at", AT).stdout

    assert "Price objections (pricing), anna, on 2026-03-16" in drawn
    assert "90 % ┤" in drawn
    assert "today 2026-03-16" in drawn
    assert "due 2026-03-18" in drawn
    assert "●" in drawn


def test_no_color(team: Path, terminal: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who sets NO_COLOR gets none, also on a terminal."""
    monkeypatch.setenv("NO_COLOR", "1")

    assert "\x1b[3" not in terminal("due", "anna", "--at", AT).stdout


def test_plain_has_every_field() -> None:
    """JSON has every field, also those at their defaults, so that a program finds the same keys each time."""
    assert plain(Learner(key="anna")) == {
        "key": "anna",
        "name": "",
        "time_zone": "UTC",
        "day_starts_at": 4,
        "roles": [],
        "teams": [],
        "language": None,
        "calendar": None,
        "absences": [],
        "daily_minutes": None,
        "xapi": None,
        "is_active": True,
    }


@frozen
class _Kinds:
    rating: Rating
    day: date
    at: datetime
    counts: dict[str, int]


def test_plain_kinds() -> None:
    """Days and moments are ISO 8601, the latter in UTC with a Z; a rating is its number."""
    value = _Kinds(Rating.GOOD, date(2026, 3, 1), datetime(2026, 3, 1, 9, tzinfo=UTC), {"a": 1})

    assert plain(value) == {"rating": 3, "day": "2026-03-01", "at": "2026-03-01T09:00:00Z", "counts": {"a": 1}}


def test_texts_cannot_move_the_cursor(team: Path, run: Run) -> None:
    """A title from outside cannot send commands to a terminal, nor break a line of a table."""
    assert printable("a\x1b[2Jb\tc\nd\u202e") == "a [2Jb c d "
    (team / "skills.csv").write_text('key,title\npricing,"Price [red]\nobjections"\n')
    run("import", "skills.csv")

    lines = run("due", "anna", "--at", AT, "--within", "30").stdout.splitlines()

    assert "pricing\tPrice [red] objections\t" in "\n".join(lines)


def test_terminal_without_unicode(team: Path, pipe: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where output takes ASCII only, nothing fails: JSON is escaped, exports are whole, and drawings use ASCII."""
    (team / "skills.csv").write_text("key,title\npricing,Preisgespräch\n")
    assert pipe("import", "skills.csv").exit_code == 0
    exported = pipe("export").stdout
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")

    why = ("why", "anna", "pricing", "--at", AT)
    assert json.loads(pipe(*why, "--json").stdout)["why"]["title"] == "Preisgespräch"
    assert pipe(*why, "--curve").stdout.isascii()
    assert pipe("plan", "anna", "--on", "2026-03-16").exit_code == 0
    assert "Preisgespräch" in exported
    assert pipe("export").stdout == exported
