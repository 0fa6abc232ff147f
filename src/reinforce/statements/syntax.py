"""How xAPI's texts must look: those of people's names, and language tags, media types, UUIDs.

Each `is_…` answers for one text. They are lenient where the specification asks for a best effort only: of a language
tag the lengths of its parts are looked at.
"""

import re

from reinforce.model import identifiers

is_iri = identifiers.is_iri
is_uri = identifiers.is_uri
is_mailbox = identifiers.is_mailbox
is_sha1 = identifiers.is_sha1
is_sha2 = re.compile(r"[0-9a-fA-F]{56}|[0-9a-fA-F]{64}|[0-9a-fA-F]{96}|[0-9a-fA-F]{128}").fullmatch
is_uuid = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}").fullmatch

_LANGUAGE = r"[A-Za-z]{2,3}(?:-[A-Za-z]{3}){0,3}|[A-Za-z]{4,8}"
_SCRIPT = r"(?:-[A-Za-z]{4})?"
_REGION = r"(?:-(?:[A-Za-z]{2}|[0-9]{3}))?"
_VARIANTS = r"(?:-(?:[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*"
_EXTENSIONS = r"(?:-[0-9A-WY-Za-wy-z](?:-[A-Za-z0-9]{2,8})+)*"
_PRIVATE_USE = r"[xX](?:-[A-Za-z0-9]{1,8})+"
_IRREGULAR = (
    r"en-GB-oed|i-(?:ami|bnn|default|enochian|hak|klingon|lux|mingo|navajo|pwn|tao|tay|tsu)|"
    r"sgn-(?:BE-FR|BE-NL|CH-DE)|zh-min-nan|zh-min|zh-xiang|zh-guoyu|zh-hakka|art-lojban|cel-gaulish|no-bok|no-nyn"
)
is_language_tag = re.compile(
    rf"(?:{_LANGUAGE}){_SCRIPT}{_REGION}{_VARIANTS}{_EXTENSIONS}(?:-{_PRIVATE_USE})?|{_PRIVATE_USE}|(?i:{_IRREGULAR})"
).fullmatch

_TOKEN = r"[A-Za-z0-9!#$%&'*+.^_`|~\-]+"  # noqa: S105 -- HTTP's word for a word
is_media_type = re.compile(
    rf"{_TOKEN}/{_TOKEN}(?:[ \t]*;[ \t]*{_TOKEN}=(?:{_TOKEN}|\"(?:[^\"\\\r\n]|\\[^\r\n])*\"))*[ \t]*"
).fullmatch
