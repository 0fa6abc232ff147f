"""`import` and `export`."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import AT, EVENTS, Run

Golden = Callable[[str, Any], None]

MIXED = (
    EVENTS
    + """\
anna,pricing,2026-03-06T10:00:00Z,yes,e6
anna,cooking,2026-03-06T10:00:00Z,yes,e7
carl,pricing,2026-03-06T10:00:00Z,yes,e8
anna,pricing,not a day,yes,e9
anna,pricing,2026-03-07T10:00:00Z,maybe,e10
"""
)


def test_counts_add_up(team: Path, run: Run, golden: Golden) -> None:
    """Recorded, unchanged and rejected rows are all the rows of the file."""
    (team / "mixed.csv").write_text(MIXED)

    answer = run("import", "mixed.csv", "--mapping", "lms", "--rejects", "bad.csv", "--json")

    assert answer.exit_code == 1
    counts = answer.document
    assert counts["recorded"] + counts["unchanged"] + counts["rejected"] == counts["rows"] == 10
    golden("import_events", counts)


def test_rejects_say_why(team: Path, run: Run) -> None:
    """Every bad row lands in the file for them with its reason, and when it is mended it can be imported."""
    (team / "mixed.csv").write_text(MIXED)

    run("import", "mixed.csv", "--mapping", "lms", "--rejects", "bad.csv")
    rejected = (team / "bad.csv").read_text()
    mended = rejected.replace("cooking", "pricing").replace("carl", "ben").replace("not a day", "2026-03-09T10:00Z")
    (team / "mended.csv").write_text(mended.replace("maybe", "no"))
    again = run("import", "mended.csv", "--mapping", "lms", "--json")

    assert len(rejected.splitlines()) == 5
    assert "there is no skill 'cooking'" in rejected
    assert again.document["recorded"] == 4


def test_all_or_nothing(team: Path, run: Run) -> None:
    """Without a file for bad rows, one bad row is enough that nothing is imported; each reason is told once."""
    (team / "mixed.csv").write_text(MIXED + "anna,cooking,2026-03-08T10:00:00Z,yes,e11\n")

    answer = run("import", "mixed.csv", "--mapping", "lms")

    assert answer.exit_code == 2
    assert "5 of 11 rows are bad, so nothing was imported" in answer.stderr
    assert "line 8 and 1 more: there is no skill 'cooking'" in answer.stderr
    assert run("import", "events.csv", "--mapping", "lms", "--json").document["unchanged"] == 5
    assert "2026-03-06" not in run("why", "anna", "pricing", "--at", AT).stdout


def test_no_rejects_no_file(team: Path, run: Run) -> None:
    """A file for bad rows appears only if there are any."""
    answer = run("import", "events.csv", "--mapping", "lms", "--rejects", "bad.csv")

    assert answer.exit_code == 0
    assert not (team / "bad.csv").exists()


def test_define(team: Path, run: Run) -> None:
    """With --define, learners and skills that nobody knows yet are defined; without, the error says so."""
    (team / "new.csv").write_text("learner,skill,at,passed,id\ncarl,cooking,2026-03-06T10:00:00Z,yes,n1\n")

    refused = run("import", "new.csv", "--mapping", "lms")
    taken = run("import", "new.csv", "--mapping", "lms", "--define", "--json")

    assert "--define" in refused.stderr
    assert (taken.document["learners"], taken.document["skills"]) == (1, 1)
    assert run("due", "carl", "--at", AT, "--within", "60").stdout.splitlines()[1].startswith("cooking\t")


def test_flags_instead_of_a_mapping(team: Path, run: Run) -> None:
    """All that a section of reinforce.toml says can be said by flags."""
    (team / "quiz.csv").write_text("who;when;points\nanna;06.03.2026 10:00;80\n")

    answer = run(
        *("import", "quiz.csv", "--skill", "pricing", "--time-zone", "Europe/Berlin", "--json"),
        *("--column", "learner=who", "--column", "occurred_at=when", "--column", "outcome=points"),
        *("--set", "outcome_kind=scaled", "--set", "highest=100", "--set", "delimiter=;"),
        *("--set", "time_format=%d.%m.%Y %H:%M", "--set", "source_is=quiz"),
    )
    why = run("why", "anna", "pricing", "--at", AT, "--last", "1", "--json").document["why"]

    assert answer.exit_code == 0, answer.stderr
    assert why["events"][0]["occurred_at"] == "2026-03-06T09:00:00Z"
    assert why["events"][0]["outcomes"][0]["outcome"] == {"kind": "scaled", "value": 0.8, "of": None}
    assert why["events"][0]["source"] == "quiz"


def test_flags_over_a_mapping(team: Path, run: Run) -> None:
    """A flag wins over the section: one person's file needs no column for the learner."""
    (team / "one.csv").write_text("skill,at,passed,id\npricing,2026-03-06T10:00:00Z,yes,n1\n")

    answer = run("import", "one.csv", "--mapping", "lms", "--learner", "ben", "--json")

    assert answer.document["recorded"] == 1


