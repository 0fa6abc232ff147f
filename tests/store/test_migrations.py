"""The tables are made, changed and taken away by revisions, on both databases."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Double,
    Engine,
    LargeBinary,
    Table,
    create_engine,
    func,
    insert,
    inspect,
    make_url,
    select,
    text,
)

from reinforce.errors import (
    InvalidSettings,
    ReinforceError,
    SchemaMissing,
    SchemaOutdated,
    SchemaTooNew,
    StoreError,
)
from reinforce.model.people import Learner, Team
from reinforce.reinforcer import Reinforcer
from reinforce.store import migrations, upgrade, version
from reinforce.store.database import Database
from reinforce.store.schema import VERSION_TABLE

HEAD = migrations.REVISIONS[-1]
VERSION_FILES = Path(upgrade.SCRIPTS) / "versions"


@pytest.fixture(params=["sqlite", "postgresql", "postgresql, in a schema"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database of each kind, and one whose tables go into a schema of their own."""
    kind = request.param
    url = request.getfixturevalue("sqlite_url" if kind == "sqlite" else "postgres_url")
    opened = Database(url, schema="practice" if kind.endswith("schema") else None)
    yield opened
    opened.close()


@pytest.fixture
def add_revision(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Give the package one revision more, "9001", whose `upgrade` has the given body."""

    def add(body: str) -> None:
        scripts = tmp_path / "migrations"
        shutil.copytree(upgrade.SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
        (scripts / "versions" / "v9001_one_more.py").write_text(
            "from sqlalchemy import Column, Integer, Text, select, func, table\n"
            f"revision, down_revision = '9001', {HEAD!r}\n"
            f"def upgrade(op, schema):\n    {body}\n"
            "def downgrade(op, schema):\n    op.drop_table('reinforce_more', schema=schema)\n"
        )
        monkeypatch.setattr(upgrade, "SCRIPTS", scripts)
        monkeypatch.setattr(migrations, "REVISIONS", (*migrations.REVISIONS, "9001"))

    return add


MAKE_ONE_MORE = "op.create_table('reinforce_more', Column('id', Integer, primary_key=True), schema=schema)"


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """A connection of a host's own."""
    engine = create_engine(url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def url_of(database: Database) -> str:
    """The address with its password."""
    assert isinstance(database._engine, Engine)
    return database._engine.url.render_as_string(hide_password=False)


def made_in(connection: Connection, schema: str | None) -> list[tuple[object, ...]]:
    """All that the database itself knows of our tables, but for the version table: names, types, keys, options."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"))
        known = [(kind, name, table, " ".join((sql or "").split())) for kind, name, table, sql in rows]
    else:
        known = [
            tuple(row)
            for query in (POSTGRES_COLUMNS, POSTGRES_CONSTRAINTS, POSTGRES_INDEXES)
            for row in connection.execute(text(query), {"schema": schema or "public"})
        ]
    return [row for row in known if VERSION_TABLE not in row]


POSTGRES_COLUMNS = """
    SELECT relname, attnum, attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid)
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE relnamespace = to_regnamespace(:schema) AND relkind IN ('r', 'S') AND attnum > 0 ORDER BY 1, 2
"""
POSTGRES_CONSTRAINTS = """
    SELECT relname, conname, pg_get_constraintdef(pg_constraint.oid)
    FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
    WHERE connamespace = to_regnamespace(:schema) ORDER BY 1, 2
"""
POSTGRES_INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = :schema ORDER BY 1, 2"


def test_the_migrations_make_what_the_schema_says(database: Database) -> None:
    """A migrated database and one made by `create_all` are the same to the last name, type, key and option."""
    upgrade.upgrade(database)
    with database.read() as connection:
        migrated = made_in(connection, database.schema)
    upgrade.downgrade(database, "base")
    with database.write() as connection:
        database.tables.metadata.create_all(connection)
        defined = made_in(connection, database.schema)

    assert migrated == defined
    assert len({row[0] for row in migrated}) > 1


def test_the_check_finds_no_difference_after_an_upgrade(database: Database) -> None:
    """After an upgrade the tables are of the newest revision, and are what the package expects."""
    upgrade.upgrade(database)

    assert upgrade.check(database) == upgrade.SchemaStatus(current=HEAD, head=HEAD, is_newer=False, differences=())
    assert upgrade.check(database).is_current


def test_up_down_and_up_again_with_rows_in_every_table(database: Database) -> None:
    """Tables with rows in them can be taken away without a trace, and made again as they were."""
    assert upgrade.upgrade(database) == migrations.REVISIONS
    with database.write() as connection:
        first = made_in(connection, database.schema)
        for table in database.tables.metadata.sorted_tables:
            connection.execute(insert(table).values({column: value_for(column) for column in table.columns}))
        assert rows_in(connection, database) == {1}

    assert upgrade.downgrade(database, "base") == migrations.REVISIONS[::-1]
    with database.read() as connection:
        assert inspect(connection).get_table_names(schema=database.schema) == []
        assert [row for row in made_in(connection, database.schema) if "sqlite_sequence" not in row] == []

    assert upgrade.upgrade(database) == migrations.REVISIONS
    with database.read() as connection:
        assert made_in(connection, database.schema) == first
        assert rows_in(connection, database) == {0}


def value_for(column: Column[object]) -> object:
    """Something that the column can hold; every id is 1."""
    if isinstance(column.type, LargeBinary):
        return bytes(range(16))
    if isinstance(column.type, BigInteger):
        return 1_700_000_000_000_000
    if isinstance(column.type, Double):
        return 0.9
    return "ü" if column.type.python_type is str else 1


def rows_in(connection: Connection, database: Database) -> set[int]:
    """How many rows the tables have."""

    def count(table: Table) -> int:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())

    return {count(table) for table in database.tables.metadata.sorted_tables}


def test_rows_survive_the_next_revision(database: Database, add_revision: Callable[[str], None]) -> None:
    """An upgrade and a downgrade of tables in use keep their rows, and say which revisions they went through."""
    upgrade.upgrade(database)
    with database.write() as connection:
        connection.execute(insert(database.tables.tenant).values(key="a", created_at=1))
    add_revision(MAKE_ONE_MORE)

    assert upgrade.upgrade(database) == ("9001",)
    assert upgrade.upgrade(database, to=HEAD) == ()
    assert upgrade.downgrade(database, to="9001") == ()
    assert upgrade.downgrade(database, to=HEAD) == ("9001",)
    assert upgrade.downgrade(database, to=HEAD) == ()
    with database.read() as connection:
        assert connection.execute(select(database.tables.tenant.c.key)).scalars().all() == ["a"]


def test_teams_of_an_older_version_keep_their_parents(database: Database) -> None:
    """Teams that were defined before parents had a column are found in the teams that they are in."""
    upgrade.upgrade(database)
    with Reinforcer(url_of(database), schema=database.schema) as reinforcer:
        reinforcer.define(Team("all"), Team("north", parent="all"), Team("fjord", parent="north"), Team("south"))
        reinforcer.define(*(Learner(f"of-{key}", teams=(key,)) for key in ("all", "north", "fjord", "south")))
        upgrade.downgrade(database, "0009")
        upgrade.upgrade(database)

        found = {key: [one.key for one in reinforcer.learners(team=key)] for key in ("all", "north", "fjord", "south")}
    assert found == {
        "all": ["of-all", "of-fjord", "of-north"],
        "north": ["of-fjord", "of-north"],
        "fjord": ["of-fjord"],
        "south": ["of-south"],
    }


def test_a_revision_that_fails_leaves_nothing(database: Database, add_revision: Callable[[str], None]) -> None:
    """If a revision fails, none of an upgrade has happened, not even the revisions before it."""
    add_revision(f"{MAKE_ONE_MORE}; op.execute('INSERT INTO reinforce_nowhere VALUES (1)')")

    with pytest.raises(ReinforceError):
        upgrade.upgrade(database)
    with database.read() as connection:
        assert inspect(connection).get_table_names(schema=database.schema) == []
    upgrade.upgrade(database, to=HEAD)
    with pytest.raises(ReinforceError):
        upgrade.upgrade(database)

    status = upgrade.check(database)
    assert (status.current, status.is_current, status.differences) == (HEAD, False, ())
    with database.read() as connection:
        assert not inspect(connection).has_table("reinforce_more", schema=database.schema)


def test_a_host_rolls_an_upgrade_back(database: Database) -> None:
    """Within a host's transaction an upgrade is the host's: its rollback leaves neither tables nor schema."""
    with connected(url_of(database)) as host:
        upgrade.upgrade(Database(host, schema=database.schema))
        version.require_current(Database(host, schema=database.schema))
        host.rollback()

    with database.read() as connection:
        assert inspect(connection).get_table_names(schema=database.schema) == []
        assert connection.dialect.name == "sqlite" or not inspect(connection).has_schema("practice")


def test_a_host_commits_an_upgrade(database: Database) -> None:
    """Within a host's transaction an upgrade is kept with what else the host has done, and not before."""
    with connected(url_of(database)) as host:
        host.execute(text("CREATE TABLE invoice (id INTEGER)"))
        upgrade.upgrade(Database(host, schema=database.schema))
        assert host.in_transaction()
        with pytest.raises(SchemaMissing):
            version.require_current(database)
        host.commit()

    version.require_current(database)
    with database.read() as connection:
        assert inspect(connection).has_table("invoice")


def test_a_failed_upgrade_leaves_the_host_its_transaction(
    database: Database, add_revision: Callable[[str], None]
) -> None:
    """After an upgrade that failed, the host goes on and keeps what it has done itself, and nothing of ours."""
    add_revision(f"{MAKE_ONE_MORE}; op.execute('INSERT INTO reinforce_nowhere VALUES (1)')")
    with connected(url_of(database)) as host:
        host.execute(text("CREATE TABLE invoice (id INTEGER)"))
        with pytest.raises(ReinforceError):
            upgrade.upgrade(Database(host, schema=database.schema))
        host.execute(text("INSERT INTO invoice VALUES (1)"))
        host.commit()

    with database.read() as connection:
        assert connection.execute(text("SELECT id FROM invoice")).scalars().all() == [1]
        ours = [name for name in inspect(connection).get_table_names(schema=database.schema) if name != "invoice"]
        assert ours == []


def test_a_downgrade_leaves_the_hosts_tables(database: Database) -> None:
    """Taking our tables away touches no other table, not even one whose name begins as ours do."""
    with database.write() as connection:
        connection.execute(text("CREATE TABLE reinforced_concrete (id INTEGER)"))
    upgrade.upgrade(database)
    assert upgrade.check(database).differences == ()
    upgrade.downgrade(database, "base")

    with database.read() as connection:
        assert inspect(connection).has_table("reinforced_concrete")


def test_no_tables(database: Database) -> None:
    """Where there are no tables, working with them is refused with the line that makes them."""
    with pytest.raises(SchemaMissing, match="reinforce db upgrade"):
        version.require_current(database)
    assert upgrade.check(database) == upgrade.SchemaStatus(current=None, head=HEAD, is_newer=False, differences=())
    assert not upgrade.check(database).is_current
    assert upgrade.downgrade(database, "base") == ()


def test_asking_spoils_nothing_for_the_host(database: Database) -> None:
    """A host whose database has no tables of ours is told so, and its transaction still works."""
    with connected(url_of(database)) as host:
        host.execute(text("CREATE TABLE invoice (id INTEGER)"))
        with pytest.raises(SchemaMissing):
            version.require_current(Database(host, schema=database.schema))
        host.execute(text("INSERT INTO invoice VALUES (1)"))
        assert host.execute(text("SELECT count(*) FROM invoice")).scalar_one() == 1


def test_tables_of_an_older_version(database: Database, add_revision: Callable[[str], None]) -> None:
    """Tables that need an upgrade are refused, with both revisions and the line that upgrades them."""
    upgrade.upgrade(database)
    add_revision(MAKE_ONE_MORE)

    with pytest.raises(SchemaOutdated, match=rf"revision {HEAD}, .* needs 9001.*reinforce db upgrade"):
        version.require_current(database)


def test_tables_of_a_newer_version(database: Database) -> None:
    """Tables that a newer version has made are refused by everything that would work with them or change them."""
    upgrade.upgrade(database)
    with database.write() as connection:
        where = f"{database.schema}.{VERSION_TABLE}" if database.schema else VERSION_TABLE
        connection.execute(text(f"UPDATE {where} SET version_num = '9999'"))

    for refused in (
        lambda: version.require_current(database),
        lambda: upgrade.upgrade(database),
        lambda: upgrade.downgrade(database, "base"),
    ):
        with pytest.raises(SchemaTooNew, match=f"revision 9999, .* knows none after {HEAD}"):
            refused()
    status = upgrade.check(database)
    assert (status.current, status.is_newer, status.is_current) == ("9999", True, False)


@pytest.mark.parametrize("move", [upgrade.upgrade, upgrade.downgrade, upgrade.sql])
def test_a_revision_that_does_not_exist(move: Callable[[Database, str], object], sqlite_url: str) -> None:
    """A revision that is not known is refused, with those that are."""
    with pytest.raises(InvalidSettings, match=r"no revision '0815' .*only base, 0001.*, head"):
        move(Database(sqlite_url), "0815")


def test_the_check_tells_how_tables_differ(database: Database) -> None:
    """Tables that somebody has changed by hand are found out, each change in a sentence."""
    upgrade.upgrade(database)
    with database.write() as connection:
        op = Operations(MigrationContext.configure(connection))
        op.drop_index("ix_reinforce_team_member_team_id", "reinforce_team_member", schema=database.schema)
        op.add_column("reinforce_tenant", Column("motto", LargeBinary), schema=database.schema)
        op.drop_table("reinforce_job_shard", schema=database.schema)
        if database.dialect == "postgresql":
            op.alter_column("reinforce_memory", "lapses", type_=BigInteger(), nullable=True, schema=database.schema)

    status = upgrade.check(database)
    assert status.is_current
    assert set(status.differences) == {
        "column motto of table reinforce_tenant is not expected",
        "index ix_reinforce_team_member_team_id of table reinforce_team_member is missing",
        "table reinforce_job_shard is missing",
    } | (
        {
            "nullable of column reinforce_memory.lapses is True, expected is False",
            "type of column reinforce_memory.lapses is BIGINT(), expected is Integer()",
        }
        if database.dialect == "postgresql"
        else set()
    )


QUIET = {"PGOPTIONS": "-c client_min_messages=warning"}


def run_sql(database: Database, sql: str) -> None:
    """Run a script as a database administrator does, with the database's own program."""
    url = make_url(url_of(database))
    if database.dialect == "postgresql":
        address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        command = ["psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--dbname={address}"]
    elif shutil.which("sqlite3") is None:  # the same library, in another program
        with sqlite3.connect(str(url.database)) as connection:
            connection.executescript(sql)
        connection.close()
        return
    else:
        command = ["sqlite3", "-bail", str(url.database)]
    done = subprocess.run(command, input=sql, capture_output=True, text=True, check=False, env=os.environ | QUIET)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_administrator_can_run_the_sql(database: Database) -> None:
    """The SQL for an administrator makes the same tables as an upgrade, and takes them away again."""
    upgrade.upgrade(database)
    with database.read() as connection:
        online = made_in(connection, database.schema)
    upgrade.downgrade(database, "base")

    run_sql(database, upgrade.sql(database))
    with database.read() as connection:
        assert made_in(connection, database.schema) == online
    version.require_current(database)
    assert upgrade.upgrade(database) == ()
    run_sql(database, upgrade.sql(database, to="base", since=HEAD))
    with database.read() as connection:
        assert inspect(connection).get_table_names(schema=database.schema) == []


def test_the_sql_from_a_revision(database: Database, add_revision: Callable[[str], None]) -> None:
    """An administrator of tables in use gets only what is new since their revision."""
    upgrade.upgrade(database)
    add_revision(MAKE_ONE_MORE)
    script = upgrade.sql(database, since=HEAD)
    assert script.count("CREATE TABLE") == 1
    run_sql(database, script)

    version.require_current(database)
    with database.read() as connection:
        assert inspect(connection).has_table("reinforce_more", schema=database.schema)


def test_the_sql_needs_no_database() -> None:
    """The SQL can be had where the database cannot be reached."""
    database = Database("postgresql://nobody@nowhere.invalid/none", schema="practice")

    assert upgrade.sql(database).startswith("BEGIN;\n\nCREATE SCHEMA IF NOT EXISTS practice;")


UPGRADE_ON_A_SIGN = """
import sys
from reinforce.store.database import Database
from reinforce.store.upgrade import upgrade
database = Database(sys.argv[1], schema=sys.argv[2] or None)
print("ready", flush=True)
sys.stdin.readline()
print(*upgrade(database), flush=True)
database.close()
"""


def test_processes_that_upgrade_at_once(database: Database) -> None:
    """Of several processes that upgrade at once one does it, and the others find it done."""
    command = [sys.executable, "-c", UPGRADE_ON_A_SIGN, url_of(database), database.schema or ""]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    results = [process.communicate(timeout=60) for process in processes]

    assert [errors for _, errors in results] == [""] * 4
    assert sorted(said.split() for said, _ in results) == [[], [], [], list(migrations.REVISIONS)]
    assert upgrade.check(database).differences == ()


def test_tables_without_their_version(database: Database) -> None:
    """Tables that were made without a revision are left as they are, and said to be in the way."""
    with database.write() as connection:
        if database.schema:
            connection.execute(text(f"CREATE SCHEMA {database.schema}"))
        database.tables.metadata.create_all(connection)

    with pytest.raises(StoreError, match="already exists"):
        upgrade.upgrade(database)
    with database.read() as connection:
        assert rows_in(connection, database) == {0}


def test_the_known_revisions_are_the_ones_on_file() -> None:
    """The list of revisions, which is read without Alembic, is the line of revisions that Alembic finds."""
    scripts = list(ScriptDirectory(str(upgrade.SCRIPTS)).walk_revisions())[::-1]

    assert tuple(script.revision for script in scripts) == migrations.REVISIONS
    assert [script.down_revision for script in scripts] == [None, *migrations.REVISIONS[:-1]]
    assert [Path(script.path).name[:6] for script in scripts] == [f"v{revision}_" for revision in migrations.REVISIONS]


def test_a_frozen_revision_needs_nothing_of_ours() -> None:
    """A revision makes the same tables for ever, so it uses no definition that may change."""
    for file in VERSION_FILES.glob("v*.py"):
        assert "reinforce." not in file.read_text(), file.name


def test_asking_for_the_version_needs_no_alembic() -> None:
    """Programs that only use the tables do not pay for importing Alembic."""
    script = "import sys, reinforce, reinforce.store.version; sys.exit('alembic' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
