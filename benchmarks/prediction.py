"""Predicting recall: ours beside the baselines and fsrs-rs, on the same reviews in the same run.

    python benchmarks/prediction.py [--anki LOG.csv] [--class CLASS.csv] [--collection NAME=FILE ...] [--json FILE]

Logs that can be had, none of which but the first is kept here (see benchmarks/prediction.md):

- `--anki`: a CSV of one person's reviews as py-fsrs's tests have it, `tests/data/anki_josh.csv`; given by default;
- `--class`: the "Statistics Practice" log of LKT with the columns student, time_utc_naive, kc, item, outcome;
- `--collection`: an Anki collection (`collection.anki2`, SQLite), of which only the review log is read.

fsrs-rs (`pip install fsrs-rs-python`) is a peer to measure against; without it its rows are left out. The prior of the
calibration is learned anew for each log, from the other logs only: a log never helps to predict itself.
"""

import argparse
import csv
import json
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from reinforce.errors import NotEnoughEvidence
from reinforce.forgetting.baselines import BASELINES, Model, biased
from reinforce.forgetting.before import Pairs, before
from reinforce.forgetting.calibration import Calibration, Tuning
from reinforce.forgetting.curve import Floats
from reinforce.forgetting.evaluation import Evaluation, Fold, after_the_first_third, evaluate, ours, time_series_folds
from reinforce.forgetting.fitting import HIGH, LOW, fit, fit_weights
from reinforce.forgetting.learning import calibrated
from reinforce.forgetting.metrics import losses
from reinforce.forgetting.parameters import DEFAULT_WEIGHTS, Forgetting
from reinforce.forgetting.practice_log import EXPOSURE, Log
from reinforce.forgetting.scored import Scored

try:
    import fsrs_rs_python as peer
except ImportError:
    peer = None

JOSH = Path(__file__).parents[1] / "tests" / "data" / "anki_josh.csv"
NEUTRAL = (0.0, 1.0, *[0.0] * 10, 0.5, 0.5)
LIFT = 0.6
"""How far the prior of later reviews is lifted above the mean of the logs, so that a new tenant begins near FSRS."""


@attrs.frozen(eq=False)
class Measured:
    """A log to measure on; `family` names the data it comes from, of which no part may teach the prior."""

    name: str
    family: str
    log: Log

    def folds(self, scored: int) -> tuple[Fold, ...]:
        return after_the_first_third(scored) if self.family == "class" else time_series_folds(scored)


def anki_csv(path: Path) -> Log:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    seconds = np.array([datetime.fromisoformat(row["review_time"]).timestamp() for row in rows])
    return of_one_person(seconds, [row["card_id"] for row in rows], [int(row["review_rating"]) for row in rows])


def collection(path: Path) -> Log:
    """The review log of an Anki collection; what the cards say is not read."""
    with sqlite3.connect(path) as connection:
        query = "SELECT id, cid, ease, type FROM revlog WHERE ease BETWEEN 1 AND 4 AND type < 4"
        rows = connection.execute(query).fetchall()
    # Anki's first scheduler had three buttons while learning: Again, Good, Easy.
    three_buttons = not any(ease == 4 and kind in (0, 2) for _, _, ease, kind in rows)
    ratings = [min(ease + 1, 4) if three_buttons and kind in (0, 2) and ease > 1 else ease for _, _, ease, kind in rows]
    return of_one_person(np.array([row[0] / 1000 for row in rows]), [str(row[1]) for row in rows], ratings)


