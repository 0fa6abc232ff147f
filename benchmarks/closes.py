"""What learning costs: a close of a large log through the engine, beside the pure model over the same arrays.

    python benchmarks/closes.py [--reviews COUNT] [--only sqlite|postgresql]

All that a year taught is learned in one close, as after a large import; then comes the close of a usual night, in
which one learner in a hundred has practised. The peer is the model alone, once over the log as arrays. Each is measured
in a process of its own, whose largest resident size stands beside what it holds before it begins. Times are processor
times of the client.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import numpy as np
from measuring import arguments, databases, table

from reinforce import Learner, Outcome, PracticeEvent, Reinforcer, Skill
from reinforce.forgetting.before import before
from reinforce.forgetting.calibration import Calibration
from reinforce.forgetting.learning import calibrated
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.practice_log import Log
from reinforce.store.log_columns import tenant_log

BEGIN = datetime(2025, 1, 6, 8, tzinfo=UTC)
YEAR = 365
A_LEARNER = 200
"""Reviews of each learner in the year, of `SKILLS` skills."""
SKILLS = 40
BATCH = 10_000


def events(reviews: int) -> Iterator[PracticeEvent]:
    """A year of practice in the order of time, of people of whom some are able, in skills of which some are hard."""
    random = np.random.default_rng(1)
    learners = max(reviews // A_LEARNER, 1)
    able, hard = random.normal(0.5, 0.8, learners), random.normal(0, 0.8, SKILLS)
    day = np.sort(random.integers(0, YEAR, reviews))
    learner, skill = random.integers(0, learners, reviews), random.integers(0, SKILLS, reviews)
    passes = random.random(reviews) < 1 / (1 + np.exp(hard[skill] - able[learner]))
    for number, (on, who, what, is_passed) in enumerate(
        zip(day.tolist(), learner.tolist(), skill.tolist(), passes.tolist(), strict=True)
    ):
        moment = BEGIN + timedelta(days=on, seconds=number % 36_000)
        yield PracticeEvent(f"l{who}", moment, {f"s{what}": Outcome.success(is_passed)}, external_id=str(number))


def night_of(learners: int) -> list[PracticeEvent]:
    """What one learner in a hundred practised on the day after the year."""
    moment = BEGIN + timedelta(days=YEAR)
    return [
        PracticeEvent(f"l{who}", moment, {f"s{skill}": Outcome.success(skill % 2 == 0)}, external_id=f"n{who}-{skill}")
        for who in range(0, learners, 100)
        for skill in range(0, SKILLS, 4)
    ]


def fill(url: str, reviews: int) -> None:
    """Record the year."""
    at = BEGIN + timedelta(days=YEAR + 1)
    with Reinforcer(url) as reinforcer:
        reinforcer.upgrade()
        reinforcer.define(*(Skill(f"s{n}") for n in range(SKILLS)))
        reinforcer.define(*(Learner(f"l{n}") for n in range(max(reviews // A_LEARNER, 1))))
        batch: list[PracticeEvent] = []
        for event in events(reviews):
            batch.append(event)
            if len(batch) == BATCH:
                reinforcer.record_many(batch, at=at)
                batch.clear()
        reinforcer.record_many(batch, at=at)


def measured(work: Callable[[], object]) -> dict[str, float]:
    """Processor seconds of some work, and the megabytes that this process held before it and at most."""
    held = megabytes("VmRSS")
    begin = time.process_time()
    work()
    spent = time.process_time() - begin
    return {"seconds": spent, "held": held, "most": megabytes("VmHWM")}


def megabytes(name: str) -> float:
    """A size of this process as Linux tells it; what getrusage tells is the parent's, if that was larger."""
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else float("nan")


def close(url: str, night: int) -> dict[str, float]:
    """One close of the log in a database; of so many learners' night, if any."""
    at = BEGIN + timedelta(days=YEAR + 1)
    with Reinforcer(url) as reinforcer:
        if night:
            reinforcer.record_many(night_of(night), at=at)
        reinforcer.calibration.state()
        return measured(lambda: reinforcer.calibration.learn(at=at))


def pure(file: str) -> dict[str, float]:
    """The model alone, over the arrays in a file."""
    with np.load(file) as columns:
        log = Log(**columns)
    return measured(lambda: calibrated(Calibration.new(), log, before(Forgetting(), log)))


def alone(*flags: str) -> dict[str, float]:
    """What another process of this program measures."""
    done = subprocess.run([sys.executable, __file__, *flags], check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def measure(name: str, url: str, reviews: int, folder: Path) -> None:
    """Print what closes cost in one database."""
    fill(url, reviews)
    with Reinforcer(url) as reinforcer, reinforcer._store.read() as session:
        log = tenant_log(session.driver, session.tenant_id)
    arrays = folder / "log.npz"
    np.savez(arrays, **attrs.asdict(log, recurse=False))
    learners = max(reviews // A_LEARNER, 1)
    night = len(night_of(learners))
    found = (
        ("the model alone", reviews, alone("--pure", str(arrays))),
        ("one close of all", reviews, alone("--close", url)),
        ("a usual night", night, alone("--close", url, "--night", str(learners))),
    )
    rows = [
        (
            what,
            f"{count:,}",
            f"{one['seconds']:.2f} s",
            f"{one['seconds'] / count * 1e6:.2f} µs",
            f"{one['held']:.0f} MB",
            f"{one['most'] - one['held']:.0f} MB",
        )
        for what, count, one in found
    ]
    print(f"\n{name}")
    table(("", "reviews", "CPU", "a review", "held before", "more at most"), rows)


def main() -> None:
    parser: argparse.ArgumentParser = arguments(__doc__)
    parser.add_argument("--reviews", type=int, default=1_000_000, metavar="COUNT", help="of the log")
    parser.add_argument("--close", metavar="URL", help=argparse.SUPPRESS)
    parser.add_argument("--night", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--pure", metavar="FILE", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.pure or given.close:
        print(json.dumps(pure(given.pure) if given.pure else close(given.close, given.night)))
        return
    with tempfile.TemporaryDirectory() as folder:
        for name, opener in databases(given):
            with opener() as url:
                measure(name, url, given.reviews, Path(folder))


if __name__ == "__main__":
    main()
