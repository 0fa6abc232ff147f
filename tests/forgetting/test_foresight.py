"""What calibration says of days to come."""

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from forgetting.logs import class_of
from forgetting.memories import all_forgettings, difficulties, retentions, stabilities
from reinforce.forgetting.before import before
from reinforce.forgetting.calibration import Calibration
from reinforce.forgetting.features import features
from reinforce.forgetting.foresight import (
    MOST_LONGER,
    MOST_SHORTER,
    SingleStanding,
    Standing,
    View,
    calibrated_interval_days,
    calibrated_interval_single,
    expected,
    expected_single,
    why_moved,
)
from reinforce.forgetting.interval import interval_days
from reinforce.forgetting.learning import calibrated
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.practice_log import Log

FORGETTING = Forgetting()


def alone(single: SingleStanding) -> Standing:
    """One pair as arrays."""
    reals = [np.array([one]) for one in (single.stability, single.difficulty, single.offset)]
    counts = [np.array([one]) for one in (single.reviews, single.passes, single.days)]
    return Standing(reals[0], reals[1], counts[0], counts[1], counts[2], reals[2], np.zeros(1))


def learned() -> Calibration:
    log = class_of()
    return calibrated(Calibration.new(), log, before(FORGETTING, log))[1]


NEW, LEARNED = View.of(Calibration.new()), View.of(learned())


def standing(pairs: int, seed: int = 0) -> Standing:
    random = np.random.default_rng(seed)
    reviews = random.integers(1, 20, pairs)
    return Standing(
        random.uniform(0.5, 100, pairs),
        random.uniform(1, 10, pairs),
        reviews,
        random.integers(0, reviews + 1),
        random.integers(1, reviews + 1),
        learner=random.normal(0, 1, pairs),
        skill=random.normal(0, 1, pairs),
    )


def plain_days(pairs: Standing, wanted: float) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.asarray(interval_days(pairs.stability, wanted, FORGETTING))


@pytest.mark.parametrize("view", [NEW, LEARNED])
def test_it_falls_with_every_day_of_waiting(view: View) -> None:
    """For every pair the probability falls from day to day and stays within 0 and 1."""
    pairs = standing(200)
    days = np.array([expected(view, FORGETTING, pairs, np.full(200, day)) for day in range(366)])

    assert (days[0] == 1).all()
    assert (np.diff(days, axis=0) < 1e-12).all()
    assert (days > 0).all()


@pytest.mark.parametrize("view", [NEW, LEARNED])
@given(days=st.integers(0, 4000), seed=st.integers(0, 1000))
def test_one_pair_is_expected_as_many_are(view: View, days: int, seed: int) -> None:
    """The probability of one pair in plain numbers is that of the arrays."""
    pairs = standing(1, seed)
    history = (int(pairs.reviews[0]), int(pairs.passes[0]), int(pairs.days[0]))
    offset = float(pairs.learner[0] + pairs.skill[0])
    single = SingleStanding(float(pairs.stability[0]), float(pairs.difficulty[0]), *history, offset)

    assert expected_single(view, FORGETTING, single, days) == pytest.approx(
        float(expected(view, FORGETTING, pairs, np.array([days]))[0]), rel=1e-9
    )


