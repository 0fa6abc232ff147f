"""The closes of a tenant's calibration: sealed, learned, put in force, and learned again from the log.

A close is made in steps, so that nobody who records waits for the learning, and whoever is killed between two of them
leaves something that the next one goes on with:

1. `seal`: what is recorded from now on belongs to the next close. The tenant is locked, so that all who were
   recording have ended, and their reviews are in the log.
2. `learn`: read and worked out beside everybody else. What a sealed close learns from does not change any more.
3. `put_in_force`: the tenant is locked, and what was learned replaces what was.
4. due days are moved, some learners at a time; see `moving`.
"""

import json
from collections.abc import Sequence
from hashlib import blake2b
from uuid import uuid4

import numpy as np
from attrs import asdict, evolve, frozen

from reinforce.forgetting.calibration import EFFECTS, Calibration, Offsets
from reinforce.forgetting.closing import Closes, Lessons, Scores, learn_close
from reinforce.forgetting.curve import Ints
from reinforce.forgetting.foresight import View
from reinforce.forgetting.groups import places_among
from reinforce.forgetting.parameters import Forgetting
from reinforce.store.calibration_tables import DIGEST_BYTES
from reinforce.store.course import FIRST_CLOSE
from reinforce.store.driver import Driver
from reinforce.store.generation import (
    ASSESSOR,
    LATELY,
    LEARNER,
    SKILL,
    Generation,
    Sight,
    calibration_in,
    document_of,
    number_in,
)
from reinforce.store.lessons import Subjects, all_lessons, lessons_of

LONG_AGO = -(2**31)
_OFFSETS = ("tenant_id", "effect", "subject_id", "value", "information", "day")
_REPLACE = (
    "(tenant_id, effect, subject_id) DO UPDATE SET"
    " value = excluded.value, information = excluded.information, day = excluded.day"
)


@frozen
class Standing:
    """Where a tenant's calibration stands.

    Attributes:
        is_on: whether it is to move due days.
        open_close: number of the close that will learn what is recorded now.
        stamp: see `Course`.
        moved_through: due days were moved of all learners up to this number; None: of all.
        document: what all pairs share after the last close that was put in force; None: there was none.
    """

    is_on: bool = True
    open_close: int = FIRST_CLOSE
    stamp: bytes | None = None
    moved_through: int | None = None
    document: str | None = None

    @property
    def number(self) -> int:
        """The last close that was put in force; 0: none was."""
        return number_in(self.document)


@frozen
class Close:
    """One close of a tenant's calibration.

    Attributes:
        closed_at: in microseconds.
        digest: stands for all that was learned up to it; None: it was not put in force yet.
        scores: how well its reviews were predicted; None likewise.
    """

    number: int
    closed_at: int
    digest: bytes | None
    scores: Scores | None


@frozen(eq=False)
class Learned:
    """What a close has learned, not in force yet.

    Attributes:
        state: the calibration after it; of whom it did not learn, nothing is in it.
        since: the last day that was learned before it; what was learned of a subject later is new.
        subjects: whom and what its numbers stand for.
        close: with its digest and scores.
    """

    state: Calibration
    since: int
    subjects: Subjects
    close: Close


def standing(driver: Driver, tenant_id: int) -> Standing:
    """Where a tenant's calibration stands."""
    rows = driver.rows(
        "SELECT is_on, open_close, stamp, moved_through, document FROM {calibration} WHERE tenant_id = ?", tenant_id
    )
    if not rows:
        return Standing()
    is_on, *others = rows[0]
    return Standing(bool(is_on), *others)


def closes(driver: Driver, tenant_id: int) -> list[Close]:
    """All closes of a tenant, the first one first."""
    rows = driver.rows(
        "SELECT number, closed_at, digest, scores FROM {calibration_close} WHERE tenant_id = ? ORDER BY number",
        tenant_id,
    )
    return [
        Close(number, closed_at, digest, Scores(**json.loads(text)) if text else None)
        for number, closed_at, digest, text in rows
    ]


def keep(driver: Driver, tenant_id: int, kept: Standing) -> None:
    """Write where a tenant's calibration stands."""
    columns = ("tenant_id", "is_on", "open_close", "stamp", "moved_through", "document")
    row = (tenant_id, int(kept.is_on), kept.open_close, kept.stamp, kept.moved_through, kept.document)
    replace = ", ".join(f"{name} = excluded.{name}" for name in columns[1:])
    driver.upsert("calibration", columns, [row], f"(tenant_id) DO UPDATE SET {replace}")


