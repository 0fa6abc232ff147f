"""What each new review did to its memory, one after the other."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from reinforce.store.folding import Folded
from reinforce.store.pair_rows import MemoryRow, ReviewRow


class Step(NamedTuple):
    """One review's.

    Attributes:
        before: None: the skill was not known.
        is_last: whether it is the last new one of its pair.
    """

    review: ReviewRow
    before: MemoryRow | None
    after: MemoryRow
    is_last: bool


def steps(folded: Folded, new: Collection[bytes]) -> Iterator[Step]:
    """The steps of the new reviews, each where it stands in the order of time.

    Args:
        folded: what became of the memories.
        new: ids of the events whose reviews are new.
    """
    after = {row[:2]: row for row in folded.after}
    for pair, reviews in folded.reviews.items():
        its_new = [review.event_id for review in reviews if review.event_id in new]
        if not its_new:
            continue
        memory = None if pair in folded.late else folded.before.get(pair)
        if len(reviews) == 1:
            yield Step(reviews[0], memory, after[pair], is_last=True)
            continue
        for review in reviews:
            before, memory = memory, folded.means.step(review, memory)
            if review.event_id in new:
                yield Step(review, before, memory, review.event_id == its_new[-1])
