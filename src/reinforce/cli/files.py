"""Files in and files out: `import` and `export`."""

import io
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Annotated

import typer
from attrs import frozen

from reinforce.cli.bad_rows import BadRows
from reinforce.cli.command import Session, command, needs_attention, now
from reinforce.cli.database import opened
from reinforce.cli.event_import import EventImport, Imported, Newcomers
from reinforce.cli.import_flags import (
    EVENTS,
    Assigned,
    Columns,
    Fields,
    Format,
    OneLearner,
    OneSkill,
    Section,
    event_flag,
    flat_table,
)
from reinforce.cli.output import counted, plain
from reinforce.cli.progress import progress
from reinforce.errors import InvalidFile, InvalidSettings
from reinforce.exchange.atomic import written_whole
from reinforce.exchange.definition_files import read_definitions
from reinforce.exchange.definitions import TABLES, Definitions
from reinforce.exchange.documents import DOCUMENT_SUFFIXES
from reinforce.exchange.formats import ImportSettings, import_settings
from reinforce.exchange.rejects import RejectsFile
from reinforce.reinforcer import Reinforcer

STANDARD_STREAM = Path("-")
EXPORT_BEGINS = b'{"reinforce_export"'
DEFINITIONS = "Files of definitions"


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    command(app, "import")(import_)
    command(app)(export)


def import_(
    session: Session,
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="What to import; - is standard input.")],
    kind: Annotated[
        str | None,
        typer.Option(
            metavar="TABLE",
            help=f"What a CSV file defines, unless its name says so: {', '.join(TABLES)}.",
            rich_help_panel=DEFINITIONS,
        ),
    ] = None,
    file_format: Format = None,
    mapping: Section = None,
    column: Columns = None,
    option: Fields = None,
    learner: OneLearner = None,
    skill: OneSkill = None,
    time_zone: Annotated[
        str | None, event_flag("time-zone", "NAME", "Of stamps that name none, and of learners who are defined.")
    ] = None,
    rejects: Annotated[
        Path | None, event_flag("rejects", "FILE", "Import the good rows, and write the bad ones there.")
    ] = None,
    define: Annotated[
        bool, typer.Option("--define", help="Define learners and skills that nobody knows yet.", rich_help_panel=EVENTS)
    ] = False,
) -> None:
    """Import events, definitions or an export.

    All of it, or nothing: a file with a bad row changes nothing, unless --rejects names a file for the bad
    rows; then the others are imported. Importing the same again changes nothing.

    Definitions are people, teams, calendars, skills, models, roles and refreshers, in TOML or YAML, or a CSV
    file of each. Several such files may refer to each other. Events come as CSV or JSON lines.
    """
    require_another(rejects, files)
    given = Assigned(file_format, mapping, tuple(column or ()), tuple(option or ()), learner, skill, time_zone)
    if _are_definitions(files, kind, given):
        _import_definitions(session, files, kind)
    elif len(files) > 1:
        raise InvalidSettings("files of events and exports are imported one at a time")
    elif not given.are_for_events and _is_export(files[0]):
        _import_export(session, files[0])
    else:
        plan = _Events(import_settings(flat_table(given, session.settings, files[0]), str(files[0])), rejects, define)
        _import_events(session, files[0], plan)


def _are_definitions(files: Sequence[Path], kind: str | None, given: Assigned) -> bool:
    if kind is not None:
        return True
    return not given.are_for_events and all(
        file.suffix.lower() in DOCUMENT_SUFFIXES or (file.suffix.lower() == ".csv" and file.stem in TABLES)
        for file in files
    )


def _is_export(file: Path) -> bool:
    if file == STANDARD_STREAM:
        return False
    with reading(file) as stream:
        return stream.readline(4096).startswith(EXPORT_BEGINS)


def require_another(rejects: Path | None, files: Sequence[Path]) -> None:
    """Refuse to write rejects over what they come from, of which the good rows would be gone."""
    for file in files:
        if rejects is not None and rejects.exists() and file.exists() and rejects.samefile(file):
            raise InvalidSettings(f"--rejects {rejects}: that is the file to import; name another for its bad rows")


@contextmanager
def reading(file: Path) -> Iterator[IO[bytes]]:
    """The content of a file, or standard input.

    Raises:
        InvalidFile: it cannot be read.
    """
    if file == STANDARD_STREAM:
        yield sys.stdin.buffer
        return
    try:
        stream = file.open("rb")
    except OSError as problem:
        raise InvalidFile(f"{file}: cannot be read: {problem.strerror or problem}") from problem
    with stream:
        yield stream


# --- Definitions and exports ---------------------------------------------------------------------


def _import_definitions(session: Session, files: Sequence[Path], kind: str | None) -> None:
    with session.reinforcer(creates_tenant=True) as reinforcer:
        known = Definitions(**{table: tuple(reinforcer.all(cls)) for table, cls in TABLES.items()})
        read = read_definitions(*files, known=known, table=kind)
        values = [value for table in TABLES for value in getattr(read, table)]
        defined = reinforcer.define(*values)
    if session.output.is_json:
        session.output.document({"imported": "definitions", "files": files, **plain(defined)})
        return
    session.output.line(
        f"{counted(len(values), 'definition')}: {defined.created:,} created, "
        f"{defined.updated:,} updated, {defined.unchanged:,} unchanged"
    )


