"""Taking a person out of the statement log, and out of what an LRS keeps beside it.

Their own statements go, and their ids stay as a number each, so that a source that sends one again does not bring the
person back. In statements of others, nobody stands where the person stood. Texts that merely mention them are counted.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import define, field, frozen

from reinforce.statements.grammar import SIGNATURE
from reinforce.statements.json_bytes import parse_json
from reinforce.statements.persons import Person, is_about, mentions, objects_of, without_person
from reinforce.store.credentials import Credentials
from reinforce.store.driver import Driver
from reinforce.store.feed_contents import feeds_that_got
from reinforce.store.lrs_documents import LrsDocuments
from reinforce.store.statement_terms import TermKind, agent_identifier, term_number, terms_of
from reinforce.store.statements import StatementLog, StoredStatement
from reinforce.store.text_search import hides_letters, holds, in_json

_AT_ONCE = 200


@frozen
class StatementsErased:
    """What was done to a person's statements.

    Attributes:
        removed: ids of those that are gone.
        rewritten: how many of others there are in which nobody stands for the person now.
        rows: how many rows of each table are gone or were emptied of the person.
        reached: to how many of them the destination of each feed had got.
        mentions: in how many statements the text of others still mentions the person.
    """

    removed: Sequence[UUID]
    rewritten: int
    rows: Mapping[str, int]
    reached: Mapping[str, int]
    mentions: int


def erase_statements(
    driver: Driver, tenant_id: int, person: Person, own: Collection[UUID], stand_in: str, now: int
) -> StatementsErased:
    """Take a person out.

    Args:
        driver: of the transaction.
        tenant_id: whose log.
        person: who.
        own: ids of statements that are about the person, whoever their actor is.
        stand_in: the name of the account that stands for the person from now on.
        now: in epoch microseconds.
    """
    erasing = _Erasing(driver, tenant_id, person, frozenset(own), stand_in)
    for numbers in _parts(sorted(erasing.candidates())):
        erasing.take(numbers)
    erasing.forget_terms()
    rows = {
        "statement": len(erasing.removed) + erasing.rewritten,
        "dead_letter": erasing.dead_letters,
        "statement_attachment": erasing.remove_contents(),
        "lrs_document": LrsDocuments(driver, tenant_id).remove_agents(erasing.identifiers),
        "lrs_credential": Credentials(driver).leave(tenant_id, person, stand_in, now),
    }
    return StatementsErased(erasing.removed, erasing.rewritten, rows, dict(erasing.reached), erasing.mentions)


@define
class _Erasing:
    driver: Driver
    tenant_id: int
    person: Person
    own: frozenset[UUID]
    stand_in: str
    identifiers: set[str] = field(init=False)
    hashes: set[str] = field(factory=set)
    removed: list[UUID] = field(factory=list)
    rewritten: int = 0
    dead_letters: int = 0
    reached: Counter[str] = field(factory=Counter)
    mentions: int = 0

    def __attrs_post_init__(self) -> None:
        self.identifiers = {agent_identifier(one) or "" for one in self.person.agents}

    def candidates(self) -> set[int]:
        """The numbers of the statements that may have to do with the person."""
        each = self.driver.for_each("bigint", "statement_term", "x.term = one.value")
        found = {row[0] for row in self.driver.rows(f"SELECT x.seq {each}", self.driver.many(self._terms()))}
        for one in self.own:
            sql = "SELECT seq FROM {statement} WHERE tenant_id = ? AND id = ?"
            found.update(row[0] for row in self.driver.rows(sql, self.tenant_id, one.bytes))
        found.update(self._holding(sorted({form for text in self.person.texts for form in in_json(text)})))
        return found

    def _holding(self, texts: Sequence[str]) -> list[int]:
        """The numbers of the statements that hold one of the texts, or may hold it in disguise."""
        condition, parameters = holds(self.driver, "body", texts)
        disguise, pattern = hides_letters(self.driver, "body")
        sql = f"SELECT seq FROM {{statement}} WHERE tenant_id = ? AND ({condition} OR {disguise})"
        return [row[0] for row in self.driver.rows(sql, self.tenant_id, *parameters, *pattern)]

    def _terms(self) -> list[int]:
        kinds = (TermKind.AGENT, TermKind.RELATED_AGENT)
        return sorted(term_number(self.tenant_id, kind, one) for kind in kinds for one in self.identifiers)

    def take(self, numbers: Sequence[int]) -> None:
        """Remove or rewrite those of some statements that have to do with the person."""
        removed, rewritten = [], []
        for one in StatementLog(self.driver, self.tenant_id).by_numbers(numbers):
            data = one.data
            named = [agent_identifier(agent) for agent in objects_of(data, self.person)]
            self.identifiers.update(identifier for identifier in named if identifier is not None)
            if one.id in self.own or is_about(data, self.person):
                removed.append(one)
            elif named:
                rewritten.append(one)
            else:
                self.mentions += mentions(data, self.person)
        for reached in feeds_that_got(self.driver, self.tenant_id, removed + rewritten):
            self.reached[reached.feed] += reached.statements
        for one in removed:
            self._remove(one)
        for one in rewritten:
            self.mentions += mentions(self._rewrite(one), self.person)

    def _remove(self, one: StoredStatement) -> None:
        terms = terms_of(one.data)
        if one.credential_id is not None:
            terms.add((TermKind.CREDENTIAL, str(one.credential_id)))
        self.driver.run_many(
            "DELETE FROM {statement_term} WHERE term = ? AND stored_at = ? AND seq = ?",
            [(term_number(self.tenant_id, *term), one.stored_at, one.seq) for term in terms],
        )
        self.driver.run("DELETE FROM {statement} WHERE seq = ?", one.seq)
        # What a destination said of it may quote it.
        gone = self.driver.run("DELETE FROM {dead_letter} WHERE tenant_id = ? AND seq = ?", self.tenant_id, one.seq)
        self.dead_letters += gone
        self.driver.upsert(
            "erased_statement",
            ("tenant_id", "id"),
            [(self.tenant_id, one.id.bytes)],
            "(tenant_id, id) DO NOTHING",
        )
        self.hashes.update(part["sha2"].lower() for part in _attachments(one.data))
        self.removed.append(one.id)

    def _rewrite(self, one: StoredStatement) -> Mapping[str, Any]:
        new = without_person(one.body, self.person, self.stand_in)
        rewritten: Mapping[str, Any] = parse_json(new)
        self.driver.run("UPDATE {statement} SET body = ? WHERE seq = ?", new, one.seq)
        rows = sorted((term_number(self.tenant_id, *term), one.stored_at, one.seq) for term in terms_of(rewritten))
        columns = ("term", "stored_at", "seq")
        self.driver.upsert("statement_term", columns, rows, "(term, stored_at, seq) DO NOTHING")
        self.hashes.update(part["sha2"].lower() for part in _attachments(one.data) if part["usageType"] == SIGNATURE)
        self.rewritten += 1
        return rewritten

    def forget_terms(self) -> None:
        """Let nothing be found by the person any more, not even what refers to statements of theirs."""
        self.driver.run_many("DELETE FROM {statement_term} WHERE term = ?", [(term,) for term in self._terms()])

    def remove_contents(self) -> int:
        """Remove the attachments that no statement has any more; how many."""
        gone = self.hashes - self._kept_hashes() if self.hashes else set()
        sql = "DELETE FROM {statement_attachment} WHERE tenant_id = ? AND sha2 {in}"
        return self.driver.run(sql, self.tenant_id, self.driver.many(sorted(gone))) if gone else 0

    def _kept_hashes(self) -> set[str]:
        having = self._data_of(self._holding(['"attachments"']))
        return {one["sha2"].lower() for data in having for one in _attachments(data)}

    def _data_of(self, numbers: Sequence[int]) -> Iterator[Mapping[str, Any]]:
        for some in _parts(numbers):
            sql = "SELECT body FROM {statement} WHERE seq {in}"
            yield from (parse_json(bytes(row[0])) for row in self.driver.rows(sql, self.driver.many(some)))


def _parts(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    return (numbers[start : start + _AT_ONCE] for start in range(0, len(numbers), _AT_ONCE))


def _attachments(statement: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*statement.get("attachments", ()), *statement["object"].get("attachments", ())]
