"""Reviews as a log that py-fsrs and its optimiser load.

Each line is what `fsrs.ReviewLog.from_json` takes, and says besides whose review of what it was and when it
really took place, which py-fsrs passes over.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import IO

from attrs import frozen

from reinforce.exchange.json_text import compact
from reinforce.model.checks import EPOCH, to_micros
from reinforce.model.days import day_number
from reinforce.model.practice import Review

_ERA = to_micros(datetime(2100, 1, 1, tzinfo=UTC))
_DAY = 24 * 60 * 60 * 1_000_000


@frozen
class FsrsLog:
    """What was written of a review log.

    Attributes:
        written: how many reviews.
        left_out: how many had no rating or moved memory only part of the way, which FSRS cannot say.
    """

    written: int
    left_out: int


def card_id(learner: str, skill: str) -> int:
    """The number that stands for a learner and a skill: the same in every log, from 0 to 2⁶³ - 1."""
    digest = blake2b(f"{learner}\0{skill}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def normalised(review: Review) -> datetime:
    """A moment on the review's calendar day, such that whole days between two are calendar days.

    The time of day is where the review stands between 1970 and 2100, so it never falls from one review to a
    later one: their order is kept within a day, and no two are a little less than their days apart.
    """
    share = min(max(to_micros(review.occurred_at), 0), _ERA - 1)
    return EPOCH + timedelta(days=day_number(review.day), microseconds=share * _DAY // _ERA)


def write_fsrs_log(stream: IO[str], reviews: Iterable[tuple[str, Review]]) -> FsrsLog:
    """Write reviews, each with the key of its learner, as JSON lines.

    Args:
        stream: text.
        reviews: those of a pair in the order in which they occurred; pairs may be mixed.
    """
    written = left_out = 0
    for learner, review in reviews:
        if review.rating is None or review.weight != 1:
            left_out += 1
            continue
        line = {
            "card_id": card_id(learner, review.skill),
            "rating": int(review.rating),
            "review_datetime": normalised(review).isoformat(),
            "review_duration": None,
            "learner": learner,
            "skill": review.skill,
            "occurred_at": review.occurred_at.isoformat(),
        }
        stream.write(compact(line) + "\n")
        written += 1
    return FsrsLog(written, left_out)
