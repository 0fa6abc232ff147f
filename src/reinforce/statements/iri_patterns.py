"""Patterns of IRIs: `*` stands for anything, `{skill}` for the part that is a skill's key.

The IRIs come from elsewhere, so a match takes time in proportion to their length: a `*` ends at the first place where
what follows it fits, and never goes back.
"""

import functools
import re
from urllib.parse import unquote

from reinforce.errors import InvalidValue

CAPTURE = "{skill}"
_PIECES = re.compile(r"\*+|\{skill\}|(?:(?!\{skill\})[^*])+", re.DOTALL)
_ENDS_A_PART = "/?#&"


@functools.lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    pieces = ["*" if piece.startswith("*") else piece for piece in _PIECES.findall(pattern)]
    _check_capture(pieces, pattern)
    built: list[str] = []
    for place, piece in enumerate(pieces):
        after_wild = place > 0 and pieces[place - 1] == "*"
        is_last = place == len(pieces) - 1
        if piece == "*":
            built.append(".*" if is_last else "")
        elif piece == CAPTURE:
            built.append(f"(?P<skill>[^{_ENDS_A_PART}]++)")
        elif after_wild:
            built.append(f".*{re.escape(piece)}" if is_last else f"(?>.*?{re.escape(piece)})")
        else:
            built.append(re.escape(piece))
    return re.compile("".join(built), re.DOTALL)


def _check_capture(pieces: list[str], pattern: str) -> None:
    """Refuse a `{skill}` that could begin or end in several places."""
    at = [place for place, piece in enumerate(pieces) if piece == CAPTURE]
    if not at:
        return
    before, after = pieces[at[0] - 1 : at[0]] if at[0] else [], pieces[at[0] + 1 : at[0] + 2]
    if len(at) > 1 or before == ["*"] or (after and after[0][0] not in _ENDS_A_PART):
        raise InvalidValue(
            f"{CAPTURE} may stand once in a pattern, not behind *, and before the end or one of {_ENDS_A_PART}, "
            f"not as in {pattern!r}"
        )


def check_pattern(pattern: object) -> None:
    """Refuse what is no pattern.

    Raises:
        InvalidValue: it is none.
    """
    if not isinstance(pattern, str) or not pattern:
        raise InvalidValue(f"a pattern must be text such as https://lms.example/quiz/*, not {pattern!r}")
    _compiled(pattern)


def fits(pattern: str, iri: str) -> bool:
    """Whether the IRI is one of those that the pattern stands for.

    >>> fits("https://lms.example/quiz/*/question/*", "https://lms.example/quiz/7/question/12")
    True
    """
    return _compiled(pattern).fullmatch(iri) is not None


def skill_in(pattern: str, iri: str) -> str | None:
    """The key of the skill that stands in the IRI where the pattern says `{skill}`, unescaped.

    >>> skill_in("https://lms.example/skills/{skill}", "https://lms.example/skills/price%20objections")
    'price objections'
    """
    found = _compiled(pattern).fullmatch(iri)
    return unquote(found["skill"]) if found is not None and CAPTURE in pattern else None
