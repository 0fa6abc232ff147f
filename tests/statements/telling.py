"""Reading the golden facts."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from reinforce.model.conversion import structure
from reinforce.model.people import Learner
from reinforce.statements import facts
from reinforce.statements.facts import Fact, Voided
from reinforce.statements.formats import compact
from reinforce.statements.reading import check_statement
from reinforce.statements.telling import told
from reinforce.statements.versions import XapiVersion
from reinforce.statements.voice import Voice

DATA = Path(__file__).parent / "data" / "telling"
CASES = sorted(path.parent.name for path in DATA.glob("*/fact.json"))
VOICE = structure(json.loads((DATA / "voice.json").read_text()), Voice)


def fact_of(case: str) -> Fact:
    """The fact of a golden case."""
    fact: Fact = _fact(json.loads((DATA / case / "fact.json").read_text()))
    return fact


def _fact(data: dict[str, Any]) -> Any:
    """A fact from its class's name and fields; what a `Voided` takes back stands under `of`."""
    fields = dict(data)
    cls = getattr(facts, fields.pop("fact"))
    if cls is not Voided:
        return structure(fields, cls)
    by = structure(fields["by"], Learner) if "by" in fields else None
    return Voided(datetime.fromisoformat(fields["at"]), _fact(fields["of"]), by, fields.get("reason"))


def said(fact: Fact, voice: Voice = VOICE) -> bytes:
    """The statement of a fact as it goes out, which must be valid in every version."""
    data = told(fact, voice)
    for version in XapiVersion:
        check_statement(data, version)
    return compact(data)
