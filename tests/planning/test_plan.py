"""What a day's plan holds, in which order, and what it leaves out."""

from datetime import date

import pytest

from planning.worlds import ANNA, TODAY, TUESDAY, catalogue, given, left, library, plan
from reinforce.errors import CircularReference, InvalidValue, UnknownSkill
from reinforce.forgetting.parameters import Forgetting
from reinforce.model.library import Refresher
from reinforce.model.people import Calendar, DateRange, Learner
from reinforce.model.plans import PlanningRules
from reinforce.model.skills import RoleProfile, RoleSkill, Skill
from reinforce.planning import Catalogue, History, MemoryRows, assignment_id, plan_day
from reinforce.planning.needs import UNNAMED_WEIGHT

DUE = (10.0, 12, -2)
FADED = (10.0, 400, -390)
FRESH = (100.0, 2, 98)


def test_a_due_skill_is_refreshed() -> None:
    """What is due is given with its title, minutes, expiry and reason; what is fresh is not."""
    of = catalogue([Skill("pricing", title="Price objections"), "discovery"])

    made = plan(of, {"pricing": DUE, "discovery": FRESH})
    (only,) = made.assignments

    assert (made.learner, made.day, made.minutes, made.budget, made.left_over) == ("anna", TUESDAY, 5, 15, ())
    assert (only.refresher, only.skills, only.minutes) == ("refresh-pricing", ("pricing",), 5)
    assert only.expires == date(2026, 3, 10)
    assert only.reason == "“Price objections” has fallen to 89 % (aim 90 %) and was due 2 days ago."


def test_one_refresher_of_several_due_skills_beats_two() -> None:
    """A refresher that practises two due skills is preferred to one for each, and then nothing more is needed."""
    both = Refresher("both", skills={"a": 1, "b": 1}, minutes=8)
    made = plan(catalogue(["a", "b"], [*library("a", "b"), both]), {"a": DUE, "b": DUE})

    assert given(made) == ["both"]
    assert made.assignments[0].skills == ("a", "b")
    assert made.assignments[0].reason.endswith("; this also refreshes “b”.")


def test_one_beats_two_whatever_each_skill_is_worth() -> None:
    """Though the quickest way to the most important skill is another one, what does both in less time is given."""
    both = Refresher("both", skills={"a": 1, "b": 1}, minutes=8)
    of = catalogue([Skill("a", importance=3), "b"], [*library("a", "b"), both])

    assert given(plan(of, {"a": DUE, "b": DUE})) == ["both"]
    assert given(plan(of, {"a": DUE})) == ["refresh-a"]


def test_one_does_not_beat_two_that_practise_more_or_are_quicker() -> None:
    """What practises a skill less than it is practised now, or takes longer, replaces nothing."""
    less = Refresher("less", skills={"a": 1, "b": 0.9}, minutes=8)
    longer = Refresher("longer", skills={"a": 1, "b": 1}, minutes=11)
    of = catalogue([Skill("a", importance=3), "b"], [*library("a", "b"), less, longer])

    assert given(plan(of, {"a": DUE, "b": DUE})) == ["refresh-a", "refresh-b"]


def test_minutes_that_are_spared_are_spent() -> None:
    """Where one takes the place of two, what did not fit beside the two is given with it."""
    both = Refresher("both", skills={"a": 1, "b": 1}, minutes=8)
    of = catalogue([Skill("a", importance=9), Skill("b", importance=3), "c"], [*library("a", "b"), both, *library("c")])

    assert given(plan(of, {"a": DUE, "b": DUE, "c": DUE}, rules=PlanningRules(daily_minutes=14))) == [
        "both",
        "refresh-c",
    ]


def test_what_a_refresher_hardly_practises_is_still_needed() -> None:
    """After a refresher of weight 0.3, a skill is worth another one; after one of weight 0.5, it isn't."""
    a_little = Refresher("a-little", skills={"a": 1, "b": 0.3}, minutes=1)
    half = Refresher("half", skills={"a": 1, "b": 0.5}, minutes=1)

    assert given(plan(catalogue(["a", "b"], [a_little, *library("b")]), {"a": DUE, "b": DUE})) == [
        "a-little",
        "refresh-b",
    ]
    assert given(plan(catalogue(["a", "b"], [half, *library("b")]), {"a": DUE, "b": DUE})) == ["half"]


def test_value_is_per_minute() -> None:
    """Of two refreshers of one skill, the shorter one is given."""
    long_one = Refresher("a-long-one", skills={"a": 1}, minutes=9)

    assert given(plan(catalogue(["a"], [long_one, *library("a")]), {"a": DUE})) == ["refresh-a"]


