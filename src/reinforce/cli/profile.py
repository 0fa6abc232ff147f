"""Our xAPI Profile, for whoever reads our statements: `profile`."""

from typing import Annotated

import typer

from reinforce.cli.command import Session, command
from reinforce.statements.profile import profile
from reinforce.statements.vocabulary import NAMESPACE


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    command(app, name="profile")(printed)


def printed(
    session: Session,
    namespace: Annotated[
        str,
        typer.Option(metavar="IRI", help="Where our own words stand: an IRI of yours that ends in / or #."),
    ] = NAMESPACE,
) -> None:
    """Print our xAPI Profile: what our statements mean, and what each of them holds.

    It is JSON-LD, as the xAPI Profile specification 1.0 has it, to be published or given to an LMS. It needs no
    database.
    """
    session.output.document(profile(namespace))
