"""What it costs to tell everything as xAPI: recording with statements beside recording without them.

Both do the same work in turn, in databases of their own. A ratio of 0.5 says that recording takes twice as long when
each event is told, too. Beside the rates, what one event costs of this process's processor time.
"""

import gc
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from itertools import count

from measuring import Opener, arguments, compare, databases, table
from recording import BEGIN, earlier_practice, practice, prepared

from reinforce import PracticeEvent, Reinforcer, XapiSettings

XAPI = XapiSettings("https://learning.example.com/xapi/")
SINGLES, SINGLE_ROUNDS = 400, 10
BATCHES = {1_000: 12, 10_000: 7}
MOMENT = BEGIN + timedelta(days=400)


def measured(kind: str, opener: Opener, size: int, rounds: int, before: Sequence[PracticeEvent]) -> list[str]:
    """Record some events a round, one by one if `size` is 1, told and untold in turn."""
    events = practice()
    batches = [[next(events) for _ in range(SINGLES if size == 1 else size)] for _ in range(rounds)]
    spent = {True: 0.0, False: 0.0}
    seconds = count()
    with ExitStack() as stack:
        urls = [stack.enter_context(opener()) for _ in range(2)]
        told, untold = (stack.enter_context(prepared(url, before)) for url in urls)
        told.xapi = XAPI

        def work(reinforcer: Reinforcer, number: int) -> None:
            began = time.process_time()
            at = MOMENT + timedelta(seconds=next(seconds))
            if size == 1:
                for event in batches[number]:
                    reinforcer.record(event, at=at)
            else:
                reinforcer.record_many(batches[number], at=at)
            if number:
                spent[reinforcer is told] += time.process_time() - began

        gc.collect()
        gc.freeze()
        found = compare(
            f"{kind}: record" if size == 1 else f"{kind}: record_many, {size:,} at once",
            [(partial(work, told, number), partial(work, untold, number)) for number in range(rounds)],
            size=len(batches[0]),
            target=0.0,
        )
    each = len(batches[0]) * (rounds - 1) / 1e6
    return [
        found.name,
        f"{found.ours:,.0f}/s",
        f"{found.peer:,.0f}/s",
        f"{found.ratio:.2f}",
        f"{spent[True] / each:,.0f} µs",
        f"{spent[False] / each:,.0f} µs",
    ]


def main() -> None:
    """Measure, and print."""
    parser = arguments(__doc__)
    parser.add_argument("--size", type=int, action="append", help="only batches of this size; 1: record")
    given = parser.parse_args()
    before = earlier_practice()
    rounds = {1: SINGLE_ROUNDS, **BATCHES}
    table(
        ("", "told", "untold", "ratio", "told, CPU", "untold, CPU"),
        [
            measured(kind, opener, size, rounds.get(size, 7), before)
            for kind, opener in databases(given)
            for size in given.size or rounds
        ],
    )


if __name__ == "__main__":
    main()
