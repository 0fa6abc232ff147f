"""From an outcome to a rating."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import values
from reinforce.model.practice import Outcome, OutcomeKind, Rating
from reinforce.model.rating_policy import Bands, RatingPolicy

DEFAULT = RatingPolicy()
STRICT = RatingPolicy(
    name="strict",
    version=3,
    scaled=Bands(passing=0.6, hard_below=0.75, easy_from=0.95),
    rubric=Bands(passing=0.5, hard_below=0.75, easy_from=1.0),
)


@pytest.mark.parametrize(
    "failure",
    [Outcome.success(False), Outcome.scaled(0.59), Outcome.scaled(-1), Outcome.rubric(1, of=4), Outcome.grade(2)],
    ids=lambda outcome: f"{outcome.kind}-{outcome.value:g}",
)
@pytest.mark.parametrize("policy", [DEFAULT, STRICT], ids=lambda policy: policy.id)
def test_a_failure_is_again(policy: RatingPolicy, failure: Outcome) -> None:
    """Whatever terms it is told in, a failure is AGAIN and never HARD."""
    assert policy.rate(failure) is Rating.AGAIN


@pytest.mark.parametrize(
    ("outcome", "by_default", "strictly"),
    [
        (Outcome.success(True), Rating.GOOD, Rating.GOOD),
        (Outcome.scaled(0.6), Rating.GOOD, Rating.HARD),
        (Outcome.scaled(0.75), Rating.GOOD, Rating.GOOD),
        (Outcome.scaled(1), Rating.GOOD, Rating.EASY),
        (Outcome.rubric(2, of=4), Rating.GOOD, Rating.HARD),
        (Outcome.rubric(3, of=4), Rating.GOOD, Rating.GOOD),
        (Outcome.rubric(4, of=4), Rating.GOOD, Rating.EASY),
        (Outcome.grade(3), Rating.HARD, Rating.HARD),
        (Outcome.grade(4), Rating.GOOD, Rating.GOOD),
        (Outcome.grade(5), Rating.EASY, Rating.EASY),
    ],
    ids=lambda value: f"{value.kind}-{value.value:g}" if isinstance(value, Outcome) else value.name,
)
def test_a_bare_pass_is_hard_only_where_the_policy_says_so(
    outcome: Outcome, by_default: Rating, strictly: Rating
) -> None:
    """Passes are GOOD unless the policy has a band that makes them HARD or EASY."""
    assert (DEFAULT.rate(outcome), STRICT.rate(outcome)) == (by_default, strictly)


@given(policy=values.rating_policies, rating=values.ratings)
def test_an_explicit_rating_stays(policy: RatingPolicy, rating: Rating) -> None:
    """A rating that somebody chose is theirs under every policy."""
    assert policy.rate(Outcome.rated(rating)) is rating


@given(policy=values.rating_policies)
def test_an_exposure_has_no_rating(policy: RatingPolicy) -> None:
    """Nothing was asked, so nothing is rated."""
    assert policy.rate(Outcome.exposure()) is None


@given(policy=values.rating_policies, one=values.outcomes, other=values.outcomes)
def test_a_better_score_never_gives_a_lower_rating(policy: RatingPolicy, one: Outcome, other: Outcome) -> None:
    """Of two outcomes in the same terms the better one has at least the rating of the other."""
    low, high = sorted([one, other], key=_share)
    if low.kind is not high.kind or low.kind is OutcomeKind.EXPOSURE:
        return
    low_rating, high_rating = policy.rate(low), policy.rate(high)

    assert low_rating is not None
    assert high_rating is not None
    assert low_rating <= high_rating


@given(policy=values.rating_policies, scores=st.lists(st.floats(-1, 1), min_size=2))
def test_ratings_rise_with_scores(policy: RatingPolicy, scores: list[float]) -> None:
    """Sorted scores have sorted ratings."""
    ratings = [policy.rate(Outcome.scaled(score)) for score in sorted(scores)]

    assert ratings == sorted(ratings, key=lambda rating: rating or 0)


@given(bands=values.bands(-1, 1), score=st.floats(-1, 1))
def test_a_pass_is_what_reaches_the_passing_score(bands: Bands, score: float) -> None:
    """A score passes if, and only if, it reaches the band's passing score."""
    assert (bands.rate(score) > Rating.AGAIN) == (score >= bands.passing)


def test_a_policy_is_known_by_name_and_version() -> None:
    """What is kept beside each event tells which policy made its rating."""
    assert STRICT.id == "strict/3"


def _share(outcome: Outcome) -> float:
    return outcome.value / (outcome.of or 1)
