"""What the store hands to planning, and what becomes of assignments."""

import itertools
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from attrs import evolve
from sqlalchemy import Connection, event, insert, select, update

from jobs.builder import MONDAY, Crowd, build
from reinforce.errors import NotFound, UnknownLearner
from reinforce.model.days import day_number
from reinforce.model.people import Learner
from reinforce.model.plans import Assignment, AssignmentStatus, Plan
from reinforce.planning.shard import assignment_id
from reinforce.reinforcer import Reinforcer
from reinforce.store.assignments import assignments_of
from reinforce.store.catalogue import Catalogue
from reinforce.store.database import Database
from reinforce.store.driver import Driver
from reinforce.store.parameters import present_of
from reinforce.store.planning import Definitions, LearnerRows, Plans

TODAY = day_number(MONDAY)
EVERYONE = (0, 10**6)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Two tenants with the same keys, `a` (number 1) and `b` (number 2)."""
    build(
        database_url, Crowd("a", learners=12, skills=3, refreshers=4), Crowd("b", learners=12, skills=3, refreshers=4)
    )
    database = Database(database_url)
    yield database
    database.close()


def given(day: date = MONDAY, learner: str = "learner-00000", refresher: str = "refresher-000") -> Assignment:
    """An assignment of tenant a."""
    return Assignment(
        id=assignment_id("a", learner, refresher, day),
        learner=learner,
        refresher=refresher,
        title="Übung „eins“",
        day=day,
        expires=day + timedelta(days=7),
        skills=("skill-001", "skill-000"),
        minutes=4.5,
        reason="Because it fades.",
        value=0.25,
    )


def definitions(plans: Plans, connection: Connection, tenant: int = 1) -> Definitions:
    """What a tenant has defined."""
    return plans.definitions(present_of(Driver(connection, None), tenant).belief)


def people(database: Database, connection: Connection, *keys: str) -> dict[int, Learner]:
    """Learners of tenant a, by number."""
    return Catalogue(connection, database.tables, 1).several(Learner, keys)


def write(database: Database, *assignments: Assignment) -> None:
    """Write assignments of tenant a, one plan for each."""
    with database.write() as connection:
        plans = Plans(connection, database.tables, 1)
        known = definitions(plans, connection)
        rows = plans.rows_of(known, people(database, connection, *{each.learner for each in assignments}), TODAY, 0)
        for each in assignments:
            plans.write(known, rows, [Plan(each.learner, each.day, (each,))], written_at=5)


def read(database: Database, *, tenant: int = 1, day: int = TODAY, cool_down_days: int = 0) -> LearnerRows:
    """All that planning would be told of a tenant."""
    with database.read() as connection:
        plans = Plans(connection, database.tables, tenant)
        return plans.rows_of_range(definitions(plans, connection, tenant), *EVERYONE, day, cool_down_days)


def assignments(
    database: Database,
    learner: str = "learner-00000",
    *,
    tenant: int = 1,
    status: AssignmentStatus | None = AssignmentStatus.OPEN,
) -> list[Assignment]:
    """A learner's assignments."""
    with database.read() as connection:
        return assignments_of(connection, database.tables, "ab"[tenant - 1], learner, status)


def complete(database: Database, number: str, *, tenant: int = 1, closed_at: int = 9) -> Assignment:
    """Complete one."""
    with database.write() as connection:
        return Plans(connection, database.tables, tenant).complete(number, closed_at)


def expire(database: Database, day: int, *, tenant: int = 1) -> int:
    """Expire everybody's."""
    with database.write() as connection:
        return len(Plans(connection, database.tables, tenant).expire(*EVERYONE, day, closed_at=9))


def test_written_assignments_read_back_as_they_were(database: Database) -> None:
    """What was planned is what is read, to the last character, in the order in which it should be taken."""
    first, second = given(), given(refresher="refresher-002")
    later = given(MONDAY + timedelta(days=1), refresher="refresher-001")
    with database.write() as connection:
        plans = Plans(connection, database.tables, 1)
        known = definitions(plans, connection)
        rows = plans.rows_of(known, people(database, connection, "learner-00000"), TODAY, 0)
        for plan in (Plan("learner-00000", later.day, (later,)), Plan("learner-00000", MONDAY, (second, first))):
            plans.write(known, rows, [plan], written_at=5)

    assert assignments(database) == [second, first, later]


def test_writing_again_changes_nothing(database: Database) -> None:
    """An assignment that is there stays as it is, even if it comes again with other words."""
    write(database, given())
    complete(database, given().id)
    write(database, evolve(given(), title="another"))

    assert assignments(database, status=None) == [evolve(given(), status=AssignmentStatus.DONE)]


