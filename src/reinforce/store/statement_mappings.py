"""The mappings by which a tenant's statements become practice, every version of each."""

import json
from functools import lru_cache

from attrs import frozen

from reinforce.errors import NotFound
from reinforce.model.conversion import structure, unstructure
from reinforce.statements.mapping import StatementMapping
from reinforce.store.driver import Driver

_COLUMNS = "version, document, adopted_at, retired_at"


@frozen
class AdoptedMapping:
    """A version of a mapping, as it was adopted; a version never changes.

    Attributes:
        version: counts from 1 for each name.
        adopted_at: since when it counts, in epoch microseconds.
        retired_at: until when it did; None: it counts.
    """

    mapping: StatementMapping
    version: int
    adopted_at: int
    retired_at: int | None = None

    @property
    def name(self) -> str:
        """What the mapping is called."""
        return self.mapping.name


@lru_cache(maxsize=256)
def _mapping(text: str) -> StatementMapping:
    return structure(json.loads(text), StatementMapping)


def _text(mapping: StatementMapping) -> str:
    """The mapping as JSON, in its own order: of the skills that fit, the first counts."""
    return json.dumps(unstructure(mapping), ensure_ascii=False, separators=(",", ":"))


def present_mappings(driver: Driver, tenant_id: int) -> list[AdoptedMapping]:
    """The mappings that count, by name, which is the order in which they are tried."""
    sql = f"SELECT {_COLUMNS} FROM {{statement_mapping}} WHERE tenant_id = ? AND retired_at IS NULL ORDER BY name"
    return _adopted(driver, sql, tenant_id)


def every_mapping(driver: Driver, tenant_id: int) -> list[AdoptedMapping]:
    """Every version of every mapping that ever counted, by name and version."""
    sql = f"SELECT {_COLUMNS} FROM {{statement_mapping}} WHERE tenant_id = ? ORDER BY name, version"
    return _adopted(driver, sql, tenant_id)


def _adopted(driver: Driver, sql: str, tenant_id: int) -> list[AdoptedMapping]:
    return [
        AdoptedMapping(_mapping(text), version, adopted_at, retired_at)
        for version, text, adopted_at, retired_at in driver.rows(sql, tenant_id)
    ]


def adopt_mapping(driver: Driver, tenant_id: int, mapping: StatementMapping, now: int) -> tuple[AdoptedMapping, bool]:
    """Let a mapping count from now on, in place of the version before; whether that is new.

    Args:
        driver: within the transaction, after the tenant was locked.
        tenant_id: whose.
        mapping: the one that counts already stays as it is.
        now: in epoch microseconds.
    """
    versions = [one for one in every_mapping(driver, tenant_id) if one.name == mapping.name]
    last = versions[-1] if versions else None
    if last is not None and last.retired_at is None:
        if _text(last.mapping) == _text(mapping):
            return last, False
        _retire(driver, tenant_id, mapping.name, now)
    adopted = AdoptedMapping(mapping, 1 if last is None else last.version + 1, now)
    driver.insert(
        "statement_mapping",
        ("tenant_id", "name", "version", "document", "adopted_at"),
        [(tenant_id, adopted.name, adopted.version, _text(mapping), now)],
    )
    return adopted, True


def retire_mapping(driver: Driver, tenant_id: int, name: str, now: int) -> None:
    """Let a mapping count no longer; what was recorded by it stays.

    Raises:
        NotFound: no mapping of that name counts.
    """
    if not _retire(driver, tenant_id, name, now):
        known = ", ".join(one.name for one in present_mappings(driver, tenant_id)) or "none"
        raise NotFound(f"there is no mapping {name!r}; there are: {known}")


def _retire(driver: Driver, tenant_id: int, name: str, now: int) -> int:
    return driver.run(
        "UPDATE {statement_mapping} SET retired_at = ? WHERE tenant_id = ? AND name = ? AND retired_at IS NULL",
        now,
        tenant_id,
        name,
    )
