"""Statements that refer to others: they are found by what those are found by, and some take those back."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import define

from reinforce.statements.json_bytes import parse_json
from reinforce.statements.voiding import voids
from reinforce.store.driver import Driver
from reinforce.store.statement_terms import Term, TermKind, inherited, term_number, terms_of

MOST_STEPS = 10
"""How far references are followed."""

Data = Mapping[str, Any]
Stored = tuple[int, int, str, Data]
"""A statement's number, when it was stored, its id and its data."""


def link(driver: Driver, tenant_id: int, new: Sequence[Stored], named: Sequence[Stored]) -> None:
    """Let new statements have the terms of those that they refer to, and give theirs to those that refer to them.

    Args:
        driver: of the transaction that has added them.
        tenant_id: whose they are.
        new: statements that have just been added.
        named: those of them to which others may refer already.
    """
    linker = _Linker(driver, tenant_id)
    for one in new:
        target = _target(one[3])
        if target is not None:
            linker.inherit(one, target)
    linker.pass_on(named)


def voided_before(driver: Driver, tenant_id: int, ids: Sequence[str]) -> set[str]:
    """Those of the ids, of statements that the log does not have, that a statement of the log takes back already."""
    linker = _Linker(driver, tenant_id)
    by_term = {term_number(tenant_id, TermKind.REFERENCE, one): one for one in ids}
    referring = [(by_term[term], linker.by_seq(seq)) for term, _, seq in linker.referring(list(by_term))]
    return {one for one, found in referring if found is not None and voids(found[3]) == one}


def _target(data: Data) -> str | None:
    is_reference = data["object"].get("objectType") == "StatementRef"
    return str(data["object"]["id"]).lower() if is_reference else None


@define
class _Linker:
    driver: Driver
    tenant_id: int

    def inherit(self, new: Stored, target: str) -> None:
        """Follow a new statement's reference: to terms, and to what it voids."""
        found = self._statement(target)
        if found is None:
            return
        if voids(new[3]) == target:
            self._void(found, new[0])
        terms: set[Term] = set()
        step = 0
        visited = {target}
        while found is not None and step < MOST_STEPS:
            terms |= inherited(terms_of(found[3]))
            further = _target(found[3])
            if further is None or further in visited:
                break
            visited.add(further)
            found, step = self._statement(further), step + 1
        self._add_terms([new], terms)

    def pass_on(self, new: Sequence[Stored]) -> None:
        """Look for statements that came before what they refer to."""
        by_term = {self._reference_to(one): one for one in new}
        for term, _, seq in self.referring(list(by_term)):
            referring, target = self.by_seq(seq), by_term[term]
            if referring is not None and referring[0] != target[0]:
                if voids(referring[3]) == target[2]:
                    self._void(target, seq)
                self._climb(referring, inherited(terms_of(target[3])))

    def _climb(self, referring: Stored, terms: set[Term]) -> None:
        """Give terms to a statement, to those that refer to it, and so on."""
        level, seen = [referring], {referring[0]}
        for _ in range(MOST_STEPS):
            self._add_terms(level, terms)
            above = [seq for _, _, seq in self.referring([*map(self._reference_to, level)]) if seq not in seen]
            seen.update(above)
            level = [one for one in map(self.by_seq, above) if one is not None]
            if not level:
                return

    def _reference_to(self, one: Stored) -> int:
        return term_number(self.tenant_id, TermKind.REFERENCE, one[2])

    def referring(self, terms: Sequence[int]) -> list[tuple[Any, ...]]:
        """The rows of the terms that references to statements have: term, moment and number."""
        if not terms:
            return []
        each = self.driver.for_each("bigint", "statement_term", "x.term = one.value")
        return self.driver.rows(f"SELECT x.term, x.stored_at, x.seq {each}", self.driver.many(terms))

    def _statement(self, identifier: str) -> Stored | None:
        sql = "SELECT seq, stored_at, id, body FROM {statement} WHERE tenant_id = ? AND id = ?"
        return _first(self.driver.rows(sql, self.tenant_id, UUID(identifier).bytes))

    def by_seq(self, seq: int) -> Stored | None:
        """The statement of that number."""
        sql = "SELECT seq, stored_at, id, body FROM {statement} WHERE tenant_id = ? AND seq = ?"
        return _first(self.driver.rows(sql, self.tenant_id, seq))

    def _void(self, target: Stored, voiding_seq: int) -> None:
        """Mark a statement as taken back, unless it takes another back itself."""
        if voids(target[3]) is None:
            self.driver.run(
                "UPDATE {statement} SET voided_by = (SELECT v.id FROM {statement} v WHERE v.seq = ?)"
                " WHERE seq = ? AND voided_by IS NULL",
                voiding_seq,
                target[0],
            )

    def _add_terms(self, statements: Sequence[Stored], terms: set[Term]) -> None:
        numbers = sorted(term_number(self.tenant_id, *term) for term in terms)
        rows = [(number, stored_at, seq) for number in numbers for seq, stored_at, _, _ in statements]
        if rows:
            on_conflict = "(term, stored_at, seq) DO NOTHING"
            self.driver.upsert("statement_term", ("term", "stored_at", "seq"), rows, on_conflict)


def _first(rows: list[tuple[Any, ...]]) -> Stored | None:
    if not rows:
        return None
    seq, stored_at, number, body = rows[0]
    return seq, stored_at, str(UUID(bytes=bytes(number))), parse_json(bytes(body))
