"""Feeds, and how they are set up: `feed add`, `feed backfill`, `feed pause`, `feed resume` and `feed remove`."""

import sys
from datetime import datetime
from typing import Annotated, Any

import attrs
import typer

from reinforce.cli.command import Session, command, group, now
from reinforce.cli.feed_flags import actors_of, filter_of, settings_of, since_of
from reinforce.cli.output import counted
from reinforce.errors import InvalidSettings
from reinforce.feeds.door import FeedStatus
from reinforce.statements.feed import Whose
from reinforce.statements.kinds import FactKind
from reinforce.store.feeds import Feed

app = group("Deliver statements to an LRS, an LMS or a file.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The feed's name.")]
Since = Annotated[
    str | None,
    typer.Option(metavar="DATE", help="Begin with what was stored on this day (in UTC) or at this moment."),
]
Several = list[str] | None


def add(
    session: Session,
    name: Name,
    adapter: Annotated[str, typer.Argument(metavar="ADAPTER", help="What hands statements on: lrs, jsonl or another.")],
    setting: Annotated[
        Several,
        typer.Option("--set", metavar="SETTING=VALUE", help="A setting of the destination; may be repeated."),
    ] = None,
    secret: Annotated[
        Several,
        typer.Option(metavar="SETTING=VARIABLE", help="A setting that an environment variable holds; may be repeated."),
    ] = None,
    from_beginning: Annotated[
        bool, typer.Option("--from-beginning", help="Begin with the first statement there is.")
    ] = False,
    since: Since = None,
    whose: Annotated[str, typer.Option(metavar="WHOSE", help="ours, received (by the embedded LRS) or all.")] = "ours",
    kind: Annotated[
        Several,
        typer.Option(metavar="KIND", help=f"Only facts of this kind ({', '.join(FactKind)}); may be repeated."),
    ] = None,
    verb: Annotated[
        Several, typer.Option(metavar="IRI", help="Only this verb, * for anything; may be repeated.")
    ] = None,
    activity: Annotated[
        Several, typer.Option(metavar="IRI", help="Only about this activity, * for anything; may be repeated.")
    ] = None,
    team: Annotated[
        Several, typer.Option(metavar="KEY", help="Only about people of this team; may be repeated.")
    ] = None,
    role: Annotated[
        Several, typer.Option(metavar="KEY", help="Only about people of this role; may be repeated.")
    ] = None,
    actors: Annotated[
        str | None,
        typer.Option(
            metavar="KIND", help="Name people by account, mbox, mbox_sha1sum or openid; else as the log does."
        ),
    ] = None,
    home_page: Annotated[
        str | None, typer.Option(metavar="IRI", help="With accounts: the system that they belong to.")
    ] = None,
    account_secret: Annotated[
        str | None,
        typer.Option(metavar="VARIABLE", help="With accounts: the variable with the secret of their hashed names."),
    ] = None,
    plain_accounts: Annotated[
        bool, typer.Option("--plain-accounts", help="With accounts: the learner's key itself is the name.")
    ] = False,
    with_names: Annotated[bool, typer.Option("--with-names", help="Tell people's names, too.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Let a feed of this name go on from where it stands, with all this.")
    ] = False,
) -> None:
    """Set up a feed.

    It begins with what is stored from now on, unless it is told to begin before. A secret is never kept: name the
    environment variable that holds it. Nothing is sent until `reinforce feed deliver`.
    """
    if replace and (from_beginning or since is not None):
        raise InvalidSettings("--replace goes on from where the feed stands: set it back by `reinforce feed backfill`")
    wanted = {"kinds": kind, "verbs": verb, "activities": activity, "teams": team, "roles": role}
    with session.reinforcer(creates_tenant=True) as reinforcer:
        reinforcer.feeds.add(
            name,
            adapter,
            settings_of(setting or (), secret or ()),
            filter=filter_of(whose, wanted),
            actors=actors_of(actors, home_page, account_secret, plain=plain_accounts, names=with_names),
            from_beginning=from_beginning,
            since=since_of(since),
            replace=replace,
            at=now(),
        )
        status = reinforcer.feeds.show(name)
        missing = reinforcer.feeds.missing_variables(name)
    _say(session, status, f"feed {name}: {_behind(status)}; try it by `reinforce feed test {name}`")
    if session.settings.xapi is None and whose != Whose.RECEIVED.value:
        session.output.message("nothing of ours is told yet, so none of it leaves: see [xapi] in reinforce.toml")
    for variable in missing:
        session.output.message(f"{variable} is not set here; it must be where the feed is delivered")


def backfill(session: Session, name: Name, since: Since = None) -> None:
    """Deliver once more, from the beginning or from a day.

    The feed is set back; its next deliveries repeat what has left since. An LRS keeps each statement once, by its id.
    """
    with session.reinforcer() as reinforcer:
        status = reinforcer.feeds.backfill(name, since=since_of(since), at=now())
    _say(session, status, f"feed {name}: {_behind(status)}")


def pause(session: Session, name: Name) -> None:
    """Let nothing leave until it is resumed.

    Nothing is lost meanwhile. A batch that is under way is still finished.
    """
    _change(session, name, "pause", "paused")


def resume(session: Session, name: Name) -> None:
    """Let a paused feed go on from where it stands."""
    _change(session, name, "resume", "runs")


def remove(
    session: Session,
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget a feed: where it stood, and its dead letters.

    What its destination has stays there.
    """
    with session.reinforcer() as reinforcer:
        left = reinforcer.feeds.show(name)
        if not yes and not _is_confirmed(left):
            raise typer.Abort
        left = reinforcer.feeds.remove(name, at=now())
    _say(session, left, f"removed feed {name}", key="removed")


def _is_confirmed(left: FeedStatus) -> bool:
    if not sys.stdin.isatty():
        raise InvalidSettings("nobody is there to ask whether to remove: pass --yes")
    letters = counted(left.backlog.dead_letters, "dead letter")
    return typer.confirm(f"Forget feed {left.feed.name} ({_behind(left)}, {letters})?", err=True)


def _change(session: Session, name: str, change: str, said: str) -> None:
    with session.reinforcer() as reinforcer:
        getattr(reinforcer.feeds, change)(name, at=now())
        status = reinforcer.feeds.show(name)
    _say(session, status, f"feed {name}: {said}, {_behind(status)}")


def _say(session: Session, status: FeedStatus, text: str, key: str = "feed") -> None:
    if session.output.is_json:
        session.output.document({key: document(status)})
    else:
        session.output.line(text)


def _behind(status: FeedStatus) -> str:
    count = status.backlog.statements
    return f"{counted(count, 'statement')} to look at" if count else "nothing waits"


def document(status: FeedStatus) -> dict[str, Any]:
    """A feed as the commands' JSON tells it."""
    feed, backlog = status.feed, status.backlog
    hidden = (attrs.fields(Feed).number, attrs.fields(Feed).start, attrs.fields(Feed).cursor)
    told = {one.name: getattr(feed, one.name) for one in attrs.fields(Feed) if one not in hidden}
    return {
        **told,
        "behind": backlog.statements,
        "oldest": backlog.oldest,
        "dead_letters": backlog.dead_letters,
    }


def age(since: datetime | None, at: datetime) -> str | None:
    """How long ago something was, in one short word."""
    if since is None:
        return None
    seconds = max(0, int((at - since).total_seconds()))
    for unit, size in (("days", 172_800), ("h", 7_200), ("min", 120)):
        if seconds >= size:
            return f"{seconds // (size // 2)} {unit}"
    return f"{seconds} s"


for one in (add, backfill, pause, resume, remove):
    command(app)(one)
