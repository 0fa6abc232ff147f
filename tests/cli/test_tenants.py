"""A tenant that is not there: said to whoever asks about it, and begun by whoever brings something for it."""

import sqlite3
from pathlib import Path

import pytest

from cli.conftest import Run, every_command

ELSEWHERE = ("--tenant", "nroth")

ABOUT_A_TENANT = {
    "calibration learn": (),
    "calibration off": (),
    "calibration on": (),
    "calibration show": (),
    "due": ("anna",),
    "erase": ("anna", "--yes"),
    "evaluate": (),
    "export": (),
    "feed backfill": ("archive",),
    "feed deliver": (),
    "feed list": (),
    "feed pause": ("archive",),
    "feed remove": ("archive", "--yes"),
    "feed resume": ("archive",),
    "feed retry": ("archive",),
    "feed show": ("archive",),
    "feed test": ("archive",),
    "forecast": ("anna",),
    "lrs key list": (),
    "lrs key revoke": ("6f1c",),
    "nightly": (),
    "parameters adopt": ("1",),
    "parameters fit": (),
    "parameters list": (),
    "parameters preview": ("1",),
    "parameters roll-back": (),
    "parameters show": ("1",),
    "plan": ("anna",),
    "replay": (),
    "simulate": ("--team", "north"),
    "statements mappings": (),
    "statements pull": (),
    "statements source list": (),
    "statements source remove": ("school",),
    "statements tell": (),
    "statements understand": (),
    "statements unmap": ("cmi5",),
    "statements unmatched": (),
    "void": ("lms", "e1", "--reason", "test"),
    "why": ("anna", "pricing"),
}

BEGINS_ONE = {
    "feed add": ("archive", "jsonl", "--set", "path=statements.jsonl"),
    "import": ("people.toml",),
    "lrs key add": ("--scope", "all"),
    "statements import": ("launched.jsonl",),
    "statements map": ("cmi5.toml",),
    "statements source add": ("school", "lrs", "--set", "endpoint=https://lrs.example/xapi"),
}

LAUNCHED = """\
{"actor": {"mbox": "mailto:anna@example.com"}, "verb": {"id": "http://adlnet.gov/expapi/verbs/launched"}, \
"object": {"id": "https://lms.example/units/pricing"}}
"""

ABOUT_ALL = {"tenant list", "tenant remove"}
"""See test_tenant_commands.py."""

ABOUT_NONE = {*("db check", "db sql", "db upgrade", "demo", "doctor", "init", "profile", "serve"), *ABOUT_ALL}
"""The doctor finds out, as of everything else, that there is no such tenant."""


def _tenants(folder: Path) -> list[str]:
    database = sqlite3.connect(folder / "reinforce.db")
    found = [key for (key,) in database.execute("SELECT key FROM reinforce_tenant ORDER BY key")]
    database.close()
    return found


def test_every_command_is_looked_at() -> None:
    """Each command either asks about a tenant, begins one, or is about none."""
    assert {*ABOUT_A_TENANT, *BEGINS_ONE, *ABOUT_NONE} == {" ".join(one) for one in every_command()}


@pytest.mark.parametrize("name", ABOUT_A_TENANT)
def test_unknown_tenant(team: Path, run: Run, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A mistyped tenant is never shown as an empty one: it ends with 2, names those that there are, and makes none."""
    monkeypatch.setenv("REINFORCE_XAPI_BASE", "https://learning.example.com/xapi/")

    answer = run(*name.split(), *ABOUT_A_TENANT[name], *ELSEWHERE)

    assert (answer.exit_code, answer.stdout) == (2, "")
    assert answer.stderr == "reinforce: there is no tenant 'nroth'; there are: default\n"
    assert _tenants(team) == ["default"]


@pytest.mark.parametrize("name", BEGINS_ONE)
def test_new_tenant(team: Path, run: Run, name: str) -> None:
    """What brings something for a tenant begins it and says so, beside which others; done again, it begins none."""
    (team / "cmi5.toml").write_text('ready = "cmi5"\n')
    (team / "launched.jsonl").write_text(LAUNCHED)

    answer = run(*name.split(), *BEGINS_ONE[name], *ELSEWHERE, "--json")
    again = run("import", "people.toml", *ELSEWHERE, "--json")

    assert answer.exit_code == 0, answer.stderr
    assert _tenants(team) == ["default", "nroth"]
    assert (
        "began a new tenant, 'nroth', beside those that there are: default; "
        "if the name is mistyped, `reinforce tenant remove nroth` takes it away again\n"
    ) in answer.stderr
    assert (answer.document["new_tenant"], again.document["new_tenant"]) == ("nroth", None)
    assert again.stderr == ""


def test_the_first_tenant(team_template: Path, run: Run) -> None:
    """The first tenant of all cannot be a mistyped other one: programs are told of it, and people are not."""
    assert run("init").exit_code == 0

    answer = run("import", team_template / "people.toml", "--json")

    assert (answer.stderr, answer.document["new_tenant"]) == ("", "default")


def test_a_tenant_that_fails_to_begin(team: Path, run: Run) -> None:
    """An import that is refused has begun none, and says nothing of it."""
    answer = run("import", "events.csv", "--mapping", "lms", *ELSEWHERE)

    assert (answer.exit_code, _tenants(team)) == (2, ["default"])
    assert "nothing was imported" in answer.stderr
    assert "began" not in answer.stderr


def test_no_tenant_yet(run: Run) -> None:
    """Before anything was imported, a question says what makes a tenant."""
    assert run("init").exit_code == 0

    answer = run("parameters", "list")

    assert answer.exit_code == 2
    assert "there is no tenant 'default' yet, nor any other: the first import makes one" in answer.stderr
