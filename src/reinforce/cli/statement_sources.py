"""Statements out of other LRSs: `statements pull` and `statements source add`, `list` and `remove`."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Annotated, Any

import typer
from attrs import define, field

from reinforce.cli.command import Session, as_moment, command, group, needs_attention, now
from reinforce.cli.feed_flags import settings_of
from reinforce.cli.output import Column, counted, moment
from reinforce.cli.progress import progress
from reinforce.cli.statement_report import Report
from reinforce.delivery.secrets import variables
from reinforce.errors import DeliveryStopped
from reinforce.exchange.atomic import written_whole
from reinforce.intake.pulling import BadStatement, PulledPart
from reinforce.model.checks import from_micros
from reinforce.store.statement_sources import OVERLAP_SECONDS, StatementSource

app = group("Where statements are pulled from.")

MOST_REASONS = 100


def register(statements: typer.Typer) -> None:
    """Add the commands to the group of statements."""
    command(statements)(pull)
    statements.add_typer(app, name="source")


def add(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the source is called.")],
    adapter: Annotated[str, typer.Argument(metavar="ADAPTER", help="What reads there: lrs, or another.")],
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="SETTING=VALUE", help="A setting such as endpoint=https://…; may be repeated."),
    ] = None,
    secret: Annotated[
        list[str] | None,
        typer.Option(metavar="SETTING=VARIABLE", help="A setting that an environment variable holds; may be repeated."),
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="MOMENT", help="Leave out what was stored there before, in ISO 8601.")
    ] = None,
    overlap: Annotated[
        float, typer.Option(metavar="SECONDS", help="Ask again for so much of what was pulled before.")
    ] = OVERLAP_SECONDS,
) -> None:
    """Set up an LRS that statements are pulled from.

    A secret is never kept: name the environment variable that holds it. Nothing is asked until `reinforce statements
    pull`.
    """
    with session.reinforcer(creates_tenant=True) as reinforcer:
        source = reinforcer.statements.sources.add(
            name,
            adapter,
            settings_of(setting or (), secret or ()),
            since=as_moment(since, "--since"),
            overlap_seconds=overlap,
            at=now(),
        )
    if session.output.is_json:
        session.output.document({"source": _plain(source)})
        return
    session.output.line(f"source {name}: {_from(source)}; pull by `reinforce statements pull {name}`")


def list_sources(session: Session) -> None:
    """List where statements are pulled from, how far that has come, and what stopped it last."""
    with session.reinforcer() as reinforcer:
        found = reinforcer.statements.sources.all()
    if session.output.is_json:
        session.output.document({"sources": [_plain(one) for one in found]})
        return
    session.output.table(
        (
            Column("name", "source"),
            Column("adapter", "by"),
            Column("position", "up to", show=moment),
            Column("pulled_at", "pulled", show=moment),
            Column("trouble", "trouble", unless=None),
        ),
        [(one.name, one.adapter, _when(one.position), _when(one.pulled_at), one.trouble) for one in found],
        "there are none yet: see `reinforce statements source add --help`",
    )


def remove(session: Session, name: Annotated[str, typer.Argument(metavar="NAME", help="Of the source.")]) -> None:
    """Remove a source; what was pulled from it stays."""
    with session.reinforcer() as reinforcer:
        reinforcer.statements.sources.remove(name, at=now())
    if session.output.is_json:
        session.output.document({"removed": name})
        return
    session.output.line(f"removed {name}")


@define
class _Pulled:
    """What has come from one source."""

    name: str
    report: Report = field(factory=Report)
    bad: list[BadStatement] = field(factory=list)
    bad_count: int = 0
    position: int | None = None
    trouble: str | None = None

    def add(self, part: PulledPart) -> None:
        self.report.add(part.readings)
        self.bad_count += len(part.bad)
        self.bad += part.bad[: MOST_REASONS - len(self.bad)]
        self.position = part.position if part.position is not None else self.position

    @property
    def document(self) -> dict[str, Any]:
        return {
            "name": self.name,
            **self.report.document,
            "rejected": self.bad_count,
            "reasons": [one.reason for one in self.bad],
            "position": _when(self.position),
            "trouble": self.trouble,
        }


def pull(
    session: Session,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Of the source; left out: all of them.")] = None,
    rejects: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write statements that cannot be kept there, with the reason.")
    ] = None,
) -> None:
    """Pull what has come since the last time out of other LRSs, as practice and into the statement log.

    Page by page, each kept before the next is asked for: cut off, it goes on where it was. Waits that an LRS asks
    for are slept through up to two minutes; longer ones end the pull. The exit code is 1 if a source gave nothing
    more at present, or a statement that cannot be kept.
    """
    with session.reinforcer() as reinforcer, _written(rejects) as stream:
        sources = reinforcer.statements.sources
        names = [name] if name is not None else [one.name for one in sources.all()]
        done = [_Pulled(one) for one in names]
        for one in done:
            with progress(f"pulling from {one.name}") as bar:
                try:
                    for part in sources.pull(one.name):
                        one.add(part)
                        _write(stream, one.name, part)
                        bar(one.report.total)
                except DeliveryStopped as stop:
                    one.trouble = str(stop)
    if session.output.is_json:
        session.output.document({"sources": [one.document for one in done]})
    else:
        _tell(session, done)
    if any(one.trouble is not None or one.bad_count for one in done):
        raise needs_attention()


def _tell(session: Session, done: list[_Pulled]) -> None:
    output = session.output
    if not done:
        output.message("there are no sources yet: see `reinforce statements source add --help`")
    for one in done:
        if len(done) > 1:
            output.line(f"{one.name}:")
        one.report.tell_counts(output)
        if one.bad_count:
            output.line(f"{counted(one.bad_count, 'statement')} cannot be kept, such as: {one.bad[0].reason}")
        if one.trouble is not None:
            output.message(f"{one.name}: stopped: {one.trouble}")
        if one.report.not_understood:
            output.message("`reinforce statements unmatched` tells why some were not understood")


@contextmanager
def _written(path: Path | None) -> Iterator[IO[str] | None]:
    with ExitStack() as stack:
        yield None if path is None else stack.enter_context(written_whole(path))


def _write(stream: IO[str] | None, name: str, part: PulledPart) -> None:
    if stream is not None:
        for one in part.bad:
            stream.write(json.dumps({"source": name, "reason": one.reason, "raw": one.raw}, ensure_ascii=False) + "\n")


def _when(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


def _from(source: StatementSource) -> str:
    return "from the beginning" if source.position is None else f"from {moment(from_micros(source.position))}"


def _plain(one: StatementSource) -> dict[str, Any]:
    return {
        "name": one.name,
        "adapter": one.adapter,
        "settings": dict(one.settings),
        "variables": sorted(variables(one.settings).values()),
        "overlap_seconds": one.overlap_seconds,
        "position": _when(one.position),
        "pulled_at": _when(one.pulled_at),
        "trouble": one.trouble,
    }


command(app)(add)
command(app, "list")(list_sources)
command(app)(remove)
