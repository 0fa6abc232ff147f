"""The switch: that facts are told as xAPI statements, and in whose name."""

from functools import lru_cache

from attrs import field, frozen

from reinforce.model.checks import is_text, whole
from reinforce.model.people import IdentifierKind
from reinforce.statements.vocabulary import NAMESPACE
from reinforce.statements.voice import ActorPolicy, Voice, is_home

MASTERED_DAYS = 90


@frozen
class XapiSettings:
    """That a host's facts are told, and in whose name: what `Voice` is made of, for any tenant.

    What is told is told for good, as the bytes that will be sent. So there is no default for `base`: only the host
    knows which IRIs are its own.

    Attributes:
        base: an IRI that the host controls and that ends in `/` or `#`; skills and refreshers stand under it.
        home_page: the system that people's accounts belong to; "": `base`.
        actors: how people are named: `account`, `mbox`, `mbox_sha1sum` or `openid`; see `ActorPolicy`.
        is_opaque: whether an account's name is a hash of tenant and key rather than the key itself.
        secret: makes the hash one that nobody else can compute; changing it makes new people of everyone.
        with_names: whether people's names are told, too.
        namespace: where our own words stand.
        language: RFC 5646 tag of the titles of skills and refreshers.
        mastered_days: a skill is mastered once it is remembered so many days as well as it is to be kept.
    """

    base: str = field(validator=is_home)
    home_page: str = field(default="", validator=is_text)
    actors: IdentifierKind = IdentifierKind.ACCOUNT
    is_opaque: bool = True
    secret: str = field(default="", validator=is_text, repr=False)
    with_names: bool = False
    namespace: str = NAMESPACE
    language: str = "en"
    mastered_days: int = field(default=MASTERED_DAYS, validator=whole(1, 36500))

    def __attrs_post_init__(self) -> None:
        self.voice("any")  # refuses what makes no sense here and now, not at the first fact

    def voice(self, tenant: str) -> Voice:
        """In whose name the facts of a tenant are told."""
        return _voice(self, tenant)


@lru_cache(maxsize=4096)
def _voice(settings: XapiSettings, tenant: str) -> Voice:
    return Voice(
        tenant,
        settings.base,
        ActorPolicy(
            settings.home_page or settings.base,
            settings.actors,
            settings.is_opaque,
            settings.secret,
            settings.with_names,
        ),
        settings.namespace,
        settings.language,
    )
