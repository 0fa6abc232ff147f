"""How people and things are named in the statements that we make."""

import hashlib

import pytest
from hypothesis import given

import values
from reinforce.errors import InvalidValue
from reinforce.model.people import IdentifierKind, Learner, XapiIdentifier
from reinforce.statements.actors import Account, Agent
from reinforce.statements.conversion import structure, unstructure
from reinforce.statements.syntax import is_iri
from reinforce.statements.voice import ActorPolicy, Voice

HOME = "https://lms.example.com"
ADA = Learner("ada@Example.com", name="Ada")
MBOX = XapiIdentifier(IdentifierKind.MBOX, "mailto:ada@example.com")


def test_people_are_opaque_by_default() -> None:
    """An account's name says nothing about the person, is the same every time, and differs by tenant and secret."""
    policy = ActorPolicy(HOME)
    agent = policy.agent("acme", ADA)

    assert agent == policy.agent("acme", ADA)
    assert agent.account is not None
    assert agent.account.home_page == HOME
    assert "ada" not in agent.account.name.lower()
    assert agent.name is None
    others = [policy.agent("other", ADA), ActorPolicy(HOME, secret="x").agent("acme", ADA)]  # noqa: S106 -- a test's
    assert all(other != agent for other in others)
    assert "x" * 20 not in repr(ActorPolicy(HOME, secret="x" * 20))


def test_tenant_and_key_do_not_run_into_each_other() -> None:
    """Two people of two tenants are never one account."""
    policy = ActorPolicy(HOME)

    assert policy.agent("a", Learner("bc")) != policy.agent("ab", Learner("c"))


def test_accounts_can_be_the_hosts_own_keys() -> None:
    """A host whose keys are opaque already can have them told, and people's names, too."""
    policy = ActorPolicy(HOME, is_opaque=False, with_names=True)

    assert policy.agent("acme", Learner("17", name="Ada")) == Agent(name="Ada", account=Account(HOME, "17"))
    assert policy.agent("acme", Learner("17")).name is None


@pytest.mark.parametrize("learner", [ADA, Learner("17", xapi=MBOX)])
def test_people_can_be_e_mail_addresses(learner: Learner) -> None:
    """The address is the learner's identifier or key; its hash is taken with the domain in lower case."""
    plain = ActorPolicy(HOME, kind="mbox").agent("acme", learner)
    hashed = ActorPolicy(HOME, kind="mbox_sha1sum").agent("acme", learner)

    assert plain.mbox is not None
    assert plain.mbox.lower() == "mailto:ada@example.com"
    assert hashed == Agent(mbox_sha1sum=hashlib.sha1(b"mailto:ada@example.com").hexdigest())  # noqa: S324 -- xAPI's


@pytest.mark.parametrize("kind", ["mbox", "mbox_sha1sum", "openid"])
def test_a_missing_identifier_is_told(kind: str) -> None:
    """Who has no address or OpenID is refused with what to set."""
    with pytest.raises(InvalidValue, match=r"learner '17' has no .*set xapi="):
        ActorPolicy(HOME, kind=kind).agent("acme", Learner("17"))


@pytest.mark.parametrize(
    ("identifier", "agent"),
    [
        (XapiIdentifier(IdentifierKind.ACCOUNT, "17", HOME), Agent(account=Account(HOME, "17"))),
        (MBOX, Agent(mbox="mailto:ada@example.com")),
        (XapiIdentifier(IdentifierKind.MBOX_SHA1SUM, "cd" * 20), Agent(mbox_sha1sum="cd" * 20)),
        (XapiIdentifier(IdentifierKind.OPENID, "https://ada.example"), Agent(openid="https://ada.example")),
    ],
)  # fmt: skip
def test_the_learners_own_identifier_comes_first(identifier: XapiIdentifier, agent: Agent) -> None:
    """What a learner says of how xAPI names them is what is told."""
    for kind in ("account", "mbox", "openid"):
        assert ActorPolicy(HOME, kind=kind).agent("acme", Learner("17", xapi=identifier)) == agent
    if identifier.kind is IdentifierKind.MBOX_SHA1SUM:
        assert ActorPolicy(HOME, kind="mbox_sha1sum").agent("acme", Learner("17", xapi=identifier)) == agent


@given(learner=values.BY_CLASS[Learner])
def test_everyone_is_an_agent(learner: Learner) -> None:
    """Whatever characters a key holds, the Agent is a valid one."""
    person = Learner(learner.key, name=learner.name)
    for is_opaque in (True, False):
        agent = ActorPolicy(HOME, is_opaque=is_opaque, with_names=True).agent("acme", person)
        assert structure(unstructure(agent), Agent) == agent


@given(key=values.keys)
def test_every_key_has_its_own_iri(key: str) -> None:
    """Keys are escaped: none can leave its place, and no two share one."""
    voice = Voice("acme", "https://learning.example.com/", ActorPolicy(HOME))
    iri = voice.iri("skills", key)

    assert is_iri(iri)
    assert iri.count("/") == 4
    assert iri != voice.iri("skills", key + "x")


@pytest.mark.parametrize(
    "fields",
    [
        {"base": "learning.example.com/"},
        {"base": "https://learning.example.com"},
        {"base": 3},
        {"language": "english language"},
        {"tenant": ""},
    ],
)
def test_a_voice_that_could_not_be_understood_is_refused(fields: dict[str, str]) -> None:
    """A base that is no IRI, or would run into keys, and a language that is none are refused at once."""
    good = {"tenant": "acme", "base": "https://learning.example.com/"}

    with pytest.raises(InvalidValue):
        Voice(**{**good, **fields}, actors=ActorPolicy(HOME))
    with pytest.raises(InvalidValue, match="home_page must be an IRI"):
        ActorPolicy("lms.example.com")
