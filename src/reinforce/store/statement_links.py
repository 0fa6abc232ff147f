"""Statements that refer to others: they are found by what those are found by, and some take those back."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from attrs import define

from reinforce.statements.json_bytes import parse_json
from reinforce.statements.voiding import voids
from reinforce.store.driver import Driver, Row
from reinforce.store.statement_terms import Term, TermKind, inherited, term_number, terms_of

MOST_STEPS = 10
"""How far references are followed."""

Data = Mapping[str, Any]


class Linked(NamedTuple):
    """A statement of the log, as far as references need it.

    Attributes:
        seq: its number.
        stored_at: in epoch microseconds.
        id: in lower case.
        data: its plain data.
    """

    seq: int
    stored_at: int
    id: str
    data: Data


def references_to(tenant_id: int, ids: Iterable[str]) -> list[int]:
    """The terms of the statements that refer to those of the ids."""
    return [_reference_to(tenant_id, one) for one in ids]


def referring(driver: Driver, references: Sequence[int]) -> list[Row]:
    """The statements that refer to others: the term by which they do so, when they were stored, their numbers."""
    if not references:
        return []
    each = driver.for_each("bigint", "statement_term", "x.term = one.value")
    return driver.rows(f"SELECT x.term, x.stored_at, x.seq {each}", driver.many(references))


def is_reference(data: Data) -> bool:
    """Whether the object of a statement is another statement."""
    return bool(data["object"].get("objectType") == "StatementRef")


def _reference_to(tenant_id: int, identifier: str) -> int:
    return term_number(tenant_id, TermKind.REFERENCE, identifier)


def link(driver: Driver, tenant_id: int, new: Sequence[Linked], found: Sequence[Row]) -> None:
    """Let new statements have the terms of those that they refer to, and give theirs to those that refer to them.

    Args:
        driver: of the transaction that has added them.
        tenant_id: whose they are.
        new: statements that have just been added.
        found: what `referring` finds for those of them to which others may refer already.
    """
    linker = _Linker(driver, tenant_id)
    for one in new:
        target = _target(one.data)
        if target is not None:
            linker.inherit(one, target)
    if found:
        linker.pass_on(new, found)


def voided_before(driver: Driver, tenant_id: int, ids: Sequence[str]) -> set[str]:
    """Those of the ids, of statements that the log does not have, that a statement of the log takes back already."""
    linker = _Linker(driver, tenant_id)
    by_term = {_reference_to(tenant_id, one): one for one in ids}
    found = [(by_term[term], linker.by_seq(seq)) for term, _, seq in referring(driver, list(by_term))]
    return {one for one, referrer in found if referrer is not None and voids(referrer.data) == one}


def _target(data: Data) -> str | None:
    return str(data["object"]["id"]).lower() if is_reference(data) else None


@define
class _Linker:
    driver: Driver
    tenant_id: int

    def inherit(self, new: Linked, target: str) -> None:
        """Follow a new statement's reference: to terms, and to what it voids."""
        found = self._statement(target)
        if found is None:
            return
        if voids(new.data) == target:
            self._void(found, new.seq)
        terms: set[Term] = set()
        step = 0
        visited = {target}
        while found is not None and step < MOST_STEPS:
            terms |= inherited(terms_of(found.data))
            further = _target(found.data)
            if further is None or further in visited:
                break
            visited.add(further)
            found, step = self._statement(further), step + 1
        self._add_terms([new], terms)

    def pass_on(self, new: Sequence[Linked], found: Sequence[Row]) -> None:
        """Give terms to statements that came before what they refer to."""
        by_term = {_reference_to(self.tenant_id, one.id): one for one in new}
        for term, _, seq in found:
            lowest, target = self.by_seq(seq), by_term.get(term)  # None: it was there already, and gave its terms then
            if lowest is not None and target is not None and lowest.seq != target.seq:
                if voids(lowest.data) == target.id:
                    self._void(target, seq)
                self._climb(lowest, inherited(terms_of(target.data)))

    def _climb(self, lowest: Linked, terms: set[Term]) -> None:
        """Give terms to a statement, to those that refer to it, and so on."""
        level, seen = [lowest], {lowest.seq}
        for _ in range(MOST_STEPS):
            self._add_terms(level, terms)
            references = references_to(self.tenant_id, [one.id for one in level])
            above = [seq for _, _, seq in referring(self.driver, references) if seq not in seen]
            seen.update(above)
            level = [one for one in map(self.by_seq, above) if one is not None]
            if not level:
                return

    def _statement(self, identifier: str) -> Linked | None:
        sql = "SELECT seq, stored_at, id, body FROM {statement} WHERE tenant_id = ? AND id = ?"
        return _first(self.driver.rows(sql, self.tenant_id, UUID(identifier).bytes))

    def by_seq(self, seq: int) -> Linked | None:
        """The statement of that number."""
        sql = "SELECT seq, stored_at, id, body FROM {statement} WHERE tenant_id = ? AND seq = ?"
        return _first(self.driver.rows(sql, self.tenant_id, seq))

    def _void(self, target: Linked, voiding_seq: int) -> None:
        """Mark a statement as taken back, unless it takes another back itself."""
        if voids(target.data) is None:
            self.driver.run(
                "UPDATE {statement} SET voided_by = (SELECT v.id FROM {statement} v WHERE v.seq = ?)"
                " WHERE seq = ? AND voided_by IS NULL",
                voiding_seq,
                target.seq,
            )

    def _add_terms(self, statements: Sequence[Linked], terms: set[Term]) -> None:
        numbers = sorted(term_number(self.tenant_id, *term) for term in terms)
        rows = [(number, stored_at, seq) for number in numbers for seq, stored_at, *_ in statements]
        if rows:
            on_conflict = "(term, stored_at, seq) DO NOTHING"
            self.driver.upsert("statement_term", ("term", "stored_at", "seq"), rows, on_conflict)


def _first(rows: list[tuple[Any, ...]]) -> Linked | None:
    if not rows:
        return None
    seq, stored_at, number, body = rows[0]
    return Linked(seq, stored_at, str(UUID(bytes=bytes(number))), parse_json(bytes(body)))
