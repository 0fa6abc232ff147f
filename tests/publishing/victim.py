"""A process that records, voids and plans without end, telling all of it, until it is killed."""

import sys
from datetime import timedelta
from itertools import count

from publishing.listening import XAPI
from reinforce import Reinforcer
from reinforce.jobs import nightly
from reinforcer.world import MONDAY, NOW, practice


def main() -> None:
    """Say a line after each round."""
    url = sys.argv[1]
    with Reinforcer(url, xapi=XAPI) as reinforcer:
        for number in count():
            days = number * 9
            reinforcer.record(practice(id=f"{number}", days=days, rating=1 + number % 3), at=NOW)
            reinforcer.record_many(
                [practice("bo", id=f"{number}-{n}", days=days + n / 10, rating=1 + n % 3) for n in range(20)], at=NOW
            )
            reinforcer.void("app", f"{number}", reason="to see", at=NOW)
            day = MONDAY + timedelta(days=days + 8)
            nightly(url, as_of=day.date(), at=day, xapi=XAPI, shard_size=1)
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
