"""Practice is told as it is recorded: all of it, once, in order, and with what followed of it."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publishing.listening import XAPI, bodies, extension, heard, names, ready, said
from reinforce import FutureEvent, Learner, Outcome, PracticeEvent, Reinforcer, Skill, UnknownSkill
from reinforce.model.checks import to_micros
from reinforce.model.people import XapiIdentifier
from reinforce.publishing.publisher import own_statement
from reinforce.statements.formats import compact
from reinforce.statements.identity import practice_id
from reinforce.statements.provenance import SOURCE
from reinforce.store import recording
from reinforce.store.ids import event_id
from reinforce.store.own_statements import STATEMENTS_AT_ONCE
from reinforce.store.statement_terms import Filter, term_number, terms_of
from reinforce.store.statements import StatementLog
from reinforcer.world import (
    MONDAY,
    NOW,
    ONE_DATABASE,
    PEOPLE,
    engine_of,
    logs,
    new_tenant,
    opened,
    practice,
    settle,
)
from statements.telling import CASES, DATA, VOICE, fact_of

LEARNT = [practice(id="1"), practice(id="2", rating=4, days=10), practice(id="3", rating=4, days=100)]
"""After the last of these the memory lasts a year."""


@pytest.mark.parametrize("case", CASES)
def test_what_is_written_is_golden(case: str) -> None:
    """Unchecked at run time, each kind of fact gives the bytes of its golden statement, and the terms of an LRS."""
    written = own_statement(fact_of(case), VOICE, 7)

    assert written.body == compact(json.loads((DATA / case / "statement.json").read_text()))
    assert set(written.terms) == {term_number(7, *term) for term in terms_of(json.loads(written.body))}
    assert written.id == UUID(json.loads(written.body)["id"]).bytes


def test_nobody_is_told_unless_asked(database_url: str) -> None:
    """Without settings not a single statement is written."""
    with opened(database_url) as reinforcer:
        settle(reinforcer)
        reinforcer.record(practice(), at=NOW)

        assert heard(reinforcer) == []


def test_practice_is_told_once(database_url: str) -> None:
    """Recorded twice, alone or among others, an event is one statement, with the outcome and the memory since."""
    with opened(database_url, xapi=XAPI) as reinforcer:
        settle(reinforcer)
        memory = reinforcer.record(practice(id="1"), at=NOW).memory["price"]
        reinforcer.record(practice(id="1"), at=NOW)
        reinforcer.record_many([practice(id="1"), practice("bo", id="2")], at=NOW)
        first, second = heard(reinforcer)

    told = first.data
    assert told["verb"]["id"].endswith("attempted")
    assert told["object"]["id"] == "https://learning.example.com/xapi/skills/price"
    assert told["actor"]["account"]["homePage"] == "https://learning.example.com"
    assert told["timestamp"] == "2026-03-02T09:00:00.000Z"
    assert extension(told, "result", "due") == memory.due.isoformat()
    assert extension(told, "result", "stability") == memory.stability
    assert second.data["actor"] != told["actor"]
    assert told["context"]["registration"] != second.data["context"]["registration"]


def test_each_skill_of_an_event_is_told(database_url: str) -> None:
    """One event with three skills gives three statements; what was only shown changes no memory and says so."""
    outcomes = {"price": Outcome.scaled(0.4), "pitch": Outcome.exposure(), "listen": Outcome.success(True)}
    with opened(database_url, xapi=XAPI) as reinforcer:
        settle(reinforcer)
        recorded = reinforcer.record(PracticeEvent("ann", MONDAY, outcomes, external_id="1"), at=NOW)
        found = heard(reinforcer)

        assert names(reinforcer) == ["practised", "exposed", "practised"]
    assert [one.data["object"]["id"].rsplit("/", 1)[-1] for one in found] == list(outcomes)
    assert [one.id for one in found] == [practice_id("default", recorded.event_id, skill) for skill in outcomes]
    assert "stability" not in json.dumps(found[1].data)
    assert found[0].data["result"]["score"] == {"scaled": 0.4}


def test_an_observation_tells_who_saw_it(database_url: str) -> None:
    """Observed practice is told of the person who practised and of the one who saw it."""
    with opened(database_url, xapi=XAPI) as reinforcer:
        settle(reinforcer)
        reinforcer.record(practice(id="1", kind="observed", assessor="bo", note="between us"), at=NOW)
        practised, observed = heard(reinforcer)

        assert names(reinforcer) == ["practised", "observed"]
    assert observed.data["actor"]["account"] == practised.data["context"]["instructor"]["account"]
    assert observed.data["object"]["account"] == practised.data["actor"]["account"]
    assert observed.data["context"]["statement"]["id"] == str(practised.id)
    assert b"between us" not in practised.body + observed.body


def test_a_lapse_is_told_with_its_practice(database_url: str) -> None:
    """What was known and failed has lapsed, and refers to the practice that showed it; a first failure is none."""
    with opened(database_url, xapi=XAPI) as reinforcer:
        settle(reinforcer)
        reinforcer.record(practice(id="1", rating=1), at=NOW)
        reinforcer.record(practice(id="2", rating=1, days=3), at=NOW)
        found = heard(reinforcer)

        assert said(reinforcer) == [
            ("practised", "2026-03-02"),
            ("practised", "2026-03-05"),
            ("lapsed", "2026-03-05"),
        ]
    assert found[2].data["context"]["statement"]["id"] == str(found[1].id)
    assert extension(found[2].data, "result", "lapses") == 1
    assert extension(found[2].data, "result", "retrievability") == extension(found[1].data, "result", "retrievability")


def test_mastery_is_told_when_it_is_reached_and_again_only_when_it_was_lost(database_url: str) -> None:
    """More practice of what is mastered says nothing new; after a lapse it can be reached again."""
    with opened(database_url, xapi=XAPI) as reinforcer:
        settle(reinforcer)
        reinforcer.record_many(LEARNT, at=NOW)
        reinforcer.record(practice(id="4", days=150), at=NOW)
        assert names(reinforcer) == [*["practised"] * 2, "mastered", "practised", "practised"]

        for number, rating in enumerate([1, 4, 4, 4], 5):
            reinforcer.record(practice(id=str(number), rating=rating, days=60 + 25 * number), at=NOW)
        assert names(reinforcer).count("mastered") == 2
        assert names(reinforcer).count("lapsed") == 1


def test_late_practice_is_told_where_it_stands_and_masters_nothing_twice(database_url: str) -> None:
    """An event that comes after later ones is told with the memory of its own day; mastery stays told once."""
    with opened(database_url, xapi=XAPI) as reinforcer:
        settle(reinforcer)
        reinforcer.record_many(LEARNT, at=NOW)
        reinforcer.record(practice(id="late", days=5), at=NOW)
        late = heard(reinforcer)[-1]

        assert names(reinforcer) == ["practised", "practised", "mastered", "practised", "practised"]
        reinforcer.record(practice(id="later", rating=4, days=9), at=NOW)  # which alone would have reached it
        assert names(reinforcer)[5:] == ["practised"]
    assert late.data["timestamp"].startswith("2026-03-07")
    assert extension(late.data, "result", "due") < "2026-06"

    with opened(database_url, tenant="other", xapi=XAPI) as reinforcer:
        settle(reinforcer)
        reinforcer.record_many([LEARNT[0], practice(id="late", days=5), *LEARNT[1:]], at=NOW)
        assert late.data["result"] == heard(reinforcer)[1].data["result"]


@pytest.mark.parametrize("batch_from", [2, 1000], ids=["columns", "rows"])
@ONE_DATABASE
@given(log=logs())
def test_one_by_one_or_at_once_the_same_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch_from: int, log: list[PracticeEvent]
) -> None:
    """In the order of time, a batch tells what its events would have told one after the other, byte for byte."""
    monkeypatch.setattr(recording, "BATCH_FROM", batch_from)
    tenant = new_tenant()
    log = sorted(log, key=lambda one: event_id(one.occurred_at, one.source, one.external_id or "", 0))
    with (
        Reinforcer(ready(tmp_path / "one.db"), tenant=tenant, xapi=XAPI) as one_by_one,
        Reinforcer(ready(tmp_path / "many.db"), tenant=tenant, xapi=XAPI) as at_once,
    ):
        settle(one_by_one)
        settle(at_once)
        for event in log:
            one_by_one.record(event, at=NOW)
        at_once.record_many(log, at=NOW)

        assert bodies(one_by_one) == bodies(at_once)
        assert len(bodies(at_once)) >= sum(len(event.outcomes) for event in log)


@ONE_DATABASE
@given(log=logs(), seed=st.randoms(use_true_random=False))
def test_a_batch_is_told_in_the_order_of_time(tmp_path: Path, log: list[PracticeEvent], seed: Random) -> None:
    """However the events of a batch lie, the log has the same statements in the same order."""
    tenant = new_tenant()
    shuffled = list(log)
    seed.shuffle(shuffled)
    with (
        Reinforcer(ready(tmp_path / "one.db"), tenant=tenant, xapi=XAPI) as first,
        Reinforcer(ready(tmp_path / "two.db"), tenant=tenant, xapi=XAPI) as second,
    ):
        for reinforcer, batch in ((first, log), (second, shuffled)):
            settle(reinforcer)
            reinforcer.record_many(batch, at=NOW)

        assert bodies(first) == bodies(second)


def test_what_came_as_a_statement_is_not_told_again_but_what_follows_is(database_url: str) -> None:
    """An LMS hears no echo of its own statement; the lapse that it showed refers to that statement."""
    theirs = str(uuid4())
    with opened(database_url, xapi=XAPI) as reinforcer:
        settle(reinforcer)
        reinforcer.record(practice(id="1"), at=NOW)
        reinforcer.record(practice(id=theirs, rating=1, days=9, source=SOURCE), at=NOW)
        reinforcer.record(practice(id="no-uuid", rating=1, days=19, source=SOURCE), at=NOW)
        found = heard(reinforcer)

        assert names(reinforcer) == ["practised", "lapsed", "lapsed"]
    assert found[1].data["context"]["statement"]["id"] == theirs


def test_what_is_not_recorded_is_not_told(database_url: str) -> None:
    """A refused event, a refused batch and a host's rollback leave no statement; faulty ones leave out their own."""
    with opened(database_url, xapi=XAPI) as reinforcer:
        settle(reinforcer)
        with pytest.raises(UnknownSkill):
            reinforcer.record_many([practice(id="1"), practice(id="2", skill="none")], at=NOW)
        with pytest.raises(FutureEvent):
            reinforcer.record(practice(id="1"), at=MONDAY - timedelta(days=1))
        with engine_of(database_url) as engine, engine.connect() as connection:
            Reinforcer(connection, xapi=XAPI).record(practice(id="1"), at=NOW)
            connection.rollback()
        assert heard(reinforcer) == []

        reinforcer.record_many([practice(id="1"), practice(id="2", skill="none")], at=NOW, skip_faulty=True)
        assert names(reinforcer) == ["practised"]