def test_anki(run: Run, folder: Path) -> None:
    """A review log of Anki needs its format and its learner, and nothing else."""
    (folder / "anki.csv").write_text(
        "card_id,review_rating,review_time,review_duration\n"
        "1711684180217,1,2024-03-29T20:32:32.250000+00:00,25060\n"
        "1711684780667,3,2024-03-29T20:32:39.497000+00:00,7241\n"
    )
    run("init")

    answer = run("import", "anki.csv", "--format", "anki", "--learner", "josh", "--define", "--json")

    assert answer.exit_code == 0, answer.stderr
    assert (answer.document["recorded"], answer.document["learners"], answer.document["skills"]) == (2, 1, 2)


def test_standard_input(team: Path, run: Run) -> None:
    """Events may come through a pipe."""
    event = {
        "learner": "ben",
        "occurred_at": "2026-03-10T08:00:00Z",
        "outcomes": [{"skill": "security", "outcome": {"kind": "success", "value": 1}}],
    }

    answer = run("import", "-", "--format", "events", "--json", given=json.dumps(event) + "\n")

    assert answer.exit_code == 0, answer.stderr
    assert answer.document["recorded"] == 1


def test_definitions(team: Path, run: Run, golden: Golden) -> None:
    """Definitions that are there already are left as they are, and the counts say so."""
    (team / "people.toml").write_text((team / "people.toml").read_text().replace("Anna Berg", "Anna Berger"))

    golden("import_definitions", run("import", "people.toml", "--json").document)


def test_definitions_as_csv(team: Path, run: Run) -> None:
    """A CSV file says by its name what it defines, or --kind does."""
    (team / "skills.csv").write_text("key,title\nclosing,Closing\n")
    (team / "export-of-the-hr-system.csv").write_text("key,name,time_zone\ncarl,Carl Dorn,Europe/Berlin\n")

    by_name = run("import", "skills.csv")
    by_flag = run("import", "export-of-the-hr-system.csv", "--kind", "learners")

    assert by_name.stdout == by_flag.stdout == "1 definition: 1 created, 0 updated, 0 unchanged\n"


def test_circle(team: Path, run: Run) -> None:
    """Skills that require each other are refused, with the circle, and nothing is changed."""
    (team / "circle.toml").write_text(
        '[[skills]]\nkey = "a"\nprerequisites = ["b"]\n[[skills]]\nkey = "b"\nprerequisites = ["a"]\n'
    )

    answer = run("import", "circle.toml")

    assert answer.exit_code == 2
    assert "a → b → a" in answer.stderr
    assert run("why", "anna", "a").exit_code == 2


def test_round_trip(team: Path, run: Run, golden: Golden) -> None:
    """An export imported elsewhere gives the same due days; imported again it changes nothing."""
    exported = run("export", "all.jsonl", "--json")
    elsewhere = ("--database", "sqlite:///elsewhere.db")
    assert run("db", "upgrade", *elsewhere).exit_code == 0
    imported = run("import", "all.jsonl", *elsewhere, "--json")

    assert exported.exit_code == imported.exit_code == 0
    golden("export", exported.document)
    golden("import_export", imported.document)
    for learner in ("anna", "ben"):
        question = ("due", learner, "--at", AT, "--within", "365", "--json")
        assert run(*question).document == run(*question, *elsewhere).document


def test_export_to_standard_output(team: Path, run: Run) -> None:
    """Without a file the export alone is on standard output, the same bytes as in a file."""
    run("export", "all.jsonl")

    answer = run("export")

    assert answer.stdout == (team / "all.jsonl").read_text()
    assert answer.stderr.startswith("exported ")


