"""Statements of others become practice, each once, whatever the order and however often they come."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import evolve

from intake.school import (
    CMI5_MAPPING,
    NOW,
    Plain,
    account,
    fates,
    incoming,
    passed,
    settle,
    voiding,
)
from reinforce import Learner, Reinforcer, Skill, XapiIdentifier
from reinforce.intake.readings import Fate
from reinforce.model.conversion import structure
from reinforce.model.practice import PracticeEvent
from reinforce.statements.mapping import StatementMapping
from reinforce.statements.mapping_files import mapping_of
from reinforce.statements.provenance import SOURCE
from reinforce.store.log_places import Position
from reinforce.store.statements import NewStatement, Origin, StatementLog, StoredStatement
from reinforcer.world import log_and_memory, opened, rows
from statements import telling
from statements.understanding import CASES, read
from statements.understanding import mapping_of as mapping_of_case

RECORDED, KNOWN, REFUSED, VOIDING, VOIDED = Fate.RECORDED, Fate.KNOWN, Fate.REFUSED, Fate.VOIDING, Fate.VOIDED


@pytest.fixture
def school(database_url: str) -> Iterator[Reinforcer]:
    """A tenant with Ada, the skill pricing, and a mapping for cmi5, on each of the databases."""
    with opened(database_url) as reinforcer:
        settle(reinforcer, CMI5_MAPPING)
        yield reinforcer


def identifier(actor: str) -> XapiIdentifier:
    """The identifier that an actor key stands for."""
    kind, first, *rest = actor.split(" ", 2)
    return XapiIdentifier(kind, rest[0], first) if rest else XapiIdentifier(kind, first)


def practice(reinforcer: Reinforcer) -> Any:
    """The tenant's log and memories, without the moments of recording."""
    with reinforcer._store.database.read() as connection:
        return log_and_memory(connection, reinforcer.tenant)


def kept(reinforcer: Reinforcer) -> list[StoredStatement]:
    """The statements of others in the log."""
    with reinforcer._store.read() as session:
        return StatementLog(session.driver, session.tenant_id).received(1000, Position(0, 0))


def events(reinforcer: Reinforcer, learner: str = "ada", skill: str = "pricing") -> list[PracticeEvent]:
    """What Ada's log says of a skill, the last first."""
    return list(reinforcer.why(learner, skill, at=NOW).events)


@pytest.mark.parametrize("case", CASES)
def test_golden_statements_become_practice(database_url: str, case: str) -> None:
    """Each golden statement is kept as its bytes, and recorded as its golden file says, or for that reason not."""
    mapping, learners = mapping_of_case(case)
    statement, understood = read(case, "statement"), read(case, "understood")
    people = [Learner(key, xapi=identifier(actor)) for actor, key in learners.items()]
    told = structure(understood["event"], PracticeEvent) if "event" in understood else None
    with opened(database_url) as reinforcer:
        reinforcer.define(Skill("price-objections"), *people, at=NOW)
        if told is not None:
            keys = {told.learner, told.assessor} - {None, *(one.key for one in people)}
            reinforcer.define(Skill(told.outcomes[0].skill), *(Learner(key) for key in keys if key), at=NOW)
        reinforcer.statements.adopt(mapping, at=NOW)
        (sent,) = incoming(statement)
        (found,) = reinforcer.statements.take([sent], at=NOW)

        (stored,) = kept(reinforcer)
        assert stored.body == sent.received.exact
        if told is None:
            assert found.event is None
            assert (found.voids or found.reason) in (understood.get("voids"), understood.get("reason"))
            return
        (event,) = events(reinforcer, told.learner, told.outcomes[0].skill)
        made_by = {"mapping": mapping.name, "mapping_version": "1", "rule": understood["rule"]}
        assert event == evolve(told, source=SOURCE, context={**told.context, **made_by})


def test_the_same_again_changes_nothing(school: Reinforcer) -> None:
    """Taken twice, in one batch and in another, with ids and without, a statement is one practice."""
    named, unnamed = passed(day=1), passed(day=2, id=None)
    first = school.statements.take(incoming(named, unnamed, named, unnamed), at=NOW)
    before = rows(school)
    again = school.statements.take(incoming(unnamed, named), at=NOW)

    assert fates(first) == [RECORDED, RECORDED, KNOWN, KNOWN]
    assert fates(again) == [KNOWN, KNOWN]
    assert rows(school) == before
    assert len(events(school)) == len(kept(school)) == 2


