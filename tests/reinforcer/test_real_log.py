"""A real practice log of 12,580 reviews: what is remembered equals the published algorithm."""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fsrs import Card, Rating, Scheduler, State

from reinforce import Forgetting, Learner, Outcome, PracticeEvent, Reinforcer, Skill
from reinforce.exchange.events import read_events
from reinforce.exchange.formats import ANKI
from reinforce.exchange.rows import GoodRow
from reinforcer.world import NOW, engine_of, log_and_memory, opened

LOG = Path(__file__).parent.parent / "data" / "anki_josh.csv"
REVIEWS = 12_580
CARDS = 1_205
NO_FUZZ = Forgetting(fuzz=False, maximum_interval_days=36500)
ZONES = ("UTC", "America/Los_Angeles", "Asia/Kathmandu", "Pacific/Kiritimati")


@cache
def real_events() -> tuple[PracticeEvent, ...]:
    """The log as the importer of Anki's reviews reads it."""
    rows = list(read_events(LOG, ANKI.file, ANKI.mapping))
    events = tuple(row.event for row in rows if isinstance(row, GoodRow))
    assert len(events) == len(rows) == REVIEWS
    return events


def settle(reinforcer: Reinforcer, zone: str = "UTC", forgetting: Forgetting | None = None) -> None:
    """Define the one person of the log, and a skill for each card."""
    cards = sorted({one.skill for event in real_events() for one in event.outcomes})
    assert len(cards) == CARDS
    reinforcer.define(Learner("me", time_zone=zone), *map(Skill, cards))
    if forgetting is not None:
        reinforcer.adopt(forgetting)


def in_fsrs(zone: str) -> Mapping[str, tuple[float, float, date]]:
    """Stability, difficulty and due day of each card, by py-fsrs, fed with midnights of the learner's days."""
    scheduler = Scheduler(learning_steps=(), relearning_steps=(), maximum_interval=36500, enable_fuzzing=False)
    by_card: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for event in real_events():
        by_card[event.outcomes[0].skill].append((event.occurred_at, int(event.outcomes[0].outcome.value)))
    known = {}
    for skill, reviews in by_card.items():
        card = Card(card_id=1, state=State.Learning)
        for moment, rating in sorted(reviews):
            wall = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) - timedelta(hours=4)
            midnight = datetime(wall.year, wall.month, wall.day, tzinfo=UTC)
            card, _ = scheduler.review_card(card, Rating(rating), midnight)
        assert card.stability is not None
        assert card.difficulty is not None
        known[skill] = (card.stability, card.difficulty, card.due.date())
    return known


@pytest.mark.parametrize("zone", ZONES)
def test_memories_equal_py_fsrs(database_url: str, zone: str) -> None:
    """Each memory of the log is py-fsrs's own in the learner's calendar days, within 1e-9, and due the same day."""
    with opened(database_url) as reinforcer:
        settle(reinforcer, zone, NO_FUZZ)
        taken = reinforcer.record_many(real_events())
        assert (taken.recorded, taken.unchanged, taken.pairs, taken.faults) == (REVIEWS, 0, CARDS, ())
        stored = {
            one.skill: one for one in reinforcer.due("me", at=datetime(2025, 1, 1, tzinfo=UTC), within_days=36500)
        }
        states = {skill: reinforcer.memory("me", skill) for skill in list(stored)[:20]}
    expected = in_fsrs(zone)
    assert stored.keys() == expected.keys()
    with engine_of(database_url) as engine, engine.connect() as connection:
        rows = log_and_memory(connection, "default")["memory"]
    assert len(rows) == CARDS
    for _, skill, stability, difficulty, _, due_day, *_ in rows:
        assert (stability, difficulty) == pytest.approx(expected[skill][:2], rel=1e-9, abs=0)
        assert date(1970, 1, 1) + timedelta(days=due_day) == expected[skill][2] == stored[skill].due
    for skill, state in states.items():
        assert state is not None
        assert (state.stability, state.difficulty) == pytest.approx(expected[skill][:2], rel=1e-9, abs=0)
        assert state.due == expected[skill][2]


