"""The tenant's parameters: `parameters fit`, `list`, `show`, `preview`, `adopt` and `roll-back`."""

from typing import Annotated

import typer

from reinforce.cli.command import At, Session, as_moment, command, group, now
from reinforce.cli.output import Column, counted, moment, plain
from reinforce.forgetting.parameter_sets import KnownParameters
from reinforce.forgetting.workload import WorkloadChange
from reinforce.model.memory import Replayed

app = group("Fit the parameters of forgetting, adopt them and roll back.")

Number = Annotated[int, typer.Argument(metavar="SET", help="Its number, as `parameters list` shows it.")]
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who does it, for the record.")]


def fit(
    session: Session,
    by: By = None,
    seed: Annotated[int, typer.Option(metavar="NUMBER", min=0, help="Of whatever is sampled.")] = 0,
) -> None:
    """Fit parameters to the tenant's log.

    They are scored on held-out later reviews beside those in force, and stored; `parameters adopt` puts them in force.
    """
    with session.reinforcer() as reinforcer:
        found = reinforcer.parameters.fit(by=by, seed=seed, at=now())
    if session.output.is_json:
        session.output.document({"parameters": _plain(found)})
        return
    session.output.line(f"parameter set {found.id}: {found.fit.verdict if found.fit else ''}")


def list_sets(session: Session) -> None:
    """List the parameter sets that the tenant has or had."""
    with session.reinforcer() as reinforcer:
        found = reinforcer.parameters.all()
    if session.output.is_json:
        session.output.document({"parameters": [_plain(one) for one in found]})
        return
    session.output.table(_LISTED, [_row(one) for one in found])


def show(session: Session, parameter_set: Number) -> None:
    """Show a parameter set: its weights, its fit, and when it was adopted."""
    with session.reinforcer() as reinforcer:
        found = reinforcer.parameters.find(parameter_set)
    if session.output.is_json:
        session.output.document({"parameters": _plain(found)})
        return
    session.output.facts(_facts(found))


def preview(session: Session, parameter_set: Number, at: At = None) -> None:
    """Show how adopting a set would change the work.

    That of the next eight weeks, if everything is practised on the day it is due; and whose work would rise most.
    """
    with session.reinforcer() as reinforcer:
        told = reinforcer.parameters.preview(parameter_set, at=as_moment(at) or now())
    output = session.output
    if output.is_json:
        output.document({"change": told})
        return
    output.heading("Refreshing all learners, with the present parameters and with these")
    output.table(
        _WEEKS,
        [
            (one.week, one.reviews_before, one.reviews_after, one.minutes_before, one.minutes_after)
            for one in told.weeks
        ],
    )
    if told.jumps:
        output.section("Whose work rises most in these weeks")
        output.table(
            _JUMPS,
            [
                (one.learner, one.reviews_before, one.reviews_after, one.minutes_before, one.minutes_after)
                for one in told.jumps
            ],
        )
    output.section("Due days")
    for line in _in_words(told):
        output.line(line)


def adopt(
    session: Session,
    parameter_set: Number,
    by: By = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Also if it was not shown to be better than the present set.")
    ] = False,
    at: At = None,
) -> None:
    """Make memories with a parameter set from now on.

    The log is replayed with it, and what would be due all at once is spread. `parameters preview` shows it beforehand,
    `parameters roll-back` takes it back.
    """
    with session.reinforcer() as reinforcer:
        done = reinforcer.parameters.adopt(parameter_set, by=by, anyway=anyway, at=as_moment(at) or now())
    if session.output.is_json:
        session.output.document({"adopted": parameter_set, "replayed": done})
        return
    session.output.line(f"parameter set {parameter_set} is in force: {_replayed(done)}")


