"""What the LRS knows of activities and agents, gathered from the newest statements that name them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reinforce.statements.formats import merged_definition
from reinforce.store.credentials import Scope
from reinforce.store.statement_terms import Filter, agent_identifier
from reinforce.store.statements import StatementLog
from reinforce_adapters.lrs_server.call import Call
from reinforce_adapters.lrs_server.exchange import Answer, json_answer
from reinforce_adapters.lrs_server.parameters import Parameters

_NEWEST = 20
"""So many statements that name an activity or an agent are looked at."""

Data = Mapping[str, Any]


def get_activity(call: Call) -> Answer:
    """The activity with all that is known of it."""
    call.require(Scope.STATEMENTS_READ, Scope.STATEMENTS_READ_MINE, Scope.PROFILE, Scope.STATE)
    parameters = Parameters(call.request.parameters, "activityId")
    activity_id = parameters.required("activityId", parameters.iri)
    with call.lrs.read() as driver:
        definition = _definition(call.log(driver), activity_id)
    known = {"objectType": "Activity", "id": activity_id}
    return json_answer({**known, "definition": definition} if definition else known)


def get_person(call: Call) -> Answer:
    """The Person object of an agent: what is known under its identifier."""
    call.require(Scope.STATEMENTS_READ, Scope.STATEMENTS_READ_MINE, Scope.PROFILE, Scope.STATE)
    parameters = Parameters(call.request.parameters, "agent")
    agent = parameters.required("agent", parameters.agent)
    person: dict[str, Any] = {"objectType": "Person"}
    names = [agent["name"]] if "name" in agent else []
    with call.lrs.read() as driver:
        for name in _names(call.log(driver), agent):
            if name not in names:
                names.append(name)
    if names:
        person["name"] = names
    for identifier in ("mbox", "mbox_sha1sum", "openid", "account"):
        if identifier in agent:
            person[identifier] = [agent[identifier]]
    return json_answer(person)


def definitions_of(log: StatementLog, statements: Sequence[Data]) -> dict[str, Data]:
    """The definition of each activity that the statements name as their objects, where one is known."""
    ids = {one["object"]["id"] for one in statements if one["object"].get("objectType", "Activity") == "Activity"}
    found = {one: _definition(log, one) for one in ids}
    return {one: definition for one, definition in found.items() if definition}


def _definition(log: StatementLog, activity_id: str) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    newest = log.find(Filter(activity=activity_id, related_activities=True), _NEWEST)
    for statement in reversed(newest):
        for activity in _activities(statement.data):
            if activity["id"] == activity_id and "definition" in activity:
                merged = merged_definition(merged, activity["definition"])
    return merged


def _activities(statement: Data) -> Iterator[Data]:
    thing = statement["object"]
    if thing.get("objectType", "Activity") == "Activity":
        yield thing
    elif thing["objectType"] == "SubStatement":
        yield from _activities(thing)
    for activities in statement.get("context", {}).get("contextActivities", {}).values():
        yield from activities if isinstance(activities, list) else [activities]


def _names(log: StatementLog, agent: Data) -> Iterator[str]:
    wanted = agent_identifier(agent)
    for statement in log.find(Filter(agent=agent), _NEWEST):
        data = statement.data
        for one in (data["actor"], *data["actor"].get("member", ()), data["object"]):
            if isinstance(one.get("name"), str) and agent_identifier(one) == wanted:
                yield one["name"]
