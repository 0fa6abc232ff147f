"""A host with migrations of its own keeps our tables beside its own, and neither disturbs the other.

The host is a real one: its folder is made by `alembic init`, and its migrations by the real command.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from reinforce.store import upgrade, version
from reinforce.store.database import Database
from reinforce.store.host_alembic import include_name

TABLES = """
from sqlalchemy import Column, Integer, MetaData, Table, Text

metadata = MetaData()
Table("invoice", metadata, Column("id", Integer, primary_key=True), Column("number", Text))
Table("reinforced_concrete", metadata, Column("id", Integer, primary_key=True))
"""
LINE = "include_name=include_name"


class Host:
    """An application with tables and migrations of its own."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        folder.mkdir()
        self.run("init", "migrations")
        (folder / "tables.py").write_text(TABLES)
        self.configure("")

    def configure(self, *options: str, imports: str = "") -> None:
        """Write the `env.py` anew: what `alembic init` makes, with the host's tables and these options."""
        made = self.folder / "migrations" / "env.py"
        fresh = self.folder / "env.py.fresh"
        if not fresh.exists():
            fresh.write_text(made.read_text())
        given = fresh.read_text().replace(
            "target_metadata = None",
            f"from tables import metadata as target_metadata\n{imports}\n"
            f"config.set_main_option('sqlalchemy.url', {self.url.replace('%', '%%')!r})",
        )
        configured = re.sub(
            r"(context\.configure\(\s*connection=connection,)", rf"\1 {', '.join(filter(None, options))},", given
        )
        made.write_text(configured.replace(", ,", ","))

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the host's `alembic` command."""
        return subprocess.run(
            [sys.executable, "-m", "alembic", *arguments],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": os.pathsep.join([".", *sys.path])},
            capture_output=True,
            text=True,
            check=False,
        )

    def succeeds(self, *arguments: str) -> str:
        """Run the host's `alembic` command; what it said."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def revision(self, name: str) -> str:
        """Let `alembic revision --autogenerate` write a migration; its text."""
        self.succeeds("revision", "--autogenerate", "-m", name)
        (file,) = (self.folder / "migrations" / "versions").glob(f"*_{name}.py")
        return file.read_text()


@pytest.fixture
def host(tmp_path: Path, database_url: str) -> Host:
    """A host whose own tables are there, made by its own migration."""
    made = Host(tmp_path / "host", database_url)
    assert "create_table('invoice'" in made.revision("first")
    made.succeeds("upgrade", "head")
    return made


def add_our_tables(url: str, schema: str | None = None) -> None:
    """Do what `reinforce db upgrade` does."""
    database = Database(url, schema=schema)
    upgrade.upgrade(database)
    database.close()


IMPORT = "from reinforce.store.host_alembic import include_name"


def test_without_the_line_the_host_would_drop_our_tables(host: Host) -> None:
    """What the line is for: Alembic takes tables that the host's metadata does not know for leftovers."""
    add_our_tables(host.url)
    written = host.revision("careless")

    assert "op.drop_table('reinforce_memory')" in written
    assert "op.drop_table('reinforce_version')" in written
    assert host.run("check").returncode != 0


def test_with_the_line_the_host_sees_no_difference(host: Host) -> None:
    """With one line in its env.py, a host's autogenerate writes an empty migration with our tables present."""
    add_our_tables(host.url)
    host.configure(LINE, imports=IMPORT)

    assert "No new upgrade operations detected." in host.succeeds("check")
    written = host.revision("nothing")
    assert "op." not in written.partition("def upgrade")[2]


def test_the_line_hides_nothing_of_the_hosts(host: Host) -> None:
    """With the line, the host's own changes are found as before, even to tables whose names resemble ours."""
    add_our_tables(host.url)
    host.configure(LINE, imports=IMPORT)
    (host.folder / "tables.py").write_text(
        TABLES.replace('Table("reinforced_concrete"', 'Table("reinforced_steel"').replace("number", "amount")
    )
    written = host.revision("change")

    found = sorted(set(re.findall(r"op\.(\w+)\('(\w+)'", written.partition("def upgrade")[2].partition("def down")[0])))
    assert found == [
        ("add_column", "invoice"),
        ("create_table", "reinforced_steel"),
        ("drop_column", "invoice"),
        ("drop_table", "reinforced_concrete"),
    ]


