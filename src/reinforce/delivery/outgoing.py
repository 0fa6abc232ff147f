"""What an adapter is given, and what it says became of it."""

from typing import Literal
from uuid import UUID

from attrs import field, frozen, validators

from reinforce.model.checks import are_all, is_a, is_text, plain_tuple

Version = Literal["1.0.3", "2.0.0"]


@frozen
class Attachment:
    """The content of an attachment whose metadata stand in the statement.

    Attributes:
        sha2: the hash by which the statement refers to it.
        content_type: its media type.
        content: its bytes.
    """

    sha2: str = field(validator=is_text)
    content_type: str = field(validator=is_text)
    content: bytes = field(repr=False, validator=is_a(bytes))


@frozen
class Outgoing:
    """One statement, as it stands in the log and as it leaves, however often it is sent.

    Attributes:
        id: its id, by which a destination knows it again.
        version: of xAPI that it is written in.
        body: the exact bytes of its JSON.
        attachments: the contents that go along.
    """

    id: UUID = field(validator=is_a(UUID))
    version: Version = field(validator=validators.in_(("1.0.3", "2.0.0")))
    body: bytes = field(repr=False, validator=is_a(bytes))
    attachments: tuple[Attachment, ...] = field(
        default=(), converter=plain_tuple, validator=are_all(is_a(Attachment)), repr=False
    )


@frozen
class Delivered:
    """The destination has the statement, now or since an earlier try."""

    id: UUID


@frozen
class Rejected:
    """The destination will never take the statement as it is: a dead letter.

    Attributes:
        id: the statement's.
        reason: in the destination's words where it gave any.
    """

    id: UUID
    reason: str


Outcome = Delivered | Rejected
"""What became of one statement."""


@frozen
class CheckStep:
    """One thing that was looked at without sending anything.

    Attributes:
        name: what was looked at.
        is_ok: whether it is as it should be.
        detail: what was found.
    """

    name: str
    is_ok: bool
    detail: str


@frozen
class CheckReport:
    """Whether a destination would take what is sent, as far as that shows without sending."""

    steps: tuple[CheckStep, ...]

    @property
    def is_ok(self) -> bool:
        """Whether every step is."""
        return all(step.is_ok for step in self.steps)