def test_a_preview_writes_nothing_and_says_what_will_be(school: Reinforcer) -> None:
    """What a preview says of each statement is what becomes of it; until then no row has changed."""
    school.statements.take(incoming(known := passed(day=9), voiding(gone := passed()["id"])), at=NOW)
    batch = incoming(
        passed(day=3),
        known,
        passed(id=gone),
        passed("nobody"),
        passed(verb="launched"),
        taken_back := passed(day=4),
        voiding(taken_back["id"]),
        {**known, "result": {"success": False}},
    )
    before = rows(school)
    foreseen = school.statements.preview(batch, at=NOW)

    assert rows(school) == before
    assert school.statements.take(batch, at=NOW) == foreseen
    assert fates(foreseen) == [RECORDED, KNOWN, VOIDED, REFUSED, Fate.UNMATCHED, VOIDED, VOIDING, Fate.CONFLICT]


@pytest.mark.parametrize("order", ["target first", "voiding first", "together", "together, voiding first"])
def test_what_is_taken_back_is_no_practice(school: Reinforcer, order: str) -> None:
    """Whichever comes first, a voided statement leaves no trace in memory, and the log tells that it was there."""
    target = passed()
    batches = [[target], [voiding(target["id"].upper())]]
    if order.endswith("voiding first"):
        batches.reverse()
    if order.startswith("together"):
        batches = [batches[0] + batches[1]]
    for batch in batches:
        school.statements.take(incoming(*batch), at=NOW)

    assert school.memory("ada", "pricing") is None
    assert school.replay(write=False).changed == 0
    for part in school.statements.understand(at=NOW):
        assert RECORDED not in fates(part)
    assert school.memory("ada", "pricing") is None


def test_what_was_taken_back_unnoticed_is_void_when_it_comes_again(school: Reinforcer) -> None:
    """A voiding statement that was only stored, as by an LRS that makes no practice, takes effect with its target."""
    target = passed()
    school.statements.take(incoming(target), at=NOW)
    with school._store.write(0) as session:
        (one,) = incoming(voiding(target["id"]))
        log = StatementLog(session.driver, session.tenant_id)
        log.append([NewStatement(one.id, one.received, one.version)], lambda: 1, origin=Origin.RECEIVED)
    assert school.memory("ada", "pricing") is not None
    school.statements.take(incoming(target), at=NOW)

    assert school.memory("ada", "pricing") is None


def test_taking_back_one_leaves_the_others(school: Reinforcer) -> None:
    """Memory is then what it would be if the voided practice had never been told."""
    one, other, wrong = passed(day=1), passed(day=8), passed(day=5, verb="failed")
    school.statements.take(incoming(one, other), at=NOW)
    expected = school.memory("ada", "pricing")
    school.statements.take(incoming(wrong), at=NOW)
    assert school.memory("ada", "pricing") != expected
    school.statements.take(incoming(voiding(wrong["id"])), at=NOW)

    assert school.memory("ada", "pricing") == expected


def test_what_was_not_understood_is_kept_and_understood_later(school: Reinforcer) -> None:
    """A statement that no rule fits, or whose learner or skill is unknown, counts once all that is there."""
    late = passed("b-18", object={"id": "https://content.acme.example/au/closing/1"})
    (found,) = school.statements.take(incoming(late), at=NOW)
    assert (found.fate, found.reason) == (REFUSED, "no skill is mapped to https://content.acme.example/au/closing/1")
    mended = evolve(
        CMI5_MAPPING, skills={**CMI5_MAPPING.skills, "https://content.acme.example/au/closing/*": "closing"}
    )
    reasons = []
    for mend in (
        lambda: school.statements.adopt(mended, at=NOW),
        lambda: school.define(Skill("closing"), at=NOW),
        lambda: school.define(
            Learner("ben", xapi=XapiIdentifier("account", "b-18", "https://lms.acme.example")), at=NOW
        ),
    ):
        mend()
        ((reviewed,),) = school.statements.review(at=NOW)
        ((understood,),) = school.statements.understand(at=NOW)
        assert understood == reviewed
        reasons.append((understood.fate, understood.reason))
    ((again,),) = school.statements.understand(at=NOW)

    assert reasons == [
        (REFUSED, "there is no skill 'closing'"),
        (REFUSED, "there is no learner 'b-18' (account https://lms.acme.example b-18)"),
        (RECORDED, ""),
    ]
    assert again.fate is KNOWN
    (event,) = events(school, "ben", "closing")
    assert event.context["mapping_version"] == "2"


