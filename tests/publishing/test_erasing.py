"""That a person was erased is told, by their pseudonym alone."""

import attrs
import pytest

from publishing.listening import XAPI, heard, names
from reinforce import IdentifierKind, Learner, UnknownLearner
from reinforcer.world import NOW, opened, practice, settle


def test_an_erased_person_is_told_by_their_pseudonym(database_url: str) -> None:
    """Their own statements are gone; the one that is left has the account that LMSs know, and no key or name."""
    with opened(database_url, xapi=XAPI) as reinforcer:
        settle(reinforcer)
        reinforcer.record_many([practice(id="1"), practice("bo", id="2", days=1)], at=NOW)
        account = heard(reinforcer)[0].data["actor"]["account"]
        reinforcer.erase("ann", at=NOW)

        assert names(reinforcer) == ["practised", "learner-erased"]
        told = heard(reinforcer)[1]
    assert told.data["object"] == {"objectType": "Agent", "account": account}
    assert told.data["actor"]["name"] == "reinforce"
    assert b"Ann" not in told.body
    assert b'"ann"' not in told.body


def test_names_and_addresses_are_not_told_even_where_they_were(database_url: str) -> None:
    """Whatever else people are named by, the statement of their end has the hash alone."""
    xapi = attrs.evolve(XAPI, actors=IdentifierKind.MBOX, with_names=True)
    with opened(database_url, xapi=xapi) as reinforcer:
        reinforcer.define(Learner("ann@example.com", "Ann Able"))
        reinforcer.erase("ann@example.com", at=NOW)
        (told,) = heard(reinforcer)

    assert set(told.data["object"]) == {"objectType", "account"}
    assert b"ann@example.com" not in told.body
    assert b"Ann" not in told.body


def test_each_end_is_told(database_url: str) -> None:
    """Somebody who came back and was erased again is told again; who was never there is not."""
    with opened(database_url, xapi=XAPI) as reinforcer:
        for day in (1, 2):
            reinforcer.define(Learner("ann"))
            reinforcer.erase("ann", at=NOW.replace(day=day))
        with pytest.raises(UnknownLearner):
            reinforcer.erase("ann", at=NOW)
        first, second = heard(reinforcer)

    assert first.data["object"] == second.data["object"]
