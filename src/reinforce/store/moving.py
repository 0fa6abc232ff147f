"""Due days moved to where a new generation of the calibration puts them, some learners at a time.

How far it got is written with each part, so that whoever comes after a kill goes on there. Meanwhile nobody notices
more than that some skills are due by the generation before: `record` solves by the new one from its first moment on.
"""

from reinforce.store import closes
from reinforce.store.database import Database
from reinforce.store.driver import Driver
from reinforce.store.folding import Folder
from reinforce.store.generation import sight
from reinforce.store.history import known_skills, memories, seeds_of
from reinforce.store.locks import lock_tenant
from reinforce.store.parameters import present_of

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
        skills = known_skills(driver, tenant_id)
        folder = Folder(
            driver, parameters, seeds_of(learners), skills, sight(driver, tenant_id, course.stamp, learners)
        )
        rows = list(memories(driver, list(learners), set(skills)).values())
        folder.write([new for new, old in zip(folder.with_due_days(rows), rows, strict=True) if new != old])
    reached = max(learners) if len(learners) == LEARNERS_AT_ONCE else None
    driver.run("UPDATE {calibration} SET moved_through = ? WHERE tenant_id = ?", reached, tenant_id)
    return reached is not None
