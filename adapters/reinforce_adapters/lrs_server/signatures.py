"""Signed statements: a JSON web signature of the statement, as an attachment (1.0.3, Data 2.6; 2.0, 4.2.6)."""

from base64 import b64decode
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_der_x509_certificate

from reinforce.errors import InvalidStatement
from reinforce.statements.comparison import differences
from reinforce.statements.grammar import SIGNATURE
from reinforce.statements.json_bytes import parse_json
from reinforce.statements.reading import check_statement
from reinforce.statements.versions import XapiVersion
from reinforce_adapters.lrs_server.exchange import Refused

ALGORITHMS = ("RS256", "RS384", "RS512")
_RULE = "(xAPI 1.0.3, Data 2.6; xAPI 2.0, 4.2.6)"


def check_signatures(statement: Mapping[str, Any], contents: Mapping[str, bytes], version: XapiVersion) -> None:
    """Check every signature of a statement.

    Args:
        statement: a checked one.
        contents: of the attachments, by their hashes in lower case.
        version: of xAPI that it is written in.

    Raises:
        Refused: a signature breaks a rule, or is of another statement.
    """
    for attachment in statement.get("attachments", ()):
        if attachment["usageType"] == SIGNATURE:
            content = contents.get(attachment["sha2"].lower())
            if content is None:
                raise Refused(400, f"the signature itself must come with the statement {_RULE}")
            _check(statement, content, version)


def _check(statement: Mapping[str, Any], signature: bytes, version: XapiVersion) -> None:
    try:
        header = jwt.get_unverified_header(signature)
        unverified = jwt.api_jws.decode_complete(signature, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError) as problem:
        raise Refused(
            400, f"a signature must be a JSON web signature in its compact form: {problem} {_RULE}"
        ) from problem
    if header.get("alg") not in ALGORITHMS:
        raise Refused(400, f"a signature must use {', '.join(ALGORITHMS)} {_RULE}")
    _check_payload(statement, unverified["payload"], version)
    if header.get("x5c"):
        _check_with_certificate(signature, header["x5c"], header["alg"])


def _check_payload(statement: Mapping[str, Any], payload: bytes, version: XapiVersion) -> None:
    try:
        signed = parse_json(payload)
        check_statement(signed, version)
    except InvalidStatement as problem:
        raise Refused(400, f"the payload of a signature must be the statement: {problem} {_RULE}") from problem
    different = differences(signed, statement)
    if different:
        raise Refused(400, f"the signed statement differs from this one in {', '.join(different[:5])} {_RULE}")


def _check_with_certificate(signature: bytes, chain: Any, algorithm: str) -> None:
    try:
        key = load_der_x509_certificate(b64decode(chain[0], validate=True)).public_key()
    except (ValueError, TypeError, KeyError, IndexError) as problem:
        raise Refused(400, f"x5c must hold X.509 certificates, base64-encoded {_RULE}") from problem
    if not isinstance(key, RSAPublicKey):
        raise Refused(400, f"the certificate of a signature must hold an RSA key {_RULE}")
    try:
        jwt.api_jws.decode(signature, key, algorithms=[algorithm])
    except jwt.PyJWTError as problem:
        raise Refused(400, f"the signature is not the certificate's {_RULE}") from problem
