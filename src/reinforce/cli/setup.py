"""The first command: `init`."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from reinforce.cli.command import Session, command
from reinforce.cli.database import opened
from reinforce.cli.settings import DEFAULT_DATABASE, FILE_NAME, VARIABLES, Settings, beside, overlaid, template
from reinforce.errors import InvalidSettings


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    command(app, "init")(init)


def init(
    session: Session,
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where reinforce.toml goes.", file_okay=False)
    ] = Path(),
) -> None:
    """Write reinforce.toml and make the tables.

    The file explains every setting. A reinforce.toml that is there is never overwritten.
    """
    from reinforce.store.upgrade import upgrade as upgrade_tables

    file = folder / FILE_NAME
    if file.exists():
        raise InvalidSettings(f"{file} is there already, and stays as it is: change it, or remove it first")
    settings = overlaid(Settings(database=beside(DEFAULT_DATABASE, folder.resolve())), session.flags)
    with _made(folder), opened(settings) as database:
        upgrade_tables(database)
        url = database.url
        with file.open("x", encoding="utf-8") as stream:
            stream.write(template(_database_line(session, folder), settings.schema))
    if session.output.is_json:
        session.output.document({"file": file.resolve(), "database": url, "schema": settings.schema})
        return
    session.output.line(f"wrote {file}")
    session.output.line(f"made the tables in {url}")
    session.output.note(
        "next: `reinforce import FILE` with people, skills and refreshers, then with what was practised"
    )


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    """Make a folder, which may be where the database belongs, and take away again what was made if the block fails."""
    made = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        with suppress(OSError):  # whatever lies in them by now is not ours to remove
            for one in made:
                one.rmdir()
        raise


def _database_line(session: Session, folder: Path) -> str | None:
    """The URL for the file; None where it belongs into the environment: it is there, or holds a password."""
    given = session.flags.get("database")
    if given is None:
        return None if os.environ.get(VARIABLES["database"]) else DEFAULT_DATABASE
    if urlsplit(given).password:
        session.output.message("the URL holds a password, so it was not written: set REINFORCE_DATABASE")
        return None
    return given if folder.resolve() == Path.cwd() else beside(given, Path.cwd())
