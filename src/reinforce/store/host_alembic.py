"""For the `env.py` of a host that keeps our tables beside its own: its Alembic must not take them for leftovers.

Without this, `alembic revision --autogenerate` would write a migration that drops them, because the host's
metadata does not know them.
"""

from collections.abc import Mapping

from reinforce.store.table_parts import PREFIX


def include_name(name: str | None, kind: str, _parents: Mapping[str, str | None] | None = None) -> bool:
    """Whether the host's autogenerate should look at this name: at all but our tables.

    Pass it to `context.configure(include_name=...)`, or call it from your own function first. Every table that
    begins with `reinforce_` is ours, those of an older or a newer version too.
    """
    return not (kind == "table" and name is not None and name.startswith(PREFIX))
