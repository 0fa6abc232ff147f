"""The body of a request that carries statements."""

import hashlib
from collections.abc import Sequence

from attrs import frozen

from reinforce.delivery.outgoing import Attachment, Outgoing, Version
from reinforce_adapters.lrs.versions import body_on_the_wire


@frozen
class RequestBody:
    """The bytes of a request, and what they are."""

    content: bytes
    content_type: str


def request_body(statements: Sequence[Outgoing], version: Version) -> RequestBody:
    """The statements as a JSON list, with their attachments behind it where there are any."""
    listed = b"[" + b",".join(body_on_the_wire(one, version) for one in statements) + b"]"
    attachments = {each.sha2: each for one in statements for each in one.attachments}
    if not attachments:
        return RequestBody(listed, "application/json")
    return _mixed(listed, tuple(attachments.values()))


def size_of(statement: Outgoing) -> int:
    """About how many bytes a statement adds to a request."""
    return len(statement.body) + sum(len(one.content) + 256 for one in statement.attachments) + 1


def _mixed(listed: bytes, attachments: Sequence[Attachment]) -> RequestBody:
    """Statements and attachments as multipart/mixed; the same bytes for the same content."""
    digest = hashlib.sha256(listed)
    for one in attachments:
        digest.update(one.content)
    boundary = f"reinforce-{digest.hexdigest()}"
    parts = [_part({"Content-Type": "application/json"}, listed, boundary)]
    parts += [
        _part(
            {
                "Content-Type": one.content_type,
                "Content-Transfer-Encoding": "binary",
                "X-Experience-API-Hash": one.sha2,
            },
            one.content,
            boundary,
        )
        for one in attachments
    ]
    end = f"--{boundary}--\r\n".encode()
    return RequestBody(b"".join([*parts, end]), f'multipart/mixed; boundary="{boundary}"')


def _part(headers: dict[str, str], content: bytes, boundary: str) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"--{boundary}\r\n{lines}\r\n".encode() + content + b"\r\n"
