"""Nothing of one tenant can be read or written through another's front door."""

import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from intake.school import incoming, passed, voiding
from reinforce import (
    AssignmentStatus,
    Calendar,
    Forgetting,
    Learner,
    Outcome,
    PracticeEvent,
    Refresher,
    ReinforceError,
    Reinforcer,
    RoleProfile,
    RoleSkill,
    Scenario,
    Skill,
    SkillModel,
    Team,
    UnknownTenant,
    XapiSettings,
    tenants,
    unstructure,
)
from reinforce.jobs import nightly
from reinforce.statements.facts import Coached
from reinforce.statements.mapping import StatementMapping
from reinforce.statements.mapping_files import mapping_of
from reinforce.store.schema import tables
from reinforce.tenants import all_tenants, remove_tenant
from reinforcer.world import MONDAY, NOW, everything, log_and_memory, opened, practice

DAY = date(2026, 3, 20)
AT = MONDAY + timedelta(days=18)
ASSESSOR, OTHERS = "cy", "only-a"


def mapping_to(skill: str) -> StatementMapping:
    """A mapping of the same name in each tenant, to a skill of its own."""
    return mapping_of({"ready": "cmi5", "skills": {"https://content.acme.example/*": skill}})


TOLD = incoming(passed("ann", timestamp="2026-03-04T09:00:00Z"), passed(OTHERS, timestamp="2026-03-05T09:00:00Z"))
"""The same statements for each tenant."""

TAKEN_BACK = incoming(voiding(TOLD[0].received.data["id"]))


def fill(reinforcer: Reinforcer, rating: int, *, extra: bool) -> None:
    """A tenant with the same keys and external ids as any other, and other contents.

    Args:
        reinforcer: of the tenant.
        rating: with which everything went.
        extra: whether it also has what the other tenant has not.
    """
    tenant = reinforcer.tenant
    reinforcer.define(
        Calendar("year", holidays=(date(2026, 3, 10 + rating),)),
        Skill("deal", title=f"Deal of {tenant}", encompasses={"price": 0.5}),
        Skill("price", title=f"Price of {tenant}", desired_retention=0.7 + rating / 20),
        RoleProfile("seller", skills={"deal": RoleSkill(weight=rating), "price": RoleSkill()}),
        Refresher("quiz", title=f"Quiz of {tenant}", skills={"deal": 1.0}),
        Refresher("talk", title=f"Talk of {tenant}", skills={"price": 1.0}),
        SkillModel("spin", title=f"SPIN of {tenant}", skills=("deal",)),
        Team("sales", name=f"Sales of {tenant}"),
        Team("north", parent="sales"),
        *(
            Learner(key, name=f"{key} of {tenant}", teams=("north",), roles=("seller",), calendar="year")
            for key in ("ann", "bo", ASSESSOR)
        ),
        at=MONDAY,
    )
    if extra:
        reinforcer.define(
            Skill(OTHERS),
            Team(OTHERS),
            Learner(OTHERS, teams=("sales",)),
            Refresher(OTHERS, skills={OTHERS: 1}),
            at=MONDAY,
        )
    log = [
        practice(learner, skill, rating, days=number, id=f"{learner}-{skill}-{number}", assessor=ASSESSOR, note=tenant)
        for learner in ("ann", "bo")
        for skill in ("deal", "price")
        for number in range(rating)
    ]
    if extra:
        log.append(practice(OTHERS, OTHERS, id=OTHERS))
        log.append(practice("ann", OTHERS, id=f"ann-{OTHERS}", refresher=OTHERS))
    add_feed(reinforcer, FEED)
    if extra:
        add_feed(reinforcer, OTHERS)
    reinforcer.adopt(Forgetting(maximum_interval_days=300 + rating), at=MONDAY + timedelta(days=rating))
    reinforcer.record_many(log, at=MONDAY + timedelta(days=10))
    reinforcer.statements.adopt(mapping_to("price" if rating == 3 else "deal"), at=MONDAY)
    reinforcer.statements.take(TOLD[: rating - 1], at=AT)
    nightly(reinforcer._store.database._engine or "", tenants=[tenant], as_of=DAY, at=AT)


def exported(reinforcer: Reinforcer) -> str:
    """What it exports."""
    stream = io.StringIO()
    reinforcer.export(stream)
    return stream.getvalue()


def fsrs_log(reinforcer: Reinforcer) -> str:
    """What it exports for py-fsrs."""
    stream = io.StringIO()
    reinforcer.export_fsrs_log(stream)
    return stream.getvalue()


