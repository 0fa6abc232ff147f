"""From the memories of many people to the facts that some of them have fallen below what is to be kept."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from attrs import frozen

from reinforce.forgetting.parameters import ALGORITHM
from reinforce.model.people import Learner
from reinforce.model.skills import Skill
from reinforce.statements.facts import RetentionDropped
from reinforce.statements.identity import dropped_key, statement_id
from reinforce.statements.told import Told
from reinforce.store.driver import Driver
from reinforce.store.folding import read_memories
from reinforce.store.generation import present_sight, recall
from reinforce.store.ids import occurred_at
from reinforce.store.many_pairs import states_of
from reinforce.store.own_statements import known_ids
from reinforce.store.pair_rows import MemoryRow, Pair
from reinforce.store.planning import Definitions, LearnerRows
from reinforce.store.reading import memory_state


@frozen(eq=False)
class Below:
    """A learner's skill that may have fallen below its desired retention."""

    learner: Learner
    skill: Skill


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
    if not below:
        return
    memories = read_memories(driver, below)
    untold = _untold(driver, number, key, [(below[row[:2]], row) for row in memories])
    for (one, row), left in zip(untold, _recall(driver, number, known, [row for _, row in untold], day), strict=True):
        if left < one.skill.desired_retention:
            state = memory_state(row, ALGORITHM)
            yield RetentionDropped(at, one.learner, one.skill, state, left, one.skill.desired_retention)


def _below(known: Definitions, rows: LearnerRows) -> dict[Pair, Below]:
    memory = rows.memory
    if not len(memory.learner):
        return {}
    aim = np.array([skill.desired_retention for skill in known.skills])[memory.skill]
    places = np.flatnonzero(memory.recall < aim)
    skill_ids = known.skill_ids.tolist()
    pairs: Sequence[Any] = list(zip(memory.learner[places].tolist(), memory.skill[places].tolist(), strict=True))
    return {
        (rows.ids[learner], skill_ids[skill]): Below(rows.learners[learner], known.skills[skill])
        for learner, skill in pairs
    }


def _untold(
    driver: Driver, tenant_id: int, tenant: str, found: Sequence[tuple[Below, MemoryRow]]
) -> list[tuple[Below, MemoryRow]]:
    ids = [
        statement_id(Told(dropped_key(one.learner.key, one.skill.key, occurred_at(row.last_event))), tenant).bytes
        for one, row in found
    ]
    known = known_ids(driver, tenant_id, ids)
    return [each for each, number in zip(found, ids, strict=True) if number not in known]


def _recall(driver: Driver, tenant_id: int, known: Definitions, rows: Sequence[MemoryRow], day: int) -> Sequence[float]:
    if not rows:
        return ()
    looking = present_sight(driver, tenant_id, {row.learner_id for row in rows})
    elapsed = day - np.array([row.last_day for row in rows], dtype=np.float64)
    left = recall(known.forgetting, looking, ([row[:2] for row in rows], states_of(rows)), elapsed)
    return left.tolist()  # type: ignore[no-any-return]
