"""Durations as xAPI writes them: ISO 8601's form with designators, such as PT1H30M or P4W."""

import re
from decimal import ROUND_DOWN, Decimal

_NUMBER = r"[0-9]+(?:[.,][0-9]+)?"
_FORM = re.compile(
    rf"P(?:{_NUMBER}W|(?=.)(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}D)?"
    rf"(?:T(?=[0-9])(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?)"
)
_FRACTION_BEFORE_MORE = re.compile(r"[.,][0-9]+[YMDH](?=.)")
_SECONDS = re.compile(rf"({_NUMBER})S$")
LONGEST_TEXT = 100
HUNDREDTH = Decimal("0.01")


def is_duration(text: str) -> bool:
    """Whether the text is a duration; only the last of its numbers may have a fraction.

    >>> [is_duration(text) for text in ("PT4H35M59.14S", "P4W", "P4W1D", "P1.5DT2H")]
    [True, True, False, False]
    """
    return (
        len(text) <= LONGEST_TEXT and _FORM.fullmatch(text) is not None and _FRACTION_BEFORE_MORE.search(text) is None
    )


def comparable_duration(text: str) -> str:
    """The duration without what lies beyond hundredths of a second; apart from that as it is written.

    >>> comparable_duration("PT1M1.239S"), comparable_duration("PT61.23S")
    ('PT1M1.23S', 'PT61.23S')
    """
    seconds = _SECONDS.search(text) if is_duration(text) else None
    if seconds is None:
        return text
    number = Decimal(seconds[1].replace(",", "."))
    cut = number.quantize(HUNDREDTH, rounding=ROUND_DOWN) if number < 10**20 else number
    return f"{text[: seconds.start()]}{cut:f}S"
