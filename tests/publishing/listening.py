"""What the statement log says, for tests: each statement of ours is checked on the way."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from reinforce import Reinforcer
from reinforce.statements.profile import profile
from reinforce.statements.reading import check_statement
from reinforce.statements.settings import XapiSettings
from reinforce.statements.versions import XapiVersion
from reinforce.statements.vocabulary import NAMESPACE
from reinforce.store.driver import Driver
from reinforce.store.log_places import Cursor
from reinforce.store.statements import Origin, StatementLog, StoredStatement
from statements.following import check_against_template

HOME = "https://learning.example.com"
XAPI = XapiSettings(f"{HOME}/xapi/", HOME)

PROFILE = profile()
MOST = 100_000

Plain = dict[str, Any]


def heard(reinforcer: Reinforcer) -> list[StoredStatement]:
    """All statements of a tenant in the order of the log; ours are valid in both versions and follow a template."""
    with reinforcer._store.read() as session:
        found = StatementLog(Driver(session.connection, reinforcer._store.database.schema), session.tenant_id).after(
            Cursor(), MOST
        )
    for one in found:
        if one.origin is Origin.OURS:
            template_of(one)
            for version in XapiVersion:
                check_statement(json.loads(one.body), version)
    return found


def template_of(one: StoredStatement) -> str:
    """The name of the template that a statement follows."""
    return check_against_template(json.loads(one.body), PROFILE).rsplit("/", 1)[-1]


def said(reinforcer: Reinforcer) -> list[tuple[str, str]]:
    """Which template each statement follows, and of which day it is; voided ones have a `~` in front."""
    return [
        (f"{'~' * (one.voided_by is not None)}{template_of(one)}", str(one.data["timestamp"])[:10])
        for one in heard(reinforcer)
    ]


def names(reinforcer: Reinforcer) -> list[str]:
    """Which template each statement follows, see `said`."""
    return [name for name, _ in said(reinforcer)]


def bodies(reinforcer: Reinforcer) -> Sequence[bytes]:
    """The bytes of all statements, in the order of the log."""
    return [one.body for one in heard(reinforcer)]


def extension(data: Mapping[str, Any], part: str, name: str) -> Any:
    """An extension of ours in a statement's result or context."""
    return data[part]["extensions"][f"{NAMESPACE}extensions/{name}"]


def ready(file: Path) -> str:
    """The URL of an SQLite file, whose tables are made the first time."""
    url = f"sqlite:///{file}"
    if not file.exists():
        with Reinforcer(url) as reinforcer:
            reinforcer.upgrade()
    return url
