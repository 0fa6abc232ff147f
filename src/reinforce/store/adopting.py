"""What other parameters do to every memory of a tenant: worked out chunk by chunk, to be looked at or to be written."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import numpy as np
from attrs import frozen

from reinforce.forgetting.curve import Ints
from reinforce.forgetting.interval import pair_seed
from reinforce.forgetting.postponing import postponed
from reinforce.forgetting.workload import Ahead
from reinforce.model.checks import time_zone
from reinforce.model.days import day_of
from reinforce.model.memory import Replayed
from reinforce.store import folding
from reinforce.store.closes import sight_with
from reinforce.store.driver import Driver
from reinforce.store.history import chunks, histories, known_skills, memories, seeds_of
from reinforce.store.many_pairs import states_of
from reinforce.store.means import Means
from reinforce.store.pair_rows import MemoryRow
from reinforce.store.parameters import ParameterSet
from reinforce.store.postponing import PostponementRow, replace_postponements
from reinforce.store.resolving import KnownSkill


@frozen
class LearnerToday:
    """A learner whose memories change, on their calendar day.

    Attributes:
        key: the host's id.
        today: their calendar day.
    """

    key: str
    today: int


@frozen(eq=False)
class Changed:
    """Some learners' memories before and after, row by row of the same pairs.

    Attributes:
        people: by number.
        before: as stored; None: it was not.
        after: with the new parameters.
        due: the days on which `after` is due once the wall is spread.
        gone: stored memories that the log does not give.
        reviews: how many were folded.
    """

    people: Mapping[int, LearnerToday]
    before: Sequence[MemoryRow | None]
    after: Sequence[MemoryRow]
    due: Sequence[int]
    gone: Sequence[MemoryRow]
    reviews: int


def changes(driver: Driver, tenant_id: int, parameters: ParameterSet, at: datetime) -> Iterator[Changed]:
    """What parameters make of the log, beside the memories that are stored; nothing is written.

    Args:
        driver: within a transaction.
        tenant_id: whose.
        parameters: the new ones.
        at: the moment from which due days are spread.
    """
    people = {
        number: LearnerToday(key, day_of(at, time_zone(zone), day_starts_at))
        for number, key, zone, day_starts_at in driver.rows(
            "SELECT id, key, time_zone, day_starts_at FROM {learner} WHERE tenant_id = ? AND erased_at IS NULL",
            tenant_id,
        )
    }
    skills = known_skills(driver, tenant_id)
    seeds = seeds_of({number: one.key for number, one in people.items()})
    means = Means(parameters, seeds, skills, sight_with(driver, tenant_id, parameters.forgetting))
    for numbers in chunks(sorted(people)):
        by_pair = histories(driver, numbers, set(skills))
        stored = memories(driver, numbers, set(skills))
        after = sorted(folding.fold(means, by_pair, {}))
        before = [stored.pop(row[:2], None) for row in after]
        yield Changed(
            people={number: people[number] for number in numbers},
            before=before,
            after=after,
            due=_spread(people, before, after),
            gone=list(stored.values()),
            reviews=sum(map(len, by_pair.values())),
        )


def _spread(
    people: Mapping[int, LearnerToday], before: Sequence[MemoryRow | None], after: Sequence[MemoryRow]
) -> list[int]:
    """The due days of rows that are sorted by learner, so that nobody stands before a wall."""
    learners = np.array([row.learner_id for row in after], dtype=np.int64)
    begins = np.flatnonzero(np.diff(learners, prepend=-1)).tolist()
    new = [row.due_day for row in after]
    old = [day if row is None else row.due_day for row, day in zip(before, new, strict=True)]
    due: list[int] = []
    for begin, end in zip(begins, [*begins[1:], len(after)], strict=True):
        due += postponed(people[after[begin].learner_id].today, old[begin:end], new[begin:end])
    return due


def write_changes(driver: Driver, tenant_id: int, parameters: ParameterSet, at: datetime) -> Replayed:
    """Put what the tenant's present parameters make of the log in the place of its memories, with the wall spread.

    Args:
        driver: within the transaction, after the tenant was locked.
        tenant_id: whose.
        parameters: the present ones.
        at: the moment from which due days are spread.
    """
    pairs = changed = removed = reviews = 0
    for each in changes(driver, tenant_id, parameters, at):
        rows = [row._replace(due_day=day) for row, day in zip(each.after, each.due, strict=True)]
        differing = [row for row, stored in zip(rows, each.before, strict=True) if row != stored]
        folding.write(driver, differing)
        folding.forget(driver, [row[:2] for row in each.gone])
        replace_postponements(driver, list(each.people), _postponements(each))
        pairs += len(rows)
        changed += len(differing)
        removed += len(each.gone)
        reviews += each.reviews
    return Replayed(pairs, changed, removed, reviews, written=True)


def _postponements(each: Changed) -> list[PostponementRow]:
    return [
        PostponementRow(row.learner_id, row.skill_id, row.parameter_set_id, row.last_event, day)
        for row, day in zip(each.after, each.due, strict=True)
        if day > row.due_day
    ]


def ahead(
    people: Mapping[int, LearnerToday], skills: Mapping[int, KnownSkill], rows: Sequence[MemoryRow], due: Sequence[int]
) -> Ahead:
    """Memory rows as what the weeks to come are counted from."""
    seeds = seeds_of({number: one.key for number, one in people.items()})
    today: Ints = np.array([people[row.learner_id].today for row in rows], dtype=np.int64)
    return Ahead(
        states=states_of(rows),
        due_day=np.array(due, dtype=np.int64),
        desired_retention=np.array([skills[row.skill_id].desired_retention for row in rows], dtype=np.float64),
        seeds=np.array([pair_seed(seeds[row.learner_id], skills[row.skill_id].seed) for row in rows], dtype=np.uint64),
        today=today,
    )
