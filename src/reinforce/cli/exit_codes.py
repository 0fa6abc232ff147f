"""How commands end, as documented in docs/commands.md."""

from reinforce.errors import RunInProgress, StoreError

DONE = 0
NEEDS_ATTENTION = 1
USAGE = 2
DATABASE = 3
RUN_IN_PROGRESS = 4
INTERRUPTED = 130
BROKEN_PIPE = 141
"""Nobody reads any more, as in `reinforce due anna | head -1`: what shells report of any program then."""


def of(problem: BaseException) -> int:
    """The exit code for an error."""
    if isinstance(problem, RunInProgress):
        return RUN_IN_PROGRESS
    if isinstance(problem, StoreError):
        return DATABASE
    return USAGE
