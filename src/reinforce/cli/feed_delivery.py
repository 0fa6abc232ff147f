"""Feeds at work: `feed list`, `feed show`, `feed deliver`, `feed retry` and `feed test`."""

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any

import attrs
import typer

from reinforce.cli import exit_codes
from reinforce.cli.command import Session, command, needs_attention, now
from reinforce.cli.database import opened
from reinforce.cli.feeds import Name, age, app, document
from reinforce.cli.known_tenants import tenants_of
from reinforce.cli.output import Column, counted, moment, plain
from reinforce.errors import InvalidSettings
from reinforce.feeds.working import FeedRun, RunEnd

LETTERS = 20

Told = tuple[str, FeedRun]
"""A tenant and what was done for one of its feeds."""


def list_feeds(session: Session) -> None:
    """List the feeds: how they fare and what they have not come to yet."""
    at = now()
    with session.reinforcer() as reinforcer:
        found = reinforcer.feeds.all()
    if session.output.is_json:
        session.output.document({"feeds": [document(one) for one in found]})
        return
    if not found:
        session.output.message("there are no feeds yet: see `reinforce feed add --help`")
    session.output.table(
        (
            Column("name", "feed"),
            Column("adapter", "to"),
            Column("state", "state"),
            Column("behind", "behind", "{:,}".format, is_number=True),
            Column("waiting", "for", unless=None),
            Column("delivered", "delivered", "{:,}".format, is_number=True),
            Column("last", "last"),
            Column("dead_letters", "dead letters", "{:,}".format, is_number=True, unless=0),
            Column("last_error", "last error", unless=None),
        ),
        [
            (
                one.feed.name,
                one.feed.adapter,
                one.feed.state.value,
                one.backlog.statements,
                age(one.backlog.oldest, at),
                one.feed.delivered,
                age(one.feed.delivered_at, at),
                one.backlog.dead_letters,
                one.feed.last_error if one.feed.failures else None,
            )
            for one in found
        ],
    )


def show(
    session: Session,
    name: Name,
    letters: Annotated[int, typer.Option(metavar="COUNT", min=0, help="How many dead letters to show.")] = LETTERS,
) -> None:
    """Show one feed: its settings, where it stands, and its dead letters with their reasons."""
    with session.reinforcer() as reinforcer:
        status = reinforcer.feeds.show(name)
        listed = reinforcer.feeds.dead_letters(name, limit=letters) if letters else []
    told = document(status)
    if session.output.is_json:
        session.output.document({"feed": told, "letters": listed})
        return
    session.output.heading(f"feed {name}")
    session.output.facts([(key.replace("_", " "), text) for key, value in told.items() for text in _texts(value)])
    if listed:
        session.output.section(f"{counted(status.backlog.dead_letters, 'dead letter')}, by the order of the log")
        session.output.table(
            (Column("seq", "", is_number=True), Column("statement", "statement"), Column("reason", "reason")),
            [(one.seq, one.statement_id, one.reason) for one in listed],
        )


def _texts(value: Any) -> Iterator[str]:
    """A value as lines of text, without what is empty."""
    shown = plain(value)
    if isinstance(shown, dict):
        for name, inner in shown.items():
            if inner not in (None, [], {}):
                yield f"{name} = {_short(inner)}"
    elif shown is not None:
        yield _short(shown)


def _short(value: Any) -> str:
    if isinstance(value, dict) and set(value) == {"env"}:
        return f"(from the environment variable {value['env']})"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def deliver(
    session: Session,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One feed; else all.")] = None,
    every: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=0.1, help="Again and again, with this pause, until interrupted."),
    ] = None,
) -> None:
    """Hand on what has come since the last time.

    Without a name, all feeds are delivered, and without a tenant those of every tenant. Safe to be run by several at
    once and to be killed: a feed that another process delivers is left to it, and one that was cut off goes on where
    it was. Exit code 1 if a feed has stalled or got dead letters, 4 if one was left to another process.
    """
    if every is not None and session.output.is_json:
        raise InvalidSettings("--every never ends, so there is no one JSON document: leave --json or --every out")
    told = list(_delivered(session, name))
    if every is None:
        _tell(session, told)
        _end(run for _, run in told)
        return
    while True:
        _tell_news(session, told)
        time.sleep(every)
        told = list(_delivered(session, name))


