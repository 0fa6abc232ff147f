"""Hypothesis strategies for parameters, memories and reviews of them."""

from typing import NamedTuple

from fsrs.scheduler import LOWER_BOUNDS_PARAMETERS, UPPER_BOUNDS_PARAMETERS
from hypothesis import strategies as st

from reinforce.forgetting.parameters import DEFAULT_WEIGHTS, Forgetting
from reinforce.forgetting.single import UNKNOWN, Single

BOUNDS = list(zip(LOWER_BOUNDS_PARAMETERS, UPPER_BOUNDS_PARAMETERS, strict=True))
TODAY = 20_000


class Review(NamedTuple):
    """One review of one pair."""

    rating: int
    day: int
    weight: float


all_weights = st.tuples(*(st.floats(low, high) for low, high in BOUNDS))
all_forgettings = st.builds(
    Forgetting,
    weights=st.just(DEFAULT_WEIGHTS) | all_weights,
    maximum_interval_days=st.sampled_from([1, 2, 7, 365, 36500]),
    maximum_stability_days=st.sampled_from([1.0, 30.0, 365.0, 36500.0]),
    fuzz=st.booleans(),
)
stabilities = st.floats(-3.0, 4.5).map(lambda exponent: float(10.0**exponent))
difficulties = st.floats(1.0, 10.0)
known = st.builds(
    Single,
    stabilities,
    difficulties,
    st.just(TODAY),
    *(st.integers(1, 60), st.integers(0, 9), st.integers(0, 60), st.integers(1, 60)),
)
singles = known | st.just(UNKNOWN)
part_weights = st.floats(0.0, 1.0, exclude_min=True)
ratings = st.integers(1, 4)
days = st.integers(-3, 400).map(lambda gap: TODAY + gap) | st.just(TODAY)
reviews = st.builds(Review, ratings, days, st.just(1.0) | part_weights)
retentions = st.floats(0.5, 0.99)
seeds = st.integers(0, 2**64 - 1)
