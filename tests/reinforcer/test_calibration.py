"""Calibration in the engine: what it learns each night, the due days that it moves, and how it comes back."""

import io
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from reinforce import Forgetting, Learner, Outcome, PracticeEvent, Reinforcer, Skill
from reinforce.exchange.events import read_events
from reinforce.exchange.formats import ANKI
from reinforce.exchange.rows import GoodRow
from reinforce.forgetting import learning
from reinforce.forgetting.before import before
from reinforce.forgetting.calibration import Calibration
from reinforce.forgetting.learning import calibrated
from reinforce.jobs import nightly
from reinforce.model.days import date_of, day_of
from reinforce.store import closes, lessons, moving
from reinforce.store.generation import calibration_in
from reinforce.store.log_columns import tenant_log
from reinforcer.world import MONDAY, is_truth, opened, practice

LOG = Path(__file__).parent.parent / "data" / "anki_josh.csv"
DAY_STARTS_AT = 10
PEOPLE, SKILLS, DAYS = 8, 5, 24
ALL_PAIRS = [(f"p{learner}", f"s{skill}") for learner in range(PEOPLE) for skill in range(SKILLS)]


def practice_of(seed: int = 1, *, days: int = DAYS, assessor: str | None = None) -> list[list[PracticeEvent]]:
    """Each day's events of people of whom some are able, in skills of which some are hard."""
    chance = random.Random(seed)
    able = [chance.gauss(0, 1.5) for _ in range(PEOPLE)]
    hard = [chance.gauss(0, 1.5) for _ in range(SKILLS)]
    found = []
    for day in range(days):
        events = []
        for number in range(PEOPLE * 2):
            learner, skill = chance.randrange(PEOPLE), chance.randrange(SKILLS)
            passes = chance.random() < 1 / (1 + np.exp(-(able[learner] - hard[skill] - 0.5)))
            moment = MONDAY + timedelta(days=day, minutes=number)
            outcome = {f"s{skill}": Outcome.rated(3 if passes else 1)}
            events.append(
                PracticeEvent(f"p{learner}", moment, outcome, external_id=f"{day}-{number}", assessor=assessor)
            )
        found.append(events)
    return found


def night_after(day: int) -> datetime:
    """When the calibration of a day is closed."""
    return MONDAY + timedelta(days=day, hours=17)


def settle(reinforcer: Reinforcer) -> None:
    reinforcer.define(
        *(Skill(f"s{n}") for n in range(SKILLS)), *(Learner(f"p{n}") for n in range(PEOPLE)), Learner("lazy")
    )


def live(reinforcer: Reinforcer, days: list[list[PracticeEvent]]) -> None:
    """Practise day after day, and learn each night."""
    for day, events in enumerate(days):
        reinforcer.record_many(events, at=night_after(day))
        reinforcer.calibration.learn(at=night_after(day))


def due_days(reinforcer: Reinforcer) -> dict[tuple[str, str], object]:
    found = {pair: reinforcer.memory(*pair) for pair in ALL_PAIRS}
    return {pair: memory.due for pair, memory in found.items() if memory is not None}


def state_of(reinforcer: Reinforcer) -> Calibration:
    with reinforcer._store.read() as session:
        return calibration_in(closes.standing(session.driver, session.tenant_id).document)


@pytest.fixture
def reinforcer(database_url: str) -> Iterator[Reinforcer]:
    with opened(database_url) as found:
        settle(found)
        yield found


def test_before_there_is_evidence_due_days_are_plain(reinforcer: Reinforcer, sqlite_url: str) -> None:
    """Until 64 reviews on a later day were learned, learning moves no due day; then it does."""
    days = practice_of()
    with opened(f"{sqlite_url}.plain") as plain:
        settle(plain)
        for day, events in enumerate(days):
            reinforcer.record_many(events, at=night_after(day))
            plain.record_many(events, at=night_after(day))
            state = reinforcer.calibration.learn(at=night_after(day))
            assert state.is_used == (state.scored >= 64)
            assert (due_days(reinforcer) == due_days(plain)) == (not state.is_used)
        assert state.is_used
        assert state.closes == DAYS


