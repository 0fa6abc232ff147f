"""What was recorded while nothing was told can be told afterwards, as if it had been told at once."""

from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given

from publishing.listening import XAPI, bodies, heard, names, ready
from reinforce import InvalidSettings, Learner, PracticeEvent, Reinforcer, Skill
from reinforce.statements.facts import Coached, SkillExpired
from reinforce.statements.provenance import SOURCE
from reinforcer.world import MONDAY, NOW, ONE_DATABASE, logs, new_tenant, opened, practice, settle


def tell_past(reinforcer: Reinforcer) -> int:
    """Tell all that was not told; how many statements that were."""
    return sum(reinforcer.statements.tell_past(at=NOW))


@ONE_DATABASE
@given(log=logs())
def test_afterwards_the_same_is_said_as_at_once(tmp_path: Path, log: list[PracticeEvent]) -> None:
    """Of practice recorded untold, the very statements are made that recording it in one go would have made."""
    tenant = new_tenant()
    with (
        Reinforcer(ready(tmp_path / "then.db"), tenant=tenant, xapi=XAPI) as at_once,
        Reinforcer(ready(tmp_path / "now.db"), tenant=tenant) as untold,
    ):
        for reinforcer in (at_once, untold):
            settle(reinforcer)
            reinforcer.record_many(log, at=NOW)
        assert heard(untold) == []
        untold.xapi = XAPI
        tell_past(untold)

        assert bodies(untold) == bodies(at_once)


def test_what_was_told_is_not_told_again(database_url: str) -> None:
    """The rest is told once; voided events, and what came as statements, are left out."""
    with opened(database_url) as reinforcer:
        settle(reinforcer)
        reinforcer.record_many([practice(id="1"), practice(id="2", days=9, rating=1), practice(id="3")], at=NOW)
        reinforcer.void("app", "3", reason="wrong", at=NOW)
        reinforcer.record(practice(id=str(uuid4()), days=20, source=SOURCE), at=NOW)
        reinforcer.xapi = XAPI
        reinforcer.record(practice(id="4", days=30), at=NOW)
        assert names(reinforcer) == ["practised"]

        assert tell_past(reinforcer) == 3
        assert names(reinforcer) == ["practised", "practised", "practised", "lapsed"]
        assert tell_past(reinforcer) == 0


def test_everybody_is_told_of_part_by_part(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many people there are, each is told of, some at a time."""
    monkeypatch.setattr("reinforce.publishing.past.LEARNERS_AT_ONCE", 2)
    with opened(database_url) as reinforcer:
        settle(reinforcer)
        reinforcer.record_many([practice(who, id=who) for who in ("ann", "bo", "cy")], at=NOW)
        reinforcer.xapi = XAPI

        assert list(reinforcer.statements.tell_past(at=NOW)) == [2, 1]


def test_a_host_tells_what_only_it_knows(database_url: str) -> None:
    """Coaching and the expiry of a skill are told once; without settings nothing can be."""
    ann, bo = Learner("ann"), Learner("bo")
    coached = Coached("talk-1", MONDAY, bo, ann, (Skill("price"),))
    expired = SkillExpired(MONDAY, ann, Skill("price"), MONDAY.date())
    with opened(database_url, xapi=XAPI) as reinforcer:
        settle(reinforcer)
        assert reinforcer.statements.tell(coached, expired, at=NOW) == 2
        assert reinforcer.statements.tell(coached, at=NOW) == 0
        assert names(reinforcer) == ["coached", "skill-expired"]

    with Reinforcer(database_url) as reinforcer:
        with pytest.raises(InvalidSettings, match="nothing is told here"):
            reinforcer.statements.tell(coached, at=NOW)
        with pytest.raises(InvalidSettings, match="nothing is told here"):
            tell_past(reinforcer)
