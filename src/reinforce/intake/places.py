"""How far a pull has come, by what the pages say of when their statements were stored."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import define

from reinforce.delivery.upstream import UpstreamPage
from reinforce.errors import InvalidValue
from reinforce.model.checks import to_micros
from reinforce.statements.timestamps import parse_timestamp
from reinforce.statements.versions import XapiVersion


@define
class Progress:
    """Up to which moment everything has been seen, in epoch microseconds.

    A page counts up to its last statement, but no further than where the LRS says that it is complete: what is stored
    behind that may still appear in front of it. Once a page went further, the pages after it prove nothing. If pages
    are not in order, nothing is proved until the last one has been seen.
    """

    last: int | None = None
    is_ordered: bool = True
    ceiling: int | None = None

    def add(self, page: UpstreamPage) -> None:
        """Take in a page."""
        reached = self.last
        for data, _ in page.statements:
            stored = stored_at(data)
            if stored is None:
                continue
            if reached is not None and stored < reached:
                self.is_ordered = False
            reached = stored if reached is None else max(reached, stored)
        if self.ceiling is None and reached is not None and page.complete_until is not None:
            complete = to_micros(page.complete_until)
            self.ceiling = complete if reached > complete else None
        self.last = reached

    def position(self, *, is_end: bool) -> int | None:
        """The moment; None: nothing is proved yet.

        Args:
            is_end: whether the last page has been seen.
        """
        if self.last is None or not (self.is_ordered or is_end):
            return None
        return self.last if self.ceiling is None else min(self.last, self.ceiling)


def stored_at(data: Any) -> int | None:
    """When a statement says that it was stored, in epoch microseconds; None: it does not."""
    told = data.get("stored") if isinstance(data, Mapping) else None
    if not isinstance(told, str):
        return None
    try:
        moment: datetime = parse_timestamp(told, XapiVersion.V1)
    except InvalidValue:
        return None
    return to_micros(moment)
