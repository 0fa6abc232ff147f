"""A tenant out of one database and into another."""

import io
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import fsrs
import pytest
from attrs import evolve

import reinforce.demo as demo
from reinforce import (
    Assignment,
    Bands,
    EventConflict,
    Forgetting,
    InvalidFile,
    Learner,
    MemoryState,
    Outcome,
    PracticeEvent,
    RatingPolicy,
    Reinforcer,
    Skill,
)
from reinforce.jobs.night import nightly
from reinforcer.world import KEYS, MONDAY, NOW, PEOPLE, opened, practice, settle


@pytest.fixture
def source(database_url: str) -> Iterator[Reinforcer]:
    """A tenant with a history of everything that can happen to a log."""
    with opened(database_url, tenant="from") as reinforcer:
        settle(reinforcer)
        for number in range(24):
            event = practice(PEOPLE[number % 3], KEYS[number % 4], 1 + number % 4, days=number * 1.7, id=f"{number}")
            reinforcer.record(event, at=NOW)
        reinforcer.record(
            PracticeEvent("ann", MONDAY, {"deal": Outcome.exposure()}, note="läuft", assessor="bo"), at=NOW
        )
        reinforcer.void("app", "3", reason="graded twice", at=NOW)
        reinforcer.void("app", "4", reason="wrong", replacement=practice("bo", "deal", 4, days=2), at=NOW)
        reinforcer.define(Learner("ann", name="Ann Able", time_zone="Pacific/Auckland"))
        reinforcer.adopt(Forgetting(maximum_interval_days=200), at=NOW)
        yield reinforcer


def exported(reinforcer: Reinforcer) -> str:
    """The export as text."""
    stream = io.StringIO()
    reinforcer.export(stream)
    return stream.getvalue()


def memories(reinforcer: Reinforcer) -> dict[tuple[str, str], MemoryState | None]:
    """What everybody remembers of everything, but for the number of the parameters."""
    found = {}
    for learner in PEOPLE:
        for skill in KEYS:
            state = reinforcer.memory(learner, skill)
            found[learner, skill] = None if state is None else evolve(state, parameter_set=0)
    return found


def test_elsewhere(source: Reinforcer, tmp_path: Path) -> None:
    """What comes in elsewhere has the same memories and due days, to the bit, whatever policy holds there."""
    text = exported(source)
    severe = RatingPolicy(name="severe", scaled=Bands(passing=0.99), rubric=Bands(passing=1))
    with opened(f"sqlite:///{tmp_path / 'to.db'}", tenant="to", policy=severe) as target:
        target.import_(io.StringIO(text), at=NOW)

        assert memories(target) == memories(source)
        assert target.forgetting == source.forgetting
        assert target.replay(write=False).changed == 0


def test_in_the_same_database(source: Reinforcer, database_url: str) -> None:
    """A tenant can be copied into another one of the same database, and both stay as they are."""
    text = exported(source)
    before = memories(source)
    with opened(database_url, tenant="copy") as target:
        target.import_(io.StringIO(text), at=NOW)

        assert memories(target) == before
        assert memories(source) == before


def test_round_trip_gives_the_same_bytes(source: Reinforcer, tmp_path: Path) -> None:
    """An export of what came in is the export that came in."""
    text = exported(source)
    with opened(f"sqlite:///{tmp_path / 'to.db'}", tenant="from") as target:
        target.import_(io.StringIO(text), at=NOW)
        again = exported(target)

    assert again == text


def test_twice(source: Reinforcer, tmp_path: Path) -> None:
    """The same export again changes nothing."""
    text = exported(source)
    with opened(f"sqlite:///{tmp_path / 'to.db'}", tenant="to") as target:
        target.import_(io.StringIO(text), at=NOW)
        once = exported(target)
        target.import_(io.StringIO(text), at=NOW + timedelta(days=1))

        assert exported(target) == once


def test_cut_off(source: Reinforcer, tmp_path: Path) -> None:
    """Of an export that was cut off, at whatever line, nothing is taken."""
    lines = exported(source).splitlines(keepends=True)
    with opened(f"sqlite:///{tmp_path / 'to.db'}", tenant="to") as target:
        for length in (len(lines) - 1, len(lines) - 5, 3):
            with pytest.raises(InvalidFile, match="export it again"):
                target.import_(io.StringIO("".join(lines[:length])), at=NOW)

            assert target.all(Skill) == []
            assert target.all(Learner) == []


