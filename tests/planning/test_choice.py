"""What holds for every choice of a day, whatever is wanted and offered."""

from itertools import combinations
from math import prod

from hypothesis import given, settings
from hypothesis import strategies as st

from reinforce.planning.choice import Chosen, Offer, choose
from reinforce.planning.value import Want

SKILLS = range(3)

wants = st.fixed_dictionaries(
    {
        skill: st.builds(
            Want,
            skill=st.just(skill),
            retrievability=st.just(0.8),
            assumed=st.just(0.8),
            lasting_gain=st.sampled_from([0.01, 0.05]),
            importance=st.sampled_from([1.0, 3.0, 9.0]),
            role_weight=st.just(1.0),
            aim=st.just(0.9),
            due=st.just(0),
            take_on=st.just(0),
            is_due=st.just(True),
        )
        for skill in SKILLS
    }
)
weights = st.dictionaries(st.sampled_from(SKILLS), st.sampled_from([0.6, 1.0]), min_size=1, max_size=2)
offers = st.lists(st.tuples(weights, st.sampled_from([2.0, 3.0, 5.0, 8.0])), min_size=3, max_size=6).map(
    lambda drawn: [Offer(n, minutes, tuple(skills.items())) for n, (skills, minutes) in enumerate(drawn)]
)
budgets = st.sampled_from([15.0, 30.0])
places = st.integers(1, 5)


def practised(several: tuple[Chosen, ...], skill: int) -> float:
    """How far the refreshers practise a skill, all together."""
    return 1.0 - prod(1.0 - dict(each.offer.skills).get(skill, 0.0) for each in several)


@settings(max_examples=500)
@given(wants, offers, budgets, places)
def test_no_refresher_that_is_left_would_do_what_several_do(
    wanted: dict[int, Want], offered: list[Offer], budget: float, places: int
) -> None:
    """Nothing that was not given practises all that two or more of those that were do, in fewer minutes."""
    chosen, day = choose(wanted, offered, dict.fromkeys(wanted, 1.0), budget, places)
    given_now = {each.offer.refresher for each in chosen}

    assert day.minutes >= 0
    assert len(chosen) <= places
    for one in offered:
        for count in range(2, len(chosen) + 1):
            for several in combinations(chosen, count):
                assert (
                    one.refresher in given_now
                    or one.minutes >= sum(each.offer.minutes for each in several)
                    or any(dict(one.skills).get(skill, 0.0) < practised(several, skill) - 1e-9 for skill in SKILLS)
                )
