"""Which statements are a learner's, and by which identifiers those name them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from attrs import frozen

from reinforce.model.people import Learner
from reinforce.statements.actors import actor_key
from reinforce.statements.identity import STATEMENT_IDS, derived_id
from reinforce.statements.persons import MAILTO, Person, person_of
from reinforce.statements.provenance import came_as_statement
from reinforce.statements.syntax import is_uuid
from reinforce.store.driver import Driver
from reinforce.store.statements import StatementLog

_OF_SKILL = ("practised", "lapsed", "mastered")
_OF_ASSIGNMENT = ("refresher-assigned", "refresher-done", "refresher-expired")


@frozen
class OwnStatements:
    """A learner's statements, as far as their practice and assignments tell.

    Attributes:
        about: those that tell of the learner, or made an event of theirs; whether the log has them or not.
        by: those of them whose actor the learner is.
    """

    about: frozenset[UUID]
    by: frozenset[UUID]


def own_statements(driver: Driver, tenant_id: int, learner_id: int) -> OwnStatements:
    """The statements that a learner's events and assignments were told by, or came from."""
    tenant = driver.rows("SELECT key FROM {tenant} WHERE id = ?", tenant_id)[0][0]
    by = {derived_id(STATEMENT_IDS, tenant, *key) for key in _told(driver, tenant_id, learner_id)}
    observed = {
        derived_id(STATEMENT_IDS, tenant, "observed", bytes(row[0]).hex())
        for row in driver.rows(
            "SELECT id FROM {practice_event} WHERE tenant_id = ? AND learner_id = ?", tenant_id, learner_id
        )
    }
    by.update(_understood(driver, tenant_id, learner_id))
    return OwnStatements(frozenset(by | observed), frozenset(by))


def _told(driver: Driver, tenant_id: int, learner_id: int) -> Iterator[tuple[str, ...]]:
    """The keys of the facts that were told of the learner as the actor."""
    for event_id, outcomes in driver.rows(
        "SELECT id, outcomes FROM {practice_event} WHERE tenant_id = ? AND learner_id = ?", tenant_id, learner_id
    ):
        for skill in json.loads(outcomes):
            yield from ((kind, bytes(event_id).hex(), skill) for kind in _OF_SKILL)
    for event_id, skill in driver.rows(
        "SELECT r.event_id, s.key FROM {review} r JOIN {skill} s ON s.id = r.skill_id"
        " WHERE r.learner_id = ? AND r.implicit = 1",
        learner_id,
    ):
        yield from ((kind, bytes(event_id).hex(), skill) for kind in _OF_SKILL)
    for (assignment_id,) in driver.rows("SELECT id FROM {assignment} WHERE learner_id = ?", learner_id):
        yield from ((kind, bytes(assignment_id).hex()) for kind in _OF_ASSIGNMENT)


def _understood(driver: Driver, tenant_id: int, learner_id: int) -> Iterator[UUID]:
    """The statements of others that became events of the learner.

    Without corrected ones: a correction may say that it was somebody else who practised.
    """
    sql = "SELECT source, external_id FROM {practice_event} WHERE tenant_id = ? AND learner_id = ? AND revision = 0"
    for source, external_id in driver.rows(sql, tenant_id, learner_id):
        if came_as_statement(source) and is_uuid(external_id):
            yield UUID(external_id)


def known_person(driver: Driver, tenant_id: int, learner: Learner, own: OwnStatements) -> Person:
    """The learner by all identifiers: of their own, and of the actors of their statements."""
    found: dict[str, Mapping[str, Any]] = {}
    for statement in StatementLog(driver, tenant_id).by_ids(sorted(own.by)):
        actor = statement.data["actor"]
        key = actor_key(actor)
        if key is not None and actor.get("objectType") != "Group":
            found[key] = actor
    agents = [one for one in found.values() if not _is_of_another(driver, tenant_id, learner.key, one)]
    return person_of(learner, agents)


def _is_of_another(driver: Driver, tenant_id: int, key: str, agent: Mapping[str, Any]) -> bool:
    """Whether another learner's key stands in an identifier."""
    name = agent["account"]["name"] if "account" in agent else agent.get("mbox", "").removeprefix(MAILTO)
    sql = "SELECT 1 FROM {learner} WHERE tenant_id = ? AND key = ? AND erased_at IS NULL"
    return name != key and bool(driver.rows(sql, tenant_id, name))
