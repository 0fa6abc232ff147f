"""What every command shares: its settings, its output, and how it ends.

A command is a function whose first parameter is a `Session`; `command` gives it the options that make one.
"""

import functools
import inspect
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from attrs import field, frozen

from reinforce.cli import exit_codes
from reinforce.cli.known_tenants import known_named, told_if_new
from reinforce.cli.output import Output, printable
from reinforce.cli.settings import Settings, load
from reinforce.errors import ImportRejected, InvalidValue, ReinforceError, SchemaMissing
from reinforce.model.checks import require_aware
from reinforce.reinforcer import Reinforcer
from reinforce.store.database import Target

PANEL = "Settings"
MOST_REASONS = 10
QUOTED = re.compile(r"'[^']*'")


@frozen
class Session:
    """One command's settings and where its answer goes.

    Attributes:
        flags: database, tenant and schema as the command line gave them; they are in the settings already.
    """

    settings: Settings
    output: Output
    flags: Mapping[str, str | None] = field(factory=dict, hash=False)

    @contextmanager
    def reinforcer(
        self, database: Target | None = None, tenant: str | None = None, *, creates_tenant: bool = False
    ) -> Iterator[Reinforcer]:
        """The front door to a database and tenant.

        Args:
            database: such as an open connection, in whose transaction it works; None: the settings'.
            tenant: None: the settings'.
            creates_tenant: whether the command is one of those that tenants begin with.
        """
        self.require_database()
        settings = self.settings
        opened = Reinforcer(
            settings.database if database is None else database,
            tenant=tenant or settings.tenant_key,
            creates_tenant=creates_tenant,
            schema=settings.schema,
            policy=settings.rating,
            rules=settings.planning,
            xapi=settings.xapi,
        )
        telling = told_if_new(settings, self.output, database) if creates_tenant else nullcontext()
        with known_named(settings), telling, opened as reinforcer:
            yield reinforcer

    def require_database(self) -> None:
        """Refuse an SQLite file that isn't there: connecting would leave an empty one behind.

        Raises:
            SchemaMissing: there is no such file.
        """
        file = self.settings.sqlite_file
        if file is not None and not file.exists():
            raise SchemaMissing(
                f"there is no database {file}: run `reinforce init`, or `reinforce db upgrade` if there are settings, "
                "or name another with --database, REINFORCE_DATABASE or in reinforce.toml"
            )


def now() -> datetime:
    """The only place of the command line that asks what time it is."""
    return datetime.now(UTC)


def as_moment(text: str | None, flag: str = "--at") -> datetime | None:
    """The moment that a person wrote after a flag.

    Raises:
        InvalidValue: it is no ISO 8601 moment.
        NaiveDatetime: it names no time zone.
    """
    if text is None:
        return None
    try:
        return require_aware(datetime.fromisoformat(text), flag).astimezone(UTC)
    except InvalidValue as problem:
        raise InvalidValue(
            f"{flag} {text} names no time zone: write 2026-03-31T09:00:00+02:00, or 2026-03-31T07:00:00Z for UTC"
        ) from problem
    except ValueError as problem:
        raise InvalidValue(f"{flag} {text!r} is no moment: write one such as 2026-03-31T09:00:00+02:00") from problem


def as_date(text: str | None, flag: str) -> date | None:
    """The date that a person wrote after a flag.

    Raises:
        InvalidValue: it is no ISO 8601 date.
    """
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as problem:
        raise InvalidValue(f"{flag} {text!r} is no date: write one such as 2026-03-31") from problem


At = Annotated[str | None, typer.Option("--at", metavar="MOMENT", help="As of this moment, in ISO 8601; else now.")]
On = Annotated[str | None, typer.Option("--on", metavar="DATE", help="For this day, such as 2026-03-31.")]


