"""What a feed lets through."""

import json
from typing import Any

import pytest

from reinforce.errors import InvalidValue
from reinforce.statements.feed import FeedActors, FeedFilter
from reinforce.statements.kinds import FactKind, kind_of
from statements.following import check_against_template
from statements.telling import CASES, DATA

ANNA, BEN = {"mbox": "mailto:anna@EXAMPLE.com"}, {"openid": "https://id.example/ben"}
DID, SAW = "https://verbs.example/did", "https://verbs.example/saw"
PRICING, COURSE = "https://skills.example/pricing", "https://skills.example/course"
IN_COURSE = {"contextActivities": {"parent": {"id": COURSE}}}
ANNAS = {"mbox mailto:anna@example.com"}


def statement(actor: Any = ANNA, verb: str = DID, thing: Any = None, **more: Any) -> dict[str, Any]:
    """A small valid statement."""
    return {"actor": actor, "verb": {"id": verb}, "object": thing or {"id": PRICING}, **more}


@pytest.mark.parametrize("case", CASES)
def test_kinds_are_those_of_the_templates(case: str) -> None:
    """Each of our statements is of the kind whose template it follows."""
    data = json.loads((DATA / case / "statement.json").read_text())

    assert kind_of(data) == FactKind(check_against_template(data).rpartition("/")[2])


def test_kinds_have_their_words_under_any_namespace() -> None:
    """A host's own namespace does not hide what a statement tells; other people's verbs tell nothing."""
    assert kind_of(statement(verb="https://acme.example/verbs/lapsed")) is FactKind.LAPSED
    assert kind_of(statement(verb="https://acme.example/verbs/elapsed")) is None
    assert kind_of(statement()) is None


@pytest.mark.parametrize(
    ("conditions", "is_taken"),
    [
        ({}, True),
        ({"verbs": (DID,)}, True),
        ({"verbs": (SAW,)}, False),
        ({"verbs": (SAW, "https://verbs.example/*")}, True),
        ({"activities": (PRICING,)}, True),
        ({"activities": (COURSE,)}, True),
        ({"activities": ("https://skills.example/cour",)}, False),
        ({"activities": ("https://skills.example/c*",)}, True),
        ({"verbs": (DID,), "activities": ("urn:x",)}, False),
        ({"kinds": ("practised",)}, False),
        ({"teams": ("north",)}, True),
        ({"roles": ("seller",), "verbs": (SAW,)}, False),
    ],
    ids=str,
)
def test_conditions(conditions: dict[str, Any], is_taken: bool) -> None:
    """A statement must meet each condition that there is, by one of its values."""
    assert FeedFilter(**conditions).takes([statement(context=IN_COURSE)], ANNAS) is is_taken


def test_who_a_statement_is_about() -> None:
    """A statement is about its actor, and about the person whom it is said of; not about who stood beside."""
    wanted = FeedFilter(teams=("north",))

    assert wanted.takes([statement(BEN, thing={"objectType": "Agent", **ANNA})], ANNAS)
    assert wanted.takes([statement({"objectType": "Group", "member": [BEN, ANNA]})], ANNAS)
    assert not wanted.takes([statement(BEN, context={"instructor": ANNA})], ANNAS)
    assert not wanted.takes([statement(BEN)], ANNAS)


def test_a_reference_is_let_through_with_its_target() -> None:
    """What takes a statement back goes where that one went, and nowhere else."""
    voiding = statement(BEN, "http://adlnet.gov/expapi/verbs/voided", {"objectType": "StatementRef", "id": "x"})
    wanted = FeedFilter(verbs=(DID,), teams=("north",))

    assert wanted.takes([voiding, statement()], ANNAS)
    assert not wanted.takes([voiding, statement(verb=SAW)], ANNAS)
    assert not wanted.takes([voiding], ANNAS)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"whose": "mine"}, "a Whose must be one of 'ours', 'received', 'all', not 'mine'"),
        ({"kinds": ("flown",)}, "a FactKind must be one of .* not 'flown'"),
        ({"verbs": ("",)}, "FeedFilter.verbs"),
        ({"teams": (" ",)}, "FeedFilter.teams"),
        ({"roles": "seller"}, "FeedFilter.roles"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any], says: str) -> None:
    """A filter says what is wrong with a condition at once."""
    with pytest.raises(InvalidValue, match=says):
        FeedFilter(**wrong)


def test_accounts_need_a_home() -> None:
    """Accounts without a system to which they belong are refused; other identifiers need none."""
    with pytest.raises(InvalidValue, match="home_page"):
        FeedActors(kind="account")
    assert FeedActors(kind="mbox").policy({}).kind == "mbox"


def test_the_secret_of_accounts_comes_from_the_environment() -> None:
    """A feed keeps the name of the variable alone, and says which one is missing."""
    actors = FeedActors(home_page="https://crm.example", secret_variable="SALT")  # noqa: S106 -- it is a name

    assert actors.policy({"SALT": "pepper"}).secret == "pepper"  # noqa: S105 -- of a test
    with pytest.raises(InvalidValue, match=r"'SALT'.*not set"):
        actors.policy({})
