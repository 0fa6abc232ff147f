"""Whether the statement that an LRS holds is the one that we sent."""

from collections.abc import Mapping
from typing import Any

from reinforce.statements.comparison import differences


def difference(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> str | None:
    """Where two statements differ in what is immutable, in words; None: they are the same.

    What an LRS shows may break any rule, and is then another statement.
    """
    try:
        places = differences(ours, theirs)
    except (LookupError, TypeError, ValueError, AttributeError):
        return "it is no valid statement"
    return f"they differ in {', '.join(places[:5])}" if places else None
