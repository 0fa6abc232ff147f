"""`nightly`: what a scheduler sees of it."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import Run
from reinforce.store.database import Database
from reinforce.store.job_locks import job_lock

Golden = Callable[[str, Any], None]
DAY = ("--as-of", "2026-03-16")


def test_json(team: Path, run: Run, golden: Golden) -> None:
    """The summary has the keys that are documented; a second run for the same day says that it changed nothing."""
    golden("nightly", run("nightly", *DAY, "--json").document)
    golden("nightly_again", run("nightly", *DAY, "--json").document)


def test_summary_in_a_pipe(team: Path, run: Run) -> None:
    """In a pipe, such as a cron mail, there is a line for each tenant and what became of it."""
    first, again = run("nightly", *DAY), run("nightly", *DAY)

    assert first.exit_code == again.exit_code == 0
    assert first.stdout.splitlines()[1].startswith("default\t2026-03-16\t2\t2\t")
    assert first.stdout.splitlines()[1].endswith("\tdone")
    assert again.stdout.splitlines()[1].endswith("\twas done before")
    assert first.stderr == ""


def test_an_empty_day_again(run: Run, folder: Path) -> None:
    """A day on which nobody got anything is told apart from one that was finished before, too."""
    run("init")
    (folder / "learners.csv").write_text("key\nanna\n")
    run("import", "learners.csv")

    first, again = run("nightly", *DAY), run("nightly", *DAY)

    assert first.stdout.splitlines()[1] == "default\t2026-03-16\t1\t0\t0\t0\tdone"
    assert again.stdout.splitlines()[1] == "default\t2026-03-16\t0\t0\t0\t0\twas done before"


def test_every_tenant(team: Path, run: Run) -> None:
    """Without a tenant everyone's plans are made; with one, its own."""
    assert run("import", "people.toml", "--tenant", "other").exit_code == 0

    everyone = run("nightly", *DAY, "--json").document["tenants"]
    one = run("nightly", "--as-of", "2026-03-17", "--tenant", "other", "--json").document["tenants"]

    assert [tenant["tenant"] for tenant in everyone] == ["default", "other"]
    assert [tenant["tenant"] for tenant in one] == ["other"]


def test_workers(team: Path, pipe: Run, run: Run) -> None:
    """Several processes make the same plan as one."""
    assert pipe("nightly", *DAY, "--workers", "2").exit_code == 0

    assert run("nightly", *DAY).stdout.splitlines()[1].endswith("\twas done before")


def test_failed_tenant(team: Path, run: Run) -> None:
    """A tenant that failed ends the command with 1; the others have their plans."""
    assert run("import", "people.toml", "--tenant", "broken").exit_code == 0
    database = sqlite3.connect(team / "reinforce.db")
    database.execute(
        "UPDATE reinforce_refresher SET document = 'gone'"
        " WHERE tenant_id = (SELECT id FROM reinforce_tenant WHERE key = 'broken')"
    )
    database.commit()
    database.close()

    answer = run("nightly", *DAY, "--json")

    assert answer.exit_code == 1
    assert answer.document["is_ok"] is False
    errors = {one["tenant"]: one["error"] for one in answer.document["tenants"]}
    assert errors["default"] is None
    assert errors["broken"]


def test_run_in_progress(team: Path, run: Run) -> None:
    """While another run is at work on the tenant, the command ends with 4 and leaves it to that one."""
    database = Database(f"sqlite:///{team}/reinforce.db")
    with job_lock(database, 1, "nightly"):
        answer = run("nightly", *DAY)
    database.close()

    assert answer.exit_code == 4
    assert "another run is at work" in answer.stdout


@pytest.mark.parametrize("arguments", [("--as-of", "tomorrow"), ("--workers", "0")])
def test_bad_flags(team: Path, run: Run, arguments: tuple[str, ...]) -> None:
    """What makes no sense ends with 2."""
    assert run("nightly", *arguments).exit_code == 2


def test_nobody_yet(run: Run) -> None:
    """A database without tenants has nothing to plan, which is no failure."""
    run("init")

    answer = run("nightly")

    assert (answer.exit_code, answer.stdout) == (0, "")
    assert "nothing to plan" in answer.stderr
