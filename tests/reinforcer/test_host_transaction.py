"""Within a host's connection nothing is ours to commit or to roll back."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, text

from reinforce import (
    EventConflict,
    Forgetting,
    Learner,
    ReinforceError,
    Reinforcer,
    Skill,
    UnknownLearner,
    UnknownSkill,
)
from reinforcer.world import NOW, everything, is_truth, opened, practice, settle


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """The host's engine, with a table of the host's beside ours."""
    with opened(database_url) as door:
        settle(door)
        door.record(practice(id="before"))
    made = create_engine(database_url)
    with made.begin() as connection:
        connection.execute(text("CREATE TABLE invoice (number TEXT)"))
    yield made
    made.dispose()


def bill(host: Connection, number: str) -> None:
    """Write a row of the host's."""
    host.execute(text("INSERT INTO invoice VALUES (:number)"), {"number": number})


def seen(engine: Engine) -> tuple[Mapping[str, Any], list[str]]:
    """Our rows and the host's, as anybody else sees them."""
    with engine.connect() as connection:
        return everything(connection), list(connection.scalars(text("SELECT number FROM invoice ORDER BY number")))


WRITES: dict[str, Callable[[Reinforcer], object]] = {
    "define": lambda r: r.define(Skill("new"), Learner("dee")),
    "define a retention": lambda r: r.define(Skill("price", desired_retention=0.95)),
    "record": lambda r: r.record(practice(id="1"), at=NOW),
    "record_many": lambda r: r.record_many([practice(id=f"{n}", days=n % 9) for n in range(200)], at=NOW),
    "void": lambda r: r.void("app", "before", reason="mistaken"),
    "correct": lambda r: r.void("app", "before", reason="mistaken", replacement=practice(rating=1)),
    "adopt": lambda r: r.adopt(Forgetting(maximum_interval_days=30)),
    "replay": lambda r: r.replay(rederive=True),
    "erase": lambda r: r.erase("ann"),
    "a new tenant": lambda r: Reinforcer(r._store.database._connection or "", tenant="new").define(Skill("new")),
}


@pytest.mark.parametrize("name", WRITES)
def test_every_write_is_the_hosts_to_keep_or_drop(engine: Engine, name: str) -> None:
    """What each writing call wrote is gone after the host's rollback, and kept after its commit; never before."""
    ended: list[str] = []
    event.listen(engine, "commit", lambda _: ended.append("commit"))
    event.listen(engine, "rollback", lambda _: ended.append("rollback"))
    before = seen(engine)
    with engine.connect() as host:
        bill(host, "1")
        ended.clear()
        WRITES[name](Reinforcer(host))
        assert ended == []
        within = everything(host)
        host.rollback()
    assert seen(engine) == before
    if name != "replay":
        assert within != before[0]
    with engine.connect() as host:
        bill(host, "1")
        WRITES[name](Reinforcer(host))
        if engine.dialect.name == "postgresql":
            assert seen(engine) == before
        bill(host, "2")
        host.commit()
    after, bills = seen(engine)
    assert bills == ["1", "2"]
    assert (after != before[0]) == (name != "replay")


ERRORS: list[tuple[type[ReinforceError], Callable[[Reinforcer], object]]] = [
    (UnknownLearner, lambda r: r.record(practice("nobody", id="1"))),
    (EventConflict, lambda r: r.record_many([practice(id="1"), practice(rating=1, id="before")])),
    (UnknownSkill, lambda r: r.void("app", "before", reason="?", replacement=practice(skill="juggling"))),
    (UnknownSkill, lambda r: r.define(Skill("new"), Skill("price", prerequisites=("juggling",)))),
    (UnknownLearner, lambda r: r.due("nobody")),
    (UnknownLearner, lambda r: r.why("nobody", "price")),
    (UnknownLearner, lambda r: r.erase("nobody")),
]


@pytest.mark.parametrize(("kind", "call"), ERRORS)
def test_an_error_leaves_the_hosts_half(
    engine: Engine, kind: type[ReinforceError], call: Callable[[Reinforcer], object]
) -> None:
    """After an error of ours the host's transaction goes on, with all of the host's half and nothing of ours."""
    before, _ = seen(engine)
    with engine.connect() as host:
        bill(host, "1")
        with pytest.raises(kind):
            call(Reinforcer(host))
        bill(host, "2")
        host.commit()
    assert seen(engine) == (before, ["1", "2"])


def test_several_calls_in_one_transaction(engine: Engine) -> None:
    """Calls see what earlier ones wrote in the same transaction, an error between them takes only its own half."""
    with engine.begin() as host:
        reinforcer = Reinforcer(host)
        reinforcer.define(Learner("dee"))
        assert reinforcer.record(practice("dee", "deal", id="1"), at=NOW).is_new
        with pytest.raises(EventConflict):
            reinforcer.record(practice("dee", "deal", 1, id="1"), at=NOW)
        assert not reinforcer.record(practice("dee", "deal", id="1"), at=NOW).is_new
        assert {one.skill for one in reinforcer.due("dee", at=NOW)} == {"deal", "pitch", "price", "listen"}
    with engine.connect() as host:
        is_truth(Reinforcer(host))
