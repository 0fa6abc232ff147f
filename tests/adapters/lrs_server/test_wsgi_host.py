"""The LRS within a WSGI host, by a2wsgi and a server that insists on the rules of WSGI."""

from collections.abc import Iterable, Iterator
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.util import is_hop_by_hop, setup_testing_defaults

import httpx2 as httpx
import pytest
from a2wsgi import ASGIMiddleware
from attrs import evolve

from adapters.lrs_server.conftest import Caller, World, statement
from loopback import in_background
from reinforce_adapters.lrs_server import app

PREFIX = "/learning/lrs"


class Silent(WSGIRequestHandler):
    """Says nothing of what it answers."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name that it has above
        """Say nothing."""


@pytest.fixture
def guest(world: World) -> Iterator[Caller]:
    """Somebody who speaks with an LRS that a WSGI host has under a path of its own."""
    lrs: Any = ASGIMiddleware(app(world.engine, endpoint=""))  # type: ignore[arg-type]

    def host(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["SCRIPT_NAME"], environ["PATH_INFO"] = PREFIX, environ["PATH_INFO"].removeprefix(PREFIX)
        answer: Iterable[bytes] = lrs(environ, start_response)
        return answer

    server = make_server("127.0.0.1", 0, host, handler_class=Silent)
    address = f"http://127.0.0.1:{server.server_port}"
    with in_background(server), httpx.Client(base_url=address, trust_env=False) as client:
        yield evolve(world.caller(), client=client, endpoint=PREFIX)


def test_a_wsgi_host_serves_it(guest: Caller) -> None:
    """It takes and gives statements as by itself, also where a host tells no content by an empty length."""
    stored = guest.store(statement(), statement())
    page = guest.ask("GET", "statements", {"limit": "1", "ascending": "true"}).json()
    address, _, more = page["more"].partition("?more=")
    rest = guest.ask("GET", "statements", {"more": more})

    assert address == f"{PREFIX}/statements"
    assert "2.0.0" in guest.ask("GET", "about").json()["version"]
    assert [one["id"] for one in page["statements"] + rest.json()["statements"]] == stored
    assert guest.ask("HEAD", "statements").content == b""


def test_a_wsgi_host_may_not_speak_of_connections(world: World) -> None:
    """A refusal of what was not read leaves it to the host to end the connection: WSGI forbids that header."""
    lrs: Any = ASGIMiddleware(app(world.engine))  # type: ignore[arg-type]
    environ: dict[str, Any] = {"PATH_INFO": "/xapi/statements", "REQUEST_METHOD": "POST", "CONTENT_LENGTH": "9" * 9}
    setup_testing_defaults(environ)
    told: list[tuple[str, list[tuple[str, str]]]] = []
    body = b"".join(lrs(environ, lambda status, headers, *_: told.append((status, headers))))

    [(status, headers)] = told
    assert status.startswith("413")
    assert b"send it in parts" in body
    assert not [name for name, _ in headers if is_hop_by_hop(name)]
