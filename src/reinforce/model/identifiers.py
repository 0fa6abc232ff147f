"""How the texts must look by which xAPI names people: IRIs, e-mail addresses, hashes.

Each `is_…` answers for one text. They are lenient where the specification asks for a best effort only: of an IRI the
scheme and the characters are looked at.
"""

import re

_NOT_IN_IRI = r"\x00-\x20\x7f-\x9f<>\"{}|\\^`\ud800-\udfff"

is_iri = re.compile(rf"[A-Za-z][A-Za-z0-9+.\-]*:[^{_NOT_IN_IRI}]+").fullmatch
is_uri = re.compile(rf"[A-Za-z][A-Za-z0-9+.\-]*:[^{_NOT_IN_IRI}\u0080-\U0010ffff]+").fullmatch
is_mailbox = re.compile(r"mailto:[^\s@<>\x00-\x1f\ud800-\udfff]+@[^\s@<>\x00-\x1f\ud800-\udfff]+").fullmatch
is_sha1 = re.compile(r"[0-9a-fA-F]{40}").fullmatch
