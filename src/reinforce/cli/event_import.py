"""Events out of a file into the log: all of them, or with a file for the bad rows, all good ones.

Rows are read and recorded in batches inside of one transaction, so that a file may be larger than memory
and a process that is killed leaves nothing half done.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import IO

from attrs import define, field, frozen

from reinforce.cli.bad_rows import BadRows
from reinforce.errors import ImportRejected, UnknownLearner, UnknownSkill
from reinforce.exchange.events import read_events
from reinforce.exchange.formats import ImportSettings
from reinforce.exchange.rows import BadRow, GoodRow, Row
from reinforce.model.people import Learner
from reinforce.model.practice import PracticeEvent
from reinforce.model.skills import Skill
from reinforce.reinforcer import Reinforcer

BATCH = 10_000


@frozen
class Imported:
    """What became of the rows of a file; recorded, unchanged and rejected add up to rows.

    Attributes:
        learners: how many were defined because they were named.
        skills: likewise.
    """

    rows: int
    recorded: int
    unchanged: int
    rejected: int
    learners: int
    skills: int


@define
class Newcomers:
    """Defines learners and skills that a file names and that the tenant does not have.

    Attributes:
        time_zone: of new learners.
    """

    reinforcer: Reinforcer
    time_zone: str
    learners: int = 0
    skills: int = 0
    _known_learners: set[str] = field(init=False)
    _known_skills: set[str] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._known_learners = {one.key for one in self.reinforcer.all(Learner)}
        self._known_skills = {one.key for one in self.reinforcer.all(Skill)}

    def welcome(self, events: Iterable[PracticeEvent]) -> None:
        """Define whoever and whatever is new in these events."""
        learners: dict[str, Learner] = {}
        skills: dict[str, Skill] = {}
        for event in events:
            if event.learner not in self._known_learners:
                learners[event.learner] = Learner(key=event.learner, time_zone=self.time_zone)
            for outcome in event.outcomes:
                if outcome.skill not in self._known_skills:
                    skills[outcome.skill] = Skill(key=outcome.skill)
        if learners or skills:
            self.reinforcer.define(*learners.values(), *skills.values())
        self._known_learners |= learners.keys()
        self._known_skills |= skills.keys()
        self.learners += len(learners)
        self.skills += len(skills)


@define
class EventImport:
    """Takes the rows of one file.

    Attributes:
        reinforcer: works inside of a transaction that is rolled back if an error leaves `take`.
        bad: the rows that cannot be recorded.
        newcomers: None: who is unknown makes a bad row.
        at: the present moment.
    """

    reinforcer: Reinforcer
    bad: BadRows
    newcomers: Newcomers | None
    at: datetime
    rows: int = 0
    recorded: int = 0
    unchanged: int = 0
    is_missing_some: bool = False

    def take(self, stream: IO[bytes], settings: ImportSettings) -> Iterator[int]:
        """Record the rows of a stream; after each batch, how many rows have been read.

        Raises:
            ImportRejected: there are bad rows, and no file for them.
        """
        for batch in _batches(read_events(stream, settings.file, settings.mapping)):
            self._take(batch)
            yield self.rows
        if self.bad.are_in_the_way:
            hint = ", or --define to define the learners and skills that are missing" if self.is_missing_some else ""
            raise ImportRejected(
                f"{self.bad.count:,} of {self.rows:,} rows are bad, so nothing was imported; "
                f"mend them, or pass --rejects FILE to import the others{hint}",
                self.bad.reasons,
            )

    @property
    def summary(self) -> Imported:
        """What became of the rows so far."""
        newcomers = self.newcomers
        learners, skills = (newcomers.learners, newcomers.skills) if newcomers else (0, 0)
        return Imported(self.rows, self.recorded, self.unchanged, self.bad.count, learners, skills)

    def _take(self, batch: Sequence[Row]) -> None:
        good = [row for row in batch if isinstance(row, GoodRow)]
        events = [row.event for row in good]
        if self.newcomers is not None:
            self.newcomers.welcome(events)
        done = self.reinforcer.record_many(events, at=self.at, skip_faulty=True)
        bad = [row for row in batch if isinstance(row, BadRow)]
        self.is_missing_some |= any(isinstance(problem, UnknownLearner | UnknownSkill) for _, problem in done.faults)
        bad += [good[position].rejected(str(problem)) for position, problem in done.faults]
        self.bad.add(bad)
        self.rows += len(batch)
        self.recorded += done.recorded
        self.unchanged += done.unchanged


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