def test_the_due_day_is_nearest_to_the_fall() -> None:
    """Half a day before the due day the desired retention still holds, and half a day after it no longer."""
    pairs = standing(200)
    plain = plain_days(pairs, 0.7)
    due = calibrated_interval_days(LEARNED, FORGETTING, pairs, np.full(200, 0.7), plain)
    just_before = expected(LEARNED, FORGETTING, pairs, np.asarray(due - 0.5, dtype=np.float64))
    just_after = expected(LEARNED, FORGETTING, pairs, np.asarray(due + 0.5, dtype=np.float64))
    least = -(-plain // MOST_SHORTER)
    most = np.minimum(plain * MOST_LONGER, FORGETTING.maximum_interval_days)

    assert ((due >= least) & (due <= most)).all()
    assert ((just_before >= 0.7) | (due == least)).all()
    assert ((just_after < 0.7) | (due == most)).all()
    assert len(set((due - plain).tolist())) > 20


def test_without_trust_the_due_days_are_plain() -> None:
    """A calibration that is not believed at all leaves every interval as FSRS has it."""
    pairs = standing(2000)
    for wanted in (0.7, 0.9, 0.97):
        plain = plain_days(pairs, wanted)
        view = evolve(LEARNED, trust=0.0)

        assert np.array_equal(calibrated_interval_days(view, FORGETTING, pairs, np.full(2000, wanted), plain), plain)


def test_nothing_is_put_off_without_end() -> None:
    """Whatever was learned, such as that everybody passes always, an interval is at most `MOST_LONGER` times FSRS's."""
    pairs = standing(500)
    all_pass = evolve(LEARNED, trust=1.0, tenant=30.0, elapsed=0.0)
    plain = plain_days(pairs, 0.9)
    due = calibrated_interval_days(all_pass, FORGETTING, pairs, np.full(500, 0.9), plain)

    assert np.array_equal(due, np.minimum(plain * MOST_LONGER, FORGETTING.maximum_interval_days))


def test_nobody_is_asked_day_by_day() -> None:
    """Whatever was learned, such as that nobody ever passes, an interval is at least a third of FSRS's."""
    pairs = standing(500)
    none_pass = evolve(LEARNED, trust=1.0, tenant=-30.0)
    plain = plain_days(pairs, 0.9)
    due = calibrated_interval_days(none_pass, FORGETTING, pairs, np.full(500, 0.9), plain)

    assert np.array_equal(due, np.ceil(plain / MOST_SHORTER))
    assert (due >= 1).all()


@given(
    st.sampled_from([NEW, LEARNED, evolve(LEARNED, trust=1.0), evolve(LEARNED, elapsed=0.0, recall=0.02)]),
    all_forgettings,
    st.tuples(stabilities, difficulties, st.integers(1, 200), st.floats(0, 1), st.floats(0, 1), st.floats(-4, 4)),
    retentions,
)
def test_one_pair_in_plain_numbers_is_due_on_the_same_day(
    view: View, forgetting: Forgetting, one: tuple[float, float, int, float, float, float], wanted: float
) -> None:
    """The due day of one pair without arrays is that which arrays give, also with the longest intervals."""
    stability, difficulty, reviews, passed, spread, offset = one
    passes, days = int(reviews * passed), 1 + int((reviews - 1) * spread)
    single = SingleStanding(stability, difficulty, reviews, passes, days, offset)
    pairs = alone(single)
    plain = interval_days(np.array([stability]), wanted, forgetting)

    due = calibrated_interval_days(view, forgetting, pairs, np.array([wanted]), plain)

    assert calibrated_interval_single(view, forgetting, single, wanted, int(plain[0])) == due[0]


def test_where_it_is_close_arrays_decide() -> None:
    """A retention that lies on a day's very probability gives one due day, in plain numbers as in arrays."""
    for day in range(2, 200):
        single = SingleStanding(20.0, 5.0, 4, 3, 3, 0.3)
        pairs = alone(single)
        wanted = expected(LEARNED, FORGETTING, pairs, np.array([day - 0.5]))
        plain = np.array([day])
        due = calibrated_interval_days(LEARNED, FORGETTING, pairs, wanted, plain)

        assert due[0] == day
        assert calibrated_interval_single(LEARNED, FORGETTING, single, float(wanted[0]), day) == day


def test_it_is_what_a_review_on_that_morning_is_predicted_with() -> None:
    """A plan made in the night and a prediction made in the morning agree, once lately has faded."""
    log = class_of(days=20)
    last = int(log.day.max())
    ahead = Log.of(
        np.append(log.learner, [7]),
        np.append(log.skill, [3]),
        np.append(log.day, [last + 40]),
        np.append(log.rating, 3),
    )
    known = before(FORGETTING, ahead)
    predicted, _ = calibrated(Calibration.new(), ahead, known)
    _, calibration = calibrated(Calibration.new(), log, before(FORGETTING, log))
    elapsed = known.elapsed_days[-1:]
    decay = FORGETTING.decay
    factor = 0.9 ** (-1 / decay) - 1
    stability = factor * elapsed / (known.retrievability[-1:] ** (-1 / decay) - 1)
    one = Standing(
        stability,
        known.difficulty[-1:],
        known.reviews[-1:],
        known.passes[-1:],
        known.days[-1:],
        learner=calibration.offsets[0].value[[8]],
        skill=calibration.offsets[1].value[[4]],
    )

    seen = expected(View.of(calibration), FORGETTING, one, elapsed)

    assert seen[0] == pytest.approx(predicted.morning[-1], abs=1e-6)


def test_why_adds_up() -> None:
    """What each correction adds on log-odds, and trust, give what is believed; their points are all that was moved."""
    one = standing(1)
    moved = why_moved(LEARNED, FORGETTING, one, 10)
    left = float(moved.retrievability)

    logit = np.log(left / (1 - left)) + sum(added for added, _ in moved.corrections.values())
    assert moved.expected == pytest.approx(moved.trust / (1 + np.exp(-logit)) + (1 - moved.trust) * left)
    assert moved.expected - left == pytest.approx(sum(points for _, points in moved.corrections.values()))
    assert moved.corrections["skill"][0] == one.skill[0]
    assert moved.corrections["learner"][0] == one.learner[0]


def test_the_usual_kind_is_asked() -> None:
    """A day to come is seen with the kind of practice that there is most of, and none weighs what it is not worth."""
    log = class_of()
    kind = np.where(np.arange(len(log)) % 10 == 0, 1, 0)
    lenient = evolve(log, kind=kind, rating=np.where(kind == 1, 3, log.rating))
    _, calibration = calibrated(Calibration.new(), lenient, before(FORGETTING, lenient))
    offsets = calibration.offsets[3].value
    usual = View.of(calibration).kind

    assert offsets[2] > offsets[1] + 0.5
    assert abs(usual - offsets[1]) < abs(usual - offsets[2]) / 5


def test_a_calibration_needs_evidence_before_it_is_used() -> None:
    """With 63 scored reviews it has not enough, with 64 it has; first and same-day reviews don't count."""
    for scored, has_enough in ((63, False), (64, True)):
        log = Log.of(
            [0] * (scored + 1) * 2, [0] * (scored + 1) * 2, np.repeat(np.arange(scored + 1), 2), [3, 1] * (scored + 1)
        )
        _, calibration = calibrated(Calibration.new(), log, before(FORGETTING, log))

        assert (calibration.scored, calibration.has_enough) == (scored, has_enough)


def test_what_is_so_of_the_mean_review_is_put_down_to_everybody() -> None:
    """The means are those of the reviews that were learned, and a pair that is there is moved by everybody alone."""
    log = class_of()
    known = before(FORGETTING, log)
    predicted, calibration = calibrated(Calibration.new(), log, known)
    view = View.of(calibration)
    uncertain = (predicted.at_once * (1 - predicted.at_once))[known.is_later]
    mean = np.average(features(known)[known.is_later][:, 1:7], axis=0, weights=uncertain)
    assert np.abs(view.means - mean).max() < 0.15

    there = evolve(LEARNED, means=view.means)
    moved = why_moved(evolve(there, difficulty=0.0, passes=0.0, failures=0.0, days=0.0), FORGETTING, standing(1), 10)
    assert moved.corrections["practice"][0] == pytest.approx(0.0, abs=1e-9)
    of_everybody = why_moved(there, FORGETTING, standing(1), 10).corrections["everybody"][0]
    assert of_everybody == why_moved(there, FORGETTING, standing(1), 300).corrections["everybody"][0]
