"""Attachments and signatures: what comes in parts is checked part by part, and goes out as it came."""

import hashlib
import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from adapters.lrs_server.conftest import Caller, Plain, statement

CONTENT = b"\r\n--not the boundary\0\xff"
SIGNATURE = "http://adlnet.gov/expapi/attachments/signature"
MIXED = {"Content-Type": "multipart/mixed; boundary=xyz"}


def described(content: bytes, **parts: Any) -> Plain:
    """The metadata of an attachment."""
    return {
        "usageType": "https://usage.example/photo",
        "display": {"en": "A photo"},
        "contentType": "application/octet-stream",
        "length": len(content),
        "sha2": hashlib.sha256(content).hexdigest(),
        **parts,
    }


def part(content: bytes, **headers: str | None) -> bytes:
    """A part of a request; a header that is None is left out."""
    told = {
        "Content_Type": "application/octet-stream",
        "Content_Transfer_Encoding": "binary",
        "X_Experience_API_Hash": hashlib.sha256(content).hexdigest(),
        **headers,
    }
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in told.items() if value is not None]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def together(*parts: bytes) -> bytes:
    """The content of a request."""
    return b"".join(b"--xyz\r\n" + one + b"\r\n" for one in parts) + b"--xyz--"


def first(data: Any, kind: str = "application/json") -> bytes:
    """The part with the statements."""
    return f"Content-Type: {kind}\r\n\r\n{json.dumps(data)}".encode()


def test_an_attachment_goes_out_as_it_came(lrs: Caller) -> None:
    """Asked for attachments, the LRS answers in parts: the statements, then each content once, byte for byte."""
    batch = [statement(attachments=[described(CONTENT)]), statement(attachments=[described(CONTENT)])]
    stored = lrs.ask("POST", "statements", content=together(first(batch), part(CONTENT)), headers=MIXED)
    plain = lrs.ask("GET", "statements")
    got = lrs.ask("GET", "statements", {"attachments": "true"})

    assert stored.status_code == 200, stored.text
    assert plain.headers["Content-Type"] == "application/json"
    kind, _, boundary = got.headers["Content-Type"].partition("; boundary=")
    pieces = got.content.split(f"--{boundary}".encode())
    assert (kind, len(pieces)) == ("multipart/mixed", 4)
    assert pieces[2].partition(b"\r\n\r\n")[2] == CONTENT + b"\r\n"
    assert f"X-Experience-API-Hash: {hashlib.sha256(CONTENT).hexdigest()}".encode() in pieces[2]


def test_an_attachment_that_is_elsewhere(lrs: Caller) -> None:
    """With a fileUrl, the content need not come along; without one it must."""
    elsewhere = statement(attachments=[described(CONTENT, fileUrl="https://files.example/1")])

    assert lrs.ask("POST", "statements", data=elsewhere).status_code == 200
    missing = lrs.ask("POST", "statements", data=statement(attachments=[described(CONTENT)]))
    assert missing.status_code == 400
    assert "is missing" in missing.json()["error"]


GOOD = statement(attachments=[described(CONTENT)])


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (together(first(GOOD)), "is missing"),
        (together(first(GOOD), part(CONTENT), part(b"stray")), "no statement has an attachment"),
        (together(first(GOOD, "text/plain"), part(CONTENT)), "first part"),
        (together(part(CONTENT), first(GOOD)), "first part"),
        (together(first(GOOD), part(CONTENT, Content_Transfer_Encoding=None)), "Content-Transfer-Encoding"),
        (together(first(GOOD), part(CONTENT, Content_Transfer_Encoding="base64")), "Content-Transfer-Encoding"),
        (together(first(GOOD), part(CONTENT, X_Experience_API_Hash=None)), "X-Experience-API-Hash"),
        (together(first(GOOD), part(CONTENT, X_Experience_API_Hash="ab" * 32)), "SHA-2"),
        (together(first(GOOD), part(CONTENT, X_Experience_API_Hash="ab")), "SHA-2"),
        (together(first(GOOD), part(CONTENT))[:-2], "end with it"),
        (b"--xyz--", "must have parts"),
        (b"", "must have parts"),
        (b"--xyz\r\nno blank line\r\n--xyz--", "headers, an empty line"),
        (b"--xyz\r\nno colon\r\n\r\n{}\r\n--xyz--", "a colon"),
        (b"--xyz{}\r\n--xyz--", "a line must end"),
    ],
    ids=range(15),
)
def test_bad_parts(lrs: Caller, content: bytes, rule: str) -> None:
    """Each rule of multipart requests is checked, and named where it is broken; nothing is stored."""
    answer = lrs.ask("POST", "statements", content=content, headers=MIXED)

    assert answer.status_code == 400
    assert rule in answer.json()["error"]
    assert lrs.found() == []


# ---------------------------------------------------------------- signatures

KEY, OTHER_KEY = (rsa.generate_private_key(65537, 2048) for _ in range(2))


def certificate(key: rsa.RSAPrivateKey) -> str:
    """A certificate of that key, as a signature brings it."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "signer")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, SHA256())
    )
    return b64encode(made.public_bytes(Encoding.DER)).decode()


def signed(one: Plain, signature: bytes, **parts: Any) -> bytes:
    """A request with a statement and its signature."""
    metadata = described(signature, usageType=SIGNATURE, **parts)
    return together(first({**one, "attachments": [metadata]}), part(signature))


def signature_of(one: Plain, algorithm: str = "RS256", **headers: Any) -> bytes:
    """A JSON web signature of a statement."""
    secret: Any = KEY if algorithm.startswith("RS") else "a secret of thirty-two bytes long" * 2
    return jwt.api_jws.encode(json.dumps(one).encode(), secret, algorithm, headers).encode()


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512"])
def test_signed_statements_are_taken(lrs: Caller, algorithm: str) -> None:
    """A statement with a signature of its own in one of the three algorithms is stored, with or without certificate."""
    for headers in ({}, {"x5c": [certificate(KEY)]}):
        one = statement()
        answer = lrs.ask(
            "POST", "statements", content=signed(one, signature_of(one, algorithm, **headers)), headers=MIXED
        )

        assert answer.status_code == 200, answer.text


def bad_signatures() -> dict[str, tuple[bytes, str]]:
    """Requests with a signature that breaks a rule, and what the answer says of it."""
    one = statement()
    broken = signature_of(one, x5c=[certificate(OTHER_KEY)])
    return {
        "another algorithm": (signed(one, signature_of(one, "HS256")), "RS256, RS384, RS512"),
        "another statement": (signed(one, signature_of({**one, "verb": {"id": "x:y"}})), "$.verb.id"),
        "no signature": (signed(one, b"not a signature"), "JSON web signature"),
        "no statement": (signed(one, signature_of({"a": 1})), "payload"),
        "another key": (signed(one, broken), "not the certificate's"),
        "no certificate": (signed(one, signature_of(one, x5c=["AAAA"])), "X.509"),
        "text": (signed(one, signature_of(one), contentType="text/plain"), "application/octet-stream"),
    }


@pytest.mark.parametrize("name", bad_signatures())
def test_bad_signatures(lrs: Caller, name: str) -> None:
    """A signature of another statement, in another algorithm, or of another key than its certificate's is refused."""
    content, rule = bad_signatures()[name]
    answer = lrs.ask("POST", "statements", content=content, headers=MIXED)

    assert answer.status_code == 400
    assert rule in answer.json()["error"]