def test_importance_and_role_decide_what_comes_first() -> None:
    """Among equally forgotten skills the more important comes first, and its role's weight multiplies that."""
    role = RoleProfile("seller", skills={"a": RoleSkill(), "b": RoleSkill(weight=4), "c": RoleSkill()})
    skills = [Skill("a"), Skill("b"), Skill("c", importance=3)]
    of = Catalogue.of(skills, [role], library("a", "b", "c"))

    made = plan(of, {"a": DUE, "b": DUE, "c": DUE}, learner=Learner("anna", roles=("seller",)))

    assert given(made) == ["refresh-b", "refresh-c", "refresh-a"]


@pytest.mark.parametrize("roles", [("hunter", "farmer"), ("farmer", "hunter")])
def test_the_weightiest_of_several_roles_counts(roles: tuple[str, ...]) -> None:
    """A skill that several roles of a person name has the largest of their weights and the highest of their targets."""
    hunter = RoleProfile("hunter", skills={"a": RoleSkill(weight=3, target=0.95), "b": RoleSkill(weight=2)})
    farmer = RoleProfile("farmer", skills={"a": RoleSkill(target=0.97), "b": RoleSkill()})
    of = Catalogue.of([Skill("a"), Skill("b")], [hunter, farmer], library("a", "b"))

    made = plan(of, {"a": DUE, "b": DUE}, learner=Learner("anna", roles=roles))

    assert given(made) == ["refresh-a", "refresh-b"]
    assert made.assignments[0].value == pytest.approx(1.5 * made.assignments[1].value)
    assert "(aim of the role 97 %)" in made.assignments[0].reason


def test_a_skill_that_no_role_names_counts_half() -> None:
    """What a person practises beside their roles weighs less than what the roles name; without roles it weighs 1."""
    of = Catalogue.of([Skill("a"), Skill("b")], [RoleProfile("seller", skills={"b": RoleSkill()})], library("a", "b"))

    with_role = plan(of, {"a": DUE, "b": DUE}, learner=Learner("anna", roles=("seller",)))
    without = plan(of, {"a": DUE, "b": DUE})

    assert given(with_role) == ["refresh-b", "refresh-a"]
    assert with_role.assignments[1].value == pytest.approx(UNNAMED_WEIGHT * with_role.assignments[0].value)
    assert given(without) == ["refresh-a", "refresh-b"]


def test_equals_are_ordered_by_retrievability_then_key() -> None:
    """Where value is the same, what is remembered better comes first, then the key decides."""
    of = catalogue([Skill("a"), Skill("b", importance=0.5), Skill("c")])
    halved = plan(of, {"a": DUE, "c": DUE})

    assert given(halved) == ["refresh-a", "refresh-c"]


def test_a_role_target_brings_a_skill_forward() -> None:
    """A skill below its role's target is planned before it is due, and the reason names the role's aim."""
    role = RoleProfile("seller", skills={"a": RoleSkill(target=0.97)})
    of = Catalogue.of([Skill("a")], [role], library("a"))

    made = plan(of, {"a": (100.0, 40, 60)}, learner=Learner("anna", roles=("seller",)))

    assert made.assignments[0].reason == "“a” has fallen to 95 % (aim of the role 97 %) and is due in 60 days."
    assert given(plan(of, {"a": (100.0, 40, 60)})) == []


def test_never_practised_skills_of_a_role_are_planned_without_a_number() -> None:
    """A skill that a role needs and nobody ever saw practised is planned, as unknown and not as zero."""
    of = Catalogue.of([Skill("a")], [RoleProfile("seller", skills={"a": RoleSkill()})], library("a"))
    seller = Learner("anna", roles=("seller",))

    assert plan(of, {}, learner=seller).assignments[0].reason == ("“a” was never practised and is needed in the role.")
    assert given(plan(of, {}, learner=seller, rules=PlanningRules(unknown_retrievability=None))) == []
    assert given(plan(of, {})) == []


def test_what_is_known_is_kept_before_something_new_is_begun() -> None:
    """When not everything fits, due skills come before never-practised ones, which fill what is left."""
    role = RoleProfile("seller", skills={key: RoleSkill() for key in ("a", "b", "new1", "new2")})
    of = Catalogue.of(
        [Skill("a"), Skill("b"), Skill("new1"), Skill("new2", importance=2)], [role], library("a", "b", "new1", "new2")
    )

    made = plan(of, {"a": DUE, "b": DUE}, learner=Learner("anna", roles=("seller",)))

    assert given(made) == ["refresh-a", "refresh-b", "refresh-new2"]
    assert left(made) == {"new1": "does not fit into 15 minutes"}


