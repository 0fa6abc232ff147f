"""What reinforce does, on a team and a log that come with it: `demo`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

import reinforce.demo as bundled
from reinforce.cli.command import Session, command
from reinforce.cli.learners import show_plans
from reinforce.errors import InvalidSettings
from reinforce.jobs.night import nightly
from reinforce.reinforcer import Reinforcer


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "demo")(demo)


def demo(
    session: Session,
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="FILE", help="Keep the database in this new SQLite file.")
    ] = None,
) -> None:
    """Show tomorrow's plan of a small team, worked out from a real practice log.

    Nothing of yours is touched: the database is a temporary file, unless --keep names one to look into
    afterwards.
    """
    with _database(keep) as url, Reinforcer(url, tenant=bundled.TENANT) as reinforcer:
        reinforcer.upgrade()
        loaded = bundled.load(reinforcer)
        reinforcer.calibration.learn(at=bundled.LAST_EVENING)  # as the night does, so that both plan the same
        people = [one.key for one in reinforcer.learners(team=bundled.TEAM)]
        plans = reinforcer.plan_many(people, on=bundled.TOMORROW)
        summary = nightly(url, tenants=[bundled.TENANT], as_of=bundled.TOMORROW, at=bundled.LAST_EVENING)[0]
    output = session.output
    if output.is_json:
        output.document({"reviews": loaded.recorded, "plans": plans, "nightly": summary})
        return
    output.note(
        f"{loaded.recorded:,} reviews of a real log, dealt to {len(people)} people. "
        f"It is {bundled.LAST_EVENING:%A, %d %B %Y}: who should refresh what tomorrow, and why?"
    )
    if output.is_terminal:
        output.raw("")
    show_plans(output, plans)
    output.note(f"the nightly job wrote {summary.assignments} assignments for {summary.planned} people")
    if keep is not None:
        output.note(f"look further: reinforce why anna price --database sqlite:///{keep} --tenant {bundled.TENANT}")


@contextmanager
def _database(keep: Path | None) -> Iterator[str]:
    if keep is not None:
        if keep.exists():
            raise InvalidSettings(f"{keep} is there already, and stays as it is: name a new file")
        yield f"sqlite:///{keep}"
        return
    with TemporaryDirectory(prefix="reinforce-") as folder:
        yield f"sqlite:///{folder}/demo.db"
