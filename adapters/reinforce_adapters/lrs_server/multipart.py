"""multipart/mixed, as statements with attachments come and go (xAPI 1.0.3, Communication 1.5.2)."""

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping

from attrs import frozen

from reinforce.store.statements import Attachment
from reinforce_adapters.lrs_server.exchange import Refused

_BOUNDARY = re.compile(r';\s*boundary\s*=\s*(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
_MOST_HEADER_BYTES = 16 << 10
_MOST_PARTS = 5000
_RULE = "(xAPI 1.0.3, Communication 1.5.2; xAPI 2.0, 4.1.3)"
_HASHES = {56: hashlib.sha224, 64: hashlib.sha256, 96: hashlib.sha384, 128: hashlib.sha512}


@frozen
class Part:
    """One part of the content."""

    headers: Mapping[str, str]
    content: bytes


def parse(content_type: str, body: bytes) -> list[Part]:
    """The parts of a multipart content.

    Raises:
        Refused: it is none.
    """
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise Refused(400, f"multipart/mixed must name its boundary {_RULE}")
    delimiter = b"\r\n--" + (found[1] or found[2]).encode("latin-1", "replace")
    pieces = (b"\r\n" + body).split(delimiter, _MOST_PARTS + 2)
    if len(pieces) > _MOST_PARTS + 2:
        raise Refused(413, f"a request may have {_MOST_PARTS} parts; send the statements in several {_RULE}")
    if len(pieces) < 3 or not pieces[-1].startswith(b"--"):
        raise Refused(400, f"the content must have parts between its boundary, and end with it and -- {_RULE}")
    return [_part(piece) for piece in pieces[1:-1]]


def _part(piece: bytes) -> Part:
    after_boundary = piece.lstrip(b" \t")
    if not after_boundary.startswith(b"\r\n"):
        raise Refused(400, f"a line must end after the boundary {_RULE}")
    head, blank_line, content = after_boundary.partition(b"\r\n\r\n")
    if not blank_line or len(head) > _MOST_HEADER_BYTES:
        raise Refused(400, f"a part must have headers, an empty line and its content {_RULE}")
    headers: dict[str, str] = {}
    for line in head.split(b"\r\n")[1:]:
        name, colon, value = line.partition(b":")
        if not colon:
            raise Refused(400, f"a header of a part must be a name, a colon and a value {_RULE}")
        headers[name.decode("latin-1").strip().lower()] = value.decode("latin-1").strip()
    return Part(headers, content)


def attachments_of(parts: Iterable[Part]) -> list[Attachment]:
    """The attachments that the parts after the first one hold.

    Raises:
        Refused: one breaks a rule.
    """
    return [_attachment(part) for part in parts]


def _attachment(part: Part) -> Attachment:
    if part.headers.get("content-transfer-encoding", "").lower() != "binary":
        raise Refused(400, f"the part of an attachment must have Content-Transfer-Encoding: binary {_RULE}")
    sha2 = part.headers.get("x-experience-api-hash", "")
    if not sha2:
        raise Refused(400, f"the part of an attachment must have X-Experience-API-Hash {_RULE}")
    make_hash = _HASHES.get(len(sha2))
    if make_hash is None or make_hash(part.content).hexdigest() != sha2.lower():
        raise Refused(400, f"X-Experience-API-Hash must be the SHA-2 hash of the part in hex {_RULE}")
    content_type = part.headers.get("content-type", "application/octet-stream")
    return Attachment(sha2.lower(), content_type, part.content)


def written(first: bytes, attachments: Iterable[Attachment]) -> tuple[str, bytes]:
    """A content type and content with JSON first and the attachments after it."""
    boundary = f"reinforce-{secrets.token_hex(16)}"
    line = f"--{boundary}\r\n".encode()
    pieces = [line, b"Content-Type: application/json\r\n\r\n", first, b"\r\n"]
    for one in attachments:
        head = (
            f"Content-Type: {one.content_type}\r\nContent-Transfer-Encoding: binary\r\n"
            f"X-Experience-API-Hash: {one.sha2}\r\n\r\n"
        )
        pieces += [line, head.encode("latin-1", "replace"), one.content, b"\r\n"]
    return f"multipart/mixed; boundary={boundary}", b"".join([*pieces, f"--{boundary}--\r\n".encode()])
