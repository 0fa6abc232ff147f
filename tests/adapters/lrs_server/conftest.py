"""An LRS on each of the databases, and callers with keys to it."""

import itertools
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2 as httpx
import pytest
from attrs import frozen
from sqlalchemy import URL, Engine
from starlette.testclient import TestClient

import postgres
from reinforce.store.credentials import Credentials, Scope
from reinforce.store.database import Database
from reinforce.store.driver import Driver
from reinforce.store.tenants import ensure_tenant
from reinforce.store.upgrade import upgrade
from reinforce_adapters.lrs_server import LrsSettings, app

Plain = dict[str, Any]

ANNA = {"objectType": "Agent", "account": {"homePage": "https://crm.example", "name": "anna"}}
DID, SAW = "https://verbs.example/did", "https://verbs.example/saw"
VOIDED = "http://adlnet.gov/expapi/verbs/voided"
PRICING = "https://skills.example/pricing"
LMS = {"objectType": "Agent", "account": {"homePage": "https://lms.example", "name": "lms"}}


def statement(**parts: Any) -> Plain:
    """A small valid statement with an id, and these parts in place of its own; None leaves one out."""
    whole = {"id": str(uuid4()), "actor": ANNA, "verb": {"id": DID}, "object": {"id": PRICING}, **parts}
    return {name: part for name, part in whole.items() if part is not None}


@frozen
class Caller:
    """Somebody who speaks xAPI with a key, in one version."""

    client: httpx.Client
    key: str
    password: str = "open sesame"  # noqa: S105 -- of a test
    version: str | None = "2.0.0"
    endpoint: str = "/xapi"

    def ask(
        self,
        method: str,
        resource: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        data: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send a request; `data` goes as JSON, other parameters than text are written as JSON too."""
        told = {"Content-Type": "application/json"} if data is not None else {}
        if self.version is not None:
            told["X-Experience-API-Version"] = self.version
        written = {name: one if isinstance(one, str) else json.dumps(one) for name, one in (parameters or {}).items()}
        return self.client.request(
            method,
            f"{self.endpoint}/{resource}",
            params=written,
            content=json.dumps(data).encode() if data is not None else content,
            headers={**told, **(headers or {})},
            auth=(self.key, self.password),
        )

    def store(self, *statements: Plain) -> list[str]:
        """Post statements, which must be taken; their ids."""
        answer = self.ask("POST", "statements", data=list(statements))
        assert answer.status_code == 200, answer.text
        ids: list[str] = answer.json()
        return ids

    def found(self, **parameters: Any) -> list[str]:
        """The ids of the statements that a query finds."""
        answer = self.ask("GET", "statements", parameters)
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()["statements"]]


_numbers = itertools.count(1)


class World:
    """A database with an LRS over it."""

    def __init__(self, url: str, settings: LrsSettings | None = None) -> None:
        self.url = url
        self.database = Database(url)
        upgrade(self.database)
        self.application = app(url, settings=settings or LrsSettings(credential_seconds=0.0))
        self.client = TestClient(self.application, raise_server_exceptions=False)
        self.client.__enter__()

    @property
    def engine(self) -> Engine:
        """The database as a host has it, for further applications over it."""
        assert self.database._engine is not None
        return self.database._engine

    def caller(self, *scopes: Scope, tenant: str | None = None, version: str = "2.0.0") -> Caller:
        """Somebody with a new key, of a new tenant unless one is named."""
        key = f"key-{next(_numbers)}"
        now = time.time_ns() // 1000
        with self.database.write() as connection:
            number = ensure_tenant(connection, self.database.tables, tenant or key, now)
            Credentials(Driver(connection, None)).put(
                number, key, "open sesame", frozenset(scopes or {Scope.ALL}), {**LMS, "name": key}, key, now
            )
        return Caller(self.client, key, version=version)

    def close(self) -> None:
        """Let go of the database."""
        self.client.__exit__(None, None, None)
        self.database.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One LRS for a module's tests, on each of the databases."""
    if request.param == "sqlite":
        folder: Path = tmp_path_factory.mktemp("lrs")
        made = World(f"sqlite:///{folder / 'lrs.db'}")
        yield made
        made.close()
        return
    server: URL = request.getfixturevalue("postgres_server")
    with postgres.fresh_database(server) as url:
        made = World(url)
        yield made
        made.close()


@pytest.fixture(params=["1.0.3", "2.0.0"])
def lrs(world: World, request: pytest.FixtureRequest) -> Caller:
    """Somebody who may do everything, for a tenant of their own, in each version."""
    return world.caller(version=request.param)
