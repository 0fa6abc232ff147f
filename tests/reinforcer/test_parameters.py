"""Parameters are fitted with proof, adopted with a preview and without a wall, and can be rolled back."""

import io
import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from attrs import evolve

from reinforce import (
    Forgetting,
    InvalidFile,
    Learner,
    MemoryState,
    NotEnoughEvidence,
    NotFound,
    Outcome,
    PracticeEvent,
    Reinforcer,
    Skill,
)
from reinforce.forgetting.parameter_sets import FitRecord
from reinforce.forgetting.postponing import QUIET_DAY
from reinforce.model.conversion import structure
from reinforcer.world import MONDAY, engine_of, opened, practice

PEOPLE = [f"learner-{number:02}" for number in range(12)]
SKILLS = [f"skill-{number:02}" for number in range(15)]
AT = MONDAY + timedelta(days=64)
USUAL = Forgetting().weights
RUSHED = Forgetting(weights=(0.05, 0.1, 0.2, 0.4, *USUAL[4:8], 0.0, USUAL[9], 0.4, *USUAL[11:]))
"""With these all is due much earlier."""


def log() -> list[PracticeEvent]:
    """People who pass half of what they are asked, however long ago they practised it."""
    chance = random.Random(7)
    return [
        PracticeEvent(
            learner,
            MONDAY + timedelta(days=day, minutes=place),
            {skill: Outcome.success(chance.random() < 0.55)},
            external_id=f"{learner}-{skill}-{day}",
        )
        for learner in PEOPLE
        for place, skill in enumerate(SKILLS)
        for day in sorted(chance.sample(range(60), 6))
    ]


LOG = log()


def fill(reinforcer: Reinforcer) -> None:
    """Record the log."""
    reinforcer.define(*map(Learner, PEOPLE), *map(Skill, SKILLS))
    reinforcer.record_many(LOG, at=AT)


@pytest.fixture
def reinforcer(database_url: str) -> Iterator[Reinforcer]:
    """A front door to a tenant with the log."""
    with opened(database_url) as door:
        fill(door)
        yield door


@pytest.fixture
def calm(database_url: str) -> Iterator[Reinforcer]:
    """A front door to a tenant where everybody has practised everything well, and next to nothing is due."""
    with opened(database_url) as door:
        door.define(*map(Learner, PEOPLE), *map(Skill, SKILLS))
        door.record_many(
            [
                practice(learner, skill, 3 + place % 2, days=day + place % 7, id=f"{learner}-{skill}-{day}")
                for learner in PEOPLE
                for place, skill in enumerate(SKILLS)
                for day in (0, 6, 25, 45)
            ],
            at=AT,
        )
        yield door


def memories(reinforcer: Reinforcer) -> dict[tuple[str, str], MemoryState | None]:
    """What everybody remembers."""
    return {(learner, skill): reinforcer.memory(learner, skill) for learner in PEOPLE for skill in SKILLS}


def largest_days(reinforcer: Reinforcer) -> dict[str, int]:
    """The most skills that each person has due on one day; what is overdue is due today."""
    found = {}
    for learner in PEOPLE:
        states = [reinforcer.memory(learner, skill) for skill in SKILLS]
        found[learner] = max(Counter(max(state.due, AT.date()) for state in states if state).values())
    return found


def test_fitted_adopted_and_rolled_back(reinforcer: Reinforcer) -> None:
    """A fit that wins on later reviews is stored with its proof, adopted by name, and taken back: all is as it was."""
    before = memories(reinforcer)
    (first,) = reinforcer.parameters.all()
    fitted = reinforcer.parameters.fit(by="Ann", at=AT)
    assert fitted.fit is not None
    assert fitted.fit.is_better
    assert fitted.fit.verdict.startswith("better: on ")
    assert (fitted.fit.compared_with, fitted.fit.fitted_by, fitted.fit.fitted_at) == (first.id, "Ann", AT)
    assert fitted.fit.since >= MONDAY.date()
    assert fitted.fit.until <= AT.date()
    assert fitted.algorithm == "FSRS-6"
    assert not fitted.is_present
    assert memories(reinforcer) == before

    adopted = reinforcer.parameters.adopt(fitted.id, by="Bo", at=AT)
    assert adopted.pairs == adopted.changed == len(PEOPLE) * len(SKILLS)
    assert reinforcer.forgetting == fitted.forgetting
    assert reinforcer.parameters.find(fitted.id).is_present
    assert {state.parameter_set for state in memories(reinforcer).values() if state} == {fitted.id}

    reinforcer.parameters.roll_back(by="Cy", at=AT + timedelta(days=1))
    assert reinforcer.forgetting == first.forgetting
    history = [(one.parameter_set, one.replaced, one.by, one.is_roll_back) for one in reinforcer.parameters.adoptions()]
    assert history == [(fitted.id, first.id, "Bo", False), (first.id, fitted.id, "Cy", True)]
    assert reinforcer.replay(write=False).changed == 0
    with pytest.raises(NotFound, match="nothing to roll back"):
        reinforcer.parameters.roll_back(at=AT)


