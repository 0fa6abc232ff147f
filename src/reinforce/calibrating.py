"""The door to a tenant's calibration: let it learn, look at it, turn it off and on."""

from datetime import datetime

from attrs import evolve

from reinforce.forgetting.calibration import ENOUGH
from reinforce.forgetting.drift import Drift, drift
from reinforce.model.calibration import CalibrationClose, CalibrationState
from reinforce.model.checks import from_micros
from reinforce.moments import present_micros
from reinforce.store import closes, moving
from reinforce.store.database import Database
from reinforce.store.driver import Driver
from reinforce.store.generation import calibration_in
from reinforce.store.locks import lock_tenant
from reinforce.store.parameters import present_of
from reinforce.store.session import NO_TENANT, Store


class CalibrationDoor:
    """The calibration of one tenant; reached by `Reinforcer.calibration`.

    A moment `at` is the present one unless it is given.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def learn(self, *, at: datetime | None = None) -> CalibrationState:
        """Learn from all that was recorded since the last time, and move due days accordingly.

        The nightly run does that too. Where nothing was recorded nothing is changed; a run that was cut off is ended.
        """
        with self._store.write(present_micros(at)) as session:
            tenant_id = session.tenant_id
        learn(self._store.database, tenant_id, present_micros(at))
        return self.state()

    def state(self) -> CalibrationState:
        """Where it stands."""
        with self._store.read() as session:
            stands = closes.standing(session.driver, session.tenant_id)
        learned = calibration_in(stands.document)
        return CalibrationState(
            is_on=stands.is_on,
            is_used=stands.stamp is not None,
            closes=stands.number,
            scored=learned.scored,
            enough=ENOUGH,
            trust=learned.trust,
            is_moving=stands.moved_through is not None,
        )

    def closes(self) -> list[CalibrationClose]:
        """Each time that it learned, the first one first."""
        with self._store.read() as session:
            return [_told(one) for one in closes.closes(session.driver, session.tenant_id) if one.scores]

    def drift(self) -> Drift | None:
        """Whether it has become wrong and is still, `begun` being a place in `closes()`; None: too little to tell."""
        with self._store.read() as session:
            return drift([one.scores for one in closes.closes(session.driver, session.tenant_id) if one.scores])

    def turn_off(self, *, at: datetime | None = None) -> CalibrationState:
        """Solve due days by FSRS alone from now on, and learn no more; what was learned is kept."""
        return self._turn(False, at)

    def turn_on(self, *, at: datetime | None = None) -> CalibrationState:
        """Learn again, and solve due days with what was learned."""
        return self._turn(True, at)

    def _turn(self, is_on: bool, at: datetime | None) -> CalibrationState:
        now = present_micros(at)
        with self._store.write(now) as session:
            lock_tenant(session.driver, session.tenant_id)
            stands = closes.standing(session.driver, session.tenant_id)
            if stands.is_on != is_on:
                closes.keep(session.driver, session.tenant_id, closes.with_stamp(evolve(stands, is_on=is_on)))
            tenant_id = session.tenant_id
        moving.move_all(self._store.database, tenant_id, now)
        return self.state()

    def replay(self) -> bool:
        """Whether the log alone, learned again close by close, gives what was learned, to the last bit.

        It does not once a person was erased from whom was learned: their practice is gone, and what all have taught
        together stays.
        """
        with self._store.read() as session:
            again, _ = closes.relearned(session.driver, session.tenant_id, session.parameters.forgetting)
            stored = closes.closes(session.driver, session.tenant_id)[: len(again)]
            return again == stored


def learn(database: Database, tenant_id: int, now: int) -> None:
    """Close a tenant's calibration, if it is on and anything was recorded, and end what was cut off.

    Args:
        database: each step takes a transaction of its own.
        tenant_id: whose.
        now: in microseconds.
    """
    if tenant_id == NO_TENANT:
        return
    with database.write() as connection:
        driver = Driver(connection, database.schema)
        lock_tenant(driver, tenant_id)
        stands = closes.standing(driver, tenant_id)
        if stands.is_on and closes.has_practice(driver, tenant_id, stands.open_close):
            closes.seal(driver, tenant_id, now)
    while _learned_one(database, tenant_id):
        pass
    moving.move_all(database, tenant_id, now)


def _learned_one(database: Database, tenant_id: int) -> bool:
    """Learn the first sealed close that is not in force yet; False: there is none."""
    with database.read() as connection:
        driver = Driver(connection, database.schema)
        stands = closes.standing(driver, tenant_id)
        if stands.number + 1 >= stands.open_close:
            return False
        parameters, _ = present_of(driver, tenant_id)
        learned = closes.learn(driver, tenant_id, parameters.forgetting, stands)
    with database.write() as connection:
        driver = Driver(connection, database.schema)
        lock_tenant(driver, tenant_id)
        now_parameters, _ = present_of(driver, tenant_id)
        # Else somebody has adopted other parameters, or closed, while we learned: begin again.
        if (now_parameters.id, closes.standing(driver, tenant_id).document) == (parameters.id, stands.document):
            closes.put_in_force(driver, tenant_id, learned)
    return True


def _told(close: closes.Close) -> CalibrationClose:
    scores = close.scores
    count = scores.scored if scores else 0
    digest = (close.digest or b"").hex()
    if scores is None or not count:
        reviews = scores.reviews if scores else 0
        return CalibrationClose(
            close.number, from_micros(close.closed_at), reviews, 0, None, None, None, None, None, digest
        )
    return CalibrationClose(
        number=close.number,
        closed_at=from_micros(close.closed_at),
        reviews=scores.reviews,
        scored=count,
        passed=scores.passed / count,
        expected=scores.expected / count,
        log_loss=scores.loss / count,
        plain_log_loss=scores.plain_loss / count,
        noise=float(scores.variance**0.5) / count,
        digest=digest,
    )
