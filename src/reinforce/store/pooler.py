"""Whether a pooler stands between us and PostgreSQL, and what becomes of prepared statements there.

A pooler of transactions, as PgBouncer may be, gives each transaction to any of its connections to the server. What is
prepared stays with one of them, under a name that other clients use, too: psycopg counts from 0 on every connection.
Then a statement is missing, or there already, or it is somebody else's, and a question is answered with the rows of
another. Some poolers know of this and give the statements names of their own.
"""

from typing import Any

POOLED = "reinforce.pooled"
"""In a connection's `info`: there is a pooler."""

_NAME = b"reinforce_probe"
_IS_RENAMED = b"SELECT NOT EXISTS (SELECT 1 FROM pg_prepared_statements WHERE name = 'reinforce_probe')"
_TUPLES_OK = 2


def is_pooled(connection: Any) -> bool:
    """Whether another process answers than the one that has said hello; a pooler says hello itself.

    Args:
        connection: psycopg's.
    """
    (answering,) = connection.execute("SELECT pg_backend_pid()", prepare=False).fetchone()
    return bool(answering != connection.info.backend_pid)


def keeps_prepared(connection: Any) -> bool:
    """Whether what is prepared on a connection to a pooler is found again, and nobody else's is.

    Where a statement can be seen under the name that we gave it, others of that name can be met; a pooler of sessions
    looks the same.

    Args:
        connection: psycopg's, outside of a transaction.
    """
    connection.pgconn.prepare(_NAME, _IS_RENAMED)  # fails where it is left from another client
    result = connection.pgconn.exec_prepared(_NAME, [])
    return bool(result.status == _TUPLES_OK and result.get_value(0, 0) == b"t")