def telling(reinforcer: Reinforcer, call: Callable[[], Any]) -> Any:
    """What a call gives while facts are told."""
    reinforcer.xapi = XapiSettings("https://learning.example.com/xapi/")
    try:
        return call()
    finally:
        reinforcer.xapi = None


Call = Callable[[Reinforcer, str], Any]
"""Takes the front door and the id of an assignment of the other tenant."""

FEED = "archive"


def add_feed(reinforcer: Reinforcer, name: str) -> Any:
    """A feed of that name, whose file is never written."""
    return reinforcer.feeds.add(name, "jsonl", {"path": f"/nowhere/{reinforcer.tenant}.jsonl"}, at=MONDAY)


def told(feeds: Any) -> Any:
    """Feeds as plain data, without what differs from database to database."""
    return [(one.feed.name, one.feed.settings, one.feed.state, one.backlog) for one in feeds]


def own_set(reinforcer: Reinforcer) -> int:
    """The number of the tenant's newest parameter set; of none, if nothing was ever written for it."""
    return max((one.id for one in reinforcer.parameters.all()), default=0)


def foreign_set(reinforcer: Reinforcer) -> int:
    """The number of a parameter set that another tenant has, where there is one."""
    own = {one.id for one in reinforcer.parameters.all()}
    with reinforcer._store.database.read() as connection:
        return min({row.id for row in connection.execute(tables().parameter_set.select())} - own, default=10**6)


DOORS = ("parameters", "calibration")
KINDS = (Calendar, Skill, RoleProfile, Refresher, SkillModel, Team, Learner)

READING: list[tuple[str, Call]] = [
    *[("all", lambda r, _, kind=kind: r.all(kind)) for kind in KINDS],
    *[("find", lambda r, _, kind=kind: r.find(kind, OTHERS)) for kind in KINDS],
    ("find", lambda r, _: r.find(Skill, "deal")),
    ("find", lambda r, _: r.find(SkillModel, "spin")),
    ("learners", lambda r, _: r.learners()),
    ("learners", lambda r, _: r.learners(team="sales")),
    ("learners", lambda r, _: r.learners(team=OTHERS)),
    ("due", lambda r, _: r.due("ann", at=AT, within_days=1000)),
    ("due", lambda r, _: r.due(OTHERS, at=AT)),
    ("why", lambda r, _: r.why("ann", "deal", at=AT)),
    ("why", lambda r, _: r.why("ann", OTHERS, at=AT)),
    ("why", lambda r, _: r.why(OTHERS, "deal", at=AT)),
    ("why", lambda r, _: r.why("cy", "deal", at=AT)),
    ("memory", lambda r, _: r.memory("ann", "price")),
    ("memory", lambda r, _: r.memory("ann", OTHERS)),
    ("remembered", lambda r, _: r.remembered("ann", "price")),
    ("remembered", lambda r, _: r.remembered("ann", OTHERS)),
    ("forecast", lambda r, _: r.forecast(learner="ann", on=DAY)),
    ("forecast", lambda r, _: r.forecast(learner=OTHERS, on=DAY)),
    ("forecast", lambda r, _: r.forecast(team="sales", on=DAY)),
    ("forecast", lambda r, _: r.forecast(team=OTHERS, on=DAY)),
    ("plan", lambda r, _: r.plan("ann", on=DAY, at=AT)),
    ("plan", lambda r, _: r.plan("ann", on=DAY + timedelta(days=30), at=AT)),
    ("plan", lambda r, _: r.plan(OTHERS, on=DAY, at=AT)),
    ("plan_many", lambda r, _: r.plan_many(["bo", "ann"], on=DAY, at=AT)),
    ("plan_many", lambda r, _: r.plan_many(["bo", OTHERS], on=DAY, at=AT)),
    ("assignments", lambda r, _: r.assignments("ann", status=None)),
    ("assignments", lambda r, _: r.assignments("bo", status=AssignmentStatus.OPEN)),
    ("assignments", lambda r, _: r.assignments(OTHERS, status=None)),
    ("forgetting", lambda r, _: r.forgetting),
    ("replay", lambda r, _: r.replay(write=False)),
    ("evaluate", lambda r, _: r.evaluate(draws=20)),
    ("simulate", lambda r, _: r.simulate("sales", Scenario(days=14), at=AT)),
    ("simulate", lambda r, _: r.simulate(OTHERS, Scenario(days=14), at=AT)),
    ("export", lambda r, _: exported(r)),
    ("export_fsrs_log", lambda r, _: sorted(fsrs_log(r).splitlines())),
    ("statements", lambda r, _: r.statements.mappings(retired=True)),
    ("statements", lambda r, _: list(r.statements.review(at=AT))),
    ("statements", lambda r, _: r.statements.preview(TOLD, at=AT)),
    ("feeds", lambda r, _: told(r.feeds.all())),
    ("feeds", lambda r, _: told([r.feeds.show(FEED)])),
    ("feeds", lambda r, _: told([r.feeds.show(OTHERS)])),
    ("calibration.state", lambda r, _: r.calibration.state()),
    ("calibration.closes", lambda r, _: r.calibration.closes()),
    ("calibration.drift", lambda r, _: r.calibration.drift()),
    ("calibration.replay", lambda r, _: r.calibration.replay()),
    ("parameters.all", lambda r, _: r.parameters.all()),
    ("parameters.find", lambda r, _: r.parameters.find(own_set(r))),
    ("parameters.find", lambda r, _: r.parameters.find(foreign_set(r))),
    ("parameters.adoptions", lambda r, _: r.parameters.adoptions()),
    ("parameters.preview", lambda r, _: r.parameters.preview(own_set(r), at=AT)),
    ("parameters.preview", lambda r, _: r.parameters.preview(foreign_set(r), at=AT)),
    ("tenant", lambda r, _: r.tenant),
    ("policy", lambda r, _: r.policy),
    ("rules", lambda r, _: r.rules),
    ("xapi", lambda r, _: r.xapi),
]

