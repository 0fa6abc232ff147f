"""Which events statements of others have made, so that these are not told to others once more."""

SOURCE = "xapi:statement"
"""The source of every event that a statement has made; its external id is the statement's.

It is the same whichever mapping understood the statement, so that the database itself keeps a statement from
counting twice.
"""

_PREFIX = "xapi:"


def came_as_statement(source: str) -> bool:
    """Whether an event of this source was told to us as a statement.

    >>> came_as_statement(SOURCE), came_as_statement("crm")
    (True, False)
    """
    return source.startswith(_PREFIX)
