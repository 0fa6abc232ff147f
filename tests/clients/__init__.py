"""Programs that use xAPI clients written by others, in JavaScript, and what they need to run."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

import postgres

MISSING = "the JavaScript clients are missing"
HOW_TO_INSTALL = (
    "install node and npm (Debian: apt-get install nodejs npm), then run npm ci --ignore-scripts in tests/clients"
)


def missing() -> str | None:
    """What keeps the programs from running; None: nothing."""
    if shutil.which("node") is None or not (Path(__file__).parent / "node_modules").is_dir():
        return f"{MISSING}: {HOW_TO_INSTALL}"
    return None


def skip_or_fail(message: str) -> NoReturn:
    """End a test that cannot run here: in CI nothing may be skipped."""
    if postgres.is_ci():
        pytest.fail(f"{message}; CI is set, so nothing may be skipped", pytrace=False)
    pytest.skip(message)


def environment() -> dict[str, str]:
    """Without what would send requests to this machine by way of another."""
    return {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