def test_each_night_learns_what_the_log_teaches_at_once(reinforcer: Reinforcer) -> None:
    """Closing each night gives, to the bit, the calibration that evaluation learns from the whole log."""
    live(reinforcer, practice_of(assessor="lazy"))
    with reinforcer._store.read() as session:
        log = tenant_log(session.driver, session.tenant_id)
    _, whole = calibrated(Calibration.new(), log, before(Forgetting(), log))
    stored = state_of(reinforcer)

    assert np.array_equal(stored.slopes, whole.slopes)
    assert np.array_equal(stored.information, whole.information)
    assert np.array_equal(stored.losses, whole.losses)
    assert stored.scored == whole.scored
    assert reinforcer.calibration.replay()


def test_memory_is_what_log_and_generation_give(reinforcer: Reinforcer) -> None:
    """After each night, and after events that come alone in between, a replay finds nothing to change."""
    days = practice_of()
    live(reinforcer, days[:-2])
    is_truth(reinforcer, ALL_PAIRS[::7])
    for event in days[-2]:
        assert reinforcer.record(event, at=night_after(DAYS)).is_new
    reinforcer.record_many(days[-1], at=night_after(DAYS))

    assert reinforcer.calibration.state().is_used
    is_truth(reinforcer, ALL_PAIRS[::7])


def test_late_mixed_and_voided_events_change_no_bit(reinforcer: Reinforcer) -> None:
    """Closes made as events came late, in any order, and were voided, are what the log alone gives again."""
    chance = random.Random(3)
    events = [event for day in practice_of(days=12) for event in day]
    chance.shuffle(events)
    for number in range(6):
        batch = events[number * 32 : (number + 1) * 32]
        reinforcer.record_many(batch, at=night_after(20))
        for event in chance.sample(events[: (number + 1) * 32], 3):
            if not reinforcer.record(event, at=night_after(20)).is_voided:
                reinforcer.void("app", event.external_id or "", reason="a mistake", at=night_after(20))
        reinforcer.calibration.learn(at=night_after(20))
        assert reinforcer.calibration.replay()
    assert reinforcer.calibration.state().is_used
    is_truth(reinforcer, ALL_PAIRS[::7])


