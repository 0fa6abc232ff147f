"""Facts become statements: golden pairs, and what holds for every fact."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import values
from reinforce.errors import InvalidValue
from reinforce.model.memory import MemoryState
from reinforce.model.people import Learner
from reinforce.model.practice import OutcomeKind, PracticeEvent, Rating
from reinforce.model.skills import Skill
from reinforce.statements import facts
from reinforce.statements.comparison import differences
from reinforce.statements.facts import Practised, Voided
from reinforce.statements.identity import dropped_ids, dropped_key, key_of, statement_id
from reinforce.statements.profile import profile
from reinforce.statements.telling import told
from reinforce.statements.told import Told
from statements.following import check_against_template
from statements.telling import CASES, DATA, VOICE, fact_of, said

each_case = pytest.mark.parametrize("case", CASES)


def golden(case: str) -> dict[str, Any]:
    """The statement that a case must give."""
    found: dict[str, Any] = json.loads((DATA / case / "statement.json").read_text())
    return found


@each_case
def test_a_fact_gives_its_golden_statement(case: str) -> None:
    """What is told of a fact never changes: ids, names, numbers, order."""
    statement = json.loads(said(fact_of(case)))

    assert statement == golden(case)
    assert list(statement) == list(golden(case))


@each_case
def test_every_statement_of_ours_follows_a_template(case: str) -> None:
    """Under the default namespace and under any other, each follows the profile and is valid in both versions."""
    elsewhere = attrs.evolve(VOICE, namespace="https://acme.example/words#")

    for voice in (VOICE, elsewhere):
        statement = json.loads(said(fact_of(case), voice))
        assert check_against_template(statement, profile(voice.namespace)).startswith(voice.words.template(""))


def test_every_template_has_a_golden_statement() -> None:
    """No template is without an example."""
    followed = {check_against_template(golden(case)) for case in CASES}

    assert followed == {template["id"] for template in profile()["templates"]}


def test_every_kind_of_fact_has_a_golden_statement() -> None:
    """No fact is without an example."""
    kinds = {name for name, found in vars(facts).items() if attrs.has(found) and found.__module__ == facts.__name__}

    assert {type(fact_of(case)).__name__ for case in CASES} == kinds


@each_case
def test_telling_again_gives_the_same_bytes(case: str) -> None:
    """A fact that is told twice is one statement."""
    assert said(fact_of(case)) == said(fact_of(case))


def test_ids_differ_by_tenant_and_fact_and_nothing_else() -> None:
    """Each golden fact has its own id; another tenant's differs; another base or policy leaves it as it is."""
    ids = {case: statement_id(fact_of(case), "acme") for case in CASES}
    same_practice = {case for case in CASES if key_of(fact_of(case)) == key_of(fact_of("practised-success"))}

    assert len(set(ids.values())) == len(CASES) - len(same_practice) + 1
    assert all(found != statement_id(fact_of(case), "other") for case, found in ids.items())
    assert all(found.version == 5 for found in ids.values())
    elsewhere = attrs.evolve(VOICE, base="https://elsewhere.example/")
    assert told(fact_of("lapsed"), elsewhere)["id"] == str(ids["lapsed"])


def test_what_is_voided_is_what_was_told() -> None:
    """The voiding statement refers to the id of the fact's own statement."""
    voided = fact_of("voided")
    assert isinstance(voided, Voided)

    assert golden("voided")["object"]["id"] == told(voided.fact, VOICE)["id"]
    with pytest.raises(InvalidValue, match="cannot be taken back"):
        Voided(voided.at, voided)  # type: ignore[arg-type]  # that is the point


def test_the_memory_of_one_skill_is_one_registration() -> None:
    """All that happens to a person's memory of a skill can be asked for by its registration."""
    cases = ("practised-success", "lapsed", "retention-dropped", "mastered", "skill-expired")

    assert len({golden(case)["context"]["registration"] for case in cases}) == 1
    assert golden("practised-rubric-in-role-play")["context"]["registration"] not in {
        golden(case)["context"]["registration"] for case in cases
    }


def test_a_lapse_refers_to_the_practice_that_showed_it() -> None:
    """The context's statement is that of the practice."""
    assert golden("lapsed")["context"]["statement"]["id"] == golden("practised-success")["id"]
    assert golden("reviewed")["object"]["id"] == golden("practised-success")["id"]
    assert golden("observed")["context"]["statement"]["id"] == golden("practised-rubric-in-role-play")["id"]


def test_what_is_no_fact_is_not_told() -> None:
    """Neither statement nor id is made of anything else."""
    with pytest.raises(InvalidValue, match="no fact that is told"):
        told("a fact", VOICE)  # type: ignore[arg-type]  # that is the point
    with pytest.raises(InvalidValue, match="no fact that is told"):
        key_of(3)  # type: ignore[arg-type]  # that is the point


states = st.builds(
    lambda lapses, reviews, **others: MemoryState(lapses=lapses, reviews=lapses + reviews, **others),
    stability=st.floats(0.001, 36500),
    difficulty=st.floats(1, 10),
    last_practised=st.just(date(2026, 3, 31)),
    due=st.integers(0, 36500).map(lambda days: date(2026, 3, 31) + timedelta(days=days)),
    reviews=st.integers(1, 9999),
    lapses=st.integers(0, 9999),
    last_event=st.just(datetime(2026, 3, 31, 9, tzinfo=UTC)),
    algorithm=st.just("fsrs-6"),
    parameter_set=st.integers(0, 10**9),
)


@given(
    event=values.BY_CLASS[PracticeEvent],
    learner=values.BY_CLASS[Learner],
    skill=values.BY_CLASS[Skill],
    state=st.none() | states,
    rating=st.sampled_from(Rating),
    retrievability=st.none() | st.floats(0, 1),
)
def test_every_practice_can_be_told(
    event: PracticeEvent,
    learner: Learner,
    skill: Skill,
    state: MemoryState | None,
    rating: Rating,
    retrievability: float | None,
) -> None:
    """Whatever the model allows (keys in any script, any outcome, any moment) becomes a valid statement."""
    outcome = event.outcomes[0]
    was_asked = outcome.outcome.kind is not OutcomeKind.EXPOSURE
    learner = attrs.evolve(learner, xapi=None)
    fact = Practised(
        "0f" * 16, event, learner, skill, outcome, rating if was_asked else None, state, retrievability, learner
    )

    statement = json.loads(said(fact))

    assert check_against_template(statement).endswith("/practised" if was_asked else "/exposed")
    assert differences(statement, json.loads(said(fact))) == []


@given(
    st.text(min_size=1),
    st.lists(
        st.tuples(st.sampled_from(["ann", 'a"b', "Zoë"]) | st.text(), st.text(), st.datetimes(timezones=st.just(UTC)))
    ),
)
def test_ids_of_many_drops_are_those_of_each(tenant: str, drops: list[tuple[str, str, datetime]]) -> None:
    """Made together, the ids of drops are what each fact's own recipe gives, whatever its keys are written with."""
    each = [statement_id(Told(dropped_key(*drop)), tenant).bytes for drop in drops]

    assert dropped_ids(tenant, drops) == each
