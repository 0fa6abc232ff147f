"""What is told of recall is what is believed: the calibrated probability, where a calibration is in force."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from publishing.listening import XAPI, extension, heard
from reinforce import Learner, Outcome, PracticeEvent, Reinforcer, Skill
from reinforce.jobs import nightly
from reinforce.statements.vocabulary import NAMESPACE
from reinforcer.world import MONDAY, opened

PEOPLE, SKILLS, DAYS = 6, 5, 14
DAY = timedelta(days=1)
AIM = 0.7
PSEUDONYMS = {XAPI.voice("default").actors.pseudonym("default", f"p{n}"): f"p{n}" for n in range(PEOPLE)}


def passed(learner: int, skill: int, chance: Random) -> bool:
    """Whether somebody passes: the higher their number, the more often, and the less the higher the skill's."""
    return chance.random() < 0.15 + 0.15 * learner - 0.02 * skill


def event(learner: int, skill: int, day: int, is_passed: bool) -> PracticeEvent:
    moment = MONDAY + day * DAY + timedelta(minutes=learner * SKILLS + skill)
    outcome = {f"s{skill}": Outcome.success(is_passed)}
    return PracticeEvent(f"p{learner}", moment, outcome, external_id=f"{day}-{learner}-{skill}")


@pytest.fixture
def reinforcer(database_url: str) -> Iterator[Reinforcer]:
    """Two weeks of practice, learned each night, and told from then on."""
    chance = Random(7)
    with opened(database_url) as silent:
        silent.define(
            *(Learner(f"p{n}") for n in range(PEOPLE)), *(Skill(f"s{n}", desired_retention=AIM) for n in range(SKILLS))
        )
        for day in range(DAYS):
            who = [(learner, chance.randrange(SKILLS)) for learner in range(PEOPLE) for _ in range(2)]
            events = [event(*pair, day, passed(*pair, chance)) for pair in dict.fromkeys(who)]
            silent.record_many(events, at=MONDAY + day * DAY + timedelta(hours=9))
            silent.calibration.learn(at=MONDAY + day * DAY + timedelta(hours=10))
        assert silent.calibration.state().is_used
    with opened(database_url, xapi=XAPI) as told:
        yield told


def believed(reinforcer: Reinforcer, days: int) -> dict[tuple[str, str], float]:
    """What `forecast` says of everybody so many days after that Monday."""
    found = [
        one for n in range(PEOPLE) for one in reinforcer.forecast(on=(MONDAY + days * DAY).date(), learner=f"p{n}")
    ]
    return {(one.learner, one.skill): one.retrievability for one in found if one.retrievability is not None}


def test_practice_and_lapses_are_told_with_what_was_expected(reinforcer: Reinforcer) -> None:
    """Each practice, alone or among many, is told with the probability that `forecast` gave for its day."""
    day = DAYS + 2
    forecast = believed(reinforcer, day)
    pairs = [(learner, skill) for learner in range(PEOPLE) for skill in range(SKILLS)]
    events = [event(*pair, day, sum(pair) % 2 == 0) for pair in pairs if (f"p{pair[0]}", f"s{pair[1]}") in forecast]
    for one in events[:3]:
        reinforcer.record(one, at=MONDAY + (day + 1) * DAY)
    reinforcer.record_many(events[3:], at=MONDAY + (day + 1) * DAY)
    told = [one.data for one in heard(reinforcer) if f"{NAMESPACE}extensions/retrievability" in str(one.data)]
    found = {(_learner(one), _skill(one)): extension(one, "result", "retrievability") for one in told}

    assert len(told) > len(events)
    assert found == pytest.approx(forecast, abs=1e-6)


def test_a_drop_is_told_when_what_is_believed_falls_below_the_aim(reinforcer: Reinforcer) -> None:
    """Exactly those memories are told of whose calibrated probability is below the desired retention, with it."""
    night = DAYS + 6
    (summary,) = nightly(
        reinforcer._store.database.url, as_of=(MONDAY + night * DAY).date(), at=MONDAY + night * DAY, xapi=XAPI
    )
    assert summary.error is None
    below = {pair: left for pair, left in believed(reinforcer, night).items() if left < AIM}
    found = {
        (_learner(one.data), _skill(one.data)): extension(one.data, "result", "retrievability")
        for one in heard(reinforcer)
    }

    assert found == pytest.approx(below, abs=1e-6)
    assert 0 < len(below) < len(believed(reinforcer, night))


def _learner(data: Mapping[str, Any]) -> str:
    return PSEUDONYMS[data["actor"]["account"]["name"]]


def _skill(data: Mapping[str, Any]) -> str:
    return str(data["object"]["id"]).rsplit("/", 1)[-1]
