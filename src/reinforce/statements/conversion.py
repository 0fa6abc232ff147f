"""xAPI values to plain data and back, by a cattrs converter of their own.

The plain data is what stands in a statement's JSON: names in its case, `objectType` where there can be several kinds,
what is not told left out. Data is checked against the rules of xAPI before anything is made of it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import attrs
import cattrs
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from reinforce.errors import InvalidValue
from reinforce.statements import grammar, rules
from reinforce.statements.activities import Activity, ActivityDefinition, InteractionComponent, Verb
from reinforce.statements.actors import Account, Actor, Agent, Group
from reinforce.statements.checks import Check, array, of_type, record
from reinforce.statements.contexts import (
    Attachment,
    Context,
    ContextActivities,
    ContextAgent,
    ContextGroup,
    Result,
    Score,
    StatementRef,
)
from reinforce.statements.faults import Faults
from reinforce.statements.json_bytes import check_plain
from reinforce.statements.reading import checked_data
from reinforce.statements.statement import Statement, StatementObject, StatementResult, SubStatement
from reinforce.statements.timestamps import parse_timestamp, timestamp_text
from reinforce.statements.versions import XapiVersion

T = TypeVar("T")

OBJECT_TYPES: dict[type, str] = {
    Agent: "Agent",
    Group: "Group",
    Activity: "Activity",
    StatementRef: "StatementRef",
    SubStatement: "SubStatement",
    ContextAgent: "contextAgent",
    ContextGroup: "contextGroup",
}
_BY_OBJECT_TYPE = {name: cls for cls, name in OBJECT_TYPES.items()}
_XAPI_NAMES = {"mbox_sha1sum": "mbox_sha1sum"}

_page = {
    version: record(
        rules.STATEMENT,
        {"statements": array(grammar.statements[version], rules.BATCH), "more": of_type(str, rules.CONTEXT_TEXT)},
    )
    for version in XapiVersion
}
_CHECKS: dict[type, Check | Mapping[XapiVersion, Check]] = {
    Account: grammar.account,
    Agent: grammar.agent,
    Group: grammar.group,
    Verb: grammar.verb,
    InteractionComponent: grammar.component,
    ActivityDefinition: grammar.definition,
    Activity: grammar.activity,
    Score: grammar.score,
    Result: grammar.result,
    StatementRef: grammar.statement_ref,
    SubStatement: grammar.sub_statements,
    ContextActivities: grammar.context_activities,
    ContextAgent: grammar.context_agent,
    ContextGroup: grammar.context_group,
    Context: grammar.contexts,
    Attachment: grammar.attachment,
    Statement: grammar.statements,
    StatementResult: _page,
}


def xapi_name(name: str) -> str:
    """The name of an attribute as xAPI writes it.

    >>> xapi_name("context_activities"), xapi_name("mbox_sha1sum")
    ('contextActivities', 'mbox_sha1sum')
    """
    first, *others = name.split("_")
    return _XAPI_NAMES.get(name) or first + "".join(word.capitalize() for word in others)


def _make_converter() -> cattrs.Converter:
    converter = cattrs.Converter(detailed_validation=False, unstruct_collection_overrides={tuple: list})
    converter.register_unstructure_hook(datetime, timestamp_text)
    converter.register_unstructure_hook(UUID, str)
    converter.register_structure_hook(datetime, lambda text, _: parse_timestamp(text, XapiVersion.V1))
    converter.register_structure_hook(UUID, lambda text, _: UUID(text))
    converter.register_structure_hook(Actor, lambda data, _: converter.structure(data, _kind(data, Agent)))
    converter.register_structure_hook(Actor | None, _optional(converter, Actor))
    for union in (StatementObject, Activity | Agent | Group | StatementRef):
        converter.register_structure_hook(union, lambda data, _: converter.structure(data, _kind(data, Activity)))
    converter.register_structure_hook_factory(attrs.has, lambda cls: _structure_hook(cls, converter))
    converter.register_unstructure_hook_factory(attrs.has, lambda cls: _unstructure_hook(cls, converter))
    return converter


def _kind(data: Mapping[str, Any], usual: type) -> type:
    return _BY_OBJECT_TYPE[data["objectType"]] if "objectType" in data else usual


def _optional(converter: cattrs.Converter, cls: Any) -> Callable[[Any, Any], Any]:
    return lambda data, _: None if data is None else converter.structure(data, cls)


def _renames(cls: type) -> dict[str, Any]:
    return {one.name: override(rename=xapi_name(one.name)) for one in attrs.fields(cls)}


def _structure_hook(cls: type, converter: cattrs.Converter) -> Callable[[Any, Any], Any]:
    plain: Callable[[Any, Any], Any] = make_dict_structure_fn(cls, converter, **_renames(cls))
    if cls is not ContextActivities:
        return plain
    return lambda data, _: plain({kind: _as_list(activities) for kind, activities in data.items()}, cls)


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _unstructure_hook(cls: type, converter: cattrs.Converter) -> Callable[[Any], dict[str, Any]]:
    plain: Callable[[Any], dict[str, Any]] = make_dict_unstructure_fn(
        cls, converter, _cattrs_omit_if_default=True, **_renames(cls)
    )
    object_type = OBJECT_TYPES.get(cls)
    if object_type is None:
        return plain
    return lambda value: {"objectType": object_type, **plain(value)}


_converter = _make_converter()


def unstructure(value: Any) -> Any:
    """The plain data of an xAPI value.

    >>> unstructure(Agent(mbox="mailto:ada@example.com"))
    {'objectType': 'Agent', 'mbox': 'mailto:ada@example.com'}
    """
    return _converter.unstructure(value)


def structure(data: Any, cls: type[T], where: str = "$", version: XapiVersion = XapiVersion.V2) -> T:
    """The xAPI value that plain data describes.

    Args:
        data: what JSON gave.
        cls: the class of the value.
        where: what to call the data in the paths of faults.
        version: the version of xAPI whose rules count.

    Raises:
        InvalidStatement: it breaks rules; holds each with its path and section.
    """
    found = _CHECKS.get(cls)
    if found is None:
        raise InvalidValue(f"{cls.__name__} is no class of xAPI; there are {', '.join(c.__name__ for c in _CHECKS)}")
    check = found[version] if isinstance(found, Mapping) else found
    check_plain(data)
    faults = Faults(version, where)
    check(data, None, None, faults)
    faults.raise_if_any()
    return _converter.structure(data, cls)


def parse_statement(data: bytes | str | Mapping[str, Any], version: XapiVersion = XapiVersion.V2) -> Statement:
    """The statement that the data holds.

    >>> parse_statement('{"actor": {}, "verb": {"id": "http://example.com/did"}, "object": {"id": "http://a.example"}}')
    Traceback (most recent call last):
    ...
    reinforce.errors.InvalidStatement: $.actor: an Agent must have one of mbox, mbox_sha1sum, openid and account \
(xAPI 2.0, 4.2.2.1)

    Raises:
        InvalidStatement: it breaks rules; holds each with its path and section.
    """
    return _converter.structure(checked_data(data, version), Statement)
