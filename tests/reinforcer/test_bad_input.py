"""Bad input: a clear error that says what was wrong, where and what would be right; nothing lost, nothing half done."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from reinforce import (
    CircularReference,
    EventConflict,
    FutureEvent,
    InvalidValue,
    Learner,
    NaiveDatetime,
    NotFound,
    Outcome,
    PracticeEvent,
    ReinforceError,
    Reinforcer,
    Skill,
    SkillOutcome,
    Team,
    UnknownLearner,
    UnknownRefresher,
    UnknownSkill,
    UnknownTeam,
    UnknownTimeZone,
    XapiSettings,
)
from reinforcer.world import MONDAY, NOW, ONE_DATABASE, is_truth, new_tenant, opened, practice, rows, settle

NAIVE = datetime(2026, 3, 2, 9)  # noqa: DTZ001 -- it is what must be refused
NAN = float("nan")


@pytest.fixture
def reinforcer(database_url: str) -> Iterator[Reinforcer]:
    """The front door of the small world, with one event in the log."""
    with opened(database_url) as door:
        settle(door)
        door.record(practice(id="before"))
        yield door


Call = Callable[[Reinforcer], object]

REFUSED: list[tuple[type[ReinforceError], str, Call]] = [
    # Moments without a time zone
    (NaiveDatetime, r"PracticeEvent.occurred_at is 2026-03-02T09:00:00.*pass datetime\(..., tzinfo=UTC\)",
     lambda r: r.record(practice(at=NAIVE))),
    *[
        (NaiveDatetime, r"at is 2026-03-02T09:00:00, a moment without its time zone: pass datetime\(", call)
        for call in (
            lambda r: r.record(practice(), at=NAIVE),
            lambda r: r.record_many([practice()], at=NAIVE),
            lambda r: r.void("app", "before", reason="", at=NAIVE),
            lambda r: r.due("ann", at=NAIVE),
            lambda r: r.why("ann", "price", at=NAIVE),
            lambda r: r.plan("ann", at=NAIVE),
            lambda r: r.define(Skill("new"), at=NAIVE),
            lambda r: r.erase("ann", at=NAIVE),
        )
    ],
    # A reason that not every database can keep
    *[
        (InvalidValue, "the reason of a void m", lambda r, reason=reason: r.void("app", "before", reason=reason))
        for reason in (None, 5, "a nul\0", "half \ud83d")
    ],
    # Unknown keys
    (UnknownLearner, "there is no learner 'nobody': define them first",
     lambda r: r.record(practice("nobody"))),
    (UnknownLearner, "there is no assessor 'nobody': define them first",
     lambda r: r.record(practice(assessor="nobody"))),
    (UnknownSkill, "there is no skill 'juggling': define it first",
     lambda r: r.record(practice(skill="juggling"))),
    (UnknownRefresher, "there is no refresher 'quiz': define it first",
     lambda r: r.record(practice(refresher="quiz"))),
    (UnknownLearner, "there is no learner 'nobody'", lambda r: r.due("nobody")),
    (UnknownLearner, "there is no learner 'nobody'", lambda r: r.why("nobody", "price")),
    (UnknownSkill, "there is no skill 'juggling'", lambda r: r.why("ann", "juggling")),
    (UnknownLearner, "there is no learner 'nobody'", lambda r: r.forecast(learner="nobody", on=date(2026, 4, 1))),
    (UnknownTeam, "there is no team 'nobodies'", lambda r: r.forecast(team="nobodies", on=date(2026, 4, 1))),
    (UnknownTeam, "there is no team ''", lambda r: r.forecast(team="", on=date(2026, 4, 1))),
    (UnknownTeam, "there is no team 'nobodies'", lambda r: r.learners(team="nobodies")),
    (UnknownTeam, r"learner 'dee' \(teams\) refers to the team 'nobodies', which is not defined",
     lambda r: r.define(Learner("dee", teams=("nobodies",)))),
    (UnknownSkill, r"skill 'new' \(encompasses\) refers to the skill 'juggling', which is not defined",
     lambda r: r.define(Skill("new", encompasses={"juggling": 1.0}))),
    (UnknownTimeZone, r"Learner.time_zone: there is no time zone 'Mars/Olympus': use an IANA name such as 'Europe/Ber",
     lambda r: r.define(Learner("ann", time_zone="Mars/Olympus"))),
    # Numbers
    *[
        (InvalidValue, rf"a scaled outcome must be a number from -1 to 1, not {score!r}",
         lambda r, score=score: r.record(PracticeEvent("ann", MONDAY, {"price": Outcome.scaled(score)})))
        for score in (NAN, 1.0000001, -1.5, float("inf"), 85)
    ],
    *[
        (InvalidValue, rf"SkillOutcome.weight must be a number from 0 to 1, not {weight!r}",
         lambda r, weight=weight: r.record(
             PracticeEvent("ann", MONDAY, (SkillOutcome("price", Outcome.rated(3), weight),))))
        for weight in (NAN, -0.1, 1.1)
    ],
    (InvalidValue, "a rating outcome must be a whole number from 1 to 4, not 5",
     lambda r: r.record(practice(rating=5))),
    (InvalidValue, "forecast needs either learner=… or team=…", lambda r: r.forecast(on=date(2026, 4, 1))),
    (InvalidValue, "last must be a whole number from 0", lambda r: r.why("ann", "price", last=-1)),
    (InvalidValue, "within_days must be a whole number from 0", lambda r: r.due("ann", within_days=-1)),
    (InvalidValue, "within_days must be a whole number from 0", lambda r: r.due("ann", within_days=10**30)),
    # Days and moments that cannot be
    *[
        (InvalidValue, f"on must lie in the years 1900 to 9000, not at {day}", ask)
        for day in (date(1, 1, 1), date(1899, 12, 31), date(9001, 1, 1), date(9999, 12, 31))
        for ask in (
            lambda r, day=day: r.plan("ann", on=day),
            lambda r, day=day: r.forecast(learner="ann", on=day),
        )
    ],
    *[
        (InvalidValue, r"occurred_at must lie in the years 1900 to 9998, not at",
         lambda r, at=at: r.record(practice(at=at)))
        for at in (
            datetime(1, 1, 1, tzinfo=UTC),
            datetime(1899, 12, 31, tzinfo=UTC),
            datetime(9999, 12, 31, tzinfo=UTC),
        )
    ],
    *[
        (InvalidValue, "lies outside of the years 1 to 9999 in UTC", lambda r, at=at: r.record(practice(at=at)))
        for at in (
            datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
            datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-12))),
        )
    ],
    # Circles
    (CircularReference, "prerequisites go in a circle: (price|pitch) → (price|pitch) → p.*; take one of these links",
     lambda r: r.define(Skill("price", prerequisites=("pitch",)), Skill("pitch", prerequisites=("price",)))),
    (CircularReference, "encompassed skills go in a circle: .*deal → .*; take one of these links out",
     lambda r: r.define(Skill("listen", encompasses={"deal": 1.0}))),
    (CircularReference, "parents of teams go in a circle: a → b → a",
     lambda r: r.define(Team("a", parent="b"), Team("b", parent="a"))),
    (InvalidValue, "the skill 'new' is defined twice", lambda r: r.define(Skill("new"), Skill("new", title="again"))),
    (InvalidValue, "a str is nothing to define; there are calendar, skill", lambda r: r.define("price")),  # type: ignore[arg-type]
    (InvalidValue, r"a list is nothing to define: pass its elements, as in define\(\*things\)",
     lambda r: r.define([Skill("new")])),  # type: ignore[arg-type]
    *[
        (InvalidValue, r"a dict is nothing to record: pass .*; structure\(…, PracticeEvent\) makes", call)
        for call in (
            lambda r: r.record({"learner": "ann"}),
            lambda r: r.record_many([practice(), {"learner": "ann"}]),
            lambda r: r.record_many([{"learner": "ann"}] * 60, skip_faulty=True),
            lambda r: r.void("app", "before", reason="wrong", replacement={"learner": "ann"}),
        )
    ],
    (InvalidValue, "a list is nothing to record: .*; record_many takes several",
     lambda r: r.record([practice()])),  # type: ignore[arg-type]
    (InvalidValue, "a str is nothing to record", lambda r: r.record_many("ann")),  # type: ignore[arg-type]
    (InvalidValue, "the reason of a void must say something", lambda r: r.void("app", "before", reason=" ")),
    # Days and keys of questions
    (InvalidValue, r"on must be a date such as date\(2026, 3, 31\), not '2026-03-31'",
     lambda r: r.plan("ann", on="2026-03-31")),  # type: ignore[arg-type]
    (InvalidValue, "on must be a date such as", lambda r: r.plan("ann", on=NOW)),
    (InvalidValue, "on must be a date such as", lambda r: r.forecast(learner="ann", on=NOW)),
    (InvalidValue, r"keys must be texts in a list such as .*, not \['ann'\]",
     lambda r: r.plan(["ann"])),  # type: ignore[arg-type]
    (InvalidValue, "keys must be texts in a list such as .*, not 'ann'", lambda r: r.plan_many("ann")),
    # Keys
    (InvalidValue, "Skill.key must be text of 1 to 255 characters, not 'x{256}'".replace("x{256}", "x" * 256),
     lambda r: r.define(Skill("x" * 256))),
    (InvalidValue, "PracticeEvent.external_id must be text of 1 to 255", lambda r: r.record(practice(id="x" * 256))),
    (InvalidValue, "PracticeEvent.external_id must be text of 1 to 255", lambda r: r.record(practice(id=""))),
    (InvalidValue, "tenant must be text of 1 to 255 characters, not ''", lambda _: Reinforcer("sqlite://", tenant="")),
    (InvalidValue, "tenant may not hold control characters", lambda _: Reinforcer("sqlite://", tenant="a\0")),
    (InvalidValue, "PracticeEvent.learner may not hold control characters", lambda r: r.record(practice("ann\n"))),
    (InvalidValue, "PracticeEvent.note may not hold NUL characters", lambda r: r.record(practice(note="a\0b"))),
]  # fmt: skip


def test_refused(reinforcer: Reinforcer) -> None:
    """Each error is of its own kind, says what, where and what would be right, and nothing has changed."""
    before = rows(reinforcer)
    for kind, message, call in REFUSED:
        with pytest.raises(kind, match=message):
            call(reinforcer)
        assert rows(reinforcer) == before, message


@pytest.mark.parametrize("key", ["nul\0", "half \ud83d", "tab\t", "x" * 100_000, "'; DROP TABLE reinforce_memory; --"])
def test_keys_that_cannot_be(reinforcer: Reinforcer, key: str) -> None:
    """Asking for a key that nothing has, or can have, says so on every database, and breaks nothing."""
    for call in (
        lambda: reinforcer.due(key),
        lambda: reinforcer.why(key, "price"),
        lambda: reinforcer.why("ann", key),
        lambda: reinforcer.find(Learner, key),
        lambda: reinforcer.void("app", key, reason="?"),
        lambda: reinforcer.erase(key),
    ):
        with pytest.raises((NotFound, InvalidValue)):
            call()
    is_truth(reinforcer)


# Moments


def test_what_is_no_event_where_facts_are_told(database_url: str) -> None:
    """Who is told of what happens makes no difference to what is said of a dict."""
    with opened(database_url, xapi=XapiSettings("https://learning.example.com/xapi/")) as door:
        settle(door)
        with pytest.raises(InvalidValue, match="a dict is nothing to record"):
            door.record({"learner": "ann"})  # type: ignore[arg-type]


def test_the_future(reinforcer: Reinforcer) -> None:
    """An event may lie ahead by the tolerance and not by more; the error says how far it does, and what to mend."""
    at = MONDAY + timedelta(days=1)
    assert reinforcer.record(practice(at=at + timedelta(minutes=5), id="1"), at=at).is_new
    with pytest.raises(FutureEvent) as caught:
        reinforcer.record(practice(at=at + timedelta(minutes=5, microseconds=1), id="2", source="crm"), at=at)
    assert str(caught.value) == (
        "the event of 2026-03-03T09:05:00.000001+00:00 has not happened yet: it lies 6 minutes ahead of now, "
        "2026-03-03T09:00:00+00:00, and at most 5 minutes are taken, for clocks that differ. If it has happened, the "
        "clock of 'crm' is ahead, or its stamps are in another time zone than they are said to be; if now is another "
        "moment, pass it as at="
    )
    for ahead, said in ((1.9, "114 minutes"), (2, "2 hours"), (47.5, "48 hours"), (49, "3 days")):
        with pytest.raises(FutureEvent, match=f"it lies {said} ahead"):
            reinforcer.record(practice(at=at + timedelta(hours=ahead)), at=at)
    with pytest.raises(FutureEvent):
        reinforcer.record(practice(at=datetime.now(UTC) + timedelta(hours=1)))
    assert reinforcer.record(practice(at=datetime.now(UTC) + timedelta(minutes=1))).is_new


def test_a_tolerance_of_ones_own(database_url: str) -> None:
    """How far an event may lie ahead can be chosen."""
    with opened(database_url, future_tolerance=timedelta(days=1)) as door:
        settle(door)
        assert door.record(practice(days=1), at=MONDAY).is_new
        with pytest.raises(FutureEvent):
            door.record(practice(days=1.01), at=MONDAY)


@pytest.mark.parametrize("moment", [datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 12, 31, 23, 59, tzinfo=UTC)])
def test_the_ends_of_time(reinforcer: Reinforcer, moment: datetime) -> None:
    """The first and last moments that an event may have are recorded, told and replayed as any other."""
    for learner in ("ann", "bo", "cy"):
        event = practice(learner, "listen", at=moment, id=learner)
        assert reinforcer.record(event, at=max(moment, NOW)).is_new
        assert reinforcer.why(learner, "listen", at=NOW).events == (event,)
    is_truth(reinforcer)


@pytest.mark.parametrize("at", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_questions_at_the_ends_of_time(reinforcer: Reinforcer, at: datetime) -> None:
    """Asked about the first or the last moment there is, it answers or says what is wrong."""
    for call in (
        lambda: reinforcer.due("ann", at=at, within_days=9999),
        lambda: reinforcer.why("ann", "price", at=at),
        lambda: reinforcer.forecast(learner="ann", on=at.date()),
        lambda: reinforcer.record(practice(at=datetime(2026, 1, 1, tzinfo=UTC)), at=at),
        lambda: reinforcer.plan("ann", at=at),
    ):
        with suppress(InvalidValue):
            call()


def test_clocks_that_change(reinforcer: Reinforcer) -> None:
    """Days keep their boundary through changes to and from daylight saving time."""
    reinforcer.define(Learner("dee", time_zone="Europe/Berlin"))
    # Clocks go forward on 29 March 2026 at 1:00 UTC and back on 25 October 2026 at 1:00 UTC; days begin at 4:00.
    moments = {
        datetime(2026, 3, 29, 1, 59, 59, tzinfo=UTC): date(2026, 3, 28),  # 3:59:59 summer time
        datetime(2026, 3, 29, 2, 0, tzinfo=UTC): date(2026, 3, 29),  # 4:00
        datetime(2026, 10, 25, 2, 59, 59, tzinfo=UTC): date(2026, 10, 24),  # 3:59:59 winter time
        datetime(2026, 10, 25, 3, 0, tzinfo=UTC): date(2026, 10, 25),  # 4:00
    }
    reinforcer.record_many([practice("dee", at=moment, id=f"{moment}") for moment in moments], at=NOW)
    reviews = reinforcer.why("dee", "price", at=NOW).reviews
    told = {review.occurred_at: review.day for review in reviews}
    assert told == moments
    is_truth(reinforcer)


def test_a_person_moves(reinforcer: Reinforcer) -> None:
    """A new time zone counts from now on: days of the past stay as they were recorded, through replays too."""
    evening = datetime(2026, 3, 2, 23, tzinfo=UTC)
    reinforcer.define(Learner("dee", time_zone="UTC"))
    reinforcer.record(practice("dee", at=evening, id="1"))
    reinforcer.define(Learner("dee", time_zone="Asia/Tokyo"))
    before = reinforcer.memory("dee", "price")
    assert reinforcer.replay().changed == 0
    assert reinforcer.replay(rederive=True).changed == 0
    assert reinforcer.memory("dee", "price") == before
    reinforcer.record(practice("dee", at=evening, days=1, id="2"))
    days = [one.day for one in reinforcer.why("dee", "price", at=NOW).reviews]
    assert days == [date(2026, 3, 4), date(2026, 3, 2)]
    is_truth(reinforcer)


# Batches and keys


def test_an_empty_batch(reinforcer: Reinforcer) -> None:
    """Nothing to record is no error."""
    taken = reinforcer.record_many([])
    assert (taken.recorded, taken.unchanged, taken.pairs, taken.faults) == (0, 0, 0, ())
    assert reinforcer.record_many(iter(())).recorded == 0
    assert reinforcer.define().created == 0


def test_a_huge_batch(reinforcer: Reinforcer) -> None:
    """20,000 events of 500 people at once are recorded in one transaction, and are the truth."""
    people = [f"person-{number}" for number in range(500)]
    reinforcer.define(*map(Learner, people))
    batch = [
        practice(
            people[number % 500],
            ("price", "listen")[number // 500 % 2],
            1 + number % 4,
            days=number // 1000,
            id=f"{number}",
        )
        for number in range(20_000)
    ]
    taken = reinforcer.record_many(batch, at=NOW)
    assert (taken.recorded, taken.pairs) == (20_000, 1000)
    assert reinforcer.record_many(batch[:5000], at=NOW).unchanged == 5000
    replayed = reinforcer.replay(write=False)
    assert (replayed.pairs, replayed.changed, replayed.reviews) == (1001, 0, 20_001)


def test_a_batch_that_breaks_off(reinforcer: Reinforcer) -> None:
    """If the source of the events fails midway, nothing of it is recorded."""

    def failing() -> Iterator[PracticeEvent]:
        yield practice(id="1")
        raise OSError("the file is gone")

    before = rows(reinforcer)
    with pytest.raises(OSError, match="the file is gone"):
        reinforcer.record_many(failing())
    assert rows(reinforcer) == before


odd_keys = st.text(st.characters(codec="utf-8"), min_size=1, max_size=255) | st.sampled_from(
    [
        "x" * 255,
        "😀" * 255,
        "é",
        "e\u0301",
        "%s",
        "%(a)s",
        "?",
        "{learner}",
        "'\"`",
        "\\",
        "null",
        "0",
        "\uff11",
        "ß",
        "SS",
    ]
)


@settings(ONE_DATABASE, max_examples=60)
@given(st.tuples(odd_keys, odd_keys, odd_keys, odd_keys))
def test_strange_keys(reinforcer: Reinforcer, keys: tuple[str, str, str, str]) -> None:
    """Any text is a key of its own, or is refused as one; nothing is normalised, folded or interpreted."""
    tenant, person, skill, external = keys
    try:
        own = Reinforcer(reinforcer._store.database._engine or "", tenant=new_tenant() + tenant)
        things = (Learner(person), Skill(skill))
        event = PracticeEvent(
            person, MONDAY, {skill: Outcome.rated(3)}, source=external, external_id=external, context={external: person}
        )
    except InvalidValue:
        return
    own.define(*things)
    assert own.record(event).is_new
    assert not own.record(event).is_new
    assert own.why(person, skill, at=NOW).events == (event,)
    assert [one.skill for one in own.due(person, at=NOW)] == [skill]
    assert [one.key for one in own.learners()] == [person]
    assert own.memory(person, skill) == own.remembered(person, skill) is not None


def test_keys_are_compared_exactly(reinforcer: Reinforcer) -> None:
    """Keys that differ in case, in composition or in width are different keys."""
    keys = ["é", "e\u0301", "É", "a", "A", "\uff11", "1"]
    reinforcer.define(*map(Skill, keys), *map(Learner, keys))
    reinforcer.record_many([practice(key, key, id=key) for key in keys])
    for key in keys:
        assert [event.external_id for event in reinforcer.why(key, key, at=NOW).events] == [key]


def test_conflicts_name_their_event(reinforcer: Reinforcer) -> None:
    """Of a thousand events the one in conflict is named, by its source and id."""
    batch = [practice(id=f"{number}", days=number / 100) for number in range(1000)]
    batch[777] = evolve(batch[777], external_id="before", source="app")
    with pytest.raises(
        EventConflict, match=r"event 'before' of source 'app' is recorded already with different occurred at"
    ):
        reinforcer.record_many(batch, at=NOW)
    is_truth(reinforcer)
