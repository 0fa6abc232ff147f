"""Erasing a person: nothing of theirs is left, and nothing of anyone else's is touched."""

import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import LargeBinary, Text

from reinforce import (
    Assignment,
    IdentifierKind,
    Learner,
    Outcome,
    PracticeEvent,
    Refresher,
    Reinforcer,
    Skill,
    SkillOutcome,
    Team,
    UnknownLearner,
    XapiIdentifier,
)
from reinforce.jobs import nightly
from reinforce.model.people import DateRange
from reinforce.store.generation import ASSESSOR, LATELY, LEARNER
from reinforce.store.schema import tables
from reinforcer.world import MONDAY, NOW, is_truth, opened, practice, rows, settle

KEY, NAME, ACCOUNT = "kq@example.org", 'Käthe "Kat" O\'Quast', "quast-4711"
PERSON = Learner(
    KEY,
    name=NAME,
    time_zone="Europe/Berlin",
    teams=("sales",),
    xapi=XapiIdentifier(IdentifierKind.ACCOUNT, ACCOUNT, "https://example.org"),
    absences=(DateRange(date(2026, 1, 1), date(2026, 1, 7)),),
)
IDENTIFIERS = (KEY, NAME, ACCOUNT)
DAY, AT = date(2026, 5, 20), datetime(2026, 5, 20, 9, tzinfo=UTC)


@pytest.fixture
def reinforcer(database_url: str) -> Iterator[Reinforcer]:
    """A team in which the person practises, assesses, manages and coaches; with another tenant beside it."""
    with opened(database_url) as door, opened(database_url, "other") as other:
        for one in (door, other):
            settle(one)
            one.define(Team("sales"), PERSON)
            one.define(
                Team("sales", manager=KEY, coaches=("ann", KEY)),
                Team("north", manager="ann", coaches=("bo",)),
                Refresher("quiz", skills={"price": 1.0}),
            )
            one.record_many(
                [
                    practice(KEY, "price", id=f"{KEY}-1", note=f"{NAME} did well", assessor="ann"),
                    practice(KEY, "deal", id="2", days=1, context={"account": NAME, "by": ACCOUNT}),
                    practice(KEY, "deal", 1, id="3", days=2),
                    practice("ann", "price", id="4", assessor=KEY, note="as asked"),
                    practice("bo", "deal", 1, id="5", days=1, assessor=KEY),
                    practice("cy", "pitch", id="6"),
                ],
                at=NOW,
            )
            one.void("app", "3", reason=f"{NAME} said so", at=NOW)
            one.void("app", "6", reason="a mistake", at=NOW)
        nightly(database_url, as_of=DAY, at=AT)
        assert door.assignments(KEY)
        yield door


def number(reinforcer: Reinforcer, key: str = KEY) -> int:
    """The number of a person's row."""
    with reinforcer._store.read() as session:
        found = session.driver.rows("SELECT id FROM {learner} WHERE tenant_id = ? AND key = ?", session.tenant_id, key)
    return int(found[0][0])


def found(reinforcer: Reinforcer, tenant: str = "default") -> list[str]:
    """Every text or binary cell of a tenant, or of no tenant, that holds one of the identifiers."""
    with reinforcer._store.database.read() as connection:
        (own,) = [row.id for row in connection.execute(tables().tenant.select()) if row.key == tenant]
        return [
            f"{table.name}.{column.name}"
            for table in tables().metadata.sorted_tables
            for row in connection.execute(table.select())
            if getattr(row, "tenant_id", own) == own
            for column in table.c
            if isinstance(column.type, Text | LargeBinary)
            for cell in [getattr(row, column.name)]
            if cell is not None and _holds(cell)
        ]


def _holds(cell: str | bytes) -> bool:
    text = cell if isinstance(cell, str) else cell.decode("latin-1")
    plain = text.replace("\\", "").lower()
    return any(identifier.lower() in plain for identifier in IDENTIFIERS)


def test_no_identifier_is_left(reinforcer: Reinforcer) -> None:
    """After it, no cell of any table holds the person's key, name or account; before it, many did."""
    before = set(found(reinforcer))
    assert {
        "reinforce_learner.key",
        "reinforce_learner.document",
        "reinforce_team.document",
        "reinforce_practice_event.note",
        "reinforce_practice_event.context",
        "reinforce_practice_event.external_id",
        "reinforce_practice_void.reason",
    } <= before
    erased = reinforcer.erase(KEY, at=NOW)
    assert found(reinforcer) == []
    assert found(reinforcer, "other")
    assert erased.learner == KEY
    assert erased.mentions == ()


