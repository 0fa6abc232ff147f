"""The `reinforce` program, put together from its command groups."""

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from reinforce.cli import (
    calibration,
    database,
    demo,
    doctor,
    evaluate,
    feed_delivery,
    feeds,
    files,
    learners,
    log,
    lrs_keys,
    nightly,
    parameters,
    profile,
    serve,
    setup,
    simulate,
    statements,
)

app = typer.Typer(
    name="reinforce",
    help="Records practice, models forgetting (FSRS) and works out what each person should refresh next.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="rich" if sys.stdout.isatty() else None,  # boxes are for people
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(version("reinforce-engine"))
        raise typer.Exit


@app.callback()
def _options(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Records practice, models forgetting (FSRS) and works out what each person should refresh next."""


for group in (demo, setup, files, learners, nightly, log, evaluate, simulate, doctor, profile, serve):
    group.register(app)
app.add_typer(database.app, name="db")
app.add_typer(lrs_keys.app, name="lrs")
feed_delivery.register(feeds.app)
app.add_typer(feeds.app, name="feed")
app.add_typer(statements.app, name="statements")
app.add_typer(parameters.app, name="parameters")
app.add_typer(calibration.app, name="calibration")