def test_in_a_backlog_what_would_be_kept_longest_comes_first() -> None:
    """When more is due than fits, the lasting gain decides and not how much is forgotten already."""
    remembered = {"fleeting": (0.1, 3, -2), "solid": (30.0, 200, -170)}
    of = catalogue(remembered)

    assert given(plan(of, remembered, rules=PlanningRules(daily_minutes=15)))[0] == "refresh-fleeting"
    assert given(plan(of, remembered, rules=PlanningRules(daily_minutes=5))) == ["refresh-solid"]


def test_a_soon_due_skill_is_taken_along() -> None:
    """A skill due within soon_days tips the choice between refreshers, but is no reason to give one by itself."""
    along = Refresher("zz-along", skills={"a": 1, "soon": 1})
    of = catalogue(["a", "soon"], [*library("a", "soon"), along])
    soon = (9.0, 8, 2)

    assert given(plan(of, {"a": DUE, "soon": soon})) == ["zz-along"]
    assert given(plan(of, {"a": DUE, "soon": soon}, rules=PlanningRules(soon_days=1))) == ["refresh-a"]
    assert given(plan(of, {"soon": soon})) == []


def test_the_budget_is_the_learners_own_or_the_rules() -> None:
    """Minutes come from the learner if they have their own, else from the rules; what does not fit is said."""
    of = catalogue(["a", "b", "c", "d"])
    due = dict.fromkeys(("a", "b", "c", "d"), DUE)

    made = plan(of, due, learner=Learner("anna", daily_minutes=10))

    assert (made.budget, made.minutes, len(made.assignments)) == (10, 10, 2)
    assert left(made) == {"c": "does not fit into 10 minutes", "d": "does not fit into 10 minutes"}
    assert len(plan(of, due).assignments) == 3


def test_the_number_of_assignments_is_limited() -> None:
    """A day never holds more than most_assignments, however short they are."""
    made = plan(catalogue(["a", "b"]), {"a": DUE, "b": DUE}, rules=PlanningRules(most_assignments=1))

    assert len(made.assignments) == 1
    assert left(made) == {"b": "the day already holds 1 assignment"}


def test_a_refresher_longer_than_a_day_is_never_given() -> None:
    """A refresher that exceeds the whole budget is left over with its minutes, and makes no backlog of the day."""
    made = plan(catalogue(["a"], library("a", minutes=30)), {"a": DUE})

    assert made.assignments == ()
    assert left(made) == {"a": "its refresher takes 30 minutes, more than the 15 of a whole day"}


def test_days_off_have_empty_plans() -> None:
    """On weekends, holidays, blackout days and absences nothing is planned, and there is no budget."""
    of = Catalogue.of(
        [Skill("a")],
        refreshers=library("a"),
        calendars=[
            Calendar("office", holidays=(TUESDAY,)),
            Calendar("quarter-end", blackouts=(DateRange(TUESDAY, TUESDAY),)),
            Calendar("shop", working_days=(5, 6)),
        ],
    )
    saturday = date(2026, 3, 7)
    off = [
        plan(of, {"a": DUE}, day=saturday),
        plan(of, {"a": DUE}, learner=Learner("anna", calendar="office")),
        plan(of, {"a": DUE}, learner=Learner("anna", calendar="quarter-end")),
        plan(of, {"a": DUE}, learner=Learner("anna", absences=(DateRange(TUESDAY, saturday),))),
        plan(of, {"a": DUE}, learner=Learner("anna", is_active=False)),
    ]

    assert [(made.assignments, made.left_over, made.budget) for made in off] == [((), (), 0.0)] * 5
    assert given(plan(of, {"a": DUE}, day=saturday, learner=Learner("anna", calendar="shop"))) == ["refresh-a"]
    assert given(plan(of, {"a": DUE}, learner=Learner("anna", calendar="of another house"))) == ["refresh-a"]


def test_prerequisites_come_first() -> None:
    """A skill waits while one that it requires is forgotten; that one is planned instead and says what for."""
    of = catalogue([Skill("basics"), Skill("closing", prerequisites=("basics",))])

    made = plan(of, {"basics": FADED, "closing": DUE})

    assert given(made) == ["refresh-basics"]
    assert left(made) == {"closing": "waits for “basics”"}
    assert made.assignments[0].reason == (
        "“basics” has fallen to 57 % (aim 90 %), was due 390 days ago and is required for “closing”."
    )
    assert given(plan(of, {"basics": FRESH, "closing": DUE})) == ["refresh-closing"]


