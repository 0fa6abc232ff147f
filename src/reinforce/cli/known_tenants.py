"""Which tenants there are, for those who work on all of them."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from reinforce.cli.output import Output
from reinforce.cli.settings import Settings
from reinforce.errors import UnknownTenant
from reinforce.store.database import Database, Target
from reinforce.store.tenants import all_tenants

MOST_NAMED = 10


def tenants_of(database: Database) -> list[str]:
    """The keys of all tenants."""
    with database.read() as connection:
        return [key for _, key in all_tenants(connection, database.tables)]


@contextmanager
def known_named(settings: Settings, key: str | None = None) -> Iterator[None]:
    """Let the error about an unknown tenant name those that there are, which the library keeps to itself.

    Args:
        settings: say where the tables are.
        key: of the tenant; None: the settings'.
    """
    try:
        yield
    except UnknownTenant as problem:
        with closing(Database(settings.database, settings.schema)) as database:
            raise UnknownTenant(_said(key or settings.tenant_key, tenants_of(database))) from problem


@contextmanager
def told_if_new(settings: Settings, output: Output, database: Target | None = None) -> Iterator[None]:
    """Tell whether a block that has ended well began the tenant; beside others, it may be a mistyped name.

    Args:
        settings: name the tenant.
        output: its document says `new_tenant`.
        database: in whose transaction the block works; None: the settings'.
    """
    key = settings.tenant_key
    with closing(Database(settings.database if database is None else database, settings.schema)) as opened:
        is_there = key in tenants_of(opened)
        yield
        found = tenants_of(opened)
    others = [one for one in found if one != key]
    is_new = not is_there and key in found
    output.add("new_tenant", key if is_new else None)
    if is_new and others:
        output.message(
            f"began a new tenant, {key!r}, beside those that there are: {_named(others)}; "
            f"if the name is mistyped, `reinforce tenant remove {key}` takes it away again"
        )


def _said(key: str, known: list[str]) -> str:
    if not known:
        return f"there is no tenant {key!r} yet, nor any other: the first import makes one"
    return f"there is no tenant {key!r}; there are: {_named(known)}"


def _named(keys: list[str]) -> str:
    more = f" and {len(keys) - MOST_NAMED:,} more" if len(keys) > MOST_NAMED else ""
    return f"{', '.join(keys[:MOST_NAMED])}{more}"
