"""The reviews of one page of the log."""

from reinforce.store.driver import Driver
from reinforce.store.pair_rows import ReviewRow

_PRACTISED = "SELECT DISTINCT learner_id FROM {practice_event} WHERE tenant_id = ? AND id > ? AND id <= ?"
_OF_PAGE = (
    f"SELECT {', '.join(f'r.{name}' for name in ReviewRow._fields)} FROM ({_PRACTISED}) p"
    " JOIN {review} r ON r.learner_id = p.learner_id WHERE r.event_id > ? AND r.event_id <= ?"
)


def reviews_of_page(driver: Driver, tenant_id: int, after: bytes, last: bytes) -> dict[bytes, list[ReviewRow]]:
    """The reviews of each event after one and up to another, in no order.

    Reviews lie learner by learner. Each learner of the page is gone through once: asked for event by event, one who
    practised ten thousand times would be gone through ten thousand times.
    """
    found: dict[bytes, list[ReviewRow]] = {}
    for row in driver.rows(_OF_PAGE, tenant_id, after, last, after, last):
        review = ReviewRow._make(row)
        found.setdefault(review.event_id, []).append(review)
    return found
