"""`evaluate`, on a tenant's own log and on files."""

import re
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from cli.conftest import Run
from reinforce.store import log_columns

Golden = Callable[[str, Any], None]

JOSH = Path(__file__).parents[1] / "data" / "anki_josh.csv"
MODELS = [
    "AVG",
    "MOVING-AVG",
    "elapsed-time logistic",
    "HLR",
    "FSRS-6, 24-hour floors",
    "FSRS-6",
    "FSRS-6 + online bias",
    "FSRS-6, fitted",
    "reinforce",
]
ANKI = ("--format", "anki", "--time-zone", "Europe/Berlin")
QUICK = ("--draws", "20")


@pytest.fixture
def slice_of_a_log(folder: Path) -> Path:
    """The first of one person's flashcards."""
    file = folder / "slice.csv"
    with JOSH.open() as whole:
        file.write_text("".join(islice(whole, 801)))
    return file


def shape(value: Any) -> Any:
    """Keys and kinds of a document, of each list its first."""
    if isinstance(value, dict):
        return {key: shape(content) for key, content in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def test_table(slice_of_a_log: Path, run: Run) -> None:
    """In a pipe: a line for each model with its figures and intervals; ours is the last and behind nobody."""
    answer = run("evaluate", slice_of_a_log, *ANKI, *QUICK)
    names, *rows = (line.split("\t") for line in answer.stdout.splitlines())

    assert answer.exit_code == 0
    assert names[0] == "model"
    assert [row[0] for row in rows] == MODELS
    for row in rows:
        loss, low, high = map(float, row[1:4])
        assert low < loss < high
    assert rows[-1][-3:] == ["", "", ""]


def test_terminal(slice_of_a_log: Path, terminal: Run) -> None:
    """On a terminal: what was scored, the table, and how to read it."""
    answer = terminal("evaluate", slice_of_a_log, *ANKI, *QUICK)

    assert answer.exit_code == 0
    assert "of 1 learner scored" in answer.stdout
    assert "intervals over days" in answer.stdout
    assert "RMSE" in answer.stdout
    assert all(len(line) <= 80 for line in re.sub(r"\x1b\[[0-9;]*m", "", answer.stdout).splitlines())
    assert re.search(r"elapsed-time .*\n +logistic", re.sub(r"\x1b\[[0-9;]*m", "", answer.stdout))


def test_json_and_figure(slice_of_a_log: Path, run: Run, golden: Golden) -> None:
    """One document with the keys that are documented, and a figure of the same curves."""
    answer = run("evaluate", slice_of_a_log, *ANKI, *QUICK, "--figure", "curve.svg", "--json")
    figure = ElementTree.parse("curve.svg")  # noqa: S314 - our own

    assert answer.exit_code == 0
    document = answer.document
    assert [one["name"] for one in document["evaluation"]["scores"]] == MODELS
    golden("evaluate", shape(document))
    ours = document["evaluation"]["scores"][-1]["curve"]
    said = {one.text for one in figure.iter("{http://www.w3.org/2000/svg}title")}
    for point in ours:
        predicted, passed = point["predicted"] * 100, point["passed"] * 100
        assert f"reinforce: {predicted:.1f} % predicted, {passed:.1f} % of {point['count']} passed" in said


def test_own_log_as_the_file_it_came_from(team: Path, slice_of_a_log: Path, run: Run, postgres_url: str) -> None:
    """A log gives the same answer as a file and, once imported, as a tenant's own, in either database."""
    from_file = run("evaluate", slice_of_a_log, *ANKI, *QUICK, "--json").document
    on_postgresql = ("--database", postgres_url)
    assert run("db", "upgrade", *on_postgresql).exit_code == 0
    for where in (("--tenant", "josh"), ("--tenant", "josh", *on_postgresql)):
        imported = run("import", slice_of_a_log, *ANKI, "--define", *where)
        assert imported.exit_code == 0, imported.stderr

        own = run("evaluate", *QUICK, "--json", *where).document

        assert own["file"] is None
        assert own["evaluation"] == from_file["evaluation"]


def test_what_counts(team: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exposures are not scored; voided, implicit and weightless reviews are left out; however many are read at once."""
    (team / "more.toml").write_text(
        '[[skills]]\nkey = "whole"\nencompasses = { part = 0.5 }\n[[skills]]\nkey = "part"\n'
    )
    lines = ["learner,skill,at,outcome,weight"]
    for day in range(1, 29):
        lines.append(f"anna,whole,2026-02-{day:02}T10:00:00Z,{'yes' if day % 3 else 'no'},1")
        lines.append(f"ben,part,2026-02-{day:02}T10:00:00Z,seen,1")
        lines.append(f"ben,whole,2026-02-{day:02}T10:00:00Z,yes,0")
    (team / "weeks.csv").write_text("\n".join(lines) + "\n")
    columns = ("learner=learner", "skill=skill", "occurred_at=at", "outcome=outcome", "weight=weight")
    given = [text for column in columns for text in ("--column", column)]
    given += ["--set", "outcomes.yes=pass", "--set", "outcomes.no=fail", "--set", "outcomes.seen=exposure"]
    tenant = ("--tenant", "weeks")
    assert run("import", "more.toml", *tenant).exit_code == 0
    imported = run("import", "weeks.csv", *given, "--define", *tenant)
    assert imported.exit_code == 0, imported.stderr
    (team / "wrong.csv").write_text("learner,skill,at,passed,id\nanna,whole,2026-02-20T11:00:00Z,no,wrong\n")
    assert run("import", "wrong.csv", "--mapping", "lms", *tenant).exit_code == 0
    assert run("void", "lms", "wrong", "--reason", "misread", *tenant).exit_code == 0

    monkeypatch.setattr(log_columns, "EVENTS_AT_ONCE", 5)
    found = run("evaluate", *QUICK, *tenant, "--json").document["evaluation"]

    assert found == run("evaluate", "weeks.csv", *given, *QUICK, "--json").document["evaluation"]
    assert (found["reviews"], found["learners"]) == (28, 2)
    assert found["tested"] == 20


def test_not_enough_evidence(team: Path, run: Run) -> None:
    """Too little to say anything about: the reason in a sentence, exit code 2, and no figure."""
    answer = run("evaluate", "--figure", "curve.svg")

    assert answer.exit_code == 2
    assert "not enough evidence: 5 folds need at least 6 reviews on a later day" in answer.stderr
    assert not Path("curve.svg").exists()
    assert run("evaluate", "--tenant", "nobody").exit_code == 2


def test_all_passed(folder: Path, run: Run) -> None:
    """Where everybody always passed, no prediction can be told from another, and it says so."""
    rows = [f"7,3,2024-01-{day:02}T12:00:00+00:00,1000" for day in range(1, 29)]
    (folder / "good.csv").write_text("\n".join(["card_id,review_rating,review_time,review_duration", *rows]) + "\n")

    answer = run("evaluate", "good.csv", *ANKI)

    assert answer.exit_code == 2
    assert "scored reviews passed, so no prediction can be told from another" in answer.stderr


def test_bad_rows(slice_of_a_log: Path, run: Run) -> None:
    """A file with a bad row is not evaluated, and the row's fault is told."""
    with slice_of_a_log.open("a") as file:
        file.write("1,9,2024-03-29T20:32:32+00:00,1\n")

    answer = run("evaluate", slice_of_a_log, *ANKI)

    assert answer.exit_code == 2
    assert "1 row of" in answer.stderr
    assert "line 802" in answer.stderr


def test_file_that_is_not_there(folder: Path, run: Run) -> None:
    """A file that is not there is said to be missing, before anybody is asked for its columns."""
    answer = run("evaluate", "nofile.csv")

    assert (answer.exit_code, answer.stderr) == (
        2,
        "reinforce: nofile.csv: cannot be read: No such file or directory\n",
    )


def test_flags_without_a_file(team: Path, run: Run) -> None:
    """Flags that say how a file is written make no sense without one."""
    answer = run("evaluate", *ANKI)

    assert answer.exit_code == 2
    assert "name it" in answer.stderr


def test_first_third(slice_of_a_log: Path, run: Run) -> None:
    """With --split first-third all but the first third is scored."""
    series = run("evaluate", slice_of_a_log, *ANKI, *QUICK, "--json").document["evaluation"]
    third = run("evaluate", slice_of_a_log, *ANKI, *QUICK, "--split", "first-third", "--json").document["evaluation"]

    assert third["reviews"] == series["reviews"]
    assert third["tested"] < series["tested"]
