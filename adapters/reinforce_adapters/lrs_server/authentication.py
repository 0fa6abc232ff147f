"""Who is calling: HTTP's Basic authentication, with the costly check of a password done once."""

import binascii
import hashlib
import hmac
import secrets
import time
from base64 import b64decode
from collections import OrderedDict
from threading import Lock

from attrs import frozen

from reinforce.store.credentials import Credential, Credentials, is_password
from reinforce.store.database import Database
from reinforce.store.driver import Driver
from reinforce_adapters.lrs_server.exchange import Refused
from reinforce_adapters.lrs_server.rate import Buckets

_CHALLENGE = {"WWW-Authenticate": 'Basic realm="xAPI", charset="UTF-8"'}
_MOST_REMEMBERED = 10_000
_FAILURES_A_SECOND, _FAILURES_AT_ONCE = 0.2, 10
_LONGEST_HEADER = 2048


@frozen
class _Known:
    credential: Credential
    read_at: float


class Authenticator:
    """Knows callers again.

    Passwords are remembered as hashes with a key that only this process has, and only in memory.
    """

    def __init__(self, database: Database, trusted_seconds: float) -> None:
        self._database = database
        self._trusted_seconds = trusted_seconds
        self._pepper = secrets.token_bytes(32)
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._lock = Lock()
        self._failures = Buckets(_FAILURES_A_SECOND, _FAILURES_AT_ONCE)

    def credential(self, authorization: str | None) -> Credential:
        """The credential that a request's `Authorization` names.

        Raises:
            Refused: it names none that is valid.
        """
        key, password = _basic(authorization)
        token = hmac.digest(self._pepper, f"{key}:{password}".encode("utf-8", "surrogatepass"), hashlib.sha256)
        with self._lock:
            known = self._known.get(token)
        if known is not None and time.monotonic() - known.read_at < self._trusted_seconds:
            return known.credential
        found = self._read(key)
        if found is None or found.revoked_at is not None:
            raise _unknown()
        if known is None or known.credential.secret != found.secret:
            self._check_password(key, password, found)
        self._remember(token, found)
        return found

    def _read(self, key: str) -> Credential | None:
        if "\0" in key:
            return None
        with self._database.read() as connection:
            return Credentials(Driver(connection, self._database.schema)).by_key(key)

    def _check_password(self, key: str, password: str, found: Credential) -> None:
        wait = self._failures.wait(key)
        if wait > 0:
            raise Refused(429, "too many wrong passwords for this key; wait", {"Retry-After": str(int(wait) + 1)})
        if not is_password(password, found.secret):
            raise _unknown()
        self._failures.give_back(key)

    def _remember(self, token: bytes, credential: Credential) -> None:
        with self._lock:
            self._known[token] = _Known(credential, time.monotonic())
            self._known.move_to_end(token)
            if len(self._known) > _MOST_REMEMBERED:
                self._known.popitem(last=False)


def _basic(authorization: str | None) -> tuple[str, str]:
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic" or len(encoded) > _LONGEST_HEADER:
        raise Refused(401, "requests need HTTP Basic authentication (Communication 4.0)", _CHALLENGE)
    try:
        key, colon, password = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as problem:
        raise Refused(
            401, "Basic authentication must be base64 of a key, a colon and a password", _CHALLENGE
        ) from problem
    if not colon:
        raise _unknown()
    return key, password


def _unknown() -> Refused:
    return Refused(401, "there is no such key, its password is another, or it was revoked", _CHALLENGE)
