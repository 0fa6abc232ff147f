"""A small team in a folder of its own, and the program run in it as people and programs run it."""

import json
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import typer.main
from attrs import frozen
from typer.testing import CliRunner

from reinforce.cli.application import program
from reinforce.cli.settings import CONFIG_VARIABLE, VARIABLES
from reinforce.store.migrations import REVISIONS

app = program()

GOLDEN = Path(__file__).parent / "golden"
WRITE_GOLDEN = "REINFORCE_WRITE_GOLDEN"
"""Set it to write the golden files anew, then read what changed in them."""

AT = "2026-03-16T09:00:00+01:00"
"""A Monday."""

PEOPLE = """\
[[skills]]
key = "pricing"
title = "Price objections"

[[skills]]
key = "discovery"
title = "Discovery questions"
kind = "behaviour"

[[skills]]
key = "security"
title = "Security basics"
desired_retention = 0.8

[[roles]]
key = "seller"
skills.pricing = { weight = 2 }
skills.discovery = {}
skills.security = {}

[[teams]]
key = "north"
name = "North"

[[learners]]
key = "anna"
name = "Anna Berg"
time_zone = "Europe/Berlin"
roles = ["seller"]
teams = ["north"]

[[learners]]
key = "ben"
name = "Ben Cole"
time_zone = "Europe/Berlin"
roles = ["seller"]
teams = ["north"]

[[refreshers]]
key = "pricing-cards"
title = "Five price objections"
skills.pricing = 1
minutes = 5

[[refreshers]]
key = "call-review"
title = "Listen to one of your calls"
kind = "observation"
skills.discovery = 1
skills.pricing = 0.5
minutes = 10

[[refreshers]]
key = "security-quiz"
title = "Security quiz"
skills.security = 1
minutes = 3
"""

EVENTS = """\
learner,skill,at,passed,id
anna,pricing,2026-03-02T10:00:00Z,yes,e1
anna,pricing,2026-03-05T10:00:00Z,yes,e2
anna,discovery,2026-03-03T10:00:00Z,no,e3
anna,security,2026-03-14T10:00:00Z,yes,e4
ben,pricing,2026-03-04T10:00:00Z,no,e5
"""

SETTINGS = """\
[import.lms]
occurred_at = "at"
learner = "learner"
skill = "skill"
outcome = "passed"
outcome_kind = "success"
external_id = "id"
source_is = "lms"
"""


@frozen
class Answer:
    """What a command said, and how it ended."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> Any:
        """Standard output as the one JSON document that it must be."""
        return json.loads(self.stdout)


Run = Callable[..., Answer]


def every_command() -> list[tuple[str, ...]]:
    """Every command with its group, as a person types them."""
    return sorted(_below(typer.main.get_command(app), ()))


def _below(command: object, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield path
        return
    for name, one in inner.items():
        yield from _below(one, (*path, name))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, without settings from anywhere."""
    place = tmp_path / "work"
    place.mkdir()
    monkeypatch.chdir(place)
    for variable in (*VARIABLES.values(), CONFIG_VARIABLE, "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(variable, raising=False)
    return place


def invoke(*arguments: str | Path, given: str | None = None) -> Answer:
    """Run a command in this process, as in a pipe."""
    result = CliRunner().invoke(app, [str(one) for one in arguments], input=given)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Answer(result.exit_code, result.stdout, result.stderr)


@pytest.fixture
def run(folder: Path) -> Run:
    """Run a command in this process, in the folder."""
    return invoke


@pytest.fixture(scope="session")
def team_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `team` copies: made once, because making tables takes time."""
    folder = tmp_path_factory.mktemp("template")
    (folder / "people.toml").write_text(PEOPLE)
    (folder / "events.csv").write_text(EVENTS)
    assert invoke("init", folder).exit_code == 0
    with (folder / "reinforce.toml").open("a") as settings:
        settings.write(SETTINGS)
    for arguments in ((folder / "people.toml",), (folder / "events.csv", "--mapping", "lms")):
        imported = invoke("import", *arguments, "--config", folder / "reinforce.toml")
        assert imported.exit_code == 0, imported.stderr
    return folder


@pytest.fixture
def team(team_template: Path, folder: Path) -> Path:
    """The folder with settings, a database, a team and what it practised."""
    shutil.copytree(team_template, folder, dirs_exist_ok=True)
    return folder


def start(*arguments: str | Path) -> list[str]:
    """The command line that starts the program in a process of its own."""
    return [sys.executable, "-c", "from reinforce.cli import main; main()", *(str(one) for one in arguments)]


@pytest.fixture
def pipe(folder: Path) -> Run:
    """Run a command in a process of its own, its output in pipes."""

    def piped(*arguments: str | Path, given: str | None = None) -> Answer:
        done = subprocess.run(start(*arguments), input=given, capture_output=True, text=True, check=False, timeout=60)
        return Answer(done.returncode, done.stdout, done.stderr)

    return piped


@pytest.fixture
def terminal(folder: Path) -> Run:
    """Run a command in a process of its own, on a terminal of 80 columns."""

    def on_terminal(*arguments: str | Path, given: str | None = None) -> Answer:
        return Answer(*_on_terminal(start(*arguments), given), "")

    return on_terminal


def _on_terminal(command: Sequence[str], given: str | None) -> tuple[int, str]:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24", "PYTHONUTF8": "1"}
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        if given is not None:
            os.write(ours, given.encode())
        said = b""
        while part := _part(ours):
            said += part
        code = process.wait(timeout=60)
    os.close(ours)
    return code, said.decode().replace("\r\n", "\n")


def _part(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other end is closed
        return b""


def _without_revision(document: Any) -> Any:
    """The document as every revision of the tables gives it."""
    return json.loads(json.dumps(document).replace(f"revision {REVISIONS[-1]}", "revision (the newest)"))


@pytest.fixture
def golden() -> Callable[[str, Any], None]:
    """Hold a document against the file of that name, numbers to nine digits."""

    def hold(name: str, document: Any) -> None:
        file = GOLDEN / f"{name}.json"
        found = _rounded(_without_revision(document))
        if os.environ.get(WRITE_GOLDEN):
            file.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
        assert found == json.loads(file.read_text())

    return hold


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(content) for key, content in value.items()}
    if isinstance(value, list):
        return [_rounded(one) for one in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value
