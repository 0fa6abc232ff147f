"""The generation of the calibration that a tenant's due days are solved with."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
from attrs import frozen

from reinforce.forgetting.calibration import EFFECTS, WIDTH, Calibration, Offsets, Tuning
from reinforce.forgetting.curve import Floats, retrievability
from reinforce.forgetting.foresight import Seen, SingleStanding, View, expected, expected_single
from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.single import Single, retrievability_single
from reinforce.forgetting.states import States
from reinforce.store.driver import Driver

LEARNER, SKILL, KIND, ASSESSOR = (EFFECTS.index(name) for name in ("learner", "skill", "kind", "assessor"))
LATELY = len(EFFECTS)
"""Stands beside the numbers of `EFFECTS` in `calibration_offset.effect`."""
GENERATIONS_KEPT = 64

JOIN_OFFSET = (
    f" LEFT JOIN {{calibration_offset}} o ON o.tenant_id = t.id AND o.effect = {LEARNER} AND o.subject_id = l.id"
)
"""Of a query of a tenant `t` and a learner `l`: `o.value` is what is added for the learner, or NULL."""


Rows = tuple[Sequence[tuple[int, int]], States]


@frozen(eq=False)
class Generation:
    """What a close has left, as far as due days need it.

    Attributes:
        number: of the close.
        view: what all pairs share.
        skills: the offset of each skill, by number.
    """

    number: int
    view: View
    skills: Mapping[int, float]


@frozen(eq=False)
class Sight:
    """A generation, and the learners that it is to look at.

    Attributes:
        generation: that due days are solved with.
        learners: the offset of each learner, by number; who is not in it has none.
    """

    generation: Generation
    learners: Mapping[int, float]

    def offset(self, learner_id: int, skill_id: int) -> float:
        """What is added for a pair."""
        return self.learners.get(learner_id, 0.0) + self.generation.skills.get(skill_id, 0.0)

    def seen(self, pairs: Sequence[tuple[int, int]]) -> Seen:
        """Pairs of learners and skills as it sees them, in their order."""
        learners, skills = self.learners, self.generation.skills
        return Seen(
            self.generation.view,
            np.array([learners.get(learner, 0.0) for learner, _ in pairs], dtype=np.float64),
            np.array([skills.get(skill, 0.0) for _, skill in pairs], dtype=np.float64),
        )


def recall(forgetting: Forgetting, sight: Sight | None, rows: Rows, elapsed: Floats) -> Floats:
    """The probability of recall of memories, each after so many days without practice.

    Args:
        forgetting: gives the curve.
        sight: of their learners; None: it is FSRS's retrievability.
        rows: pairs of learner and skill, and their states.
        elapsed: days since what forgetting counts from.
    """
    pairs, states = rows
    if sight is None:
        return retrievability(elapsed, states.stability, forgetting.decay)
    return expected(sight.generation.view, forgetting, sight.seen(pairs).standing(states), elapsed)


def recall_single(forgetting: Forgetting, sight: Sight | None, pair: tuple[int, int], state: Single, day: int) -> float:
    """The probability of recall of one memory on a day; see `recall`."""
    if sight is None:
        return retrievability_single(forgetting, state, day)
    standing = SingleStanding(
        state.stability, state.difficulty, state.reviews, state.passes, state.days, sight.offset(*pair)
    )
    return expected_single(sight.generation.view, forgetting, standing, day - state.last_day)


def document_of(calibration: Calibration, number: int) -> str:
    """The JSON that stands for what all pairs of a tenant share after a close."""
    kinds = calibration.offsets[KIND]
    return json.dumps(
        {
            "number": number,
            "day": calibration.day,
            "slopes": calibration.slopes.tolist(),
            "information": calibration.information.tolist(),
            "losses": calibration.losses.tolist(),
            "scored": calibration.scored,
            "kinds": [kinds.value.tolist(), kinds.information.tolist(), kinds.day.tolist()],
        },
        separators=(",", ":"),
    )


def number_in(document: str | None) -> int:
    """The close after which a document was written; 0: there was none."""
    return 0 if document is None else int(json.loads(document)["number"])


def calibration_in(document: str | None) -> Calibration:
    """The calibration of a document; of learners, skills and assessors it knows nothing yet."""
    if document is None:
        return Calibration.new()
    data = json.loads(document)
    kinds = Offsets(*(np.array(column, dtype=kind) for column, kind in zip(data["kinds"], "ddq", strict=True)))
    nobody = Offsets.none(0)
    return Calibration(
        Tuning(),
        data["day"],
        np.array(data["slopes"]),
        np.array(data["information"]).reshape(WIDTH, WIDTH),
        tuple(kinds if effect == KIND else nobody for effect in range(len(EFFECTS))),
        nobody,
        np.array(data["losses"]),
        data["scored"],
    )


_kept: dict[bytes, Generation] = {}


def generation(driver: Driver, tenant_id: int, stamp: bytes) -> Generation:
    """The generation of a stamp; kept, because every record asks for it. A stamp is never given twice."""
    found = _kept.get(stamp)
    if found is None:
        ((document,),) = driver.rows("SELECT document FROM {calibration} WHERE tenant_id = ?", tenant_id)
        skills = driver.rows(
            "SELECT subject_id, value FROM {calibration_offset} WHERE tenant_id = ? AND effect = ?", tenant_id, SKILL
        )
        found = Generation(number_in(document), _view(document), dict(skills))
        while len(_kept) >= GENERATIONS_KEPT:
            _kept.pop(next(iter(_kept)))
        _kept[stamp] = found
    return found


def kept_generation(stamp: bytes) -> Generation | None:
    """The same for those who hold no lock, to whom a close could show half of two generations; None: it is not kept."""
    return _kept.get(stamp)


@lru_cache(maxsize=GENERATIONS_KEPT)
def _view(document: str) -> View:
    return View.of(calibration_in(document))


def sight(driver: Driver, tenant_id: int, stamp: bytes | None, learners: Collection[int] | None = None) -> Sight | None:
    """The generation of a stamp, to look at learners; None: due days are FSRS's own.

    Args:
        driver: to read with.
        tenant_id: whose.
        stamp: see `Course`.
        learners: their numbers; None: all of the tenant.
    """
    if stamp is None:
        return None
    which = "" if learners is None else " AND subject_id {in}"
    found = driver.rows(
        "SELECT subject_id, value FROM {calibration_offset} WHERE tenant_id = ? AND effect = ?" + which,
        *(tenant_id, LEARNER),
        *(() if learners is None else (driver.many(learners),)),
    )
    return sight_of(driver, tenant_id, stamp, found)


def sight_of(
    driver: Driver, tenant_id: int, stamp: bytes | None, learners: Iterable[tuple[int, float | None]]
) -> Sight | None:
    """The same, of learners whose offsets were read already, such as by `JOIN_OFFSET`; None: who has none."""
    if stamp is None:
        return None
    return Sight(generation(driver, tenant_id, stamp), {number: value for number, value in learners if value})


def present_sight(driver: Driver, tenant_id: int, learners: Collection[int] | None = None) -> Sight | None:
    """What due days are solved with at present; None: they are FSRS's own."""
    rows = driver.rows("SELECT stamp FROM {calibration} WHERE tenant_id = ?", tenant_id)
    return sight(driver, tenant_id, rows[0][0], learners) if rows else None
