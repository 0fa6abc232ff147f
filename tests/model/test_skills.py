"""Skills that need and contain one another."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.errors import CircularReference
from reinforce.model.skills import SMALLEST_CREDIT, Skill, check_acyclic, implicit_practice

Edges = dict[str, list[str]]


@st.composite
def acyclic_graphs(draw: st.DrawFn) -> Edges:
    """Edges that only lead from earlier to later names, in any order."""
    names = draw(st.permutations([f"s{n}" for n in range(draw(st.integers(1, 12)))]))
    edges = {
        name: draw(st.lists(st.sampled_from(names[place + 1 :]), max_size=4)) if names[place + 1 :] else []
        for place, name in enumerate(names)
    }
    return {name: edges[name] for name in draw(st.permutations(names))}


def path_between(edges: Edges, start: str, end: str) -> bool:
    """Whether one leads to the other."""
    seen, todo = set(), [start]
    while todo:
        name = todo.pop()
        if name == end:
            return True
        if name not in seen:
            seen.add(name)
            todo += edges.get(name, [])
    return False


@st.composite
def families(draw: st.DrawFn) -> list[Skill]:
    """Skills that encompass one another, in circles too."""
    names = [f"s{n}" for n in range(draw(st.integers(1, 7)))]
    weights = st.sampled_from([0.05, 0.2, 0.5, 0.9, 1.0]) | st.floats(0, 1, exclude_min=True)
    return [
        Skill(name, encompasses=draw(st.dictionaries(st.sampled_from(names), weights, max_size=4))) for name in names
    ]


@given(edges=acyclic_graphs())
def test_what_has_no_circle_passes(edges: Edges) -> None:
    """Prerequisites that never lead back are accepted in any order."""
    check_acyclic(edges, "prerequisites")


@given(edges=acyclic_graphs(), data=st.data())
def test_a_link_back_is_refused_and_the_circle_named(edges: Edges, data: st.DataObject) -> None:
    """A link that closes a circle is found, and the error walks around it, link by link."""
    start = data.draw(st.sampled_from(sorted(edges)))
    end = data.draw(st.sampled_from([name for name in sorted(edges) if path_between(edges, start, name)]))
    closed = edges | {end: [*edges[end], start]}
    with pytest.raises(CircularReference, match=r"^prerequisites go in a circle: ") as refusal:
        check_acyclic(closed, "prerequisites")
    circle = str(refusal.value).partition(": ")[2].partition(";")[0].split(" → ")

    assert circle[0] == circle[-1]
    assert len(set(circle)) == len(circle) - 1
    assert all(later in closed[earlier] for earlier, later in pairwise(circle))


def test_a_skill_that_needs_itself_is_a_circle() -> None:
    """The smallest circle is refused too, with what to do about it."""
    with pytest.raises(CircularReference, match="in a circle: closing → closing; take one of these links out"):
        check_acyclic({"closing": ["closing"]}, "prerequisites")


def test_a_long_chain_is_no_circle() -> None:
    """Depth is no limit: ten thousand skills in a row are checked without recursion."""
    check_acyclic({f"s{n}": [f"s{n + 1}"] for n in range(10_000)}, "parents")


def test_weights_multiply_along_a_path() -> None:
    """Half of a half is a quarter, and of two ways the stronger counts."""
    skills = [
        Skill("negotiation", encompasses={"pricing": 0.5, "listening": 0.1}),
        Skill("pricing", encompasses={"listening": 0.5}),
        Skill("listening"),
    ]

    assert implicit_practice(skills) == {
        "negotiation": {"pricing": 0.5, "listening": 0.25},
        "pricing": {"listening": 0.5},
    }


def test_a_trace_of_practice_is_none() -> None:
    """A path ends where its weight falls below the smallest credit."""
    skills = [Skill("a", encompasses={"b": 0.2}), Skill("b", encompasses={"c": 0.2}), Skill("c")]

    assert implicit_practice(skills)["a"] == {"b": 0.2}


@given(skills=families())
def test_credit_is_a_share_and_never_ones_own(skills: list[Skill]) -> None:
    """Implicit practice weighs from the smallest credit to 1 and never includes the practised skill."""
    for key, reach in implicit_practice(skills).items():
        assert key not in reach
        assert all(SMALLEST_CREDIT <= weight <= 1 for weight in reach.values())


@given(skills=families())
def test_the_strongest_path_counts(skills: list[Skill]) -> None:
    """Each weight is the largest product along any path, as found by trying all of them."""
    direct = {skill.key: skill.encompasses for skill in skills}

    def walk(key: str, credit: float, visited: frozenset[str]) -> None:
        for target, share in direct[key].items():
            if target not in visited and credit * share >= SMALLEST_CREDIT:
                best[target] = max(best.get(target, 0.0), credit * share)
                walk(target, credit * share, visited | {target})

    for start in direct:
        best: dict[str, float] = {}
        walk(start, 1.0, frozenset({start}))

        assert implicit_practice(skills).get(start, {}) == best


def test_many_skills_are_no_burden() -> None:
    """A thousand skills that encompass twenty others each are worked out, however their paths cross."""
    dice = random.Random(5)
    names = [f"s{n}" for n in range(1000)]
    skills = [
        Skill(name, encompasses={other: dice.uniform(0.3, 1) for other in dice.sample(names, 20)})
        for name in names[:50]
    ]

    assert len(implicit_practice(skills)) == 50