def test_what_was_recorded_stays_when_the_mapping_changes(school: Reinforcer) -> None:
    """Another mapping, or none, neither changes what a statement has made nor counts it once more."""
    school.statements.take(incoming(statement := passed()), at=NOW)
    before = practice(school)
    other = structure({"name": "zeal", "rules": [{"name": "all", "skill": "price-objections"}]}, StatementMapping)
    school.statements.adopt(other, at=NOW)
    for name in ("cmi5", "zeal"):
        school.statements.retire(name, at=NOW)
        assert fates(school.statements.take(incoming(statement), at=NOW)) == [KNOWN]
        assert [fates(part) for part in school.statements.understand(at=NOW)] == [[KNOWN]]

    assert practice(school) == before
    assert [(one.name, one.version, one.retired_at is None) for one in school.statements.mappings(retired=True)] == [
        ("cmi5", 1, False),
        ("zeal", 1, False),
    ]


def test_a_version_of_a_mapping_is_kept(school: Reinforcer) -> None:
    """Adopting the same mapping is no new version; the order of its skills, of which the first counts, is kept."""
    skills = {"https://z.example/*": "pricing", "https://a.example/*": "price-objections"}
    assert school.statements.adopt(CMI5_MAPPING, at=NOW).version == 1
    assert school.statements.adopt(evolve(CMI5_MAPPING, skills=skills), at=NOW).version == 2
    turned = dict(reversed(skills.items()))
    assert school.statements.adopt(evolve(CMI5_MAPPING, skills=turned), at=NOW).version == 3

    assert [list(one.mapping.skills) for one in school.statements.mappings()] == [list(turned)]
    assert [one.version for one in school.statements.mappings(retired=True)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("actor", "key"),
    [
        (account("a-17"), "ada"),
        ({"mbox": "mailto:Ben@ACME.example"}, "ben"),
        ({"mbox_sha1sum": "DCDDE6AE7C8F66881C75C529F3344A9B2D001121"}, "ben"),
        ({"openid": "https://cy.example/"}, "cy"),
        (account("dee", "https://elsewhere.example"), "dee"),
        ({"mbox": "mailto:eve@acme.example"}, "eve@acme.example"),
    ],
)
def test_learners_are_found_by_every_identifier(school: Reinforcer, actor: Plain, key: str) -> None:
    """By account, address, its hash, OpenID; else by an account's name or an address that is their key."""
    school.define(
        Learner("ben", xapi=XapiIdentifier("mbox", "mailto:Ben@Acme.Example")),
        Learner("cy", xapi=XapiIdentifier("openid", "https://cy.example/")),
        Learner("dee"),
        Learner("eve@acme.example"),
        at=NOW,
    )
    (found,) = school.statements.take(incoming(passed(actor=actor)), at=NOW)

    assert (found.fate, found.event and found.event.learner) == (RECORDED, key)


def test_an_identifier_goes_with_its_learner(school: Reinforcer) -> None:
    """Whoever is defined with another identifier, or erased, is no longer found by the old one."""
    school.define(Learner("ada", xapi=XapiIdentifier("account", "a-18", "https://lms.acme.example")), at=NOW)
    before = school.statements.preview(incoming(passed("a-17"), passed("a-18")), at=NOW)
    school.erase("ada", at=NOW)
    after = school.statements.preview(incoming(passed("a-18")), at=NOW)

    assert fates(before) == [REFUSED, RECORDED]
    assert fates(after) == [REFUSED]
    assert "a-18" not in str([row for name, row in rows(school).items() if name == "reinforce_learner_actor"])


