"""What an LRS answered, and what that means for the statements of a request."""

import json
from collections.abc import Mapping
from datetime import timedelta
from enum import Enum, auto
from typing import Any

from attrs import field, frozen

from reinforce.delivery.retry import retry_after
from reinforce.errors import DeliveryStopped

LONGEST_QUOTE = 300

NEEDS_SOMEBODY = frozenset({405, 406, 410, 415})
"""Refusals that no waiting changes."""

SPOKEN = {
    401: "it refuses the credentials",
    403: "the credentials do not allow this",
    404: "there is nothing at this endpoint",
    429: "it takes no more for now",
}


@frozen
class Answer:
    """A status, the headers and a body of bounded size."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    @property
    def quote(self) -> str:
        """The beginning of the body on one line, for people."""
        words = "".join(letter if letter.isprintable() else " " for letter in self.text[: 4 * LONGEST_QUOTE])
        line = " ".join(words.split())
        return line if len(line) <= LONGEST_QUOTE else f"{line[: LONGEST_QUOTE - 1]}…"

    @property
    def retry_after(self) -> timedelta | None:
        """How long it asks to be left alone."""
        return retry_after(self.headers.get("Retry-After"), self.headers.get("Date"))

    def json(self) -> Any:
        """The body, read as JSON.

        Raises:
            ValueError: it is none.
        """
        try:
            return json.loads(self.body)
        except RecursionError:
            raise ValueError("it is nested too deeply") from None


class Verdict(Enum):
    """What an answer to a request with statements says about them."""

    TAKEN = auto()
    """The LRS has them all."""
    CONFLICT = auto()
    """It has at least one of those ids already; nothing was stored."""
    INVALID = auto()
    """It finds fault with at least one; nothing was stored."""
    TOO_LARGE = auto()
    """It does not take as much at once; nothing was stored."""
    BROKEN = auto()
    """It fell over: by itself, or over one of them."""


def verdict(answer: Answer) -> Verdict:
    """What the answer to a request with statements says about them.

    Raises:
        DeliveryStopped: it says nothing about them, but that nothing is taken at present.
    """
    if answer.status in (200, 201, 202, 204):
        _require_acknowledgement(answer)
        return Verdict.TAKEN
    found = {
        400: Verdict.INVALID,
        409: Verdict.CONFLICT,
        413: Verdict.TOO_LARGE,
        422: Verdict.INVALID,
        500: Verdict.BROKEN,
    }.get(answer.status)
    if found is None:
        raise stop_for(answer)
    return found


def stop_for(answer: Answer) -> DeliveryStopped:
    """The stop that an answer means which says nothing about the statements."""
    said = SPOKEN.get(answer.status, answer.quote)
    if 300 <= answer.status < 400:
        place = answer.headers.get("Location", "elsewhere").partition("?")[0]
        said = f"it points to {place[:LONGEST_QUOTE]}; redirects are not followed, so set the endpoint to where it is"
    return DeliveryStopped(
        f"the LRS answered {answer.status}" + (f": {said}" if said else ""),
        retry_after=answer.retry_after,
        is_permanent=answer.status in NEEDS_SOMEBODY,
    )


def _require_acknowledgement(answer: Answer) -> None:
    """A success is empty or a JSON list: a login page of some proxy, with status 200, has stored nothing."""
    if answer.status == 204 or not answer.body.strip():
        return
    try:
        is_list = isinstance(answer.json(), list)
    except ValueError:
        is_list = False
    if not is_list:
        kind = answer.headers.get("Content-Type", "something without a type")
        raise DeliveryStopped(
            f"success was answered with {kind} instead of a list of ids: is the endpoint that of an LRS?"
        )