WRITING: list[tuple[str, Call]] = [
    ("upgrade", lambda r, _: r.upgrade()),
    ("define", lambda r, _: r.define(Skill("price", desired_retention=0.95), Learner("dee", teams=("north",)), at=AT)),
    ("define", lambda r, _: r.define(Skill("deal", prerequisites=(OTHERS,)), at=AT)),
    ("define", lambda r, _: r.define(Team("north", parent=OTHERS), at=AT)),
    ("record", lambda r, _: r.record(practice("ann", "deal", 1, days=12, id="new"), at=AT)),
    ("record", lambda r, _: r.record(practice("ann", "deal", 1, days=12, id="new"), at=AT)),
    ("record", lambda r, _: r.record(practice(OTHERS, "deal", id="x"), at=AT)),
    ("record", lambda r, _: r.record(practice("ann", OTHERS, id="x"), at=AT)),
    ("record", lambda r, _: r.record(practice("ann", "deal", id="x", assessor=OTHERS), at=AT)),
    ("record", lambda r, _: r.record(practice("ann", "deal", id="x", refresher=OTHERS), at=AT)),
    ("record", lambda r, _: r.record(practice("ann", "deal", id=OTHERS, days=1, refresher="quiz"), at=AT)),
    ("record_many", lambda r, _: r.record_many([practice("bo", "price", id=f"{n}", days=n) for n in range(9)], at=AT)),
    ("void", lambda r, _: r.void("app", "ann-deal-0", reason="mistaken", at=AT)),
    ("void", lambda r, _: r.void("app", f"ann-{OTHERS}", reason="not mine", at=AT)),
    ("void", lambda r, _: r.void("app", "bo-deal-0", reason="", replacement=practice("bo", "deal", 4), at=AT)),
    ("statements", lambda r, _: r.statements.take(TOLD, at=AT)),
    ("statements", lambda r, _: r.statements.take(TAKEN_BACK, at=AT)),
    ("statements", lambda r, _: r.statements.adopt(mapping_to(OTHERS), at=AT)),
    ("statements", lambda r, _: list(r.statements.understand(at=AT))),
    ("statements", lambda r, _: r.statements.retire("cmi5", at=AT)),
    ("complete", lambda r, other: r.complete(other, at=AT)),
    ("complete", lambda r, _: r.complete(r.assignments("bo")[0].id, at=AT)),
    ("adopt", lambda r, _: r.adopt(Forgetting(fuzz=False), at=AT)),
    ("calibration.learn", lambda r, _: r.calibration.learn(at=AT)),
    ("calibration.closes", lambda r, _: r.calibration.closes()),
    ("calibration.turn_off", lambda r, _: r.calibration.turn_off(at=AT)),
    ("calibration.turn_on", lambda r, _: r.calibration.turn_on(at=AT)),
    ("parameters.fit", lambda r, _: r.parameters.fit(at=AT)),
    ("parameters.adopt", lambda r, _: r.parameters.adopt(r.parameters.all()[0].id, anyway=True, by="me", at=AT)),
    ("parameters.adopt", lambda r, _: r.parameters.adopt(foreign_set(r), anyway=True, at=AT)),
    ("parameters.adoptions", lambda r, _: r.parameters.adoptions()),
    ("parameters.roll_back", lambda r, _: r.parameters.roll_back(at=AT)),
    ("parameters.roll_back", lambda r, _: r.parameters.roll_back(at=AT)),
    ("parameters.adopt_as_they_are", lambda r, _: r.parameters.adopt_as_they_are(Forgetting(), at=AT)),
    ("replay", lambda r, _: r.replay()),
    ("replay", lambda r, _: r.replay(rederive=True)),
    ("replay", lambda r, _: r.replay(OTHERS, "deal")),
    ("import_", lambda r, _: r.import_(io.StringIO(exported(r)), at=AT)),
    ("erase", lambda r, _: r.erase(OTHERS, at=AT)),
    ("erase", lambda r, _: r.erase(ASSESSOR, at=AT)),
    ("erase", lambda r, _: r.erase("ann", at=AT)),
    ("feeds", lambda r, _: told([r.feeds.backfill(FEED, at=AT)])),
    *[("feeds", lambda r, _, name=name: r.feeds.dead_letters(name)) for name in (FEED, OTHERS)],
    *[("feeds", lambda r, _, name=name: r.feeds.missing_variables(name)) for name in (FEED, OTHERS)],
    *[("feeds", lambda r, _, name=name: r.feeds.forget_dead_letters(name, at=AT)) for name in (FEED, OTHERS)],
    *[("feeds", lambda r, _, name=name: r.feeds.deliver(name, at=AT)) for name in (FEED, OTHERS)],
    *[("feeds", lambda r, _, name=name: r.feeds.test(name, at=AT)) for name in (FEED, OTHERS)],
    *[("feeds", lambda r, _, name=name: r.feeds.pause(name, at=AT).state) for name in (FEED, OTHERS)],
    *[("feeds", lambda r, _, name=name: r.feeds.resume(name, at=AT).state) for name in (FEED, OTHERS)],
    *[("feeds", lambda r, _, name=name: r.feeds.retry(name, at=AT)) for name in (FEED, OTHERS)],
    *[("feeds", lambda r, _, name=name: told([r.feeds.remove(name, at=AT)])) for name in (FEED, OTHERS)],
    ("feeds", lambda r, _: add_feed(r, OTHERS).name),
    ("statements", lambda r, _: telling(r, lambda: list(r.statements.tell_past(at=AT)))),
    (
        "statements",
        lambda r, _: telling(
            r, lambda: r.statements.tell(Coached("1", AT, Learner("bo"), Learner("ann"), (Skill("deal"),)), at=AT)
        ),
    ),
    ("due", lambda r, _: r.due("bo", at=AT, within_days=1000)),
    ("export_fsrs_log", lambda r, _: sorted(fsrs_log(r).splitlines())),
    ("close", lambda r, _: r.close()),
]