def _import_export(session: Session, file: Path) -> None:
    with session.reinforcer(creates_tenant=True) as reinforcer:
        counts = reinforcer.import_(file, at=now())
    if session.output.is_json:
        session.output.document({"imported": "export", "files": [file], "counts": counts})
        return
    session.output.line(f"imported {_listed(counts)}")


# --- Events --------------------------------------------------------------------------------------


@frozen
class _Events:
    """How a file of events is imported."""

    settings: ImportSettings
    rejects: Path | None
    define: bool

    @property
    def time_zone(self) -> str:
        """Of learners who are defined."""
        mapping = self.settings.mapping
        return (mapping.time_zone if mapping else None) or "UTC"


def _import_events(session: Session, file: Path, plan: _Events) -> None:
    session.require_database()
    # Closed from the last to the first: the rejects are in their place before the transaction is kept.
    with ExitStack() as stack:
        stream = stack.enter_context(reading(file))
        bar = stack.enter_context(progress(f"importing {file}"))
        connection = stack.enter_context(stack.enter_context(opened(session.settings)).write())
        reinforcer = stack.enter_context(session.reinforcer(connection, creates_tenant=True))
        rejects = stack.enter_context(RejectsFile(plan.rejects, plan.settings.file)) if plan.rejects else None
        newcomers = Newcomers(reinforcer, plan.time_zone) if plan.define else None
        work = EventImport(reinforcer, BadRows(rejects), newcomers, now())
        size = os.fstat(stream.fileno()).st_size if file != STANDARD_STREAM else None
        for _ in work.take(stream, plan.settings):
            bar(stream.tell() if size else 0, size)
    _tell_events(session, file, plan, work.summary)


def _tell_events(session: Session, file: Path, plan: _Events, done: Imported) -> None:
    rejects = plan.rejects if done.rejected else None
    if session.output.is_json:
        session.output.document({"imported": "events", "files": [file], "rejects": rejects, **plain(done)})
    else:
        session.output.line(
            f"{counted(done.rows, 'row')}: {done.recorded:,} recorded, {done.unchanged:,} there already, "
            f"{done.rejected:,} rejected"
        )
        if done.learners or done.skills:
            session.output.line(f"defined {counted(done.learners, 'learner')} and {counted(done.skills, 'skill')}")
        if rejects is not None:
            session.output.line(f"the rejected rows are in {rejects}, each with its reason")
    if done.rejected:
        raise needs_attention()


# --- Export --------------------------------------------------------------------------------------


def export(
    session: Session,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write; left out or -: standard output.")] = (
        STANDARD_STREAM
    ),
    fsrs: Annotated[bool, typer.Option("--fsrs", help="The review log alone, as FSRS optimisers read it.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Write FILE anew if it is there already.")] = False,
) -> None:
    """Export a tenant, or its review log.

    JSON lines with all definitions, the practice log and the parameters: imported elsewhere, they give the
    same due days. With --fsrs the review log alone. A FILE that is there already stays, unless --replace is given.
    """
    output = session.output
    if file == STANDARD_STREAM and output.is_json:
        raise InvalidSettings("--json would mix with the export on standard output: name a FILE")
    if file.is_file() and not replace:
        raise InvalidSettings(f"{file} is there already, and stays as it is: name another, or pass --replace")
    target = _standard_output() if file == STANDARD_STREAM else written_whole(file)
    with session.reinforcer() as reinforcer, target as stream:
        counts = _export(reinforcer, stream, fsrs=fsrs)
    if output.is_json:
        output.document({"file": file, "counts": counts})
    elif file == STANDARD_STREAM:
        output.message(f"exported {_listed(counts)}")
    else:
        output.line(f"exported {_listed(counts)} to {file}")


@contextmanager
def _standard_output() -> Iterator[IO[str]]:
    """Standard output in UTF-8, whatever the terminal's encoding: the same bytes as in a file."""
    stream = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="\n")
    try:
        yield stream
    finally:
        stream.detach()


def _export(reinforcer: Reinforcer, stream: IO[str], *, fsrs: bool) -> Mapping[str, int]:
    if fsrs:
        log = reinforcer.export_fsrs_log(stream)
        return {"review": log.written, "left_out": log.left_out}
    return reinforcer.export(stream)


def _listed(counts: Mapping[str, int]) -> str:
    things = [counted(count, *_NAMES.get(kind, (kind,))) for kind, count in counts.items() if count]
    return ", ".join(things) or "nothing"


_NAMES = {
    "policy": ("policy", "policies"),
    "parameters": ("parameter set",),
    "fit": ("fit",),
    "adoption": ("adoption",),
    "erased_statement": ("erased statement",),
    "left_out": ("left out", "left out"),
}
