"""A team to try things with: its models and library, and practice from a real log.

The practice is a slice of a real person's Anki review log (MIT licence, see LICENSE-anki_josh beside it):
when each review took place and how it went are real. The team and its skills are made up, and each card of the
log has been dealt to one person and one skill that their roles need.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from importlib.resources import as_file, files

from attrs import evolve

from reinforce.exchange.definition_files import read_definitions
from reinforce.exchange.definitions import Definitions
from reinforce.exchange.events import read_events
from reinforce.exchange.formats import ANKI
from reinforce.exchange.rows import GoodRow
from reinforce.model.memory import RecordedMany
from reinforce.model.practice import PracticeEvent
from reinforce.reinforcer import Reinforcer

TENANT = "demo"
TEAM = "customers"
LAST_EVENING = datetime(2024, 10, 6, 20, tzinfo=UTC)
"""The log ends on this Sunday."""
TOMORROW = date(2024, 10, 7)


def team() -> Definitions:
    """People, skills, models, roles and refreshers."""
    with as_file(files(__name__) / "team.toml") as path:
        return read_definitions(path)


def practice(known: Definitions) -> Iterator[PracticeEvent]:
    """The log, each card dealt to a person and a skill that the person's roles need."""
    with as_file(files(__name__) / "anki_josh_slice.csv") as path:
        events = [row.event for row in read_events(path, ANKI.file, ANKI.mapping) if isinstance(row, GoodRow)]
    dealt = _dealt(known, sorted({event.outcomes[0].skill for event in events}))
    for event in events:
        learner, skill = dealt[event.outcomes[0].skill]
        yield evolve(event, learner=learner, outcomes={skill: event.outcomes[0].outcome})


def _dealt(known: Definitions, cards: list[str]) -> Mapping[str, tuple[str, str]]:
    roles = {role.key: role for role in known.roles}
    pairs = [
        (learner.key, skill) for learner in known.learners for role in learner.roles for skill in roles[role].skills
    ]
    return dict(zip(cards, pairs, strict=True))


def load(reinforcer: Reinforcer) -> RecordedMany:
    """Define the team and record its practice, as of the log's last evening."""
    known = team()
    reinforcer.define(
        *known.calendars,
        *known.teams,
        *known.skills,
        *known.models,
        *known.roles,
        *known.refreshers,
        *known.learners,
    )
    return reinforcer.record_many(practice(known), at=LAST_EVENING + timedelta(minutes=1))
