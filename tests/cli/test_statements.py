"""`statements`: mappings, imports, what was not understood, and going over it again."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from cli.conftest import Run
from intake.school import Plain, account, passed, voiding
from reinforcer.world import everything

MAPPING = """\
ready = "cmi5"
home_pages = ["https://lms.acme.example"]

[skills]
"https://content.acme.example/au/pricing/*" = "pricing"
"""


def anna(**parts: Any) -> Plain:
    """A unit that Anna has passed."""
    return passed("anna", **{"day": 2, **parts})


@pytest.fixture
def school(team: Path, run: Run) -> Path:
    """The team, and a mapping that counts."""
    (team / "lms.toml").write_text(MAPPING)
    assert run("statements", "map", "lms.toml").exit_code == 0
    return team


def lines(*statements: Plain) -> str:
    """Statements as JSON lines."""
    return "".join(f"{json.dumps(one)}\n" for one in statements)


def rows(folder: Path) -> Any:
    """Every row of the database."""
    engine = create_engine(f"sqlite:///{folder / 'reinforce.db'}")
    with engine.connect() as connection:
        found = everything(connection)
    engine.dispose()
    return found


FORMS = {
    "lines": lambda statements: lines(*statements).encode(),
    "lines with a mark": lambda statements: b"\xef\xbb\xbf" + lines(*statements).encode(),
    "a list": lambda statements: json.dumps(statements, indent=1).encode(),
    "a list on one line": lambda statements: json.dumps(statements).encode(),
    "an answer": lambda statements: json.dumps({"more": "/xapi/statements?x=1", "statements": statements}).encode(),
    "gzip": lambda statements: gzip.compress(lines(*statements).encode()),
    "a gzipped list": lambda statements: gzip.compress(json.dumps(statements).encode()),
}


@pytest.mark.parametrize("form", FORMS)
def test_statements_come_in_every_form(school: Path, run: Run, form: str) -> None:
    """JSON lines, a list or an LRS's answer, gzipped or not, give the same practice; again they change nothing."""
    statements = [anna(day=3), anna(day=5, verb="failed"), anna(verb="launched"), anna(day=7, id=None)]
    (school / "given").write_bytes(FORMS[form](statements))

    first = run("statements", "import", "given", "--json")
    before = rows(school)
    again = run("statements", "import", "given", "--json")

    assert (first.exit_code, again.exit_code) == (0, 0), first.stderr
    counts = first.document["counts"]
    assert (counts["recorded"], counts["unmatched"], first.document["statements"]) == (3, 1, 4)
    assert (again.document["counts"]["known"], again.document["counts"]["recorded"]) == (3, 0)
    assert rows(school) == before


def test_one_statement_over_several_lines(school: Path, run: Run) -> None:
    """A file may hold one statement, laid out as it likes, and is kept as its exact bytes."""
    text = json.dumps(anna(), indent=2)
    (school / "one.json").write_text(f"\n{text}\n")

    assert run("statements", "import", "one.json", "--json").document["counts"]["recorded"] == 1
    assert any(text.encode() in row for row in rows(school)["reinforce_statement"])


