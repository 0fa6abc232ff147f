"""What the doctor looks at: the database as a whole, then each tenant."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import available_timezones

import attrs
from attrs import frozen

from reinforce.cli.calibration import in_words
from reinforce.cli.database import faults
from reinforce.cli.output import counted, moment
from reinforce.errors import ReinforceError
from reinforce.feeds.door import FeedStatus
from reinforce.model.checks import from_micros
from reinforce.model.days import day_number
from reinforce.model.library import Refresher
from reinforce.model.skills import Skill
from reinforce.reinforcer import Reinforcer
from reinforce.store import health
from reinforce.store.database import Database
from reinforce.store.driver import Driver
from reinforce.store.feeds import FeedState
from reinforce.store.restored import is_of_another_server
from reinforce.store.statement_sources import StatementSource

SAMPLE = 50
"""So many learners' memories are held against the log."""

LATE_NIGHTLY = timedelta(hours=36)
LATE_DELIVERY = timedelta(hours=36)
CLOCK_TOLERANCE = timedelta(minutes=5)
NIGHTLY = "nightly"


@frozen
class Finding:
    """What the doctor found out.

    Attributes:
        tenant: None: it is about the whole installation.
        check: what was looked at.
        is_ok: False: there is something to do.
        says: how it is, and what to do.
        keys: what it is about, if it is about some of many.
    """

    tenant: str | None
    check: str
    is_ok: bool
    says: str
    keys: tuple[str, ...] = ()


# --- The installation ----------------------------------------------------------------------------


def examine_database(database: Database, at: datetime) -> Iterator[Finding]:
    """The findings about the database and the machine; nothing else can be looked at if one of the first fails."""
    from reinforce.store.upgrade import check

    yield _time_zones()
    try:
        status = check(database)
    except ReinforceError as problem:
        yield Finding(None, "database", False, str(problem))
        return
    yield Finding(None, "database", True, f"{database.url} answers")
    wrong = faults(status.current, status.head, is_newer=status.is_newer) or status.differences
    yield Finding(None, "tables", not wrong, "; ".join(wrong) or f"up to date, revision {status.current}")
    if status.is_current:
        with database.read() as connection:
            driver = Driver(connection, database.schema)
            yield from _journal(driver)
            yield _clock(driver, at)
            if is_of_another_server(driver):
                says = "it was restored from a dump of another server, and feeds miss statements: reinforce db upgrade"
                yield Finding(None, "statement log", False, says)


def _time_zones() -> Finding:
    count = len(available_timezones())
    if count > 1:
        return Finding(None, "time zones", True, f"{counted(count, 'zone')} known")
    return Finding(None, "time zones", False, "the IANA database is missing: pip install tzdata")


def _journal(driver: Driver) -> Iterator[Finding]:
    mode = health.journal_mode(driver)
    if mode is not None:
        says = "on: readers go on while one writes"
        if mode != "wal":
            says = f"off (journal mode {mode}): readers wait for writers; is the file on a network drive?"
        yield Finding(None, "write-ahead log", mode == "wal", says)


def _clock(driver: Driver, at: datetime) -> Finding:
    """The machine's clock beside the server's, or where there is none, beside the newest event."""
    other = health.server_clock(driver)
    if other is not None:
        apart = abs(at - other)
        says = f"{apart.total_seconds():.0f} s apart from the database's"
        return Finding(None, "clock", apart < CLOCK_TOLERANCE, says)
    newest = health.newest_practice(driver)
    if newest is not None and newest > at + CLOCK_TOLERANCE:
        return Finding(None, "clock", False, f"it says {moment(at)}, but there is practice of {moment(newest)}")
    return Finding(None, "clock", True, f"{moment(at)}, no practice is later")


# --- One tenant ----------------------------------------------------------------------------------


@frozen(eq=False)
class Patient:
    """A tenant under examination."""

    tenant: str
    reinforcer: Reinforcer
    driver: Driver
    at: datetime


@frozen
class Said:
    """What one check of a tenant says; see `Finding`."""

    is_ok: bool
    text: str
    keys: Sequence[str] = ()


def examine_tenant(patient: Patient) -> Iterator[Finding]:
    """The findings about one tenant."""
    for name, check in _CHECKS.items():
        try:
            said = check(patient)
        except ReinforceError as problem:
            said = Said(False, str(problem))
        yield Finding(patient.tenant, name, said.is_ok, said.text, tuple(said.keys))


def _contents(patient: Patient) -> Said:
    counts = attrs.astuple(health.counts_of(patient.driver, patient.tenant))
    return Said(True, ", ".join(counted(count, *name) for count, name in zip(counts, _COUNTED, strict=True)))


_COUNTED = (("learner",), ("skill",), ("refresher",), ("event",), ("memory", "memories"))


