"""Statements out of an LRS, page by page, each with its exact bytes."""

from datetime import datetime
from urllib.parse import urljoin, urlsplit

from reinforce.delivery.outgoing import Version
from reinforce.delivery.upstream import UpstreamPage
from reinforce.errors import DeliveryStopped, InvalidStatement, InvalidValue
from reinforce.statements.pages import read_page
from reinforce.statements.timestamps import parse_timestamp, timestamp_text
from reinforce.statements.versions import XapiVersion
from reinforce_adapters.lrs.answer import Answer, stop_for
from reinforce_adapters.lrs.connection import Connection
from reinforce_adapters.lrs.settings import LrsSettings

CONSISTENT_THROUGH = "X-Experience-API-Consistent-Through"

FORGOTTEN = frozenset({400, 404, 410})
"""Answers to a link to more statements that an LRS knows no longer."""

NEEDS_SOMEBODY = frozenset({400, 401, 403, 404})
"""Answers to a query that is as it should be; no waiting changes them."""


def first_page(connection: Connection, settings: LrsSettings, version: Version, since: datetime | None) -> UpstreamPage:
    """The oldest statements that were stored after a moment; None: of all."""
    query = {"ascending": "true", "limit": str(settings.batch_size)}
    if since is not None:
        query["since"] = timestamp_text(since)
    answer = connection.get("statements", version, query)
    if answer.status in NEEDS_SOMEBODY:
        raise DeliveryStopped(f"{stop_for(answer)}; may the credentials read statements?", is_permanent=True)
    return _page(answer)


def next_page(connection: Connection, settings: LrsSettings, version: Version, more: str) -> UpstreamPage | None:
    """The page behind a link of an answer; None: the LRS knows it no longer."""
    answer = connection.get_at(address_of(settings, more), version)
    return None if answer.status in FORGOTTEN else _page(answer)


def address_of(settings: LrsSettings, more: str) -> str:
    """Where a link to more statements leads: always to the server that we know, whatever the link says.

    A link should be a path alone. Some LRSs name a server; behind a proxy that is another scheme or port than ours.

    Raises:
        DeliveryStopped: it names another machine, which would be shown our credentials.
    """
    endpoint = urlsplit(settings.endpoint)
    try:
        link = urlsplit(urljoin(settings.url_of("statements"), more))
        is_ours = link.hostname == endpoint.hostname
    except ValueError:
        is_ours = False
    if not is_ours:
        raise DeliveryStopped(f"the LRS's link to more statements leads elsewhere: {more[:200]!r}", is_permanent=True)
    return link._replace(scheme=endpoint.scheme, netloc=endpoint.netloc, fragment="").geturl()


def _page(answer: Answer) -> UpstreamPage:
    if answer.status != 200:
        raise stop_for(answer)
    try:
        page = read_page(answer.body)
    except InvalidStatement as problem:
        raise DeliveryStopped(f"the LRS answers with something else than statements: {problem}") from None
    statements = tuple((one.data, page.exact(one)) for one in page.statements)
    return UpstreamPage(statements, page.more, _complete_until(answer))


def _complete_until(answer: Answer) -> datetime | None:
    try:
        return parse_timestamp(answer.headers.get(CONSISTENT_THROUGH, ""), XapiVersion.V1)
    except InvalidValue:
        return None
