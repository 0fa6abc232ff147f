"""The lines of an export that hold the statement log, and what an LRS keeps beside it."""

import re
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import field, frozen
from attrs.validators import matches_re, optional

from reinforce.errors import InvalidValue
from reinforce.model.checks import in_utc, is_key, is_moment, is_text

_is_hex_id = matches_re(r"[0-9a-f]{32}")
_is_uuid = matches_re(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_is_hash = matches_re(re.compile(r"[0-9a-f]{56,128}"))


def base64_text(content: bytes) -> str:
    """Bytes as text."""
    return b64encode(content).decode()


def bytes_of(text: str) -> bytes:
    """The bytes that `base64_text` has made text of.

    Raises:
        InvalidValue: it is no base64.
    """
    try:
        return b64decode(text, validate=True)
    except (Error, ValueError) as problem:
        raise InvalidValue(f"content must be base64: {problem}") from problem


@frozen
class LoggedStatement:
    """A statement as the log holds it.

    Attributes:
        id: its own, or the one that it was given.
        body: its exact text.
        version: of xAPI that it is written in.
        stored_at: when it came into the log that it was exported from.
        is_ours: whether we made it.
        authority: who vouches for it, if it was received with an LRS key; the key itself does not travel.
        voided_by: the id of the statement that took it back.
    """

    id: str = field(validator=_is_uuid)
    body: str = field(validator=is_text)
    version: str = field(validator=is_key)
    stored_at: datetime = field(converter=in_utc, validator=is_moment)
    is_ours: bool = False
    authority: Mapping[str, Any] | None = field(default=None, hash=False)
    voided_by: str | None = field(default=None, validator=optional(_is_uuid))


@frozen
class LoggedAttachment:
    """The content of attachments of one hash.

    Attributes:
        sha2: the hash in hex.
        content: in base64.
    """

    sha2: str = field(validator=_is_hash)
    content_type: str = field(validator=is_text)
    content: str = field(validator=is_text)


@frozen
class LoggedDocument:
    """A state, agent profile or activity profile.

    Attributes:
        kind: 0, 1 or 2, in this order.
        owner: what stands for whose it is, 32 hex digits.
        key: its id.
        registration: "": it is kept for none.
        content: in base64.
        agent: what stands for the agent alone, 32 hex digits.
    """

    kind: int = field()
    owner: str = field(validator=_is_hex_id)
    key: str = field(validator=is_text)
    content_type: str = field(validator=is_text)
    content: str = field(validator=is_text)
    updated_at: datetime = field(converter=in_utc, validator=is_moment)
    registration: str = field(default="", validator=is_text)
    agent: str | None = field(default=None, validator=optional(_is_hex_id))

    @kind.validator
    def _is_kind(self, _attribute: object, value: object) -> None:
        if value not in (0, 1, 2):
            raise InvalidValue(f"LoggedDocument.kind must be 0, 1 or 2, not {value!r}")


@frozen
class ErasedStatement:
    """The id of a statement that was erased with a person, and is not to come back."""

    id: str = field(validator=_is_uuid)
