"""What values refuse when they are made."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

import values
from reinforce.errors import InvalidValue, NaiveDatetime, UnknownTimeZone
from reinforce.forgetting.parameters import Forgetting
from reinforce.model.checks import from_micros, require_aware, time_zone, to_micros
from reinforce.model.library import Refresher
from reinforce.model.memory import MemoryState
from reinforce.model.people import Calendar, DateRange, IdentifierKind, Learner, Team, XapiIdentifier
from reinforce.model.plans import Assignment, Plan, PlanningRules
from reinforce.model.practice import Outcome, OutcomeKind, PracticeEvent, Rating, Review, SkillOutcome
from reinforce.model.rating_policy import Bands, RatingPolicy
from reinforce.model.skills import Criterion, RoleProfile, RoleSkill, Skill, SkillModel, Stage

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
PASS = Outcome.success(True)
NAN = float("nan")


def remembered(**changes: Any) -> MemoryState:
    """A memory with some of its fields changed."""
    day = NOON.date()
    return evolve(MemoryState(2.3, 5.0, day, day, 3, 1, NOON, "FSRS-6", 1), **changes)


def review(**changes: Any) -> Review:
    """A review with some of its fields changed."""
    return evolve(Review("0" * 32, "price", NOON, NOON.date(), Rating.GOOD, 1.0), **changes)


def assignment(**changes: Any) -> Assignment:
    """An assignment with some of its fields changed."""
    day = NOON.date()
    return evolve(Assignment("0" * 32, "kim", "quiz", "Quiz", day, day, ("price",), 5.0, "It is due.", 0.1), **changes)


def event(**changes: object) -> PracticeEvent:
    """An event with some of its fields changed."""
    fields: dict[str, object] = {"learner": "kim", "occurred_at": NOON, "outcomes": {"pricing": PASS}}
    return PracticeEvent(**(fields | changes))  # type: ignore[arg-type]


class Undecided(tzinfo):
    """A time zone that does not know its offset."""

    def utcoffset(self, _: datetime | None) -> None:
        return None

    dst = tzname = utcoffset


@pytest.mark.parametrize(
    ("make", "said"),
    [
        # keys
        (lambda: Skill(""), "Skill.key must be text of 1 to 255 characters, not ''"),
        (lambda: Skill("x" * 256), "Skill.key must be text of 1 to 255 characters"),
        (lambda: Skill(7), "Skill.key must be text of 1 to 255 characters, not 7"),  # type: ignore[arg-type]
        (lambda: Skill(" pricing"), "Skill.key may not hold control characters or outer blanks: ' pricing'"),
        (lambda: Skill("a\nb"), r"Skill.key may not hold control characters or outer blanks: 'a\nb'"),
        (lambda: Skill("a\ud800"), "Skill.key may not hold control characters"),
        (
            lambda: Skill("a", prerequisites="bc"),
            'Skill.prerequisites must be a list of keys such as ["a", "b"], not \'bc\'',
        ),
        (lambda: Skill("a", prerequisites=None), "Skill.prerequisites must be a list of keys"),
        (lambda: Skill("a", prerequisites=["b", "c", "b"]), "Skill.prerequisites names 'b' twice"),
        (lambda: Skill("a", parent=""), "Skill.parent must be text of 1 to 255 characters, not ''"),
        # texts
        (lambda: Skill("a", title=None), "Skill.title must be text, not None"),  # type: ignore[arg-type]
        (lambda: Skill("a", title="b\0"), r"Skill.title may not hold NUL characters or lone surrogates: 'b\x00'"),
        (lambda: Skill("a", description="\udfff"), "Skill.description may not hold NUL characters or lone surrogates"),
        # numbers
        (lambda: Skill("a", importance=0), "Skill.importance must be a number above 0 to 100, not 0"),
        (lambda: Skill("a", importance=NAN), "Skill.importance must be a number above 0 to 100, not nan"),
        (lambda: Skill("a", importance=float("inf")), "Skill.importance must be a number above 0 to 100, not inf"),
        (lambda: Skill("a", importance=10**400), "Skill.importance must be a number above 0 to 100, not 1000"),
        (lambda: Skill("a", importance="1"), "Skill.importance must be a number above 0 to 100, not '1'"),  # type: ignore[arg-type]
        (lambda: Skill("a", importance=True), "Skill.importance must be a number above 0 to 100, not True"),
        (lambda: Skill("a", desired_retention=0.995), "Skill.desired_retention must be a number from 0.5 to 0.99"),
        (lambda: Skill("a", version=0), "Skill.version must be a whole number from 1 to 1000000, not 0"),
        (lambda: Skill("a", version=1.0), "Skill.version must be a whole number from 1 to 1000000, not 1.0"),  # type: ignore[arg-type]
        (lambda: Skill("a", version=True), "Skill.version must be a whole number from 1 to 1000000, not True"),
        (lambda: Skill("a", encompasses={"b": 0}), "Skill.encompasses must be a number above 0 to 1, not 0"),
        (lambda: Skill("a", encompasses={"b": 1.5}), "Skill.encompasses must be a number above 0 to 1, not 1.5"),
        (lambda: Skill("a", encompasses={"": 1}), "Skill.encompasses must be text of 1 to 255 characters, not ''"),
        (lambda: Skill("a", encompasses=["b"]), "Skill.encompasses must map keys to numbers, not ['b']"),
        (lambda: RoleSkill(target=NAN), "RoleSkill.target must be a number from 0.5 to 0.99, not nan"),
        (lambda: RoleSkill(weight=0), "RoleSkill.weight must be a number above 0 to 10, not 0"),
        (
            lambda: PlanningRules(daily_minutes=-1),
            "PlanningRules.daily_minutes must be a number from 0 to 1440, not -1",
        ),
        (
            lambda: PlanningRules(unknown_retrievability=2),
            "PlanningRules.unknown_retrievability must be a number from 0 to 1",
        ),
        # kinds, flags and other classes
        (lambda: Skill("a", kind="wisdom"), "a SkillKind must be one of 'knowledge', 'behaviour', not 'wisdom'"),
        (lambda: Refresher("a", kind=3, skills={"b": 1}), "a RefresherKind must be one of 'quiz', "),  # type: ignore[arg-type]
        (lambda: Outcome("luck"), "an OutcomeKind must be one of 'success', "),
        (lambda: event(kind="luck"), "a PracticeKind must be one of 'recall', 'role-play', 'observed', 'field'"),
        (lambda: Learner("a", is_active="no"), "Learner.is_active must be True or False, not 'no'"),  # type: ignore[arg-type]
        (
            lambda: Learner("a", xapi="kim@example.org"),  # type: ignore[arg-type]
            "Learner.xapi must be a XapiIdentifier(...), not 'kim@example.org'",
        ),
        (lambda: Learner("a", absences=[NOON]), "Learner.absences must be a DateRange(...), not "),
        (lambda: Learner("a", absences="never"), "Learner.absences must be a list, not 'never'"),
        (lambda: Learner("a", daily_minutes=1441), "Learner.daily_minutes must be a whole number from 0 to 1440"),
        (lambda: Learner("a", day_starts_at=13), "Learner.day_starts_at must be a whole number from 0 to 12, not 13"),
        (lambda: Team("a", coaches=["b", "b"]), "Team.coaches names 'b' twice"),
        (lambda: SkillModel("a", stages=["b"]), "SkillModel.stages must be a Stage(...), not 'b'"),
        (lambda: SkillModel("a", stages=[Stage("b"), Stage("b")]), "SkillModel.stages names 'b' twice"),
        (lambda: SkillModel("a", criteria=[Criterion("b")] * 2), "SkillModel.criteria names 'b' twice"),
        (lambda: RoleProfile("a", skills={"b": 1}), "RoleProfile.skills must map keys of skills to RoleSkill(...)"),
        (lambda: RoleProfile("a", skills={" ": RoleSkill()}), "RoleProfile.skills may not hold"),
        (lambda: RatingPolicy(grade=(3, 4, 5)), "RatingPolicy.grade must be a Bands(...), not (3, 4, 5)"),  # type: ignore[arg-type]
        (lambda: Bands(passing=NAN), "Bands.passing must be a number from -100 to 100, not nan"),
        (lambda: Bands(0.5, hard_below=0.4), "bands must rise: passing ≤ hard_below ≤ easy_from, not [0.5, 0.4]"),
        (lambda: Bands(0.5, easy_from=0.4), "bands must rise"),
        # days
        (
            lambda: DateRange(date(2026, 3, 2), date(2026, 3, 1)),
            "must not end (2026-03-01) before it begins (2026-03-02)",
        ),
        (lambda: DateRange(NOON, NOON), "DateRange.since must be a date without a time, not "),
        (lambda: DateRange("2026-03-01", date(2026, 3, 2)), "DateRange.since must be a date without a time"),  # type: ignore[arg-type]
        (lambda: Calendar("a", working_days=[]), "Calendar.working_days must be different numbers from 0 (Monday)"),
        (lambda: Calendar("a", working_days=[0, 7]), "Calendar.working_days must be different numbers"),
        (lambda: Calendar("a", working_days=[0, 0]), "Calendar.working_days must be different numbers"),
        (lambda: Calendar("a", working_days=[[0]]), "Calendar.working_days must be different numbers"),
        (lambda: Calendar("a", working_days=5), "Calendar.working_days must be different numbers"),
        (lambda: Calendar("a", holidays=[NOON]), "Calendar.holidays must be a date without a time"),
        (lambda: Refresher("a", skills={}), "refresher 'a' must name at least one skill that it practises"),
        (
            lambda: Refresher("a", skills={"b": 1}, valid_from=date(2026, 2, 1), valid_until=date(2026, 1, 1)),
            "refresher 'a' ends (2026-01-01) before it begins (2026-02-01)",
        ),
        (
            lambda: Refresher("a", skills={"b": 1}, valid_from=NOON),
            "Refresher.valid_from must be a date without a time",
        ),
        (lambda: Refresher("a", skills={"b": 1}, cool_down_days=-1), "Refresher.cool_down_days must be a whole number"),
        (lambda: Refresher("a", skills={"b": 1}, minutes=0), "Refresher.minutes must be a number above 0 to 480"),
        # identifiers
        (
            lambda: XapiIdentifier(IdentifierKind.MBOX, "kim@example.org"),
            "XapiIdentifier.value of an mbox must be an address such as mailto:kim@example.org, not 'kim@example.org'",
        ),
        (lambda: XapiIdentifier(IdentifierKind.MBOX, "mailto:"), "XapiIdentifier.value of an mbox must be an address"),
        (
            lambda: XapiIdentifier(IdentifierKind.MBOX_SHA1SUM, "kim"),
            "XapiIdentifier.value of an mbox_sha1sum must be the 40 hex digits of a SHA-1, not 'kim'",
        ),
        (
            lambda: XapiIdentifier(IdentifierKind.OPENID, "kim"),
            "XapiIdentifier.value of an openid must be a URI such as https://kim.example.org, not 'kim'",
        ),
        (
            lambda: XapiIdentifier(IdentifierKind.ACCOUNT, "kim", "our LMS"),
            "XapiIdentifier.home_page must be an IRI such as https://lms.example.org, not 'our LMS'",
        ),
        (lambda: XapiIdentifier(IdentifierKind.ACCOUNT, "kim"), "XapiIdentifier.home_page belongs to accounts"),
        (lambda: XapiIdentifier(IdentifierKind.OPENID, "kim", "x"), "XapiIdentifier.home_page belongs to accounts"),
        (lambda: XapiIdentifier("phone", "1"), "an IdentifierKind must be one of 'account', "),
        # what is computed, if it comes from elsewhere
        (lambda: remembered(stability=NAN), "a MemoryState must have a stability above 0"),
        (lambda: remembered(difficulty=11.0), "a difficulty from 1 to 10"),
        (lambda: remembered(lapses=4), "no more lapses than reviews, not 2.3, 5.0 and 4 of 3"),
        (lambda: review(rating=3), "Review.rating must be a Rating(...), not 3"),
        (lambda: review(weight=1.1), "Review.weight must be a number from 0 to 1, not 1.1"),
        (lambda: review(day=NOON), "Review.day must be a date without a time, not "),
        (lambda: review(occurred_at=NOON.date()), "Review.occurred_at must be a datetime with its time zone"),
        (lambda: assignment(minutes=0.0), "Assignment.minutes must be a number above 0 to 480, not 0.0"),
        (lambda: assignment(expires=NOON), "Assignment.expires must be a date without a time"),
        (lambda: assignment(skills="price"), "Assignment.skills must be a list of keys"),
        (lambda: assignment(status="open"), "Assignment.status must be an AssignmentStatus(...), not 'open'"),
        (lambda: Plan("kim", NOON), "Plan.day must be a date without a time"),
        (lambda: Plan("kim", NOON.date(), ("quiz",)), "Plan.assignments must be an Assignment(...), not 'quiz'"),  # type: ignore[arg-type]
        (lambda: Plan("kim", NOON.date(), budget=NAN), "Plan.budget must be a number from 0 to 1440, not nan"),
        # parameters
        (lambda: Forgetting(weights="abc"), "Forgetting.weights must be 21 numbers, not 'abc'"),  # type: ignore[arg-type]
        (lambda: Forgetting(weights=None), "Forgetting.weights must be 21 numbers, not None"),  # type: ignore[arg-type]
        (lambda: Forgetting(weights=[NAN] * 21), "these are no FSRS-6 parameters"),
        (lambda: Forgetting(fuzz="no"), "Forgetting.fuzz must be True or False, not 'no'"),  # type: ignore[arg-type]
        # outcomes
        (lambda: Outcome("exposure", 1), "an exposure outcome must be a whole number from 0 to 0, not 1"),
        (lambda: Outcome.scaled(1.01), "a scaled outcome must be a number from -1 to 1, not 1.01"),
        (lambda: Outcome.scaled(NAN), "a scaled outcome must be a number from -1 to 1, not nan"),
        (lambda: Outcome.scaled("0.5"), "Outcome.value must be a number, not '0.5'"),  # type: ignore[arg-type]
        (lambda: Outcome.scaled(True), "Outcome.value must be a number, not True"),
        (lambda: Outcome.grade(6), "a grade outcome must be a whole number from 0 to 5, not 6"),
        (lambda: Outcome.grade(2.5), "a grade outcome must be a whole number from 0 to 5, not 2.5"),  # type: ignore[arg-type]
        (lambda: Outcome.rated(2.5), "a rating outcome must be a whole number from 1 to 4, not 2.5"),  # type: ignore[arg-type]
        (lambda: Outcome.rated(0), "a rating outcome must be a whole number from 1 to 4, not 0"),
        (lambda: Outcome.rubric(4, of=3), "a rubric's level must be from 0 to its highest level (1 or more): 4 of 3"),
        (lambda: Outcome.rubric(0, of=0), "a rubric's level must be from 0 to its highest level (1 or more): 0 of 0"),
        (lambda: Outcome.rubric(10**400, of=3), "a rubric outcome must be a whole number from 0 to 100"),
        (lambda: Outcome(OutcomeKind.RUBRIC, 2), "Outcome.of, the highest level, belongs to rubrics and only to them"),
        (
            lambda: Outcome(OutcomeKind.GRADE, 2, 5),
            "Outcome.of, the highest level, belongs to rubrics and only to them",
        ),
        (lambda: Outcome.success("no"), "Outcome.success must be given True or False, not 'no'"),  # type: ignore[arg-type]
        (lambda: Outcome.success(None), "Outcome.success must be given True or False, not None"),  # type: ignore[arg-type]
        (
            lambda: SkillOutcome("a", 3),  # type: ignore[arg-type]
            "must be an Outcome such as Outcome.success(True) or Outcome.scaled(0.8), not 3",
        ),
        (lambda: SkillOutcome("a", PASS, weight=1.1), "SkillOutcome.weight must be a number from 0 to 1, not 1.1"),
        # events
        (lambda: event(outcomes={}), "PracticeEvent.outcomes must hold at least one skill's outcome"),
        (
            lambda: event(outcomes=3),
            "PracticeEvent.outcomes must be SkillOutcome(...) values or a {skill: Outcome} mapping",
        ),
        (lambda: event(outcomes=["pricing"]), "PracticeEvent.outcomes must be SkillOutcome(...) values"),
        (lambda: event(outcomes=[SkillOutcome("a", PASS)] * 2), "PracticeEvent.outcomes names a skill twice: a, a"),
        (lambda: event(context={"deal": 3}), "PracticeEvent.context must be text, not 3"),
        (lambda: event(context=["deal"]), "PracticeEvent.context must be a mapping from text to text, not ['deal']"),
        (lambda: event(external_id=""), "PracticeEvent.external_id must be text of 1 to 255 characters, not ''"),
        (lambda: event(note=b"good"), "PracticeEvent.note must be text, not b'good'"),
        (
            lambda: event(occurred_at="today"),
            "PracticeEvent.occurred_at must be a datetime with its time zone, not 'today'",
        ),
        (
            lambda: event(occurred_at=datetime(1, 1, 1, tzinfo=UTC)),
            "must lie in the years 1900 to 9998, not at 0001-01-01",
        ),
        (
            lambda: event(occurred_at=datetime.max.replace(tzinfo=UTC)),
            "must lie in the years 1900 to 9998, not at 9999",
        ),
        (
            lambda: event(occurred_at=datetime.min.replace(tzinfo=timezone(timedelta(hours=2)))),
            "lies outside of the years 1 to 9999 in UTC",
        ),
    ],
)
def test_a_refusal_says_what_where_and_what_would_be_right(make: Callable[[], object], said: str) -> None:
    """Each error names the class and the field, what was given and what would be right."""
    with pytest.raises(InvalidValue) as refusal:
        make()

    assert said in str(refusal.value)


@pytest.mark.parametrize("zone", [None, Undecided()])
def test_a_naive_moment_is_refused(zone: tzinfo | None) -> None:
    """A moment without a usable zone is never guessed at; the error shows how to write one with it."""
    with pytest.raises(NaiveDatetime) as refusal:
        event(occurred_at=datetime(2026, 3, 31, 9, tzinfo=zone))

    assert "PracticeEvent.occurred_at is 2026-03-31T09:00:00, a moment without its time zone" in str(refusal.value)
    assert "tzinfo=ZoneInfo('Europe/Berlin')" in str(refusal.value)
    assert "2026-03-31T09:00:00+02:00" in str(refusal.value)


@given(moment=values.moments)
def test_moments_are_kept_in_utc(moment: datetime) -> None:
    """An event's moment is the same moment in UTC, to the microsecond."""
    kept = event(occurred_at=moment).occurred_at

    assert (kept - moment, kept.tzinfo) == (timedelta(0), UTC)


