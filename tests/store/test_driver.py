"""What is asked of PostgreSQL while something else is done."""

import psycopg
import pytest

from reinforcer.world import opened


@pytest.mark.parametrize("has_pipelines", [True, False])
def test_several_questions_at_once(database_url: str, monkeypatch: pytest.MonkeyPatch, has_pipelines: bool) -> None:
    """Each question has its own answer, in whatever order they are looked at, also where psycopg can't wait later."""
    monkeypatch.setattr(psycopg.Pipeline, "is_supported", lambda: has_pipelines)
    with opened(database_url) as door, door._store.write(0) as session, session.driver.meanwhile():
        one = session.driver.ask("SELECT CAST(? AS INTEGER)", 1)
        other = session.driver.ask("SELECT CAST(? AS INTEGER) UNION ALL SELECT 3 ORDER BY 1", 2)

        assert other() == [(2,), (3,)]
        assert one() == [(1,)]