def answer(call: Call, reinforcer: Reinforcer, other: str) -> str:
    """What a call gives or raises, as text and without numbers that differ from database to database."""
    try:
        text = json.dumps(unstructure(call(reinforcer, other)), default=str)
    except ReinforceError as problem:
        text = f"{type(problem).__name__}: {problem}"
    text = re.sub(r"\b(parameter set) \d+", r"\1 #", text)
    text = re.sub(r'"(id|parameter_set|replace[ds]|created_at)": ("[^"]*Z"|\d+)', r'"\1": #', text)
    return re.sub(r'(parameter_set|\bnumber)([\\]?": ?)\d+|erased-[0-9a-f]{32}', r"\1\2#", text)


def test_every_public_method_is_called() -> None:
    """What is public in Reinforcer is called below; whatever is new must be added there."""
    instance = Reinforcer("sqlite://")
    public = {name for name in dir(instance) if not name.startswith("_")}
    for door in DOORS:
        public = public - {door} | {f"{door}.{name}" for name in dir(getattr(instance, door)) if name[0] != "_"}
    assert public == {name for name, _ in (*READING, *WRITING)}


def test_every_public_method_of_the_feeds_is_called() -> None:
    """So is what is public behind the door to the feeds."""
    calls = Path(__file__).read_text(encoding="utf-8")
    public = {name for name in dir(Reinforcer("sqlite://").feeds) if not name.startswith("_")}
    assert {name for name in public if f"feeds.{name}(" not in calls} == set()


@pytest.fixture
def both(database_url: str, sqlite_url: str) -> Iterator[tuple[Reinforcer, Reinforcer, Reinforcer]]:
    """Tenant a, tenant b beside it, and tenant b alone in a database of its own."""
    alone_url = f"{sqlite_url}.alone"
    with opened(database_url, "a") as a, opened(database_url, "b") as b, opened(alone_url, "b") as alone:
        fill(a, 3, extra=True)
        yield a, b, alone


