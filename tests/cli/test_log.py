"""`void`, `replay` and `erase`."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cli.conftest import AT, Run

Golden = Callable[[str, Any], None]


def test_void(team: Path, run: Run) -> None:
    """A voided event has no effect any more: the memory is what the others make it."""
    answer = run("void", "lms", "e2", "--reason", "a test account")
    why = run("why", "anna", "pricing", "--at", AT, "--json").document["why"]

    assert answer.exit_code == 0
    assert answer.stdout == "voided e2 of lms\n"
    assert why["state"]["last_practised"] == "2026-03-02"
    assert [event["external_id"] for event in why["events"]] == ["e1"]


def test_void_json(team: Path, run: Run, golden: Golden) -> None:
    """The JSON of `void` tells what the event's replacement led to."""
    event = {
        "learner": "anna",
        "occurred_at": "2026-03-05T10:00:00Z",
        "outcomes": [{"skill": "pricing", "outcome": {"kind": "success"}}],
    }
    (team / "right.json").write_text(json.dumps(event))

    answer = run("void", "lms", "e2", "--reason", "misread", "--replacement", "right.json", "--json")

    document = answer.document
    document["recorded"]["event_id"] = "(made when recorded)"
    golden("void", document)


def test_void_unknown(team: Path, run: Run) -> None:
    """What was never recorded cannot be voided."""
    assert run("void", "lms", "e99", "--reason", "?").exit_code == 2


def test_replacement_must_be_an_event(team: Path, run: Run) -> None:
    """A replacement that is no event is refused with the fields that are wrong, and nothing is voided."""
    (team / "wrong.json").write_text('{"lerner": "anna"}')

    answer = run("void", "lms", "e2", "--reason", "?", "--replacement", "wrong.json")

    assert answer.exit_code == 2
    assert "there is no field 'lerner'" in answer.stderr
    assert "2026-03-05" in run("why", "anna", "pricing", "--at", AT).stdout


def test_replay(team: Path, run: Run, golden: Golden) -> None:
    """A replay of an untouched log finds every memory as it is stored."""
    golden("replay", run("replay", "--json").document)


def test_check_finds_and_replay_mends(team: Path, run: Run) -> None:
    """A memory that somebody changed by hand is found by --check, which ends with 1, and mended by a replay."""
    database = sqlite3.connect(team / "reinforce.db")
    database.execute("UPDATE reinforce_memory SET stability = stability * 2")
    database.commit()
    database.close()

    found = run("replay", "--check", "--json")
    only_ben = run("replay", "--learner", "ben", "--json")
    mended = run("replay", "--json")

    assert (found.exit_code, found.document["replayed"]["changed"]) == (1, 4)
    assert (only_ben.exit_code, only_ben.document["replayed"]["changed"]) == (0, 1)
    assert (mended.exit_code, mended.document["replayed"]["changed"]) == (0, 3)
    assert run("replay", "--check").exit_code == 0


def test_rederive(team: Path, run: Run) -> None:
    """A new policy in reinforce.toml rates what was recorded anew."""
    (team / "grades.csv").write_text("who,when,grade\nben,2026-03-10T10:00:00Z,3\n")
    run(
        *("import", "grades.csv", "--skill", "security", "--set", "outcome_kind=grade"),
        *("--column", "learner=who", "--column", "occurred_at=when", "--column", "outcome=grade"),
    )
    (team / "strict.toml").write_text(
        f'database = "sqlite:///{team}/reinforce.db"\n[rating]\nversion = 2\ngrade = {{ passing = 4 }}\n'
    )

    answer = run("replay", "--rederive", "--config", "strict.toml", "--json")

    assert answer.document["replayed"]["changed"] == 1
    assert run("why", "ben", "security", "--at", AT, "--json").document["why"]["reviews"][0]["rating"] == 1


def test_erase_needs_a_yes(team: Path, run: Run) -> None:
    """In a pipe nobody can be asked: without --yes nobody is erased."""
    answer = run("erase", "anna")

    assert answer.exit_code == 2
    assert "pass --yes" in answer.stderr
    assert run("due", "anna").exit_code == 0


def test_erase(team: Path, run: Run, golden: Golden) -> None:
    """Who was erased is gone, and the answer says how many rows of which tables."""
    golden("erase", run("erase", "anna", "--yes", "--json").document)

    assert run("due", "anna").exit_code == 2
    assert run("due", "ben").exit_code == 0


def test_erase_in_words(team: Path, run: Run) -> None:
    """What was erased is told in the words of the glossary, not as tables; so is what still mentions them."""
    (team / "note.jsonl").write_text(
        '{"learner": "ben", "occurred_at": "2026-03-01T08:00:00Z", "note": "as Anna Berg does it",'
        ' "outcomes": [{"skill": "pricing", "outcome": {"kind": "success"}}]}\n'
    )
    assert run("import", "note.jsonl").exit_code == 0

    said = run("erase", "anna", "--yes").stdout

    assert said.splitlines() == [
        "erased anna: 3 memories, 4 events, 4 reviews, 1 place in a team",
        "still mentioned, in texts of other people: the note of 1 event",
    ]


def test_erase_asks(team: Path, terminal: Run) -> None:
    """On a terminal it asks, with the person's name; a no ends with 130 and erases nobody, a yes does."""
    no = terminal("erase", "anna", given="n\n")
    yes = terminal("erase", "anna", given="y\n")

    assert "Erase anna (Anna Berg) and all that they practised, for good? [y/N]" in no.stdout
    assert no.exit_code == 130
    assert yes.exit_code == 0
    assert "erased anna: " in yes.stdout