def test_standard_input(school: Path, run: Run) -> None:
    """A pipe is as good as a file."""
    answer = run("statements", "import", "-", given=lines(anna()))

    assert answer.stdout == "1 statement: 1 recorded\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"id": 1}\n', "line 1: $.id"),
        (lines(anna()) + "\n" + lines({**anna(), "verb": {"id": "passed"}}), "line 3: $.verb.id"),
        (lines(anna()) + '{"actor": \n', "line 2: $: it is no JSON"),
        (lines(anna()) + '{"a": 1, "a": 2}\n', "line 2: $: an object has 'a' twice"),
        (lines(one := anna(), {**one, "result": {"success": False}}), "line 2: there is a statement"),
        (json.dumps([anna(), {**anna(), "actor": 1}], indent=1), "$[1].actor"),
        (json.dumps({"statements": [{}], "more": ""}), "$.statements[0].actor"),
    ],
)
def test_one_bad_statement_and_nothing_is_imported(school: Path, run: Run, content: str, said: str) -> None:
    """The error names the line, the place in the JSON and the rule; the good statements can be had with --rejects."""
    (school / "mixed").write_text(content)
    before = rows(school)
    answer = run("statements", "import", "mixed")

    assert answer.exit_code == 2
    assert "nothing was imported" in answer.stderr
    assert said in answer.stderr
    assert rows(school) == before
    rejecting = run("statements", "import", "mixed", "--rejects", "bad.jsonl", "--json")
    assert rejecting.exit_code == 1
    assert rejecting.document["rejected"] == 1
    assert said in json.loads((school / "bad.jsonl").read_text())["reason"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[{}, ", "it is no JSON"),
        (b'{\n"actor": \n', "it is no JSON"),
        (b"learner,skill\n", "it is no JSON"),
        (b"[] []", "there is more after the JSON"),
        (b'{"statements": {}, "more": ""}', "must be a list"),
        (gzip.compress(b"[]" * 1000, mtime=0)[:-9], "broken or cut off"),
        (b"\x1f\x8b\x00", "broken or cut off"),
        (b"[\xff]", "JSON must be UTF-8"),
    ],
)
def test_what_is_no_file_of_statements(school: Path, run: Run, content: bytes, said: str) -> None:
    """A file that is something else, or cut off, is refused as a whole, and the error says where it stopped."""
    (school / "other").write_bytes(content)
    answer = run("statements", "import", "other", "--rejects", "bad.jsonl")

    assert answer.exit_code == 2
    assert "other: " in answer.stderr
    assert said in answer.stderr
    assert not (school / "bad.jsonl").exists()


def test_rejects_can_be_mended_and_imported(school: Path, run: Run) -> None:
    """A file of rejects is read again as it is, once what was wrong in it is mended."""
    bad = {**anna(), "verb": {"id": "passed"}}
    (school / "mixed.jsonl").write_text(lines(anna(day=9), bad))
    run("statements", "import", "mixed.jsonl", "--rejects", "bad.jsonl")
    mended = (school / "bad.jsonl").read_text().replace('"passed\\"', '"http://adlnet.gov/expapi/verbs/passed\\"')
    (school / "mended.jsonl").write_text(mended)

    answer = run("statements", "import", "mended.jsonl", "--json")

    assert answer.exit_code == 0, answer.stderr
    assert answer.document["counts"]["recorded"] == 1


def test_a_preview_shows_all_and_writes_nothing(school: Path, run: Run) -> None:
    """What would be recorded, what not and why, and what is bad; not a row changes, also with a mapping on trial."""
    taken_back = anna(day=4)
    (school / "some.jsonl").write_text(
        lines(anna(), passed("carl"), anna(verb="launched"), taken_back, voiding(taken_back["id"]), {})
    )
    (school / "other.toml").write_text(MAPPING.replace("pricing/*", "*").replace('= "pricing"', '= "cooking"'))
    before = rows(school)

    answer = run("statements", "import", "some.jsonl", "--preview")
    tried = run("statements", "import", "some.jsonl", "--preview", "--mapping", "other.toml", "--json")

    assert (answer.exit_code, tried.exit_code) == (1, 1)
    assert "anna\tpricing\t2026-04-02T09:00:00Z\trecall\tpassed\tcmi5: judged\t" in answer.stdout
    assert "there is no learner 'carl' (account https://lms.acme.example carl)" in answer.stdout
    assert "5 statements: 1 recorded, 1 take others back, 1 taken back, 1 that no rule fits, 1 not recorded" in (
        answer.stdout
    )
    assert {one["reason"] for one in tried.document["unmatched"]} == {
        "there is no skill 'cooking'",
        "no rule fits its verb, activity and categories",
    }
    assert rows(school) == before
    assert run("statements", "import", "some.jsonl", "--mapping", "other.toml").exit_code == 2


