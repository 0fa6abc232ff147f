"""The present moment of a call: the one that it is given, or the clock's."""

from datetime import UTC, datetime, timedelta

from reinforce.errors import InvalidValue
from reinforce.model.checks import EARLIEST_YEAR, LATEST_YEAR, require_aware, to_micros

FUTURE_TOLERANCE = timedelta(minutes=5)
"""How far ahead of the present moment an event may lie, for clocks that differ, unless somebody says otherwise."""


def present(at: datetime | None) -> datetime:
    """The moment `at` in UTC; None: now."""
    if at is None:
        return datetime.now(UTC)
    if not EARLIEST_YEAR <= require_aware(at, "at").year <= LATEST_YEAR:
        raise InvalidValue(f"at must lie in the years {EARLIEST_YEAR} to {LATEST_YEAR}, not at {at.isoformat()}")
    return at.astimezone(UTC)


def present_micros(at: datetime | None) -> int:
    """The same, in microseconds since 1970-01-01."""
    return to_micros(present(at))
