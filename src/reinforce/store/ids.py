"""Ids of events: 16 bytes that sort by time and are the same wherever the event is recorded."""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b

from reinforce.model.checks import from_micros, to_micros

_SIGN = 1 << 63


def event_id(occurred_at: datetime, source: str, external_id: str, revision: int) -> bytes:
    """Eight bytes of when it occurred, in microseconds, and eight that tell its source's id of it.

    Made of the event alone and not of its arrival, so it orders events that occurred at the same moment in
    the same way in every database.
    """
    digest = _begun(source).copy()
    digest.update(f"{external_id}\0{revision}".encode())
    return (to_micros(occurred_at) + _SIGN).to_bytes(8, "big") + digest.digest()


def first_ids(moments: Iterable[int], outside: Collection[tuple[str, str]]) -> list[bytes]:
    """What `event_id` gives of many events, of each its first revision; without a call for each, in half of the time.

    Args:
        moments: when each occurred, in microseconds since 1970-01-01T00:00Z.
        outside: source and external id of each.
    """
    begun = {source: _begun(source).copy for source in {source for source, _ in outside}}
    ids = []
    for micros, (source, external_id) in zip(moments, outside, strict=True):
        digest = begun[source]()
        digest.update(f"{external_id}\0000".encode())
        ids.append((micros + _SIGN).to_bytes(8, "big") + digest.digest())
    return ids


@lru_cache(maxsize=256)
def _begun(source: str) -> blake2b:
    """The digest as far as all events of a source share it, which is more than half of the work."""
    return blake2b(f"{source}\0".encode(), digest_size=8)


def occurred_at(event_id: bytes) -> datetime:
    """When the event of that id occurred."""
    return from_micros(micros_of(event_id))


def micros_of(event_id: bytes) -> int:
    """The same, in microseconds since 1970-01-01T00:00Z."""
    return int.from_bytes(event_id[:8], "big") - _SIGN
