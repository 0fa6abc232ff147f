"""Taking a person out: every row that is theirs, and their key wherever it stands.

The person's own row stays as an empty shell with a number: events that they assessed belong to others, and
are not touched.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from uuid import uuid4

from sqlalchemy import Connection, Table, Text, and_, delete, func, or_, select, update

from reinforce.errors import UnknownLearner
from reinforce.model.memory import Erased
from reinforce.model.people import Learner, Team
from reinforce.store.catalogue import without_person
from reinforce.store.documents import document, value_of
from reinforce.store.generation import ASSESSOR, LATELY, LEARNER
from reinforce.store.persons import known_person, own_statements
from reinforce.store.schema import Tables
from reinforce.store.session import Session
from reinforce.store.statement_erasure import erase_statements
from reinforce.store.table_parts import PREFIX
from reinforce.store.text_search import holds, in_json

_WITH_CONTENTS = ("statement_attachment", "lrs_document")
"""Tables of what others wrote in whatever format."""


def erase(session: Session, key: str, now: int) -> Erased:
    """Remove a person's practice, memories, assignments, statements and every direct identifier.

    Raises:
        UnknownLearner: the tenant has none of that key.
    """
    connection, tables, tenant_id = session.connection, session.tables, session.tenant_id
    learner = tables.learner
    row = connection.execute(
        select(learner.c.id, learner.c.document).where(
            learner.c.tenant_id == tenant_id, learner.c.key == key, learner.c.erased_at.is_(None)
        )
    ).one_or_none()
    if row is None:
        raise UnknownLearner(f"there is no learner {key!r}")
    own = own_statements(session.driver, tenant_id, row.id)
    person = known_person(session.driver, tenant_id, value_of(row.document, Learner), own)
    removed = Counter(_delete_rows(connection, tables, tenant_id, row.id))
    removed["team"] = _leave_teams(connection, tables, tenant_id, key)
    nobody = f"erased-{uuid4().hex}"
    connection.execute(
        update(learner)
        .where(learner.c.id == row.id)
        .values(key=nobody, document="{}", time_zone="UTC", is_active=0, erased_at=now)
    )
    removed["learner"] = 1
    statements = erase_statements(session.driver, tenant_id, person, own.about, nobody, now)
    removed.update(statements.rows)
    mentions = [*_mentions(connection, tables, tenant_id, person.texts), *_mentions_in_contents(session, person.texts)]
    if statements.mentions:
        mentions.append(f"{tables.statement.name}.body: {statements.mentions}")
    return Erased(
        key,
        {name: count for name, count in sorted(removed.items()) if count},
        tuple(mentions),
        rewritten=statements.rewritten,
        feeds=statements.reached,
    )


def _delete_rows(connection: Connection, tables: Tables, tenant_id: int, learner_id: int) -> dict[str, int]:
    event, voided = tables.practice_event, tables.practice_void
    own_events = select(event.c.id).where(event.c.tenant_id == tenant_id, event.c.learner_id == learner_id)
    removed = {
        "practice_void": connection.execute(
            delete(voided).where(and_(voided.c.tenant_id == tenant_id, voided.c.event_id.in_(own_events)))
        ).rowcount
    }
    offset = tables.calibration_offset
    theirs = offset.c.effect.in_((LEARNER, ASSESSOR, LATELY))  # the others' subjects are no people
    own_offsets = and_(offset.c.tenant_id == tenant_id, theirs, offset.c.subject_id == learner_id)
    removed["calibration_offset"] = connection.execute(delete(offset).where(own_offsets)).rowcount
    for table in (
        event,
        tables.review,
        tables.memory,
        tables.postponement,
        tables.assignment,
        tables.team_member,
        tables.learner_actor,
    ):
        gone = connection.execute(delete(table).where(table.c.learner_id == learner_id))
        removed[table.name.removeprefix(PREFIX)] = gone.rowcount
    return removed


def _leave_teams(connection: Connection, tables: Tables, tenant_id: int, key: str) -> int:
    """Take the person from the teams that they manage or coach."""
    table = tables.team
    left = 0
    rows = connection.execute(select(table.c.id, table.c.document).where(table.c.tenant_id == tenant_id))
    for number, text in rows.all():
        team = value_of(text, Team)
        without = without_person(team, key)
        if without != team:
            connection.execute(update(table).where(table.c.id == number).values(document=document(without)))
            left += 1
    return left


def _mentions(connection: Connection, tables: Tables, tenant_id: int, identifiers: Sequence[str]) -> Iterator[str]:
    """Where other people's rows still hold one of the identifiers, as "table.column: how many"."""
    if not identifiers:
        return
    for table in tables.metadata.sorted_tables:
        if "tenant_id" in table.c:
            yield from _mentions_in(connection, table, tenant_id, identifiers)


def _forms(text: str) -> set[str]:
    """How a text stands in a column: as it is, or with its quotes and backslashes escaped within JSON."""
    return {text, json.dumps(text, ensure_ascii=False)[1:-1]}


def _mentions_in(connection: Connection, table: Table, tenant_id: int, identifiers: Sequence[str]) -> Iterator[str]:
    for column in table.c:
        if isinstance(column.type, Text):
            holds = or_(*(column.icontains(form, autoescape=True) for text in identifiers for form in _forms(text)))
            count = connection.execute(
                select(func.count()).select_from(table).where(table.c.tenant_id == tenant_id, holds)
            ).scalar_one()
            if count:
                yield f"{table.name}.{column.name}: {count}"


def _mentions_in_contents(session: Session, identifiers: Sequence[str]) -> Iterator[str]:
    """The same of attachments and of the documents of an LRS."""
    forms = sorted({form for text in identifiers for form in (text, *in_json(text))})
    condition, parameters = holds(session.driver, "content", forms)
    for name in _WITH_CONTENTS:
        sql = f"SELECT count(*) FROM {{{name}}} WHERE tenant_id = ? AND ({condition})"
        count = session.driver.rows(sql, session.tenant_id, *parameters)[0][0]
        if count:
            yield f"{PREFIX}{name}.content: {count}"
