"""How the tables came to be: one file a revision in `versions`, each frozen once it is released.

A revision gets what it works with as arguments, `upgrade(op, schema)` and `downgrade(op, schema)`, never from
`alembic.op`. That is one global of the process, which belongs to the host's migrations while one of them
calls ours.
"""

# From the first to the newest; the history never branches. It is said here once more, because the question
# whether a database is up to date must not cost an import of Alembic.
REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010")
