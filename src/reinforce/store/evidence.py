"""All that there is to say why a skill is due, in one query."""

from collections.abc import Sequence
from datetime import datetime

from attrs import frozen

from reinforce.model.checks import time_zone
from reinforce.model.days import day_of
from reinforce.store.course import JOIN_CALIBRATION
from reinforce.store.driver import Driver, Row
from reinforce.store.folding import MEMORY_COLUMNS
from reinforce.store.generation import JOIN_OFFSET, Sight, sight_of
from reinforce.store.logged import LOGGED_COLUMNS, LOGGED_JOINS, LoggedRow
from reinforce.store.pair_rows import MemoryRow
from reinforce.store.parameters import ParameterSet, parameter_set
from reinforce.store.reading import JOIN_PAIR, require_pair


@frozen(eq=False)
class Evidence:
    """All that there is to say why a skill is due.

    Attributes:
        today: the learner's calendar day of the moment that was asked for.
        memory: None: never practised.
        parameters: that the memory is made with, or would be.
        sight: what due days are solved with at present; None: they are FSRS's own.
        logged: the last events, newest first, each with its day, rating, weight, and whether it was implicit.
    """

    learner_id: int
    skill_id: int
    title: str
    desired_retention: float
    today: int
    memory: MemoryRow | None
    parameters: ParameterSet
    sight: Sight | None
    logged: Sequence[tuple[LoggedRow, Row]]

    @property
    def pair(self) -> tuple[int, int]:
        """The numbers of the learner and the skill."""
        return self.learner_id, self.skill_id


_PAIR = (
    "SELECT l.id AS of_learner, s.id AS of_skill, t.id AS of_tenant, k.stamp, o.value, l.time_zone, l.day_starts_at,"
    f" s.title, s.desired_retention, p.id AS of_set, p.algorithm, p.document, {MEMORY_COLUMNS}"
    f" FROM {{tenant}} t{JOIN_PAIR}{JOIN_CALIBRATION}{JOIN_OFFSET}"
    " LEFT JOIN {parameter_set} p ON p.id = COALESCE(m.parameter_set_id, t.parameter_set_id) WHERE t.key = ?"
)
_LOGGED = (
    f"SELECT r.day, r.rating, r.weight, r.implicit, {LOGGED_COLUMNS}"
    " FROM {review} r JOIN {practice_event} e ON e.tenant_id = (SELECT of_tenant FROM pair) AND e.id = r.event_id"
    f"{LOGGED_JOINS} WHERE r.learner_id = (SELECT of_learner FROM pair) AND r.skill_id = (SELECT of_skill FROM pair)"
    " ORDER BY r.event_id DESC LIMIT ?"
)

_EFFECT = 12 + len(MemoryRow._fields)
_EVENT = _EFFECT + 4
"""Where the columns of a review and of its event begin."""


def evidence(driver: Driver, tenant: str, learner: str, skill: str, at: datetime, last: int) -> Evidence:
    """Memory, parameters and the last events of a pair.

    Raises:
        UnknownLearner, UnknownSkill: the tenant has none of that key.
    """
    rows = driver.rows(
        f"WITH pair AS ({_PAIR}) SELECT * FROM pair LEFT JOIN ({_LOGGED}) logged ON 1 = 1",
        *(learner, skill, tenant, last),
    )
    require_pair(rows, learner, skill)
    learner_id, skill_id, tenant_id, stamp, offset, zone, day_starts_at, title, retention, *more = rows[0][:12]
    memory = MemoryRow._make(rows[0][12:_EFFECT])
    logged = [(LoggedRow._make(row[_EVENT:]), row[_EFFECT:_EVENT]) for row in rows if row[_EVENT] is not None]
    return Evidence(
        learner_id,
        skill_id,
        title,
        retention,
        day_of(at, time_zone(zone), day_starts_at),
        None if memory.learner_id is None else memory,
        parameter_set(*more),
        sight_of(driver, tenant_id, stamp, [(learner_id, offset)]),
        sorted(logged, key=lambda one: one[0].id, reverse=True),
    )