def test_whoever_was_erased_does_not_come_back(school: Reinforcer) -> None:
    """Neither with statements of theirs, nor in those of others in which they stood."""
    school.define(Learner("ben", xapi=XapiIdentifier("account", "b-18", "https://lms.acme.example")), at=NOW)
    theirs = passed("b-18")
    of_others = passed(context={**passed()["context"], "instructor": account("b-18")})
    school.statements.take(incoming(theirs, of_others), at=NOW)
    school.erase("ben", at=NOW)
    before = rows(school)
    foreseen = school.statements.preview(incoming(theirs, of_others), at=NOW)
    found = school.statements.take(incoming(theirs, of_others), at=NOW)

    assert fates(found) == fates(foreseen) == [Fate.ERASED, KNOWN]
    assert rows(school) == before


def test_two_people_of_one_name_are_not_guessed_between(school: Reinforcer) -> None:
    """An actor that stands for two learners is refused, also where the name is a learner's key."""
    school.define(
        Learner("a-17"), Learner("ben", xapi=XapiIdentifier("account", "a-17", "https://lms.acme.example")), at=NOW
    )
    (found,) = school.statements.take(incoming(passed()), at=NOW)

    assert (found.fate, found.reason) == (REFUSED, "its actor stands for ada and ben")


def test_a_mapping_may_create_learners(school: Reinforcer) -> None:
    """Who is met for the first time becomes a learner once, with time zone and identifier, and is found by it again."""
    skills = {"https://content.acme.example/au/pricing/*": "pricing"}
    mapping = {"ready": "cmi5", "skills": skills, "creates_learners": True, "time_zone": "Asia/Kathmandu"}
    school.statements.adopt(mapping_of(mapping), at=NOW)
    somebody = {"openid": "https://zoe.example/", "name": "Zoe"}
    stranger = passed("stranger")
    found = school.statements.take(incoming(passed(actor=somebody), passed(actor=somebody, day=2), stranger), at=NOW)
    named = mapping_of({**mapping, "home_pages": ["https://lms.acme.example"]})
    school.statements.adopt(named, at=NOW)
    again = school.statements.take(incoming(passed(actor=somebody, day=3), stranger), at=NOW)

    assert fates(found) == [RECORDED, RECORDED, REFUSED]
    assert fates(again) == [RECORDED, RECORDED]
    assert school.find(Learner, "https://zoe.example/") == Learner(
        "https://zoe.example/",
        name="Zoe",
        time_zone="Asia/Kathmandu",
        xapi=XapiIdentifier("openid", "https://zoe.example/"),
    )
    assert {one.key for one in school.learners()} == {"ada", "https://zoe.example/", "stranger"}


@pytest.mark.parametrize("case", telling.CASES)
def test_what_we_told_comes_back_in_vain(school: Reinforcer, case: str) -> None:
    """Our own statements are not recorded once more, whether the log knows them or not."""
    statement = json.loads((telling.DATA / case / "statement.json").read_text())
    anything = structure({"name": "all", "rules": [{"name": "all", "skill": "pricing"}]}, StatementMapping)
    school.statements.adopt(anything, at=NOW)
    before = practice(school)
    school.statements.take(incoming(statement), at=NOW)

    assert practice(school) == before


def test_what_our_log_has_made_is_ours_however_it_comes_back(school: Reinforcer) -> None:
    """A statement of ours that a feed or an LRS has changed on its way is known by its id, and changes nothing."""
    ours = passed()
    with school._store.write(0) as session:
        log = StatementLog(session.driver, session.tenant_id)
        (one,) = incoming(ours)
        log.append([NewStatement(one.id, one.received, one.version)], lambda: 1)
    (found,) = school.statements.take(incoming({**ours, "actor": account("opaque")}), at=NOW)

    assert found.fate is Fate.OURS
    assert kept(school) == []
    assert events(school) == []


def test_another_statement_of_the_same_id_is_not_kept(school: Reinforcer) -> None:
    """What differs from what is there stands in the report, and the others are taken all the same."""
    first = passed()
    changed = {**first, "result": {"success": False}}
    found = school.statements.take(incoming(first, changed, passed(day=2)), at=NOW)
    again = school.statements.take(incoming(changed, passed(day=3)), at=NOW)

    assert fates(found) == [RECORDED, Fate.CONFLICT, RECORDED]
    assert fates(again) == [Fate.CONFLICT, RECORDED]
    assert "$.result.completion" in again[0].reason
    assert len(kept(school)) == len(events(school)) == 3


