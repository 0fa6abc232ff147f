"""Batches that are written column by column, where a column is not like the others."""

from reinforce import Outcome, PracticeEvent
from reinforce.store.recording import BATCH_FROM
from reinforcer.world import MONDAY, NOW, PEOPLE, is_truth, opened, settle


def test_a_batch_in_which_some_were_only_shown(database_url: str) -> None:
    """Exposures among ratings have no rating in the log, and leave memory to the others."""
    outcomes = [Outcome.exposure(), Outcome.rated(3), Outcome.rated(1)]
    events = [
        PracticeEvent(PEOPLE[n % 2], MONDAY, {"price": outcomes[n % 3]}, external_id=str(n)) for n in range(BATCH_FROM)
    ]
    with opened(database_url) as door:
        settle(door)
        door.record_many(events, at=NOW)
        with door._store.read() as session:
            ratings = [row[0] for row in session.driver.rows("SELECT rating FROM {review}")]
        is_truth(door)

    assert sorted(ratings, key=str) == sorted([[None, 3, 1][n % 3] for n in range(BATCH_FROM)], key=str)
