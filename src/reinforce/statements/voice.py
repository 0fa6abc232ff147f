"""In whose name facts are told: how people are identified, and under which IRIs skills and refreshers stand."""

import hashlib
import hmac
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from attrs import field, frozen

from reinforce.errors import InvalidValue
from reinforce.model.checks import is_key, is_text
from reinforce.model.people import IdentifierKind, Learner, XapiIdentifier, identifier_kind
from reinforce.statements import syntax
from reinforce.statements.actors import Account, Agent, lower_domain
from reinforce.statements.vocabulary import NAMESPACE, Vocabulary


def is_home(instance: Any, attribute: Any, value: Any) -> None:
    """An IRI under which things of a host stand, or which names a system."""
    if not isinstance(value, str) or not syntax.is_iri(value):
        raise InvalidValue(
            f"{type(instance).__name__}.{attribute.name} must be an IRI such as https://learning.example.com, "
            f"not {value!r}"
        )


@frozen(cache_hash=True)
class ActorPolicy:
    """How learners are named in statements, unless one says otherwise by `Learner.xapi`.

    Attributes:
        home_page: the system that accounts belong to.
        kind: `account`: an opaque name, the default; `mbox` and `mbox_sha1sum`: the e-mail address, which
            `Learner.xapi` or the learner's key must be; `openid`: `Learner.xapi` must be one.
        is_opaque: whether an account's name is a hash of tenant and key rather than the key itself.
        secret: makes the hash one that nobody else can compute; changing it makes new people of everyone.
        with_names: whether people's names are told, too.
    """

    home_page: str = field(validator=is_home)
    kind: IdentifierKind = field(default=IdentifierKind.ACCOUNT, converter=identifier_kind)
    is_opaque: bool = True
    secret: str = field(default="", validator=is_text, repr=False)
    with_names: bool = False

    def agent(self, tenant: str, learner: Learner) -> Agent:
        """The Agent who a learner is.

        Raises:
            InvalidValue: the policy asks for an identifier that the learner does not have.
        """
        name = learner.name if self.with_names and learner.name else None
        if self.kind is IdentifierKind.MBOX_SHA1SUM:
            return _hashed(learner, name)
        if learner.xapi is not None:
            return _as_told(learner.xapi, name)
        if self.kind is IdentifierKind.ACCOUNT:
            account_name = self.pseudonym(tenant, learner.key) if self.is_opaque else learner.key
            return Agent(name=name, account=Account(self.home_page, account_name))
        if self.kind is IdentifierKind.MBOX:
            return Agent(name=name, mbox=_address(learner))
        raise InvalidValue(
            f"learner {learner.key!r} has no OpenID: set xapi={{kind: openid, value: …}} for them, or use accounts"
        )

    def pseudonym(self, tenant: str, key: str) -> str:
        """32 hex digits that are the same for the same person, and say nothing about them."""
        whom = f"{len(tenant)}:{tenant}{key}".encode()
        return hmac.new(self.secret.encode(), whom, hashlib.sha256).hexdigest()[:32]


def _as_told(identifier: XapiIdentifier, name: str | None) -> Agent:
    if identifier.kind is IdentifierKind.ACCOUNT:
        return Agent(name=name, account=Account(identifier.home_page or "", identifier.value))
    if identifier.kind is IdentifierKind.MBOX:
        return Agent(name=name, mbox=identifier.value)
    if identifier.kind is IdentifierKind.MBOX_SHA1SUM:
        return Agent(name=name, mbox_sha1sum=identifier.value)
    return Agent(name=name, openid=identifier.value)


def _hashed(learner: Learner, name: str | None) -> Agent:
    told = learner.xapi
    if told is not None and told.kind is IdentifierKind.MBOX_SHA1SUM:
        return Agent(name=name, mbox_sha1sum=told.value)
    address = lower_domain(_address(learner))
    return Agent(name=name, mbox_sha1sum=hashlib.sha1(address.encode(), usedforsecurity=False).hexdigest())


def _address(learner: Learner) -> str:
    told = learner.xapi
    address = told.value if told is not None and told.kind is IdentifierKind.MBOX else f"mailto:{learner.key}"
    if not syntax.is_mailbox(address):
        raise InvalidValue(
            f"learner {learner.key!r} has no e-mail address: set xapi={{kind: mbox, value: mailto:…}} for them, "
            "or use accounts"
        )
    return address


@frozen(cache_hash=True)
class Voice:
    """In whose name a tenant's facts are told.

    Attributes:
        tenant: whose facts they are; part of every id.
        base: an IRI that the host controls and that ends in `/` or `#`; skills and refreshers stand under it.
        actors: how people are named.
        namespace: where our own words stand.
        language: RFC 5646 tag of the titles of skills and refreshers.
    """

    tenant: str = field(validator=is_key)
    base: str = field(validator=is_home)
    actors: ActorPolicy
    namespace: str = NAMESPACE
    language: str = "en"

    def __attrs_post_init__(self) -> None:
        if self.base[-1] not in "/#":
            raise InvalidValue(f"Voice.base must end in / or #: {self.base!r}")
        if not syntax.is_language_tag(self.language):
            raise InvalidValue(f"Voice.language must be a language tag such as en or de-CH, not {self.language!r}")

    @property
    def words(self) -> Vocabulary:
        """Our own words under the namespace."""
        return _words(self.namespace)

    def agent(self, learner: Learner) -> Agent:
        """The Agent who a learner is."""
        return _agent(self, learner)

    @property
    def system(self) -> Agent:
        """The Agent who tells what nobody did."""
        return Agent(name="reinforce", account=Account(self.actors.home_page, "reinforce"))

    def iri(self, kind: str, key: str) -> str:
        """The IRI of a thing of the host's, such as a skill by its key.

        >>> voice = Voice("acme", "https://learning.example.com/xapi/", ActorPolicy("https://lms.example.com"))
        >>> voice.iri("skills", "ä b")
        'https://learning.example.com/xapi/skills/%C3%A4%20b'
        """
        return f"{self.base}{kind}/{quote(key, safe='')}"


# What every statement is made of is made once: telling a practice takes half the time.


@lru_cache(maxsize=16)
def _words(namespace: str) -> Vocabulary:
    return Vocabulary(namespace)


@lru_cache(maxsize=65536)
def _agent(voice: Voice, learner: Learner) -> Agent:
    return voice.actors.agent(voice.tenant, learner)