def roll_back(session: Session, by: By = None, at: At = None) -> None:
    """Adopt what was in force before the last adoption."""
    with session.reinforcer() as reinforcer:
        done = reinforcer.parameters.roll_back(by=by, at=as_moment(at) or now())
        number = reinforcer.parameters.adoptions()[-1].parameter_set
    if session.output.is_json:
        session.output.document({"adopted": number, "replayed": done})
        return
    session.output.line(f"parameter set {number} is in force again: {_replayed(done)}")


_LISTED = (
    Column("id", "set", is_number=True),
    Column("algorithm", "algorithm"),
    Column("is_present", "in force", lambda is_present: "yes" if is_present else ""),
    Column("created", "since"),
    Column("reviews", "fitted on", is_number=True),
    Column("verdict", "verdict"),
    Column("adopted", "adopted"),
)
_CHANGES = (
    Column("reviews_before", "refreshers now", "{:,}".format, is_number=True),
    Column("reviews_after", "then", "{:,}".format, is_number=True),
    Column("minutes_before", "minutes now", "{:,.0f}".format, is_number=True),
    Column("minutes_after", "then", "{:,.0f}".format, is_number=True),
)
_WEEKS = (Column("week", "week", is_number=True), *_CHANGES)
_JUMPS = (Column("learner", "learner"), *_CHANGES)


def _plain(one: KnownParameters) -> dict[str, object]:
    """All of it, and whether its fit is better, which it works out itself."""
    fit = None if one.fit is None else {**plain(one.fit), "is_better": one.fit.is_better, "verdict": one.fit.verdict}
    return {**plain(one), "fit": fit}


def _row(one: KnownParameters) -> tuple[object, ...]:
    last = one.adoptions[-1] if one.adoptions else None
    return (
        one.id,
        one.algorithm,
        one.is_present,
        one.created_at.date().isoformat(),
        None if one.fit is None else one.fit.reviews,
        "given by hand" if one.fit is None else one.fit.verdict.partition(":")[0],
        None if last is None else f"{last.at.date().isoformat()}{f' by {last.by}' if last.by else ''}",
    )


def _facts(one: KnownParameters) -> list[tuple[str, str]]:
    facts = [
        ("parameter set", f"{one.id}{', in force' if one.is_present else ''}"),
        ("algorithm", one.algorithm),
        ("weights", ", ".join(f"{weight:.4g}" for weight in one.forgetting.weights)),
        ("longest interval", f"{one.forgetting.maximum_interval_days:,} days"),
        ("since", moment(one.created_at)),
    ]
    if one.fit is not None:
        by = f" by {one.fit.fitted_by}" if one.fit.fitted_by else ""
        facts += [
            ("fitted", f"{moment(one.fit.fitted_at)}{by}, on {counted(one.fit.reviews, 'review')}"),
            ("practice", f"{one.fit.since.isoformat()} to {one.fit.until.isoformat()}"),
            ("log loss", f"{one.fit.log_loss:.4f}, with set {one.fit.compared_with} {one.fit.log_loss_in_force:.4f}"),
            ("verdict", one.fit.verdict),
        ]
    for adoption in one.adoptions:
        by = f" by {adoption.by}" if adoption.by else ""
        how = "rolled back to" if adoption.is_roll_back else "adopted"
        facts.append((how, f"{moment(adoption.at)}{by}, in place of set {adoption.replaced}"))
    return facts


def _in_words(told: WorkloadChange) -> list[str]:
    present, alone, spread = told.largest_day
    who = f"{counted(told.memories, 'memory', 'memories')} of {counted(told.learners, 'learner')}"
    largest = f"{counted(present, 'skill')} now, {alone:,} by the set alone, {spread:,} once spread"
    return [
        f"{who} would be due on another day, {told.postponed:,} of them later than the set says, to spread a wall",
        f"the largest day of a learner: {largest}",
    ]


def _replayed(done: Replayed) -> str:
    return f"{counted(done.pairs, 'memory', 'memories')} replayed, {done.changed:,} changed"


command(app)(fit)
command(app, "list")(list_sets)
command(app)(show)
command(app)(preview)
command(app)(adopt)
command(app, "roll-back")(roll_back)
