"""The rows of events, where a quicker way is taken beside a general one."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from reinforce import PracticeEvent, RatingPolicy
from reinforce.forgetting.parameters import ALGORITHM, Forgetting
from reinforce.model.days import day_of
from reinforce.store.course import Course
from reinforce.store.event_rows import EventRow, EventRows, Names, Occasion, Writing, review_rows
from reinforce.store.parameters import ParameterSet
from reinforce.store.resolving import KnownSkill, Person, Skills
from reinforcer.world import KEYS, PEOPLE, events, practice

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kathmandu")
PERSONS = {key: Person(number, ZoneInfo(ZONES[number]), 4, number) for number, key in enumerate(PEOPLE)}
DEAL, PITCH, PRICE, LISTEN = range(4)
IMPLICIT = {DEAL: ((PITCH, 0.5), (PRICE, 1.0)), PITCH: ((LISTEN, 0.4),)}
BY_ID = {number: KnownSkill(number, key, 0.9, number, IMPLICIT.get(number, ())) for number, key in enumerate(KEYS)}
NAMES = Names(PERSONS, Skills({skill.key: skill for skill in BY_ID.values()}, BY_ID), {}, None)
LATEST = datetime(2030, 1, 1, tzinfo=UTC)
WRITING = Writing(1, ParameterSet(1, ALGORITHM, Forgetting()), Course(open_close=7), RatingPolicy(), 0, LATEST)


@given(st.lists(events(st.uuids().map(str)), min_size=2, max_size=12))
def test_what_events_share_is_theirs(batch: list[PracticeEvent]) -> None:
    """What is kept from event to event gives each the reviews that it has alone, for its learner and its day."""
    rows_of = EventRows(WRITING, NAMES)
    for event in batch:
        row = EventRow._make(rows_of.event(event, 0))
        person = PERSONS[event.learner]
        occasion = Occasion(row, day_of(event.occurred_at, person.zone, person.day_starts_at), 7)

        assert rows_of.reviews(event, row.id) == review_rows(NAMES.skills, WRITING.policy, event.outcomes, occasion)


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1),
        st.text(st.characters(codec="utf-8", exclude_characters="\0")),
    )
)
def test_a_context_is_written_as_any_json(context: dict[str, str]) -> None:
    """A context's document is the JSON of a mapping whose names are in order, whatever text it holds."""
    row = EventRow._make(EventRows(WRITING, NAMES).event(practice(context=context), 0))

    if context:
        assert row.context == json.dumps(context, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    else:
        assert row.context is None
