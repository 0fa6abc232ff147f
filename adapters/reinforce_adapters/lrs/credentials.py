"""How an LRS knows us."""

from collections.abc import Callable
from typing import Protocol

from attrs import define
from requests import PreparedRequest
from requests.auth import AuthBase, HTTPBasicAuth

from reinforce.errors import DeliveryStopped, MissingExtra
from reinforce_adapters.lrs.answer import Answer
from reinforce_adapters.lrs.settings import LrsSettings

try:
    from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error
except ImportError:
    HAS_OAUTH = False
else:
    HAS_OAUTH = True

PostForm = Callable[[str, str, AuthBase], Answer]
"""Posts a form to an address with some authentication, and gives the answer."""


class Credentials(Protocol):
    """Signs requests."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """The request with what shows who we are."""
        ...

    def renew(self) -> bool:
        """Get new ones after the LRS refused these; False: there are no others to be had."""
        ...


class Fixed(AuthBase):
    """None, or Basic: what is set is all there is.

    It stands in for `None` because requests would then look for a `.netrc`.
    """

    def __init__(self, basic: HTTPBasicAuth | None = None) -> None:
        self._basic = basic

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        return self._basic(request) if self._basic is not None else request

    def renew(self) -> bool:
        """There are no others."""
        return False


class Bearer(AuthBase):
    """A token that somebody has put into the settings."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    def renew(self) -> bool:
        """There is no other."""
        return False


@define(eq=False)
class ClientCredentials(AuthBase):
    """OAuth 2: a token from the token endpoint, and a new one when the LRS refuses it."""

    settings: LrsSettings
    post_form: PostForm
    token: str | None = None

    def __attrs_post_init__(self) -> None:
        if not HAS_OAUTH:
            raise MissingExtra.named("oauth", "an LRS with auth = 'oauth2'")

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        self.token = self.token or self._fetch()
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request

    def renew(self) -> bool:
        """Forget the token, so that the next request fetches another."""
        self.token = None
        return True

    def _fetch(self) -> str:
        client = BackendApplicationClient(self.settings.client_id)
        form = client.prepare_request_body(scope=self.settings.scope or None)
        answer = self.post_form(
            self.settings.token_url, form, _basic(self.settings.client_id, self.settings.client_secret)
        )
        try:
            token = client.parse_request_body_response(answer.text)["access_token"]
        except (OAuth2Error, ValueError, TypeError, AttributeError) as problem:
            said = problem.error if isinstance(problem, OAuth2Error) else "no token"
            raise DeliveryStopped(
                f"the token endpoint answered {answer.status}: {said}", retry_after=answer.retry_after
            ) from None
        return str(token)


def credentials_for(settings: LrsSettings, post_form: PostForm) -> Credentials:
    """The credentials that the settings ask for.

    Raises:
        MissingExtra: they need oauthlib, and it is not installed.
    """
    if settings.auth == "basic":
        return Fixed(_basic(settings.username, settings.password))
    if settings.auth == "bearer":
        return Bearer(settings.token)
    if settings.auth == "oauth2":
        return ClientCredentials(settings, post_form)
    return Fixed()


def _basic(username: str, password: str) -> HTTPBasicAuth:
    return HTTPBasicAuth(username.encode(), password.encode())
