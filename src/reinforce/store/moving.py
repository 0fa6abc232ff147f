"""Due days moved to where a new generation of the calibration puts them, some learners at a time.

How far it got is written with each part, so that whoever comes after a kill goes on there. Meanwhile nobody notices
more than that some skills are due by the generation before: `record` solves by the new one from its first moment on.

The first generation, and at times a later one, pulls dozens of skills of one person to one day. These are spread, as
after an adoption, and what is put on a later day than the generation says is a `postponement`. Each move spreads anew
what is not due yet, so that no day is ever moved to later. Where calibration is turned off due days are FSRS's own to
the day, and nothing is put off.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from reinforce.forgetting.curve import Ints
from reinforce.forgetting.states import States
from reinforce.model.checks import from_micros, time_zone
from reinforce.model.days import day_of
from reinforce.store import closes
from reinforce.store.database import Database
from reinforce.store.driver import Driver
from reinforce.store.folding import read_memories
from reinforce.store.generation import sight
from reinforce.store.history import known_skills, seeds_of
from reinforce.store.locks import lock_tenant
from reinforce.store.many_pairs import due_days_of_pairs
from reinforce.store.means import Means
from reinforce.store.parameters import present_of
from reinforce.store.postponing import PostponementRow, postponements, replace_postponements
from reinforce.store.spreading import spread

_STATE = ("stability", "difficulty", "last_day", "reviews", "lapses", "passes", "practice_days")
_READ = ("learner_id", "skill_id", "due_day", *_STATE)

LEARNERS_AT_ONCE = 500
"""So few that those who record wait for parts of a second."""


def move_all(database: Database, tenant_id: int, now: int) -> None:
    """Move the due days of all learners whose turn has not come yet; nothing if all have been moved.

    Args:
        database: each part takes a transaction of its own.
        tenant_id: whose.
        now: in microseconds; from then on due days are spread.
    """
    while True:
        with database.write() as connection:
            if not _move_some(Driver(connection, database.schema), tenant_id, now):
                return


def _move_some(driver: Driver, tenant_id: int, now: int) -> bool:
    """Move the due days of the next learners; False: there are none."""
    lock_tenant(driver, tenant_id)
    through = closes.standing(driver, tenant_id).moved_through
    if through is None:
        return False
    learners = driver.rows(
        "SELECT id, key, time_zone, day_starts_at FROM {learner} WHERE tenant_id = ? AND id > ? ORDER BY id LIMIT ?",
        *(tenant_id, through, LEARNERS_AT_ONCE),
    )
    if learners:
        keys = {number: key for number, key, *_ in learners}
        moment = from_micros(now)
        today = {number: day_of(moment, time_zone(zone), begins) for number, _, zone, begins in learners}
        parameters, course = present_of(driver, tenant_id)
        looking = sight(driver, tenant_id, course.stamp, keys)
        _move(driver, Means(parameters, seeds_of(keys), known_skills(driver, tenant_id), looking), today)
    reached = learners[-1][0] if len(learners) == LEARNERS_AT_ONCE else None
    driver.run("UPDATE {calibration} SET moved_through = ? WHERE tenant_id = ?", reached, tenant_id)
    return reached is not None


def _move(driver: Driver, means: Means, today: Mapping[int, int]) -> None:
    """Move the due days of everybody who has a seed; only the day is written, and only of what moves."""
    known = np.array(
        driver.rows(f"SELECT {', '.join(_READ)} FROM {{memory}} WHERE learner_id {{in}}", driver.many(means.seeds)),
        dtype=[(name, np.float64 if name in ("stability", "difficulty") else np.int64) for name in _READ],
    )
    states = States(*(known[name] for name in _STATE))
    due = due_days_of_pairs(means, states, known["learner_id"], known["skill_id"])
    moved = due if means.sight is None else _spread(driver, means, known, due, today)
    _keep_postponements(driver, means, known, due, moved)
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


def _spread(driver: Driver, means: Means, known: NDArray[np.void], due: Ints, today: Mapping[int, int]) -> Ints:
    """The due days without walls; what was put off and is due already stays due when it was."""
    now = np.array([today[learner] for learner in known["learner_id"].tolist()], dtype=np.int64)
    after = due.copy()
    put_off = postponements(driver, means.seeds)
    places = _places(known) if put_off else {}
    for row in read_memories(driver, {key[:2] for key in put_off} & places.keys()):
        until = put_off.get((*row[:2], means.parameters.id, row.last_event))
        place = places[row[:2]]
        if until is not None and due[place] < until == row.due_day <= now[place]:
            after[place] = until
    return spread(known["learner_id"], now, known["due_day"], after)


def _keep_postponements(driver: Driver, means: Means, known: NDArray[np.void], due: Ints, moved: Ints) -> None:
    """Write what is due later than the generation says, in the place of all that was put off before."""
    put_off = np.flatnonzero(moved > due)
    places = _places(known[put_off])
    rows = [
        PostponementRow(*row[:2], row.parameter_set_id, row.last_event, int(moved[put_off[places[row[:2]]]]))
        for row in read_memories(driver, places)
    ]
    replace_postponements(driver, list(means.seeds), rows)


def _places(known: NDArray[np.void]) -> dict[tuple[int, int], int]:
    pairs = zip(known["learner_id"].tolist(), known["skill_id"].tolist(), strict=True)
    return {pair: place for place, pair in enumerate(pairs)}
