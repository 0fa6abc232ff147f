"""Mappings as people write them down, in TOML: a ready one with its skills, or rules of their own."""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import evolve

from reinforce.errors import InvalidFile, InvalidValue
from reinforce.model.conversion import structure
from reinforce.statements import ready_mappings
from reinforce.statements.mapping import StatementMapping

READY: Mapping[str, tuple[Callable[..., StatementMapping], tuple[str, ...]]] = {
    "cmi5": (ready_mappings.cmi5, ("move_on", "mastery_score")),
    "h5p": (ready_mappings.h5p, ()),
    "scorm": (ready_mappings.scorm, ()),
    "moodle": (ready_mappings.moodle, ("per",)),
    "open-edx": (ready_mappings.open_edx, ()),
}
"""The ready mappings by name, each with what may be said of it alone."""

_ANY_READY = ("name", "takes_addresses", "creates_learners", "time_zone")


def read_mapping(path: Path) -> StatementMapping:
    """The mapping that a TOML file holds.

    Raises:
        InvalidFile: it cannot be read, or makes no sense; names what would be right.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise InvalidFile(f"{path}: cannot be read: {problem.strerror or problem}") from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise InvalidFile(f"{path}: is no TOML in UTF-8: {problem}") from problem
    try:
        return mapping_of(data)
    except InvalidValue as problem:
        raise InvalidFile(f"{path}: {problem}") from problem


def mapping_of(data: Mapping[str, Any]) -> StatementMapping:
    """The mapping that plain data describe: `ready` names one of ours, else the fields are those of a mapping.

    >>> mapping_of({"ready": "cmi5", "skills": {"https://lms.example/units/price*": "pricing"}}).name
    'cmi5'

    Raises:
        InvalidValue: they describe none.
    """
    if "ready" not in data:
        return structure(data, StatementMapping, "the mapping")
    name = data["ready"]
    if name not in tuple(READY):
        raise InvalidValue(f"ready must be one of {', '.join(READY)}, not {name!r}; or write rules of your own")
    make, own = READY[name]
    _require_known(data, ("ready", *own, "skills", "home_pages", *_ANY_READY), name)
    special = {field: data[field] for field in own if field in data}
    plain = {field: data[field] for field in data if field not in (*own, "ready")}
    told = structure({"name": name, "rules": (), **plain}, StatementMapping, f"the mapping {name}")
    made = make(told.skills, home_pages=told.home_pages, **special)
    return evolve(made, **{field: getattr(told, field) for field in _ANY_READY if field in data})


def _require_known(data: Mapping[str, Any], known: tuple[str, ...], name: str) -> None:
    unknown = ", ".join(repr(field) for field in sorted(data.keys() - set(known)))
    if unknown:
        raise InvalidValue(f"the ready mapping {name} has no field {unknown}; it has {', '.join(known)}")