def test_a_fit_is_asked_for_its_proof(reinforcer: Reinforcer) -> None:
    """What was never compared with the present set, or with another one, is adopted only where that is insisted on."""
    reinforcer.adopt(RUSHED, at=AT)
    reinforcer.adopt(Forgetting(fuzz=False), at=AT)
    reinforcer.parameters.roll_back(at=AT)
    first, rushed, _ = reinforcer.parameters.all()
    with pytest.raises(NotEnoughEvidence, match="never compared"):
        reinforcer.parameters.adopt(first.id, at=AT)
    fitted = reinforcer.parameters.fit(at=AT)
    reinforcer.parameters.adopt(first.id, anyway=True, at=AT)
    with pytest.raises(NotEnoughEvidence, match=f"compared with parameter set {rushed.id}"):
        reinforcer.parameters.adopt(fitted.id, at=AT)
    assert reinforcer.forgetting == first.forgetting


def test_a_fit_is_judged_as_it_will_be_in_force(reinforcer: Reinforcer) -> None:
    """A proof without the calibration counts only as long as none is in force, and the other way round."""
    plain = reinforcer.parameters.fit(at=AT)
    reinforcer.calibration.learn(at=AT)
    with pytest.raises(NotEnoughEvidence, match="was compared without a calibration, and one is in force now"):
        reinforcer.parameters.adopt(plain.id, at=AT)

    calibrated = reinforcer.parameters.fit(at=AT).fit
    assert calibrated is not None
    assert calibrated.gained_calibrated is not None
    assert calibrated.noise_calibrated is not None
    assert "under the calibration" in calibrated.verdict
    assert calibrated.is_better == (calibrated.gained_calibrated > calibrated.noise_calibrated)

    reinforcer.calibration.turn_off(at=AT)
    with pytest.raises(NotEnoughEvidence, match="was compared with a calibration, and none is in force now"):
        reinforcer.parameters.adopt(plain.id, at=AT)


def test_a_fit_of_old_is_still_read() -> None:
    """What was stored before fits were judged under the calibration has its verdict as before."""
    old = (
        '{"compared_with": 1, "fitted_at": "2026-03-02T09:00:00Z", "fitted_by": null, "gained": 0.031, "held_out": 812,'
        ' "log_loss": 0.4, "log_loss_in_force": 0.5, "noise": 0.0049, "reviews": 3248, "since": "2025-03-02",'
        ' "until": "2026-03-01"}'
    )
    record = structure(json.loads(old), FitRecord)

    assert record.is_better
    assert record.verdict == (
        "better: on 812 held-out later reviews its log loss is 0.0310 (noise 0.0049) below that of parameter set 1"
    )


def test_again_what_is_in_force(reinforcer: Reinforcer) -> None:
    """Adopting what is in force changes nothing and is no adoption."""
    (first,) = reinforcer.parameters.all()
    assert reinforcer.parameters.adopt(first.id, at=AT).changed == 0
    assert reinforcer.parameters.adoptions() == []


def rushed(reinforcer: Reinforcer) -> int:
    """The number of a set with which nearly everything is overdue."""
    reinforcer.adopt(RUSHED, at=AT)
    reinforcer.parameters.roll_back(at=AT)
    return next(one.id for one in reinforcer.parameters.all() if one.forgetting == RUSHED)


def test_no_wall(calm: Reinforcer) -> None:
    """Adopting what makes all overdue spreads it: no day is larger than before, and nothing later than before."""
    number = rushed(calm)
    before, days_before = memories(calm), largest_days(calm)
    told = calm.parameters.preview(number, at=AT)
    calm.parameters.adopt(number, anyway=True, at=AT)
    after, days_after = memories(calm), largest_days(calm)
    calm.adopt(Forgetting(fuzz=False), at=AT)
    calm.adopt(RUSHED, at=AT)
    unspread = largest_days(calm)

    assert told.largest_day == (max(days_before.values()), max(unspread.values()), max(days_after.values()))
    assert max(unspread.values()) > 2 * max(days_after.values())
    for learner in PEOPLE:
        assert days_after[learner] <= max(days_before[learner], QUIET_DAY)
    moved = sum(memories(calm)[pair] != state for pair, state in after.items())
    assert told.postponed == moved > 0
    for pair, state in after.items():
        old = before[pair]
        assert state is not None
        assert old is not None
        assert state.due <= max(old.due, AT.date()) or old.due <= AT.date()


