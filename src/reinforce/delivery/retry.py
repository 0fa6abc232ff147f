"""When to try again."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from attrs import field, frozen

from reinforce.errors import InvalidValue
from reinforce.model.checks import number, whole

Random = Callable[[], float]
"""Numbers from 0 to below 1, such as `random.random`."""

LONGEST_WAIT = timedelta(days=1)
"""However long a destination asks to be left alone, it is asked again after this."""


@frozen(kw_only=True)
class RetryPolicy:
    """How a feed behaves towards a destination that has trouble.

    Attributes:
        batch_size: how many statements are handed over at once; never one alone, because only a neighbour shows
            whether it is the statement that a destination falls over.
        first_seconds: about how long to wait after the first stop; each further one doubles it.
        longest_seconds: the most that doubling leads to.
        patience_seconds: a wait up to this long is slept through; a longer one ends the run.
        per_second: how many statements leave in a second at most, on average; None: as fast as it goes.
        most_rejected_in_a_row: so many rejected statements without one taken in between are a fault of the settings
            and not of the statements: the feed stops until somebody has looked.
    """

    batch_size: int = field(default=100, validator=whole(2, 10_000))
    first_seconds: float = field(default=1.0, validator=number(0, 3600, above=True))
    longest_seconds: float = field(default=3600.0, validator=number(0, 86400, above=True))
    patience_seconds: float = field(default=10.0, validator=number(0, 86400))
    per_second: float | None = field(default=None)
    most_rejected_in_a_row: int = field(default=100, validator=whole(1, 1_000_000))

    def __attrs_post_init__(self) -> None:
        if self.per_second is not None and not 0 < self.per_second < math.inf:
            raise InvalidValue(f"RetryPolicy.per_second must be a number above 0 or nothing, not {self.per_second!r}")

    def wait(self, failures: int, random: Random, asked: timedelta | None = None) -> timedelta:
        """How long to leave the destination alone.

        Half of the wait is left to chance, so that many feeds that stopped together do not come back together.

        Args:
            failures: how many stops in a row there were, at least 1.
            random: the source of chance.
            asked: how long the destination itself asked for; it is never tried before that.
        """
        doubled = math.ldexp(self.first_seconds, min(failures, 64) - 1)
        jittered = timedelta(seconds=min(doubled, self.longest_seconds) * (0.5 + random() / 2))
        return max(jittered, min(asked, LONGEST_WAIT)) if asked is not None else jittered

    def pause_seconds(self, count: int) -> float:
        """How long to rest after so many statements."""
        return count / self.per_second if self.per_second is not None else 0.0


def retry_after(header: str | None, date: str | None) -> timedelta | None:
    """How long a response asks to be left alone.

    Args:
        header: its `Retry-After`: seconds, or an HTTP date.
        date: its `Date`, from which the other is counted: a server's clock may differ from ours.

    Returns:
        None if it does not ask, or not in words that can be understood.
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=min(int(text[:12]), 10**9)), LONGEST_WAIT)
    until, now = _http_date(text), _http_date(date)
    if until is None or now is None:
        return None
    return min(max(until - now, timedelta(0)), LONGEST_WAIT)


def _http_date(text: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text or "")
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None