def test_prerequisites_of_prerequisites_come_first() -> None:
    """Of a chain that nobody practised, only the first link is planned, though no role names it."""
    skills = [Skill("a"), Skill("b", prerequisites=("a",)), Skill("c", prerequisites=("b",))]
    of = Catalogue.of(skills, [RoleProfile("seller", skills={"c": RoleSkill(weight=2)})], library("a", "b", "c"))

    made = plan(of, {}, learner=Learner("anna", roles=("seller",)))

    assert given(made) == ["refresh-a"]
    assert made.assignments[0].reason == "“a” was never practised and is required for “c”."
    assert left(made) == {"c": "waits for “a”"}


def test_a_refresher_of_a_locked_skill_is_not_given() -> None:
    """A refresher that also practises a locked skill is not given, not even for its other skills."""
    skills = [Skill("a"), Skill("basics"), Skill("closing", prerequisites=("basics",))]
    of = catalogue(skills, [Refresher("both", skills={"a": 1, "closing": 0.2})])

    made = plan(of, {"a": DUE})

    assert made.assignments == ()
    assert left(made) == {"a": "its refreshers also practise “closing”, which waits for “basics”"}


def test_a_refresher_must_fit_the_person_and_the_day() -> None:
    """Role, language and validity are respected; where one side says nothing, it fits."""
    german = Learner("anna", roles=("seller",), language="de-CH")
    fits = [
        Refresher("r1", skills={"a": 1}, language="DE"),
        Refresher("r2", skills={"a": 1}, roles=("seller", "coach")),
        Refresher("r3", skills={"a": 1}, valid_from=TUESDAY, valid_until=TUESDAY),
    ]
    does_not = [
        Refresher("r1", skills={"a": 1}, language="en"),
        Refresher("r2", skills={"a": 1}, roles=("coach",)),
        Refresher("r3", skills={"a": 1}, valid_until=date(2026, 3, 2)),
    ]

    for refresher in fits:
        assert given(plan(catalogue(["a"], [refresher]), {"a": DUE}, learner=german)) == [refresher.key]
    for refresher in does_not:
        made = plan(catalogue(["a"], [refresher]), {"a": DUE}, learner=german)
        assert left(made) == {"a": "none of its refreshers is valid on this day for this role and language"}
    assert given(plan(catalogue(["a"], does_not[:1]), {"a": DUE})) == ["r1"]


def test_what_is_open_is_not_given_again() -> None:
    """An open refresher is not given a second time, and another one of its skills isn't either."""
    of = catalogue(["a"], [Refresher("first", title="First call", skills={"a": 1}), *library("a")])

    made = plan(of, {"a": DUE}, history=History.of(open_now=[("anna", "first")]))

    assert left(made) == {"a": "“First call” is open for it already"}
    assert made.assignments == ()


def test_an_open_refresher_that_hardly_practises_a_skill_leaves_room_for_another() -> None:
    """While a refresher of weight 0.3 is open, the skill is still needed, but by another refresher."""
    of = catalogue(["a"], [Refresher("hardly", skills={"a": 0.3}, minutes=1), *library("a")])

    assert given(plan(of, {"a": DUE}, history=History.of(open_now=[("anna", "hardly")]))) == ["refresh-a"]


def test_cool_down() -> None:
    """A refresher comes again only after its own cool-down, or the rules'; the reason names the day."""
    of = catalogue(["a", "b"], [*library("a"), Refresher("own", skills={"b": 1}, cool_down_days=10)])
    history = History.of(given=[("anna", "refresh-a", TODAY - 2), ("anna", "own", TODAY - 3), ("anna", "own", 5)])

    assert left(plan(of, {"a": DUE, "b": DUE}, history=history)) == {
        "a": "cool-down until 2026-03-04",
        "b": "cool-down until 2026-03-10",
    }
    again = History.of(given=[("anna", "refresh-a", TODAY - 3)])
    assert given(plan(of, {"a": DUE}, history=again)) == ["refresh-a"]


def test_a_gap_in_the_library_is_said() -> None:
    """A due skill that no refresher practises is left over, with that reason."""
    assert left(plan(catalogue(["a"], []), {"a": DUE})) == {"a": "no refresher in the library practises it"}


