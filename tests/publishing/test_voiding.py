"""What was taken back is told as taken back: each statement of it, once."""

import pytest

from publishing.listening import XAPI, heard, names
from reinforce import EventConflict, Outcome, PracticeEvent, Reinforcer
from reinforce.store.statement_terms import Filter
from reinforce.store.statements import StatementLog
from reinforcer.world import MONDAY, NOW, opened, practice, settle


def test_each_statement_of_a_voided_event_is_taken_back(database_url: str) -> None:
    """Practice of every skill, the lapse and the observation are voided by the system; what others told is not."""
    outcomes = {"price": Outcome.rated(1), "pitch": Outcome.exposure()}
    event = PracticeEvent("ann", MONDAY, outcomes, external_id="2", kind="observed", assessor="bo")
    with opened(database_url, xapi=XAPI) as reinforcer:
        settle(reinforcer)
        reinforcer.record(practice(id="1", days=-9), at=NOW)
        reinforcer.record(event, at=NOW)
        assert names(reinforcer) == ["practised", "practised", "lapsed", "exposed", "observed"]
        reinforcer.void("app", "2", reason="a mix-up of Bo's", at=NOW)
        found = heard(reinforcer)

        assert names(reinforcer) == [
            "practised", "~practised", "~lapsed", "~exposed", "~observed", *["voided"] * 4
        ]  # fmt: skip
        with reinforcer._store.read() as session:
            shown = StatementLog(session.driver, session.tenant_id).find(Filter(), 20)
            assert len(shown) == 5
    assert {one.data["object"]["id"] for one in found[5:]} == {str(one.id) for one in found[1:5]}
    assert all(one.voided_by is not None for one in found[1:5])
    assert {one.data["actor"]["name"] for one in found[5:]} == {"reinforce"}
    assert all(b"mix-up" not in one.body for one in found)


def test_mastery_that_was_none_is_taken_back(database_url: str) -> None:
    """So is that of a skill which the event refreshed implicitly."""
    with opened(database_url, xapi=XAPI) as reinforcer:
        settle(reinforcer)
        for number, days in enumerate((0, 10, 100)):
            reinforcer.record(practice(skill="deal", id=str(number), rating=4, days=days), at=NOW)
        assert names(reinforcer).count("mastered") > 1
        before = [name for name in names(reinforcer) if name == "mastered"]
        for number in range(3):
            reinforcer.void("app", str(number), reason="never happened", at=NOW)

        assert names(reinforcer).count("~mastered") == len(before)
        assert "mastered" not in names(reinforcer)


def test_a_correction_is_told_after_what_it_replaces(database_url: str) -> None:
    """First the old is taken back, then the new is told; sent again, neither is."""
    right = practice(id="1", rating=4)
    with opened(database_url, xapi=XAPI) as reinforcer:
        settle(reinforcer)
        reinforcer.record(practice(id="1"), at=NOW)
        for _ in range(2):
            reinforcer.void("app", "1", reason="wrong", replacement=right, at=NOW)
            assert names(reinforcer) == ["~practised", "voided", "practised"]
        reinforcer.void("app", "1", reason="wrong after all", at=NOW)
        with pytest.raises(EventConflict):
            reinforcer.void("app", "1", reason="wrong after all", at=NOW)

        assert names(reinforcer) == ["~practised", "voided", "~practised", "voided"]


def test_what_was_not_told_is_not_taken_back(database_url: str) -> None:
    """An event from before the switch was turned leaves no voiding statement that voids nothing."""
    with opened(database_url) as reinforcer:
        settle(reinforcer)
        reinforcer.record(practice(id="1"), at=NOW)
    with Reinforcer(database_url, xapi=XAPI) as reinforcer:
        reinforcer.void("app", "1", reason="wrong", at=NOW)
        assert heard(reinforcer) == []