def _delivered(session: Session, name: str | None) -> Iterator[Told]:
    session.require_database()
    tenants: Sequence[str] = [session.settings.tenant_key]
    if name is None and session.settings.tenants is None:
        with opened(session.settings) as database:
            tenants = tenants_of(database)
    for tenant in tenants:
        with session.reinforcer(tenant=tenant) as reinforcer:
            yield from ((tenant, run) for run in reinforcer.feeds.deliver(name))


def _tell(session: Session, told: Sequence[Told]) -> None:
    if session.output.is_json:
        runs = [{"tenant": tenant, **attrs.asdict(run, recurse=False)} for tenant, run in told]
        session.output.document({"is_ok": all(run.is_ok for _, run in told), "runs": runs})
        return
    if not told:
        session.output.message("there are no feeds yet: see `reinforce feed add --help`")
    session.output.table(
        (
            Column("tenant", "tenant", unless=session.settings.tenant_key),
            Column("feed", "feed"),
            Column("delivered", "delivered", "{:,}".format, is_number=True),
            Column("rejected", "dead letters", "{:,}".format, is_number=True, unless=0),
            Column("outcome", ""),
        ),
        [(tenant, run.feed, run.delivered, run.rejected, _outcome(run)) for tenant, run in told],
    )


def _tell_news(session: Session, told: Iterable[Told]) -> None:
    for tenant, run in told:
        if run.delivered or run.rejected or run.end is RunEnd.STALLED:
            counts = f"{run.delivered:,} delivered, {counted(run.rejected, 'dead letter')}"
            session.output.line(f"{moment(now())} {tenant} {run.feed}: {counts}, {_outcome(run)}")


def _outcome(run: FeedRun) -> str:
    when = (
        f"; again at {moment(run.retry_at)}" if run.retry_at else f"; mend it, then `reinforce feed retry {run.feed}`"
    )
    if run.end in (RunEnd.STALLED, RunEnd.WAITING):
        return f"{run.end.value}: {run.reason}{when}"
    return f"{run.end.value}: {run.reason}" if run.reason else run.end.value


def _end(runs: Iterable[FeedRun]) -> None:
    done = list(runs)
    if not all(run.is_ok for run in done):
        raise needs_attention()
    if any(run.end is RunEnd.BUSY for run in done):
        raise typer.Exit(exit_codes.RUN_IN_PROGRESS)


def retry(
    session: Session,
    name: Name,
    forget: Annotated[bool, typer.Option("--forget", help="Forget the dead letters instead.")] = False,
) -> None:
    """Hand dead letters on once more, and wake a stalled feed.

    Those that are refused again stay, with their new reasons. What waits in the log leaves with the next
    `reinforce feed deliver`.
    """
    with session.reinforcer() as reinforcer:
        if forget:
            _tell_forgotten(session, name, reinforcer.feeds.forget_dead_letters(name, at=now()))
            return
        run = reinforcer.feeds.retry(name)
    _tell(session, [(session.settings.tenant_key, run)])
    _end([run])


def _tell_forgotten(session: Session, name: str, count: int) -> None:
    if session.output.is_json:
        session.output.document({"forgotten": count})
    else:
        session.output.line(f"feed {name}: {counted(count, 'dead letter')} forgotten")


def test(session: Session, name: Name) -> None:
    """Look whether a feed would deliver, without sending anything.

    Asks an LRS for its versions and whether the credentials may read and write, looks whether everybody can be named,
    and puts the next batch together. Exit code 1 if something is not as it should be.
    """
    with session.reinforcer() as reinforcer:
        report = reinforcer.feeds.test(name)
    if session.output.is_json:
        session.output.document({"is_ok": report.is_ok, "steps": report.steps})
    else:
        for step in report.steps:
            session.output.check(step.name, step.detail, is_ok=step.is_ok)
    if not report.is_ok:
        raise needs_attention()


command(app, "list")(list_feeds)
for one in (show, deliver, retry, test):
    command(app)(one)
