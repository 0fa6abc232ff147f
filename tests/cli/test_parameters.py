"""`parameters`: fitted, looked at, adopted and rolled back on the command line."""

import re
from pathlib import Path

import pytest

from cli.conftest import Run, invoke

LOG = Path(__file__).parents[1] / "data" / "anki_josh.csv"
AT = ("--at", "2025-01-10T12:00:00Z")


@pytest.fixture
def tenant(folder: Path) -> Run:
    """The program in a folder whose tenant has one person's log of a year."""
    assert invoke("init").exit_code == 0
    taken = invoke("import", LOG, "--format", "anki", "--define", "--time-zone", "America/New_York")
    assert taken.exit_code == 0, taken.stderr
    return invoke


def test_from_the_fit_to_the_roll_back(tenant: Run) -> None:
    """A fit says what it is worth, is adopted by name, and rolled back; list and show tell all of it."""
    said = tenant("parameters", "fit", "--by", "Ann").stdout
    assert re.match(r"parameter set 2: (better|not better by more than twice its noise|not enough evidence): ", said)
    adopted = tenant("parameters", "adopt", "2", "--anyway", "--by", "Bo", *AT)
    assert "parameter set 2 is in force: 1,205 memories replayed" in adopted.stdout
    table = [line.split("\t") for line in tenant("parameters", "list").stdout.splitlines()]
    assert [row[0] for row in table] == ["id", "1", "2"]
    assert [row[2] for row in table] == ["is_present", "False", "True"]
    assert table[2][6] == "2025-01-10 by Bo"
    facts = dict(line.split("\t", 1) for line in tenant("parameters", "show", "2").stdout.splitlines())
    assert facts["parameter set"] == "2, in force"
    assert facts["fitted"].endswith("by Ann, on 6,372 reviews")
    assert facts["adopted"] == "2025-01-10 12:00 UTC by Bo, in place of set 1"
    back = tenant("parameters", "roll-back", "--by", "Cy", "--json").document
    assert back["adopted"] == 1
    assert back["replayed"]["written"] is True
    assert tenant("replay", "--check").exit_code == 0
    again = tenant("parameters", "roll-back")
    assert (again.exit_code, "nothing to roll back" in again.stderr) == (2, True)


def test_preview(tenant: Run) -> None:
    """A preview has eight weeks, and in JSON whose work rises most; nothing is adopted by it."""
    tenant("parameters", "fit")
    weeks, *_ = tenant("parameters", "preview", "2", *AT).stdout.split("\n\n")
    assert len(weeks.splitlines()) == 1 + 8
    change = tenant("parameters", "preview", "2", *AT, "--json").document["change"]
    assert (change["parameter_set"], change["replaces"], change["learners"]) == (2, 1, 1)
    assert len(change["weeks"]) == 8
    assert change["largest_day"][2] <= max(change["largest_day"][:2])
    assert [one["is_present"] for one in tenant("parameters", "list", "--json").document["parameters"]] == [True, False]


def test_proof_is_asked_for(tenant: Run) -> None:
    """A set that was not shown to be better is refused with the reason; one that there is not, as well."""
    tenant("parameters", "fit")
    tenant("parameters", "adopt", "2", "--anyway", *AT)
    refused = tenant("parameters", "adopt", "1", *AT)
    assert refused.exit_code == 2
    assert "parameter set 1 was never compared with others" in refused.stderr
    missing = tenant("parameters", "show", "7")
    assert (missing.exit_code, missing.stderr) == (2, "reinforce: there is no parameter set 7\n")


def test_too_little(team: Path, run: Run) -> None:
    """With a short log there is not enough evidence, and it says of what."""
    answer = run("parameters", "fit")
    assert answer.exit_code == 2
    assert answer.stderr.startswith("reinforce: not enough evidence: fitting needs at least 64 reviews")
