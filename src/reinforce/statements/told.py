"""Facts of which only the unique key is known: what was told of them is in the log."""

from collections.abc import Iterable

from attrs import frozen


@frozen
class Told:
    """A fact that was told.

    Attributes:
        key: its kind and unique key, see `identity.key_of`.
    """

    key: tuple[str, ...]


def told_of_practice(event_id: str, skills: Iterable[str]) -> list[Told]:
    """All that can have been told of a practice event.

    Args:
        event_id: 32 hex digits.
        skills: keys of those whose memory it concerned.
    """
    by_skill = [Told((kind, event_id, skill)) for skill in skills for kind in ("practised", "lapsed", "mastered")]
    return [*by_skill, Told(("observed", event_id))]
