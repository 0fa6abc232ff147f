"""How an LRS behaves that is not laid down by xAPI."""

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from reinforce.statements.vocabulary import NAMESPACE

OWN_AUTHORITY: Mapping[str, Any] = {
    "objectType": "Agent",
    "name": "reinforce",
    "account": {"homePage": NAMESPACE, "name": "reinforce"},
}


@frozen(kw_only=True)
class LrsSettings:
    """Limits and habits; each has a default that can be left alone.

    Attributes:
        most_body_bytes: of a request, attachments included; more is answered with 413.
        most_statements: in one request; more is answered with 413.
        most_values: of JSON in one request, counted by their marks; more is answered with 413. Attachments don't count.
        large_at_once: how many requests of more than 256 kB each process takes in at once; the others wait.
        body_seconds: within which a large request must be here; later is answered with 408.
        page_size: how many statements a page of an answer holds at most.
        requests_per_second: of one credential in each process, on average; None: as many as it likes.
        burst: how many requests may come at once before `requests_per_second` counts.
        credential_seconds: for how long a credential is trusted to be as it was read; so long a revoked one may go on.
        threads: how many requests are worked on at once in each process.
        allowed_origins: web pages that may call it from a browser, such as `https://lms.example`; `*`: all.
        authority: the Agent who vouches for statements that reinforce made itself.
    """

    most_body_bytes: int = 16 << 20
    most_statements: int = 1000
    most_values: int = 200_000
    large_at_once: int = 4
    body_seconds: float = 60.0
    page_size: int = 500
    requests_per_second: float | None = None
    burst: int = 100
    credential_seconds: float = 1.0
    threads: int = 8
    allowed_origins: tuple[str, ...] = ()
    authority: Mapping[str, Any] = field(default=OWN_AUTHORITY, hash=False)
