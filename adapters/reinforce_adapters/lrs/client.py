"""The adapter for a Learning Record Store."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from reinforce.delivery.outgoing import CheckReport, Outcome, Outgoing, Version
from reinforce.delivery.upstream import UpstreamPage
from reinforce.errors import DeliveryStopped
from reinforce_adapters.lrs.answer import Answer, stop_for
from reinforce_adapters.lrs.check import check
from reinforce_adapters.lrs.connection import Connection
from reinforce_adapters.lrs.lessons import Lessons
from reinforce_adapters.lrs.reading import first_page, next_page
from reinforce_adapters.lrs.request_body import RequestBody
from reinforce_adapters.lrs.settings import LrsSettings, read_settings
from reinforce_adapters.lrs.versions import ask_for_versions, set_versions
from reinforce_adapters.lrs.walk import Walk


class LRS:
    """Delivers statements to one LRS, and reads them there; may be used by one thread at a time."""

    def __init__(self, settings: LrsSettings) -> None:
        self.settings = settings
        self._connection = Connection(settings)
        self._lessons = Lessons(settings.most_bytes)
        self._offered = set_versions(settings)

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "LRS":
        """The LRS that plain data describe.

        Raises:
            InvalidSettings: they make no sense.
            MissingExtra: they ask for OAuth 2, and oauthlib is not installed.
        """
        return cls(read_settings(settings))

    def send(self, batch: Sequence[Outgoing]) -> Iterator[Outcome]:
        """Post statements in order and tell what became of each.

        Raises:
            DeliveryStopped: the LRS takes nothing at present.
        """
        try:
            yield from Walk(self, self._lessons, batch, self.settings.batch_size).outcomes()
        except DeliveryStopped:
            self._offered = set_versions(self.settings)  # it may come back as another version
            raise

    def check(self) -> CheckReport:
        """Whether the LRS answers, speaks a version of ours, and lets us read and write; nothing is stored."""
        return check(self._connection, self.settings)

    def first_page(self, since: datetime | None) -> UpstreamPage:
        """The oldest statements that were stored there after a moment; None: of all.

        Raises:
            DeliveryStopped: the LRS gives nothing at present.
        """
        return first_page(self._connection, self.settings, self.offered()[0], since)

    def next_page(self, more: str) -> UpstreamPage | None:
        """The page that another one named; None: the LRS knows it no longer.

        Raises:
            DeliveryStopped: the LRS gives nothing at present.
        """
        return next_page(self._connection, self.settings, self.offered()[0], more)

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()

    def offered(self) -> tuple[Version, ...]:
        """The versions that it speaks, the newest first; it is asked once."""
        if self._offered is None:
            self._offered = ask_for_versions(self._connection)
        return self._offered

    def post(self, body: RequestBody, version: Version) -> Answer:
        """Its answer to statements."""
        return self._connection.post("statements", version, body.content, body.content_type)

    def stored(self, statement: Outgoing, version: Version) -> dict[str, Any] | None:
        """The statement that it has under the same id, voided or not; None: it shows none."""
        for parameter in ("statementId", "voidedStatementId"):
            answer = self._connection.get("statements", version, {parameter: str(statement.id)})
            if answer.status == 200 and (found := _shown(answer, statement)) is not None:
                return found
            if answer.status not in (200, 404):
                break
        else:
            return None
        if answer.status in (401, 403):
            raise DeliveryStopped(
                f"the LRS has a statement {statement.id} and does not let us see whether it is ours "
                f"({answer.status}): allow the credentials to read statements"
            )
        raise stop_for(answer)


def _shown(answer: Answer, wanted: Outgoing) -> dict[str, Any] | None:
    """The statement that an answer holds: alone, or, as some answer, in a list of one or none."""
    try:
        found = answer.json()
    except ValueError:
        found = None
    listed = found["statements"] if isinstance(found, dict) and "statements" in found else [found]
    if not isinstance(listed, list) or not all(isinstance(one, dict) and "id" in one for one in listed):
        raise DeliveryStopped("the LRS shows something else than the statement that it was asked for")
    return next((one for one in listed if str(one["id"]).lower() == str(wanted.id)), None)
