"""What was learnt about an LRS from what it answered, and is kept from one batch to the next."""

from uuid import UUID

from attrs import define, field

TRIES_TOGETHER = 2
TRIES_ALONE = 3


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
        most_bytes: in a request.
        suspicion: the request that it fell over last.
        absent: ids that it says to have and does not show.
    """

    most_bytes: int
    suspicion: Suspicion | None = None
    absent: set[UUID] = field(factory=set)

    def too_large(self, request_bytes: int) -> None:
        """A request of that size was refused."""
        self.most_bytes = max(1, min(self.most_bytes, request_bytes) // 2)

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
