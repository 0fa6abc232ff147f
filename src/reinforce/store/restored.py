"""A dump that was restored into another PostgreSQL server: its statements bear numbers of transactions of the old one.

Feeds read statements by the transaction that wrote them. A number that lies before us, because this server has not
counted so far yet, hides its statement, and one behind which nothing new comes hides all that is new.
"""

from reinforce.store.driver import Driver

_NEXT = "pg_snapshot_xmax(pg_current_snapshot())::text::bigint"


def is_of_another_server(driver: Driver) -> bool:
    """Whether a statement or a feed's place bears the number of a transaction that this server has yet to begin."""
    if driver.dialect != "postgresql":
        return False
    # For each tenant the last one of an index, whichever it is.
    sql = (
        f"SELECT EXISTS (SELECT 1 FROM {{tenant}} t CROSS JOIN LATERAL (SELECT xact FROM {{statement}} s"
        f" WHERE s.tenant_id = t.id ORDER BY xact DESC LIMIT 1) s WHERE s.xact >= {_NEXT})"
        f" OR EXISTS (SELECT 1 FROM {{feed}} WHERE greatest(xact, start_xact) >= {_NEXT})"
    )
    return bool(driver.rows(sql)[0][0])


def make_our_own(driver: Driver) -> int:
    """Let all statements count as written before this server's first transaction, and feeds go on where they stood.

    Among themselves they are then in the order of their numbers. Where that differs from the order in which they were
    committed, a feed goes back to the first statement that may not have left; what it sends again has the ids that its
    destination knows.

    Returns:
        How many statements there were.
    """
    driver.run("LOCK TABLE {statement}, {feed} IN SHARE ROW EXCLUSIVE MODE")
    for places in (("xact", "seq"), ("start_xact", "start_seq")):
        xact, seq = places
        behind = (
            "SELECT min(s.seq) - 1 FROM {statement} s WHERE s.tenant_id = f.tenant_id"
            f" AND ((s.xact, s.seq) > (f.{xact}, f.{seq}) OR s.seq > f.{seq})"
        )
        last = "SELECT max(s.seq) FROM {statement} s WHERE s.tenant_id = f.tenant_id"
        driver.run(f"UPDATE {{feed}} f SET {seq} = coalesce(({behind}), ({last}), 0)")
    driver.run("UPDATE {feed} SET xact = 0, start_xact = 0")
    return driver.run("UPDATE {statement} SET xact = 0 WHERE xact > 0")
