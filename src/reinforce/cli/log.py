"""The practice log: `void`, `replay` and `erase`."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from reinforce.cli.command import Session, command, needs_attention, now
from reinforce.cli.output import counted
from reinforce.cli.rows import named, place
from reinforce.errors import InvalidFile, InvalidSettings
from reinforce.model.conversion import structure
from reinforce.model.people import Learner
from reinforce.model.practice import PracticeEvent


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    for one in (void, replay, erase):
        command(app)(one)


def void(
    session: Session,
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="The system that the event came from.")],
    external_id: Annotated[str, typer.Argument(metavar="EXTERNAL_ID", help="That system's id of it.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why it does not count.")],
    replacement: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A JSON file with the event that stands in its place.", exists=True),
    ] = None,
) -> None:
    """Take back an event's effect.

    The event stays in the log, marked void with the reason, and its memories are folded again without it.
    """
    event = None if replacement is None else _event_of(replacement)
    with session.reinforcer() as reinforcer:
        recorded = reinforcer.void(source, external_id, reason=reason, replacement=event, at=now())
    if session.output.is_json:
        session.output.document({"source": source, "external_id": external_id, "recorded": recorded})
        return
    replaced = "" if event is None else ", and recorded what replaces it"
    session.output.line(f"voided {external_id} of {source}{replaced}")


def _event_of(file: Path) -> PracticeEvent:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise InvalidFile(f"{file} is no JSON in UTF-8: {problem}") from problem
    return structure(data, PracticeEvent, str(file))


def replay(
    session: Session,
    learner: Annotated[str | None, typer.Option(metavar="KEY", help="Only this person's memories.")] = None,
    skill: Annotated[str | None, typer.Option(metavar="KEY", help="Only memories of this skill.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit code 1 if a memory differs from the log.")
    ] = False,
    rederive: Annotated[
        bool, typer.Option("--rederive", help="Derive ratings again from the outcomes, by the present policy.")
    ] = False,
) -> None:
    """Fold the log again into memories.

    Says how many of them differed from what was stored.
    """
    with session.reinforcer() as reinforcer:
        done = reinforcer.replay(learner, skill, write=not check, rederive=rederive)
    if session.output.is_json:
        session.output.document({"replayed": done})
    else:
        what = f"{counted(done.reviews, 'review')} folded into {counted(done.pairs, 'memory', 'memories')}"
        stored = "written" if done.written else "not written"
        session.output.line(f"{what}; {done.changed:,} differed, {done.removed:,} had nothing in the log; {stored}")
    if check and (done.changed or done.removed):
        raise needs_attention()


def erase(
    session: Session,
    learner: Annotated[str, typer.Argument(metavar="LEARNER", help="Key of the person.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a person for good.

    With all that they practised. Where other people's texts mention the person, it says so.
    """
    with session.reinforcer() as reinforcer:
        person = reinforcer.find(Learner, learner)
        if not yes and not _is_confirmed(person):
            raise typer.Abort
        erased = reinforcer.erase(learner, at=now())
    output = session.output
    if output.is_json:
        output.document({"erased": erased})
        return
    things = [counted(count, *named(table)) for table, count in erased.rows.items() if count and table != "learner"]
    output.line(f"erased {learner}{': ' if things else ''}{', '.join(things)}")
    if erased.rewritten:
        output.line(f"nobody stands for them now in {counted(erased.rewritten, 'statement')} of others")
    for feed, count in erased.feeds.items():
        output.line(f"feed {feed} has handed on {counted(count, 'statement')} about them: ask there for erasure, too")
    for mention in erased.mentions:
        output.line(f"still mentioned, in texts of other people: {place(mention)}")


def _is_confirmed(person: Learner) -> bool:
    if not sys.stdin.isatty():
        raise InvalidSettings("nobody is there to ask whether to erase: pass --yes")
    name = f" ({person.name})" if person.name else ""
    return typer.confirm(f"Erase {person.key}{name} and all that they practised, for good?", err=True)
