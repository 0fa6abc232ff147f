"""Statements that come again, beside others that refer to them."""

from collections.abc import Iterator

import pytest

from store.test_statements import World, name_of, refers, statement


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """An empty log on each of the databases."""
    made = World(database_url)
    yield made
    made.database.close()


@pytest.mark.parametrize("is_alone", [True, False])
def test_what_is_referred_to_may_come_again(world: World, is_alone: bool) -> None:
    """A statement to which another one refers may be sent again, by itself and in a batch with new ones."""
    first = statement("first")
    world.add(first)
    world.add(refers("about it", first["id"]))
    added = world.add(first) if is_alone else world.add(statement("before"), first, refers("late", first["id"]))

    assert [one.received.data["result"]["response"] for one in added] == ([] if is_alone else ["before", "late"])
    with world.reading() as log:
        kept = [name_of(one) for one in log.by_ids([one.id for one in added])]
    assert sorted(kept) == sorted(one.received.data["result"]["response"] for one in added)
