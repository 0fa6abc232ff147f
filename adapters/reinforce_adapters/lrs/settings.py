"""What must be known of an LRS before anything is sent to it."""

from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from attrs import field, fields, frozen

from reinforce.errors import InvalidSettings, InvalidValue
from reinforce.model.checks import number, whole
from reinforce.model.conversion import structure

NEEDS: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "basic": ("username", "password"),
    "bearer": ("token",),
    "oauth2": ("token_url", "client_id", "client_secret"),
}
"""What each way of authentication needs to know."""


@frozen(kw_only=True)
class LrsSettings:
    """One LRS as a destination.

    Attributes:
        endpoint: the URL that `/statements` and `/about` are appended to.
        auth: how it knows us: none, basic, bearer or oauth2 (client credentials).
        username: of basic.
        password: of basic.
        token: of bearer.
        token_url: of oauth2: where tokens are given.
        client_id: of oauth2.
        client_secret: of oauth2.
        scope: of oauth2: what to ask for, separated by blanks.
        version: of xAPI to speak; auto: what it says it can, the newest first.
        batch_size: the most statements in a request.
        most_bytes: the most bytes in a request, unless one statement alone is bigger.
        connect_seconds: how long a connection may take to be made.
        read_seconds: how long it may be silent.
        ca_bundle: a file of certificates to trust instead of the usual ones.
        allow_plain_http: whether statements and secrets may go over a network unencrypted.
    """

    endpoint: str
    auth: str = "none"
    username: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    token_url: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    scope: str = ""
    version: str = "auto"
    batch_size: int = field(default=100, validator=whole(1, 10_000))
    most_bytes: int = field(default=4 * 2**20, validator=whole(1, 2**30))
    connect_seconds: float = field(default=10.0, validator=number(0, 3600, above=True))
    read_seconds: float = field(default=60.0, validator=number(0, 3600, above=True))
    ca_bundle: str = ""
    allow_plain_http: bool = False

    def __attrs_post_init__(self) -> None:
        _require_one_of("auth", self.auth, tuple(NEEDS))
        _require_one_of("version", self.version, ("auto", "1.0.3", "2.0.0"))
        for name in NEEDS[self.auth]:
            _require_printable(name, getattr(self, name), f"auth = {self.auth!r} needs it")
        _require_address("endpoint", self.endpoint, self.allow_plain_http)
        if self.endpoint.rstrip("/").endswith("/statements"):
            raise InvalidSettings(f"endpoint must be the part before /statements, not {self.endpoint!r}")
        if self.auth == "oauth2":
            _require_address("token_url", self.token_url, self.allow_plain_http)
        if self.ca_bundle and not Path(self.ca_bundle).is_file():
            raise InvalidSettings(f"ca_bundle must be a file of certificates; there is none at {self.ca_bundle!r}")

    def url_of(self, resource: str) -> str:
        """The address of one of its resources, such as `statements`."""
        return f"{self.endpoint.rstrip('/')}/{resource}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may show."""
        return tuple(filter(None, (self.password, self.token, self.client_secret)))


def read_settings(data: Mapping[str, Any]) -> LrsSettings:
    """The settings that plain data describe.

    Raises:
        InvalidSettings: names what is wrong, and never shows a secret.
    """
    hidden = {attribute.name for attribute in fields(LrsSettings) if not attribute.repr}
    for name in sorted(hidden & set(data)):
        if not isinstance(data[name], str):
            raise InvalidSettings(f"{name} must be text, or {{ env = NAME }} where a feed is set up")
    try:
        return structure(data, LrsSettings, "the settings of the LRS")
    except InvalidSettings:
        raise
    except InvalidValue as problem:
        raise InvalidSettings(str(problem)) from None


def _require_one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise InvalidSettings(f"{name} must be one of {', '.join(known)}, not {value!r}")


def _require_printable(name: str, value: str, why: str) -> None:
    if not value:
        raise InvalidSettings(f"{name} is missing: {why}")
    if not value.isprintable():
        raise InvalidSettings(f"{name} holds characters that cannot be printed, such as a line end")
    if name == "token" and not value.isascii():
        raise InvalidSettings("token holds characters that no header can carry")


def _require_address(name: str, value: str, allow_plain_http: bool) -> None:
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host or not value.isprintable():
        raise InvalidSettings(f"{name} must be a URL such as https://lrs.example/xapi")
    if parts.username is not None or parts.query or parts.fragment:
        raise InvalidSettings(f"{name} must be a URL without user, query and fragment; credentials have their own keys")
    if parts.scheme == "http" and not allow_plain_http and not _is_loopback(host):
        raise InvalidSettings(
            f"{name} is not encrypted: use https, or set allow_plain_http = true where the network can be trusted"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
