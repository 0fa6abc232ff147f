"""What was learnt about an LRS from what it answered, and is kept from one batch to the next."""

from collections import Counter
from uuid import UUID

from attrs import define, field

TRIES_TOGETHER = 2
TRIES_ALONE = 3
TRIES_TO_SEE = 5
TAKEN_BEFORE_MORE = 20


@define
class Suspicion:
    """A request that was answered with 500: is the LRS down, or does it fall over one of the statements?

    Attributes:
        first: the id of its first statement.
        size: how many there were.
        tries: how often it was tried.
    """

    first: UUID
    size: int
    tries: int = 1

    @property
    def is_strong(self) -> bool:
        """Whether it was tried often enough to look for the statement."""
        return self.tries >= (TRIES_ALONE if self.size == 1 else TRIES_TOGETHER)


@define
class Lessons:
    """What an LRS has taught us.

    Attributes:
        longest: the most bytes to put into a request, by the settings.
        most_bytes: and as it turned out.
        taken_in_a_row: how many requests it took since one was too large.
        suspicion: the request that it fell over last.
        absent: how often it said to have an id and did not show it.
    """

    longest: int
    most_bytes: int = field(init=False)
    taken_in_a_row: int = 0
    suspicion: Suspicion | None = None
    absent: Counter[UUID] = field(factory=Counter)

    def __attrs_post_init__(self) -> None:
        self.most_bytes = self.longest

    def taken(self) -> None:
        """A request was taken: it is not down, and after many of them it may be tried with more."""
        self.suspicion = None
        self.taken_in_a_row += 1
        if self.taken_in_a_row % TAKEN_BEFORE_MORE == 0:
            self.most_bytes = min(2 * self.most_bytes, self.longest)

    def too_large(self, request_bytes: int) -> None:
        """A request of that size was refused."""
        self.most_bytes = max(1, min(self.most_bytes, request_bytes // 2))
        self.taken_in_a_row = 0

    def is_absent(self, identity: UUID) -> bool:
        """A statement was refused as known, and not shown: whether to believe by now that it cannot be seen."""
        self.absent[identity] += 1
        return self.absent[identity] >= TRIES_TO_SEE

    def suspect(self, first: UUID, size: int) -> Suspicion:
        """A request was answered with 500; what to think of it by now."""
        known = self.suspicion
        if known is not None and (known.first, known.size) == (first, size):
            known.tries += 1
            return known
        self.suspicion = Suspicion(first, size)
        return self.suspicion

    def size_to_try(self, first: UUID) -> int | None:
        """How many statements to send at once that begin with this one; None: as many as usual."""
        return self.suspicion.size if self.suspicion is not None and self.suspicion.first == first else None