def test_a_wall_is_begun_before_its_day() -> None:
    """Of many skills due on Friday, some are taken on Tuesday, and the reason says that they are due later."""
    keys = [f"s{n:02}" for n in range(20)]
    made = plan(catalogue(keys), dict.fromkeys(keys, (30.0, 27, 3)), rules=PlanningRules(daily_minutes=60))

    assert 0 < len(made.assignments) <= 5
    assert made.assignments[0].reason.endswith("(aim 90 %) and is due in 3 days.")


def test_a_due_skill_that_is_put_off_says_until_when() -> None:
    """What is due today but taken on another day of its range is left over with that day."""
    keys = [f"s{n:02}" for n in range(20)]
    made = plan(catalogue(keys), dict.fromkeys(keys, (30.0, 30, 0)), rules=PlanningRules(daily_minutes=60))
    reasons = {each.reason for each in made.left_over}

    assert any(reason.startswith("planned for 2026-03-0") for reason in reasons)
    assert {assignment.skills[0] for assignment in made.assignments}.isdisjoint(left(made))


def test_the_id_of_an_assignment() -> None:
    """The same tenant, learner, refresher and day give the same 32 hex digits; any other gives others."""
    first = assignment_id("t", "anna", "r", TUESDAY)
    others = {
        assignment_id("u", "anna", "r", TUESDAY),
        assignment_id("t", "ben", "r", TUESDAY),
        assignment_id("t", "anna", "s", TUESDAY),
        assignment_id("t", "anna", "r", date(2026, 3, 4)),
    }

    assert first == "504a5043c2a159cea60f408303e2dc1e"
    assert len(others | {first}) == 5


def test_no_personal_data_in_reasons() -> None:
    """A reason names skills and days, never the person."""
    nobody = Learner("anna-key", name="Anna Arnold", roles=("seller",))
    made = plan(catalogue(["a", "b"]), {"a": DUE, "b": DUE}, learner=nobody, rules=PlanningRules(daily_minutes=5))
    said = " ".join([made.assignments[0].reason, made.left_over[0].reason])

    assert "anna" not in said.lower()


def test_the_catalogue_refuses_what_does_not_hold_together() -> None:
    """A name of a skill that is not there, or prerequisites in a circle, are errors that say so."""
    with pytest.raises(UnknownSkill, match="refresher 'refresh-b' practises the skill 'b'"):
        catalogue(["a"], library("b"))
    with pytest.raises(UnknownSkill, match="skill 'a' requires the skill 'b'"):
        catalogue([Skill("a", prerequisites=("b",))], [])
    with pytest.raises(UnknownSkill, match="role 'seller' needs the skill 'b'"):
        Catalogue.of([Skill("a")], [RoleProfile("seller", skills={"b": RoleSkill()})])
    with pytest.raises(CircularReference, match="prerequisites"):
        catalogue([Skill("a", prerequisites=("b",)), Skill("b", prerequisites=("a",))], [])


def test_two_rows_of_one_pair_are_refused_wherever_they_are() -> None:
    """Two rows of one learner and skill are an error, also with other rows between them."""
    memory = MemoryRows.of([(0, 0, 1.0, 0, 1), (0, 1, 1.0, 0, 1), (0, 0, 1.0, 0, 1)])
    with pytest.raises(InvalidValue, match="two rows of one learner and skill"):
        plan_day(catalogue(["a", "b"]), ANNA, memory, History(), TUESDAY, PlanningRules(), Forgetting())


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([(1, 0, 1.0, 0, 1)], "learner must be numbers from 0 to 0"),
        ([(0, 1, 1.0, 0, 1)], "skill must be numbers from 0 to 0"),
        ([(0, -1, 1.0, 0, 1)], "skill must be numbers from 0 to 0"),
        ([(0, 0, 1.0, 0, 1), (0, 0, 2.0, 0, 1)], "two rows of one learner and skill"),
    ],
)
def test_rows_that_point_nowhere_are_refused(rows: list[tuple[int, int, float, int, int]], says: str) -> None:
    """Memory rows must point at the shard's learners and the catalogue's skills, each pair once."""
    memory = MemoryRows.of(rows)
    with pytest.raises(InvalidValue, match=says):
        plan_day(catalogue(["a"]), ANNA, memory, History(), TUESDAY, PlanningRules(), Forgetting())


def test_columns_must_make_sense() -> None:
    """Columns of different lengths and stabilities that are none are refused."""
    with pytest.raises(InvalidValue, match="one length"):
        MemoryRows([0, 0], [0], [1.0], [0], [1])
    with pytest.raises(InvalidValue, match="above 0"):
        MemoryRows([0], [0], [float("nan")], [0], [1])
