"""Under which names people leave, and whom a feed is about: with facts that Reinforcer itself has told."""

import json
from datetime import timedelta
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest

from feeds.world import AT, IMPATIENT, fill, keep, lines, opened, samples, to_file, with_parts
from reinforce import (
    FeedActors,
    FeedFilter,
    IdentifierKind,
    Learner,
    Outcome,
    PracticeEvent,
    Reinforcer,
    RoleProfile,
    Skill,
    Team,
    XapiIdentifier,
)
from reinforce.feeds.working import RunEnd
from reinforce.store.log_places import Cursor
from reinforce.store.statements import Origin, StatementLog

ANNA = "anna@EXAMPLE.com"
OPENID = XapiIdentifier(IdentifierKind.OPENID, "https://id.example/ben")


def define(reinforcer: Reinforcer) -> None:
    """Two people, one of whom has an OpenID and no address."""
    reinforcer.define(
        Skill("price"),
        RoleProfile("seller"),
        Team("sales"),
        Team("north", parent="sales"),
        Learner(ANNA, "Anna Berg", teams=("north",)),
        Learner("ben", "Ben Cole", roles=("seller",), xapi=OPENID),
        at=AT,
    )


def practise(reinforcer: Reinforcer, learner: str, number: int, **more: Any) -> None:
    """Record practice that is told."""
    at = AT + timedelta(days=number)
    event = PracticeEvent(
        learner, at, {"price": Outcome.success(True)}, source="crm", external_id=f"{learner}-{number}", **more
    )
    reinforcer.record(event, at=at)


def actors(path: Path) -> list[Any]:
    """The actors of the statements in a file."""
    return [json.loads(one)["actor"] for one in lines(path)]


@pytest.mark.parametrize(
    ("policy", "named"),
    [
        ({"kind": "mbox"}, {"mbox": f"mailto:{ANNA}"}),
        ({"kind": "mbox", "with_names": True}, {"name": "Anna Berg", "mbox": f"mailto:{ANNA}"}),
        (
            {"kind": "mbox_sha1sum"},
            {"mbox_sha1sum": sha1(b"mailto:anna@example.com", usedforsecurity=False).hexdigest()},
        ),
        (
            {"kind": "account", "home_page": "https://lms.example", "is_opaque": False},
            {"account": {"homePage": "https://lms.example", "name": ANNA}},
        ),
    ],
    ids=str,
)
def test_a_feed_names_people_its_own_way(
    database_url: str, tmp_path: Path, policy: dict[str, Any], named: dict[str, Any]
) -> None:
    """The log's account becomes what the feed asks for; every other byte of the statement stays."""
    with opened(database_url) as reinforcer:
        define(reinforcer)
        to_file(reinforcer, "plain", tmp_path / "plain")
        to_file(reinforcer, "named", tmp_path / "named", actors=FeedActors(**policy))
        practise(reinforcer, ANNA, 1)
        reinforcer.feeds.deliver(at=AT)

    (plain,), (other,) = lines(tmp_path / "plain"), lines(tmp_path / "named")
    in_log = b'{"objectType":"Agent","account":{"homePage":"https://crm.example","name":"anna@EXAMPLE.com"}}'
    in_feed = json.dumps({"objectType": "Agent", **named}, separators=(",", ":")).encode()
    assert actors(tmp_path / "named") == [{"objectType": "Agent", **named}]
    assert plain.replace(in_log, in_feed) == other