def test_what_was_removed_is_told(reinforcer: Reinforcer) -> None:
    """The answer counts the rows of each table that are gone or were emptied of the person, and they are."""
    before = {table: len(cells) for table, cells in rows(reinforcer).items()}
    erased = reinforcer.erase(KEY, at=NOW)
    after = {table: len(cells) for table, cells in rows(reinforcer).items()}
    gone = {table.removeprefix("reinforce_"): before[table] - after[table] for table in before}
    assert gone == dict.fromkeys(gone, 0) | {
        name: count for name, count in erased.rows.items() if name not in ("learner", "team")
    }
    assert erased.rows == {
        "practice_event": 3,
        "practice_void": 1,
        "review": gone["review"],
        "calibration_offset": gone["calibration_offset"],
        "memory": gone["memory"],
        "assignment": gone["assignment"],
        "team_member": 1,
        "learner_actor": 1,
        "team": 1,
        "learner": 1,
    }
    assert min(gone["review"], gone["memory"], gone["assignment"]) > 0


def test_others_are_not_touched(reinforcer: Reinforcer) -> None:
    """Everyone else's rows are byte-identical, also those of events that the person assessed, and other tenants'."""
    own = number(reinforcer)
    before = rows(reinforcer)
    reinforcer.erase(KEY, at=NOW)
    after = rows(reinforcer)
    for table in tables().metadata.sorted_tables:
        columns = [column.name for column in table.c]
        place = columns.index("id") if table.name == "reinforce_learner" else None
        if "learner_id" in columns:
            place = columns.index("learner_id")
        if table.name == "reinforce_calibration_offset":
            assert set(after[table.name]) == {row for row in before[table.name] if row[1] == 1 or row[2] != own}
            continue
        if table.name in ("reinforce_team", "reinforce_practice_void"):
            changed = set(before[table.name]) ^ set(after[table.name])
            assert len(changed) == {"reinforce_team": 2, "reinforce_practice_void": 1}[table.name]
            continue
        of_people = (LEARNER, ASSESSOR, LATELY) if table.name == "reinforce_calibration_offset" else None
        if of_people:
            place, effect = columns.index("subject_id"), columns.index("effect")
        kept = [
            [
                row
                for row in side[table.name]
                if place is None or row[place] != own or (of_people and row[effect] not in of_people)
            ]
            for side in (before, after)
        ]
        assert kept[0] == kept[1], table.name
        assert kept[0] or table.name == "reinforce_job_shard" or not before[table.name], table.name
    is_truth(reinforcer)


def test_others_are_told_as_before(reinforcer: Reinforcer) -> None:
    """`why` of an event that the person assessed tells the event; the assessor has become nobody."""
    (before,) = reinforcer.why("ann", "price", at=NOW).events
    reinforcer.erase(KEY, at=NOW)
    (event,) = reinforcer.why("ann", "price", at=NOW).events
    assert before.assessor == KEY
    assert event.assessor != KEY
    assert (event.outcomes, event.note, event.occurred_at) == (before.outcomes, before.note, before.occurred_at)


@pytest.mark.parametrize("identifier", [KEY, NAME, ACCOUNT, NAME.upper()])
def test_mentions_are_told(reinforcer: Reinforcer, identifier: str) -> None:
    """Where others' free text mentions the person it is told and left as it is, however the text is kept."""
    if identifier == NAME.upper():
        identifier = identifier.replace("Ä", "ä")  # SQLite knows the case of ASCII letters only
    reinforcer.record(practice("bo", "price", id="7", note=f"with {identifier} on the phone"))
    reinforcer.record(practice("bo", "price", id="8", context={"partner": identifier}))
    reinforcer.define(Skill("listen", description=f"what {identifier} does best"))
    before = rows(reinforcer)
    erased = reinforcer.erase(KEY, at=NOW)
    assert tuple(sorted(erased.mentions)) == (
        "reinforce_practice_event.context: 1",
        "reinforce_practice_event.note: 1",
        "reinforce_skill.document: 1",
    )
    after = rows(reinforcer)
    mentioning = [row for row in before["reinforce_practice_event"] if "7" in row or "8" in row]
    assert len(mentioning) == 2
    assert set(mentioning) <= set(after["reinforce_practice_event"])
    assert after["reinforce_skill"] == before["reinforce_skill"]