def test_tampered(source: Reinforcer, tmp_path: Path) -> None:
    """A line whose event does not belong to its id is refused, with the line's number."""
    text = exported(source)
    number, line = next((n, one) for n, one in enumerate(text.splitlines(), 1) if '"external_id":"7"' in one)
    tampered = text.replace(line, line.replace('"external_id":"7"', '"external_id":"seven"'))
    with opened(f"sqlite:///{tmp_path / 'to.db'}", tenant="to") as target:
        with pytest.raises(InvalidFile, match="does not belong to the event"):
            target.import_(io.StringIO(tampered), at=NOW)

        assert target.all(Skill) == [], f"line {number} must not leave the others behind"


def test_conflict(source: Reinforcer, tmp_path: Path) -> None:
    """An event that is there already with other content is told, and nothing of the export is taken."""
    text = exported(source)
    with opened(f"sqlite:///{tmp_path / 'to.db'}", tenant="to") as target:
        settle(target)
        other = practice(PEOPLE[0], KEYS[0], 4, days=0, id="0", note="another")
        target.record(other, at=NOW)

        with pytest.raises((InvalidFile, EventConflict), match="different content"):
            target.import_(io.StringIO(text), at=NOW)

        assert target.why("ann", KEYS[0], at=NOW).events == (other,)


def test_assignments_go_with_it(database_url: str, tmp_path: Path) -> None:
    """What people were given goes along, in its order and as it stands."""
    with opened(database_url, tenant=demo.TENANT) as reinforcer:
        demo.load(reinforcer)
        nightly(database_url, as_of=demo.TOMORROW, at=demo.LAST_EVENING)
        given = _assignments(reinforcer)
        reinforcer.complete(given[0].id, at=demo.LAST_EVENING + timedelta(hours=15))
        expected = _assignments(reinforcer)
        text = exported(reinforcer)
    with opened(f"sqlite:///{tmp_path / 'to.db'}", tenant=demo.TENANT) as target:
        target.import_(io.StringIO(text), at=NOW)

        assert _assignments(target) == expected
        assert target.plan("ben", on=demo.TOMORROW + timedelta(days=1)).assignments != ()


def _assignments(reinforcer: Reinforcer) -> list[Assignment]:
    return [one for learner in reinforcer.all(Learner) for one in reinforcer.assignments(learner.key, status=None)]


def test_erased_people_stay_behind(source: Reinforcer, tmp_path: Path) -> None:
    """Who was erased is not in the export, not even as the one who assessed others."""
    source.erase("bo", at=NOW)
    text = exported(source)

    assert '"bo"' not in text
    assert "erased-" not in text
    with opened(f"sqlite:///{tmp_path / 'to.db'}", tenant="to") as target:
        target.import_(io.StringIO(text), at=NOW)

        assert target.memory("ann", "deal") is not None


def test_review_log_loads_in_fsrs(database_url: str) -> None:
    """py-fsrs loads the review log and computes the same stability and difficulty from it."""
    with opened(database_url) as reinforcer:
        reinforcer.define(Skill("price"), Learner("ann", time_zone="America/New_York"))
        for number, rating in enumerate([3, 3, 1, 2, 4, 3]):
            reinforcer.record(practice("ann", "price", rating, days=number * number * 0.9), at=NOW)
        stream = io.StringIO()
        log = reinforcer.export_fsrs_log(stream)
        state = reinforcer.memory("ann", "price")

    reviews = [fsrs.ReviewLog.from_json(line) for line in stream.getvalue().splitlines()]
    scheduler = fsrs.Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    card = scheduler.reschedule_card(fsrs.Card(card_id=reviews[0].card_id), reviews)
    assert (log.written, log.left_out) == (6, 0)
    assert state is not None
    assert card.stability == pytest.approx(state.stability, rel=1e-9)
    assert card.difficulty == pytest.approx(state.difficulty, rel=1e-9)
    assert state.last_practised == date(2026, 3, 24)
