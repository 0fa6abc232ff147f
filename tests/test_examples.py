"""The examples are programs that people copy, so they run."""

import runpy
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


def output_of(name: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What an example prints."""
    runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")
    return capsys.readouterr().out


def test_demo(capsys: pytest.CaptureFixture[str]) -> None:
    """The demo gives everyone at work something to refresh, with a reason, and explains one of them."""
    printed = output_of("demo", capsys)

    assert "Anna Lindqvist, Monday 07 October 2024\n  " in printed
    assert "“Price objections” has fallen to" in printed
    assert "Elif Demir, Monday 07 October 2024\n\n" in printed, "she is away, and gets nothing"
    assert "again next time: due again on 2024-10-" in printed


def test_embedded(capsys: pytest.CaptureFixture[str]) -> None:
    """The host's call and our practice are kept together, or neither is."""
    printed = output_of("embed_in_an_app", capsys)

    assert "the second call was not kept: there is no skill 'juggling'" in printed
    assert "calls kept: 1" in printed
    assert "Price objections: " in printed


def test_every_example_is_tested() -> None:
    """No example is left untried."""
    tried = {"demo", "embed_in_an_app", "nightly_job"}

    assert {path.stem for path in EXAMPLES.glob("*.py")} == tried
