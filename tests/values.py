"""Hypothesis strategies for every value of the model."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import TypeVar
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from reinforce.model.calibration import CalibrationClose, CalibrationState, Corrected, Correction
from reinforce.model.library import Refresher, RefresherKind
from reinforce.model.memory import (
    DueSkill,
    Erased,
    Forecast,
    MemoryState,
    Recorded,
    RecordedMany,
    Replayed,
    WhatIf,
    Why,
)
from reinforce.model.people import (
    Calendar,
    DateRange,
    IdentifierKind,
    Learner,
    Team,
    XapiIdentifier,
)
from reinforce.model.plans import Assignment, AssignmentStatus, LeftOver, NightlySummary, Plan, PlanningRules
from reinforce.model.practice import (
    Outcome,
    PracticeEvent,
    PracticeKind,
    Rating,
    Review,
    SkillOutcome,
)
from reinforce.model.rating_policy import Bands, RatingPolicy
from reinforce.model.skills import Criterion, RoleProfile, RoleSkill, Skill, SkillKind, SkillModel, Stage
from reinforce.model.tenants import RemovedTenant, Tenant

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",  # until 2011 the clocks went back at one minute past midnight
    "America/Sao_Paulo",  # daylight saving time used to begin at midnight
    "Australia/Lord_Howe",  # changes by half an hour
    "Asia/Kathmandu",  # UTC+05:45
    "Antarctica/Troll",  # changes by two hours
    "Antarctica/Casey",  # changes by three hours, whenever it likes
    "Pacific/Apia",  # left out 30 December 2011
    "Pacific/Kiritimati",  # UTC+14
    "Africa/Casablanca",  # puts the clocks back for Ramadan
)

T = TypeVar("T")

keys = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
key_tuples = st.lists(keys, max_size=4, unique=True).map(tuple)
dates = st.dates(date(1990, 1, 1), date(2060, 1, 1))
zones = st.sampled_from(ZONES).map(ZoneInfo)
utc_moments = st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- bounds are naive by Hypothesis's rule
moments = st.datetimes(
    datetime(1990, 1, 1),  # noqa: DTZ001 -- as above
    datetime(2060, 1, 1),  # noqa: DTZ001 -- as above
    timezones=zones | st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
    allow_imaginary=False,
)
shares = st.floats(0, 1, exclude_min=True)
fractions = st.floats(0, 1)
retentions = st.floats(0.5, 0.99)
counts = st.integers(0, 10_000)
versions = st.integers(1, 1_000_000)
ids = st.binary(min_size=16, max_size=16).map(bytes.hex)


def optional(strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    """None, or what the strategy gives."""
    return st.none() | strategy


date_ranges = st.tuples(dates, dates).map(lambda pair: DateRange(min(pair), max(pair)))

xapi_identifiers = st.one_of(
    st.builds(
        XapiIdentifier, st.just(IdentifierKind.ACCOUNT), keys, st.from_regex(r"https?://[a-zé]{1,9}", fullmatch=True)
    ),
    st.builds(
        XapiIdentifier, st.just(IdentifierKind.MBOX), st.from_regex(r"mailto:[a-z.]{1,9}@[a-z]{1,9}", fullmatch=True)
    ),
    st.builds(XapiIdentifier, st.just(IdentifierKind.MBOX_SHA1SUM), st.from_regex(r"[0-9a-fA-F]{40}", fullmatch=True)),
    st.builds(
        XapiIdentifier, st.just(IdentifierKind.OPENID), st.from_regex(r"https?://[a-z]{1,9}/[a-z]{0,9}", fullmatch=True)
    ),
)

learners = st.builds(
    Learner,
    key=keys,
    name=texts,
    time_zone=st.sampled_from(ZONES),
    day_starts_at=st.integers(0, 12),
    roles=key_tuples,
    teams=key_tuples,
    language=optional(st.sampled_from(["de", "en-GB", "pt-BR"])),
    calendar=optional(keys),
    absences=st.lists(date_ranges, max_size=3).map(tuple),
    daily_minutes=optional(st.integers(0, 1440)),
    xapi=optional(xapi_identifiers),
    is_active=st.booleans(),
)

teams = st.builds(Team, key=keys, name=texts, parent=optional(keys), manager=optional(keys), coaches=key_tuples)

calendars = st.builds(
    Calendar,
    key=keys,
    working_days=st.lists(st.integers(0, 6), min_size=1, unique=True).map(tuple),
    holidays=st.lists(dates, max_size=4).map(tuple),
    blackouts=st.lists(date_ranges, max_size=2).map(tuple),
)

skills = st.builds(
    Skill,
    key=keys,
    title=texts,
    description=texts,
    kind=st.sampled_from(SkillKind),
    parent=optional(keys),
    prerequisites=key_tuples,
    encompasses=st.dictionaries(keys, shares, max_size=3),
    importance=st.floats(0, 100, exclude_min=True),
    desired_retention=retentions,
    version=versions,
)

criteria = st.builds(Criterion, key=keys, title=texts, weight=st.floats(0, 100, exclude_min=True), skill=optional(keys))
stages = st.builds(Stage, key=keys, title=texts, skills=key_tuples)
skill_models = st.builds(
    SkillModel,
    key=keys,
    title=texts,
    kind=keys,
    version=versions,
    skills=key_tuples,
    criteria=st.lists(criteria, max_size=3, unique_by=lambda one: one.key).map(tuple),
    stages=st.lists(stages, max_size=3, unique_by=lambda one: one.key).map(tuple),
)
role_skills = st.builds(RoleSkill, weight=st.floats(0, 10, exclude_min=True), target=optional(retentions))
role_profiles = st.builds(RoleProfile, key=keys, title=texts, skills=st.dictionaries(keys, role_skills, max_size=3))


@st.composite
def refreshers(draw: st.DrawFn) -> Refresher:
    """An item of the library; if it has both, it ends after it begins."""
    span = draw(date_ranges)
    return Refresher(
        key=draw(keys),
        title=draw(texts),
        kind=draw(st.sampled_from(RefresherKind)),
        skills=draw(st.dictionaries(keys, shares, min_size=1, max_size=3)),
        roles=draw(key_tuples),
        minutes=draw(st.floats(0, 480, exclude_min=True)),
        language=draw(optional(st.sampled_from(["de", "en-GB"]))),
        launch_url=draw(optional(texts)),
        valid_from=draw(st.sampled_from([None, span.since])),
        valid_until=draw(st.sampled_from([None, span.until])),
        cool_down_days=draw(optional(st.integers(0, 3650))),
    )


@st.composite
def rubrics(draw: st.DrawFn) -> Outcome:
    """A level of a rubric."""
    highest = draw(st.integers(1, 100))
    return Outcome.rubric(draw(st.integers(0, highest)), of=highest)


outcomes = st.one_of(
    st.booleans().map(Outcome.success),
    st.floats(-1, 1).map(Outcome.scaled),
    rubrics(),
    st.integers(0, 5).map(Outcome.grade),
    st.sampled_from(Rating).map(Outcome.rated),
    st.just(Outcome.exposure()),
)
skill_outcomes = st.builds(SkillOutcome, skill=keys, outcome=outcomes, weight=fractions)
events = st.builds(
    PracticeEvent,
    learner=keys,
    occurred_at=moments,
    outcomes=st.lists(skill_outcomes, min_size=1, max_size=4, unique_by=lambda one: one.skill).map(tuple),
    kind=st.sampled_from(PracticeKind),
    source=keys,
    external_id=optional(keys),
    assessor=optional(keys),
    refresher=optional(keys),
    context=st.dictionaries(keys, texts, max_size=3),
    note=optional(texts),
)
ratings = st.sampled_from(Rating)
reviews = st.builds(
    Review,
    event_id=ids,
    skill=keys,
    occurred_at=utc_moments,
    day=dates,
    rating=optional(ratings),
    weight=fractions,
    implicit=st.booleans(),
)


@st.composite
def bands(draw: st.DrawFn, low: float, high: float) -> Bands:
    """Bands that rise."""
    passing, hard_below, easy_from = sorted(draw(st.tuples(*[st.floats(low, high)] * 3)))
    return Bands(passing, draw(st.sampled_from([None, hard_below])), draw(st.sampled_from([None, easy_from])))


rating_policies = st.builds(
    RatingPolicy, name=keys, version=versions, scaled=bands(-1, 1), rubric=bands(0, 1), grade=bands(0, 5)
)

memory_states = st.builds(
    MemoryState,
    stability=st.floats(0.001, 36_500),
    difficulty=st.floats(1, 10),
    last_practised=dates,
    due=dates,
    reviews=st.integers(5, 1000),
    lapses=st.integers(0, 5),
    last_event=utc_moments,
    algorithm=st.just("fsrs-6"),
    parameter_set=counts,
)
due_skills = st.builds(
    DueSkill,
    learner=keys,
    skill=keys,
    title=texts,
    due=dates,
    overdue_days=st.integers(-3650, 3650),
    retrievability=fractions,
    stability=st.floats(0.001, 36_500),
)
forecasts = st.builds(
    Forecast,
    learner=keys,
    skill=keys,
    title=texts,
    day=dates,
    retrievability=optional(fractions),
    due=optional(dates),
)
what_ifs = st.builds(
    WhatIf,
    rating=ratings,
    stability=st.floats(0.001, 36_500),
    difficulty=st.floats(1, 10),
    due=dates,
    interval_days=counts,
)
whys = st.builds(
    Why,
    learner=keys,
    skill=keys,
    title=texts,
    day=dates,
    state=optional(memory_states),
    retrievability=optional(fractions),
    desired_retention=retentions,
    events=st.lists(events, max_size=2).map(tuple),
    reviews=st.lists(reviews, max_size=2).map(tuple),
    next_time=st.lists(what_ifs, max_size=2).map(tuple),
    parameters=st.lists(st.floats(0, 20), max_size=21).map(tuple),
    curve=st.lists(st.tuples(dates, fractions), max_size=3).map(tuple),
)
corrections = st.builds(Correction, name=texts, log_odds=st.floats(-9, 9), points=st.floats(-1, 1))
corrected = st.builds(
    Corrected,
    before=fractions,
    after=fractions,
    trust=fractions,
    generation=counts,
    corrections=st.lists(corrections, max_size=2).map(tuple),
)
calibration_closes = st.builds(
    CalibrationClose,
    number=counts,
    closed_at=utc_moments,
    reviews=counts,
    scored=counts,
    passed=optional(fractions),
    expected=optional(fractions),
    log_loss=optional(fractions),
    plain_log_loss=optional(fractions),
    noise=optional(fractions),
    digest=ids,
)
calibration_states = st.builds(
    CalibrationState,
    is_on=st.booleans(),
    is_used=st.booleans(),
    closes=counts,
    scored=counts,
    enough=counts,
    trust=fractions,
    is_moving=st.booleans(),
)
recorded = st.builds(
    Recorded,
    event_id=ids,
    is_new=st.booleans(),
    is_voided=st.booleans(),
    memory=st.dictionaries(keys, memory_states, max_size=2),
)
recorded_many = st.builds(RecordedMany, recorded=counts, unchanged=counts, pairs=counts)
replayed = st.builds(Replayed, pairs=counts, changed=counts, removed=counts, reviews=counts, written=st.booleans())
erased = st.builds(Erased, learner=keys, rows=st.dictionaries(keys, counts, max_size=3), mentions=key_tuples)

tenants = st.builds(Tenant, key=keys, began_at=utc_moments, learners=counts, events=counts, statements=counts)
removed_tenants = st.builds(
    RemovedTenant,
    key=keys,
    rows=st.dictionaries(keys, counts, max_size=3),
    feeds=st.dictionaries(keys, counts, max_size=3),
)

assignments = st.builds(
    Assignment,
    id=ids,
    learner=keys,
    refresher=keys,
    title=texts,
    day=dates,
    expires=dates,
    skills=key_tuples,
    minutes=st.floats(0, 480, exclude_min=True),
    reason=texts,
    value=st.floats(0, 1000),
    status=st.sampled_from(AssignmentStatus),
)
left_overs = st.builds(LeftOver, skill=keys, reason=texts)
plans = st.builds(
    Plan,
    learner=keys,
    day=dates,
    assignments=st.lists(assignments, max_size=2).map(tuple),
    left_over=st.lists(left_overs, max_size=2).map(tuple),
    minutes=st.floats(0, 480),
    budget=st.floats(0, 480),
)
planning_rules = st.builds(
    PlanningRules,
    daily_minutes=st.floats(0, 1440),
    soon_days=st.integers(0, 60),
    cool_down_days=st.integers(0, 3650),
    open_days=st.integers(1, 365),
    most_assignments=st.integers(1, 100),
    unknown_retrievability=optional(fractions),
)
nightly_summaries = st.builds(
    NightlySummary,
    tenant=keys,
    day=dates,
    learners=counts,
    planned=counts,
    assignments=counts,
    expired=counts,
    resumed=st.booleans(),
    error=optional(texts),
)

BY_CLASS: dict[type, st.SearchStrategy[object]] = {
    Assignment: assignments,
    Bands: bands(-1, 1),
    CalibrationClose: calibration_closes,
    CalibrationState: calibration_states,
    Calendar: calendars,
    Corrected: corrected,
    Correction: corrections,
    Criterion: criteria,
    DateRange: date_ranges,
    DueSkill: due_skills,
    Erased: erased,
    Forecast: forecasts,
    Learner: learners,
    LeftOver: left_overs,
    MemoryState: memory_states,
    NightlySummary: nightly_summaries,
    Outcome: outcomes,
    Plan: plans,
    PlanningRules: planning_rules,
    PracticeEvent: events,
    RatingPolicy: rating_policies,
    Recorded: recorded,
    RecordedMany: recorded_many,
    Refresher: refreshers(),
    RemovedTenant: removed_tenants,
    Replayed: replayed,
    Review: reviews,
    RoleProfile: role_profiles,
    RoleSkill: role_skills,
    Skill: skills,
    SkillModel: skill_models,
    SkillOutcome: skill_outcomes,
    Stage: stages,
    Team: teams,
    Tenant: tenants,
    WhatIf: what_ifs,
    Why: whys,
    XapiIdentifier: xapi_identifiers,
}
"""A strategy for each class of the model."""
