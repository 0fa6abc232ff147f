"""Ratings and implicit practice made again from the raw outcomes."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from attrs import evolve

from reinforce import Bands, InvalidValue, Outcome, PracticeEvent, Rating, RatingPolicy, Reinforcer, Skill
from reinforcer.world import MONDAY, NOW, SKILLS, everything, is_truth, log_and_memory, opened, practice, settle

SCORES = (0.3, 0.5, 0.65, 0.8)
STRICT = RatingPolicy(name="strict", version=2, scaled=Bands(passing=0.75))


@pytest.fixture
def reinforcer(database_url: str) -> Iterator[Reinforcer]:
    """The front door of the small world, with a log of scores."""
    with opened(database_url) as door:
        settle(door)
        door.record_many(scored(), at=NOW)
        yield door


def scored() -> list[PracticeEvent]:
    """One event for each score, of a skill that encompasses others."""
    return [
        PracticeEvent("ann", MONDAY + timedelta(days=day), {"deal": Outcome.scaled(score)}, external_id=f"{day}")
        for day, score in enumerate(SCORES)
    ]


def ratings(reinforcer: Reinforcer, skill: str = "deal") -> list[Rating | None]:
    """The ratings of a skill's reviews, oldest first."""
    return [review.rating for review in reinforcer.why("ann", skill, at=NOW).reviews][::-1]


def test_another_policy(reinforcer: Reinforcer, database_url: str) -> None:
    """After it the rows are those of a log that was recorded under the new policy, which the events name."""
    assert ratings(reinforcer) == [1, 1, 3, 3]
    with opened(database_url, policy=STRICT) as strict, opened(database_url, "fresh", policy=STRICT) as fresh:
        assert strict.replay().changed == 0
        replayed = strict.replay(rederive=True)
        assert replayed.written
        assert replayed.changed > 0
        assert ratings(strict) == [1, 1, 1, 3]
        is_truth(strict)
        settle(fresh)
        fresh.record_many(scored(), at=NOW)
        with strict._store.database.read() as connection:
            assert log_and_memory(connection, "default") == log_and_memory(connection, "fresh")
        assert strict.replay(rederive=True).changed == 0


def test_another_skill_graph(reinforcer: Reinforcer, database_url: str) -> None:
    """A changed graph counts for what comes, and for what was only once it is derived again."""
    assert set(reinforcer.record(evolve(scored()[3], external_id="x")).memory) == {"deal", "pitch", "price", "listen"}
    reinforcer.define(evolve(SKILLS[0], encompasses={"listen": 0.75}))
    assert len(ratings(reinforcer, "pitch")) == 3
    assert reinforcer.replay().changed == 0
    assert set(reinforcer.record(evolve(scored()[3], external_id="y")).memory) == {"deal", "listen"}
    replayed = reinforcer.replay(rederive=True)
    assert replayed.removed == 2
    assert reinforcer.memory("ann", "pitch") is None
    assert [review.weight for review in reinforcer.why("ann", "listen", at=NOW).reviews] == [0.75] * 4
    is_truth(reinforcer)
    with opened(database_url, "fresh") as fresh:
        settle(fresh)
        fresh.define(evolve(SKILLS[0], encompasses={"listen": 0.75}))
        fresh.record_many([*scored(), *(evolve(scored()[3], external_id=name) for name in "xy")], at=NOW)
        with fresh._store.database.read() as connection:
            assert log_and_memory(connection, "default") == log_and_memory(connection, "fresh")


def test_voided_events_stay_void(reinforcer: Reinforcer) -> None:
    """A voided event gets no reviews again, and its replacement gets its own."""
    reinforcer.void("app", "3", reason="mistaken")
    reinforcer.void(
        "app", "2", reason="mistaken", replacement=evolve(scored()[2], outcomes={"deal": Outcome.scaled(0)})
    )
    before = ratings(reinforcer)
    assert reinforcer.replay(rederive=True).changed == 0
    assert ratings(reinforcer) == before == [1, 1, 1]


def test_nothing_changed(reinforcer: Reinforcer) -> None:
    """Under the same policy and graph it changes no row."""
    reinforcer.record(practice("bo", "price", id="x", assessor="ann"))
    with reinforcer._store.database.read() as connection:
        before = everything(connection)
    replayed = reinforcer.replay(rederive=True)
    assert (replayed.changed, replayed.removed) == (0, 0)
    with reinforcer._store.database.read() as connection:
        assert everything(connection) == before


@pytest.mark.parametrize(
    "options", [{"write": False}, {"learner": "ann"}, {"skill": "deal"}, {"learner": "ann", "skill": "deal"}]
)
def test_it_is_for_everyone(reinforcer: Reinforcer, options: dict[str, object]) -> None:
    """Derived again is everything or nothing, and the error says so."""
    with pytest.raises(InvalidValue, match="it goes with write=True and without learner or skill"):
        reinforcer.replay(rederive=True, **options)  # type: ignore[arg-type]


def test_part_of_the_log(reinforcer: Reinforcer) -> None:
    """A replay of one pair, person or skill looks at that and nothing else."""
    reinforcer.define(Skill("listen"))
    reinforcer.record_many([practice("bo", "deal", 1, id="b1"), practice("bo", "price", id="b2")])
    assert reinforcer.replay("bo").pairs == 2
    assert reinforcer.replay("bo", "price").pairs == 1
    assert reinforcer.replay(skill="price").pairs == 2
    assert reinforcer.replay("cy").pairs == 0
    assert reinforcer.replay().pairs == 6