def test_who_cannot_be_named_does_not_leave(database_url: str, tmp_path: Path) -> None:
    """A statement about somebody without the identifier that is asked for is a dead letter, and the others leave."""
    with opened(database_url) as reinforcer:
        define(reinforcer)
        reinforcer.define(Learner("cleo"), at=AT)
        to_file(reinforcer, "mail", tmp_path / "out", actors=FeedActors(kind="mbox"))
        for number, learner in enumerate((ANNA, "cleo", ANNA, "cleo")):
            practise(reinforcer, learner, number)
        report = reinforcer.feeds.test("mail", at=AT)
        (run,) = reinforcer.feeds.deliver(at=AT)
        letters = reinforcer.feeds.dead_letters("mail")

        assert [step.name for step in report.steps if not step.is_ok] == ["people"]
        assert (run.end, run.delivered, run.rejected) == (RunEnd.DONE, 2, 2)
        assert {one.reason.partition(":")[0] for one in letters} == {"learner 'cleo' has no e-mail address"}
        reinforcer.define(Learner("cleo", xapi=XapiIdentifier(IdentifierKind.MBOX, "mailto:cleo@example.com")), at=AT)
        run = reinforcer.feeds.retry("mail", at=AT)

        assert (run.delivered, run.rejected) == (2, 0)
        assert actors(tmp_path / "out")[2:] == [{"objectType": "Agent", "mbox": "mailto:cleo@example.com"}] * 2


def test_a_log_that_cannot_be_named_does_not_become_dead_letters(database_url: str, tmp_path: Path) -> None:
    """If nobody can be named as a feed asks, the feed stops and keeps its place: its policy is at fault."""
    with opened(database_url) as reinforcer:
        to_file(reinforcer, "mail", tmp_path / "out", actors=FeedActors(kind="mbox"))
        fill(reinforcer, 0, 300)
        (run,) = reinforcer.feeds.deliver(policy=IMPATIENT, at=AT)

        assert (run.end, run.retry_at, run.rejected) == (RunEnd.STALLED, None, 0)
        assert "none that can be told as the feed asks" in (run.reason or "")
        assert reinforcer.feeds.show("mail").backlog.statements == 300


def test_learners_own_identifiers_win(database_url: str, tmp_path: Path) -> None:
    """Who has an identifier of their own is named by it, also where a feed names others otherwise."""
    with opened(database_url) as reinforcer:
        define(reinforcer)
        to_file(reinforcer, "mail", tmp_path / "out", actors=FeedActors(kind="mbox"))
        practise(reinforcer, "ben", 1, assessor=ANNA)
        reinforcer.feeds.deliver(at=AT)

    first = json.loads(lines(tmp_path / "out")[0])
    assert first["actor"] == {"objectType": "Agent", "openid": "https://id.example/ben"}
    assert first["context"]["instructor"] == {"objectType": "Agent", "mbox": f"mailto:{ANNA}"}


def test_somebody_who_came_meanwhile_is_known(sqlite_url: str, tmp_path: Path) -> None:
    """A person who was defined while a delivery is under way is named like everybody else."""
    with opened(sqlite_url) as reinforcer:
        define(reinforcer)
        to_file(reinforcer, "mail", tmp_path / "out", actors=FeedActors(kind="mbox"))
        worker = reinforcer.feeds._worker(None, AT)
        feed = reinforcer.feeds.show("mail").feed
        rendering = worker.rendering(feed)
        with reinforcer._store.read() as session:
            rendering.begin(session)
        reinforcer.define(Learner("dora@example.com"), at=AT)
        practise(reinforcer, "dora@example.com", 1)
        with reinforcer._store.read() as session:
            (stored,) = StatementLog(session.driver, session.tenant_id).after(Cursor(), 10)
            rendering.begin(session)
            told = rendering.told(session, stored)

    assert b"mailto:dora@example.com" in getattr(told, "body", b"")


def test_strangers_in_received_statements_stay(database_url: str, tmp_path: Path) -> None:
    """Of what others sent, our learners are named as the feed does, and whom we do not know stays as they were."""
    (sample,) = samples(0, 1)
    other = with_parts(samples(1, 2)[0], lambda data: data.update(actor={"mbox": "mailto:anna@example.com"}))
    with opened(database_url) as reinforcer:
        define(reinforcer)
        actor = FeedActors(kind="account", home_page="https://lms.example", is_opaque=False)
        to_file(reinforcer, "lms", tmp_path / "out", filter=FeedFilter(whose="all"), actors=actor)
        keep(reinforcer, [sample.body, other], Origin.RECEIVED)
        reinforcer.feeds.deliver(at=AT)

    found = lines(tmp_path / "out")
    assert found[0] == sample.body
    assert actors(tmp_path / "out")[1] == {
        "objectType": "Agent",
        "account": {"homePage": "https://lms.example", "name": ANNA},
    }


