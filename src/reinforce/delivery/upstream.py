"""Somewhere that statements can be read from, such as an LRS."""

from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from attrs import frozen


@frozen
class UpstreamPage:
    """Some of the statements of an answer.

    Attributes:
        statements: the plain data of each, unchecked, and its exact bytes; in the order in which they were stored, if
            the destination can do that.
        more: what to ask for the next page with; "": this was the last one.
        complete_until: what was stored until then, and lies before the end of the page, is in this page or an earlier
            one; None: nobody says.
    """

    statements: tuple[tuple[Any, bytes], ...]
    more: str
    complete_until: datetime | None


@runtime_checkable
class Upstream(Protocol):
    """Reads statements, page by page. An adapter that can do this too may be pulled from."""

    def first_page(self, since: datetime | None) -> UpstreamPage:
        """What was stored after a moment, voided statements left out; None: from the beginning.

        Raises:
            DeliveryStopped: nothing is given at present.
        """
        ...

    def next_page(self, more: str) -> UpstreamPage | None:
        """The page that another one named; None: it is not known there any more.

        Raises:
            DeliveryStopped: nothing is given at present.
        """
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...
