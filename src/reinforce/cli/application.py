"""The `reinforce` program, put together from its command groups: from all of them, or from the one that is called.

All of them take twice as long to load as most of them alone, see docs/decisions/0017-start-up.md.
"""

import sys
from importlib import import_module
from importlib.metadata import version
from typing import Annotated

import typer

VERSION = "--version"

COMMANDS = {
    "demo": ("demo",),
    "setup": ("init",),
    "files": ("import", "export"),
    "learners": ("due", "why", "forecast", "plan"),
    "nightly": ("nightly",),
    "log": ("void", "replay", "erase"),
    "evaluate": ("evaluate",),
    "simulate": ("simulate",),
    "doctor": ("doctor",),
    "profile": ("profile",),
    "serve": ("serve",),
}
"""The modules of commands that stand alone, with these commands; in the order of the help."""

GROUPS = {
    "db": "database",
    "lrs": "lrs_keys",
    "feed": "feed_delivery",
    "statements": "statements",
    "parameters": "parameters",
    "calibration": "calibration",
    "tenant": "tenants",
}
"""The groups of commands, with their modules."""


def program(called: str | None = None) -> typer.Typer:
    """The program; if a command or group of it is called, with that one and the others of its module.

    Args:
        called: the first word of the command line. The version needs no command; if it is anything else that is none,
            as in a call for help, all commands are there.
    """
    app = typer.Typer(
        name="reinforce",
        help="Records practice, models forgetting (FSRS) and works out what each person should refresh next.",
        no_args_is_help=True,
        add_completion=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        rich_markup_mode="rich" if sys.stdout.isatty() else None,  # boxes are for people
    )
    app.callback()(_options)
    every = {name for names in COMMANDS.values() for name in names} | set(GROUPS)
    wanted = set[str]() if called == VERSION else {called} if called in every else every
    for module, names in COMMANDS.items():
        if wanted.intersection(names):
            import_module(f"reinforce.cli.{module}").register(app)
    for name, module in GROUPS.items():
        if name in wanted:
            app.add_typer(import_module(f"reinforce.cli.{module}").app, name=name)
    return app


def _show_version(wanted: bool) -> None:
    if wanted:
        print(version("reinforce-engine"))
        raise typer.Exit


def _options(
    show_version: Annotated[
        bool, typer.Option(VERSION, callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Records practice, models forgetting (FSRS) and works out what each person should refresh next."""
