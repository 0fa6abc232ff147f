"""Statements that fit a filter, by ranges of their terms."""

from collections.abc import Sequence
from itertools import product

from reinforce.store.driver import Driver, Row
from reinforce.store.statement_terms import Filter, term_number

_COUNTS = (1_000, 20_000)
"""How far terms are counted to find the rarest: further only if two of them have more."""


def search(
    driver: Driver, tenant_id: int, columns: str, wanted: Filter, limit: int, after: tuple[int, int] | None
) -> list[Row]:
    """The rows of the statements that fit, by when they were stored, without voided ones."""
    conditions = [[term_number(tenant_id, *term) for term in alternatives] for alternatives in wanted.alternatives()]
    if not conditions:
        return _without_terms(driver, tenant_id, columns, wanted, limit, after)
    combinations = _combinations(driver, conditions)
    if not combinations:
        return []
    parts: list[str] = []
    parameters: list[object] = []
    for terms in combinations:
        sql, given = _places_of(terms, tenant_id, wanted, limit, after)
        parts.append(f"SELECT * FROM ({sql}) AS part")
        parameters += given
    order = _order(wanted)
    listed = ", ".join(f"s.{name.strip()}" for name in columns.split(","))
    return driver.rows(
        f"SELECT {listed} FROM ({' UNION '.join(parts)}) AS p JOIN {{statement}} s ON s.seq = p.seq"
        f" ORDER BY p.stored_at {order}, p.seq {order} LIMIT ?",
        *parameters,
        limit,
    )


def _without_terms(
    driver: Driver, tenant_id: int, columns: str, wanted: Filter, limit: int, after: tuple[int, int] | None
) -> list[Row]:
    range_sql, parameters = _range("", wanted, after)
    order = _order(wanted)
    return driver.rows(
        f"SELECT {columns} FROM {{statement}} WHERE tenant_id = ? AND voided_by IS NULL{range_sql}"
        f" ORDER BY stored_at {order}, seq {order} LIMIT ?",
        tenant_id,
        *parameters,
        limit,
    )


def _combinations(driver: Driver, conditions: Sequence[Sequence[int]]) -> list[tuple[int, ...]]:
    """One term for each condition, in every way, the rarest first; none with a term that nothing has."""
    if len(conditions) == 1:
        return [(term,) for term in conditions[0]]
    counts = _counts(driver, [term for terms in conditions for term in terms])
    return [
        tuple(sorted(terms, key=lambda term: counts[term]))
        for terms in product(*conditions)
        if all(counts[term] for term in terms)
    ]


def _counts(driver: Driver, terms: Sequence[int]) -> dict[int, int]:
    """How many statements have each term, up to a point beyond which it does not matter."""
    sql = "SELECT count(*) FROM (SELECT 1 FROM {statement_term} WHERE term = ? LIMIT ?) AS few"
    counts = dict.fromkeys(terms, 0)
    open_ones = list(counts)
    for most in _COUNTS:
        for term in open_ones:
            counts[term] = int(driver.rows(sql, term, most)[0][0])
        open_ones = [term for term in open_ones if counts[term] == most]
        if len(open_ones) < 2:
            break
    return counts


def _places_of(
    terms: Sequence[int], tenant_id: int, wanted: Filter, limit: int, after: tuple[int, int] | None
) -> tuple[str, list[object]]:
    """The query for the places of statements that have all of the terms."""
    # CROSS JOIN makes SQLite begin with the first, which is the rarest.
    joined = "".join(f" CROSS JOIN {{statement_term}} t{number}" for number in range(1, len(terms)))
    matched = "".join(
        f" AND t{number}.term = ? AND t{number}.stored_at = t0.stored_at AND t{number}.seq = t0.seq"
        for number in range(1, len(terms))
    )
    range_sql, parameters = _range("t0.", wanted, after)
    order = _order(wanted)
    sql = (
        f"SELECT t0.stored_at, t0.seq FROM {{statement_term}} t0{joined} CROSS JOIN {{statement}} v"
        f" WHERE t0.term = ?{matched} AND v.seq = t0.seq AND v.tenant_id = ? AND v.voided_by IS NULL{range_sql}"
        f" ORDER BY t0.stored_at {order}, t0.seq {order} LIMIT ?"
    )
    return sql, [*terms, tenant_id, *parameters, limit]


def _range(prefix: str, wanted: Filter, after: tuple[int, int] | None) -> tuple[str, list[int]]:
    sql, parameters = "", []
    if wanted.since is not None:
        sql += f" AND {prefix}stored_at > ?"
        parameters.append(wanted.since)
    if wanted.until is not None:
        sql += f" AND {prefix}stored_at <= ?"
        parameters.append(wanted.until)
    if after is not None:
        sql += f" AND ({prefix}stored_at, {prefix}seq) {'>' if wanted.ascending else '<'} (?, ?)"
        parameters += after
    return sql, parameters


def _order(wanted: Filter) -> str:
    return "ASC" if wanted.ascending else "DESC"