@given(moment=values.utc_moments)
@example(moment=datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))
@example(moment=datetime(9998, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))
def test_microseconds_hold_a_moment_exactly(moment: datetime) -> None:
    """A moment comes back from its number of microseconds as it was, before 1970 too."""
    assert from_micros(to_micros(moment)) == moment


@given(first=values.utc_moments, second=values.utc_moments)
def test_microseconds_keep_the_order(first: datetime, second: datetime) -> None:
    """Moments and their numbers of microseconds have the same order."""
    assert (first < second) == (to_micros(first) < to_micros(second))


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "../UTC", "/etc/passwd", "Europe", "x" * 5000, "a\0b", "CEST+2", "localtime"]
)
def test_an_unknown_time_zone_is_refused(name: str) -> None:
    """A name that the IANA database does not hold is refused, whatever it does to the file system."""
    with pytest.raises(UnknownTimeZone, match=r"there is no time zone .*use an IANA name such as 'Europe/Berlin'"):
        time_zone(name)
    with pytest.raises(UnknownTimeZone, match=r"^Learner\.time_zone: there is no time zone "):
        Learner("kim", time_zone=name)


def test_a_time_zone_must_be_a_name() -> None:
    """A ZoneInfo is not taken for its name."""
    with pytest.raises(InvalidValue, match=r"^Learner\.time_zone must be the name of a time zone, not "):
        Learner("kim", time_zone=ZoneInfo("UTC"))  # type: ignore[arg-type]


@given(value=st.none() | st.integers() | st.text() | st.dates())
def test_only_a_datetime_is_a_moment(value: object) -> None:
    """Dates, numbers and texts are no moments; the error says where one was expected."""
    with pytest.raises(InvalidValue, match=r"^--as-of must be a datetime with its time zone, not "):
        require_aware(value, "--as-of")


def test_values_keep_their_own_copy() -> None:
    """A mapping or list that is changed afterwards does not change the value made of it."""
    weights, before = {"closing": 0.5}, ["opening"]
    skill = Skill("pricing", encompasses=weights, prerequisites=before)
    weights["closing"] = 9.0
    before.append("closing")

    assert (skill.encompasses, skill.prerequisites) == ({"closing": 0.5}, ("opening",))
