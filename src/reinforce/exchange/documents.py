"""TOML and YAML files to plain data."""

import tomllib
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

from reinforce.errors import InvalidFile, MissingExtra


def read_document(path: Path) -> dict[str, Any]:
    """The plain data of a TOML or YAML file.

    Raises:
        InvalidFile: it cannot be read, or is not what its name's ending says; names line and column.
        MissingExtra: it is YAML, and PyYAML is not installed.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise InvalidFile(f"{path}: cannot be read: {problem.strerror or problem}") from problem
    except UnicodeDecodeError as problem:
        raise InvalidFile(
            f"{path}: byte 0x{problem.object[problem.start]:02x} at offset {problem.start} is no UTF-8; "
            "save the file as UTF-8"
        ) from problem
    data = _PARSERS[path.suffix.lower()](text, path)
    if not isinstance(data, dict):
        raise InvalidFile(f"{path}: it must hold tables such as skills and learners, not {type(data).__name__}")
    return data


def _parse_toml(text: str, path: Path) -> Any:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise InvalidFile(f"{path}: it is no TOML: {problem}") from problem


def _parse_yaml(text: str, path: Path) -> Any:
    try:
        import yaml
    except ImportError as problem:
        raise MissingExtra.named("yaml", f"{path}, as YAML,") from problem

    class StrictLoader(yaml.SafeLoader):
        """Loads plain data alone, and no key twice."""

        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
            """The mapping of a node."""
            seen: set[Any] = set()
            for key_node, _ in node.value:
                if key_node.tag == "tag:yaml.org,2002:merge":
                    continue
                key = self.construct_object(key_node, deep=True)
                if not isinstance(key, Hashable):
                    break  # the loader itself refuses it
                if key in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {key!r} comes twice in one mapping", key_node.start_mark
                    )
                seen.add(key)
            return super().construct_mapping(node, deep=deep)

    try:
        return yaml.load(text, StrictLoader)  # noqa: S506 -- StrictLoader is a SafeLoader
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark
        where = f" (at line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise InvalidFile(f"{path}: it is no YAML: {problem.problem}{where}") from problem
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        raise InvalidFile(f"{path}: it is no YAML: {problem}") from problem


_PARSERS: dict[str, Callable[[str, Path], Any]] = {".toml": _parse_toml, ".yaml": _parse_yaml, ".yml": _parse_yaml}
DOCUMENT_SUFFIXES = tuple(_PARSERS)
