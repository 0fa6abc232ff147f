"""Looking for texts within columns of bytes, which no index helps with."""

import json
from collections.abc import Iterable

from reinforce.store.driver import Driver

_LIKE_WORDS = str.maketrans({"!": "!!", "%": "!%", "_": "!_"})


def in_json(text: str) -> set[str]:
    """How a text may stand within JSON: with its letters as they are or escaped, and slashes either way."""
    plain, escaped = (json.dumps(text, ensure_ascii=is_ascii)[1:-1] for is_ascii in (False, True))
    return {form for one in (plain, escaped) for form in (one, one.replace("/", "\\/"))}


def holds(driver: Driver, column: str, texts: Iterable[str]) -> tuple[str, list[str]]:
    """The condition that a column of bytes holds one of the texts, in whatever case of ASCII letters.

    Returns:
        SQL, and its parameters.
    """
    if driver.dialect == "sqlite":
        condition, patterns = f"CAST({column} AS TEXT) LIKE ? ESCAPE '!'", [_pattern(one) for one in texts]
    else:
        # Not as text, because the bytes may be anything.
        condition = f"encode({column}, 'escape') ILIKE ? ESCAPE '!'"
        patterns = [_pattern(_as_postgresql_escapes(one)) for one in texts]
    return " OR ".join([condition] * len(patterns)) or "1 = 0", patterns


def hides_letters(driver: Driver, column: str) -> tuple[str, list[str]]:
    r"""The condition that JSON in a column of bytes escapes letters of ASCII (`\u0061`), which `holds` misses."""
    if driver.dialect == "sqlite":
        return f"CAST({column} AS TEXT) GLOB ?", ["*\\u00[2-7]*"]
    return f"encode({column}, 'escape') ~ ?", [r"\\\\u00[2-7]"]


def _pattern(text: str) -> str:
    return f"%{text.translate(_LIKE_WORDS)}%"


def _as_postgresql_escapes(text: str) -> str:
    """What `encode(…, 'escape')` makes of the bytes of a text."""
    return "".join(
        "\\\\" if byte == ord("\\") else f"\\{byte:03o}" if byte == 0 or byte > 0x7F else chr(byte)
        for byte in text.encode()
    )
