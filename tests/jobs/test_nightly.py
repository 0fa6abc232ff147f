"""The nightly run: once for each tenant and day, whatever happens."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, insert, select, update

from jobs.builder import AT_NIGHT, MONDAY, Crowd, assignment_rows, build, run_rows
from reinforce.errors import InvalidValue, NaiveDatetime, SchemaMissing
from reinforce.jobs import ExitCode, exit_code, nightly
from reinforce.jobs.night import day_beginning
from reinforce.model.plans import NightlySummary, PlanningRules
from reinforce.store.database import Database

TESTS = Path(__file__).parents[1]
DAY = timedelta(days=1)


def change(url: str, table: str, **values: object) -> Callable[[int], None]:
    """What sets columns of one row of a table."""

    def apply(number: int) -> None:
        database = Database(url)
        rows = getattr(database.tables, table)
        with database.write() as connection:
            connection.execute(update(rows).where(rows.c.id == number).values(**values))
        database.close()

    return apply


def learner_document(url: str, number: int) -> str:
    """The document of a learner."""
    database = Database(url)
    table = database.tables.learner
    with database.read() as connection:
        text = connection.execute(select(table.c.document).where(table.c.id == number)).scalar_one()
    database.close()
    return str(text)


def test_everyone_is_planned(database_url: str) -> None:
    """A run looks at every active learner and writes what it counts."""
    build(database_url)
    (summary,) = nightly(database_url, as_of=MONDAY, at=AT_NIGHT)
    rows = assignment_rows(database_url)

    assert summary == NightlySummary(
        "acme", MONDAY, learners=36, planned=len({row[2] for row in rows}), assignments=len(rows)
    )
    assert summary.planned > 30
    assert {row[4] for row in rows} == {(MONDAY - date(1970, 1, 1)).days}


def test_a_second_run_changes_nothing_and_says_so(database_url: str) -> None:
    """After a finished run of a day, another looks at nobody, tells what there is, and leaves every row."""
    build(database_url)
    (first,) = nightly(database_url, as_of=MONDAY, at=AT_NIGHT)
    before = assignment_rows(database_url), run_rows(database_url)
    (second,) = nightly(database_url, as_of=MONDAY, at=AT_NIGHT + DAY, rules=PlanningRules(daily_minutes=300))

    assert second == NightlySummary("acme", MONDAY, assignments=first.assignments, repeated=True)
    assert (assignment_rows(database_url), run_rows(database_url)) == before


def test_a_plan_for_a_day_is_made_once(database_url: str) -> None:
    """Practice that comes after the run shows in the next day's plan and not in this one's."""
    build(database_url)
    nightly(database_url, as_of=MONDAY, at=AT_NIGHT)
    before = assignment_rows(database_url)
    database = Database(database_url)
    with database.write() as connection:
        connection.execute(update(database.tables.memory).values(stability=1000.0, due_day=30_000))
    database.close()
    nightly(database_url, as_of=MONDAY, at=AT_NIGHT)

    assert assignment_rows(database_url) == before


def test_days_follow_each_other(database_url: str) -> None:
    """Over two weeks nobody is given what is open for them or cooling down, and what is old expires."""
    build(database_url)
    rules = PlanningRules(open_days=2)
    summaries = [nightly(database_url, as_of=MONDAY + n * DAY, at=AT_NIGHT, rules=rules)[0] for n in range(14)]
    rows = assignment_rows(database_url)
    given = sorted((row[2], row[3], row[4]) for row in rows)
    gaps = [later[2] - earlier[2] for earlier, later in pairwise(given) if earlier[:2] == later[:2]]

    assert sum(summary.expired for summary in summaries) == sum(row[7] == "expired" for row in rows) > 100
    assert gaps
    assert min(gaps) >= 2


@pytest.mark.parametrize("shard_size", [1, 7, 40, 1000])
def test_plans_do_not_depend_on_shards(sqlite_url: str, tmp_path: Path, shard_size: int) -> None:
    """However the learners are cut into shards, the same bytes are written."""
    other = f"sqlite:///{tmp_path / 'other.db'}"
    build(sqlite_url)
    build(other)
    nightly(sqlite_url, as_of=MONDAY, at=AT_NIGHT, shard_size=13)
    nightly(other, as_of=MONDAY, at=AT_NIGHT, shard_size=shard_size)

    assert assignment_rows(sqlite_url) == assignment_rows(other)


def test_databases_agree(sqlite_url: str, postgres_url: str) -> None:
    """SQLite and PostgreSQL hold the same bytes after the same nights."""
    for url in (sqlite_url, postgres_url):
        build(url)
        for n in range(4):
            nightly(url, as_of=MONDAY + n * DAY, at=AT_NIGHT)

    assert assignment_rows(sqlite_url) == assignment_rows(postgres_url)


def test_plans_do_not_depend_on_hashes(tmp_path: Path) -> None:
    """Processes whose strings hash differently write the same bytes."""
    script = (
        "import sys; from jobs.builder import *; from reinforce.jobs import nightly\n"
        "build(sys.argv[1]); nightly(sys.argv[1], as_of=MONDAY, at=AT_NIGHT, shard_size=int(sys.argv[2]))\n"
    )
    urls = [f"sqlite:///{tmp_path / seed}.db" for seed in ("1", "2")]
    for seed, url in enumerate(urls, 1):
        environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
        subprocess.run([sys.executable, "-c", script, url, str(10 * seed)], cwd=TESTS, env=environment, check=True)

    assert assignment_rows(urls[0]) == assignment_rows(urls[1]) != []


def test_tenants_are_planned_apart(database_url: str) -> None:
    """Each tenant has its own run; those that are not named are left alone, and a name that is unknown is told."""
    build(database_url, Crowd("a"), Crowd("b"), Crowd("c", learners=0))
    named = nightly(database_url, tenants=["b", "nobody", "b"], as_of=MONDAY, at=AT_NIGHT)
    everyone = nightly(database_url, as_of=MONDAY, at=AT_NIGHT)

    assert [(each.tenant, each.error) for each in named] == [("b", None), ("nobody", "there is no tenant 'nobody'")]
    assert [(each.tenant, each.learners, each.error) for each in everyone] == [
        ("a", 36, None),
        ("b", 0, None),
        ("c", 0, None),
    ]
    assert {row[1] for row in assignment_rows(database_url)} == {1, 2}


def test_a_tenants_failure_stays_its_own(database_url: str) -> None:
    """A tenant whose library cannot be read is told with its reason; the others have their plans."""
    build(database_url, Crowd("a"), Crowd("b"), Crowd("c"))
    change(database_url, "refresher", document="{broken")(13)
    a, b, c = nightly(database_url, as_of=MONDAY, at=AT_NIGHT)

    assert (a.error, c.error) == (None, None)
    assert b.error is not None
    assert b.error.startswith("1 of 1 shards failed and are left for the next try; shard 0: ")
    assert (a.learners, b.learners, c.learners) == (36, 0, 36)
    assert exit_code([a, b, c]) is ExitCode.FAILED


def test_a_poisoned_shard_leaves_the_others_done(database_url: str, tmp_path: Path) -> None:
    """One learner who cannot be planned costs their shard; once mended, the next try does that shard alone and ends
    as if nothing had happened.
    """
    undisturbed = f"sqlite:///{tmp_path / 'undisturbed.db'}"
    build(undisturbed)
    (expected,) = nightly(undisturbed, as_of=MONDAY, at=AT_NIGHT, shard_size=5)
    build(database_url)
    document = learner_document(database_url, 7)
    change(database_url, "learner", document='{"key": 7}')(7)
    (poisoned,) = nightly(database_url, as_of=MONDAY, at=AT_NIGHT, shard_size=5)
    change(database_url, "learner", document=document)(7)
    told: list[tuple[str, int, int]] = []
    (mended,) = nightly(
        database_url, as_of=MONDAY, at=AT_NIGHT + DAY, shard_size=99, on_progress=lambda *news: told.append(news)
    )

    assert poisoned.error is not None
    assert "1 of 8 shards failed" in poisoned.error
    assert "shard 1: " in poisoned.error
    assert 0 < poisoned.assignments < expected.assignments
    assert told == [("acme", 7, 8), ("acme", 8, 8)]
    assert (mended.resumed, mended.error) == (True, None)
    assert (mended.learners, mended.planned, mended.assignments) == (
        expected.learners,
        expected.planned,
        expected.assignments,
    )
    assert assignment_rows(database_url) == assignment_rows(undisturbed)


def test_progress_is_told_by_shard(sqlite_url: str) -> None:
    """Whoever draws a bar hears where it begins and each step, and of a finished run that nothing is left."""
    build(sqlite_url)
    told: list[tuple[str, int, int]] = []
    for _ in range(2):
        nightly(sqlite_url, as_of=MONDAY, at=AT_NIGHT, shard_size=15, on_progress=lambda *news: told.append(news))

    assert told == [("acme", n, 3) for n in (0, 1, 2, 3, 3)]


def test_a_learner_who_comes_during_the_run_waits_for_the_next(sqlite_url: str) -> None:
    """The shards of a run are cut once; whoever is new has a plan the day after."""
    build(sqlite_url)
    document = learner_document(sqlite_url, 1).replace("learner-00000", "new")

    def add(_tenant: str, done: int, _total: int) -> None:
        if done:
            return
        database = Database(sqlite_url)
        table = database.tables.learner
        with database.write() as connection:
            connection.execute(
                insert(table).values(
                    tenant_id=1, key="new", time_zone="UTC", day_starts_at=4, is_active=1, document=document
                )
            )
        database.close()

    (today,) = nightly(sqlite_url, as_of=MONDAY, at=AT_NIGHT, on_progress=add)
    (tomorrow,) = nightly(sqlite_url, as_of=MONDAY + DAY, at=AT_NIGHT)

    assert (today.learners, tomorrow.learners) == (36, 37)


def test_the_moment_of_the_first_try_is_written(sqlite_url: str) -> None:
    """Assignments bear the moment at which their run was begun."""
    build(sqlite_url)
    nightly(sqlite_url, as_of=MONDAY, at=AT_NIGHT)

    assert {row[-2] for row in assignment_rows(sqlite_url)} == {int(AT_NIGHT.timestamp()) * 1_000_000}


@pytest.mark.parametrize(
    ("clock", "hours_from_utc"),
    [(datetime(2026, 3, 2, 1), hours) for hours in range(-10, 14)]  # noqa: DTZ001 -- given its zone below
    + [(datetime(2026, 3, 1, 22), hours) for hours in range(-10, 11)],  # noqa: DTZ001
)
def test_a_night_is_for_the_day_that_begins(clock: datetime, hours_from_utc: int) -> None:
    """Run at night, by the clock of Honolulu, Auckland or any between, the job plans the day that begins."""
    assert day_beginning(clock.replace(tzinfo=timezone(timedelta(hours=hours_from_utc)))) == MONDAY


def test_without_a_date_the_day_that_begins_is_planned(sqlite_url: str) -> None:
    """The job may be run without saying for which day."""
    build(sqlite_url)

    assert nightly(sqlite_url, at=AT_NIGHT)[0].day == MONDAY
    assert abs((nightly(sqlite_url)[0].day - datetime.now(UTC).date()).days) <= 1


def test_tables_may_live_in_a_schema(postgres_url: str) -> None:
    """With `schema=`, runs, shards and assignments live in it."""
    build(postgres_url, schema="learning")
    (summary,) = nightly(postgres_url, schema="learning", as_of=MONDAY, at=AT_NIGHT)

    assert summary.error is None
    assert len(assignment_rows(postgres_url, "learning")) == summary.assignments > 0


def test_a_database_without_tables_is_told(database_url: str) -> None:
    """Nobody gets an empty summary of a database that was never set up."""
    with pytest.raises(SchemaMissing, match="reinforce db upgrade"):
        nightly(database_url, as_of=MONDAY)


def test_nonsense_is_refused(sqlite_url: str) -> None:
    """A naive moment, a moment for a date, the last day and shards without learners are refused before all else."""
    build(sqlite_url)
    with pytest.raises(NaiveDatetime):
        nightly(sqlite_url, at=datetime(2026, 3, 2))  # noqa: DTZ001
    with pytest.raises(InvalidValue, match="as_of must be a date"):
        nightly(sqlite_url, as_of=AT_NIGHT)
    with pytest.raises(InvalidValue, match="as_of must lie in the years 1900 to 9000, not at 9999-12-31"):
        nightly(sqlite_url, as_of=date.max)
    with pytest.raises(InvalidValue, match="shard_size must be at least 1"):
        nightly(sqlite_url, shard_size=0)

    assert run_rows(sqlite_url) == []


def test_a_hosts_connection_stays_the_hosts(database_url: str) -> None:
    """Within the host's transaction the run is made there, and a rollback takes every row of it back."""
    build(database_url)
    engine = create_engine(database_url)
    with engine.connect() as connection:
        (summary,) = nightly(connection, as_of=MONDAY, at=AT_NIGHT)
        table = Database(connection).tables.assignment
        inside = connection.execute(select(func.count()).select_from(table)).scalar_one()
        connection.rollback()
    after = assignment_rows(database_url), run_rows(database_url)
    with engine.begin() as connection:
        nightly(connection, as_of=MONDAY, at=AT_NIGHT)
    engine.dispose()

    assert summary.error is None
    assert inside == summary.assignments > 0
    assert after == ([], [])
    assert len(assignment_rows(database_url)) == inside
