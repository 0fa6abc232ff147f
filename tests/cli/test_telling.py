"""`statements tell`, and that commands and nights tell in the name that the settings say."""

from pathlib import Path

import pytest

from cli.conftest import Run

BASE = "https://learning.example.com/xapi/"


def test_what_was_recorded_before_is_told_afterwards(team: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a name it is refused, and says what to set; with one it tells everything, once."""
    refused = run("statements", "tell")
    monkeypatch.setenv("REINFORCE_XAPI_BASE", BASE)
    first, second = (run("statements", "tell", "--json").document["told"] for _ in range(2))

    assert refused.exit_code == 2
    assert "section [xapi]" in refused.stderr
    assert first > 0
    assert second == 0
    assert run("statements", "tell").stdout == "0 statements written\n"