def test_reviews_are_read_and_learned_in_parts(reinforcer: Reinforcer, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few pairs are read, and reviews worked on, at once: the bits are the same, voids in between included."""
    days = practice_of(assessor="lazy")
    live(reinforcer, days[:-4])
    reinforcer.void("app", "3-3", reason="a mistake", at=night_after(DAYS))
    reinforcer.record_many([event for day in days[-4:] for event in day], at=night_after(DAYS))
    late = practice(learner="p1", skill="s1", at=MONDAY, days=5.1, id="late")
    reinforcer.record(late, at=night_after(DAYS))
    for module, name in ((lessons, "PAIRS_AT_ONCE"), (lessons, "LEARNERS_AT_ONCE"), (learning, "REVIEWS_AT_ONCE")):
        monkeypatch.setattr(module, name, 3)
    reinforcer.void("app", "late", reason="a mistake", at=night_after(DAYS))
    reinforcer.calibration.learn(at=night_after(DAYS))
    in_parts = reinforcer.calibration.replay()
    monkeypatch.undo()

    assert in_parts
    assert reinforcer.calibration.replay()


@pytest.mark.parametrize("is_read_before", [False, True])
def test_only_what_was_voided_is_left_out(
    reinforcer: Reinforcer, is_read_before: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two events of one instant, voiding takes the reviews of its own, even if they were read just before."""
    live(reinforcer, practice_of())
    two = {"s1": Outcome.rated(1), "s2": Outcome.rated(3)}
    same = [
        PracticeEvent("p1", MONDAY + timedelta(days=DAYS), two, external_id=f"same-{number}") for number in range(2)
    ]
    reinforcer.record_many(same, at=night_after(DAYS))
    reinforcer.calibration.learn(at=night_after(DAYS))
    if is_read_before:
        stale = all_pages(reinforcer)
        monkeypatch.setattr(lessons, "_parts", lambda *_: [()])
        monkeypatch.setattr(lessons._Page, "of", page_of(lessons._Page.of, stale))
    reinforcer.void("app", "same-0", reason="a mistake", at=night_after(DAYS))

    assert reinforcer.calibration.closes()[-1].reviews == 4
    assert reinforcer.calibration.replay()
    monkeypatch.undo()
    is_truth(reinforcer, [("p1", "s1"), ("p1", "s2")])


def all_pages(reinforcer: Reinforcer) -> lessons._Page:
    """All reviews of a tenant, as they are read."""
    with reinforcer._store.read() as session:
        subjects = lessons.Subjects.of(session.driver, session.tenant_id)
        rows = session.driver.rows(f"SELECT {lessons._COLUMNS} FROM {{review}} x", 0, session.tenant_id)
        return lessons._Page.of(subjects, rows)


def page_of(of: Callable[..., lessons._Page], stale: lessons._Page) -> Callable[..., lessons._Page]:
    """What makes pages, but gives those that were read before for all that are read now."""
    return lambda subjects, rows, voided=(): of(subjects, rows, voided) if voided else stale


def test_what_is_put_off_stays_so(reinforcer: Reinforcer) -> None:
    """Where an adoption has put skills off, moved due days heed that, as a replay does."""
    days = practice_of()
    live(reinforcer, days[:-1])
    usual = Forgetting().weights
    reinforcer.adopt(Forgetting(weights=(0.05, 0.1, 0.2, 0.4, *usual[4:8], 0.0, usual[9], 0.4, *usual[11:])))
    _, rushed = reinforcer.parameters.all()
    reinforcer.parameters.roll_back(at=night_after(DAYS - 2))
    reinforcer.parameters.adopt(rushed.id, anyway=True, at=night_after(DAYS - 2))
    stream = io.StringIO()
    assert reinforcer.export(stream)["postponement"] > 0
    reinforcer.record_many(days[-1], at=night_after(DAYS - 1))
    reinforcer.calibration.learn(at=night_after(DAYS - 1))

    assert reinforcer.export(stream)["postponement"] > 0
    is_truth(reinforcer, ALL_PAIRS[::7])


def test_what_was_learned_once_is_not_learned_again(reinforcer: Reinforcer) -> None:
    """Where nothing was recorded there is no close, and nothing changes."""
    live(reinforcer, practice_of())
    state, told, due = reinforcer.calibration.state(), reinforcer.calibration.closes(), due_days(reinforcer)

    assert reinforcer.calibration.learn(at=night_after(99)) == state
    assert (reinforcer.calibration.closes(), due_days(reinforcer)) == (told, due)
    assert sum(one.reviews for one in told) == PEOPLE * 2 * DAYS


def test_whoever_is_cut_off_is_ended_by_the_next(reinforcer: Reinforcer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between any two steps, the next learning goes on there and ends where it would have without."""
    days = practice_of()
    live(reinforcer, days[:-1])
    with opened(reinforcer._store.database.url.replace("***", ""), "beside") as beside:
        settle(beside)
        live(beside, days)
        expected = (state_of(beside).slopes.tolist(), due_days(beside))
    monkeypatch.setattr(moving, "LEARNERS_AT_ONCE", 3)
    reinforcer.record_many(days[-1], at=night_after(DAYS - 1))
    for module, step in ((closes, "learn"), (closes, "put_in_force"), (moving, "_move_some")):
        with monkeypatch.context() as patched:
            patched.setattr(module, step, cut_off(getattr(module, step), after=step == "_move_some"))
            with pytest.raises(KeyboardInterrupt):
                reinforcer.calibration.learn(at=night_after(DAYS - 1))

    assert reinforcer.calibration.state().is_moving
    assert not reinforcer.calibration.learn(at=night_after(DAYS - 1)).is_moving
    assert (state_of(reinforcer).slopes.tolist(), due_days(reinforcer)) == expected
    assert len(reinforcer.calibration.closes()) == DAYS
    is_truth(reinforcer, ALL_PAIRS[::7])


def cut_off(step: Callable[..., Any], *, after: bool) -> Callable[..., Any]:
    """The step, which is killed at its beginning, or the second time."""
    calls: list[int] = []

    def killed(*arguments: Any) -> Any:
        calls.append(1)
        if after and len(calls) == 1:
            return step(*arguments)
        raise KeyboardInterrupt

    return killed


def test_it_can_be_turned_off_and_on(reinforcer: Reinforcer, sqlite_url: str) -> None:
    """Turned off, due days are FSRS's own and nothing is learned; turned on, they are what they were."""
    days = practice_of()
    live(reinforcer, days)
    calibrated_days = due_days(reinforcer)
    with opened(f"{sqlite_url}.plain") as plain:
        settle(plain)
        plain.record_many([event for day in days for event in day])
        assert not reinforcer.calibration.turn_off().is_used
        assert due_days(reinforcer) == due_days(plain) != calibrated_days
        assert reinforcer.calibration.learn(at=night_after(DAYS)).closes == DAYS
    is_truth(reinforcer, ALL_PAIRS[::7])

    assert reinforcer.calibration.turn_on().is_used
    assert due_days(reinforcer) == calibrated_days


def test_other_parameters_learn_all_again(reinforcer: Reinforcer) -> None:
    """Adopting parameters folds the closes again with them, and memory is what log and generation give."""
    live(reinforcer, practice_of())
    slopes = state_of(reinforcer).slopes
    weights = list(Forgetting().weights)
    weights[:4] = [0.1, 0.5, 1.0, 4.0]
    reinforcer.adopt(Forgetting(weights=weights))

    assert not np.array_equal(slopes, state_of(reinforcer).slopes)
    assert reinforcer.calibration.replay()
    is_truth(reinforcer, ALL_PAIRS[::7])


def test_it_moves_with_its_tenant(reinforcer: Reinforcer, sqlite_url: str) -> None:
    """Exported and imported elsewhere, the closes learn the same bits and give the same due days."""
    days = practice_of(assessor="lazy")
    live(reinforcer, days)
    reinforcer.void("app", "3-3", reason="a mistake", at=night_after(DAYS))
    stream = io.StringIO()
    reinforcer.export(stream)
    with opened(f"{sqlite_url}.elsewhere") as elsewhere:
        elsewhere.import_(io.StringIO(stream.getvalue()))
        assert elsewhere.calibration.closes() == reinforcer.calibration.closes()
        assert elsewhere.calibration.replay()
        assert due_days(elsewhere) == due_days(reinforcer)
        again = io.StringIO()
        elsewhere.export(again)
        assert again.getvalue() == stream.getvalue()


def test_what_was_learned_of_a_person_goes_with_them(reinforcer: Reinforcer) -> None:
    """Erased, a person's offsets are gone, whether they practised or judged; others' due days stay."""
    live(reinforcer, practice_of(assessor="lazy"))
    due = due_days(reinforcer)
    erased = [reinforcer.erase(key).rows["calibration_offset"] for key in ("p0", "lazy")]
    with reinforcer._store.read() as session:
        people = session.driver.rows("SELECT DISTINCT subject_id FROM {calibration_offset} WHERE effect <> 1")

    assert erased == [2, 1]
    assert len(people) == PEOPLE - 1
    assert reinforcer.calibration.state().is_used
    assert due_days_of_others(reinforcer) == {pair: day for pair, day in due.items() if pair[0] != "p0"}
    is_truth(reinforcer, ALL_PAIRS[7::7])


def due_days_of_others(reinforcer: Reinforcer) -> dict[tuple[str, str], object]:
    found = {pair: reinforcer.memory(*pair) for pair in ALL_PAIRS if pair[0] != "p0"}
    return {pair: memory.due for pair, memory in found.items() if memory is not None}


TOUCHED, JUDGED = 5, 3
"""So many people are passed in so many skills; nobody touches the others."""


def passed_unseen(day: int, assessor: str | None, times: int = 1) -> list[PracticeEvent]:
    """Events of a day in which the first people are passed in the first skills."""
    return [
        PracticeEvent(
            f"p{number % TOUCHED}",
            MONDAY + timedelta(days=day, minutes=number),
            {f"s{skill}": Outcome.rated(3) for skill in range(JUDGED)},
            assessor=assessor,
        )
        for number in range(TOUCHED * times)
    ]


@pytest.mark.parametrize(
    "unseen",
    [
        [passed_unseen(DAYS + day, "lazy") for day in range(7)],
        [passed_unseen(DAYS, None)],
        [passed_unseen(DAYS, None, times=6)],
    ],
    ids=["a lazy week", "a bulk pass", "six in a day"],
)
def test_who_passes_everybody_puts_little_off(
    reinforcer: Reinforcer, sqlite_url: str, unseen: list[list[PracticeEvent]]
) -> None:
    """Who passes everybody puts off people whom nobody touched by less than a quarter, even in the skills passed.

    What is expected of them in two weeks rises by less than ten points.
    """
    days = practice_of(seed=3)
    live(reinforcer, days)
    with opened(f"{sqlite_url}.honest") as honest:
        settle(honest)
        live(honest, days)
        for number, events in enumerate(unseen):
            reinforcer.record_many(events, at=night_after(DAYS + number))
            reinforcer.calibration.learn(at=night_after(DAYS + number))
        before, after = untouched(honest), untouched(reinforcer)

    longer = {pair: interval / before[pair][0] for pair, (interval, _) in after.items()}
    higher = [recall - before[pair][1] for pair, (_, recall) in after.items()]
    assert np.mean([ratio for (_, skill), ratio in longer.items() if int(skill[1:]) < JUDGED]) < 1.25
    assert np.mean([ratio for (_, skill), ratio in longer.items() if int(skill[1:]) >= JUDGED]) < 1.2
    assert np.mean(higher) < 0.1


def untouched(reinforcer: Reinforcer) -> dict[tuple[str, str], tuple[float, float]]:
    """The interval in days, and what is expected in two weeks, of the pairs whom nobody touched."""
    on = night_after(DAYS + 14).date()
    found = {}
    for person in (f"p{number}" for number in range(TOUCHED, PEOPLE)):
        for one in reinforcer.forecast(learner=person, on=on):
            memory = reinforcer.memory(person, one.skill)
            if memory is not None and one.retrievability is not None:
                interval = float((memory.due - memory.last_practised).days)
                found[person, one.skill] = (interval, one.retrievability)
    return found


def test_why_due_and_forecast_tell_one_probability(reinforcer: Reinforcer) -> None:
    """`due`, `why`, its curve and `forecast` tell what is believed; `why` tells R before it and what moved it."""
    live(reinforcer, practice_of())
    at = night_after(DAYS + 6)
    moved = 0.0
    for skill in reinforcer.due("p1", at=at, within_days=365):
        why = reinforcer.why("p1", skill.skill, at=at)
        (forecast,) = [one for one in reinforcer.forecast(learner="p1", on=why.day) if one.skill == skill.skill]
        assert why.corrected is not None
        assert why.state is not None
        assert skill.retrievability == forecast.retrievability == pytest.approx(why.retrievability, rel=1e-12)
        assert dict(why.curve)[why.day] == why.retrievability
        assert why.corrected.after == pytest.approx(why.retrievability)
        points = sum(one.points for one in why.corrected.corrections)
        assert why.corrected.before + points == pytest.approx(why.corrected.after)
        names = {one.name for one in why.corrected.corrections}
        assert names == {"everybody", "waiting", "practice", "skill", "learner"}
        moved = max(moved, abs(why.corrected.before - why.corrected.after))
    assert moved > 0.05


def test_why_says_what_each_rating_would_really_do(reinforcer: Reinforcer) -> None:
    """The due day that `why` announces for a rating is the one that recording it gives."""
    live(reinforcer, practice_of())
    at = night_after(DAYS + 6)
    (announced,) = [one for one in reinforcer.why("p1", "s1", at=at).next_time if one.rating == 3]
    reinforcer.record(PracticeEvent("p1", at, {"s1": Outcome.rated(3)}, external_id="next"), at=at)
    memory = reinforcer.memory("p1", "s1")

    assert memory is not None
    assert memory.due == announced.due


def test_a_real_log_is_forecast_as_well_as_evaluation_says(sqlite_url: str) -> None:
    """One person's flashcards, day by day: what `forecast` says each morning loses what the pure model loses."""
    events = sorted(
        (row.event for row in read_events(LOG, ANKI.file, ANKI.mapping) if isinstance(row, GoodRow)),
        key=lambda event: event.occurred_at,
    )[:3500]
    by_day: dict[int, list[PracticeEvent]] = {}
    for event in events:
        by_day.setdefault(day_of(event.occurred_at, ZoneInfo("UTC"), DAY_STARTS_AT), []).append(event)
    lost: list[float] = []
    with opened(sqlite_url) as reinforcer:
        keys = {event.outcomes[0].skill for event in events}
        reinforcer.define(Learner(events[0].learner, day_starts_at=DAY_STARTS_AT), *map(Skill, keys))
        for day, practised in by_day.items():
            forecast = reinforcer.forecast(learner=events[0].learner, on=date_of(day))
            expected = {one.skill: one.retrievability for one in forecast}
            first = {event.outcomes[0].skill: event for event in reversed(practised)}
            for skill, event in first.items():
                if (p := expected.get(skill)) is not None:
                    lost.append(-np.log(p if event.outcomes[0].outcome.value > 1 else 1 - p))
            night = practised[-1].occurred_at + timedelta(minutes=1)
            reinforcer.record_many(practised, at=night)
            reinforcer.calibration.learn(at=night)
        closed = reinforcer.calibration.closes()
        assert reinforcer.calibration.replay()
    scored = sum(one.scored for one in closed)
    pure = sum(one.log_loss * one.scored for one in closed if one.log_loss is not None) / scored
    plain = sum(one.plain_log_loss * one.scored for one in closed if one.plain_log_loss is not None) / scored

    assert len(lost) == scored > 1000
    assert np.mean(lost) == pytest.approx(pure, abs=0.005)
    assert np.mean(lost) < plain - 0.005


def test_the_nightly_run_learns_before_it_plans(reinforcer: Reinforcer) -> None:
    """A night closes the calibration once; a run for a day that is planned already learns nothing more."""
    days = practice_of()
    reinforcer.record_many([event for day in days[:-1] for event in day], at=night_after(DAYS))
    database, day = reinforcer._store.database._engine or "", night_after(DAYS).date()

    for _ in range(2):
        (summary,) = nightly(database, as_of=day, at=night_after(DAYS))
        assert summary.error is None
        assert reinforcer.calibration.state().closes == 1
        reinforcer.record_many(days[-1], at=night_after(DAYS))
    nightly(database, as_of=day + timedelta(days=1), at=night_after(DAYS + 1))

    assert reinforcer.calibration.state().closes == 2
    is_truth(reinforcer, ALL_PAIRS[::7])
