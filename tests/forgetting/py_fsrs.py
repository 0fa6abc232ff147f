"""One review of one pair, over py-fsrs itself: the published algorithm that the arrays are held against."""

from datetime import UTC, datetime, timedelta

from fsrs import Card, Rating, Scheduler, State

from reinforce.forgetting.parameters import Forgetting

_DAY_ZERO = datetime(1970, 1, 1, tzinfo=UTC)


class ScalarMemory:
    """The memory of one pair, stepped by py-fsrs in calendar days with empty learning steps.

    Attributes:
        stability: days; None: never practised.
        difficulty: 1 to 10; None: never practised.
        due_day: days since 1970-01-01, without fuzz; None: never practised.
    """

    def __init__(self, forgetting: Forgetting, desired_retention: float = 0.9) -> None:
        self._scheduler = Scheduler(
            parameters=forgetting.weights,
            desired_retention=desired_retention,
            learning_steps=(),
            relearning_steps=(),
            maximum_interval=forgetting.maximum_interval_days,
            enable_fuzzing=False,
        )
        # With an id of its own making, py-fsrs's Card sleeps a millisecond.
        self._card = Card(card_id=0, state=State.Learning)

    @property
    def stability(self) -> float | None:
        return self._card.stability

    @property
    def difficulty(self) -> float | None:
        return self._card.difficulty

    @property
    def due_day(self) -> int | None:
        return None if self._card.last_review is None else (self._card.due - _DAY_ZERO).days

    def review(self, rating: int, day: int) -> None:
        """A review of full weight on a calendar day, in days since 1970-01-01."""
        self._card, _ = self._scheduler.review_card(self._card, Rating(rating), _DAY_ZERO + timedelta(days=day))

    def retrievability(self, day: int) -> float | None:
        """The probability of recall on a calendar day; None: never practised, so unknown."""
        if self._card.last_review is None:
            return None
        return self._scheduler.get_card_retrievability(self._card, _DAY_ZERO + timedelta(days=day))