def test_statements_of_ours_are_found_like_any_other(database_url: str) -> None:
    """By person, verb, skill and registration, and by the profile where related activities count."""
    with opened(database_url, xapi=XAPI) as reinforcer:
        settle(reinforcer)
        reinforcer.record_many(
            [practice(id="1"), practice("bo", "pitch", id="2", days=1), practice(id="3", days=2)], at=NOW
        )
        one = heard(reinforcer)[0].data
        with reinforcer._store.read() as session:
            log = StatementLog(session.driver, session.tenant_id)
            profile = one["context"]["contextActivities"]["category"][0]["id"]
            for wanted, count in (
                (Filter(agent=one["actor"]), 2),
                (Filter(verb=one["verb"]["id"]), 3),
                (Filter(activity=one["object"]["id"]), 2),
                (Filter(registration=one["context"]["registration"]), 2),
                (Filter(activity=profile), 0),
                (Filter(activity=profile, related_activities=True), 3),
            ):
                assert len(log.find(wanted, 10)) == count


def test_a_person_is_named_as_they_are_now(database_url: str) -> None:
    """A new identifier or title counts from the next statement on; what was told stays as it was."""
    with opened(database_url, xapi=XAPI) as reinforcer:
        settle(reinforcer)
        reinforcer.record(practice(id="1"), at=NOW)
        reinforcer.define(
            Learner("ann", xapi=XapiIdentifier("mbox", "mailto:ann@example.com")), Skill("price", "Price objections")
        )
        reinforcer.record(practice(id="2", days=1), at=NOW)
        before, after = (one.data for one in heard(reinforcer))

    assert "mbox" not in before["actor"]
    assert after["actor"]["mbox"] == "mailto:ann@example.com"
    assert after["object"]["definition"]["name"] == {"en": "Price objections"}


