"""What the embedded LRS does with statements that it is sent, within the transaction that stores them."""

from collections.abc import Callable, Collection
from datetime import timedelta

from reinforce.intake.taking import Intake, arrivals, take
from reinforce.model.checks import from_micros
from reinforce.model.rating_policy import RatingPolicy
from reinforce.moments import FUTURE_TOLERANCE
from reinforce.publishing.publisher import publisher
from reinforce.statements.settings import XapiSettings
from reinforce.statements.voiding import voids
from reinforce.store.driver import Driver
from reinforce.store.event_rows import Writing
from reinforce.store.parameters import present_of
from reinforce.store.statement_mappings import present_mappings
from reinforce.store.statements import NewStatement, StatementLog
from reinforce.store.tenants import key_of_tenant

Received = Callable[[Driver, int, Collection[NewStatement]], None]


def practice_of(
    policy: RatingPolicy | None = None,
    *,
    xapi: XapiSettings | None = None,
    future_tolerance: timedelta = FUTURE_TOLERANCE,
) -> Received:
    """A function that makes practice of new statements, by the mappings of the tenant that they are for.

    Statements that say nothing that can be recorded stay in the log, and are in `reinforce statements unmatched`.

    Args:
        policy: makes ratings of outcomes.
        xapi: that what follows of the practice is told, and in whose name; None: it is not told.
        future_tolerance: how far ahead of its storing a statement's moment may lie.
    """
    makes_ratings = policy or RatingPolicy()

    def received(driver: Driver, tenant_id: int, new: Collection[NewStatement]) -> None:
        mappings = present_mappings(driver, tenant_id)
        if not mappings and not any(voids(one.received.data) for one in new):
            return
        stored = StatementLog(driver, tenant_id).by_ids([one.id for one in new])
        now = max(one.stored_at for one in stored)
        latest = from_micros(now) + future_tolerance
        writing = Writing(tenant_id, *present_of(driver, tenant_id), makes_ratings, now, latest)
        tenant = (tenant_id, key_of_tenant(driver, tenant_id))
        take(driver, Intake(writing, mappings, publisher(driver, tenant, xapi, lambda: now)), arrivals(stored, new))

    return received
