"""The tenant's calibration: `calibration show`, `learn`, `on` and `off`."""

from typing import Annotated

import typer

from reinforce.cli.command import At, Session, as_moment, command, group, now
from reinforce.cli.output import Column, counted, percent
from reinforce.model.calibration import CalibrationClose, CalibrationState

app = group("What is learned beyond FSRS: look at it, let it learn, turn it off and on.")


def show(
    session: Session,
    last: Annotated[int, typer.Option(metavar="COUNT", min=0, help="How many closes to show.")] = 10,
) -> None:
    """Show where the calibration stands, and how well its last closes were predicted."""
    with session.reinforcer() as reinforcer:
        state, closes = reinforcer.calibration.state(), reinforcer.calibration.closes()
    shown = closes[max(len(closes) - last, 0) :]
    if session.output.is_json:
        session.output.document({"calibration": state, "closes": shown})
        return
    session.output.line(in_words(state))
    session.output.table(_CLOSES, [_row(one) for one in shown])


def learn(session: Session, at: At = None) -> None:
    """Learn from what was recorded since the last time, and move due days.

    The nightly run does that too. It may be cut off at any moment, and goes on when it is called again.
    """
    with session.reinforcer() as reinforcer:
        _tell(session, reinforcer.calibration.learn(at=as_moment(at) or now()))


def on(session: Session, at: At = None) -> None:
    """Learn, and solve due days with what was learned."""
    with session.reinforcer() as reinforcer:
        _tell(session, reinforcer.calibration.turn_on(at=as_moment(at) or now()))


def off(session: Session, at: At = None) -> None:
    """Solve due days by FSRS alone, and learn no more; what was learned is kept."""
    with session.reinforcer() as reinforcer:
        _tell(session, reinforcer.calibration.turn_off(at=as_moment(at) or now()))


for name, one in (("show", show), ("learn", learn), ("on", on), ("off", off)):
    command(app, name)(one)


def in_words(state: CalibrationState) -> str:
    """Where a calibration stands, in one sentence."""
    if not state.is_on:
        return "calibration is off: due days are FSRS's own"
    scored = counted(state.scored, "scored review")
    if not state.is_used:
        return f"calibration is on, but has learned {scored} of the {state.enough} it takes: due days are FSRS's own"
    moving = "; due days are still to be moved: run `reinforce calibration learn`" if state.is_moving else ""
    closes = counted(state.closes, "close")
    return f"calibration is on: {scored} learned in {closes}, trusted by {percent(state.trust)}{moving}"


_CLOSES = (
    Column("number", "close"),
    Column("closed_at", "when (UTC)", "{:%Y-%m-%d %H:%M}".format),
    Column("reviews", "reviews", is_number=True),
    Column("scored", "scored", is_number=True),
    Column("expected", "expected", percent, is_number=True),
    Column("passed", "passed", percent, is_number=True),
    Column("log_loss", "log loss", "{:.3f}".format, is_number=True),
    Column("plain_log_loss", "FSRS's", "{:.3f}".format, is_number=True),
)


def _row(close: CalibrationClose) -> tuple[object, ...]:
    predicted = (close.expected, close.passed, close.log_loss, close.plain_log_loss)
    return (close.number, close.closed_at, close.reviews, close.scored, *predicted)


def _tell(session: Session, state: CalibrationState) -> None:
    if session.output.is_json:
        session.output.document({"calibration": state})
    else:
        session.output.line(in_words(state))
