"""Statements that fit a filter, by ranges of their terms."""

from collections.abc import Sequence
from itertools import product

from reinforce.store.driver import Driver, Row
from reinforce.store.statement_terms import Filter, term_number

_COUNTS = (1_000, 5_000)
"""How far terms are counted to find the rarest: further only if two of them have more."""

_Rarity = tuple[int, int]
"""How many statements have a term, then how far one has to go for so many; the rarest term has the least."""

_NONE: _Rarity = (0, 0)


def search(
    driver: Driver, tenant_id: int, columns: str, wanted: Filter, limit: int, after: tuple[int, int] | None
) -> list[Row]:
    """The rows of the statements that fit, by when they were stored, without voided ones."""
    conditions = [[term_number(tenant_id, *term) for term in alternatives] for alternatives in wanted.alternatives()]
    if not conditions:
        return _without_terms(driver, tenant_id, columns, wanted, limit, after)
    combinations = _combinations(driver, conditions, wanted, after)
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


def _combinations(
    driver: Driver, conditions: Sequence[Sequence[int]], wanted: Filter, after: tuple[int, int] | None
) -> list[tuple[int, ...]]:
    """One term for each condition, in every way, the rarest first; none with a term that nothing has."""
    if len(conditions) == 1:
        return [(term,) for term in conditions[0]]
    rarities = _rarities(driver, [term for terms in conditions for term in terms], wanted, after)
    return [
        tuple(sorted(terms, key=lambda term: rarities[term]))
        for terms in product(*conditions)
        if all(rarities[term] != _NONE for term in terms)
    ]


def _rarities(
    driver: Driver, terms: Sequence[int], wanted: Filter, after: tuple[int, int] | None
) -> dict[int, _Rarity]:
    """How rare each term is where the search begins: counted up to a point, beyond which it is how close they lie."""
    range_sql, parameters = _range("", wanted, after)
    order = _order(wanted)
    farthest = "-max(stored_at)" if wanted.ascending else "min(stored_at)"
    sql = (
        f"SELECT max(term), count(*), {farthest} FROM"
        f" (SELECT term, stored_at FROM {{statement_term}} WHERE term = ?{range_sql}"
        f" ORDER BY stored_at {order}, seq {order} LIMIT ?) AS nearest"
    )
    rarities: dict[int, _Rarity] = dict.fromkeys(terms, _NONE)
    open_ones = list(rarities)
    for most in _COUNTS:
        together = " UNION ALL ".join([sql] * len(open_ones))
        given = [value for term in open_ones for value in (term, *parameters, most)]
        rarities |= {term: (count, place) for term, count, place in driver.rows(together, *given) if count}
        open_ones = [term for term in open_ones if rarities[term][0] == most]
        if len(open_ones) < 2:
            break
    return rarities


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
