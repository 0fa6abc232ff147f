"""The embedded LRS: `serve`.

The server lies in a layer above this one, so it is found as any plug-in is: by its entry point.
"""

import socket
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from typing import Annotated, Any

import typer

from reinforce.cli.command import Session, command
from reinforce.errors import InvalidSettings, MissingExtra
from reinforce.model.conversion import unstructure

GROUP = "reinforce.servers"
NAME = "lrs"
LOOPBACK = "127.0.0.1"

Server = Callable[[Mapping[str, Any]], None]
"""Told the database, where to listen and how to behave; returns when it is asked to end."""


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    command(app)(serve)


def serve(
    session: Session,
    host: Annotated[
        str, typer.Option(metavar="HOST", help="Where to listen; only this machine by default.")
    ] = LOOPBACK,
    port: Annotated[int, typer.Option(metavar="PORT", help="The port.", min=1, max=65535)] = 8080,
    workers: Annotated[int, typer.Option(metavar="N", help="How many processes.", min=1)] = 1,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(metavar="ORIGIN", help="A web page's origin that may call it from a browser; may be repeated."),
    ] = None,
    rate: Annotated[
        float | None, typer.Option(metavar="N", help="Requests a second of one key in each process; else no limit.")
    ] = None,
    most_megabytes: Annotated[int, typer.Option(metavar="N", help="The largest request.", min=1)] = 16,
) -> None:
    """Serve xAPI: an LRS over the statement log, until it is interrupted.

    It speaks xAPI 1.0.3 and 2.0 at /xapi, for every tenant that has keys: see `reinforce lrs key add`. What it is
    sent becomes practice by the tenant's mappings: see `reinforce statements map`. It speaks HTTP; whoever opens it
    to others puts a proxy with TLS before it.
    """
    session.require_database()
    run = _server()
    _require_free(host, port)
    endpoint = f"http://{host}:{port}/xapi"
    if session.output.is_json:
        session.output.document({"endpoint": endpoint})
    else:
        session.output.line(f"serving xAPI at {endpoint}")
    sys.stdout.flush()
    run(
        {
            "database": session.settings.database,
            "schema": session.settings.schema,
            "host": host,
            "port": port,
            "workers": workers,
            "rating": unstructure(session.settings.rating),
            "xapi": session.settings.xapi and unstructure(session.settings.xapi),
            "allowed_origins": allow_origin or [],
            "requests_per_second": rate,
            "most_body_bytes": most_megabytes << 20,
        }
    )


def _require_free(host: str, port: int) -> None:
    """Nobody is told that we serve where we cannot listen, as where another server does."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        socket.create_server((host, port), family=family).close()
    except OSError as problem:
        raise InvalidSettings(f"--host {host} --port {port}: nothing can listen there: {problem.strerror}") from problem


def _server() -> Server:
    found = next(iter(entry_points(group=GROUP, name=NAME)), None)
    if found is None:
        raise InvalidSettings("no LRS is installed: reinforce was not installed as a package")
    try:
        server: Server = found.load()
    except ModuleNotFoundError as problem:
        raise MissingExtra.named("lrs", "the LRS") from problem
    return server
