"""Due days moved to where a new generation of the calibration puts them, some learners at a time.

How far it got is written with each part, so that whoever comes after a kill goes on there. Meanwhile nobody notices
more than that some skills are due by the generation before: `record` solves by the new one from its first moment on.
"""

import numpy as np
from numpy.typing import NDArray

from reinforce.forgetting.curve import Ints
from reinforce.forgetting.states import States
from reinforce.store import closes
from reinforce.store.database import Database
from reinforce.store.driver import Driver
from reinforce.store.folding import Folder, read_memories
from reinforce.store.generation import sight
from reinforce.store.history import known_skills, seeds_of
from reinforce.store.locks import lock_tenant
from reinforce.store.many_pairs import due_days_of_pairs
from reinforce.store.means import Means
from reinforce.store.parameters import present_of
from reinforce.store.postponing import postponements

_STATE = ("stability", "difficulty", "last_day", "reviews", "lapses", "passes", "practice_days")
_READ = ("learner_id", "skill_id", "due_day", *_STATE)

LEARNERS_AT_ONCE = 500
"""So few that those who record wait for parts of a second."""


def move_all(database: Database, tenant_id: int) -> None:
    """Move the due days of all learners whose turn has not come yet; nothing if all have been moved."""
    while True:
        with database.write() as connection:
            if not _move_some(Driver(connection, database.schema), tenant_id):
                return


def _move_some(driver: Driver, tenant_id: int) -> bool:
    """Move the due days of the next learners; False: there are none."""
    lock_tenant(driver, tenant_id)
    through = closes.standing(driver, tenant_id).moved_through
    if through is None:
        return False
    learners: dict[int, str] = dict(
        driver.rows(
            "SELECT id, key FROM {learner} WHERE tenant_id = ? AND id > ? ORDER BY id LIMIT ?",
            *(tenant_id, through, LEARNERS_AT_ONCE),
        )
    )
    if learners:
        parameters, course = present_of(driver, tenant_id)
        looking = sight(driver, tenant_id, course.stamp, learners)
        _move(driver, Means(parameters, seeds_of(learners), known_skills(driver, tenant_id), looking))
    reached = max(learners) if len(learners) == LEARNERS_AT_ONCE else None
    driver.run("UPDATE {calibration} SET moved_through = ? WHERE tenant_id = ?", reached, tenant_id)
    return reached is not None


def _move(driver: Driver, means: Means) -> None:
    """Move the due days of everybody who has a seed; only the day is written, and only of what moves."""
    known = np.array(
        driver.rows(f"SELECT {', '.join(_READ)} FROM {{memory}} WHERE learner_id {{in}}", driver.many(means.seeds)),
        dtype=[(name, np.float64 if name in ("stability", "difficulty") else np.int64) for name in _READ],
    )
    states = States(*(known[name] for name in _STATE))
    due = due_days_of_pairs(means, states, known["learner_id"], known["skill_id"])
    moved = _until_postponed(driver, means, known, due)
    which = np.flatnonzero(moved != known["due_day"])
    columns = (moved[which], known["learner_id"][which], known["skill_id"][which])
    if driver.dialect == "postgresql":
        driver.run(
            "UPDATE {memory} m SET due_day = n.due"
            " FROM unnest(?::int4[], ?::int4[], ?::int4[]) AS n(due, learner, skill)"
            " WHERE m.learner_id = n.learner AND m.skill_id = n.skill",
            *(column.tolist() for column in columns),
        )
    else:
        rows = list(zip(*(column.tolist() for column in columns), strict=True))
        driver.run_many("UPDATE {memory} SET due_day = ? WHERE learner_id = ? AND skill_id = ?", rows)


def _until_postponed(driver: Driver, means: Means, known: NDArray[np.void], due: Ints) -> Ints:
    """The due days, none earlier than what the adoption of its parameters has put off; see `Folder.postponed`."""
    put_off = {key[:2] for key in postponements(driver, means.seeds)}
    if not put_off:
        return due
    pairs = zip(known["learner_id"].tolist(), known["skill_id"].tolist(), strict=True)
    places = {pair: place for place, pair in enumerate(pairs)}
    folder = Folder(driver, means.parameters, means.seeds, means.skills, means.sight)
    for row in folder.with_due_days(read_memories(driver, put_off & places.keys())):
        due[places[row[:2]]] = row.due_day
    return due
