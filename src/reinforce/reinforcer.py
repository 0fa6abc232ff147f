"""The front door: record practice, ask what is due and why, replay, erase.

What a call needs and not every process makes is imported in the call, see docs/decisions/0017-start-up.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self, TypeVar

from reinforce.errors import InvalidValue
from reinforce.forgetting.parameters import Forgetting
from reinforce.model.checks import require_count, require_date, require_key, to_micros
from reinforce.model.days import day_number
from reinforce.model.memory import DueSkill, Erased, Forecast, MemoryState, Recorded, RecordedMany, Replayed, Why
from reinforce.model.people import Learner
from reinforce.model.plans import Assignment, AssignmentStatus, Plan, PlanningRules
from reinforce.model.practice import PracticeEvent
from reinforce.model.rating_policy import RatingPolicy
from reinforce.moments import FUTURE_TOLERANCE, present, present_micros
from reinforce.store.database import Target
from reinforce.store.locks import lock_definitions, lock_tenant
from reinforce.store.session import Session, Store

if TYPE_CHECKING:
    from reinforce.calibrating import CalibrationDoor
    from reinforce.exchange.fsrs_log import FsrsLog
    from reinforce.exchange.lines import Source
    from reinforce.feeds.door import Feeds
    from reinforce.forgetting.comparison import Split
    from reinforce.forgetting.evaluation import Evaluation
    from reinforce.forgetting.scenarios import Scenario
    from reinforce.forgetting.simulation import SimulationResult
    from reinforce.intake.door import StatementsIn
    from reinforce.model.definitions import Thing
    from reinforce.parameter_sets import Parameters
    from reinforce.practising import Practice
    from reinforce.publishing.publisher import Publisher
    from reinforce.statements.settings import XapiSettings
    from reinforce.store.catalogue import Defined

T = TypeVar("T")

DEFAULT_TENANT = "default"
MOST_DAYS = 36500
MOST_EVENTS = 1_000_000


class Reinforcer:
    """Records what people practise, and knows what they should refresh.

    Everything belongs to one tenant; nothing of another tenant can be read or written. A moment `at` is the
    present one unless it is given.

    Args:
        database: a URL (`sqlite:///practice.db`, `postgresql://…`), an `Engine`, or an open `Connection`, whose
            transaction is then neither committed nor rolled back.
        tenant: whose practice; created when something is first written for it.
        creates_tenant: False: `UnknownTenant` is raised for one that is not there, also where it is only read.
        schema: the PostgreSQL schema of the tables; None is the database's default.
        policy: makes ratings of outcomes.
        rules: by which plans are made.
        future_tolerance: how far ahead of `at` an event may lie, for clocks that differ.
        xapi: that what happens is told as xAPI statements, in the same transaction, and in whose name; None: it is
            not told.
    """

    def __init__(
        self,
        database: Target,
        *,
        tenant: str = DEFAULT_TENANT,
        creates_tenant: bool = True,
        schema: str | None = None,
        policy: RatingPolicy | None = None,
        rules: PlanningRules | None = None,
        future_tolerance: timedelta = FUTURE_TOLERANCE,
        xapi: XapiSettings | None = None,
    ) -> None:
        self.tenant = require_key(tenant, "tenant")
        self.policy = policy or RatingPolicy()
        self.rules = rules or PlanningRules()
        self.xapi = xapi
        self._store = Store(database, schema, self.tenant, creates_tenant=creates_tenant)
        self._future_tolerance = future_tolerance

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database, if it was given as a URL."""
        self._store.database.close()

    def upgrade(self) -> None:
        """Create the tables, or bring them up to date."""
        from reinforce.store.upgrade import upgrade

        upgrade(self._store.database)

    @property
    def feeds(self) -> Feeds:
        """What leaves as xAPI statements, and for where."""
        from reinforce.feeds.door import Feeds

        return Feeds(self._store, None if self.xapi is None else self.xapi.voice(self.tenant))

    # Definitions

    def define(self, *things: Thing, at: datetime | None = None) -> Defined:
        """Insert people, teams, calendars, skills, models, roles and refreshers, or replace those of the same key.

        All of them or none. A skill's new desired retention moves its due days at once.

        Raises:
            InvalidValue: something is defined twice.
            NotFound: something refers to what is not defined.
            CircularReference: skills or teams go in a circle.
        """
        from reinforce.store import history

        with self._store.write(present_micros(at)) as session:
            lock_definitions(session.driver, session.tenant_id)
            session.refresh()
            before = history.known_skills(session.driver, session.tenant_id)
            defined = session.catalogue.define(things)
            after = history.known_skills(session.driver, session.tenant_id)
            changed = [
                number for number, skill in before.items() if after[number].desired_retention != skill.desired_retention
            ]
            if changed:
                history.move_due_days(session.driver, session.tenant_id, session.parameters, changed)
            return defined

    def find(self, kind: type[T], key: str) -> T:
        """The definition of that kind and key, such as `find(Skill, "pricing")`; the latest version of a model.

        Raises:
            NotFound: UnknownLearner, UnknownSkill and so on.
        """
        with self._store.read() as session:
            return session.catalogue.find(kind, key)

    def all(self, kind: type[T]) -> list[T]:
        """Every definition of that kind, by key."""
        with self._store.read() as session:
            found = session.catalogue.all(kind)
            if not found:
                session.require_tenant()
            return found

    def learners(self, *, team: str | None = None) -> list[Learner]:
        """All learners, or those of a team and of the teams in it, by key."""
        if team is None:
            return self.all(Learner)
        from reinforce.store.teams import members

        with self._store.read() as session:
            return members(session.driver, self.tenant, team)

    # Practice

    def record(self, event: PracticeEvent, *, at: datetime | None = None) -> Recorded:
        """Write one event to the log and fold it into memory.

        Recorded again, the same (source, external id) changes nothing and says so.

        Raises:
            UnknownLearner, UnknownSkill, UnknownRefresher: it names what is not defined.
            FutureEvent: it has not happened yet.
            EventConflict: its external id stands for something else.
        """
        if self.xapi is None:
            from reinforce.practising import record_alone

            now = present(at)
            recorded = record_alone(self._store, self.policy, event, now, now + self._future_tolerance)
            if recorded is not None:
                return recorded
        with self._practice(at, getattr(event, "learner", None)) as practice:  # what is no event is told so there
            return practice.record(event)

    def record_many(
        self, events: Iterable[PracticeEvent], *, at: datetime | None = None, skip_faulty: bool = False
    ) -> RecordedMany:
        """Write many events to the log and fold them into memory, in one transaction and in any order.

        Args:
            events: the more at once, the quicker each; some thousands are a good number.
            at: the present moment.
            skip_faulty: take the others if some cannot be recorded, and tell which; otherwise the first fault is
                raised and nothing is recorded.
        """
        batch = list(events)
        if not batch:
            present(at)
            return RecordedMany(0, 0, 0)
        with self._practice(at) as practice:
            return practice.record_many(batch, skip_faulty=skip_faulty)

    def void(
        self,
        source: str,
        external_id: str,
        *,
        reason: str,
        replacement: PracticeEvent | None = None,
        at: datetime | None = None,
    ) -> Recorded:
        """Take back an event's effect on memory; the event itself stays in the log, marked void.

        Args:
            source: of the event.
            external_id: of the event.
            reason: why, for the log.
            replacement: what should have been recorded; it takes over the event's source and external id. If that
                is what was recorded last, nothing is changed, so that a correction may be sent again; and if the
                event is void already, this is what counts from now on.
            at: the present moment.

        Returns:
            Of the voided event; of the replacement, if there is one.

        Raises:
            UnknownEvent: nothing was recorded with that id.
            EventConflict: it is void already, and there is no replacement.
        """
        with self._practice(at) as practice:
            return practice.void((source, external_id), reason, replacement)

    @contextmanager
    def _practice(self, at: datetime | None, learner: str | None = None) -> Iterator[Practice]:
        from reinforce.practising import Practice

        now = present(at)
        with self._store.write(to_micros(now), learner) as session:
            yield Practice(session, self.policy, now, now + self._future_tolerance, self._publisher(session, at))

    def _publisher(self, session: Session, at: datetime | None) -> Publisher | None:
        if self.xapi is None:
            return None
        from reinforce.publishing.publisher import publisher

        return publisher(session.driver, (session.tenant_id, self.tenant), self.xapi, lambda: present_micros(at))

    @property
    def statements(self) -> StatementsIn:
        """Statements of others, and the practice that they tell of."""
        from reinforce.intake.door import StatementsIn

        return StatementsIn(self._store, self.policy, self._future_tolerance, self.xapi)

    # Questions

    def due(self, learner: str, *, at: datetime | None = None, within_days: int = 0) -> list[DueSkill]:
        """What a learner should refresh today, or within some days; least remembered first."""
        from reinforce.store.reading import due_skills

        require_count(within_days, "within_days", MOST_DAYS)
        now = present(at)
        with self._store.read() as session:
            return due_skills(session.driver, self.tenant, learner, now, within_days)

    def memory(self, learner: str, skill: str) -> MemoryState | None:
        """What a learner remembers of a skill, as stored; None: never practised, so unknown."""
        from reinforce.store.reading import memory_of

        with self._store.read() as session:
            return memory_of(session.driver, self.tenant, learner, skill)

    def why(self, learner: str, skill: str, *, at: datetime | None = None, last: int = 10) -> Why:
        """Why a skill is due when it is: events, memory, parameters, and what each rating would do next.

        Args:
            learner: key of the person.
            skill: key of the skill.
            at: the moment to look from.
            last: how many of the last events to tell.
        """
        from reinforce.explaining import explanation

        require_count(last, "last", MOST_EVENTS)
        with self._store.read() as session:
            return explanation(session, learner, skill, present(at), last)

    def forecast(self, *, on: date, learner: str | None = None, team: str | None = None) -> list[Forecast]:
        """What a learner, or everyone in a team, will remember on a day without practice until then.

        Skills that their roles need and that they never practised are in it as unknown, and those practised later, too.
        """
        from reinforce.store.forecasts import forecasts

        if (learner is None) == (team is None):
            raise InvalidValue("forecast needs either learner=… or team=…")
        require_date(on, "on")
        with self._store.read() as session:
            return forecasts(session.driver, self.tenant, on, learner=learner, team=team)

    # Plans

    def plan(self, learner: str, *, on: date | None = None, at: datetime | None = None) -> Plan:
        """What a learner should refresh on a calendar day of theirs; computed, not written. See `plan_many`."""
        return self.plan_many([learner], on=on, at=at)[0]

    def plan_many(self, learners: Sequence[str], *, on: date | None = None, at: datetime | None = None) -> list[Plan]:
        """What some people should refresh on a calendar day of theirs; computed, not written.

        Args:
            learners: their keys, some thousands at the most; the plans come in the same order.
            on: the day; None: each learner's day of `at`.
            at: the present moment.

        Raises:
            UnknownLearner: the tenant has none of one of these keys.
        """
        from reinforce.daily import plans_on

        now, on = present(at), on and require_date(on, "on")
        with self._store.read() as session:
            people = session.catalogue.several(Learner, learners)
            plans = plans_on(session, people, on, now, self.rules)
            return [plans[learner] for learner in learners]

    def assignments(self, learner: str, *, status: AssignmentStatus | None = AssignmentStatus.OPEN) -> list[Assignment]:
        """What a learner was given, by day and in the order in which it should be taken; None: however it stands."""
        from reinforce.store.assignments import assignments_of

        with self._store.read() as session:
            return assignments_of(session.connection, session.tables, self.tenant, learner, status)

    def complete(self, assignment_id: str, *, at: datetime | None = None) -> Assignment:
        """Mark an assignment as done.

        Recording practice of its refresher does that too.

        Raises:
            NotFound: the tenant has no such assignment.
        """
        now = present(at)
        with self._store.write(to_micros(now)) as session:
            done = session.plans.complete(assignment_id, to_micros(now))
            if (told_by := self._publisher(session, at)) is not None:
                told_by.done([done], now)
            return done

    # The log

    @property
    def forgetting(self) -> Forgetting:
        """The parameters and caps that the tenant's memories are made with."""
        with self._store.read() as session:
            return session.parameters.forgetting

    def adopt(self, forgetting: Forgetting, *, at: datetime | None = None) -> Replayed:
        """Make memories with other parameters from now on, and replay the log with them.

        Due days are those that they give. To see beforehand what will change, and to have it spread so that nobody
        stands before a wall, go by `parameters`.
        """
        return self.parameters.adopt_as_they_are(forgetting, at=at)

    @property
    def calibration(self) -> CalibrationDoor:
        """What was learned of these people and skills beyond FSRS: let it learn, look at it, turn it off and on."""
        from reinforce.calibrating import CalibrationDoor

        return CalibrationDoor(self._store)

    @property
    def parameters(self) -> Parameters:
        """The tenant's parameter sets: fit, look at, adopt and roll back."""
        from reinforce.parameter_sets import Parameters

        return Parameters(self._store)

    def replay(
        self, learner: str | None = None, skill: str | None = None, *, write: bool = True, rederive: bool = False
    ) -> Replayed:
        """Fold the log again from its first event, and tell what differs from the stored memories.

        Args:
            learner: only this person's.
            skill: only this skill.
            write: put what the log gives in the place of what differs.
            rederive: first make all ratings and implicit practice again from the raw outcomes, under the present
                policy and skills; with `write` and for everyone only.
        """
        if rederive and not (write and learner is None and skill is None):
            raise InvalidValue(
                "rederive replaces everyone's reviews: it goes with write=True and without learner or skill"
            )
        from reinforce.replaying import rederive_reviews, replayed

        if not write:
            with self._store.read() as session:
                return replayed(session, learner, skill, write=False)
        with self._store.write(present_micros(None)) as session:
            lock_tenant(session.driver, session.tenant_id)
            session.refresh()
            if rederive:
                rederive_reviews(session, self.policy)
            return replayed(session, learner, skill, write=True)

    def remembered(self, learner: str, skill: str) -> MemoryState | None:
        """What a learner remembers of a skill, computed from the log alone; None: never practised."""
        from reinforce.replaying import remembered

        with self._store.read() as session:
            return remembered(session, learner, skill)

    def evaluate(self, *, split: Split | None = None, draws: int = 200, seed: int = 0) -> Evaluation:
        """How well the tenant's later reviews are predicted from what came before them, beside simpler models.

        Args:
            split: what is fitted on, and what is scored; None: `Split.TIME_SERIES`.
            draws: of the bootstrap that the intervals are from.
            seed: of the bootstrap.

        Raises:
            NotEnoughEvidence: there is too little to score, or all of it passed or failed.
        """
        from reinforce.forgetting.comparison import Split, compare
        from reinforce.store.log_columns import tenant_log

        with self._store.read() as session:
            log = tenant_log(session.driver, session.tenant_id)
        return compare(log, split or Split.TIME_SERIES, draws=draws, seed=seed)

    def simulate(
        self,
        team: str,
        scenario: Scenario | None = None,
        *,
        hires: int = 0,
        keep: Iterable[float] = (0.9,),
        seed: int = 0,
        at: datetime | None = None,
    ) -> SimulationResult:
        """What reinforcing a team would cost and keep, from how it stands; see `simulated_team`."""
        from reinforce.simulating import MOST_HIRES, simulated_team

        require_count(hires, "hires", MOST_HIRES)
        today = day_number(present(at).date())
        with self._store.read() as session:
            return simulated_team(session, team, scenario, hires=hires, today=today, keep=keep, seed=seed)

    def export(self, stream: IO[str]) -> dict[str, int]:
        """Write all that the tenant has as JSON lines; how many of each kind there were."""
        from reinforce.transfer import export_tenant

        with self._store.read() as session:
            return export_tenant(session, self.tenant, stream)

    def import_(self, source: Source, *, at: datetime | None = None) -> dict[str, int]:
        """Take up what `export` wrote, here or elsewhere: all of it, or nothing. Due days come out the same.

        Args:
            source: a path, or a stream of text or bytes.
            at: the present moment.

        Raises:
            InvalidFile: it is broken, cut off, or of a newer version.
            EventConflict: an event is there already with different content.
        """
        from reinforce.transfer import import_tenant

        now = present_micros(at)
        with self._store.write(now) as session:
            lock_tenant(session.driver, session.tenant_id)
            session.refresh()
            return import_tenant(session, self.tenant, source, now)

    def export_fsrs_log(self, stream: IO[str]) -> FsrsLog:
        """Write the reviews as JSON lines that py-fsrs and its optimiser load."""
        from reinforce.transfer import export_fsrs_log

        with self._store.read() as session:
            return export_fsrs_log(session, stream)

    def erase(self, learner: str, *, at: datetime | None = None) -> Erased:
        """Remove a person: practice, memories, assignments, and every direct identifier in any table.

        Other people's rows stay as they are; where their free text mentions the person, it is told.
        """
        from reinforce.store import erasure

        now = present(at)
        with self._store.write(to_micros(now)) as session:
            lock_tenant(session.driver, session.tenant_id)
            session.refresh()
            erased = erasure.erase(session, learner, to_micros(now))
            if (told_by := self._publisher(session, at)) is not None:
                told_by.erased(learner, now)
            return erased