def test_a_replay_keeps_what_was_spread(calm: Reinforcer) -> None:
    """The log alone and the adoption give the spread days again, also after what comes late or is taken back."""
    calm.parameters.adopt(rushed(calm), anyway=True, at=AT)
    assert calm.replay(write=False).changed == 0
    calm.record(practice(PEOPLE[0], SKILLS[0], 4, days=0.5, id="late"), at=AT)
    calm.record(practice(PEOPLE[0], SKILLS[1], 4, days=63.9, id="new"), at=AT)
    calm.void("app", f"{PEOPLE[0]}-{SKILLS[3]}-6", reason="mistaken", at=AT)
    calm.define(Skill(SKILLS[2], desired_retention=0.95), at=AT)
    replayed = calm.replay(write=False)
    assert (replayed.changed, replayed.removed) == (0, 0)
    for learner in PEOPLE[:2]:
        for skill in SKILLS[:4]:
            assert calm.memory(learner, skill) == calm.remembered(learner, skill)


def test_elsewhere(calm: Reinforcer, tmp_path: Path) -> None:
    """An export carries what was spread: where it comes in, due days are the same, once or twice."""
    calm.parameters.adopt(rushed(calm), anyway=True, at=AT)
    stream = io.StringIO()
    assert calm.export(stream)["postponement"] > 0
    with opened(f"sqlite:///{tmp_path / 'to.db'}") as target:
        for _ in range(2):
            target.import_(io.StringIO(stream.getvalue()), at=AT)
            expected = memories(calm)
            for pair, state in memories(target).items():
                stored = expected[pair]
                assert state is not None
                assert stored is not None
                assert (state.due, state.stability) == (stored.due, stored.stability)
            assert target.replay(write=False).changed == 0


def past(reinforcer: Reinforcer) -> list[object]:
    """The sets with their proofs, and the adoptions, by the parameters instead of the numbers of sets."""
    sets = {one.id: one for one in reinforcer.parameters.all()}
    found: list[object] = [(one.forgetting, one.created_at, one.is_present) for one in sets.values()]
    found += [
        (one.forgetting, evolve(one.fit, compared_with=0), sets[one.fit.compared_with].forgetting)
        for one in sets.values()
        if one.fit is not None
    ]
    for each in reinforcer.parameters.adoptions():
        found.append((sets[each.parameter_set].forgetting, sets[each.replaced].forgetting))
        found.append((each.at, each.by, each.is_roll_back))
    return found


def test_their_past_goes_with_them(reinforcer: Reinforcer, tmp_path: Path) -> None:
    """An export carries sets, proofs and adoptions; in an empty tenant all is as it was, once or twice."""
    fitted = reinforcer.parameters.fit(by="Ann", at=AT)
    reinforcer.parameters.adopt(fitted.id, by="Bo", at=AT)
    reinforcer.adopt(RUSHED, at=AT + timedelta(days=1))
    reinforcer.parameters.roll_back(by="Cy", at=AT + timedelta(days=2))
    stream = io.StringIO()
    counts = reinforcer.export(stream)
    assert (counts["parameters"], counts["fit"], counts["adoption"]) == (3, 1, 3)
    with opened(other_url(tmp_path), "before") as other, opened(other_url(tmp_path)) as target:
        other.adopt(Forgetting(fuzz=False))  # so that numbers differ
        for _ in range(2):
            target.import_(io.StringIO(stream.getvalue()))
            assert past(target) == past(reinforcer)
            assert target.replay(write=False).changed == 0
        assert target.parameters.roll_back().pairs > 0
        assert target.forgetting == Forgetting()


def other_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'to.db'}"


def test_a_tenant_keeps_its_own_past(reinforcer: Reinforcer, tmp_path: Path) -> None:
    """Who has adopted something keeps those adoptions; what is in force in the file is one more."""
    reinforcer.adopt(RUSHED, at=AT)
    stream = io.StringIO()
    reinforcer.export(stream)
    own = Forgetting(maximum_interval_days=99)
    with opened(other_url(tmp_path)) as target:
        target.adopt(own, at=AT)
        for _ in range(2):
            target.import_(io.StringIO(stream.getvalue()), at=AT + timedelta(days=1))
            assert [(one.at, one.by) for one in target.parameters.adoptions()] == [
                (AT, None),
                (AT + timedelta(days=1), None),
            ]
        assert target.forgetting == RUSHED
        target.parameters.roll_back(at=AT + timedelta(days=2))
        assert target.forgetting == own


