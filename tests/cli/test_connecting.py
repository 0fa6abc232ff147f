"""docs/connect: what its pages say can be done, can be."""

import doctest
import re
import shlex
from pathlib import Path

import pytest

from cli.conftest import Run

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted((DOCS / "connect").glob("*.md"))

FILE = re.compile(r"^`([\w.]+)`:\n\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)
EXAMPLE = re.compile(r"^\$ reinforce (.*)\n((?:(?!\$ |```).*\n)*)", re.MULTILINE)
LINK = re.compile(r"\]\(([\w./-]+\.md)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_pages_are_true(run: Run, folder: Path, page: Path) -> None:
    """A page's files and commands, in their order in an empty folder, give what the page says."""
    text = page.read_text()
    assert run("init").exit_code == 0
    for name, content in FILE.findall(text):
        (folder / name).write_text(content)
    for command, wanted in EXAMPLE.findall(text):
        answer = run(*shlex.split(command))

        assert answer.exit_code == 0, f"{command}: {answer.stderr}"
        said = "".join(f"{line.rstrip()}\n" for line in answer.stdout.splitlines())
        assert doctest.OutputChecker().check_output(wanted, said, doctest.ELLIPSIS), f"$ reinforce {command}\n{said}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_pages_lead_somewhere(page: Path) -> None:
    """Every page that a page refers to is there, and the first one leads to all of them."""
    assert [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()] == []
    first = (DOCS / "connect" / "README.md").read_text()
    assert page.stem == "README" or f"({page.name})" in first
