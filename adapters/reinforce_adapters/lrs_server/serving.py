"""Running the LRS by itself, on uvicorn, in one process or several."""

import json
import os
from collections.abc import Mapping
from typing import Any

import uvicorn
from starlette.applications import Starlette

from reinforce.intake.receiving import practice_of
from reinforce.model.conversion import structure
from reinforce.model.rating_policy import RatingPolicy
from reinforce.statements.settings import XapiSettings
from reinforce_adapters.lrs_server.application import app
from reinforce_adapters.lrs_server.settings import LrsSettings

VARIABLE = "REINFORCE_LRS_SERVER"
"""Tells the processes that uvicorn starts what they serve."""

_FACTORY = "reinforce_adapters.lrs_server.serving:from_environment"
_BACKLOG = 2048
_LONGEST_HEADERS = 64 << 10


def serve(options: Mapping[str, Any]) -> None:
    """Serve until the process is told to end.

    Args:
        options: `database`, `schema`, `host`, `port`, `workers`, `rating` (a rating policy as plain data), `xapi`
            (`XapiSettings` as plain data, or None), and fields of `LrsSettings`.
    """
    os.environ[VARIABLE] = json.dumps(dict(options))
    from_environment()  # so that what is wrong is said here, and once
    uvicorn.run(
        _FACTORY,
        factory=True,
        host=options["host"],
        port=options["port"],
        workers=options["workers"],
        log_level="warning",
        access_log=False,
        server_header=False,
        backlog=_BACKLOG,
        h11_max_incomplete_event_size=_LONGEST_HEADERS,
    )


def from_environment() -> Starlette:
    """The application that the environment describes."""
    options = json.loads(os.environ[VARIABLE])
    place = {name: options.pop(name) for name in ("database", "schema", "host", "port", "workers", "rating", "xapi")}
    options["allowed_origins"] = tuple(options["allowed_origins"])
    xapi = None if place["xapi"] is None else structure(place["xapi"], XapiSettings)
    received = practice_of(structure(place["rating"], RatingPolicy), xapi=xapi)
    return app(place["database"], schema=place["schema"], settings=LrsSettings(**options), received=received)
