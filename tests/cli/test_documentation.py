"""docs/commands.md: complete, and true."""

import doctest
import re
import shlex
from pathlib import Path

import pytest
import typer.main
from attrs import frozen

from cli.conftest import Run, app, every_command

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"


@frozen
class Example:
    """A command line of the page and what it should print."""

    command: str
    wanted: str


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)


def _examples() -> list[Example]:
    return [
        Example(command, wanted)
        for block in _blocks("console")
        for command, wanted in re.findall(r"^\$ reinforce (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
    ]


@pytest.mark.parametrize("command", every_command(), ids=" ".join)
def test_every_command_is_documented(command: tuple[str, ...]) -> None:
    """Every command has its section, with an example and the keys of its JSON."""
    section = re.search(rf"^## {' '.join(command)}\n(.*?)(?=^## |\Z)", PAGE.read_text(), re.DOTALL | re.MULTILINE)

    assert section, f"no section on {' '.join(command)}"
    assert f"reinforce {' '.join(command)}" in section[1]
    assert "\nJSON" in section[1]


@pytest.mark.parametrize("command", every_command(), ids=" ".join)
def test_every_command_has_help(run: Run, command: tuple[str, ...]) -> None:
    """Every command, argument and option says what it is for."""
    answer = run(*command, "--help")
    found = typer.main.get_command(app)
    for name in command:
        found = found.commands[name]  # type: ignore[attr-defined]

    assert answer.exit_code == 0
    assert found.help
    assert [one.name for one in found.params if not getattr(one, "help", None)] == []


def test_flags_take_no_value(team: Path, terminal: Run) -> None:
    """Help on a terminal shows no type behind a flag of ours."""
    said = re.sub(r"\x1b\[[0-9;]*m", "", terminal("erase", "--help").stdout)
    flags = [line for line in said.splitlines() if "--yes" in line or "--json" in line]

    assert len(flags) == 2
    assert not any("bool" in line for line in flags)


def test_examples_are_true(run: Run, folder: Path) -> None:
    """The examples of the page, run in their order in one folder, print what the page says."""
    people, settings, mapping = _blocks("toml")
    (folder / "people.toml").write_text(people)
    (folder / "events.csv").write_text(_blocks("csv")[0])
    (folder / "lms.toml").write_text(mapping)
    (folder / "lms.jsonl").write_text(_blocks("jsonl")[0])
    checker = doctest.OutputChecker()
    for example in _examples():
        answer = run(*shlex.split(example.command))
        if example.command == "init":
            with (folder / "reinforce.toml").open("a") as file:
                file.write(settings)

        assert answer.exit_code == 0, f"{example.command}: {answer.stderr}"
        is_right = checker.check_output(_stripped(example.wanted), _stripped(answer.stdout), doctest.ELLIPSIS)
        assert is_right, f"$ reinforce {example.command}\n{answer.stdout}"


def _stripped(text: str) -> str:
    """The text without blanks at the ends of lines, which editors take out."""
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def test_exit_codes_are_documented() -> None:
    """Every exit code that the program has is in the table."""
    table = PAGE.read_text().partition("## Exit codes")[2].partition("\n## ")[0]

    assert re.findall(r"^\| (\d+) \|", table, re.MULTILINE) == ["0", "1", "2", "3", "4", "130", "141"]
