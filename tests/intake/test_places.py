"""How far a pull has come: never further than what is proved."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from intake.school import NOW
from reinforce.delivery.upstream import UpstreamPage
from reinforce.intake.places import Progress, stored_at
from reinforce.model.checks import to_micros
from reinforce.store.statement_sources import SourceBook
from reinforcer.world import opened

START = datetime(2026, 4, 10, 9, tzinfo=UTC)


def page(*seconds: int, complete: int | None = None) -> UpstreamPage:
    """Statements that were stored so many seconds after the start, complete until so many."""
    stored = [(START + timedelta(seconds=one)).isoformat() for one in seconds]
    until = None if complete is None else START + timedelta(seconds=complete)
    return UpstreamPage(tuple(({"stored": one}, b"{}") for one in stored), "more", until)


def proved(*pages: UpstreamPage, is_end: bool = False) -> float | None:
    """Up to how many seconds after the start the pages prove that everything was seen."""
    progress = Progress()
    for one in pages:
        progress.add(one)
    found = progress.position(is_end=is_end)
    return None if found is None else (found - to_micros(START)) / 1_000_000


@pytest.mark.parametrize(
    ("pages", "seconds"),
    [
        ([], None),
        ([page()], None),
        ([page(1, 2, 2), page(2, 3)], 3),
        ([page(1, 2, complete=9)], 2),
        ([page(1, 5, complete=3)], 3),
        # What was stored at 4 may have appeared behind the first page, whatever the second says.
        ([page(1, 5, complete=3), page(6, 7, complete=100)], 3),
        ([page(1, 2, complete=3), page(6, 9, complete=7)], 7),
        ([page(1, 2), page(), page(3, complete=2)], 2),
    ],
)
def test_pages_in_order_prove_what_lies_before_their_end(pages: list[UpstreamPage], seconds: float | None) -> None:
    """Up to the last statement, and to what the LRS said that it is complete for when it gave that page."""
    assert proved(*pages) == proved(*pages, is_end=True) == seconds


def test_pages_without_order_prove_nothing_before_the_end() -> None:
    """An LRS that begins with the newest may still have anything."""
    pages = [page(9, 8), page(7, 6)]

    assert proved(*pages) is None
    assert proved(*pages, is_end=True) == 9


@pytest.mark.parametrize(
    "data", [None, [], {}, {"stored": 5}, {"stored": "yesterday"}, {"stored": "2026-13-01T00:00:00Z"}]
)
def test_what_says_nothing_of_when_it_was_stored(data: object) -> None:
    """It moves nothing."""
    assert stored_at(data) is None


def test_the_position_never_goes_back(database_url: str, tmp_path: Path) -> None:
    """Of two pulls at once, the one that is behind does not set the other back."""
    with opened(database_url) as reinforcer:
        reinforcer.statements.sources.add("lms", "lrs", {"endpoint": "https://lrs.example"}, at=NOW)
        with reinforcer._store.write(0) as session:
            book = SourceBook(session.driver, session.tenant_id)
            for position in (5, 9, 7):
                book.advance("lms", position)
            book.advance("another", 100)

        assert [one.position for one in reinforcer.statements.sources.all()] == [9]
