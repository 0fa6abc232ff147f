"""What follows of practice that others told us of is told, and taken back with it."""

from intake.school import CMI5_MAPPING, NOW, incoming, passed, settle, voiding
from publishing.listening import XAPI, heard, template_of
from reinforce.store.statements import Origin
from reinforcer.world import opened


def test_a_lapse_that_others_showed_is_ours_to_tell(database_url: str) -> None:
    """A unit passed and then failed lapses its skill: that is told once, of their statement, until they void it."""
    statements = [passed(day=1), passed(day=20, verb="failed")]
    with opened(database_url, xapi=XAPI) as reinforcer:
        settle(reinforcer, CMI5_MAPPING)
        for _ in range(2):
            reinforcer.statements.take(incoming(*statements), at=NOW)
        (lapsed,) = [one for one in heard(reinforcer) if one.origin is Origin.OURS]
        assert template_of(lapsed) == "lapsed"
        assert lapsed.data["context"]["statement"]["id"] == statements[1]["id"]

        reinforcer.statements.take(incoming(voiding(statements[1]["id"])), at=NOW)
        lapsed, voided = [one for one in heard(reinforcer) if one.origin is Origin.OURS]
        assert lapsed.voided_by == voided.id
