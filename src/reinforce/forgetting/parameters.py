"""FSRS-6's weights and the bounds that we put around what it computes."""

from collections.abc import Sequence
from typing import Any

from attrs import field, frozen
from fsrs import Scheduler

from reinforce.errors import InvalidValue
from reinforce.model.checks import is_flag, number, whole

ALGORITHM = "FSRS-6"
DEFAULT_WEIGHTS: tuple[float, ...] = tuple(Scheduler().parameters)


def _as_weights(value: Sequence[float]) -> tuple[float, ...]:
    try:
        return tuple(float(weight) for weight in value)
    except (TypeError, ValueError) as problem:
        raise InvalidValue(f"Forgetting.weights must be 21 numbers, not {value!r}") from problem


def _are_weights(_instance: object, _attribute: Any, value: tuple[float, ...]) -> None:
    try:
        Scheduler(parameters=value)
    except ValueError as problem:
        raise InvalidValue(f"these are no FSRS-6 parameters: {problem}") from problem


@frozen
class Forgetting:
    """How memory is computed.

    Attributes:
        weights: FSRS-6's 21 parameters, within the bounds that py-fsrs checks.
        maximum_interval_days: nothing is due later than this after it was practised. A year by default:
            what nobody asked for in a year is worth one question.
        maximum_stability_days: a cap that keeps endless drill from making a skill immortal.
        fuzz: whether due days are spread, deterministically, within FSRS's fuzz range.
    """

    weights: tuple[float, ...] = field(default=DEFAULT_WEIGHTS, converter=_as_weights, validator=_are_weights)
    maximum_interval_days: int = field(default=365, validator=whole(1, 36500))
    maximum_stability_days: float = field(default=36500.0, validator=number(1, 36500))
    fuzz: bool = field(default=True, validator=is_flag)

    @property
    def decay(self) -> float:
        """The exponent of the forgetting curve, positive: FSRS-6's w20."""
        return self.weights[20]
