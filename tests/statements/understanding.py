"""Reading the golden cases of what statements of others say."""

import json
from pathlib import Path
from typing import Any

from reinforce.model.conversion import structure, unstructure
from reinforce.statements import ready_mappings
from reinforce.statements.mapping import StatementMapping
from reinforce.statements.understanding import Understood, understood

DATA = Path(__file__).parent / "data" / "understanding"
CASES = sorted(path.parent.name for path in DATA.glob("*/statement.json"))


def read(case: str, name: str) -> Any:
    """One of a case's files."""
    return json.loads((DATA / case / f"{name}.json").read_text())


def mapping_of(case: str) -> tuple[StatementMapping, dict[str, str]]:
    """The mapping of a case, ready or its own, and its learners."""
    told = read(case, "mapping")
    learners = told.pop("learners", {})
    if "mapping" in told:
        return structure(told["mapping"], StatementMapping), learners
    ready = getattr(ready_mappings, told.pop("ready"))
    return ready(**{name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}), learners


def said_by(case: str) -> Understood:
    """What the statement of a case is understood to say."""
    mapping, learners = mapping_of(case)
    return understood(read(case, "statement"), mapping, learners)


def plain(found: Understood) -> dict[str, Any]:
    """What was understood, as it stands in the golden file."""
    data: dict[str, Any] = unstructure(found)
    return data
