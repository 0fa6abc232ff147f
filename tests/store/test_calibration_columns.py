"""What calibration needs of tables that are older than it."""

import pytest

from reinforce import Reinforcer
from reinforce.store import upgrade
from reinforce.store.database import Database
from reinforcer.world import engine_of, is_truth, opened, practice, settle


@pytest.fixture
def grown(database_url: str) -> str:
    """A database of the revision before, with practice in it."""
    with opened(database_url) as reinforcer:
        settle(reinforcer)
        reinforcer.record_many(
            [
                *(practice("ann", "price", rating, days=days) for rating, days in ((3, 0), (1, 0.1), (4, 9), (1, 30))),
                *(practice("bo", "deal", 3, days=days) for days in (2, 3)),
            ]
        )
    database = Database(database_url)
    upgrade.downgrade(database, "0006")
    upgrade.upgrade(database)
    database.close()
    return database_url


def test_memories_are_counted_again(grown: str) -> None:
    """After an upgrade each memory says how many passes and days of practice it is made of."""
    with engine_of(grown) as engine, engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT reviews, passes, practice_days, generation FROM reinforce_memory ORDER BY learner_id, skill_id"
        )
        found = sorted(tuple(row) for row in rows)

    assert (4, 2, 3, 1) in found
    assert (2, 2, 2, 1) in found


def test_what_was_counted_is_what_a_replay_gives(grown: str) -> None:
    """A log that was upgraded is still the truth of its memories, to the last bit."""
    with Reinforcer(grown) as reinforcer:
        is_truth(reinforcer)