def test_a_host_with_a_choice_of_its_own(host: Host) -> None:
    """A host that already chooses what Alembic looks at asks us inside of its own function."""
    add_our_tables(host.url)
    engine = create_engine(host.url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE legacy (id INTEGER)"))
    engine.dispose()
    host.configure(
        "include_name=ours_only",
        imports=f"{IMPORT}\n"
        "def ours_only(name, kind, parents):\n"
        "    return include_name(name, kind, parents) and name != 'legacy'\n",
    )

    assert "No new upgrade operations detected." in host.succeeds("check")


def test_in_a_schema_of_their_own_our_tables_are_out_of_the_way(postgres_url: str, tmp_path: Path) -> None:
    """In a schema of their own our tables need no line, unless the host's Alembic looks into every schema."""
    host = Host(tmp_path / "host", postgres_url)
    host.revision("first")
    host.succeeds("upgrade", "head")
    add_our_tables(host.url, schema="practice")

    assert "No new upgrade operations detected." in host.succeeds("check")
    host.configure("include_schemas=True")
    assert "Detected removed table 'practice.reinforce_memory'" in host.run("check").stderr
    host.configure("include_schemas=True", LINE, imports=IMPORT)
    assert "No new upgrade operations detected." in host.succeeds("check")


@pytest.mark.parametrize(
    ("name", "kind", "looked_at"),
    [
        ("reinforce_memory", "table", False),
        ("reinforce_version", "table", False),
        ("reinforce_of_next_year", "table", False),
        ("reinforced_concrete", "table", True),
        ("reinforce", "table", True),
        ("invoice", "table", True),
        ("reinforce_memory", "column", True),
        ("reinforce_host", "schema", True),
        (None, "schema", True),
        (None, "foreign_key_constraint", True),
    ],
)
def test_what_the_hosts_alembic_looks_at(name: str | None, kind: str, looked_at: bool) -> None:
    """Exactly the tables that begin with `reinforce_` are hidden, those of other versions among them."""
    assert include_name(name, kind, {"schema_name": None}) is looked_at


CALLING_MIGRATION = '''
"""Reinforce's tables come and go with this revision."""

from alembic import op
from sqlalchemy import Column, Integer

from reinforce.store.database import Database
from reinforce.store.upgrade import downgrade as take_back, upgrade as bring_up

revision = "calls_us"
down_revision = None


def upgrade():
    op.create_table("before", Column("id", Integer))
    bring_up(Database(op.get_bind()))
    op.create_table("after", Column("id", Integer))


def downgrade():
    op.drop_table("after")
    take_back(Database(op.get_bind()), "base")
    op.drop_table("before")
'''


def test_a_hosts_migration_calls_ours(tmp_path: Path, database_url: str) -> None:
    """A host may make and remove our tables within a migration of its own, which goes on afterwards."""
    host = Host(tmp_path / "host", database_url)
    (host.folder / "migrations" / "versions" / "calls_us.py").write_text(CALLING_MIGRATION)
    host.succeeds("upgrade", "head")
    database = Database(database_url)
    version.require_current(database)
    with database.read() as connection:
        assert {"before", "after"} < set(inspect(connection).get_table_names())

    host.succeeds("downgrade", "base")
    with database.read() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    database.close()


def test_a_hosts_migration_that_fails_takes_ours_with_it(tmp_path: Path, database_url: str) -> None:
    """If a host's migration fails after it has called ours, none of our tables stay."""
    host = Host(tmp_path / "host", database_url)
    failing = CALLING_MIGRATION.replace('op.create_table("after"', 'op.create_table("before"')
    (host.folder / "migrations" / "versions" / "calls_us.py").write_text(failing)

    assert re.search(r'before"? already exists', host.run("upgrade", "head").stderr)
    database = Database(database_url)
    with database.read() as connection:
        assert [name for name in inspect(connection).get_table_names() if name.startswith("reinforce")] == []
    database.close()
