"""Whoever may not make the tables is told so; whoever may make just them can."""

import os

import pytest
from sqlalchemy import make_url, text

from reinforce.errors import DatabaseReadOnly
from reinforce.store import migrations, upgrade, version
from reinforce.store.database import Database
from store.test_migrations import connected


def test_a_read_only_file(sqlite_url: str) -> None:
    """A file that may only be read is refused as such, unless there is nothing to do."""
    database = Database(sqlite_url)
    with database.write() as connection:
        connection.execute(text("CREATE TABLE invoice (id INTEGER)"))
    read_only = Database(f"{sqlite_url.replace('sqlite:///', 'sqlite:///file:')}?mode=ro&uri=true")

    with pytest.raises(DatabaseReadOnly, match="may not be written"):
        upgrade.upgrade(read_only)
    upgrade.upgrade(database)
    assert upgrade.upgrade(read_only) == ()
    version.require_current(read_only)
    read_only.close()
    database.close()


def test_a_role_without_the_right_to_write(postgres_url: str) -> None:
    """A PostgreSQL session that may only read is refused as such."""
    url = make_url(postgres_url).update_query_dict({"options": "-c default_transaction_read_only=on"})
    database = Database(url)

    with pytest.raises(DatabaseReadOnly, match="may not be written"):
        upgrade.upgrade(database)
    database.close()


def test_a_schema_that_an_administrator_has_made(postgres_url: str) -> None:
    """A role that may make tables in its schema needs no right to make schemas."""
    role = f"reinforce_role_{os.getpid()}"
    with connected(postgres_url) as administrator:
        administrator.execute(text(f"CREATE ROLE {role} LOGIN"))
        administrator.execute(text(f"CREATE SCHEMA practice AUTHORIZATION {role}"))
        administrator.commit()
    database = Database(make_url(postgres_url).set(username=role), schema="practice")
    try:
        assert upgrade.upgrade(database) == migrations.REVISIONS
        with pytest.raises(DatabaseReadOnly, match="permission denied"):
            upgrade.upgrade(Database(database._engine or "", schema="another"))
    finally:
        database.close()
        with connected(postgres_url) as administrator:
            administrator.execute(text(f"DROP OWNED BY {role}"))
            administrator.execute(text(f"DROP ROLE {role}"))
            administrator.commit()