def test_what_lies_ahead_is_refused(school: Reinforcer) -> None:
    """A moment in the future is a fault of somebody's clock; once it has passed, the practice counts."""
    ahead = passed(timestamp="2026-05-04T09:06:00Z")
    (found,) = school.statements.take(incoming(ahead), at=NOW)
    ((later,),) = school.statements.understand(at=NOW.replace(hour=10))

    assert (found.fate, later.fate) == (REFUSED, RECORDED)
    assert "not happened yet, by the clock here: 2026-05-04T09:06:00+00:00" in found.reason


def test_hostile_names_are_nobodys(school: Reinforcer) -> None:
    """Names that no database can hold are refused like any unknown one, and the batch goes on."""
    found = school.statements.take(
        incoming(passed("a\u0000b"), passed("x" * 5000), passed("😀\u202e"), passed("a'; DROP TABLE x")), at=NOW
    )

    assert fates(found) == [REFUSED] * 4
    assert len(kept(school)) == 4


def test_tenants_do_not_see_each_other(database_url: str) -> None:
    """The same statement is practice in each tenant that takes it, by that tenant's own mapping and people."""
    with opened(database_url, "a") as a, opened(database_url, "b") as b:
        settle(a, CMI5_MAPPING)
        b.define(Skill("pricing"), Learner("a-17"), at=NOW)
        statement = passed()
        a.statements.take(incoming(statement), at=NOW)
        before = practice(a)
        assert [fates(part) for part in b.statements.understand(at=NOW)] == [[]]
        assert fates(b.statements.take(incoming(statement), at=NOW)) == [Fate.UNMATCHED]
        b.statements.adopt(mapping_of({"ready": "cmi5", "skills": {"*": "pricing"}}), at=NOW)
        assert [fates(part) for part in b.statements.understand(at=NOW)] == [[RECORDED]]
        b.statements.take(incoming(voiding(statement["id"])), at=NOW)

        assert b.memory("a-17", "pricing") is None
        assert practice(a) == before
        assert [one.name for one in a.statements.mappings()] == ["cmi5"]


def test_within_a_hosts_transaction(school: Reinforcer, database_url: str) -> None:
    """With the host's connection, what is taken is kept when the host commits, and not before."""
    with school._store.database.write() as connection:
        with Reinforcer(connection) as inside:
            assert fates(inside.statements.take(incoming(passed()), at=NOW)) == [RECORDED]
            assert inside.memory("ada", "pricing") is not None
        connection.rollback()

    assert kept(school) == []
    assert school.memory("ada", "pricing") is None


def test_the_log_is_gone_over_in_parts(school: Reinforcer, monkeypatch: pytest.MonkeyPatch) -> None:
    """However the parts fall, each statement is in one of them; those stored before a moment can be left out."""
    monkeypatch.setattr("reinforce.intake.door.AT_ONCE", 3)
    school.statements.retire("cmi5", at=NOW)
    for days in ((1, 2, 3, 4), (5, 6)):
        moment = NOW.replace(day=days[0] + 4)
        school.statements.take(incoming(*(passed(day=day) for day in days)), at=moment)
    school.statements.adopt(CMI5_MAPPING, at=NOW)
    since = [len(part) for part in school.statements.review(since=NOW.replace(day=9), at=NOW)]
    parts = [fates(part) for part in school.statements.understand(at=NOW.replace(month=6))]

    assert since == [2]
    assert parts == [[RECORDED] * 3, [RECORDED] * 3, []]
    assert {one.origin for one in kept(school)} == {Origin.RECEIVED}


def test_erased_statements_stay_erased(school: Reinforcer) -> None:
    """What was erased with a person is neither kept nor practised when it comes again, even if they may come anew."""
    mapping = evolve(CMI5_MAPPING, creates_learners=True, time_zone="UTC", home_pages=("https://lms.acme.example",))
    hers, his = passed(), passed("b-4", day=2)
    school.statements.take(incoming(hers), at=NOW)
    school.erase("ada", at=NOW)
    school.statements.adopt(mapping, at=NOW)

    assert fates(school.statements.preview(incoming(hers), at=NOW)) == [Fate.ERASED]
    assert fates(school.statements.take(incoming(his, hers), at=NOW)) == [RECORDED, Fate.ERASED]
    assert [str(one.id) for one in kept(school)] == [his["id"]]
    assert len(school.learners()) == 1