def test_what_was_not_understood_can_be_mended(school: Path, run: Run) -> None:
    """`unmatched` groups it by reason, the most frequent first; mended, `understand` records it, and says so once."""
    stranger = [passed("carl", day=day) for day in (2, 3)]
    (school / "some.jsonl").write_text(lines(*stranger, anna(verb="launched")))
    run("statements", "import", "some.jsonl")
    report = run("statements", "unmatched", "--json").document["unmatched"]
    (school / "carl.toml").write_text('[[learners]]\nkey = "carl"\n')
    run("import", "carl.toml")
    ready = run("statements", "unmatched")
    foreseen = run("statements", "understand", "--preview", "--json").document
    done = run("statements", "understand", "--json").document
    again = run("statements", "understand", "--json").document

    assert [(one["count"], one["reason"]) for one in report] == [
        (2, "there is no learner 'carl' (account https://lms.acme.example carl)"),
        (1, "no rule fits its verb, activity and categories"),
    ]
    assert report[0]["example"]["statement_id"] == stranger[0]["id"]
    assert "2 statements can be recorded now" in ready.stderr
    assert foreseen["counts"] == done["counts"]
    assert (done["counts"]["recorded"], again["counts"]["recorded"], again["counts"]["known"]) == (2, 0, 2)
    assert run("statements", "understand", "--since", "2999-01-01T00:00:00Z", "--json").document["statements"] == 0
    assert run("statements", "understand", "--since", "yesterday").exit_code == 2


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ("ready = 'cmi5", "is no TOML"),
        ("ready = 'canvas'", "ready must be one of cmi5, h5p, scorm, moodle, open-edx"),
        ("ready = 'cmi5'\nper = 'question'", "has no field 'per'"),
        ("ready = 'moodle'\nper = 'week'", "'attempt', 'question'"),
        ("ready = 'cmi5'\n[skills]\n'a*{skill}' = 'pricing'", "{skill} may stand once"),
        ("name = 'x'\n[[rules]]\nname = 'r'\nverb = 'passed'", "rules[0]: there is no field 'verb'"),
        ("ready = 'cmi5'\ncreates_learners = 'yes'", "creates_learners: it must be true or false"),
        ("ready = 'cmi5'\ntime_zone = 'Berlin'", "Berlin"),
    ],
)
def test_a_mapping_that_makes_no_sense(team: Path, run: Run, mapping: str, said: str) -> None:
    """The error names the file, the field and what would be right; the mappings that count stay."""
    (team / "lms.toml").write_text(mapping)
    answer = run("statements", "map", "lms.toml")

    assert answer.exit_code == 2
    assert "lms.toml" in answer.stderr
    assert said in answer.stderr
    assert run("statements", "mappings", "--json").document == {"mappings": []}


def test_mappings_are_listed_and_left(school: Path, run: Run) -> None:
    """`mappings` lists what counts, `--versions` what counted; a name that none has is an error that lists all."""
    assert run("statements", "map", "lms.toml").stdout == "cmi5, version 1: 2 rules, 1 pattern of skills\n"
    (school / "lms.toml").write_text(MAPPING + "'https://other.example/*' = 'pricing'\n")
    assert run("statements", "map", "lms.toml").stdout == "cmi5, version 2: 2 rules, 2 patterns of skills\n"
    wrong = run("statements", "unmap", "moodle")
    assert run("statements", "unmap", "cmi5").exit_code == 0

    assert (wrong.exit_code, "there are: cmi5" in wrong.stderr) == (2, True)
    assert run("statements", "mappings").stdout.splitlines()[1:] == []
    found = run("statements", "mappings", "--versions", "--json").document["mappings"]
    assert [(one["version"], one["retired_at"] is None) for one in found] == [(1, False), (2, False)]


def test_a_mapping_that_creates_learners(school: Path, run: Run) -> None:
    """Who comes from a system that the mapping names becomes a learner, and the answer says who."""
    (school / "lms.toml").write_text("creates_learners = true\ntime_zone = 'Europe/Berlin'\n" + MAPPING)
    run("statements", "map", "lms.toml")
    (school / "new.jsonl").write_text(lines(passed("zoe"), passed(actor=account("eve", "https://elsewhere.example"))))
    answer = run("statements", "import", "new.jsonl")

    assert answer.stdout == "2 statements: 1 recorded, 1 not recorded\n1 learner created: zoe\n"
    assert "pricing" in run("due", "zoe").stdout