def test_many_are_written_at_once(database: Database) -> None:
    """As many as a shard has are written like one, and again without harm."""
    many = [given(MONDAY + timedelta(days=n)) for n in range(120)]
    for _ in range(2):
        with database.write() as connection:
            plans = Plans(connection, database.tables, 1)
            known = definitions(plans, connection)
            rows = plans.rows_of(known, people(database, connection, "learner-00000"), TODAY, 0)
            plans.write(known, rows, [Plan("learner-00000", MONDAY, tuple(many))], written_at=5)

    assert assignments(database) == many


def test_assignments_are_asked_for_by_status(database: Database) -> None:
    """Open ones are told unless others are asked for; somebody without any has none."""
    done, still_open = given(), given(refresher="refresher-001")
    write(database, done, still_open)
    complete(database, done.id)

    assert assignments(database) == [still_open]
    assert assignments(database, status=AssignmentStatus.DONE) == [evolve(done, status=AssignmentStatus.DONE)]
    assert {each.id for each in assignments(database, status=None)} == {done.id, still_open.id}
    assert assignments(database, "learner-00001") == []
    with pytest.raises(UnknownLearner, match="'nobody'"):
        assignments(database, "nobody")


def test_completing_is_done_once(database: Database) -> None:
    """The first completion stands, with its moment; a second one tells the same."""
    write(database, given())

    assert complete(database, given().id, closed_at=9) == complete(database, given().id, closed_at=11)
    with database.read() as connection:
        assert connection.scalars(select(database.tables.assignment.c.closed_at)).all() == [9]


def test_late_is_done_too(database: Database) -> None:
    """Who takes a refresher after it has expired has still done it."""
    write(database, given())
    expire(database, TODAY + 7)

    assert complete(database, given().id).status is AssignmentStatus.DONE


@pytest.mark.parametrize("number", ["", "no hex digits", "ab", given(refresher="refresher-003").id])
def test_an_unknown_assignment_is_named(database: Database, number: str) -> None:
    """An id that stands for nothing is told back, whatever it looks like."""
    with pytest.raises(NotFound, match=f"no assignment '{number}'"):
        complete(database, number)


def test_tenants_see_and_change_their_own_only(database: Database) -> None:
    """Nothing of tenant a is read, completed, expired or planned with by tenant b, though all keys are the same."""
    write(database, given())

    assert assignments(database, tenant=2, status=None) == []
    assert expire(database, TODAY + 100, tenant=2) == 0
    with pytest.raises(NotFound):
        complete(database, given().id, tenant=2)
    theirs, ours = read(database, tenant=2), read(database)
    assert (list(theirs.open), list(ours.open)) == ([], [("learner-00000", "refresher-000")])
    assert set(theirs.ids).isdisjoint(ours.ids)
    assert len(ours.memory.stability) > 0
    assert assignments(database) == [given()]


def test_assignments_expire_on_their_day(database: Database) -> None:
    """An open assignment expires on the day that it names, not before; what is done stays done."""
    done = given(refresher="refresher-001")
    write(database, given(), done)
    complete(database, done.id)

    assert expire(database, TODAY + 6) == 0
    assert expire(database, TODAY + 7) == 1
    assert expire(database, TODAY + 8) == 0
    states = {each.refresher: each.status for each in assignments(database, status=None)}
    assert states == {"refresher-000": AssignmentStatus.EXPIRED, "refresher-001": AssignmentStatus.DONE}


def test_those_that_expire_are_found_among_the_open_ones(database: Database) -> None:
    """A night looks through what is open, however much was ever given: by an index of its own, on both databases."""
    asked: list[str] = []
    with database.write() as connection:
        event.listen(connection, "before_cursor_execute", lambda *heard: asked.append(heard[2]))
        Plans(connection, database.tables, 1).expire(*EVERYONE, TODAY, closed_at=9)
        (statement,) = asked
        if connection.dialect.name == "sqlite":
            found = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", (None,) * statement.count("?"))
        else:
            numbers = itertools.count(1)
            ask = re.sub(r"%\(\w+\)s", lambda _: f"${next(numbers)}", statement)
            connection.exec_driver_sql(f"PREPARE night AS {ask}")
            connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")  # as after a few shards
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # so few rows are worth no index
            nothing = ", ".join(["NULL"] * (next(numbers) - 1))
            found = connection.exec_driver_sql(f"EXPLAIN EXECUTE night({nothing})")
        plan = str(found.all())

    assert "ix_reinforce_assignment_open" in plan


def test_recent_assignments_count_whatever_became_of_them(database: Database) -> None:
    """Planning is told of all that was given within the cool-down, and of all that is open."""
    days = {n: MONDAY - timedelta(days=n) for n in (3, 4, 5)}
    write(database, *(given(day) for day in days.values()))
    complete(database, given(days[3]).id)
    complete(database, given(days[5]).id)
    rows = read(database, cool_down_days=3)

    learner, refresher = "learner-00000", "refresher-000"
    assert list(rows.open) == [(learner, refresher)]
    assert sorted(rows.given) == [(learner, refresher, TODAY - 4), (learner, refresher, TODAY - 3)]


