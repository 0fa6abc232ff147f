"""Several who take the same statements at once."""

import random
import threading

from intake.school import CMI5_MAPPING, NOW, incoming, passed, settle, voiding
from reinforce import Reinforcer
from reinforce.intake.readings import Fate
from reinforcer.world import log_and_memory, opened

WRITERS = 4


def test_what_several_take_at_once_counts_once(database_url: str) -> None:
    """Each in an order of its own: no statement is lost or counts twice, nobody fails, and what is voided is void."""
    statements = [passed(day=1 + number % 28, verb=("passed", "failed")[number % 4 == 0]) for number in range(48)]
    statements += [passed(day=1 + number, id=None) for number in range(12)]
    gone = statements[:6]
    batch = statements + [voiding(one["id"]) for one in gone]
    fates: list[Fate] = []
    problems: list[BaseException] = []

    def take(seed: int) -> None:
        own = batch.copy()
        random.Random(seed).shuffle(own)
        try:
            with Reinforcer(database_url) as school:
                for start in range(0, len(own), 5):
                    found = school.statements.take(incoming(*own[start : start + 5]), at=NOW)
                    fates.extend(one.fate for one in found)
        except BaseException as problem:
            problems.append(problem)
            raise

    with opened(database_url) as school, opened(database_url, "alone") as alone:
        for one in (school, alone):
            settle(one, CMI5_MAPPING)
        writers = [threading.Thread(target=take, args=(seed,)) for seed in range(WRITERS)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        alone.statements.take(incoming(*statements[6:]), at=NOW)
        with school._store.database.read() as connection:
            mine, theirs = log_and_memory(connection, "default"), log_and_memory(connection, "alone")

        assert problems == []
        assert fates.count(Fate.RECORDED) >= 54
        assert mine["memory"] == theirs["memory"]
        assert mine["review"] == theirs["review"]
        assert school.replay(write=False).changed == 0
