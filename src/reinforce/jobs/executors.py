"""Work handed to whatever executor there is, and what to do when it breaks."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from typing import TypeVar

J = TypeVar("J")
R = TypeVar("R")

IN_FLIGHT = 64
"""How many jobs wait or run in an executor at a time, so that a run with many shards can be stopped."""


def results(executor: Executor | None, work: Callable[[J], R], jobs: Iterable[J]) -> Iterator[tuple[J, R | Exception]]:
    """Each job with its result, or with the error it failed with, as they come.

    Jobs whose worker was killed are done in this process instead, and so is all that a broken executor no longer
    takes: `work` must bear being done twice.

    Args:
        executor: where the work is done; None: here.
        work: a function that the executor can send to where it works.
        jobs: what is done.
    """
    waiting = deque(jobs)
    lost: list[J] = []
    if executor is not None:
        yield from _executed(executor, work, waiting, lost)
    for job in (*lost, *waiting):
        yield job, _result_of(work, job)


def _executed(
    executor: Executor, work: Callable[[J], R], waiting: deque[J], lost: list[J]
) -> Iterator[tuple[J, R | Exception]]:
    """The results that an executor gives; what it loses goes to `lost`, what it does not take stays in `waiting`."""
    running: dict[Future[R], J] = {}
    is_broken = False
    try:
        while running or (waiting and not is_broken):
            is_broken = is_broken or not _submit(executor, work, waiting, running)
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                job = running.pop(future)
                try:
                    result: R | Exception = future.result()
                except (BrokenExecutor, CancelledError):
                    lost.append(job)
                    continue
                except Exception as problem:
                    result = problem
                yield job, result
    finally:
        for future in running:
            future.cancel()


def _submit(executor: Executor, work: Callable[[J], R], waiting: deque[J], running: dict[Future[R], J]) -> bool:
    """Keep the executor busy; False: it is broken."""
    while waiting and len(running) < IN_FLIGHT:
        try:
            running[executor.submit(work, waiting[0])] = waiting[0]
        except BrokenExecutor:
            return False
        waiting.popleft()
    return True


def _result_of(work: Callable[[J], R], job: J) -> R | Exception:
    try:
        return work(job)
    except Exception as problem:
        return problem
