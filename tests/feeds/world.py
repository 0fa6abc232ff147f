"""A tenant whose log holds statements, and feeds over it, without a network."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from reinforce import Reinforcer
from reinforce.delivery.outgoing import Outgoing
from reinforce.delivery.retry import RetryPolicy
from reinforce.model.checks import to_micros
from reinforce.statements.reading import ReceivedStatement
from reinforce.statements.settings import XapiSettings
from reinforce.statements.versions import XapiVersion
from reinforce.store.statements import NewStatement, Origin, StatementLog
from reinforce.testing import sample_statement

AT = datetime(2026, 4, 1, 12, tzinfo=UTC)
XAPI = XapiSettings("https://learning.example/xapi/", home_page="https://crm.example", is_opaque=False)
IMPATIENT = RetryPolicy(patience_seconds=0)

Plain = dict[str, Any]


@contextmanager
def opened(url: str, tenant: str = "default") -> Iterator[Reinforcer]:
    """A tenant that tells its facts, with its tables."""
    with Reinforcer(url, tenant=tenant, xapi=XAPI) as reinforcer:
        reinforcer.upgrade()
        yield reinforcer


def new(body: bytes) -> NewStatement:
    """A statement for the log."""
    data = json.loads(body)
    return NewStatement(UUID(data["id"]), ReceivedStatement(data, body), XapiVersion.V1)


def keep(reinforcer: Reinforcer, statements: Iterable[bytes], origin: Origin = Origin.OURS, at: datetime = AT) -> None:
    """Store statements in the log, in one transaction."""
    with reinforcer._store.write(to_micros(at)) as session:
        log = StatementLog(session.driver, session.tenant_id)
        log.append([new(one) for one in statements], lambda: to_micros(at), origin=origin)


def samples(first: int, last: int) -> list[Outgoing]:
    """The sample statements with these numbers, the last one left out."""
    return [sample_statement(number) for number in range(first, last)]


def fill(reinforcer: Reinforcer, first: int, last: int, at: datetime = AT) -> list[Outgoing]:
    """Store sample statements in the log."""
    found = samples(first, last)
    keep(reinforcer, [one.body for one in found], at=at)
    return found


def to_file(reinforcer: Reinforcer, name: str, path: Path, **options: Any) -> None:
    """A feed into a file, from the beginning."""
    reinforcer.feeds.add(name, "jsonl", {"path": str(path)}, **{"from_beginning": True, "at": AT, **options})


def lines(path: Path) -> list[bytes]:
    """The statements in a file."""
    return path.read_bytes().splitlines() if path.exists() else []


def ids(statements: Sequence[bytes]) -> list[str]:
    """Their ids."""
    return [json.loads(one)["id"] for one in statements]


def with_parts(statement: Outgoing, change: Callable[[Plain], object]) -> bytes:
    """The bytes of a statement that was changed."""
    data = json.loads(statement.body)
    change(data)
    return json.dumps(data, separators=(",", ":")).encode()
