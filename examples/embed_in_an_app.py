"""reinforce inside of an application: the host's database, the host's tables, the host's transaction.

A small CRM closes a coaching call. What the coach saw becomes practice of two skills, in the same transaction as
the call itself: both are kept, or neither is.
"""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Column, DateTime, Engine, Integer, MetaData, String, Table, create_engine, insert, select

from reinforce import Learner, Outcome, PracticeEvent, PracticeKind, Reinforcer, Skill

crm = MetaData()
calls = Table(
    "call",
    crm,
    Column("id", Integer, primary_key=True),
    Column("seller", String, nullable=False),
    Column("account", String, nullable=False),
    Column("held_at", DateTime(timezone=True), nullable=False),
)


def set_up(engine: Engine) -> None:
    """Make the host's tables and ours, and tell reinforce who practises what."""
    crm.create_all(engine)
    reinforcer = Reinforcer(engine)
    reinforcer.upgrade()
    reinforcer.define(
        Skill("discovery", "Discovery questions"),
        Skill("price", "Price objections", encompasses={"discovery": 0.3}),
        Learner("anna", "Anna Lindqvist", time_zone="Europe/Stockholm"),
        Learner("maya", "Maya Brandt", time_zone="Europe/Berlin"),
    )


def close_call(engine: Engine, seller: str, account: str, held_at: datetime, levels: dict[str, int]) -> None:
    """Keep a call and what its coach saw, on a rubric from 0 to 4."""
    with engine.begin() as connection:  # the host's transaction; reinforce never ends it
        call_id = connection.execute(
            insert(calls).values(seller=seller, account=account, held_at=held_at).returning(calls.c.id)
        ).scalar_one()
        Reinforcer(connection).record(
            PracticeEvent(
                learner=seller,
                occurred_at=held_at,
                outcomes={skill: Outcome.rubric(level, of=4) for skill, level in levels.items()},
                kind=PracticeKind.OBSERVED,
                source="crm",
                external_id=f"call-{call_id}",
                assessor="maya",
                context={"account": account},
            )
        )


def main() -> None:
    with TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{Path(folder) / 'crm.db'}")
        set_up(engine)
        close_call(engine, "anna", "Nordlys AS", datetime(2026, 3, 2, 14, tzinfo=UTC), {"price": 3, "discovery": 1})
        try:
            close_call(engine, "anna", "Nordlys AS", datetime(2026, 3, 3, 9, tzinfo=UTC), {"juggling": 4})
        except LookupError as problem:
            print(f"the second call was not kept: {problem}")

        with engine.connect() as connection:
            print(f"calls kept: {len(connection.execute(select(calls)).all())}")
        for skill in Reinforcer(engine).due("anna", at=datetime(2026, 3, 9, 9, tzinfo=UTC)):
            print(f"{skill.title}: {skill.retrievability:.0%} left, due {skill.due}")
        engine.dispose()


if __name__ == "__main__":
    main()
