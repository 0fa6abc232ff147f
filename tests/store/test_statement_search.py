"""Several filters at once: what is found is what fits, whichever of them the search begins with."""

import random
from collections.abc import Iterator

import pytest

from reinforce.store import statement_search
from reinforce.store.driver import Driver
from reinforce.store.log_places import Position
from reinforce.store.statement_terms import Filter, TermKind, term_number
from store.test_statements import World, name_of, statement

VERBS = [f"https://verbs.example/{name}" for name in ("often", "seldom", "once")]
THINGS = [f"https://skills.example/{name}" for name in ("often", "seldom", "once")]
WEIGHTS = (20, 5, 1)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """An empty log on each of the databases."""
    made = World(database_url)
    yield made
    made.database.close()


def filled(world: World) -> list[tuple[str, str, str]]:
    """A log in which some verbs and things are frequent; the name, verb and thing of each statement, in order."""
    chance = random.Random(7)
    told = [
        (str(number), chance.choices(VERBS, WEIGHTS)[0], chance.choices(THINGS, WEIGHTS)[0]) for number in range(120)
    ]
    for start in range(0, len(told), 8):
        world.add(*(statement(name, verb=verb, thing=thing) for name, verb, thing in told[start : start + 8]))
    return told


@pytest.mark.parametrize("counts", [(1, 2), (5, 10), (1000, 5000)])
@pytest.mark.parametrize("is_ascending", [True, False])
def test_several_filters_find_what_fits_them_all(
    world: World, monkeypatch: pytest.MonkeyPatch, counts: tuple[int, int], is_ascending: bool
) -> None:
    """Page by page, however far the terms are counted."""
    monkeypatch.setattr(statement_search, "_COUNTS", counts)
    told = filled(world)
    ordered = told if is_ascending else told[::-1]
    for verb in VERBS:
        for thing in THINGS:
            found: list[str] = []
            after: Position | None = None
            while True:
                with world.reading() as log:
                    page = log.find(Filter(verb=verb, activity=thing, ascending=is_ascending), 7, after)
                found += map(name_of, page)
                if len(page) < 7:
                    break
                after = Position(page[-1].stored_at, page[-1].seq)

            assert found == [name for name, said, about in ordered if (said, about) == (verb, thing)]


@pytest.mark.parametrize("is_ascending", [True, False])
@pytest.mark.parametrize("counts", [(1000, 5000), (10, 20), (2, 4)])
def test_a_search_begins_with_the_rarest(
    world: World, monkeypatch: pytest.MonkeyPatch, counts: tuple[int, int], is_ascending: bool
) -> None:
    """By its count, or where both are many by how far apart its statements lie."""
    monkeypatch.setattr(statement_search, "_COUNTS", counts)
    filled(world)
    often = term_number(world.tenant_id, TermKind.VERB, VERBS[0])
    seldom = term_number(world.tenant_id, TermKind.ACTIVITY, THINGS[1])
    with world.database.read() as connection:
        driver = Driver(connection, None)
        begun = statement_search._combinations(driver, [[often], [seldom]], Filter(ascending=is_ascending), None)

    assert begun == [(seldom, often)]
