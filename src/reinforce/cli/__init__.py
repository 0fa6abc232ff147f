"""The command line: `reinforce`, one module a command group, over `Reinforcer`."""

import io
import sys

from reinforce.cli import exit_codes
from reinforce.errors import MissingExtra

__all__ = ["main"]


def main() -> None:
    """Run the command that the process was called with, and leave with its exit code."""
    try:
        _run()
    except KeyboardInterrupt:
        sys.exit(exit_codes.INTERRUPTED)


def _run() -> None:
    try:
        # Here, and not above: without the extra this module must still load, to say what is missing.
        from reinforce.cli.application import program

        app = program(*sys.argv[1:2])
    except ModuleNotFoundError as problem:
        if problem.name is None or problem.name.split(".")[0] not in ("typer", "rich"):
            raise
        print(f"reinforce: {MissingExtra.named('cli', 'the command line')}", file=sys.stderr)
        sys.exit(exit_codes.USAGE)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a title is no reason to fail
    app(prog_name="reinforce")
