"""What people should refresh, and why: `due`, `why`, `forecast` and `plan`."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated

import typer

from reinforce.cli.command import At, On, Session, as_date, as_moment, command, now
from reinforce.cli.curve import Curve, draw
from reinforce.cli.output import Column, Output, counted, days, percent, when_due
from reinforce.errors import InvalidSettings
from reinforce.model.calibration import Corrected
from reinforce.model.memory import DueSkill, Forecast, MemoryState, Why
from reinforce.model.plans import LeftOver, Plan

LearnerKey = Annotated[str, typer.Argument(metavar="LEARNER", help="Key of the person.")]
OneLearner = Annotated[str | None, typer.Argument(metavar="LEARNER", help="Key of the person.")]
TeamKey = Annotated[str | None, typer.Option("--team", metavar="KEY", help="Everyone of this team and its sub-teams.")]

FORECAST_DAYS = 30
MOST_LEFT_OVER = 10
LEAST_POINTS = 0.005


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    for one in (due, why, forecast, plan):
        command(app)(one)


def due(
    session: Session,
    learner: LearnerKey,
    at: At = None,
    within: Annotated[int, typer.Option(metavar="DAYS", min=0, help="Also what becomes due so soon.")] = 0,
) -> None:
    """What a person should refresh now.

    The most forgotten first.
    """
    asked_at = as_moment(at) or now()
    with session.reinforcer() as reinforcer:
        skills = reinforcer.due(learner, at=asked_at, within_days=within)
    output = session.output
    if output.is_json:
        output.document({"learner": learner, "at": asked_at, "within_days": within, "due": skills})
        return
    is_soon = f", or due within {days(within)}" if within else ""
    output.heading(f"{learner}: {counted(len(skills), 'skill')} due{is_soon}")
    output.table(_DUE, [_due_row(skill) for skill in skills])


_DUE = (
    Column("skill", "skill"),
    Column("title", "title", unless=None),
    Column("retrievability", "recall", percent, is_number=True),
    Column("due", "due"),
    Column("overdue_days", "", when_due),
)


def _due_row(skill: DueSkill) -> tuple[object, ...]:
    return (skill.skill, _title(skill), skill.retrievability, skill.due, skill.overdue_days)


def _title(skill: DueSkill | Forecast) -> str | None:
    """The title of a skill, if it says more than its key."""
    return skill.title if skill.title not in ("", skill.skill) else None


def why(
    session: Session,
    learner: LearnerKey,
    skill: Annotated[str, typer.Argument(metavar="SKILL", help="Key of the skill.")],
    at: At = None,
    last: Annotated[int, typer.Option(metavar="COUNT", min=0, help="How many events to show.")] = 10,
    curve: Annotated[
        bool | None, typer.Option("--curve/--no-curve", help="Draw the forgetting curve; else on terminals only.")
    ] = None,
) -> None:
    """Why a skill is due when it is.

    The memory, the forgetting curve, what each rating would do, and the last events that count.
    """
    with session.reinforcer() as reinforcer:
        answer = reinforcer.why(learner, skill, at=as_moment(at) or now(), last=last)
    output = session.output
    if output.is_json:
        output.document({"why": answer})
        return
    name = f"{answer.title} ({skill})" if answer.title not in ("", skill) else skill
    output.heading(f"{name}, {learner}, on {answer.day}")
    output.facts(_facts(answer))
    if answer.state is not None and (output.is_terminal if curve is None else curve):
        output.raw("")
        output.drawing(draw(_curve(answer, answer.state), output.width, unicode=output.has_unicode))
    output.section(f"If it is practised on {answer.day}")
    output.table(
        (
            Column("rating", "rating"),
            Column("interval_days", "due", lambda count: f"in {days(count)}"),
            Column("due", "on"),
            Column("stability", "stability", _stability, is_number=True),
            Column("difficulty", "difficulty", "{:.1f}".format, is_number=True),
        ),
        [
            (one.rating.name.lower(), one.interval_days, one.due, one.stability, one.difficulty)
            for one in answer.next_time
        ],
    )
    output.section(f"Last {counted(len(answer.events), 'event')}")
    _show_events(output, answer)


def _facts(why: Why) -> list[tuple[str, str]]:
    if why.state is None:
        return [("recall", "unknown: never practised"), ("desired retention", percent(why.desired_retention))]
    state = why.state
    recall = "unknown" if why.retrievability is None else percent(why.retrievability)
    return [
        ("recall", f"{recall}, {percent(why.desired_retention)} desired"),
        *([("calibration", _moved(why.corrected))] if why.corrected else []),
        ("due", f"{state.due}, {when_due((why.day - state.due).days)}"),
        ("last practised", str(state.last_practised)),
        ("stability", f"{_stability(state.stability)} until recall falls to 90 %"),
        ("difficulty", f"{state.difficulty:.1f} of 10"),
        ("practice", f"{counted(state.reviews, 'review')}, {counted(state.lapses, 'lapse')}"),
        ("computed by", f"{state.algorithm}, parameter set {state.parameter_set}"),
    ]


CORRECTIONS = {
    "everybody": "people here in general",
    "waiting": "the time without practice",
    "practice": "their practice so far",
    "skill": "this skill",
    "learner": "this person",
}
"""What the parts are called that moved a probability."""


def _moved(corrected: Corrected) -> str:
    """What moved the probability of recall, in words; on the day of practice it is that of the day after."""
    told = [
        f"{CORRECTIONS.get(one.name, one.name)} {one.points * 100:+.0f}"
        for one in corrected.corrections
        if abs(one.points) >= LEAST_POINTS
    ]
    points = round((corrected.after - corrected.before) * 100)
    if not points and not told:
        return f"as FSRS says, {percent(corrected.before)}"
    direction = "lower" if points < 0 else "higher"
    moved = f"{counted(abs(points), 'point')} {direction} than FSRS's {percent(corrected.before)}"
    why = f": {', '.join(told)}" if told else ""
    return f"{moved}{why} (trusted by {percent(corrected.trust)})"


def _stability(count: float) -> str:
    return f"{count:,.1f} days" if count >= 1 else f"{count:.2g} days"


def _curve(why: Why, state: MemoryState) -> Curve:
    return Curve(
        last_practised=state.last_practised,
        stability=state.stability,
        decay=why.parameters[-1],
        desired_retention=why.desired_retention,
        due=state.due,
        today=why.day,
        believed=tuple(left for _, left in why.curve) if why.corrected else (),
    )


def _show_events(output: Output, why: Why) -> None:
    columns = (
        Column("occurred_at", "when (UTC)", "{:%Y-%m-%d %H:%M}".format),
        Column("kind", "kind"),
        Column("rating", "rating"),
        Column("weight", "weight", "{:g}".format, is_number=True, unless=1.0),
        Column("source", "source"),
        Column("external_id", "id"),
        Column("note", "note", unless=None),
    )
    rows = [
        (
            event.occurred_at,
            event.kind.value,
            "none" if review.rating is None else review.rating.name.lower(),
            review.weight,
            event.source,
            event.external_id,
            event.note,
        )
        for event, review in zip(why.events, why.reviews, strict=True)
    ]
    output.table(columns, rows)


def forecast(
    session: Session,
    learner: OneLearner = None,
    team: TeamKey = None,
    on: On = None,
) -> None:
    """What will be remembered on a day.

    Of a person or a team, if nobody practises until then. Without --on, 30 days from now.
    """
    day = as_date(on, "--on") or now().date() + timedelta(days=FORECAST_DAYS)
    _require_one(learner, team)
    with session.reinforcer() as reinforcer:
        answers = reinforcer.forecast(learner=learner, team=team, on=day)
    output = session.output
    if output.is_json:
        output.document({"learner": learner, "team": team, "on": day, "forecast": answers})
        return
    output.heading(f"{learner or team}: {_in_words(answers)}, on {day} without practice until then")
    output.table(
        (
            Column("learner", "learner"),
            Column("skill", "skill"),
            Column("title", "title", unless=None),
            Column("retrievability", "recall", percent, is_number=True),
            Column("due", "due"),
        ),
        [(one.learner, one.skill, _title(one), one.retrievability, one.due) for one in answers],
    )
    if _later(answers):
        output.note("what was left before the last practice cannot be told: memory is kept as it is since then")


def _in_words(answers: Sequence[Forecast]) -> str:
    known = [one.retrievability for one in answers if one.retrievability is not None]
    average = " on average" if len(known) > 1 else ""
    said = f"{counted(len(known), 'practised skill')} at {percent(sum(known) / len(known))}{average}" if known else ""
    unknown = [(_never(answers), "never practised"), (_later(answers), "practised after that day")]
    counts = [f"{count} {why}" for count, why in unknown if count]
    return ", ".join([said or "nothing is known", *counts])


def _never(answers: Sequence[Forecast]) -> int:
    return sum(one.due is None for one in answers)


def _later(answers: Sequence[Forecast]) -> int:
    return sum(one.due is not None and one.retrievability is None for one in answers)


def plan(
    session: Session,
    learner: OneLearner = None,
    team: TeamKey = None,
    on: On = None,
    at: At = None,
) -> None:
    """What to refresh on a day, and why.

    For a person or a team. The plan is worked out and not written; `nightly` writes assignments.
    """
    day, asked_at = as_date(on, "--on"), as_moment(at) or now()
    _require_one(learner, team)
    with session.reinforcer() as reinforcer:
        if team is None:
            plans = [reinforcer.plan(learner or "", on=day, at=asked_at)]
        else:
            members = [one.key for one in reinforcer.learners(team=team)]
            plans = reinforcer.plan_many(members, on=day, at=asked_at)
    output = session.output
    if output.is_json:
        output.document({"learner": learner, "team": team, "on": day or _common_day(plans), "plans": plans})
        return
    show_plans(output, plans)


def _common_day(plans: Sequence[Plan]) -> date | None:
    """The day of all plans; None: it is already tomorrow where some of these people are."""
    days = {one.day for one in plans}
    return days.pop() if len(days) == 1 else None


_PLAN = (
    Column("learner", "learner"),
    Column("day", "day"),
    Column("refresher", "refresher"),
    Column("title", "title"),
    Column("minutes", "minutes"),
    Column("skills", "skills"),
    Column("reason", "why"),
)


def _plan_rows(plan: Plan) -> list[tuple[object, ...]]:
    return [
        (one.learner, one.day, one.refresher, one.title, one.minutes, one.skills, one.reason)
        for one in plan.assignments
    ]


def show_plans(output: Output, plans: Sequence[Plan]) -> None:
    """Plans to read, or as a table where a program reads."""
    if not output.is_terminal:
        output.table(_PLAN, [row for one in plans for row in _plan_rows(one)])
        return
    for one in plans:
        _show_plan(output, one)


def _show_plan(output: Output, plan: Plan) -> None:
    minutes = f"{plan.minutes:g} of {plan.budget:g} minutes" if plan.budget else "a day off"
    output.heading(f"{plan.learner} on {plan.day:%A}, {plan.day}: {minutes}")
    if not plan.budget:
        output.note("name a working day with --on DATE")
    elif not plan.assignments:
        output.note("nothing to refresh" if not plan.left_over else "nothing that could be given")
    for number, one in enumerate(plan.assignments, start=1):
        output.item(f"{number}. {one.title or one.refresher}", f"{one.minutes:g} min", one.reason)
    if plan.left_over:
        output.note(f"left for another day: {_left_over(plan.left_over)}")
    output.raw("")


def _left_over(left: Sequence[LeftOver]) -> str:
    """What is left, with each reason said once."""
    skills: dict[str, list[str]] = {}
    for one in left:
        skills.setdefault(one.reason, []).append(one.skill)
    return "; ".join(f"{_some(named)} ({reason})" for reason, named in skills.items())


def _some(keys: Sequence[str]) -> str:
    more = f" and {len(keys) - MOST_LEFT_OVER:,} more" if len(keys) > MOST_LEFT_OVER else ""
    return f"{', '.join(keys[:MOST_LEFT_OVER])}{more}"


def _require_one(learner: str | None, team: str | None) -> None:
    if (learner is None) == (team is None):
        raise InvalidSettings("name either a learner or, with --team, a team")
