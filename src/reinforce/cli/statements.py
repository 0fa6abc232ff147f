"""Statements of others become practice: `statements map`, `import`, `unmatched`, `understand` and their like."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer

from reinforce.cli.bad_rows import BadRows
from reinforce.cli.command import Session, as_moment, command, group, needs_attention, now
from reinforce.cli.database import opened
from reinforce.cli.files import STANDARD_STREAM, reading, require_another
from reinforce.cli.output import Column, counted
from reinforce.cli.progress import progress
from reinforce.cli.statement_import import StatementImport
from reinforce.cli.statement_report import Report
from reinforce.cli.statement_sources import register
from reinforce.errors import InvalidSettings
from reinforce.exchange.formats import FileFormat, FormatName
from reinforce.exchange.rejects import RejectsFile
from reinforce.exchange.statement_files import unzipped
from reinforce.model.checks import from_micros
from reinforce.model.conversion import unstructure
from reinforce.statements.mapping_files import read_mapping
from reinforce.store.statement_mappings import AdoptedMapping

app = group("Statements of an LMS or LRS, and the practice that they tell of.")

Since = Annotated[
    str | None, typer.Option("--since", metavar="MOMENT", help="Leave out what was stored before, in ISO 8601.")
]
Tried = Annotated[
    Path | None, typer.Option("--mapping", metavar="FILE", help="Try this mapping in place of those that count.")
]

# --- Mappings ------------------------------------------------------------------------------------


def map_(
    session: Session, files: Annotated[list[Path], typer.Argument(metavar="FILE", help="A mapping in TOML.")]
) -> None:
    """Let mappings count from now on, each in place of the one of its name.

    What was recorded before stays as it was. What was not understood before is, once `statements understand` has
    gone over it again.
    """
    mappings = [read_mapping(file) for file in files]
    with session.reinforcer(creates_tenant=True) as reinforcer:
        adopted = [reinforcer.statements.adopt(one, at=now()) for one in mappings]
    if session.output.is_json:
        session.output.document({"mappings": [_plain(one) for one in adopted]})
        return
    for one in adopted:
        session.output.line(f"{one.name}, version {one.version}: {_size(one)}")


def unmap(session: Session, name: Annotated[str, typer.Argument(metavar="NAME", help="Of the mapping.")]) -> None:
    """Let a mapping count no longer; what was recorded by it stays."""
    with session.reinforcer() as reinforcer:
        reinforcer.statements.retire(name, at=now())
    if session.output.is_json:
        session.output.document({"retired": name})
        return
    session.output.line(f"{name} counts no longer")


def mappings(
    session: Session,
    versions: Annotated[bool, typer.Option("--versions", help="Every version that ever counted.")] = False,
) -> None:
    """List the mappings that count, in the order in which they are tried; --json shows them whole."""
    with session.reinforcer() as reinforcer:
        found = reinforcer.statements.mappings(retired=versions)
    if session.output.is_json:
        session.output.document({"mappings": [_plain(one) for one in found]})
        return
    session.output.table(
        (
            Column("name", "name"),
            Column("version", "version", is_number=True),
            Column("rules", "rules", is_number=True),
            Column("skills", "skills", is_number=True),
            Column("adopted", "adopted"),
            Column("retired", "retired", unless=None),
        ),
        [
            (
                one.name,
                one.version,
                len(one.mapping.rules),
                len(one.mapping.skills),
                _day(one.adopted_at),
                _day(one.retired_at),
            )
            for one in found
        ],
        "there are none yet: see `reinforce statements map --help`",
    )


def _day(micros: int | None) -> str | None:
    return None if micros is None else from_micros(micros).date().isoformat()


def _size(one: AdoptedMapping) -> str:
    return f"{counted(len(one.mapping.rules), 'rule')}, {counted(len(one.mapping.skills), 'pattern')} of skills"


def _plain(one: AdoptedMapping) -> dict[str, Any]:
    return {
        "name": one.name,
        "version": one.version,
        "adopted_at": from_micros(one.adopted_at),
        "retired_at": None if one.retired_at is None else from_micros(one.retired_at),
        "mapping": unstructure(one.mapping),
    }


# --- Files ---------------------------------------------------------------------------------------


def import_(
    session: Session,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="JSON lines, a list or one statement, also .gz; - is standard input."),
    ],
    preview: Annotated[bool, typer.Option("--preview", help="Show what would be recorded, and write nothing.")] = False,
    mapping: Tried = None,
    rejects: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Import the good statements, and write the bad ones there.")
    ] = None,
) -> None:
    """Import statements from files: into the statement log as they are, and what they tell of as practice.

    All of them, or nothing: a file with a bad statement changes nothing, unless --rejects names a file for the bad
    ones. What no mapping understands is kept, and is in `statements unmatched`. The same again changes nothing.
    """
    if mapping is not None and not preview:
        raise InvalidSettings("--mapping tries a mapping in a --preview; `reinforce statements map` lets it count")
    require_another(rejects, files)
    session.require_database()
    tried = None if mapping is None else read_mapping(mapping)
    # Closed from the last to the first: the rejects are in their place before the transaction is kept.
    with ExitStack() as stack:
        connection = None if preview else stack.enter_context(stack.enter_context(opened(session.settings)).write())
        reinforcer = stack.enter_context(session.reinforcer(connection, creates_tenant=True))
        into = stack.enter_context(RejectsFile(rejects, FileFormat(FormatName.JSONL))) if rejects else None
        work = StatementImport(reinforcer.statements, BadRows(into), now(), preview, tried)
        for file in files:
            _import(work, file)
        work.require_all()
    _tell_import(session, files, work, rejects if work.bad.count else None)


def _import(work: StatementImport, file: Path) -> None:
    with reading(file) as stream, unzipped(stream, str(file)) as content, progress(f"reading {file}") as bar:
        size = file.stat().st_size if file != STANDARD_STREAM else None
        for done in work.take(content, str(file)):
            bar(stream.tell() if size else done, size)


def _tell_import(session: Session, files: list[Path], work: StatementImport, rejects: Path | None) -> None:
    output, report = session.output, work.report
    if output.is_json:
        output.document(
            {
                "files": files,
                "preview": work.is_preview,
                **report.document,
                "rejected": work.bad.count,
                "reasons": work.bad.reasons[:100],
                "rejects": rejects,
            }
        )
    else:
        if work.is_preview:
            _tell(session, report)
            output.section("counts")
        report.tell_counts(output)
        if work.bad.count:
            output.line(f"{counted(work.bad.count, 'statement')} rejected" + (f", in {rejects}" if rejects else ""))
            for reason in [] if rejects else work.bad.reasons[:10]:
                output.message(reason)
        if report.not_understood and not work.is_preview:
            output.message("`reinforce statements unmatched` tells why some were not understood")
    if work.bad.count:
        raise needs_attention()


# --- The log -------------------------------------------------------------------------------------


def unmatched(session: Session, since: Since = None, mapping: Tried = None) -> None:
    """What of the statements in the log was not understood, and why; the most frequent first.

    Nothing is written. With --mapping, as it would be if that mapping counted alone.
    """
    report = Report()
    tried = None if mapping is None else read_mapping(mapping)
    with session.reinforcer() as reinforcer:
        for part in reinforcer.statements.review(since=as_moment(since, "--since"), mapping=tried, at=now()):
            report.add(part)
    if session.output.is_json:
        session.output.document(report.document)
        return
    report.tell_unmatched(session.output)
    _tell_ready(session, report)


def understand(
    session: Session,
    since: Since = None,
    preview: Annotated[bool, typer.Option("--preview", help="Show what would be recorded, and write nothing.")] = False,
) -> None:
    """Go over the statements in the log again, with the mappings, people and skills that there are now.

    What was not recorded and now can be is; what was recorded stays as it is, and nothing counts twice.
    """
    report = Report()
    with session.reinforcer() as reinforcer, progress("going over the log") as bar:
        door = reinforcer.statements
        parts = door.review if preview else door.understand
        for part in parts(since=as_moment(since, "--since"), at=now()):
            report.add(part)
            bar(report.total)
    if session.output.is_json:
        session.output.document({"preview": preview, **report.document})
        return
    if preview:
        _tell(session, report)
        session.output.section("counts")
    report.tell_counts(session.output)


def tell(session: Session) -> None:
    """Tell the practice that was recorded while nothing was told, as statements of ours.

    What was told is not told again, so it may be cut off and run again. Say in whose name first, in the section
    [xapi] of reinforce.toml or by REINFORCE_XAPI_BASE.
    """
    told = 0
    with session.reinforcer() as reinforcer, progress("telling") as bar:
        for part in reinforcer.statements.tell_past(at=now()):
            told += part
            bar(told)
    if session.output.is_json:
        session.output.document({"told": told})
        return
    session.output.line(f"{counted(told, 'statement')} written")


def _tell(session: Session, report: Report) -> None:
    report.tell_recorded(session.output)
    session.output.section("not understood")
    report.tell_unmatched(session.output)


def _tell_ready(session: Session, report: Report) -> None:
    waiting = len(report.recorded)
    if waiting:
        session.output.message(
            f"{counted(waiting, 'statement')} can be recorded now: `reinforce statements understand`"
        )


command(app, "map")(map_)
command(app)(unmap)
command(app)(mappings)
command(app, "import")(import_)
command(app)(unmatched)
command(app)(understand)
command(app)(tell)
register(app)
