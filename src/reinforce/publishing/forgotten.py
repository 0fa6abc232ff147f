"""From the memories of many people to the facts that some of them have fallen below what is to be kept."""

from collections.abc import Iterator, Mapping
from datetime import datetime

import numpy as np

from reinforce.forgetting.parameters import ALGORITHM
from reinforce.model.people import Learner
from reinforce.model.skills import Skill
from reinforce.statements.facts import RetentionDropped
from reinforce.statements.identity import dropped_ids
from reinforce.store.driver import Driver, is_pair
from reinforce.store.folding import read_memories
from reinforce.store.generation import present_sight
from reinforce.store.ids import occurred_at
from reinforce.store.own_statements import known_ids
from reinforce.store.pair_rows import Pair
from reinforce.store.planning import Definitions, LearnerRows
from reinforce.store.reading import memory_state, recalls


def facts_of_drops(
    driver: Driver, tenant: tuple[int, str], known: Definitions, rows: LearnerRows, day: int, at: datetime
) -> Iterator[RetentionDropped]:
    """Which memories are below their desired retention on a day, of those that were not told of yet.

    Each state of a memory is told once: whether it was stands in the statement log, by an id that is derived from it.

    Args:
        driver: of the transaction that tells them.
        tenant: number and key.
        known: the definitions that the rows refer to.
        rows: some learners with their memories, as they were read to plan the day; they are read again if it matters.
        day: of the learners, in days since 1970-01-01.
        at: the moment that the facts bear.
    """
    number, key = tenant
    below = _below(known, rows)
    untold = _untold(driver, number, key, below)
    if not untold:
        return
    memories = read_memories(driver, untold)
    sight = present_sight(driver, number, {row.learner_id for row in memories})
    for row, left in zip(memories, recalls(known.forgetting, sight, memories, day), strict=True):
        learner, skill = below[row[:2]]
        if left < skill.desired_retention:
            yield RetentionDropped(at, learner, skill, memory_state(row, ALGORITHM), left, skill.desired_retention)


def _below(known: Definitions, rows: LearnerRows) -> dict[Pair, tuple[Learner, Skill]]:
    """The pairs that may be below what is to be kept, by learner."""
    memory = rows.memory
    if not len(memory.learner):
        return {}
    aim = np.array([skill.desired_retention for skill in known.skills])[memory.skill]
    places = np.flatnonzero(memory.recall < aim)
    skill_ids = known.skill_ids.tolist()
    pairs = zip(memory.learner[places].tolist(), memory.skill[places].tolist(), strict=True)
    return {
        (rows.ids[learner], skill_ids[skill]): (rows.learners[learner], known.skills[skill]) for learner, skill in pairs
    }


def _untold(driver: Driver, tenant_id: int, tenant: str, below: Mapping[Pair, tuple[Learner, Skill]]) -> list[Pair]:
    """Those of which the log does not say that they fell; most were told of on an earlier night."""
    if not below:
        return []
    found = driver.for_each("bigint", "memory", is_pair("x.learner_id", "x.skill_id"))
    rows = driver.rows(f"SELECT x.learner_id, x.skill_id, x.last_event {found}", driver.pairs(below))
    named = ((*below[row[:2]], row[2]) for row in rows)
    ids = dropped_ids(tenant, ((learner.key, skill.key, occurred_at(event)) for learner, skill, event in named))
    told = known_ids(driver, tenant_id, ids)
    return [row[:2] for row, number in zip(rows, ids, strict=True) if number not in told]
