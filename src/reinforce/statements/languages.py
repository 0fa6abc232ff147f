"""Choosing one language out of several, as `Accept-Language` asks."""

import re
from collections.abc import Iterable, Mapping

_RANGE = re.compile(r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)\s*(?:;\s*[qQ]\s*=\s*([01](?:\.[0-9]{0,3})?))?\s*")
MOST_RANGES = 50


def accepted_languages(header: str) -> tuple[str, ...]:
    """The languages of an `Accept-Language` header, the dearest first; what cannot be read in it is passed over.

    >>> accepted_languages("de;q=0.5, en-GB, fr;q=0")
    ('en-GB', 'de')
    """
    ranges: list[tuple[float, str]] = []
    for part in header.split(",")[:MOST_RANGES]:
        found = _RANGE.fullmatch(part)
        if found is not None:
            quality = float(found[2]) if found[2] else 1.0
            if quality > 0:
                ranges.append((quality, found[1]))
    return tuple(language for _, language in sorted(ranges, key=lambda one: -one[0]))


def best_language(tags: Iterable[str], accepted: Iterable[str]) -> str | None:
    """The one of the tags that fits best: as asked for, else a wider or a narrower one, else the first.

    >>> best_language(["en-US", "de"], ["fr", "en"])
    'en-US'
    """
    known = {tag.lower(): tag for tag in tags}
    for language in accepted:
        if language == "*":
            break
        wanted = language.lower()
        while wanted:
            narrower = (tag for tag in known if tag == wanted or tag.startswith(f"{wanted}-"))
            found = wanted if wanted in known else next(narrower, None)
            if found is not None:
                return known[found]
            wanted = wanted.rpartition("-")[0]
    return next(iter(known.values()), None)


def in_one_language(texts: Mapping[str, str], accepted: Iterable[str]) -> dict[str, str]:
    """The language map with the one language that fits best; an empty one stays so."""
    tag = best_language(texts, accepted)
    return {} if tag is None else {tag: texts[tag]}