def test_a_statement_is_stored_when_it_is_written(database_url: str) -> None:
    """What an LRS calls stored is the present moment, not the one of the practice."""
    with opened(database_url, xapi=XAPI) as reinforcer:
        settle(reinforcer)
        before = to_micros(datetime.now(UTC))
        reinforcer.record(practice(id="1"))
        reinforcer.record(practice(id="2"), at=NOW)
        first, second = heard(reinforcer)

    assert before <= first.stored_at <= to_micros(datetime.now(UTC))
    assert second.stored_at == to_micros(NOW)


def test_many_are_told_at_once(database_url: str) -> None:
    """More events than are written in one go are all told, in order, and some of them known already."""
    events = [practice(PEOPLE[n % 3], id=str(n), days=n / 100) for n in range(STATEMENTS_AT_ONCE + 100)]
    with opened(database_url, xapi=XAPI) as reinforcer:
        settle(reinforcer)
        reinforcer.record_many(events[:60], at=NOW)
        reinforcer.record_many(events, at=NOW)
        days = [day for name, day in said(reinforcer) if name == "practised"]

    assert len(days) == len(events)
    assert days == sorted(days)


def test_an_export_that_comes_in_tells_nothing_of_its_own(database_url: str) -> None:
    """What another database has told is not told again by the one that takes its export up."""
    exported = StringIO()
    with opened(database_url, xapi=XAPI) as reinforcer:
        settle(reinforcer)
        reinforcer.record_many(LEARNT, at=NOW)
        reinforcer.export(exported)
        told = set(bodies(reinforcer))
    exported.seek(0)
    with opened("sqlite://", xapi=XAPI) as elsewhere:
        elsewhere.import_(exported, at=NOW)

        assert set(bodies(elsewhere)) <= told
