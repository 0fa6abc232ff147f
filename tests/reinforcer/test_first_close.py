"""The first close moves many due days at once: nobody stands before a wall, and nothing is later than it was."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from reinforce import Learner, Outcome, PracticeEvent, Reinforcer, Skill
from reinforcer.world import MONDAY, is_truth, opened

PEOPLE, SKILLS = 3, 24
PAIRS = [(f"p{person}", f"s{skill}") for person in range(PEOPLE) for skill in range(SKILLS)]
PRACTICE_DAYS = (0, 3, 10, 20)
CLOSED = MONDAY + timedelta(days=30, hours=12)
TODAY = CLOSED.date()
Due = dict[tuple[str, str], date]


def practised() -> list[PracticeEvent]:
    """Every skill on four days, each three a day later; FSRS expects more to pass than do."""
    chance = random.Random(6)
    return [
        PracticeEvent(
            person,
            MONDAY + timedelta(days=day + int(skill[1:]) // 3, minutes=int(skill[1:])),
            {skill: Outcome.rated(3 if chance.random() < 0.8 else 1)},
            external_id=f"{person}-{skill}-{day}",
        )
        for day in PRACTICE_DAYS
        for person, skill in PAIRS
    ]


def due_of(reinforcer: Reinforcer) -> Due:
    return {pair: memory.due for pair in PAIRS if (memory := reinforcer.memory(*pair)) is not None}


def solved(reinforcer: Reinforcer) -> Due:
    """The due days that the generation in force gives, with nothing put off."""
    with reinforcer._store.write(0) as session:
        session.driver.run("DELETE FROM {postponement}")
    reinforcer.replay()
    return due_of(reinforcer)


def put_off(reinforcer: Reinforcer) -> int:
    """How many due days are later than the generation says."""
    with reinforcer._store.read() as session:
        ((found,),) = session.driver.rows("SELECT COUNT(*) FROM {postponement}")
    return int(found)


def fullest_day(due: Due) -> int:
    """How many of one person's skills are due on one day at most; what was due before is due today."""
    return max(Counter((person, max(day, TODAY)) for (person, _), day in due.items()).values())


@pytest.fixture
def reinforcer(database_url: str) -> Iterator[Reinforcer]:
    with opened(database_url) as found:
        found.define(*(Skill(f"s{n}") for n in range(SKILLS)), *(Learner(f"p{n}") for n in range(PEOPLE)))
        found.record_many(practised(), at=CLOSED)
        yield found


def test_the_first_close_makes_no_wall(reinforcer: Reinforcer) -> None:
    """Nobody has more due on a day than before, though the generation says so; nothing is due later than it was."""
    before = due_of(reinforcer)
    assert reinforcer.calibration.learn(at=CLOSED).is_used
    after = due_of(reinforcer)
    is_truth(reinforcer, PAIRS[::5])
    assert put_off(reinforcer) > 0
    raw = solved(reinforcer)

    assert fullest_day(after) <= fullest_day(before) < fullest_day(raw)
    for pair in PAIRS:
        assert raw[pair] <= after[pair] <= max(raw[pair], before[pair])


def test_who_practises_is_due_as_learned(reinforcer: Reinforcer) -> None:
    """What was put off is due by the generation alone once it is practised, and by the next close is spread anew."""
    reinforcer.calibration.learn(at=CLOSED)
    after, raw = due_of(reinforcer), solved(reinforcer)
    reinforcer.calibration.turn_off(at=CLOSED)
    reinforcer.calibration.turn_on(at=CLOSED)
    assert due_of(reinforcer) == after
    late = next(pair for pair in PAIRS if after[pair] > raw[pair])
    tomorrow = CLOSED + timedelta(days=1)
    reinforcer.record(PracticeEvent(late[0], tomorrow, {late[1]: Outcome.rated(1)}), at=tomorrow)
    practised_due = due_of(reinforcer)[late]

    assert practised_due == solved(reinforcer)[late]
    reinforcer.calibration.learn(at=tomorrow)
    is_truth(reinforcer, PAIRS[::5])
    assert fullest_day(due_of(reinforcer)) <= fullest_day(solved(reinforcer))


def test_turned_off_nothing_is_put_off(reinforcer: Reinforcer) -> None:
    """Turned off, due days are FSRS's own to the day, with no trace of the spreading."""
    before = due_of(reinforcer)
    reinforcer.calibration.learn(at=CLOSED)
    assert due_of(reinforcer) != before
    reinforcer.calibration.turn_off(at=CLOSED)

    assert due_of(reinforcer) == before
    assert put_off(reinforcer) == 0
    is_truth(reinforcer, PAIRS[::5])
