"""`doctor`: what it finds, and what it says to do."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import Answer, Run

Golden = Callable[[str, Any], None]
EXPIRED = """
UPDATE reinforce_refresher SET document = replace(document, '{"key"', '{"valid_until":"2026-03-01","key"')
WHERE key = 'security-quiz'
"""
AT = ("--at", "2026-03-16T09:00:00+01:00")


def _to_do(answer: Answer) -> dict[str, str]:
    return {one["check"]: one["says"] for one in answer.document["findings"] if not one["is_ok"]}


@pytest.fixture
def healthy(team: Path, run: Run) -> Path:
    """The team on a morning on which nothing is to do."""
    assert run("nightly", "--as-of", "2026-03-16").exit_code == 0
    _change(team, "UPDATE reinforce_job_run SET started_at = 1773640000000000, finished_at = 1773640000000000")
    return team


def _change(folder: Path, sql: str) -> None:
    database = sqlite3.connect(folder / "reinforce.db")
    assert database.execute(sql).rowcount > 0
    database.commit()
    database.close()


def test_all_is_well(healthy: Path, run: Run, golden: Golden) -> None:
    """Where nothing is to do it ends with 0, and its JSON has the keys that are documented."""
    document = run("doctor", *AT, "--json")

    assert document.exit_code == 0, document.stdout
    said = document.document
    for finding in said["findings"]:
        if finding["check"] in ("settings", "database", "time zones"):
            finding["says"] = "(of this machine)"
    golden("doctor", said)


@pytest.mark.parametrize(
    ("sql", "check", "says"),
    [
        ("UPDATE reinforce_memory SET stability = 99", "memories", "run `reinforce replay`"),
        (
            "UPDATE reinforce_learner SET document = replace(document, '\"seller\"', '') WHERE key = 'ben'",
            "roles",
            "1 learner without a role",
        ),
        ("DELETE FROM reinforce_refresher WHERE key = 'security-quiz'", "library", "1 skill without a refresher"),
        (
            EXPIRED,
            "freshness",
            "1 refresher expired",
        ),
        ("UPDATE reinforce_assignment SET expires_day = 20000", "assignments", "is the nightly run on?"),
        ("UPDATE reinforce_job_run SET finished_at = finished_at - 200000000000", "nightly run", "still scheduled?"),
        ("UPDATE reinforce_job_run SET finished_at = NULL", "nightly run", "not finished: run `reinforce nightly`"),
        ("DELETE FROM reinforce_job_run", "nightly run", "schedule `reinforce nightly`"),
    ],
)
def test_findings(healthy: Path, run: Run, sql: str, check: str, says: str) -> None:
    """Each thing that can be amiss is found alone, ends the command with 1, and comes with what to do."""
    database = sqlite3.connect(healthy / "reinforce.db")
    assert database.execute("PRAGMA foreign_keys = OFF").fetchall() == []
    database.close()
    if "reinforce_refresher WHERE" in sql:
        _change(healthy, "DELETE FROM reinforce_assignment")
    if "FROM reinforce_job_run" in sql:
        _change(healthy, "DELETE FROM reinforce_job_shard")
    _change(healthy, sql)

    answer = run("doctor", *AT, "--json")

    assert answer.exit_code == 1
    to_do = _to_do(answer)
    assert list(to_do) == [check]
    assert says in to_do[check]


def test_clock(healthy: Path, run: Run) -> None:
    """A clock that is behind the practice that was recorded is found."""
    answer = run("doctor", "--at", "2026-03-10T09:00:00Z", "--json")

    assert "there is practice of 2026-03-14" in _to_do(answer)["clock"]


def test_journal(healthy: Path, run: Run) -> None:
    """A database without its write-ahead log would have readers wait; opened for reading alone it shows."""
    database = sqlite3.connect(healthy / "reinforce.db")
    database.execute("PRAGMA journal_mode = DELETE")
    database.close()

    answer = run("doctor", *AT, "--json", "--database", "sqlite:///file:reinforce.db?mode=ro&uri=true")

    assert "journal mode delete" in _to_do(answer)["write-ahead log"]


def test_no_database(run: Run) -> None:
    """Without a database it says how to make one."""
    answer = run("doctor", "--json")

    assert answer.exit_code == 1
    assert "run `reinforce init`" in _to_do(answer)["database"]


def test_no_server(run: Run) -> None:
    """A server that does not answer is a finding, and not the end of the doctor."""
    answer = run("doctor", "--json", "--database", "postgresql://nobody@localhost:1/none")

    assert answer.exit_code == 1
    assert "database" in _to_do(answer)


def test_outdated(healthy: Path, run: Run) -> None:
    """Tables of another version are found, and nothing is asked of them."""
    _change(healthy, "UPDATE reinforce_version SET version_num = '9999'")

    answer = run("doctor", "--json")

    assert "made by a newer reinforce" in _to_do(answer)["tables"]


def test_unknown_tenant(healthy: Path, run: Run) -> None:
    """A tenant that there is not is something to mend."""
    assert _to_do(run("doctor", *AT, "--tenant", "nobody", "--json")) == {"contents": "there is no such tenant"}


def test_postgresql(run: Run, folder: Path, postgres_url: str) -> None:
    """On PostgreSQL the clock is held against the server's."""
    run("db", "upgrade", "--database", postgres_url)
    (folder / "skills.csv").write_text("key\npricing\n")
    run("import", "skills.csv", "--database", postgres_url)

    findings = run("doctor", "--database", postgres_url, "--json").document["findings"]

    says = {one["check"]: one["says"] for one in findings}
    assert says["clock"].endswith("s apart from the database's")
    assert says["contents"].startswith("0 learners, 1 skill, ")
    assert "write-ahead log" not in says


def test_in_a_pipe(healthy: Path, run: Run) -> None:
    """In a pipe each finding is a line: ok or to do, what was looked at, and how it is."""
    lines = run("doctor", *AT).stdout.splitlines()

    assert all(line.split("\t")[0] == "ok" for line in lines if "\t" in line)
    assert lines[-1] == "all is well"


def test_broken_definition(healthy: Path, run: Run) -> None:
    """What cannot be read is a finding too, and the rest is still looked at."""
    _change(healthy, """UPDATE reinforce_refresher SET document = '{"key": 3}' WHERE key = 'security-quiz'""")

    to_do = _to_do(run("doctor", *AT, "--json"))

    assert set(to_do) == {"library", "freshness"}
