"""Feeds over the statement log: what leaves, once and in order, and what people can do with a feed."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import create_engine

from adapters.faulty_lrs import Fault, FaultyLrs, running
from adapters.stories import invalid
from feeds.world import AT, IMPATIENT, XAPI, fill, ids, keep, lines, opened, samples, to_file
from reinforce import InvalidSettings, InvalidValue, NotFound, Reinforcer
from reinforce.feeds.working import RunEnd
from reinforce.statements.feed import FeedFilter
from reinforce.store.feeds import FeedState
from reinforce.store.statements import Origin

HOUR = timedelta(hours=1)


def test_everything_leaves_once_and_in_order(database_url: str, tmp_path: Path) -> None:
    """What is stored between deliveries leaves with the next one, byte for byte and once, in the order of the log."""
    path = tmp_path / "out.jsonl"
    with opened(database_url) as reinforcer:
        to_file(reinforcer, "file", path)
        told = []
        for first, last in ((0, 250), (250, 251), (251, 400)):
            told += fill(reinforcer, first, last)
            (run,) = reinforcer.feeds.deliver(at=AT)

            assert (run.end, run.delivered, run.rejected) == (RunEnd.DONE, last - first, 0)
            assert lines(path) == [one.body for one in told]
        assert reinforcer.feeds.deliver("file", at=AT)[0].delivered == 0


def test_a_new_feed_begins_now(database_url: str, tmp_path: Path) -> None:
    """A feed delivers what is stored after it was set up, unless it is to begin before: at a moment or at the start."""
    with opened(database_url) as reinforcer:
        fill(reinforcer, 0, 3, at=AT)
        fill(reinforcer, 3, 6, at=AT + HOUR)
        to_file(reinforcer, "now", tmp_path / "now", from_beginning=False)
        to_file(reinforcer, "since", tmp_path / "since", from_beginning=False, since=AT + HOUR)
        to_file(reinforcer, "start", tmp_path / "start")
        fill(reinforcer, 6, 8, at=AT + 2 * HOUR)
        reinforcer.feeds.deliver(at=AT)

    found = {name: len(lines(tmp_path / name)) for name in ("now", "since", "start")}
    assert found == {"now": 2, "since": 5, "start": 8}


def test_backfill_repeats_and_never_skips(database_url: str, tmp_path: Path) -> None:
    """A feed that is set back delivers again from there; one that has not come so far stays where it is."""
    with opened(database_url) as reinforcer:
        fill(reinforcer, 0, 3, at=AT)
        fill(reinforcer, 3, 6, at=AT + HOUR)
        to_file(reinforcer, "file", tmp_path / "one")

        assert reinforcer.feeds.backfill("file", since=AT + HOUR).backlog.statements == 6
        reinforcer.feeds.deliver(at=AT)
        assert reinforcer.feeds.backfill("file", since=AT + HOUR).backlog.statements == 3
        (tmp_path / "one").unlink()
        assert reinforcer.feeds.deliver(at=AT)[0].delivered == 3
        assert ids(lines(tmp_path / "one")) == [str(one.id) for one in samples(3, 6)]
        assert reinforcer.feeds.backfill("file").backlog.statements == 6


def test_a_paused_feed_waits(database_url: str, tmp_path: Path) -> None:
    """Nothing leaves while a feed is paused, and everything after it is resumed."""
    with opened(database_url) as reinforcer:
        to_file(reinforcer, "file", tmp_path / "out")
        fill(reinforcer, 0, 3)
        reinforcer.feeds.pause("file")

        assert reinforcer.feeds.deliver(at=AT)[0].end is RunEnd.PAUSED
        assert reinforcer.feeds.retry("file", at=AT).end is RunEnd.PAUSED
        assert lines(tmp_path / "out") == []
        reinforcer.feeds.resume("file")
        assert reinforcer.feeds.deliver(at=AT)[0].delivered == 3


def test_a_stalled_feed_waits_for_its_time(database_url: str) -> None:
    """After an error a feed is left alone until its time has come, says why, and then goes on with nothing lost."""
    lrs = FaultyLrs(plan=lambda _: Fault(status=503, headers={"Retry-After": "60"}) if len(lrs.stored) >= 100 else None)
    with opened(database_url) as reinforcer, running(lrs):
        reinforcer.feeds.add("lrs", "lrs", {"endpoint": lrs.endpoint}, from_beginning=True, at=AT)
        fill(reinforcer, 0, 250)
        (run,) = reinforcer.feeds.deliver(policy=IMPATIENT, at=AT)

        assert (run.end, run.delivered, run.retry_at) == (RunEnd.STALLED, 100, AT + timedelta(seconds=60))
        assert not run.is_ok
        status = reinforcer.feeds.show("lrs")
        assert (status.feed.state, status.backlog.statements) == (FeedState.STALLED, 150)
        assert "503" in (status.feed.last_error or "")
        asked = len(lrs.requests)
        (run,) = reinforcer.feeds.deliver(at=AT + timedelta(seconds=59))
        assert (run.end, run.is_ok, len(lrs.requests)) == (RunEnd.WAITING, False, asked)
        lrs.plan = None
        (run,) = reinforcer.feeds.deliver(at=AT + timedelta(seconds=60))

        assert (run.end, run.delivered) == (RunEnd.DONE, 150)
        assert list(lrs.stored) == [str(one.id) for one in samples(0, 250)]
        feed = reinforcer.feeds.show("lrs").feed
        assert (feed.state, feed.failures, feed.retry_at) == (FeedState.RUNNING, 0, None)


def test_who_needs_somebody_waits_for_somebody(database_url: str) -> None:
    """A refusal that waiting does not mend holds the feed until somebody wakes it."""
    lrs = FaultyLrs(plan=lambda _: Fault(status=410))
    with opened(database_url) as reinforcer, running(lrs):
        reinforcer.feeds.add("lrs", "lrs", {"endpoint": lrs.endpoint}, from_beginning=True, at=AT)
        fill(reinforcer, 0, 3)

        assert reinforcer.feeds.deliver(at=AT)[0].retry_at is None
        lrs.plan = None
        assert reinforcer.feeds.deliver(at=AT + 1000 * HOUR)[0].end is RunEnd.WAITING
        assert reinforcer.feeds.retry("lrs", at=AT).end is RunEnd.DONE
        assert reinforcer.feeds.deliver(at=AT)[0].delivered == 3


def test_failures_in_a_row_are_counted_over_runs(database_url: str) -> None:
    """Each run that stops doubles the wait of the next, and one settled statement begins anew."""
    lrs = FaultyLrs(plan=lambda _: Fault(status=503))
    with opened(database_url) as reinforcer, running(lrs):
        reinforcer.feeds.add("lrs", "lrs", {"endpoint": lrs.endpoint}, from_beginning=True, at=AT)
        fill(reinforcer, 0, 3)
        for failures in (1, 2, 3):
            reinforcer.feeds.deliver(policy=IMPATIENT, at=AT + failures * HOUR)
            assert reinforcer.feeds.show("lrs").feed.failures == failures
        lrs.plan = None
        reinforcer.feeds.deliver(policy=IMPATIENT, at=AT + 4 * HOUR)
        assert reinforcer.feeds.show("lrs").feed.failures == 0


def test_dead_letters_are_kept_and_retried(database_url: str) -> None:
    """What an LRS refuses for good is a dead letter with its reason; the rest goes on; retried, it arrives or stays."""
    lrs = FaultyLrs()
    statements = samples(0, 10)
    statements[3], statements[7] = invalid(statements[3]), invalid(statements[7])
    with opened(database_url) as reinforcer, running(lrs):
        reinforcer.feeds.add("lrs", "lrs", {"endpoint": lrs.endpoint}, from_beginning=True, at=AT)
        fill(reinforcer, 0, 10)
        _break(reinforcer, {str(statements[n].id): statements[n].body for n in (3, 7)})
        (run,) = reinforcer.feeds.deliver(at=AT)

        assert (run.end, run.delivered, run.rejected, run.is_ok) == (RunEnd.DONE, 8, 2, False)
        letters = reinforcer.feeds.dead_letters("lrs")
        assert [str(one.statement_id) for one in letters] == [str(statements[n].id) for n in (3, 7)]
        assert all("verb: is required" in one.reason for one in letters)
        assert reinforcer.feeds.show("lrs").backlog.dead_letters == 2
        _break(reinforcer, {str(statements[3].id): samples(3, 4)[0].body})
        run = reinforcer.feeds.retry("lrs", at=AT)

        assert (run.delivered, run.rejected) == (1, 1)
        assert [str(one.statement_id) for one in reinforcer.feeds.dead_letters("lrs")] == [str(statements[7].id)]
        assert len(lrs.stored) == 9
        assert reinforcer.feeds.forget_dead_letters("lrs") == 1
        assert reinforcer.feeds.retry("lrs", at=AT).delivered == 0


def _break(reinforcer: Reinforcer, bodies: dict[str, bytes]) -> None:
    """Put other bodies under the ids of statements, as the log itself would not take them."""
    with reinforcer._store.write(1) as session:
        for identity, body in bodies.items():
            sql = "UPDATE {statement} SET body = ? WHERE id = ?"
            assert session.driver.run(sql, body, UUID(identity).bytes) == 1


def test_what_others_sent_stays_unless_it_is_asked_for(database_url: str, tmp_path: Path) -> None:
    """A feed lets ours through, those that we were given, or both, as it is set up."""
    with opened(database_url) as reinforcer:
        for whose in ("ours", "received", "all"):
            to_file(reinforcer, whose, tmp_path / whose, filter=FeedFilter(whose=whose))
        keep(reinforcer, [one.body for one in samples(0, 2)], Origin.RECEIVED)
        fill(reinforcer, 2, 5)
        waiting = {one.feed.name: one.backlog.statements for one in reinforcer.feeds.all()}
        reinforcer.feeds.deliver(at=AT)

        assert waiting == {"ours": 3, "received": 2, "all": 5}
        assert {name: len(lines(tmp_path / name)) for name in waiting} == waiting
        assert [one.backlog.statements for one in reinforcer.feeds.all()] == [0, 0, 0]


def test_tenants_feeds_are_their_own(database_url: str, tmp_path: Path) -> None:
    """Two tenants may name their feeds alike; each sees, delivers and removes its own."""
    with opened(database_url, "a") as a, opened(database_url, "b") as b:
        to_file(a, "file", tmp_path / "a")
        to_file(b, "file", tmp_path / "b")
        fill(a, 0, 3)
        fill(b, 0, 5)
        assert [run.delivered for run in a.feeds.deliver(at=AT)] == [3]
        assert b.feeds.show("file").backlog.statements == 5
        a.feeds.remove("file")
        assert a.feeds.all() == []
        assert [run.delivered for run in b.feeds.deliver(at=AT)] == [5]
        with pytest.raises(NotFound, match="there are: none"):
            a.feeds.show("file")


def test_a_feed_may_be_sent_elsewhere(database_url: str, tmp_path: Path) -> None:
    """With other settings a feed goes on from where it stands."""
    with opened(database_url) as reinforcer:
        to_file(reinforcer, "file", tmp_path / "one")
        fill(reinforcer, 0, 3)
        reinforcer.feeds.deliver(at=AT)
        with pytest.raises(InvalidValue, match="there is a feed 'file' already"):
            to_file(reinforcer, "file", tmp_path / "two")
        to_file(reinforcer, "file", tmp_path / "two", replace=True)
        fill(reinforcer, 3, 5)
        reinforcer.feeds.deliver(at=AT)

    assert len(lines(tmp_path / "one")) == 3
    assert len(lines(tmp_path / "two")) == 2


def test_nothing_is_sent_within_a_hosts_transaction(sqlite_url: str, tmp_path: Path) -> None:
    """On a host's open connection feeds can be seen and not delivered, because its transaction would stay open."""
    with opened(sqlite_url) as reinforcer:
        to_file(reinforcer, "file", tmp_path / "out")
    engine = create_engine(sqlite_url)
    with engine.connect() as connection:
        inside = Reinforcer(connection, xapi=XAPI)
        assert [one.feed.name for one in inside.feeds.all()] == ["file"]
        for call in (inside.feeds.deliver, lambda: inside.feeds.retry("file"), lambda: inside.feeds.test("file")):
            with pytest.raises(InvalidSettings, match="give an engine or a URL"):
                call()
    engine.dispose()


def test_bad_feeds_are_refused(sqlite_url: str, tmp_path: Path) -> None:
    """An unknown adapter, team, role or kind, and settings that make no sense, are refused when a feed is set up."""
    with opened(sqlite_url) as reinforcer:
        feeds = reinforcer.feeds
        with pytest.raises(LookupError, match="there is no adapter 'pigeon'"):
            feeds.add("x", "pigeon", {})
        with pytest.raises(InvalidSettings, match="path of a file"):
            feeds.add("x", "jsonl", {"file": "x"})
        with pytest.raises(NotFound, match="north"):
            to_file(reinforcer, "x", tmp_path / "x", filter=FeedFilter(teams=("north",)))
        with pytest.raises(NotFound, match="seller"):
            to_file(reinforcer, "x", tmp_path / "x", filter=FeedFilter(roles=("seller",)))
        with pytest.raises(InvalidValue, match="practised"):
            FeedFilter(kinds=("practiced",))
        with pytest.raises(InvalidValue, match="name of a feed"):
            to_file(reinforcer, " ", tmp_path / "x")
        assert feeds.all() == []