def test_many_strangers(team: Path, run: Run) -> None:
    """Bad rows that differ only in whom they name are told as one, with how many there are."""
    strangers = "".join(f"stranger-{n},pricing,2026-03-06T10:00:00Z,yes,s{n}\n" for n in range(20))
    (team / "strangers.csv").write_text(EVENTS + strangers + "anna,pricing,not a day,yes,e9\n")

    told = run("import", "strangers.csv", "--mapping", "lms").stderr.splitlines()

    assert told[1] == (
        "  line 7 and 19 more: there is no learner 'stranger-0': define them first (and so for 19 others)"
    )
    assert told[2].startswith("  line 27, column 'at': 'not a day' is no moment")
    assert len(told) == 3


@pytest.mark.parametrize(
    "command", [("import", "events.csv", "--mapping", "lms"), ("statements", "import", "events.csv")]
)
def test_rejects_over_the_file_itself(team: Path, run: Run, command: tuple[str, ...]) -> None:
    """Rejects are never written over the file that they come from, however it is named."""
    before = (team / "events.csv").read_text()

    answer = run(*command, "events.csv", "--rejects", f"../{team.name}/events.csv")

    assert answer.exit_code == 2
    assert "that is the file to import; name another" in answer.stderr
    assert (team / "events.csv").read_text() == before


def test_export_that_is_there(team: Path, run: Run) -> None:
    """A file that is there stays as it is, and the refusal names the flag that writes it anew."""
    (team / "all.jsonl").write_text("of last year")

    refused = run("export", "all.jsonl")

    assert (refused.exit_code, (team / "all.jsonl").read_text()) == (2, "of last year")
    assert "all.jsonl is there already" in refused.stderr
    assert "--replace" in refused.stderr
    assert run("export", "all.jsonl", "--replace").exit_code == 0
    assert (team / "all.jsonl").read_text().startswith('{"reinforce_export"')


def test_export_into_a_pipe(team: Path, run: Run) -> None:
    """What is no file is written to, and not replaced by one."""
    os.mkfifo(team / "pipe")
    reader = os.open(team / "pipe", os.O_RDONLY | os.O_NONBLOCK)

    answer = run("export", "--fsrs", "pipe")

    assert answer.exit_code == 0
    assert os.read(reader, 65536).startswith(b'{"')
    assert (team / "pipe").is_fifo()
    os.close(reader)


def test_export_as_json_needs_a_file(team: Path, run: Run) -> None:
    """The export and a JSON answer don't share standard output."""
    answer = run("export", "--json")

    assert answer.exit_code == 2
    assert answer.stdout == ""


def test_fsrs_log(team: Path, run: Run) -> None:
    """The review log holds one line a review, with a rating of FSRS."""
    answer = run("export", "--fsrs")

    reviews = [json.loads(line) for line in answer.stdout.splitlines()]
    assert len(reviews) == 5
    assert {review["rating"] for review in reviews} == {1, 3}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("nowhere.csv", "--mapping", "lms"), "nowhere.csv: cannot be read"),
        (("events.csv", "--mapping", "crm"), "no section [import.crm]"),
        (("events.csv", "--format", "xml"), "there are csv, jsonl, events, anki, lkt"),
        (("events.csv", "--column", "lerner=x"), "there is no 'lerner'"),
        (("events.csv", "--column", "learner"), "write it as field=value"),
        (("events.csv", "--mapping", "lms", "--set", "hihgest=3"), "did you mean 'highest'"),
        (
            ("events.csv",),
            "events.csv: which column holds what (it begins: learner,skill,at,passed,id)? Pass --mapping",
        ),
        (("staff.csv",), "for definitions, to `reinforce import`, --kind learners, skills or another"),
        (("events.csv", "people.toml"), "one at a time"),
        (("notes.txt",), "its name does not tell what it is"),
    ],
)
def test_bad_imports(team: Path, run: Run, arguments: tuple[str, ...], complaint: str) -> None:
    """What cannot be imported ends with 2 and says what would be right."""
    (team / "notes.txt").write_text("hello\n")
    (team / "staff.csv").write_text("key,name\ncarl,Carl\n")

    answer = run("import", *arguments)

    assert answer.exit_code == 2
    assert complaint in answer.stderr


def test_export_to_nowhere(run: Run) -> None:
    """A file that cannot be written is named as it was given, and not by the file that would have become it."""
    run("init")
    answer = run("export", "nowhere/all.jsonl")

    assert answer.exit_code == 2
    assert answer.stderr == "reinforce: nowhere/all.jsonl: cannot be written: No such file or directory\n"