def _shared(
    database: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="sqlite:///FILE or postgresql://… (or REINFORCE_DATABASE)", rich_help_panel=PANEL
        ),
    ] = None,
    tenant: Annotated[
        str | None, typer.Option(metavar="KEY", help="Whose data. (or REINFORCE_TENANT)", rich_help_panel=PANEL)
    ] = None,
    schema: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="PostgreSQL schema. (or REINFORCE_SCHEMA)", rich_help_panel=PANEL),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Instead of the nearest reinforce.toml. (or REINFORCE_CONFIG)",
            rich_help_panel=PANEL,
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Answer with one JSON document.", rich_help_panel=PANEL)] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show where an error came from.", rich_help_panel=PANEL)
    ] = False,
) -> None:
    """The options of every command."""


_SHARED = {
    name: parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
    for name, parameter in inspect.signature(_shared).parameters.items()
}

Command = Callable[..., None]


def group(help_text: str) -> typer.Typer:
    """A group of commands; the boxes of its help are for people."""
    return typer.Typer(help=help_text, no_args_is_help=True, rich_markup_mode="rich" if sys.stdout.isatty() else None)


def command(app: typer.Typer, name: str | None = None) -> Callable[[Command], Command]:
    """Register a function, whose first parameter is the session, as a command with the shared options."""

    def register(function: Command) -> Command:
        own = list(inspect.signature(function).parameters.values())[1:]

        @functools.wraps(function)
        def run(**given: Any) -> None:
            shared = {option: given.pop(option) for option in _SHARED}
            with reported(debug=shared["debug"]):
                function(_session(**shared), **given)
                sys.stdout.flush()

        parameters = [*(one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own), *_SHARED.values()]
        _leave_out_types_of_flags(parameters)
        del run.__wrapped__  # Typer would read the function's own signature
        run.__doc__ = _unwrapped(function.__doc__ or "")
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {one.name: one.annotation for one in parameters}
        app.command(name)(run)
        return function

    return register


def _leave_out_types_of_flags(parameters: Iterable[inspect.Parameter]) -> None:
    """Let help show no "<bool>" behind a flag, which takes no value."""
    for one in parameters:
        kind, *described = get_args(one.annotation)
        if kind in (bool, bool | None):
            described[0].metavar = ""


def _unwrapped(docstring: str) -> str:
    """Each paragraph on one line, so that help fills the terminal's width."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in docstring.split("\n\n"))


def _session(
    *, database: str | None, tenant: str | None, schema: str | None, config: Path | None, json: bool, debug: bool
) -> Session:
    del debug
    flags = {"database": database, "tenant": tenant, "schema": schema}
    return Session(load(config, flags), Output(is_json=json), flags)


@contextmanager
def reported(*, debug: bool) -> Iterator[None]:
    """Say errors in one message on standard error, and end with the documented exit code."""
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(exit_codes.BROKEN_PIPE) from None
    except (KeyboardInterrupt, typer.Abort):
        print("interrupted", file=sys.stderr)
        raise typer.Exit(exit_codes.INTERRUPTED) from None
    except (ReinforceError, OSError) as problem:
        if debug:
            traceback.print_exc()
        print(f"reinforce: {problem}", file=sys.stderr)
        if isinstance(problem, ImportRejected):
            _tell_reasons(problem.reasons)
        raise typer.Exit(exit_codes.of(problem)) from None


def _tell_reasons(reasons: Sequence[str]) -> None:
    """Say each kind of reason once, by the first line that has it; those of a kind differ in what they quote."""
    kinds: dict[str, list[tuple[str, str]]] = {}
    for reason in reasons:
        place, _, said = reason.partition(": ")
        kinds.setdefault(QUOTED.sub("''", said), []).append((place, said))
    for found in list(kinds.values())[:MOST_REASONS]:
        (place, said), others = found[0], len({said for _, said in found}) - 1
        more = f" and {len(found) - 1:,} more" if len(found) > 1 else ""
        alike = f" (and so for {others:,} others)" if others else ""
        print(f"  {printable(f'{place}{more}: {said}{alike}')}", file=sys.stderr)
    if len(kinds) > MOST_REASONS:
        print(f"  and {len(kinds) - MOST_REASONS:,} more reasons", file=sys.stderr)


def needs_attention() -> typer.Exit:
    """The end of a command that did its work and found something for a person to do."""
    return typer.Exit(exit_codes.NEEDS_ATTENTION)
