"""Mappings as people write them down."""

import re
import tomllib
from pathlib import Path

import pytest

from reinforce import InvalidFile
from reinforce.statements.mapping_files import READY, mapping_of, read_mapping

PAGE = Path(__file__).parents[2] / "docs" / "statements-in.md"
WRITTEN = re.findall(r"^```toml\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("text", WRITTEN)
def test_the_mappings_of_the_page_make_sense(text: str) -> None:
    """What people copy from the documentation is a mapping with rules and skills."""
    mapping = mapping_of(tomllib.loads(text))

    assert mapping.rules
    assert mapping.skills


def test_every_ready_mapping_can_be_named() -> None:
    """With its skills and nothing else it is what the function of that name makes."""
    for name, (make, _) in READY.items():
        skills = {"https://lms.example/*": "pricing"}
        assert mapping_of({"ready": name, "skills": skills}) == make(skills)


def test_a_ready_mapping_with_all_that_may_be_said() -> None:
    """What is its own goes to the ready mapping, the rest to every mapping; nothing is left out."""
    mapping = mapping_of(
        {
            "ready": "cmi5",
            "name": "academy",
            "move_on": "Completed",
            "mastery_score": 0.8,
            "home_pages": ["https://lms.example"],
            "takes_addresses": False,
            "creates_learners": True,
            "time_zone": "Europe/Berlin",
            "skills": {"*": "pricing"},
        }
    )

    assert (mapping.name, mapping.takes_addresses, mapping.creates_learners) == ("academy", False, True)
    assert (mapping.time_zone, mapping.home_pages) == ("Europe/Berlin", ("https://lms.example",))
    assert [(one.name, one.passing, one.evidence) for one in mapping.rules] == [
        ("judged", 0.8, "auto"),
        ("completed", None, "completion"),
    ]


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """The error names the file."""
    (tmp_path / "latin.toml").write_bytes(b"name = '\xe4'")
    for name, said in (("none.toml", "cannot be read"), ("latin.toml", "no TOML in UTF-8")):
        with pytest.raises(InvalidFile, match=said):
            read_mapping(tmp_path / name)
