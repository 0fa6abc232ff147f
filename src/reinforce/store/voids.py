"""That an event does not count any more, and what it did while it did.

The reviews of a voided event leave the log, so that nobody counts them by mistake. What calibration had learned of
them it has learned, and a replay of it must learn the same: so they are kept beside the void.
"""

import json
from collections.abc import Sequence

from reinforce.store.pair_rows import ReviewRow

VOID_COLUMNS = ("event_id", "tenant_id", "voided_at", "reason", "generation", "reviews")
"""`generation` is the first close of the tenant's calibration that no longer knows the event."""
VoidColumns = tuple[int, str, int, str]
"""The columns after those that name the event."""


def kept_reviews(reviews: Sequence[ReviewRow]) -> str:
    """The column that keeps the reviews that a voided event had."""
    kept = [[row.skill_id, row.day, row.rating, row.weight, row.implicit, row.generation] for row in reviews]
    return json.dumps(kept, separators=(",", ":"))


def voided_reviews(learner_id: int, event_id: bytes, text: str) -> list[ReviewRow]:
    """The reviews that a voided event had, from its column."""
    return [ReviewRow(learner_id, skill_id, event_id, *rest) for skill_id, *rest in json.loads(text)]