def of_one_person(seconds: Floats, cards: list[str], ratings: list[int]) -> Log:
    """A log in calendar days that begin in the middle of the longest part of the day without reviews."""
    hours = np.bincount((seconds // 3600 % 24).astype(int), minlength=24)
    around = np.concatenate((hours, hours))
    quiet = min(range(24), key=lambda hour: (around[hour : hour + 8].sum(), hour))
    boundary = (quiet + 4) % 24 * 3600
    order = np.argsort(seconds, kind="stable")
    return Log.of(
        np.zeros(len(cards)),
        np.unique(cards, return_inverse=True)[1][order],
        ((seconds - boundary) // 86400)[order],
        np.array(ratings)[order],
        seconds=seconds[order],
    )


def of_a_class(path: Path, unit: str) -> Log:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    stamps = [datetime.fromisoformat(row["time_utc_naive"]).replace(tzinfo=UTC).timestamp() for row in rows]
    seconds = np.array(stamps)
    ratings = {"CORRECT": 3, "INCORRECT": 1, "STUDY": EXPOSURE}
    order = np.argsort(seconds, kind="stable")

    def column(name: str) -> Any:
        return np.unique([row[name] for row in rows], return_inverse=True)[1][order]

    return Log.of(
        column("student"),
        column(unit),
        ((seconds - 4 * 3600) // 86400)[order],
        np.array([ratings[row["outcome"]] for row in rows])[order],
        seconds=seconds[order],
    )


def fsrs_rs_weights(log: Log, reviews: int) -> tuple[float, ...]:
    """What fsrs-rs fits to the first scored reviews of a log."""
    pairs = Pairs.of(log)
    number, elapsed, rating = pairs.number(), pairs.elapsed(log), log.rating[pairs.rows]
    scored = np.flatnonzero((number > 0) & (elapsed > 0))
    first = scored[np.argsort(pairs.rows[scored], kind="stable")][:reviews]
    items = []
    for place in first.tolist():
        history = slice(place - int(number[place]), place + 1)
        each = zip(rating[history].tolist(), elapsed[history].tolist(), strict=True)
        items.append(peer.FSRSItem([peer.FSRSReview(grade, days) for grade, days in each]))
    found = np.array(peer.FSRS(list(DEFAULT_WEIGHTS)).compute_parameters(items), dtype=np.float64)
    return tuple(np.clip(found, LOW, HIGH).tolist())


def recall(log: Log, weights: tuple[float, ...]) -> Floats:
    scored = Scored.of(log, Forgetting(weights))
    return scored.known.retrievability[scored.places]


def first(log: Log, scored: Scored, reviews: int) -> Log:
    """The log up to and with the last of the first scored reviews."""
    return log.take(slice(0, int(scored.known.rows[scored.places[reviews - 1]]) + 1))


def peers() -> Iterator[tuple[str, Model]]:
    if peer is None:
        return

    def fitted(scored: Scored, fitted_on: int) -> Floats:
        return recall(scored.log, fsrs_rs_weights(scored.log, fitted_on))

    yield "FSRS-6 fitted by fsrs-rs", fitted
    yield "the same + online bias", lambda scored, count: biased(fitted(scored, count), scored.passed)


def fitted_by_us(scored: Scored, fitted_on: int) -> Floats:
    return recall(scored.log, fit_weights(first(scored.log, scored, fitted_on)))


def fitted_and_calibrated(tuning: Tuning) -> Model:
    def model(scored: Scored, fitted_on: int) -> Floats:
        weights = fit_weights(first(scored.log, scored, fitted_on))
        known = before(Forgetting(weights), scored.log)
        return calibrated(Calibration.new(tuning), scored.log, known)[0].at_once[scored.places]

    return model


def prior_from(others: list[Measured]) -> Tuning:
    """The mean of the slopes that other logs end with, each learned from a neutral start."""
    if not others:
        return Tuning()
    start = Calibration.new(attrs.evolve(Tuning(), prior=NEUTRAL))
    slopes = np.mean([calibrated(start, one.log, before(Forgetting(), one.log))[1].slopes for one in others], axis=0)
    slopes[0] += LIFT
    return attrs.evolve(Tuning(), prior=tuple(slopes.tolist()))


def measure(one: Measured, others: list[Measured]) -> Evaluation:
    tuning = prior_from(others)
    scored = Scored.of(one.log)
    models = {
        **BASELINES,
        **dict(peers()),
        "FSRS-6 fitted by us": fitted_by_us,
        "calibrated, fitted": fitted_and_calibrated(tuning),
        "calibrated, shipped prior": ours(),
        "calibrated, from the morning": ours(tuning, from_the_morning=True),
        "calibrated": ours(tuning),
    }
    return evaluate(scored, models, one.folds(len(scored)), draws=500)


def report(one: Measured, result: Evaluation) -> None:
    print(
        f"\n### {one.name}: {result.learners} learner(s), {result.reviews} reviews, {result.tested} tested, "
        f"{result.passed:.0%} passed; intervals over {result.drawn}\n"
    )
    print("| model | log loss | behind `calibrated` (95 %) | RMSE(bins) | AUC |\n|---|---|---|---|---|")
    for score in result.scores:
        behind = f"{score.behind.value:+.4f} ({score.behind.low:+.4f} to {score.behind.high:+.4f})"
        print(
            f"| {score.name} | {score.log_loss.value:.4f} | {'' if score.name == 'calibrated' else behind} "
            f"| {score.rmse_bins.value:.4f} | {score.auc.value:.3f} |"
        )


def few_data(one: Measured, others: list[Measured]) -> None:
    """Scored on the next 1,000 reviews after the first few."""
    scored = Scored.of(one.log)
    predicted, _ = calibrated(Calibration.new(prior_from(others)), one.log, scored.known)
    for count in (64, 256, 1000):
        if count + 100 > len(scored):
            continue
        result = fit(first(one.log, scored, count))
        part = slice(count, count + 1000)

        def loss(p: Floats, part: slice = part) -> float:
            return float(losses(p[part], scored.passed[part]).mean())

        plain = loss(recall(one.log, DEFAULT_WEIGHTS))
        own = loss(recall(one.log, result.weights))
        adopted = own if result.is_better else plain
        theirs = f"{loss(recall(one.log, fsrs_rs_weights(one.log, count))):.4f}" if peer else "-"
        ours_now = loss(predicted.at_once[scored.places])
        print(f"| {one.name} | {count} | {plain:.4f} | {theirs} | {own:.4f} | {adopted:.4f} | {ours_now:.4f} |")


def in_sample(one: Measured) -> None:
    """The lowest log loss on all reviews, each counting once."""
    scored = Scored.of(one.log)
    began = time.process_time()
    weights = fit_weights(one.log)
    took = time.process_time() - began
    mine = losses(recall(one.log, weights), scored.passed).mean()
    theirs = losses(recall(one.log, fsrs_rs_weights(one.log, len(scored))), scored.passed).mean() if peer else np.nan
    print(f"| {one.name} | {len(scored)} | {theirs:.4f} | {mine:.4f} | {took:.1f} s |")


def speed(reviews: int = 1_000_000) -> None:
    """A made-up log of many people: what a review costs, and a fit."""
    random = np.random.default_rng(0)
    log = Log.of(
        random.integers(20_000, size=reviews),
        random.integers(10, size=reviews),
        np.sort(random.integers(0, 730, reviews)),
        random.choice([1, 2, 3, 3, 3, 3, 4], reviews),
        kind=random.integers(4, size=reviews),
        assessor=random.integers(50, size=reviews),
    )
    moments = [time.process_time()]
    known = before(Forgetting(), log)
    moments.append(time.process_time())
    calibrated(Calibration.new(), log, known)
    moments.append(time.process_time())
    fit_weights(log)
    moments.append(time.process_time())
    fold, calibration, fitting = np.diff(moments)
    print(f"\n{reviews} reviews: fold with counts {fold / reviews * 1e6:.2f} µs each, calibration ", end="")
    print(f"{calibration / reviews * 1e6:.2f} µs each, fit {fitting:.1f} s (processor time)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--anki", type=Path, default=JOSH)
    parser.add_argument("--class", type=Path, dest="of_class")
    parser.add_argument("--collection", action="append", default=[], metavar="NAME=FILE")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    logs = [Measured("anki_josh", "anki_josh", anki_csv(given.anki))]
    for text in given.collection:
        name, path = text.split("=", 1)
        logs.append(Measured(name, name, collection(Path(path))))
    if given.of_class:
        for unit, name in (("item", "class, item"), ("kc", "class, knowledge component")):
            logs.append(Measured(name, "class", of_a_class(given.of_class, unit)))

    results = {}
    others = {one.name: [other for other in logs if other.family != one.family] for one in logs}
    for one in logs:
        try:
            results[one.name] = measure(one, others[one.name])
            report(one, results[one.name])
        except NotEnoughEvidence as problem:
            print(f"{one.name}: {problem}")
    print("\n| log | fitted on | defaults | fsrs-rs | our fit | our fit if better | calibrated |")
    print("|---|---|---|---|---|---|---|")
    for one in logs:
        few_data(one, others[one.name])
    print("\n| log | reviews | fsrs-rs | our fit | processor time |\n|---|---|---|---|---|")
    for one in logs:
        in_sample(one)
    speed()
    if given.json:
        table = {name: attrs.asdict(result) for name, result in results.items()}
        given.json.write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
