"""What the tests of the intake share: a tenant with one person and one skill, and statements about both."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from reinforce import Learner, Reinforcer, Skill, XapiIdentifier
from reinforce.intake.incoming import Incoming
from reinforce.intake.readings import Fate, Reading
from reinforce.statements.mapping import StatementMapping
from reinforce.statements.mapping_files import mapping_of
from reinforce.statements.reading import read_statement
from reinforce.statements.versions import XapiVersion

Plain = dict[str, Any]

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
LMS = "https://lms.acme.example"
PRICING = "https://content.acme.example/au/pricing/1"
CMI5 = "https://w3id.org/xapi/cmi5/context/categories/cmi5"
VERBS = "http://adlnet.gov/expapi/verbs/"

CMI5_MAPPING = mapping_of({"ready": "cmi5", "skills": {"https://content.acme.example/au/pricing/*": "pricing"}})


def settle(reinforcer: Reinforcer, *mappings: StatementMapping) -> None:
    """Define Ada, whom the LMS knows by an account, and what she practises; and let mappings count."""
    reinforcer.define(
        Skill("pricing"), Skill("price-objections"), Learner("ada", xapi=XapiIdentifier("account", "a-17", LMS)), at=NOW
    )
    for mapping in mappings:
        reinforcer.statements.adopt(mapping, at=NOW)


def account(name: str, home_page: str = LMS) -> Plain:
    """An Agent with an account."""
    return {"objectType": "Agent", "account": {"homePage": home_page, "name": name}}


def passed(name: str = "a-17", *, day: int = 1, verb: str = "passed", **more: Any) -> Plain:
    """What a cmi5 unit says of who has passed it, in April 2026; with None a part is left out."""
    whole = {
        "id": str(uuid4()),
        "actor": account(name),
        "verb": {"id": f"{VERBS}{verb}"},
        "object": {"id": PRICING},
        "result": {"success": verb == "passed", "completion": True},
        "context": {"contextActivities": {"category": [{"id": CMI5}]}},
        "timestamp": f"2026-04-{day:02}T09:00:00Z",
        **more,
    }
    return {part: value for part, value in whole.items() if value is not None}


def voiding(target: str, **more: Any) -> Plain:
    """A statement that takes another back."""
    return {
        "id": str(uuid4()),
        "actor": account("admin"),
        "verb": {"id": f"{VERBS}voided"},
        "object": {"objectType": "StatementRef", "id": target},
        "timestamp": "2026-04-30T09:00:00Z",
        **more,
    }


def incoming(*statements: Plain, version: XapiVersion = XapiVersion.V1) -> list[Incoming]:
    """Statements as they come from a file."""
    return [Incoming(read_statement(json.dumps(one).encode(), version), version) for one in statements]


def fates(readings: Sequence[Reading]) -> list[Fate]:
    """What they have come to."""
    return [one.fate for one in readings]
