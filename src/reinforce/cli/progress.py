"""How far a long command is: a bar on a terminal, nothing in a pipe."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn


class Bar(Protocol):
    """What is told how far the work is."""

    def __call__(self, done: int, total: int | None = None, what: str | None = None) -> None:
        """So much is done of so much, and this is what is being done now."""


@contextmanager
def progress(what: str) -> Iterator[Bar]:
    """A bar on standard error, gone when the work is done; it shows nothing unless that is a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _tell_nobody  # a bar that is only disabled ends its line before rich 14.3
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        task = bars.add_task(what, total=None)

        def tell(done: int, total: int | None = None, what: str | None = None) -> None:
            bars.update(task, completed=done, total=total, description=what)

        yield tell


def _tell_nobody(done: int, total: int | None = None, what: str | None = None) -> None:
    pass