def test_patterns_are_no_mentions(reinforcer: Reinforcer) -> None:
    """A name with the wildcards of SQL is looked for as it is written."""
    reinforcer.define(Learner("100%_sure", name="100%_sure"))
    reinforcer.record(practice("bo", id="7", note="100 times sure"))
    assert reinforcer.erase("100%_sure", at=NOW).mentions == ()


def test_the_person_is_unknown_afterwards(reinforcer: Reinforcer) -> None:
    """Every question about the person, and every record for them, says that there is no such learner."""
    reinforcer.erase(KEY, at=NOW)
    before = rows(reinforcer)
    calls: list[Callable[[], object]] = [
        lambda: reinforcer.record(practice(KEY, id="9")),
        lambda: reinforcer.record(practice("ann", id="9", assessor=KEY)),
        lambda: reinforcer.record_many([practice("ann", id="9"), practice(KEY, id="10")]),
        lambda: reinforcer.find(Learner, KEY),
        lambda: reinforcer.due(KEY),
        lambda: reinforcer.why(KEY, "price"),
        lambda: reinforcer.forecast(learner=KEY, on=DAY),
        lambda: reinforcer.plan(KEY, on=DAY),
        lambda: reinforcer.erase(KEY),
    ]
    for call in calls:
        with pytest.raises(UnknownLearner, match=KEY):
            call()
    assert rows(reinforcer) == before
    assert {one.key for one in reinforcer.learners()} == {"ann", "bo", "cy"}
    assert {one.learner for one in reinforcer.forecast(team="sales", on=DAY)} == set()


def test_teams_go_on_without_the_person(reinforcer: Reinforcer) -> None:
    """Membership, management and coaching of the person are gone; others keep theirs."""
    reinforcer.erase(KEY, at=NOW)
    assert reinforcer.learners(team="sales") == []
    sales, north = reinforcer.find(Team, "sales"), reinforcer.find(Team, "north")
    assert (sales.manager, sales.coaches) == (None, ("ann",))
    assert (north.manager, north.coaches) == ("ann", ("bo",))


def test_a_person_of_the_same_key_starts_unknown(reinforcer: Reinforcer) -> None:
    """Whoever gets the key later has no memory, no assignments, no team, and may use the same external ids."""
    reinforcer.erase(KEY, at=NOW)
    reinforcer.define(Learner(KEY))
    assert reinforcer.memory(KEY, "price") is None
    assert reinforcer.remembered(KEY, "price") is None
    assert reinforcer.why(KEY, "price", at=NOW).events == ()
    assert reinforcer.due(KEY, at=NOW, within_days=999) == []
    assigned: list[Assignment] = reinforcer.assignments(KEY, status=None)
    assert assigned == []
    assert reinforcer.learners(team="sales") == []
    (judged,) = reinforcer.why("ann", "price", at=NOW).events
    assert judged.assessor != KEY
    assert reinforcer.record(practice(KEY, "price", 1, id=f"{KEY}-1"), at=NOW).is_new
    is_truth(reinforcer)
    assert reinforcer.erase(KEY, at=NOW).rows == {"learner": 1, "memory": 1, "practice_event": 1, "review": 1}


def test_what_was_left_can_leave(reinforcer: Reinforcer, sqlite_url: str) -> None:
    """After it the tenant is exported without the person, and imported elsewhere into the same memories."""
    reinforcer.erase(KEY, at=NOW)
    stream = io.StringIO()
    reinforcer.export(stream)
    assert not _holds(stream.getvalue())
    with opened(f"{sqlite_url}.elsewhere") as elsewhere:
        elsewhere.import_(io.StringIO(stream.getvalue()))
        for learner in ("ann", "bo"):
            assert elsewhere.due(learner, at=NOW) == reinforcer.due(learner, at=NOW) != []


def test_rederiving_after_it(reinforcer: Reinforcer) -> None:
    """The log without the person can be derived again."""
    reinforcer.erase(KEY, at=NOW)
    assert reinforcer.replay(rederive=True).changed == 0


def test_exposures_and_silent_events_go_too(reinforcer: Reinforcer) -> None:
    """Events that moved no memory are the person's as well."""
    reinforcer.define(Learner("dee"))
    moment = MONDAY + timedelta(days=1)
    reinforcer.record(PracticeEvent("dee", moment, {"price": Outcome.exposure()}, external_id="10"))
    reinforcer.record(PracticeEvent("dee", moment, (SkillOutcome("deal", Outcome.rated(3), 0),), external_id="11"))
    assert reinforcer.erase("dee", at=NOW).rows == {"learner": 1, "practice_event": 2, "review": 2}