def test_an_older_export_of_parameters(reinforcer: Reinforcer, tmp_path: Path) -> None:
    """Before adoptions travelled, what was in force is adopted when it comes in."""
    reinforcer.adopt(RUSHED, at=AT)
    stream = io.StringIO()
    reinforcer.export(stream)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    for line in lines:
        if line.get("kind") == "parameters":
            del line["value"]["created_at"]
    lines[0]["reinforce_export"], counts = 2, lines[-1]["counts"]
    del counts["adoption"]
    text = "".join(json.dumps(line) + "\n" for line in lines if line.get("kind") != "adoption")
    with opened(other_url(tmp_path)) as target:
        target.import_(io.StringIO(text), at=AT)
        assert target.forgetting == RUSHED
        assert [one.at for one in target.parameters.adoptions()] == [AT]


def test_a_file_that_lost_a_set_is_refused(reinforcer: Reinforcer, tmp_path: Path) -> None:
    """An adoption of a set that is not in the file is told with its line, and nothing comes in."""
    reinforcer.adopt(RUSHED, at=AT)
    stream = io.StringIO()
    reinforcer.export(stream)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    lost = next(line for line in lines if line.get("kind") == "parameters")
    lines.remove(lost)
    lines[-1]["counts"]["parameters"] -= 1
    text = "".join(json.dumps(line) + "\n" for line in lines)
    with opened(other_url(tmp_path)) as target:
        with pytest.raises(InvalidFile, match=f"line .*there is no parameter set {lost['value']['number']} before it"):
            target.import_(io.StringIO(text), at=AT)
        assert target.learners() == []


def test_preview_writes_nothing(calm: Reinforcer) -> None:
    """A preview tells eight weeks and who has the largest jumps, the same each time, and changes nothing."""
    number = rushed(calm)
    before = memories(calm)
    told = calm.parameters.preview(number, at=AT)
    assert told == calm.parameters.preview(number, at=AT)
    assert memories(calm) == before
    assert [week.week for week in told.weeks] == list(range(1, 9))
    assert told.learners == len(PEOPLE)
    assert sum(week.reviews_after for week in told.weeks) > sum(week.reviews_before for week in told.weeks)
    rises = [one.reviews_after - one.reviews_before for one in told.jumps]
    assert len(rises) == 10
    assert all(first >= second > 0 for first, second in pairwise(rises))
    # Nobody defined refreshers, so that each review takes what a practice usually takes.
    assert told.weeks[0].minutes_after == pytest.approx(3.0 * told.weeks[0].reviews_after)


def test_a_host_that_changes_its_mind(database_url: str) -> None:
    """Within the host's transaction, adopting and rolling back are the host's to keep or drop."""
    with opened(database_url) as door:
        fill(door)
        number = rushed(door)
        before = memories(door)
    with engine_of(database_url) as engine, engine.connect() as connection, connection.begin() as transaction:
        hosted = Reinforcer(connection)
        hosted.parameters.adopt(number, anyway=True, at=AT)
        assert memories(hosted) != before
        transaction.rollback()
    with opened(database_url) as door:
        assert memories(door) == before
        assert len(door.parameters.adoptions()) == 2


def test_too_little_to_fit(database_url: str) -> None:
    """One class only, no repeats, nothing at all: the answer is that there is not enough evidence."""
    with opened(database_url) as door:
        door.define(*map(Learner, PEOPLE), *map(Skill, SKILLS))
        with pytest.raises(NotEnoughEvidence, match="not enough evidence: fitting needs at least 64"):
            door.parameters.fit(at=AT)
        door.record_many([practice(learner, skill) for learner in PEOPLE for skill in SKILLS], at=AT)
        with pytest.raises(NotEnoughEvidence, match="there are 0"):
            door.parameters.fit(at=AT)
        door.record_many([practice(learner, skill, days=3) for learner in PEOPLE for skill in SKILLS], at=AT)
        with pytest.raises(NotEnoughEvidence, match="all 180 reviews on a later day passed"):
            door.parameters.fit(at=AT)
        assert len(door.parameters.all()) == 1


def test_one_learner_only(sqlite_url: str) -> None:
    """With a single person and few days there is a fit, and the answer that it cannot be told whether it is better."""
    with opened(sqlite_url) as door:
        door.define(Learner("ann"), *map(Skill, SKILLS))
        chance = random.Random(3)
        # The clock goes backwards: what is recorded last happened first.
        for day in reversed(range(0, 60, 6)):
            door.record_many([practice("ann", skill, chance.choice([1, 3]), days=day) for skill in SKILLS], at=AT)
        fitted = door.parameters.fit(at=AT)
        assert fitted.fit is not None
        assert fitted.fit.noise is None
        assert fitted.fit.verdict.startswith("not enough evidence: ")
        with pytest.raises(NotEnoughEvidence, match="is not adopted: not enough evidence"):
            door.parameters.adopt(fitted.id, at=AT)
