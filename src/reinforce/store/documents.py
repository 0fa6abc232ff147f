"""Values as JSON documents in a column."""

import json
from typing import Any, TypeVar

from reinforce.model.conversion import structure, unstructure

T = TypeVar("T")


def document(value: Any) -> str:
    """The one JSON text that stands for a value: sorted, compact, readable in any language."""
    return json.dumps(unstructure(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def value_of(text: str, cls: type[T]) -> T:
    """The value of a document."""
    return structure(json.loads(text), cls)
