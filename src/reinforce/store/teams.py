"""Who is in a team, and in the teams in it."""

from reinforce.errors import UnknownTeam
from reinforce.model.people import Learner
from reinforce.store.documents import value_of
from reinforce.store.driver import Driver

INSIDE = (
    "inside AS (SELECT c.id, c.tenant_id, c.key FROM {tenant} t JOIN {team} c ON c.tenant_id = t.id"
    " WHERE t.key = ? AND c.key = ?"
    " UNION SELECT c.id, c.tenant_id, c.key FROM inside i JOIN {team} c ON c.tenant_id = i.tenant_id"
    " AND c.parent = i.key)"
)
"""Of a WITH RECURSIVE: a team, by the keys of its tenant and its own, and all teams in it."""


def members(driver: Driver, tenant: str, team: str) -> list[Learner]:
    """The learners of a team and of all teams in it, by key.

    Raises:
        UnknownTeam: there is no such team.
    """
    rows = driver.rows(
        f"WITH RECURSIVE {INSIDE} SELECT DISTINCT l.document FROM inside i"
        " LEFT JOIN {team_member} b ON b.team_id = i.id"
        " LEFT JOIN {learner} l ON l.id = b.learner_id AND l.erased_at IS NULL",
        *(tenant, team),
    )
    if not rows:
        raise UnknownTeam(f"there is no team {team!r}")
    return sorted((value_of(text, Learner) for (text,) in rows if text is not None), key=lambda one: one.key)