def test_time_zones_matter() -> None:
    """The zones of the test above give different days, so that it would notice if all were taken as UTC."""
    assert len({tuple(sorted(in_fsrs(zone).items())) for zone in ZONES}) == len(ZONES)


def test_arrival_does_not_matter(database_url: str) -> None:
    """The log gives the same rows exactly at once, shuffled in 50 batches, and again on top of itself."""
    shuffled = list(real_events())
    random.Random(1).shuffle(shuffled)
    size = -(-REVIEWS // 50)
    batches = [shuffled[start : start + size] for start in range(0, REVIEWS, size)]
    assert len(batches) == 50
    with opened(database_url, "whole") as whole, opened(database_url, "parts") as parts:
        settle(whole, "Europe/Berlin")
        settle(parts, "Europe/Berlin")
        whole.record_many(real_events())
        assert sum(parts.record_many(batch).recorded for batch in batches) == REVIEWS
        with engine_of(database_url) as engine:
            with engine.connect() as connection:
                rows = log_and_memory(connection, "whole")
                assert {name: len(rows[name]) for name in rows} == {
                    "memory": CARDS,
                    "review": REVIEWS,
                    "practice_event": REVIEWS,
                    "practice_void": 0,
                }
                assert log_and_memory(connection, "parts") == rows
            again = parts.record_many(reversed(real_events()))
            assert (again.recorded, again.unchanged, again.pairs, again.faults) == (0, REVIEWS, 0, ())
            with engine.connect() as connection:
                assert log_and_memory(connection, "parts") == rows
        replayed = parts.replay(write=False)
        assert (replayed.pairs, replayed.changed, replayed.removed, replayed.reviews) == (CARDS, 0, 0, REVIEWS)


def one_by_one(reinforcer: Reinforcer, events: Sequence[PracticeEvent]) -> None:
    """Record each event in a transaction of its own."""
    for event in events:
        assert reinforcer.record(event, at=NOW).is_new


def test_one_by_one_is_many(database_url: str) -> None:
    """Events recorded one by one give the same rows exactly as recorded at once."""
    # The busiest cards, whose histories are the longest, and as many days as they have.
    by_card: dict[str, list[PracticeEvent]] = defaultdict(list)
    for event in real_events():
        by_card[event.outcomes[0].skill].append(event)
    busiest = sorted(by_card.values(), key=len)[-30:]
    events = sorted((event for card in busiest for event in card), key=lambda event: event.occurred_at)
    assert len(events) > 900
    with opened(database_url, "many") as many, opened(database_url, "each") as each:
        settle(many, "America/New_York")
        settle(each, "America/New_York")
        many.record_many(events)
        one_by_one(each, events)
    with engine_of(database_url) as engine, engine.connect() as connection:
        rows = log_and_memory(connection, "many")
        assert len(rows["memory"]) == 30
        assert log_and_memory(connection, "each") == rows


def test_recall_as_py_fsrs_tells_it(database_url: str) -> None:
    """The retrievability that `due`, `why` and `forecast` tell of a card is py-fsrs's."""
    scheduler = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    at = datetime(2025, 6, 24, 12, tzinfo=UTC)
    events = [PracticeEvent("me", datetime(2024, 12, day, 9, tzinfo=UTC), {"x": Outcome.rated(3)}) for day in (1, 3, 9)]
    card = Card(card_id=1, state=State.Learning)
    for event in events:
        card, _ = scheduler.review_card(card, Rating.Good, event.occurred_at.replace(hour=0))
    expected = scheduler.get_card_retrievability(card, at.replace(hour=0))
    assert 0.5 < expected < 0.9
    with opened(database_url) as reinforcer:
        reinforcer.define(Learner("me"), Skill("x"))
        reinforcer.record_many(events)
        told = (
            reinforcer.due("me", at=at)[0].retrievability,
            reinforcer.why("me", "x", at=at).retrievability,
            reinforcer.forecast(learner="me", on=at.date())[0].retrievability,
        )
    assert told == pytest.approx((expected,) * 3, rel=1e-12)
