"""`calibration`, as people see it; what it says to programs is in the tests of what is learned."""

from pathlib import Path

from cli.conftest import Run


def test_closes_fit_the_terminal(team: Path, run: Run, terminal: Run) -> None:
    """Each close stands on one line of a terminal of 80 columns, beside what FSRS alone would have made of it."""
    run("calibration", "learn", "--at", "2026-12-01T10:11:00Z")

    _, heading, close = terminal("calibration", "show").stdout.splitlines()

    assert "FSRS's" in heading
    assert close.split()[:5] == ["1", "2026-12-01", "10:11", "5", "1"]
    assert len(close.rstrip()) <= 80
