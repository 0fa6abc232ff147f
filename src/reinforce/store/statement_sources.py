"""Where a tenant's statements are pulled from, and how far that has come."""

import json
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from reinforce.errors import InvalidValue, NotFound
from reinforce.model.checks import number, storable
from reinforce.store.driver import Driver, Row

OVERLAP_SECONDS = 300.0
LONGEST_TROUBLE = 1000

_COLUMNS = "name, document, position, pulled_at, trouble"


@frozen(kw_only=True)
class StatementSource:
    """Where statements are pulled from.

    Attributes:
        adapter: the name of the adapter that reads there.
        settings: of that place; a secret stands in it as `{"env": NAME}`, never as itself.
        overlap_seconds: so much of what was pulled before is asked for again, because not every LRS shows its
            statements in the order in which it stores them.
        position: the moment of that place's own clock up to which everything was pulled, in epoch microseconds;
            None: nothing was.
        pulled_at: when that was done last, whether or not it came to an end, in epoch microseconds.
        trouble: what stopped it last; None: nothing did.
    """

    name: str
    adapter: str
    settings: Mapping[str, Any] = field(hash=False)
    overlap_seconds: float = field(default=OVERLAP_SECONDS, validator=number(0, 30 * 86400, above=True))
    position: int | None = None
    pulled_at: int | None = None
    trouble: str | None = None

    @property
    def since(self) -> int | None:
        """The moment to ask from, in epoch microseconds; None: from the beginning."""
        return None if self.position is None else max(0, self.position - int(self.overlap_seconds * 1_000_000))


class SourceBook:
    """One tenant's sources, within a transaction."""

    def __init__(self, driver: Driver, tenant_id: int) -> None:
        self._driver = driver
        self._tenant_id = tenant_id

    def all(self) -> list[StatementSource]:
        """Every source, by name."""
        sql = f"SELECT {_COLUMNS} FROM {{statement_source}} WHERE tenant_id = ? ORDER BY name"
        return [_source(row) for row in self._driver.rows(sql, self._tenant_id)]

    def find(self, name: str) -> StatementSource:
        """The source of that name.

        Raises:
            NotFound: there is none.
        """
        sources = self.all()
        found = next((one for one in sources if one.name == name), None)
        if found is None:
            known = ", ".join(one.name for one in sources) or "none"
            raise NotFound(f"there is no source of statements {name!r}; there are: {known}")
        return found

    def add(self, source: StatementSource) -> None:
        """Add a source.

        Raises:
            InvalidValue: the name is taken.
        """
        if any(one.name == source.name for one in self.all()):
            raise InvalidValue(f"there is a source of statements {source.name!r} already: remove it first")
        told = {
            "adapter": source.adapter,
            "settings": dict(source.settings),
            "overlap_seconds": source.overlap_seconds,
        }
        self._driver.insert(
            "statement_source",
            ("tenant_id", "name", "document", "position"),
            [(self._tenant_id, source.name, json.dumps(told, ensure_ascii=False), source.position)],
        )

    def remove(self, name: str) -> None:
        """Remove a source; what was pulled from it stays.

        Raises:
            NotFound: there is none of that name.
        """
        self.find(name)
        self._driver.run("DELETE FROM {statement_source} WHERE tenant_id = ? AND name = ?", self._tenant_id, name)

    def advance(self, name: str, position: int) -> None:
        """Keep that everything up to a moment was pulled; never goes back, since two may pull at once."""
        self._driver.run(
            "UPDATE {statement_source} SET position = ? WHERE tenant_id = ? AND name = ?"
            " AND (position IS NULL OR position < ?)",
            position,
            self._tenant_id,
            name,
            position,
        )

    def ended(self, name: str, now: int, trouble: str | None) -> None:
        """Keep when statements were pulled last, and what stopped it."""
        self._driver.run(
            "UPDATE {statement_source} SET pulled_at = ?, trouble = ? WHERE tenant_id = ? AND name = ?",
            now,
            None if trouble is None else storable(trouble, LONGEST_TROUBLE),
            self._tenant_id,
            name,
        )


def _source(row: Row) -> StatementSource:
    name, document, position, pulled_at, trouble = row
    return StatementSource(name=name, position=position, pulled_at=pulled_at, trouble=trouble, **json.loads(document))