def has_practice(driver: Driver, tenant_id: int, number: int) -> bool:
    """Whether anything was recorded that a close could learn."""
    return bool(
        driver.rows(
            "SELECT 1 FROM {learner} l JOIN {memory} m ON m.learner_id = l.id"
            " WHERE l.tenant_id = ? AND m.generation >= ? LIMIT 1",
            tenant_id,
            number,
        )
    )


def seal(driver: Driver, tenant_id: int, now: int) -> None:
    """Begin a close; the tenant is locked."""
    stands = standing(driver, tenant_id)
    driver.insert("calibration_close", ("tenant_id", "number", "closed_at"), [(tenant_id, stands.open_close, now)])
    keep(driver, tenant_id, evolve(stands, open_close=stands.open_close + 1))


def learn(driver: Driver, tenant_id: int, forgetting: Forgetting, stands: Standing) -> Learned:
    """What the first sealed close that is not in force yet learns; nothing is written."""
    number = stands.number + 1
    close = next(one for one in closes(driver, tenant_id) if one.number == number)
    before = next((one.digest for one in closes(driver, tenant_id) if one.number == number - 1), None)
    subjects = Subjects.of(driver, tenant_id)
    known = Closes.of(lessons_of(driver, tenant_id, subjects, number)).known_then(number)
    start = _with_offsets(driver, tenant_id, calibration_in(stands.document), subjects)
    after, scores = learn_close(start, forgetting, known, number)
    close = evolve(close, digest=_digest(before, after, known, number), scores=scores)
    return Learned(after, LONG_AGO if start.day is None else start.day, subjects, close)


def put_in_force(driver: Driver, tenant_id: int, learned: Learned) -> None:
    """Let due days be solved with what a close has learned; the tenant is locked, due days are still to be moved."""
    stands = standing(driver, tenant_id)
    subjects = Subjects.of(driver, tenant_id)
    present = set(subjects.people.tolist())
    rows = [row for row in _offset_rows(tenant_id, learned) if row[1] == SKILL or row[2] in present]
    driver.upsert("calibration_offset", _OFFSETS, rows, _REPLACE)
    _keep_close(driver, tenant_id, learned.close)
    document = document_of(learned.state, learned.close.number)
    keep(driver, tenant_id, with_stamp(evolve(stands, document=document)))


def with_stamp(stands: Standing) -> Standing:
    """The standing with a new generation in force, if it is to be; due days are to be moved from the first learner."""
    is_used = stands.is_on and stands.document is not None and calibration_in(stands.document).has_enough
    stamp = uuid4().bytes if is_used else None
    return evolve(stands, stamp=stamp, moved_through=0 if stamp or stands.stamp else stands.moved_through)


def relearned(
    driver: Driver, tenant_id: int, forgetting: Forgetting, through: int | None = None
) -> tuple[list[Close], Learned | None]:
    """What closes learn from the log alone, folded again in their order; nothing is written.

    Args:
        driver: within a transaction.
        tenant_id: whose.
        forgetting: parameters and caps.
        through: the number of the last; None: that which is in force.

    Returns:
        Each close, and what the last one has learned; None: there is none.
    """
    number = standing(driver, tenant_id).number if through is None else through
    if not number:
        return [], None
    subjects = Subjects.of(driver, tenant_id)
    lessons = Closes.of(all_lessons(driver, tenant_id, subjects))
    state = Calibration.new()
    again: list[Close] = []
    digest = None
    for close in closes(driver, tenant_id)[:number]:
        known = lessons.known_then(close.number)
        state, scores = learn_close(state, forgetting, known, close.number)
        digest = _digest(digest, state, known, close.number)
        again.append(evolve(close, digest=digest, scores=scores))
    return again, Learned(state, LONG_AGO, subjects, again[-1])


def relearn(driver: Driver, tenant_id: int, forgetting: Forgetting, through: int | None = None) -> None:
    """Learn closes again, with other parameters or from a log that came in; the tenant is locked.

    All memories are still to be replayed, or their due days are as they were. See `relearned`.
    """
    again, last = relearned(driver, tenant_id, forgetting, through)
    if last is not None:
        driver.run("DELETE FROM {calibration_offset} WHERE tenant_id = ?", tenant_id)
        for close in again:
            _keep_close(driver, tenant_id, close)
        put_in_force(driver, tenant_id, last)
        keep(driver, tenant_id, evolve(standing(driver, tenant_id), moved_through=None))