@pytest.mark.parametrize(
    ("wanted", "people"),
    [
        ({"teams": ("sales",)}, ["anna"]),
        ({"teams": ("north",)}, ["anna"]),
        ({"roles": ("seller",)}, ["ben"]),
        ({"roles": ("seller",), "teams": ("north",)}, []),
        ({}, ["anna", "ben"]),
    ],
    ids=str,
)
def test_teams_and_roles(database_url: str, tmp_path: Path, wanted: dict[str, Any], people: list[str]) -> None:
    """A feed of a team has what its people and those of the teams within it did; a feed of a role likewise."""
    with opened(database_url) as reinforcer:
        define(reinforcer)
        to_file(reinforcer, "some", tmp_path / "out", filter=FeedFilter(**wanted))
        practise(reinforcer, ANNA, 1)
        practise(reinforcer, "ben", 2)
        reinforcer.feeds.deliver(at=AT)

        assert reinforcer.feeds.show("some").backlog.statements == 0
    names = ["anna" if "account" in one else "ben" for one in actors(tmp_path / "out")]
    assert names == people


def test_what_is_taken_back_is_taken_back_everywhere(database_url: str, tmp_path: Path) -> None:
    """The statement that takes one back follows it to the feeds that let that one through, and to no other."""
    with opened(database_url) as reinforcer:
        define(reinforcer)
        to_file(reinforcer, "north", tmp_path / "north", filter=FeedFilter(teams=("north",), kinds=("practised",)))
        to_file(reinforcer, "sellers", tmp_path / "sellers", filter=FeedFilter(roles=("seller",)))
        practise(reinforcer, ANNA, 1)
        practise(reinforcer, "ben", 2)
        reinforcer.void("crm", f"{ANNA}-1", reason="twice", at=AT + timedelta(days=3))
        reinforcer.feeds.deliver(at=AT)

    verbs = {
        name: [json.loads(one)["verb"]["id"].rsplit("/")[-1] for one in lines(tmp_path / name)]
        for name in ("north", "sellers")
    }
    assert verbs == {"north": ["attempted", "voided"], "sellers": ["attempted"]}


def test_that_somebody_was_erased_leaves_by_every_feed(database_url: str, tmp_path: Path) -> None:
    """Feeds tell of an erasing whatever they let through, and say beforehand who had got what."""
    with opened(database_url) as reinforcer:
        define(reinforcer)
        to_file(reinforcer, "all", tmp_path / "all")
        to_file(
            reinforcer,
            "mail",
            tmp_path / "mail",
            filter=FeedFilter(kinds=("mastered",)),
            actors=FeedActors(kind="mbox"),
        )
        to_file(reinforcer, "late", tmp_path / "late")
        reinforcer.feeds.pause("late")
        practise(reinforcer, ANNA, 1)
        practise(reinforcer, "ben", 2)
        reinforcer.feeds.deliver(at=AT)
        erased = reinforcer.erase(ANNA, at=AT + timedelta(days=3))
        reinforcer.feeds.resume("late")
        reinforcer.feeds.deliver(at=AT)

        assert [status.backlog.dead_letters for status in reinforcer.feeds.all()] == [0, 0, 0]
    assert "all" in str(erased)
    assert "late" not in str(erased)
    assert len(lines(tmp_path / "all")) == 3
    for name in ("mail", "late"):
        assert json.loads(lines(tmp_path / name)[-1])["verb"]["id"].endswith("verbs/erased")
        assert ANNA.encode() not in (tmp_path / name).read_bytes()
