"""What of the log feeds let through, and to which of them a statement has gone."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import frozen

from reinforce.statements.feed import FeedFilter, Whose
from reinforce.store.driver import Driver
from reinforce.store.feeds import FeedBook
from reinforce.store.log_places import Cursor
from reinforce.store.statement_links import MOST_STEPS
from reinforce.store.statements import Origin, StatementLog, StoredStatement


@frozen
class Reached:
    """How many of some statements a feed has handed on."""

    feed: str
    adapter: str
    statements: int


def is_of(filter_: FeedFilter, statement: StoredStatement) -> bool:
    """Whether the filter lets a statement through as far as it goes by whose it is."""
    return filter_.whose is Whose.ALL or (filter_.whose is Whose.OURS) == (statement.origin is Origin.OURS)


def with_references(log: StatementLog, statement: StoredStatement) -> list[Mapping[str, Any]]:
    """The data of a statement, and behind it of those that it refers to, over some steps."""
    found = [statement.data]
    while (target := _target(found[-1])) is not None and len(found) <= MOST_STEPS:
        referred = log.by_id(target)
        if referred is None:
            break
        found.append(referred.data)
    return found


def _target(data: Mapping[str, Any]) -> UUID | None:
    thing = data["object"]
    return UUID(thing["id"]) if thing.get("objectType") == "StatementRef" else None


def feeds_that_got(driver: Driver, tenant_id: int, statements: Sequence[StoredStatement]) -> list[Reached]:
    """To which feeds' destinations some statements have gone, as when a person wants to be forgotten there too.

    A feed that has been removed is not known any more. Filters by team and role are taken to have let everybody
    through, because nobody knows who was in them then.
    """
    log = StatementLog(driver, tenant_id)
    told = [(Cursor(one.xact, one.seq), one, with_references(log, one)) for one in statements]
    found: list[Reached] = []
    for feed in FeedBook(driver, tenant_id).all():
        contents = FeedFilter(kinds=feed.filter.kinds, verbs=feed.filter.verbs, activities=feed.filter.activities)
        passed = {
            one.seq
            for place, one, data in told
            if feed.start < place <= feed.cursor and is_of(feed.filter, one) and contents.takes(data)
        }
        sql = "SELECT seq FROM {dead_letter} WHERE feed_id = ? AND seq {in}"
        passed -= {row[0] for row in driver.rows(sql, feed.number, driver.many(sorted(passed)))}
        if passed:
            found.append(Reached(feed.name, feed.adapter, len(passed)))
    return found
