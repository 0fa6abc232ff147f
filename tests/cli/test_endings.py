"""How commands end: exit codes, errors, and what is where."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from cli.conftest import AT, Run, start
from reinforce.cli import exit_codes
from reinforce.errors import DatabaseLocked, InvalidValue, MissingExtra, RunInProgress, UnknownSkill


@pytest.mark.parametrize(
    ("error", "code"),
    [(InvalidValue(), 2), (UnknownSkill(), 2), (MissingExtra(), 2), (DatabaseLocked(), 3), (RunInProgress(), 4)],
)
def test_code_of_each_family(error: Exception, code: int) -> None:
    """Each family of errors has its own exit code."""
    assert exit_codes.of(error) == code


def test_no_database(run: Run, folder: Path) -> None:
    """A question to a database that isn't there ends with 3, says how to make it, and leaves no empty file."""
    answer = run("due", "anna")

    assert answer.exit_code == 3
    assert "run `reinforce init`" in answer.stderr
    assert list(folder.iterdir()) == []


def test_no_tables(run: Run, folder: Path) -> None:
    """A database without our tables ends with 3 and says what makes them."""
    sqlite3.connect(folder / "reinforce.db").close()

    answer = run("due", "anna")

    assert answer.exit_code == 3
    assert "reinforce db upgrade" in answer.stderr


def test_read_only(team: Path, run: Run) -> None:
    """A database that may not be written ends with 3, and questions to it are answered."""
    read_only = "sqlite:///file:reinforce.db?mode=ro&uri=true"

    refused = run("void", "lms", "e1", "--reason", "test", "--database", read_only)

    assert refused.exit_code == 3
    assert "may not be written" in refused.stderr
    assert run("due", "anna", "--database", read_only).exit_code == 0


def test_locked(team: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database in which somebody else writes for too long ends with 3."""
    other = sqlite3.connect(team / "reinforce.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    answer = run("void", "lms", "e1", "--reason", "test", "--database", "sqlite:///reinforce.db?timeout=0.1")
    other.close()

    assert answer.exit_code == 3
    assert "nothing was changed, try again" in answer.stderr


def test_unknown_flag(run: Run) -> None:
    """A flag that there is not ends with 2."""
    assert run("due", "anna", "--what").exit_code == 2


def test_broken_settings(run: Run, folder: Path) -> None:
    """A reinforce.toml with an unknown key ends with 2 and names the key, whatever the command."""
    (folder / "reinforce.toml").write_text("tenat = 'x'")

    answer = run("due", "anna")

    assert answer.exit_code == 2
    assert "there is no setting 'tenat'" in answer.stderr


def test_debug(team: Path, run: Run) -> None:
    """With --debug an error shows where it came from, and ends as it does without."""
    answer = run("due", "carl", "--debug")

    assert answer.exit_code == 2
    assert "Traceback" in answer.stderr
    assert answer.stderr.splitlines()[-1].startswith("reinforce: there is no learner 'carl'")


def test_json_errors(team: Path, run: Run) -> None:
    """With --json an error leaves standard output empty."""
    answer = run("due", "carl", "--json")

    assert answer.exit_code == 2
    assert answer.stdout == ""


def test_interrupted(team: Path) -> None:
    """Ctrl-C ends with 130, whatever the command is doing, and without a traceback."""
    waits = (
        # Set here, because a job in a shell's background is started with the signal switched off.
        "import signal, time, reinforce.cli.learners as l\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "l.as_moment = lambda at: print('ready', flush=True) or time.sleep(60)"
    )
    command = [sys.executable, "-c", f"{waits}\nfrom reinforce.cli import main; main()", "due", "anna"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=60)

    assert process.returncode == 130
    assert stderr == "interrupted\n"


def test_reader_that_leaves(team: Path) -> None:
    """A reader that reads no further, as `head` does, is no error to tell of."""
    read_end, write_end = os.pipe()
    os.close(read_end)

    done = subprocess.run(
        start("due", "anna", "--at", AT), stdout=write_end, stderr=subprocess.PIPE, check=False, timeout=60
    )
    os.close(write_end)

    assert done.returncode == 141
    assert done.stderr == b""


def test_missing_extra() -> None:
    """Without Typer and Rich the program says which line installs them."""
    hidden = "import sys; sys.modules['typer'] = sys.modules['rich'] = None"
    command = [sys.executable, "-c", f"{hidden}\nfrom reinforce.cli import main; main()"]

    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode == 2
    assert "pip install 'reinforce-engine[cli]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_version(run: Run) -> None:
    """--version prints the version alone."""
    answer = run("--version")

    assert answer.exit_code == 0
    assert answer.stdout.count(".") == 2
