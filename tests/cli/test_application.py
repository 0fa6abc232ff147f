"""The program, put together from the group that is called."""

import subprocess
import sys
from importlib.metadata import version

import pytest
import typer.main

from cli.conftest import Run, app, every_command
from reinforce.cli.application import COMMANDS, GROUPS, program

LOADED = "import sys; from reinforce.cli.application import program; program({!r}); print(*sys.modules)"


@pytest.mark.parametrize("command", every_command(), ids=" ".join)
def test_what_is_called_is_there(command: tuple[str, ...]) -> None:
    """A command that is called is the one that the whole program has, with the same flags."""
    alone, among_all = typer.main.get_command(program(command[0])), typer.main.get_command(app)
    for name in command:
        alone, among_all = alone.commands[name], among_all.commands[name]  # type: ignore[attr-defined]

    assert [one.opts for one in alone.params] == [one.opts for one in among_all.params]
    assert alone.help == among_all.help


def test_the_modules_are_listed_with_all_their_commands() -> None:
    """A command that its module has is listed, so that it is found when it is called."""
    listed = [*(name for names in COMMANDS.values() for name in names), *GROUPS]

    assert list(dict.fromkeys(name for name, *_ in every_command())) == sorted(listed)


@pytest.mark.parametrize("called", [None, "--help", "dew"])
def test_all_commands_are_there_for_who_calls_none(called: str | None) -> None:
    """The help names every command, and so can the answer to a mistyped one."""
    found = typer.main.get_command(program(called))

    assert found.commands.keys() == {name for name, *_ in every_command()}  # type: ignore[attr-defined]


def test_a_mistyped_command_is_answered_with_those_like_it(pipe: Run) -> None:
    """Who calls a command that is not there is told which one is meant."""
    answer = pipe("forcast", "anna")

    assert answer.exit_code == 2
    assert "forecast" in answer.stderr


def test_a_command_does_not_load_what_others_need() -> None:
    """A look at the database waits neither for NumPy nor for what plans, learns, evaluates or delivers."""
    done = subprocess.run([sys.executable, "-c", LOADED.format("db")], capture_output=True, text=True, check=True)

    loaded = set(done.stdout.split())
    others = {f"reinforce.cli.{name}" for name in (*COMMANDS, *GROUPS.values()) if name != "database"}
    assert "reinforce.cli.database" in loaded
    assert loaded & {"numpy", "reinforce.feeds.door", "reinforce.planning", *others} == set()


def test_the_version_loads_no_command(pipe: Run) -> None:
    """What is asked first, by people and by scripts, is answered before any command is loaded."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format("--version")], capture_output=True, text=True, check=True
    )
    answer = pipe("--version")

    assert set(done.stdout.split()) & {f"reinforce.cli.{name}" for name in (*COMMANDS, *GROUPS.values())} == set()
    assert (answer.exit_code, answer.stdout) == (0, f"{version('reinforce-engine')}\n")
