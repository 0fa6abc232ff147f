"""How well recall is predicted, on the tenant's own log or on a file: `evaluate`."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from reinforce.cli.command import Session, command
from reinforce.cli.figure import Curve, calibration_figure
from reinforce.cli.files import reading
from reinforce.cli.import_flags import (
    Assigned,
    Columns,
    Fields,
    Format,
    OneLearner,
    OneSkill,
    Section,
    event_flag,
    flat_table,
)
from reinforce.cli.output import Column, counted, percent, plain
from reinforce.errors import ImportRejected, InvalidSettings
from reinforce.exchange.atomic import written_whole
from reinforce.exchange.events import read_events
from reinforce.exchange.formats import ImportSettings, import_settings
from reinforce.exchange.rows import BadRow
from reinforce.forgetting.comparison import OURS, PLAIN, Split, compare
from reinforce.forgetting.evaluation import Evaluation, Score
from reinforce.forgetting.metrics import Interval
from reinforce.forgetting.practice_log import Log
from reinforce.model.checks import time_zone as zone_of
from reinforce.model.days import day_of
from reinforce.model.practice import PracticeEvent
from reinforce.model.rating_policy import RatingPolicy
from reinforce.store.ids import event_id
from reinforce.store.log_columns import AskedRow, log_of

DRAWS = 200


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    command(app)(evaluate)


def evaluate(
    session: Session,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A file of events; left out: the tenant's own log.")
    ] = None,
    split: Annotated[
        Split, typer.Option(help="What is fitted on and what is scored: first-third is for a class or a course.")
    ] = Split.TIME_SERIES,
    figure: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the calibration curve there, as SVG.")
    ] = None,
    draws: Annotated[int, typer.Option(metavar="COUNT", min=20, max=10_000, help="Of the bootstrap.")] = DRAWS,
    seed: Annotated[int, typer.Option(metavar="NUMBER", min=0, help="Of the bootstrap.")] = 0,
    file_format: Format = None,
    mapping: Section = None,
    column: Columns = None,
    option: Fields = None,
    learner: OneLearner = None,
    skill: OneSkill = None,
    time_zone: Annotated[
        str | None,
        event_flag("time-zone", "NAME", "Of stamps that name none, and of the days of everyone in the file."),
    ] = None,
) -> None:
    """How well recall is predicted.

    On the tenant's own log, or on a file as `import` reads it, of which nothing is imported. Each later review is
    predicted from what came before it, by reinforce and by simpler models, and scored.
    """
    given = Assigned(file_format, mapping, tuple(column or ()), tuple(option or ()), learner, skill, time_zone)
    if file is None:
        if given.are_for_events:
            raise InvalidSettings("these flags say how a FILE of events is written: name it")
        with session.reinforcer() as reinforcer:
            found = reinforcer.evaluate(split=split, draws=draws, seed=seed)
    else:
        _require_there(file)
        settings = import_settings(flat_table(given, session.settings, file), str(file))
        policy = session.settings.rating or RatingPolicy()
        found = compare(file_log(file, settings, policy), split, draws=draws, seed=seed)
    if figure is not None:
        with written_whole(figure) as stream:
            stream.write(drawn(found))
    if session.output.is_json:
        about = {"file": file, "split": split, "draws": draws, "seed": seed, "figure": figure}
        session.output.document({**about, "evaluation": _without_nan(plain(found))})
        return
    _show(session, found)


def _require_there(file: Path) -> None:
    """Refuse a file that cannot be read before it is asked how it is written."""
    with reading(file):
        pass


# --- A file as a log -----------------------------------------------------------------------------


def file_log(file: Path, settings: ImportSettings, policy: RatingPolicy) -> Log:
    """The log that the file would become, were it imported into an empty tenant.

    Raises:
        ImportRejected: a row is bad.
    """
    zone = zone_of((settings.mapping.time_zone if settings.mapping else None) or "UTC")
    bad: list[str] = []
    events: dict[bytes, PracticeEvent] = {}
    for row in read_events(file, settings.file, settings.mapping):
        if isinstance(row, BadRow):
            bad.append(row.reason)
        else:
            event = row.event
            # The same row twice is one event, as in an import.
            events.setdefault(event_id(event.occurred_at, event.source, event.external_id or "", 0), event)
    if bad:
        raise ImportRejected(f"{counted(len(bad), 'row')} of {file} cannot be read, so nothing was evaluated", bad)

    def rows() -> Iterator[AskedRow]:
        for number, event in events.items():
            day = day_of(event.occurred_at, zone)
            for one in event.outcomes:
                rating = policy.rate(one.outcome)
                said = None if rating is None else int(rating)
                yield AskedRow(
                    number, event.learner, one.skill, day, said, one.weight, event.kind.value, event.assessor
                )

    return log_of(rows())


# --- What it says --------------------------------------------------------------------------------


def _show(session: Session, found: Evaluation) -> None:
    output = session.output
    if not output.is_terminal:
        output.table(_PLAIN, [_numbers(one) for one in found.scores])
        return
    output.heading(_in_words(found))
    output.table(_DRAWN, [_texts(one) for one in found.scores])
    output.note("Lower is better, but for AUC. RMSE is that over bins of similar reviews, 95 % the interval before it.")
    output.note(f"Behind is the log loss above that of {OURS}: it is better where the interval is above 0.")


_PLAIN = tuple(
    Column(name, name)
    for name in (
        "model",
        *("log_loss", "log_loss_low", "log_loss_high"),
        *("rmse_bins", "auc"),
        *("behind", "behind_low", "behind_high"),
    )
)
_DRAWN = (
    Column("model", "model"),
    Column("log_loss", "log loss", "{:.3f}".format, is_number=True),
    Column("log_loss_interval", "95 %", is_number=True),
    Column("rmse_bins", "RMSE", "{:.3f}".format, is_number=True),
    Column("auc", "AUC", "{:.3f}".format, is_number=True),
    Column("behind", "behind", "{:+.3f}".format, is_number=True),
    Column("behind_interval", "95 %", is_number=True),
)


def _numbers(score: Score) -> tuple[object, ...]:
    behind = (None, None, None) if score.name == OURS else _three(score.behind)
    return (score.name, *_three(score.log_loss), score.rmse_bins.value, score.auc.value, *behind)


def _texts(score: Score) -> tuple[object, ...]:
    loss, behind = score.log_loss, score.behind
    figures = (loss.value, f"{loss.low:.3f}-{loss.high:.3f}", score.rmse_bins.value, score.auc.value)
    if score.name == OURS:
        return (score.name, *figures, None, None)
    return (score.name, *figures, behind.value, f"{behind.low:.3f} to {behind.high:.3f}")


def _in_words(found: Evaluation) -> str:
    return (
        f"{counted(found.tested, 'review')} of {counted(found.learners, 'learner')} scored, "
        f"{percent(found.passed)} passed; intervals over {found.drawn}"
    )


def _three(interval: Interval) -> tuple[float | None, float | None, float | None]:
    low, high = _without_nan((interval.low, interval.high))
    return interval.value, low, high


def _without_nan(value: Any) -> Any:
    """The data with null for an end that a bootstrap of too little could not tell."""
    if isinstance(value, dict):
        return {key: _without_nan(content) for key, content in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(one) for one in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def drawn(found: Evaluation) -> str:
    """The calibration curve of ours beside that of plain FSRS-6."""
    return calibration_figure(
        "Predicted and actual recall",
        f"{counted(found.tested, 'review')} of {counted(found.learners, 'learner')}, {percent(found.passed)} passed",
        (
            Curve(PLAIN, found.score(PLAIN).curve, "#9a9a9a"),
            Curve(OURS, found.score(OURS).curve, "#0b62c4", is_sure=True),
        ),
    )
