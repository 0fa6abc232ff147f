"""A program that records practice when it is told to, so that tests can run several at once.

It says `ready`, waits for a line, records its share of the events and says how many it recorded.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from reinforce import Learner, Outcome, PracticeEvent, Reinforcer, Skill

BEGIN = datetime(2026, 1, 5, 8, tzinfo=UTC)
LATER = BEGIN + timedelta(days=2000)


def define(reinforcer: Reinforcer, learners: int, skills: int) -> None:
    """The people and skills of the events; each skill refreshes the next one implicitly."""
    reinforcer.define(
        *(Learner(f"learner-{number}") for number in range(learners)),
        *(
            Skill(f"skill-{number}", encompasses={f"skill-{number + 1}": 0.5} if number + 1 < skills else {})
            for number in range(skills)
        ),
        at=BEGIN,
    )


def practice(writer: int, writers: int, count: int, learners: int, skills: int) -> Iterator[PracticeEvent]:
    """A writer's share of the events: every so many hours one, so that the writers' events come in turn."""
    chance = Random(writer)
    for number in range(count):
        yield PracticeEvent(
            learner=f"learner-{chance.randrange(learners)}",
            occurred_at=BEGIN + timedelta(hours=5 * number, minutes=60 * writer // writers),
            outcomes={f"skill-{chance.randrange(skills)}": Outcome.rated(chance.choice((1, 2, 3, 3, 4)))},
            source=f"writer-{writer}",
            external_id=str(number),
        )


def main(url: str, writer: int, writers: int, count: int, batch: int, learners: int, skills: int) -> None:
    """Record, one by one if a batch is 1."""
    events = list(practice(writer, writers, count, learners, skills))
    with Reinforcer(url) as reinforcer:
        reinforcer.learners()  # opens the database
        say("ready")
        sys.stdin.readline()
        recorded = 0
        for first in range(0, count, batch):
            several = events[first : first + batch]
            if batch == 1:
                recorded += reinforcer.record(several[0], at=LATER).is_new
            else:
                # Backwards, so that the writers would meet each other's learners in the opposite order.
                recorded += reinforcer.record_many(several[:: 1 if writer % 2 else -1], at=LATER).recorded
        say(recorded)


def say(what: object) -> None:
    """Answer with a line."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