def _memories(patient: Patient) -> Said:
    """Hold the memories of some learners, evenly spread over all, against the log."""
    everyone = [one.key for one in patient.reinforcer.learners()]
    sample = everyone[:: max(1, len(everyone) // SAMPLE)][:SAMPLE]
    wrong = []
    for learner in sample:
        found = patient.reinforcer.replay(learner, write=False)
        if found.changed or found.removed:
            wrong.append(learner)
    who = f"{len(sample):,} of {counted(len(everyone), 'learner')}"
    if wrong:
        return Said(False, f"differ from the log for some of {who}: run `reinforce replay`", wrong)
    return Said(True, f"as the log gives them, for {who}")


def _roles(patient: Patient) -> Said:
    without = [one.key for one in patient.reinforcer.learners() if one.is_active and not one.roles]
    if without:
        says = f"{counted(len(without), 'learner')} without a role, and so without what it needs: import their roles"
        return Said(False, says, without)
    return Said(True, "every active learner has one")


def _library(patient: Patient) -> Said:
    skills = patient.reinforcer.all(Skill)
    groups = {one.parent for one in skills}
    practised = {key for one in patient.reinforcer.all(Refresher) for key in one.skills}
    without = [one.key for one in skills if one.key not in practised and one.key not in groups]
    if without:
        says = f"{counted(len(without), 'skill')} without a refresher, and so in no plan: import refreshers"
        return Said(False, says, without)
    return Said(True, "every skill has a refresher")


def _freshness(patient: Patient) -> Said:
    today = patient.at.date()
    expired = [one.key for one in patient.reinforcer.all(Refresher) if one.valid_until and one.valid_until < today]
    if expired:
        says = f"{counted(len(expired), 'refresher')} expired: renew or replace"
        return Said(False, says, expired)
    return Said(True, "no refresher has expired")


def _assignments(patient: Patient) -> Said:
    # A day of grace, because somewhere on earth it is still yesterday.
    yesterday = day_number(patient.at.date()) - 1
    count = health.forgotten_assignments(patient.driver, patient.tenant, yesterday)
    if count:
        says = f"{counted(count, 'assignment')} open past the last day: is the nightly run on?"
        return Said(False, says)
    return Said(True, "none is open past its last day")


def _nightly(patient: Patient) -> Said:
    run = health.last_run(patient.driver, patient.tenant, NIGHTLY)
    if run is None:
        has_people = bool(patient.reinforcer.learners())
        says = "never run: schedule `reinforce nightly`" if has_people else "never run, and nobody to plan for"
        return Said(not has_people, says)
    if run.finished_at is None:
        return Said(False, f"begun {moment(run.started_at)} and not finished: run `reinforce nightly` again")
    age = patient.at - run.finished_at
    says = f"finished {moment(run.finished_at)}, {_ago(age)}"
    if age > LATE_NIGHTLY:
        return Said(False, f"{says}: is it still scheduled?")
    return Said(True, says)


def _calibration(patient: Patient) -> Said:
    state, found = patient.reinforcer.calibration.state(), patient.reinforcer.calibration.drift()
    if state.is_moving:
        return Said(False, "due days are still to be moved: run `reinforce calibration learn`")
    if found is None:
        return Said(True, in_words(state))
    says = f"{_points(found.lately)} on the last {counted(found.reviews, 'scored review')}"
    if found.begun is not None:
        since = moment(patient.reinforcer.calibration.closes()[found.begun].closed_at)
        return Said(False, f"it has drifted since {since}: {says}; did people, material or assessors change?")
    return Said(True, f"{in_words(state)}; {says}")


def _points(error: float) -> str:
    return f"people passed {abs(error) * 100:.1f} points {'less' if error > 0 else 'more'} often than expected"


def _feeds(patient: Patient) -> Said:
    found = patient.reinforcer.feeds.all()
    ill = [(one.feed.name, said) for one in found if (said := _illness(one, patient.at)) is not None]
    if ill:
        return Said(False, "; ".join(said for _, said in ill), [name for name, _ in ill])
    return Said(True, f"{counted(len(found), 'feed')}, and nothing in the way" if found else "there are none")


def _illness(status: FeedStatus, at: datetime) -> str | None:
    """What is wrong with a feed, and what to do; None: it is well, or somebody wants it to wait."""
    feed, backlog = status.feed, status.backlog
    if feed.state is FeedState.PAUSED:
        return None
    if feed.state is FeedState.STALLED:
        then = "is tried again" if feed.retry_at else f"mend it, then `reinforce feed retry {feed.name}`"
        return f"{feed.name} is stalled ({feed.last_error}): {then}"
    if backlog.dead_letters:
        return f"{feed.name} has {counted(backlog.dead_letters, 'dead letter')}: see `reinforce feed show {feed.name}`"
    if backlog.oldest is not None and at - backlog.oldest > LATE_DELIVERY:
        return f"{feed.name} has not come to what was stored {_ago(at - backlog.oldest)}: is it still delivered?"
    return None


def _sources(patient: Patient) -> Said:
    found = patient.reinforcer.statements.sources.all()
    ill = [(one.name, said) for one in found if (said := _drought(one, patient.at)) is not None]
    if ill:
        return Said(False, "; ".join(said for _, said in ill), [name for name, _ in ill])
    return Said(True, f"{counted(len(found), 'source')}, and nothing in the way" if found else "there are none")


def _drought(source: StatementSource, at: datetime) -> str | None:
    """What is wrong with a source of statements, and what to do; None: it is well."""
    if source.trouble is not None:
        return f"{source.name} was stopped ({source.trouble}): mend it, then `reinforce statements pull {source.name}`"
    if source.pulled_at is not None and at - from_micros(source.pulled_at) > LATE_DELIVERY:
        return f"{source.name} was pulled {_ago(at - from_micros(source.pulled_at))}: is it still pulled?"
    return None


def _ago(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    return f"{counted(hours, 'hour')} ago" if hours > 0 else "less than an hour ago"


_CHECKS: Mapping[str, Callable[[Patient], Said]] = {
    "contents": _contents,
    "memories": _memories,
    "roles": _roles,
    "library": _library,
    "freshness": _freshness,
    "assignments": _assignments,
    "nightly run": _nightly,
    "calibration": _calibration,
    "feeds": _feeds,
    "sources": _sources,
}