def test_what_expires_on_the_day_is_not_open(database: Database) -> None:
    """A refresher that is about to expire does not keep its skills from being planned."""
    write(database, given(MONDAY - timedelta(days=7)))

    assert list(read(database).open) == []
    assert list(read(database, day=TODAY - 1).open) == [("learner-00000", "refresher-000")]


def test_only_active_learners_are_planned(database: Database) -> None:
    """Somebody who is not active or was erased is not read, and neither is their memory."""
    table = database.tables.learner
    before = read(database)
    with database.write() as connection:
        connection.execute(update(table).where(table.c.id == before.ids[0]).values(erased_at=1))
    after = read(database)

    assert [learner.key for learner in before.learners if not learner.is_active] == []
    assert list(after.ids) == list(before.ids)[1:]
    assert set(after.memory.learner) == set(range(len(after.ids)))
    assert len(after.memory.skill) == sum(before.memory.learner > 0)


def test_memory_comes_by_position(database: Database) -> None:
    """Each memory row stands beside the learner and the skill that it is of, with exact numbers."""
    table = database.tables.memory
    with database.read() as connection:
        known = definitions(Plans(connection, database.tables, 2), connection, 2)
        stored = {
            (row.learner_id, row.skill_id): (row.stability, row.last_day, row.due_day)
            for row in connection.execute(select(table))
        }
    rows = read(database, tenant=2)
    memory = rows.memory
    found = {
        (rows.ids[learner], known.skill_ids[skill]): (stability, last, due)
        for learner, skill, stability, last, due in zip(
            memory.learner, memory.skill, memory.stability, memory.last_day, memory.due_day, strict=True
        )
    }

    assert found == {pair: state for pair, state in stored.items() if pair[0] in rows.ids}
    assert [skill.key for skill in known.skills] == sorted(skill.key for skill in known.skills)


def test_what_is_newer_than_the_definitions_waits(database: Database) -> None:
    """A skill that is defined and practised while a shard is read is left for the next day."""
    with database.write() as connection:
        plans = Plans(connection, database.tables, 1)
        known = definitions(plans, connection)
        before = plans.rows_of_range(known, *EVERYONE, TODAY, 0)
        table = database.tables.memory
        row = connection.execute(select(table).where(table.c.learner_id == before.ids[0])).first()
        assert row is not None
        connection.execute(insert(table).values({**row._mapping, "skill_id": 10**6}))
        after = plans.rows_of_range(known, *EVERYONE, TODAY, 0)

    assert sorted(after.memory.skill.tolist()) == sorted(before.memory.skill.tolist())


def test_who_is_erased_meanwhile_gets_nothing(database: Database) -> None:
    """Nobody who was erased between planning and writing comes back through an assignment."""
    table = database.tables.learner
    with database.write() as connection:
        plans = Plans(connection, database.tables, 1)
        known = definitions(plans, connection)
        rows = plans.rows_of(known, people(database, connection, "learner-00000", "learner-00001"), TODAY, 0)
        connection.execute(update(table).where(table.c.id == rows.ids[0]).values(erased_at=1))
        plan = [Plan(each.learner, MONDAY, (each,)) for each in (given(), given(learner="learner-00001"))]
        plans.write(known, rows, plan, written_at=5)
        written = plans.all_assignments()

    assert written == [given(learner="learner-00001")]


def test_nobody_is_erased_while_plans_are_written(database: Database, database_url: str) -> None:
    """An erasure that comes while assignments are being written waits, and takes them along."""
    reinforcer = Reinforcer(database_url, tenant="a")
    with ThreadPoolExecutor(1) as pool:
        with database.write() as connection:
            plans = Plans(connection, database.tables, 1)
            plans.keep_learners()
            known = definitions(plans, connection)
            rows = plans.rows_of(known, people(database, connection, "learner-00000"), TODAY, 0)
            erasure = pool.submit(reinforcer.erase, "learner-00000")
            with pytest.raises(TimeoutError):
                erasure.result(timeout=0.5)
            plans.write(known, rows, [Plan("learner-00000", MONDAY, (given(),))], written_at=5)
        erasure.result(timeout=30)
    reinforcer.close()

    with database.read() as connection:
        assert connection.execute(select(database.tables.assignment)).all() == []


def test_a_tenant_of_nothing_has_nothing(database_url: str) -> None:
    """A tenant without anything defined is read without error."""
    build(database_url, Crowd("empty", learners=0, skills=0, refreshers=0))
    database = Database(database_url)
    rows = read(database)
    database.close()

    assert (list(rows.learners), list(rows.open), len(rows.memory.skill)) == ([], [], 0)
