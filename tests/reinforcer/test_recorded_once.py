"""An external id is recorded once: what clients may send again, and what becomes of it."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from reinforce import (
    EventConflict,
    Learner,
    Outcome,
    PracticeEvent,
    Rating,
    Reinforcer,
    SkillOutcome,
    UnknownEvent,
    UnknownSkill,
)
from reinforce.store import event_rows
from reinforcer.world import MONDAY, NOW, everything, is_truth, opened, practice, rows, settle

GOOD = practice(id="1", note="as it came")
AGAIN = practice(rating=1, id="1", note="as corrected")
HARD = practice(rating=2, id="1", note="as corrected once more")


@pytest.fixture
def reinforcer(database_url: str) -> Iterator[Reinforcer]:
    """The front door of the small world."""
    with opened(database_url) as opened_door:
        settle(opened_door)
        yield opened_door


def stability(reinforcer: Reinforcer) -> float | None:
    """What is left of the one skill that is practised here."""
    state = reinforcer.memory("ann", "price")
    return None if state is None else state.stability


def test_again_changes_nothing(reinforcer: Reinforcer) -> None:
    """The same event again, by `record` or `record_many`, changes no row and says so."""
    first = reinforcer.record(GOOD)
    before = rows(reinforcer)
    again = reinforcer.record(GOOD)
    many = reinforcer.record_many([GOOD, GOOD])
    assert first.is_new
    assert not first.is_voided
    assert (again.event_id, again.is_new, again.is_voided, again.memory) == (first.event_id, False, False, {})
    assert (many.recorded, many.unchanged, many.pairs, many.faults) == (0, 2, 0, ())
    assert rows(reinforcer) == before


def test_twice_in_a_batch(reinforcer: Reinforcer) -> None:
    """An event that comes twice in one batch is recorded once, and counted as unchanged the second time."""
    taken = reinforcer.record_many([GOOD, practice(id="2", days=1), GOOD])
    assert (taken.recorded, taken.unchanged, taken.pairs, taken.faults) == (2, 1, 1, ())
    assert len(reinforcer.why("ann", "price", at=NOW).events) == 2


def test_different_in_a_batch(reinforcer: Reinforcer) -> None:
    """Two events of one id in a batch are a conflict, and nothing of the batch is recorded."""
    before = rows(reinforcer)
    with pytest.raises(EventConflict, match=r"event '1' of source 'app' .*different outcomes, note"):
        reinforcer.record_many([GOOD, practice(id="2"), AGAIN])
    assert rows(reinforcer) == before


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        (evolve(GOOD, learner="bo"), "learner"),
        (evolve(GOOD, occurred_at=MONDAY.replace(microsecond=1)), "occurred at"),
        (evolve(GOOD, kind="field"), "kind"),
        (evolve(GOOD, outcomes={"price": Outcome.rated(4)}), "outcomes"),
        (evolve(GOOD, outcomes={"pitch": Outcome.rated(3)}), "outcomes"),
        (evolve(GOOD, outcomes=(SkillOutcome("price", Outcome.rated(3), 0.5),)), "outcomes"),
        (evolve(GOOD, assessor="bo"), "assessor"),
        (evolve(GOOD, context={"account": "acme"}), "context"),
        (evolve(GOOD, note=None), "note"),
    ],
)
def test_different_content(reinforcer: Reinforcer, changed: PracticeEvent, field: str) -> None:
    """A recorded id with other content is a conflict that names what differs, and what to do; nothing changes."""
    reinforcer.record(GOOD)
    before = rows(reinforcer)
    with pytest.raises(EventConflict) as caught:
        reinforcer.record(changed)
    assert str(caught.value) == (
        f"event '1' of source 'app' is recorded already with different {field}; "
        "to correct it, void it with a replacement"
    )
    assert rows(reinforcer) == before


def test_another_source_or_no_id(reinforcer: Reinforcer) -> None:
    """The same id from another source is another event, and events without an id are all different."""
    nameless = evolve(GOOD, external_id=None)
    assert reinforcer.record(GOOD).is_new
    assert reinforcer.record(evolve(AGAIN, source="crm")).is_new
    assert reinforcer.record(nameless).is_new
    assert reinforcer.record(nameless).is_new
    assert len(reinforcer.why("ann", "price", at=NOW).reviews) == 4


def test_numbers_and_moments_are_compared_by_value(reinforcer: Reinforcer) -> None:
    """1 and 1.0, an enumeration and its number, and a moment in two time zones are the same content."""
    berlin = MONDAY.astimezone(ZoneInfo("Europe/Berlin"))
    alike = [
        [SkillOutcome("price", Outcome.scaled(1), 0), SkillOutcome("pitch", Outcome.rated(Rating.GOOD), 1)],
        [SkillOutcome("price", Outcome.scaled(1.0), 0.0), SkillOutcome("pitch", Outcome.rated(3), 1.0)],
    ]
    for number, outcomes in enumerate([alike, alike[::-1]]):
        for moment, one in zip((MONDAY, berlin), outcomes, strict=True):
            event_rows._entry.cache_clear()  # as in another process
            sent = PracticeEvent("ann", moment, one, external_id=f"number-{number}")
            assert reinforcer.record(sent).is_new == (moment is MONDAY)


# Voids and corrections


def test_void_stays_void(reinforcer: Reinforcer) -> None:
    """A voided event that is sent again stays void and says so; its memory stays unknown."""
    recorded = reinforcer.record(GOOD)
    voided = reinforcer.void("app", "1", reason="a test call")
    assert (voided.event_id, voided.is_new, voided.is_voided) == (recorded.event_id, False, True)
    before = rows(reinforcer)
    again = reinforcer.record(GOOD)
    many = reinforcer.record_many([GOOD, GOOD])
    assert (again.event_id, again.is_new, again.is_voided, again.memory) == (recorded.event_id, False, True, {})
    assert (many.recorded, many.unchanged, many.pairs) == (0, 2, 0)
    assert reinforcer.memory("ann", "price") is None
    assert reinforcer.why("ann", "price", at=NOW).events == ()
    assert rows(reinforcer) == before


def test_void_with_other_content(reinforcer: Reinforcer) -> None:
    """Other content under a voided id is a conflict and not silently dropped."""
    reinforcer.record(GOOD)
    reinforcer.void("app", "1", reason="a test call")
    with pytest.raises(EventConflict, match="recorded already and void with different outcomes, note; to correct it"):
        reinforcer.record(AGAIN)
    assert [place for place, _ in reinforcer.record_many([AGAIN, GOOD], skip_faulty=True).faults] == [0]


def test_void_twice(reinforcer: Reinforcer) -> None:
    """Voiding again is refused, because there is nothing left to void, and changes nothing."""
    reinforcer.record(GOOD)
    reinforcer.void("app", "1", reason="a test call")
    before = rows(reinforcer)
    with pytest.raises(EventConflict, match=r"event '1' of source 'app' is void already; .* replacement"):
        reinforcer.void("app", "1", reason="a test call")
    assert rows(reinforcer) == before


@pytest.mark.parametrize("source", ["app", "crm"])
def test_void_of_nothing(reinforcer: Reinforcer, source: str) -> None:
    """What was never recorded cannot be voided; an id belongs to its source."""
    reinforcer.record(practice(id="2"))
    number = "3" if source == "app" else "2"
    with pytest.raises(UnknownEvent, match=f"no event '{number}' of source '{source}' was recorded"):
        reinforcer.void(source, number, reason="?")


def test_correction(reinforcer: Reinforcer) -> None:
    """A correction counts in the place of what it corrects, under its id; both stay in the log."""
    reinforcer.record(AGAIN)
    failed = stability(reinforcer)
    reinforcer.void("app", "1", reason="mistaken", replacement=evolve(GOOD, source="elsewhere", external_id="other"))
    is_truth(reinforcer)
    why = reinforcer.why("ann", "price", at=NOW)
    assert why.events == (GOOD,)
    assert why.state is not None
    assert failed is not None
    assert why.state.stability > failed
    assert why.state.reviews == 1
    with reinforcer._store.database.read() as connection:
        assert len(everything(connection)["reinforce_practice_event"]) == 2


def test_the_original_again_after_its_correction(reinforcer: Reinforcer) -> None:
    """The original, sent again after it was corrected, neither comes back nor fails: it was recorded."""
    original = reinforcer.record(GOOD)
    reinforcer.void("app", "1", reason="mistaken", replacement=AGAIN)
    before = rows(reinforcer)
    again = reinforcer.record(GOOD)
    assert (again.event_id, again.is_new, again.is_voided, again.memory) == (original.event_id, False, True, {})
    assert reinforcer.record_many([GOOD, AGAIN, GOOD]).unchanged == 3
    assert rows(reinforcer) == before


def test_the_correction_recorded_again(reinforcer: Reinforcer) -> None:
    """The corrected content, sent as an event of its own as a corrected file would, is what is recorded."""
    reinforcer.record(GOOD)
    corrected = reinforcer.void("app", "1", reason="mistaken", replacement=AGAIN)
    before = rows(reinforcer)
    again = reinforcer.record(AGAIN)
    assert corrected.is_new
    assert (again.event_id, again.is_new, again.is_voided) == (corrected.event_id, False, False)
    assert rows(reinforcer) == before
    with pytest.raises(EventConflict, match="recorded already with different outcomes, note"):
        reinforcer.record(HARD)


def test_the_correction_sent_again(reinforcer: Reinforcer) -> None:
    """A correction that is sent again, because its answer was lost, changes nothing and says so."""
    reinforcer.record(GOOD)
    corrected = reinforcer.void("app", "1", reason="mistaken", replacement=AGAIN)
    before = rows(reinforcer)
    again = reinforcer.void("app", "1", reason="mistaken", replacement=AGAIN)
    assert (again.event_id, again.is_new, again.is_voided) == (corrected.event_id, False, False)
    assert rows(reinforcer) == before


def test_corrections_of_corrections(reinforcer: Reinforcer) -> None:
    """A correction may be corrected, also back to what was there first, and after a void by a replacement."""
    reinforcer.record(GOOD)
    first = stability(reinforcer)
    for replacement in (AGAIN, HARD, GOOD):
        assert reinforcer.void("app", "1", reason="mistaken", replacement=replacement).is_new
        is_truth(reinforcer)
        assert not reinforcer.record(replacement).is_voided
    assert stability(reinforcer) == first
    reinforcer.void("app", "1", reason="after all nothing")
    assert stability(reinforcer) is None
    assert reinforcer.void("app", "1", reason="after all something", replacement=GOOD).is_new
    assert stability(reinforcer) == first
    is_truth(reinforcer)


def test_correction_to_another_person(reinforcer: Reinforcer) -> None:
    """A correction may move an event to another person, day and skill: both memories follow."""
    reinforcer.record_many([practice(id="0"), evolve(GOOD, occurred_at=practice(days=3).occurred_at)])
    reinforcer.void("app", "1", reason="it was Bo", replacement=practice("bo", "pitch", id="1", days=2))
    is_truth(reinforcer)
    ann, bo = reinforcer.memory("ann", "price"), reinforcer.memory("bo", "pitch")
    assert ann is not None
    assert bo is not None
    assert (ann.reviews, bo.reviews) == (1, 1)


def test_a_faulty_correction_voids_nothing(reinforcer: Reinforcer) -> None:
    """If the replacement cannot be recorded, the event is not voided either."""
    reinforcer.record(GOOD)
    before = rows(reinforcer)
    with pytest.raises(UnknownSkill, match="'juggling'"):
        reinforcer.void("app", "1", reason="mistaken", replacement=practice(skill="juggling"))
    assert rows(reinforcer) == before


# Faulty events in a batch


def test_skipped_events_add_up(reinforcer: Reinforcer) -> None:
    """With skip_faulty the good events are recorded, each faulty one is told by its place, and the counts add up."""
    reinforcer.record(practice(id="old"))
    batch = [
        practice(id="a"),
        practice("nobody", id="b"),
        practice(id="old"),
        practice(skill="juggling", id="c"),
        practice(rating=1, id="old"),
        practice(id="d", at=NOW, days=9),
        practice(id="e", assessor="nobody"),
        practice(id="f", refresher="nothing"),
        practice("nobody", id="a"),
        practice("bo", id="g", days=1),
    ]
    taken = reinforcer.record_many(batch, at=NOW, skip_faulty=True)
    assert (taken.recorded, taken.unchanged, taken.pairs) == (2, 1, 2)
    assert [(place, type(fault).__name__) for place, fault in taken.faults] == [
        (1, "UnknownLearner"),
        (3, "UnknownSkill"),
        (4, "EventConflict"),
        (5, "FutureEvent"),
        (6, "UnknownLearner"),
        (7, "UnknownRefresher"),
        (8, "UnknownLearner"),
    ]
    assert taken.recorded + taken.unchanged + len(taken.faults) == len(batch)
    is_truth(reinforcer)


def test_a_fault_records_nothing(reinforcer: Reinforcer) -> None:
    """Without skip_faulty the first fault is raised, and nothing of the batch is recorded."""
    before = rows(reinforcer)
    with pytest.raises(UnknownSkill, match="'juggling'"):
        reinforcer.record_many([practice(id="1"), practice(skill="juggling"), practice("nobody")])
    assert rows(reinforcer) == before


def test_all_faulty(reinforcer: Reinforcer) -> None:
    """A batch of which nothing can be recorded is told as such, and the next one goes in."""
    taken = reinforcer.record_many([practice("x"), practice("y")], skip_faulty=True)
    assert (taken.recorded, taken.unchanged, taken.pairs, len(taken.faults)) == (0, 0, 0, 2)
    reinforcer.define(Learner("x"))
    assert reinforcer.record_many([practice("x"), practice("y")], skip_faulty=True).recorded == 1