def take_up(driver: Driver, tenant_id: int, is_on: bool, closed_at: Sequence[int]) -> bool:
    """Take up the closes of another database; they are still to be learned. False: the tenant has closes of its own."""
    if standing(driver, tenant_id).open_close > FIRST_CLOSE:
        return False
    rows = [(tenant_id, number, moment) for number, moment in enumerate(closed_at, FIRST_CLOSE)]
    driver.insert("calibration_close", ("tenant_id", "number", "closed_at"), rows)
    keep(driver, tenant_id, Standing(is_on, FIRST_CLOSE + len(rows)))
    return True


def sight_with(driver: Driver, tenant_id: int, forgetting: Forgetting) -> Sight | None:
    """What due days would be solved with under other parameters; None: they would be FSRS's own."""
    stands = standing(driver, tenant_id)
    _, last = relearned(driver, tenant_id, forgetting) if stands.stamp else ([], None)
    if last is None or not last.state.has_enough:
        return None
    values: dict[int, dict[int, float]] = {LEARNER: {}, SKILL: {}}
    for _, effect, subject, value, *_ in _offset_rows(tenant_id, last):
        values.setdefault(effect, {})[subject] = value
    return Sight(Generation(last.close.number, View.of(last.state), values[SKILL]), values[LEARNER])


def _keep_close(driver: Driver, tenant_id: int, close: Close) -> None:
    scores = None if close.scores is None else json.dumps(asdict(close.scores))
    driver.run(
        "UPDATE {calibration_close} SET digest = ?, scores = ? WHERE tenant_id = ? AND number = ?",
        *(close.digest, scores, tenant_id, close.number),
    )


def _kinds_of_offsets(state: Calibration, subjects: Subjects) -> list[tuple[int, Offsets, Ints]]:
    """The offsets that have rows, by the number of the effect, with the subjects that they are of."""
    return [
        (LEARNER, state.offsets[LEARNER], subjects.people),
        (SKILL, state.offsets[SKILL], subjects.skills),
        (ASSESSOR, state.offsets[ASSESSOR], subjects.people),
        (LATELY, state.lately, subjects.people),
    ]


def _offset_rows(tenant_id: int, learned: Learned) -> list[tuple[int, int, int, float, float, int]]:
    rows = []
    for effect, offsets, numbers in _kinds_of_offsets(learned.state, learned.subjects):
        known = np.flatnonzero((offsets.information > 0)[1:] & (offsets.day > learned.since)[1:])
        columns = (numbers[known], offsets.value[known + 1], offsets.information[known + 1], offsets.day[known + 1])
        rows += [(tenant_id, effect, *row) for row in zip(*(column.tolist() for column in columns), strict=True)]
    return rows


def _with_offsets(driver: Driver, tenant_id: int, start: Calibration, subjects: Subjects) -> Calibration:
    """The calibration with what is stored of everybody."""
    rows = driver.rows(f"SELECT {', '.join(_OFFSETS[1:])} FROM {{calibration_offset}} WHERE tenant_id = ?", tenant_id)
    columns = [np.array(column) for column in zip(*rows, strict=True)] or [np.zeros(0)] * 5
    effect, subject, value, information, day = columns
    people, skills = len(subjects.people) + 1, len(subjects.skills) + 1
    sizes = {LEARNER: people, SKILL: skills, ASSESSOR: people, LATELY: people}
    found = {}
    for number, _, among in _kinds_of_offsets(start, subjects):
        offsets = Offsets.none(sizes[number])
        rows_of = np.flatnonzero(effect == number)
        places = places_among(subject[rows_of], among) + 1
        rows_of, places = rows_of[places > 0], places[places > 0]
        offsets.value[places] = value[rows_of]
        offsets.information[places] = information[rows_of]
        offsets.day[places] = day[rows_of]
        found[number] = offsets
    lately = found.pop(LATELY)
    offsets_of_all = tuple(found.get(number, start.offsets[number]) for number in range(len(EFFECTS)))
    return evolve(start, offsets=offsets_of_all, lately=lately)


def _digest(before: bytes | None, after: Calibration, known: Lessons, number: int) -> bytes:
    """A digest of what a close has learned and of the digest before it, the same in every database."""
    parts: list[bytes] = [before or b"", document_of(after, number).encode()]
    asked = known.take(np.flatnonzero((known.generation == number) & (known.implicit == 0)))
    for offsets, numbers in (
        (after.offsets[LEARNER], asked.learner),
        (after.offsets[SKILL], asked.skill),
        (after.offsets[ASSESSOR], asked.assessor),
        (after.lately, asked.learner),
    ):
        which = np.unique(numbers[numbers >= 0]) + 1
        parts += [offsets.value[which].tobytes(), offsets.information[which].tobytes(), offsets.day[which].tobytes()]
    return blake2b(b"".join(parts), digest_size=DIGEST_BYTES).digest()