def rows_of_a(a: Reinforcer) -> dict[str, Any]:
    """All rows of tenant a, as they lie there."""
    with a._store.read() as session:
        found: dict[str, Any] = dict(log_and_memory(session.connection, "a"))
        for table in tables().metadata.sorted_tables:
            if "tenant_id" in table.c:
                rows = session.connection.execute(table.select().where(table.c.tenant_id == session.tenant_id))
                found[table.name] = sorted(map(tuple, rows), key=repr)
    return found


def test_b_lives_as_if_it_were_alone(both: tuple[Reinforcer, Reinforcer, Reinforcer]) -> None:
    """Beside a tenant of the same keys and ids, each call answers what it answers without it; nothing of it changes."""
    a, b, alone = both
    with a._store.database.read() as connection:
        before = everything(connection)
    rows = rows_of_a(a)
    other = a.assignments("ann")[0].id
    assert rows["memory"]
    fill(b, 2, extra=False)
    fill(alone, 2, extra=False)
    for name, call in (*READING, *WRITING):
        assert answer(call, b, other) == answer(call, alone, other), name
        assert rows_of_a(a) == rows, name
    with a._store.database.read() as connection:
        after = everything(connection)
    for table in before:
        assert set(before[table]) <= set(after[table]), table


def test_b_leaves(both: tuple[Reinforcer, Reinforcer, Reinforcer]) -> None:
    """When a tenant of the same keys and ids is removed, what goes is what goes where it is alone; the other stays."""
    a, b, alone = both
    with a._store.database.read() as connection:
        before = everything(connection)
    answers = [answer(call, a, "") for _, call in READING]
    fill(b, 2, extra=False)
    fill(alone, 2, extra=False)
    removed, removed_alone = (remove_tenant(one._store.database._engine or "", "b") for one in (b, alone))

    assert removed == removed_alone
    with a._store.database.read() as connection:
        assert everything(connection) == before
    assert [answer(call, a, "") for _, call in READING] == answers
    assert [one.key for one in all_tenants(a._store.database._engine or "")] == ["a"]
    assert set(tenants.__all__) == {"all_tenants", "remove_tenant"}


def test_b_that_never_wrote(both: tuple[Reinforcer, Reinforcer, Reinforcer]) -> None:
    """A tenant for which nothing was ever kept has nothing, and asking does not create it."""
    _, b, alone = both
    for name, call in READING:
        assert answer(call, b, "") == answer(call, alone, ""), name
    with b._store.database.read() as connection:
        assert [row[1] for row in everything(connection)["reinforce_tenant"]] == ["a"]
    assert b.all(Learner) == []


def test_tenant_that_must_be_there(both: tuple[Reinforcer, Reinforcer, Reinforcer], database_url: str) -> None:
    """Where a tenant must be there, one that is not is refused whatever is asked or written, without naming others."""
    a, b, _ = both
    with Reinforcer(database_url, tenant="b", creates_tenant=False) as strict:
        for ask in (strict.learners, strict.replay, lambda: strict.define(Learner("ben")), strict.calibration.learn):
            with pytest.raises(UnknownTenant) as caught:
                ask()
            assert str(caught.value) == "there is no tenant 'b': nothing is kept for it"

    assert b.learners() == []
    with b._store.database.read() as connection:
        assert [row[1] for row in everything(connection)["reinforce_tenant"]] == ["a"]
    with Reinforcer(database_url, tenant="a", creates_tenant=False) as known:
        assert known.learners() == a.learners() != []


def test_the_answers_would_tell_tenants_apart(both: tuple[Reinforcer, Reinforcer, Reinforcer]) -> None:
    """The tenants' answers differ for every call that reads rows, so that a mix-up would be seen."""
    a, b, _ = both
    fill(b, 2, extra=False)
    telling = {name for name, call in READING if answer(call, a, "") != answer(call, b, "")}
    assert {name for name, _ in READING} - telling == {
        *("policy", "rules", "xapi"),
        *("calibration.replay", "calibration.drift"),
    }


def test_outcomes_are_of_their_own_tenant(both: tuple[Reinforcer, Reinforcer, Reinforcer]) -> None:
    """The same external id in two tenants is two events."""
    a, b, _ = both
    event = PracticeEvent("ann", AT, {"price": Outcome.success(True)}, external_id="shared")
    fill(b, 2, extra=False)
    assert a.record(event, at=NOW).is_new
    assert b.record(event, at=NOW).is_new
    assert a.void("app", "shared", reason="for a only", at=NOW).is_voided
    assert not b.record(event, at=NOW).is_voided
