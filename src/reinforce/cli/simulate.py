"""What reinforcing would cost and keep: `simulate`."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from reinforce.cli.command import At, Session, as_moment, command, now
from reinforce.cli.output import Column, Output, percent, plain
from reinforce.errors import InvalidValue
from reinforce.forgetting.scenarios import Absence, Launch, Scenario, Variation
from reinforce.forgetting.simulation import LEAST_KEPT, MOST_KEPT, Effort, SimulationResult, Way, simulate

TEAM, EVENTS = "The team", "What befalls it"
USUAL = Scenario()


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    command(app, name="simulate")(simulated)


def _team(name: str, help_text: str, metavar: str = "COUNT") -> Any:
    return typer.Option(f"--{name}", metavar=metavar, help=help_text, rich_help_panel=TEAM)


def _event(name: str, help_text: str, metavar: str) -> Any:
    return typer.Option(f"--{name}", metavar=metavar, help=help_text, rich_help_panel=EVENTS)


def simulated(
    session: Session,
    team: Annotated[str | None, _team("team", "One of yours, as it stands; else one is made up.", "KEY")] = None,
    hires: Annotated[int, _team("hires", "People who join your team on the first day and know nothing.")] = 0,
    learners: Annotated[
        int | None, _team("learners", f"People in a team that is made up; {USUAL.learners} unless said.")
    ] = None,
    skills: Annotated[
        int | None, _team("skills", f"Skills that each of them is taught; {USUAL.skills} unless said.")
    ] = None,
    days: Annotated[int, _team("days", "How long it goes on; the first day is a Monday.")] = USUAL.days,
    daily_minutes: Annotated[
        float | None, _team("daily-minutes", "Budget of a person and working day; else whatever it takes.", "MINUTES")
    ] = None,
    practice_minutes: Annotated[
        float | None,
        _team(
            "practice-minutes",
            f"How long one practice of one skill takes; {USUAL.practice_minutes:g} unless said, and with your own "
            "team as long as your library takes.",
            "MINUTES",
        ),
    ] = None,
    failure_minutes: Annotated[
        float, _team("failure-minutes", "How much longer a failed one takes.", "MINUTES")
    ] = USUAL.failure_minutes,
    variation: Annotated[
        float, _team("variation", "How much people and skills differ: deviation of log stability, 0 to 2.", "NUMBER")
    ] = 0.0,
    onboarding_days: Annotated[
        int, _event("onboarding", "A new hire: teaching is spread over so many days.", "DAYS")
    ] = 0,
    launch: Annotated[
        str | None, _event("launch", "So many of the skills are taught on that day, such as 90:8.", "DAY:SKILLS")
    ] = None,
    absence: Annotated[
        str | None, _event("absence", "Nobody practises from that day for so many days, such as 180:28.", "DAY:DAYS")
    ] = None,
    keep: Annotated[
        float, typer.Option(metavar="SHARE", help="The retention whose minutes are wanted, such as 0.9.")
    ] = 0.9,
    seed: Annotated[int, typer.Option(metavar="NUMBER", help="Of all that is random.")] = 0,
    at: At = None,
) -> None:
    """What reinforcing would cost and keep.

    A team lives through the days, once without any practice and once for each desired retention from 0.70 to 0.97: one
    of yours with what it remembers now, or one that does not exist and is taught its skills first, which needs no
    database.
    """
    _require_share(keep)
    made_up = {"--learners": learners, "--skills": skills, "--practice-minutes": practice_minutes}
    if team is not None:
        _refuse("--team knows its own people, skills and library", made_up)
    elif hires:
        raise InvalidValue("--hires join a team of yours: name it with --team")
    scenario = Scenario(
        learners=USUAL.learners if learners is None else learners,
        skills=USUAL.skills if skills is None else skills,
        days=days,
        onboarding_days=onboarding_days,
        daily_minutes=daily_minutes,
        practice_minutes=USUAL.practice_minutes if practice_minutes is None else practice_minutes,
        failure_minutes=failure_minutes,
        launch=None if launch is None else Launch(*_pair("--launch", launch)),
        absence=None if absence is None else Absence(*_pair("--absence", absence)),
        variation=Variation(variation, variation),
    )
    if team is None:
        result = simulate(scenario, keep=(keep,), seed=seed)
    else:
        with session.reinforcer() as reinforcer:
            result = reinforcer.simulate(
                team, scenario, hires=hires, keep=(keep,), seed=seed, at=as_moment(at) or now()
            )
    _show(session.output, result)


def _require_share(keep: float) -> None:
    if not LEAST_KEPT <= keep <= MOST_KEPT:
        hint = f": write {keep:g} % as {keep / 100:g}" if 1 < keep < 100 else ""
        raise InvalidValue(f"--keep must be a share from {LEAST_KEPT:g} to {MOST_KEPT:g}, not {keep:g}{hint}")


def _refuse(reason: str, flags: Mapping[str, object]) -> None:
    given = [flag for flag, value in flags.items() if value is not None]
    if given:
        raise InvalidValue(f"{reason}: leave out {' and '.join(given)}")


def _show(output: Output, result: SimulationResult) -> None:
    if output.is_json:
        output.document(plain(result))
        return
    output.heading("Minutes of refreshers per person and week, against the average retention")
    output.table(COLUMNS, [_row(way) for way in (result.train_once, *result.reinforced)])
    output.section("What it takes")
    for effort in result.efforts:
        output.line(_said(effort, result.reinforced))


COLUMNS = (
    Column("desired_retention", "practised at", lambda level: f"{level:.2f}", is_number=True),
    Column("minutes", "minutes a week", lambda minutes: f"{minutes:.1f}", is_number=True),
    Column("retention", "retention", percent, is_number=True),
    Column("retention_at_end", "at the end", percent, is_number=True),
    Column("busiest_day", "busiest day", lambda minutes: f"{minutes:.0f} min", is_number=True),
)


def _row(way: Way) -> Sequence[Any]:
    return (
        way.desired_retention,
        way.minutes.value,
        way.retention.value,
        way.retention_at_end,
        way.busiest_day,
    )


def _said(effort: Effort, reinforced: Sequence[Way]) -> str:
    kept = f"{100 * effort.retention:g} %"
    if effort.minutes is None:
        most = max(way.retention.value for way in reinforced)
        return f"no desired retention keeps this team above {kept}; the most is {percent(most)}"
    if effort.desired_retention is None:
        return f"teaching once keeps this team above {kept}"
    minutes = effort.minutes
    return (
        f"{minutes.value:.1f} minutes a week ({minutes.low:.1f} to {minutes.high:.1f}) keep this team above {kept}, "
        f"at a desired retention of {effort.desired_retention:.2f}"
    )


def _pair(flag: str, text: str) -> tuple[int, int]:
    first, _, second = text.partition(":")
    try:
        return int(first), int(second)
    except ValueError as problem:
        raise InvalidValue(f"{flag} must be two whole numbers such as 90:8, not {text!r}") from problem
