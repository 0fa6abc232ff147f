"""What a shard's learners remember and were given, as the store hands it over."""

from collections.abc import Iterable, Mapping
from typing import Any

import attrs
import numpy as np
from attrs import Attribute, field, frozen

from reinforce.errors import InvalidValue
from reinforce.forgetting.curve import Floats, Ints, retrievability
from reinforce.forgetting.parameters import Forgetting

MIDDLING_DIFFICULTY = 5.0


def _integers(values: Any) -> Ints:
    return np.asarray(values, dtype=np.int64)


def _reals(values: Any) -> Floats:
    return np.asarray(values, dtype=np.float64)


def _is_stability(_instance: object, _attribute: "Attribute[Any]", values: Floats) -> None:
    if not bool(np.all(np.isfinite(values) & (values > 0))):
        raise InvalidValue("MemoryRows.stability must be finite numbers of days above 0")


@frozen(eq=False)
class MemoryRows:
    """Memory rows as columns of equal length, in any order; one row for each learner and skill.

    Attributes:
        learner: position in the shard's list of learners.
        skill: number of the skill in the catalogue (`Catalogue.skill_number`).
        stability: days until the probability of recall falls to 0.9.
        last_day: the day that forgetting counts from, in days since 1970-01-01.
        due_day: the day on which it should be refreshed.
        difficulty: 1 (easy) to 10 (hard); it sharpens the order of a backlog. Without it all count as 5.
        recall: the probability of recall on the day that is planned; without it, it is FSRS's retrievability.
    """

    learner: Ints = field(converter=_integers)
    skill: Ints = field(converter=_integers)
    stability: Floats = field(converter=_reals, validator=_is_stability)
    last_day: Ints = field(converter=_integers)
    due_day: Ints = field(converter=_integers)
    difficulty: Floats = field(converter=_reals)
    recall: Floats = field(converter=_reals)

    @difficulty.default
    def _middling(self) -> Floats:
        return np.full(len(self.learner), MIDDLING_DIFFICULTY)

    @recall.default
    def _unknown(self) -> Floats:
        return np.full(len(self.learner), np.nan)

    def __attrs_post_init__(self) -> None:
        lengths = {len(column) for column in attrs.astuple(self, recurse=False)}
        if len(lengths) != 1:
            raise InvalidValue(f"MemoryRows must have columns of one length, not of {sorted(lengths)}")

    def __len__(self) -> int:
        return len(self.learner)

    def recall_on(self, day: int, forgetting: Forgetting) -> Floats:
        """The probability of recall of each row on the day that is planned."""
        plain = retrievability(np.maximum(day - self.last_day, 0), self.stability, forgetting.decay)
        return np.where(np.isnan(self.recall), plain, self.recall)

    @classmethod
    def of(cls, rows: Iterable[tuple[int, int, float, int, int]]) -> "MemoryRows":
        """The columns of rows (learner, skill, stability, last day, due day), all of middling difficulty."""
        columns = list(zip(*rows, strict=True)) or [()] * 5
        return cls(*columns)

    def sorted(self, learners: int, skills: int) -> "MemoryRows":
        """The same rows by learner, then skill.

        Args:
            learners: how many learners the shard has.
            skills: how many skills the catalogue has.

        Raises:
            InvalidValue: a row points outside of them, or there are two of one learner and skill.
        """
        _require_below(self.learner, learners, "learner")
        _require_below(self.skill, skills, "skill")
        order = np.lexsort((self.skill, self.learner))
        rows = self.take(order)
        if bool(np.any((np.diff(rows.learner) == 0) & (np.diff(rows.skill) == 0))):
            raise InvalidValue("MemoryRows hold two rows of one learner and skill")
        return rows

    def take(self, which: Ints) -> "MemoryRows":
        """The rows at these places."""
        return MemoryRows(*(column[which] for column in attrs.astuple(self, recurse=False)))


def _require_below(numbers: Ints, end: int, what: str) -> None:
    if len(numbers) and not (numbers.min() >= 0 and numbers.max() < end):
        raise InvalidValue(f"MemoryRows.{what} must be numbers from 0 to {end - 1}")


@frozen(eq=False)
class History:
    """What learners were given before the day that is planned.

    Attributes:
        open: for each learner's key, the keys of the refreshers that are open for them.
        last_given: for each learner's key, the last day on which they were given each refresher, in days since
            1970-01-01; days longer ago than every cool-down may be left out.
    """

    open: Mapping[str, frozenset[str]] = field(factory=dict)
    last_given: Mapping[str, Mapping[str, int]] = field(factory=dict)

    @classmethod
    def of(
        cls,
        open_now: Iterable[tuple[str, str]] = (),
        given: Iterable[tuple[str, str, int]] = (),
    ) -> "History":
        """The history of rows.

        Args:
            open_now: (learner, refresher) of each open assignment.
            given: (learner, refresher, day) of each recent assignment, open or not.
        """
        open_for: dict[str, set[str]] = {}
        for learner, refresher in open_now:
            open_for.setdefault(learner, set()).add(refresher)
        last_given: dict[str, dict[str, int]] = {}
        for learner, refresher, day in given:
            days = last_given.setdefault(learner, {})
            days[refresher] = max(day, days.get(refresher, day))
        return cls({learner: frozenset(keys) for learner, keys in open_for.items()}, last_given)
