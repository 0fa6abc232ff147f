"""Which tenants there are, for those who work on all of them."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from reinforce.cli.settings import Settings
from reinforce.errors import UnknownTenant
from reinforce.store.database import Database
from reinforce.store.tenants import all_tenants

MOST_NAMED = 10


def tenants_of(database: Database) -> list[str]:
    """The keys of all tenants."""
    with database.read() as connection:
        return [key for _, key in all_tenants(connection, database.tables)]


@contextmanager
def named(settings: Settings) -> Iterator[None]:
    """Let the error about an unknown tenant name those that there are, which the library keeps to itself."""
    try:
        yield
    except UnknownTenant as problem:
        with closing(Database(settings.database, settings.schema)) as database:
            raise UnknownTenant(_said(settings.tenant_key, tenants_of(database))) from problem


def _said(key: str, known: list[str]) -> str:
    if not known:
        return f"there is no tenant {key!r} yet, nor any other: the first import makes one"
    more = f" and {len(known) - MOST_NAMED:,} more" if len(known) > MOST_NAMED else ""
    return f"there is no tenant {key!r}; there are: {', '.join(known[:MOST_NAMED])}{more}"
