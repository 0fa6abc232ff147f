"""Who may speak to the LRS, for which tenant, and what they may do."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any

from attrs import frozen

from reinforce.errors import InvalidValue, NotFound
from reinforce.statements.persons import Person, objects_of, without_person
from reinforce.store.driver import Driver, Row

_COLUMNS = "id, tenant_id, key, secret, scopes, authority, label, created_at, revoked_at"
_COST, _BLOCK, _LANES, _MEMORY = 1 << 14, 8, 1, 64 << 20


class Scope(StrEnum):
    """What a credential may do, named as xAPI names it."""

    STATEMENTS_WRITE = "statements/write"
    STATEMENTS_READ_MINE = "statements/read/mine"
    STATEMENTS_READ = "statements/read"
    STATE = "state"
    PROFILE = "profile"
    ALL = "all"


@frozen
class Credential:
    """A key to the LRS.

    Attributes:
        key: the user name of HTTP's Basic authentication.
        secret: a salted hash of the password.
        authority: the Agent who vouches for what is received with it.
        label: what it is for, in the words of whoever made it.
        created_at: in epoch microseconds.
        revoked_at: since when it opens nothing any more.
    """

    id: int
    tenant_id: int
    key: str
    secret: str
    scopes: frozenset[Scope]
    authority: Mapping[str, Any]
    label: str
    created_at: int
    revoked_at: int | None

    def allows(self, *scopes: Scope) -> bool:
        """Whether it has one of the scopes, or all."""
        return Scope.ALL in self.scopes or not self.scopes.isdisjoint(scopes)


def parse_scopes(texts: Collection[str]) -> frozenset[Scope]:
    """The scopes of those names.

    Raises:
        InvalidValue: there is no such scope, or none was given.
    """
    known = {scope.value for scope in Scope}
    unknown = sorted(set(texts) - known)
    if unknown or not texts:
        given = f"not {unknown[0]!r}" if unknown else "and there must be one at least"
        raise InvalidValue(f"a scope must be one of {', '.join(sorted(known))}, {given}")
    return frozenset(map(Scope, texts))


class Credentials:
    """The credentials of all tenants, within one transaction; keys are unique across tenants."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def add(
        self, tenant_id: int, scopes: frozenset[Scope], authority: Mapping[str, Any], label: str, now: int
    ) -> tuple[Credential, str]:
        """Make a new key; the password beside it is told this once."""
        key, password = secrets.token_hex(16), secrets.token_hex(24)  # neither may look like an option to a shell
        self.put(tenant_id, key, password, scopes, authority, label, now)
        made = self.by_key(key)
        assert made is not None  # noqa: S101 -- it has just been written
        return made, password

    def put(
        self,
        tenant_id: int,
        key: str,
        password: str,
        scopes: frozenset[Scope],
        authority: Mapping[str, Any],
        label: str,
        now: int,
    ) -> None:
        """Keep a key with a password of the host's own choosing.

        Raises:
            InvalidValue: the key is taken.
        """
        if ":" in key or not key:
            raise InvalidValue(f"a key must be text without a colon, not {key!r}")
        if self.by_key(key) is not None:
            raise InvalidValue(f"the key {key!r} is taken")
        listed = " ".join(sorted(scope.value for scope in scopes))
        self._driver.run(
            "INSERT INTO {lrs_credential} (tenant_id, key, secret, scopes, authority, label, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            *(tenant_id, key, hashed(password), listed, json.dumps(authority), label, now),
        )

    def by_key(self, key: str) -> Credential | None:
        """The credential of that key, revoked or not."""
        rows = self._driver.rows(f"SELECT {_COLUMNS} FROM {{lrs_credential}} WHERE key = ?", key)
        return _credential(rows[0]) if rows else None

    def of_tenant(self, tenant_id: int) -> list[Credential]:
        """The tenant's credentials, the oldest first, revoked ones among them."""
        sql = f"SELECT {_COLUMNS} FROM {{lrs_credential}} WHERE tenant_id = ? ORDER BY id"
        return [_credential(row) for row in self._driver.rows(sql, tenant_id)]

    def revoke(self, tenant_id: int, key: str, now: int) -> None:
        """Let a key open nothing from now on.

        Raises:
            NotFound: the tenant has no such key.
        """
        found = self.by_key(key)
        if found is None or found.tenant_id != tenant_id:
            raise NotFound(f"there is no LRS key {key!r}")
        self._driver.run(
            "UPDATE {lrs_credential} SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", now, found.id
        )

    def leave(self, tenant_id: int, person: Person, stand_in: str, now: int) -> int:
        """Revoke the keys in whose authority a person stands, and put nobody in their place; how many there were."""
        left = 0
        for one in self.of_tenant(tenant_id):
            if next(objects_of(one.authority, person), None) is not None:
                authority = without_person(json.dumps(one.authority).encode(), person, stand_in).decode()
                self._driver.run(
                    "UPDATE {lrs_credential} SET key = ?, authority = ?, label = '', revoked_at = ? WHERE id = ?",
                    *(f"erased-{secrets.token_hex(16)}", authority, one.revoked_at or now, one.id),
                )
                left += 1
        return left


def hashed(password: str) -> str:
    """A salted hash of a password, which costs memory and time to try."""
    salt = secrets.token_bytes(16)
    return f"scrypt${_COST}${_BLOCK}${_LANES}${salt.hex()}${_scrypt(password, salt, _COST, _BLOCK, _LANES).hex()}"


def is_password(password: str, secret: str) -> bool:
    """Whether the hash is this password's; takes some 50 ms of processor time."""
    _, cost, block, lanes, salt, digest = secret.split("$")
    found = _scrypt(password, bytes.fromhex(salt), int(cost), int(block), int(lanes))
    return hmac.compare_digest(found, bytes.fromhex(digest))


def _scrypt(password: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    return hashlib.scrypt(
        password.encode("utf-8", "surrogatepass"), salt=salt, n=cost, r=block, p=lanes, maxmem=_MEMORY, dklen=32
    )


def _credential(row: Row) -> Credential:
    number, tenant_id, key, secret, scopes, authority, label, created_at, revoked_at = row
    return Credential(
        number,
        tenant_id,
        key,
        secret,
        frozenset(map(Scope, scopes.split())),
        json.loads(authority),
        label,
        created_at,
        revoked_at,
    )
